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
from auditor.counts.score_bins import BIN_ARM, BIN_WITH, ScoreTable, values
from auditor.rows import Proxy

MEASURE = "gap_given_outcome"
FEWEST = 50
FEWEST_EACH = 11
DECIMALS = 4
Z = 1.959964
ROBUST, WEIGHTED = "linear regression, robust; likelihood-ratio test", "linear regression, weighted and robust; Wald test"

Vector = NDArray[np.float64]


def gap_rows(tables: Sequence[ScoreTable], by: str, weighted: bool) -> Iterator[Proxy]:
    """The gap of every group of one attribute to the largest, with race once per output and in every arm.

    Groups need 50 patients with a known outcome, 11 with it and 11 without; those whose attribute is not recorded are left out.
    """
    seen: set[str] = set()
    for table in tables:
        if by not in table.by:
            continue
        cells = table.cells.known("outcome", BIN_WITH, BIN_ARM).by(by, "outcome", BIN_WITH, BIN_ARM)
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
        w, w2 = (cells.w, cells.w2) if weighted else (cells.n.astype(np.float64), cells.n.astype(np.float64))
        dummies = np.column_stack([members[g].astype(np.float64) for g in others])
        arms = {WITH_RACE: BIN_WITH} if table.output not in seen else {}
        arms |= {} if table.arm == WITH_RACE else {table.arm: BIN_ARM}
        seen.add(table.output)
        for arm, key in arms.items():
            score = values()[cells.code(key)]
            slopes, errors, p = regress(score[used], outcome[used], dummies[used], w[used], w2[used], weighted)
            for i, g in enumerate(others):
                given = not np.isnan(errors[i])
                yield Proxy(
                    calculator=table.calculator,
                    output=table.output,
                    arm=arm,
                    by=by,
                    group=groups.label[g],
                    reference=groups.label[reference],
                    measure=MEASURE,
                    value=_rounded(slopes[i]) if given else None,
                    lower=_rounded(slopes[i] - Z * errors[i]) if given else None,
                    upper=_rounded(slopes[i] + Z * errors[i]) if given else None,
                    p=p if given and p == p else None,
                    method=(WEIGHTED if weighted else ROBUST) if given else "",
                    status="ok" if given else "not_estimable",
                )


def regress(score: Vector, outcome: Vector, groups: Vector, w: Vector, w2: Vector, weighted: bool) -> tuple[Vector, Vector, float]:
    """Slopes of the groups (columns of 0 and 1), their standard errors, and the p-value that all are 0; each cell stands for w patients.

    NaN where groups, outcome and constant cannot be told apart.
    """
    from scipy.special import chdtrc

    base = np.column_stack([np.ones(len(score)), outcome])
    design = np.column_stack([base, groups])
    width = groups.shape[1]
    normal = design.T @ (design * w[:, None])
    if np.linalg.matrix_rank(normal) < len(normal):
        return np.full(width, np.nan), np.full(width, np.nan), np.nan
    inverse = np.linalg.inv(normal)
    slopes = inverse @ (design.T @ (w * score))
    left = score - design @ slopes
    covariance = inverse @ (design.T @ (design * (w2 * left**2)[:, None])) @ inverse
    of_groups, spread = slopes[2:], covariance[2:, 2:]
    if weighted:
        statistic = float(of_groups @ np.linalg.pinv(spread) @ of_groups)
    else:
        alone = score - base @ np.linalg.lstsq(base * np.sqrt(w)[:, None], score * np.sqrt(w), rcond=None)[0]
        full, less = float((w * left**2).sum()), float((w * alone**2).sum())
        statistic = float(w.sum() * np.log(less / full)) if full > 0 else np.nan
    return of_groups, np.sqrt(np.diag(spread)), float(chdtrc(width, statistic))


def _enough(n: NDArray[np.int64], outcome: Vector) -> bool:
    each = (int(n[outcome == 1].sum()), int(n[outcome == 0].sum()))
    return sum(each) >= FEWEST and min(each) >= FEWEST_EACH


def _rounded(value: float) -> float:
    return round(float(value), DECIMALS) + 0.0
