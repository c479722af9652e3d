"""Does a score still separate groups among patients with the same outcome? A linear regression of the score on outcome and group.

Sources: White 1980, Econometrica 48:817 (variances that allow for unequal spread); Wilks 1938, Ann Math Stat 9:60 (likelihood ratio).
A gap is no fault by itself either: an outcome can be recorded, or caused, differently.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from auditor.counts.groups import Groups
from auditor.counts.paired import WITH_RACE
from auditor.counts.sample import Sample
from auditor.counts.score_bins import BIN_ARM, BIN_WITH, ScoreTable, values
from auditor.counts.survey import PSU, STRATUM
from auditor.rows import Proxy

MEASURE = "gap_given_outcome"
FEWEST = 50
FEWEST_EACH = 11
DECIMALS = 4
ROBUST, WEIGHTED = "linear regression, robust; likelihood-ratio test", "linear regression, weighted and robust; Wald test"
BY_DESIGN = "linear regression, Taylor linearisation; Wald test"

Vector = NDArray[np.float64]


def gap_rows(tables: Sequence[ScoreTable], by: str, weighted: bool) -> Iterator[Proxy]:
    """The gap of every group of one attribute to the largest, with race once per output and in every arm.

    Groups need 50 patients with a known outcome, 11 with it and 11 without; those whose attribute is not recorded are left out.
    """
    seen: set[str] = set()
    for table in tables:
        if by not in table.by:
            continue
        keys = ("outcome", BIN_WITH, BIN_ARM)
        all_cells = table.cells.by(by, *(key for key in (STRATUM, PSU) if key in table.cells.keys), *keys)
        cells, sample = all_cells.known(*keys), Sample.of(all_cells, weighted, *keys)
        groups, place = Groups.of_cells(cells, (by,))
        outcome = cells.code("outcome").astype(np.float64)
        members = {g: groups.member[g, place] > 0 for g in groups.grouping(by) if groups.known[g]}
        members = {g: inside for g, inside in members.items() if _enough(cells.n[inside], outcome[inside])}
        if len(members) < 2:
            continue
        size = {g: int(cells.n[inside].sum()) for g, inside in members.items()}
        reference = max(members, key=lambda g: (size[g], -g))
        others = [g for g in members if g != reference]
        used = np.any(list(members.values()), axis=0)
        drawn = sample.where(used)
        dummies = np.column_stack([members[g].astype(np.float64) for g in others])
        arms = {WITH_RACE: BIN_WITH} if table.output not in seen else {}
        arms |= {} if table.arm == WITH_RACE else {table.arm: BIN_ARM}
        seen.add(table.output)
        for arm, key in arms.items():
            score = values()[cells.code(key)]
            slopes, errors, p = regress(score[used], outcome[used], dummies[used], drawn)
            for i, g in enumerate(others):
                given, reach = not np.isnan(errors[i]), drawn.quantile() * errors[i]
                yield Proxy(
                    calculator=table.calculator,
                    output=table.output,
                    arm=arm,
                    by=by,
                    group=groups.label[g],
                    reference=groups.label[reference],
                    measure=MEASURE,
                    value=_rounded(slopes[i]) if given else None,
                    lower=_rounded(slopes[i] - reach) if reach == reach else None,
                    upper=_rounded(slopes[i] + reach) if reach == reach else None,
                    p=p if given and p == p else None,
                    method=_method(drawn) if given else "",
                    status="not_estimable" if not given else "imprecise" if drawn.few else "ok",
                )


def _method(sample: Sample) -> str:
    return BY_DESIGN if sample.design is not None else WEIGHTED if sample.weighted else ROBUST


def regress(score: Vector, outcome: Vector, groups: Vector, sample: Sample) -> tuple[Vector, Vector, float]:
    """Slopes of the groups (columns of 0 and 1), their standard errors, and the p-value that all are 0.

    NaN where groups, outcome and constant cannot be told apart.
    """
    from scipy.special import chdtrc, fdtrc

    w = sample.w
    base = np.column_stack([np.ones(len(score)), outcome])
    design = np.column_stack([base, groups])
    width = groups.shape[1]
    normal = design.T @ (design * w[:, None])
    if np.linalg.matrix_rank(normal) < len(normal):
        return np.full(width, np.nan), np.full(width, np.nan), np.nan
    inverse = np.linalg.inv(normal)
    slopes = inverse @ (design.T @ (w * score))
    left = score - design @ slopes
    covariance = sample.covariance(inverse @ (design * left[:, None]).T)
    of_groups, spread = slopes[2:], covariance[2:, 2:]
    errors, wald = np.sqrt(np.diag(spread)), float(of_groups @ np.linalg.pinv(spread) @ of_groups)
    if sample.design is not None:
        free = sample.degrees - width + 1
        return of_groups, errors, float(fdtrc(width, free, wald / width)) if free > 0 else np.nan
    if sample.weighted:
        return of_groups, errors, float(chdtrc(width, wald))
    alone = score - base @ np.linalg.lstsq(base * np.sqrt(w)[:, None], score * np.sqrt(w), rcond=None)[0]
    full, less = float((w * left**2).sum()), float((w * alone**2).sum())
    statistic = float(w.sum() * np.log(less / full)) if full > 0 else np.nan
    return of_groups, errors, float(chdtrc(width, statistic))


def _enough(n: NDArray[np.int64], outcome: Vector) -> bool:
    each = (int(n[outcome == 1].sum()), int(n[outcome == 0].sum()))
    return sum(each) >= FEWEST and min(each) >= FEWEST_EACH


def _rounded(value: float) -> float:
    return round(float(value), DECIMALS) + 0.0
