"""Tests between groups: of the disparities introduced, and of any difference between the rates in one arm, adjusted within their families.

Sources: Fisher 1935, The Design of Experiments (exact test of a fourfold table); Bonett and Price 2012, J Educ Behav Stat 37:479
(adjusted counts of a paired difference). Patients are counted, not weights.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from auditor.counts import bootstrap
from auditor.counts.disparity import EVERYONE, references
from auditor.counts.groups import Groups
from auditor.counts.metrics import confuse
from auditor.counts.paired import METHODS, WITH_RACE, WITHOUT_RACE, Placed, Tensor, change_intervals, pair, structural_groups
from auditor.counts.precision import LEAST_EFFECTIVE_N
from auditor.counts.scales import ArmTable
from auditor.counts.significance import adjusted_within
from auditor.counts.survey import PSU
from auditor.result import Options
from auditor.rows import Significance

ANY = "any two groups"
LARGEST = "largest difference, permutation"
EXACT, NORMAL = "disparity introduced, Fisher's exact", "disparity introduced, normal with adjusted counts"
DISPARITIES = (EXACT, NORMAL)
MOST_EXACT = 1000
DIFFERENCES = "differences between groups, Benjamini-Hochberg"
PRIMARY, EXPLORATORY = "disparities, primary, Holm", "disparities, exploratory, Benjamini-Hochberg"


def group_tests(tables: Sequence[ArmTable], options: Options, structural: Collection[tuple[str, str]] = ()) -> tuple[Significance, ...]:
    """Every test between groups of one calculator, adjusted.

    The primary family is the disparities introduced at the first decision without the race term between the groups of the first
    attribute. Contrasts that are zero by construction are not tested, nor are patients sampled in units.
    """
    if not tables or PSU in tables[0].cells.keys:
        return ()
    disparities = [row for table in tables for row in _disparities(table, options, structural)]
    first = next((cut.decision for table in tables for cut in table.scale.cuts), "")
    attribute = next(iter(tables[0].by), "")
    primary = [(t.subject, t.arm, t.by) == (first, WITHOUT_RACE, attribute) for t in disparities]
    found = adjusted_within([t for t, p in zip(disparities, primary, strict=True) if p], PRIMARY)
    found += adjusted_within([t for t, p in zip(disparities, primary, strict=True) if not p], EXPLORATORY)
    rows = {(t.subject, t.arm, t.by): t for table in tables for t in _differences(table, options)}
    return (*found, *adjusted_within(list(rows.values()), DIFFERENCES))


def compared_groups(n: NDArray[np.float64], known: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """The groups among which the largest difference is looked for: recorded ones with at least 30 patients."""
    return np.asarray(known & (n >= LEAST_EFFECTIVE_N))


@lru_cache(maxsize=4096)
def largest_difference(n: tuple[int, ...], yes: tuple[int, ...], seed: int, replicates: int) -> tuple[float, float]:
    """The largest difference between any two groups' rates, and how often relabelled patients show one as large."""
    sizes, total = np.array(n), sum(yes)
    rates = np.array(yes) / sizes
    observed = float(rates.max() - rates.min())
    if total in (0, sizes.sum()):
        return observed, np.nan
    rng = bootstrap.generator(seed, "permutation", str(n), str(total))
    drawn = rng.multivariate_hypergeometric(sizes, total, size=replicates, method="marginals")
    as_large = (np.ptp(np.divide(drawn.T, sizes[:, None], order="C"), axis=0) >= observed - 1e-12).sum()
    return observed, float((1 + as_large) / (1 + replicates))


def _differences(table: ArmTable, options: Options) -> Iterator[Significance]:
    placed = Placed.of(table)
    groups = placed.groups
    for arm in (arm for arm in table.arms if not arm.startswith("as_if:")):
        paired = pair(placed, arm)
        for by in (by for by in groups.contrasted if "," not in by):
            rows = np.array(groups.grouping(by))
            for d, cut in enumerate(table.scale.cuts):
                used = rows[compared_groups(paired.total[0, rows, d], groups.known[rows])]
                if len(used) < 2:
                    continue
                n, yes = (tuple(x[0, used, d].astype(int).tolist()) for x in (paired.total, paired.yes_arm))
                value, p = largest_difference(n, yes, options.seed, options.replicates)
                yield _row(table, cut.decision, arm, by, ANY, LARGEST, value, p)


def _disparities(table: ArmTable, options: Options, structural: Collection[tuple[str, str]]) -> Iterator[Significance]:
    placed = Placed.of(table)
    groups = placed.groups
    scored = confuse(placed, WITH_RACE).counts[0, :, 0].sum(axis=(-1, -2)) if table.scale.cuts else np.zeros(0)
    for arm in (arm for arm in table.arms[1:] if not arm.startswith("as_if:") and table.scale.cuts):
        zero = structural_groups(groups, structural, arm)
        paired = pair(placed, arm)
        change = change_intervals(paired, False, zero)
        counts = np.stack([paired.total[0], paired.gained[0], paired.lost[0]])
        one_way = np.isin(change.method, [METHODS.index(name) for name in ("Wilson", "Clopper-Pearson", "structural zero")])
        for by in groups.contrasted:
            reference = references(groups, by, options.reference, scored, change.rate_with, table.scale.cuts)
            if reference is not None:
                yield from _against(table, arm, by, groups, reference, counts, one_way, zero)


def _against(
    table: ArmTable,
    arm: str,
    by: str,
    groups: Groups,
    reference: NDArray[np.int64],
    counts: Tensor,
    one_way: NDArray[np.bool_],
    zero: NDArray[np.bool_],
) -> Iterator[Significance]:
    for d, cut in enumerate(table.scale.cuts):
        r = int(reference[d])
        for g in groups.grouping(by):
            if g == r or (zero[g] and zero[r]):
                continue
            own = counts[:, g, d]
            other = counts[:, r, d] - own if r == EVERYONE else counts[:, r, d]
            up, down = own[1] + other[1], own[2] + other[2]
            exact = bool(one_way[g, d] and one_way[r, d]) and min(up, down) == 0 and max(up, down) <= MOST_EXACT
            p = fisher(own, other) if exact else normal(own, other)
            if not own[0] or not other[0]:
                yield _row(table, cut.decision, arm, by, groups.label[g], EXACT if exact else NORMAL, np.nan, np.nan)
                continue
            introduced = (counts[1, r, d] - counts[2, r, d]) / counts[0, r, d] - (own[1] - own[2]) / own[0]
            yield _row(table, cut.decision, arm, by, groups.label[g], EXACT if exact else NORMAL, float(introduced), p)


def fisher(own: NDArray[np.float64], other: NDArray[np.float64]) -> float:
    """Fisher's exact two-sided p-value that as large a share changes in both, from (patients, gained, lost); NaN where nobody changes."""
    from scipy.special import betaln

    n, m = float(own[0]), float(other[0])
    moved, total = own[1] + own[2], own[1] + own[2] + other[1] + other[2]
    if not total:
        return np.nan
    x = np.arange(max(0.0, total - m), min(total, n) + 1)
    ways = -betaln(n - x + 1, x + 1) - betaln(m - total + x + 1, total - x + 1) - np.log(n + 1) - np.log(m + 1)
    chance = np.exp(ways - ways.max())
    return float(min(chance[ways <= ways[x == moved][0] + 1e-7].sum() / chance.sum(), 1.0))


def normal(own: NDArray[np.float64], other: NDArray[np.float64]) -> float:
    """The two-sided p-value of the normal distribution that the changes are equal, with a patient added to each direction."""
    from scipy.special import ndtr

    if not own[1:].any() and not other[1:].any():
        return np.nan
    changes, variances = [], []
    for n, gained, lost in (own, other):
        up, down = (gained + 1) / (n + 2), (lost + 1) / (n + 2)
        changes.append(up - down)
        variances.append((up + down - (up - down) ** 2) / (n + 2))
    return float(2 * ndtr(-abs(changes[0] - changes[1]) / np.sqrt(sum(variances))))


def _row(table: ArmTable, decision: str, arm: str, by: str, group: str, test: str, statistic: float, p: float) -> Significance:
    given = not np.isnan(p)
    return Significance(
        calculator=table.calculator,
        subject=decision,
        arm=arm,
        by=by,
        group=group,
        test=test,
        statistic=statistic if given else None,
        p=p if given else None,
        status="ok" if given else "not_estimable",
    )
