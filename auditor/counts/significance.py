"""Tests of paired change: McNemar, Cochran, Stuart-Maxwell and Bowker, with p-values adjusted within their family.

A formula's change is no chance finding, so these never lead; they are listed for those who ask. Patients are counted, not weights.
Sources: McNemar 1947, Psychometrika 12:153; Cochran 1950, Biometrika 37:256; Stuart 1955, Biometrika 42:412; Maxwell 1970,
Br J Psychiatry 116:651; Bowker 1948, J Am Stat Assoc 43:572; Holm 1979, Scand J Stat 6:65; Benjamini and Hochberg 1995,
J R Stat Soc B 57:289.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from auditor.counts.cells import MISSING
from auditor.counts.paired import WITH_RACE, WITHOUT_RACE, Paired, Placed, pair, structural_groups, yes_matrix
from auditor.counts.scales import ArmTable
from auditor.counts.survey import PSU
from auditor.rows import Significance

MCNEMAR, COCHRAN, STUART_MAXWELL, BOWKER = "McNemar, exact", "Cochran Q", "Stuart-Maxwell", "Bowker"
PRIMARY, EXPLORATORY = "primary, Holm", "exploratory, Benjamini-Hochberg"
TOGETHER = "all arms"
HOLM = "Holm"

Matrix = NDArray[np.float64]


def mcnemar(gained: Matrix, lost: Matrix) -> Matrix:
    """The exact two-sided p-value that as many gain as lose; NaN where nobody changes."""
    from scipy.special import bdtr

    changed = gained + lost
    p = np.minimum(2 * bdtr(np.minimum(gained, lost), changed.astype(np.int64), 0.5), 1.0)
    return np.where(changed > 0, p, np.nan)


def cochran(patterns: Matrix) -> tuple[Matrix, int, Matrix]:
    """Q of every group, its degrees of freedom and p-values from (groups, 2, 2, ...) counts of patients by no or yes in every arm."""
    arms = patterns.ndim - 1
    yes = np.indices((2,) * arms).reshape(arms, -1)
    flat = patterns.reshape(len(patterns), -1)
    columns, total = flat @ yes.T, flat @ yes.sum(axis=0)
    spread = arms * total - flat @ yes.sum(axis=0) ** 2
    with np.errstate(divide="ignore", invalid="ignore"):
        q = np.where(spread > 0, (arms - 1) * (arms * (columns**2).sum(axis=1) - total**2) / spread, np.nan)
    return q, arms - 1, _chi2(q, arms - 1)


def stuart_maxwell(table: Matrix) -> tuple[float, int, float]:
    """The test that the categories are as frequent in both arms, from a square table; categories in which nobody moves are left out."""
    moves = table - np.diag(np.diag(table))
    used = (moves.sum(axis=0) + moves.sum(axis=1)) > 0
    moves = moves[np.ix_(used, used)]
    if len(moves) < 2:
        return np.nan, 0, np.nan
    difference = moves.sum(axis=1) - moves.sum(axis=0)
    variance = np.diag(moves.sum(axis=0) + moves.sum(axis=1)) - moves - moves.T
    degrees = int(np.linalg.matrix_rank(variance))
    statistic = float(difference @ np.linalg.pinv(variance) @ difference)
    return statistic, degrees, float(_chi2(statistic, degrees))


def bowker(table: Matrix) -> tuple[float, int, float]:
    """The test that as many move each way between every two categories; pairs without a move have no degree of freedom."""
    both = np.triu(table + table.T, 1)
    difference = np.triu(table - table.T, 1)
    degrees = int((both > 0).sum())
    statistic = float((difference[both > 0] ** 2 / both[both > 0]).sum())
    return (statistic, degrees, float(_chi2(statistic, degrees))) if degrees else (np.nan, 0, np.nan)


def adjust(p: NDArray[np.float64], method: str) -> NDArray[np.float64]:
    """Adjusted p-values by the method that a family's name ends with: Holm, or Benjamini-Hochberg."""
    order = np.argsort(p, kind="stable")
    rank = np.arange(1, len(p) + 1)
    found = np.empty(len(p))
    if method.endswith(HOLM):
        found[order] = np.maximum.accumulate(p[order] * (len(p) - rank + 1))
    else:
        found[order] = np.minimum.accumulate((p[order] * len(p) / rank)[::-1])[::-1]
    return np.minimum(found, 1.0)


def significance(tables: Sequence[ArmTable], structural: Collection[tuple[str, str]] = ()) -> tuple[Significance, ...]:
    """Every test of one calculator, adjusted.

    The primary family is the change without the race term at the first decision in the groups of the first attribute; all others
    are exploratory. Groups in which the race term is applied to nobody are not tested, nor are patients sampled in units: the tests
    take patients as independent.
    """
    if not tables or PSU in tables[0].cells.keys:
        return ()
    found: list[Significance] = []
    for table in tables:
        placed = Placed.of(table)
        for arm in table.arms[1:]:
            if arm.startswith("as_if:"):
                continue
            paired = pair(placed, arm)
            zero = structural_groups(placed.groups, structural, arm)
            found += _paired(table, placed, arm, paired, zero)
            found += _ordinal(table, placed, arm, paired, zero)
        found += _together(table, placed)
    first = next((cut.decision for table in tables for cut in table.scale.cuts), "")
    attribute = next(iter(tables[0].by), "")
    primary = [t.subject == first and t.arm == WITHOUT_RACE and t.by == attribute and t.test == MCNEMAR for t in found]
    done: dict[int, Significance] = {}
    for chosen, method in ((True, PRIMARY), (False, EXPLORATORY)):
        family = [t for t, p in zip(found, primary, strict=True) if p == chosen]
        done |= {id(t): row for t, row in zip(family, adjusted_within(family, method), strict=True)}
    return tuple(done[id(t)] for t in found)


def adjusted_within(family: Sequence[Significance], method: str) -> list[Significance]:
    """The tests of one family with adjusted p-values, its name, and how many tests were made."""
    known = [t for t in family if t.p is not None]
    adjusted = iter(adjust(np.array([t.p for t in known], dtype=np.float64), method).tolist())
    values = [next(adjusted) if t.p is not None else None for t in family]
    return [msgspec.structs.replace(t, adjusted=value, family=method, tests=len(known)) for t, value in zip(family, values, strict=True)]


def _paired(table: ArmTable, placed: Placed, arm: str, paired: Paired, zero: NDArray[np.bool_]) -> Iterator[Significance]:
    p = mcnemar(paired.gained[0], paired.lost[0])
    for d, cut in enumerate(table.scale.cuts):
        for g in np.flatnonzero(~zero):
            yield _row(
                table, placed, cut.decision, arm, int(g), MCNEMAR, float(paired.gained[0, g, d] - paired.lost[0, g, d]), 0, float(p[g, d])
            )


def _ordinal(table: ArmTable, placed: Placed, arm: str, paired: Paired, zero: NDArray[np.bool_]) -> Iterator[Significance]:
    for bands in table.scale.bands:
        inside = np.eye(len(bands.labels))[table.scale.band_of(bands.id)]
        matrices = inside.T @ paired.moves[0] @ inside
        for g in np.flatnonzero(~zero):
            for name, test in ((STUART_MAXWELL, stuart_maxwell), (BOWKER, bowker)):
                statistic, degrees, p = test(matrices[g])
                yield _row(table, placed, bands.id, arm, int(g), name, statistic, degrees, p)


def _together(table: ArmTable, placed: Placed) -> Iterator[Significance]:
    """Cochran's Q over with race and all other arms of a table with at least three."""
    if len(table.arms) < 3 or not table.scale.cuts:
        return
    cells, groups = placed.cells, placed.groups
    codes = np.stack([cells.code(arm) for arm in table.arms])
    scored = (codes != MISSING).all(axis=0)
    yes = yes_matrix(table.scale, len(cells.keys[WITH_RACE])).astype(np.int64)
    shape = (2,) * len(table.arms)
    for d, cut in enumerate(table.scale.cuts):
        pattern = np.ravel_multi_index(tuple(yes[d][codes[:, scored]]), shape)
        flat = placed.place[scored] * 2 ** len(shape) + pattern
        finest = np.bincount(flat, weights=cells.n[scored], minlength=len(groups.finest) * 2 ** len(shape))
        by_group = groups.member @ finest.reshape(len(groups.finest), -1)
        statistics, degrees, p = cochran(by_group.reshape(-1, *shape))
        for g, statistic in enumerate(statistics.tolist()):
            yield _row(table, placed, cut.decision, TOGETHER, g, COCHRAN, statistic, degrees, float(p[g]))


def _row(
    table: ArmTable, placed: Placed, subject: str, arm: str, g: int, test: str, statistic: float, degrees: int, p: float
) -> Significance:
    given = not np.isnan(p)
    return Significance(
        calculator=table.calculator,
        subject=subject,
        arm=arm,
        by=placed.groups.by[g],
        group=placed.groups.label[g],
        test=test,
        statistic=statistic if given else None,
        degrees=degrees if given else None,
        p=p if given else None,
        status="ok" if given else "not_estimable",
    )


def _chi2(statistic: float | Matrix, degrees: int) -> Any:
    from scipy.special import chdtrc

    return chdtrc(degrees, statistic)
