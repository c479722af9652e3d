"""Disparity: a group's rate minus the reference group's, in each arm, and what the race term introduced (with - other)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from auditor.counts import bootstrap
from auditor.counts.groups import Groups
from auditor.counts.paired import METHODS, STRUCTURAL_ZERO, ChangeIntervals, Paired, Tensor, change_intervals
from auditor.counts.scales import Cut
from auditor.counts.survey import SQUARE_AND_ADD as BY_DESIGN
from auditor.counts.survey import square_and_add as correlated
from auditor.counts.uncertainty import LEVEL, Bounds, square_and_add

LARGEST, BEST, OVERALL = "largest", "best", "overall"
SQUARE_AND_ADD = "square-and-add of the paired intervals"
CHOSEN = ", best group chosen from these patients"
EVERYONE = 0


@dataclass(frozen=True, eq=False)
class Contrast:
    """One grouping's groups (rows) against their reference, by decision (columns).

    `groups[i]` and `reference[d]` are positions among all groups; `introduced` = `with_race` - `other`, bounded by `lower`
    and `upper`; `method` holds words.
    """

    groups: NDArray[np.int64]
    reference: NDArray[np.int64]
    with_race: Tensor
    other: Tensor
    introduced: Tensor
    lower: Tensor
    upper: Tensor
    method: NDArray[np.object_]


def references(groups: Groups, by: str, rule: str, n: NDArray[np.float64], rates: Tensor, cuts: Sequence[Cut]) -> NDArray[np.int64] | None:
    """The reference group for every decision; None where no group can be one.

    `largest`: by patients; `best`: the highest rate with race (the lowest where a yes closes care), which these patients choose and no
    interval allows for; `overall`: everyone; else
    the group of that name, or the largest with that level, or (where the grouping has no such level) the largest. A group
    whose attributes were not recorded is never the reference.
    """
    if rule == OVERALL:
        return np.full(len(cuts), EVERYONE, dtype=np.int64)
    largest = groups.largest(by, n, "" if rule in (LARGEST, BEST) else rule)
    if largest is None:
        return None
    if rule != BEST:
        return np.full(len(cuts), largest, dtype=np.int64)
    eligible = [i for i in groups.grouping(by) if groups.known[i] and n[i] > 0]
    sign = np.array([-1.0 if cut.yes_means == "closes_care" else 1.0 for cut in cuts])
    best: NDArray[np.int64] = np.asarray(eligible, dtype=np.int64)[np.argmax(rates[eligible] * sign, axis=0)]
    return best


def by_rule(method: str, rule: str) -> str:
    """The name of an interval's method, and that the reference was chosen from the same patients where it was."""
    return method + CHOSEN if rule == BEST and method not in ("", STRUCTURAL_ZERO) else method


def contrast(
    paired: Paired,
    change: ChangeIntervals,
    rows: NDArray[np.int64],
    reference: NDArray[np.int64],
    weighted: bool,
    draw: Callable[[], Tensor] | None,
) -> Contrast:
    """The groups at `rows` against the reference, with a 95% interval of what the term introduced.

    Percentile cell bootstrap where at least 30 patients of both groups change, else square-and-add of the two within-group
    intervals; `draw` gives the replicates of the change when they are needed. Against everyone, the group is compared with
    everyone else and the interval scaled by their share. With a survey design, square-and-add with the correlation of the two
    changes.
    """
    columns = np.arange(len(reference))
    (lower, upper), moved = _added(paired, change, rows, reference, weighted)
    own = change.rows(rows)
    method = np.full(lower.shape, SQUARE_AND_ADD if paired.linearised is None else BY_DESIGN, dtype=object)
    if draw is not None and paired.linearised is None:
        many = ((paired.gained[0] + paired.lost[0])[rows] >= bootstrap.MANY_EVENTS) & (moved >= bootstrap.MANY_EVENTS)
        many &= rows[:, None] != reference
        if many.any():
            replicates = draw()
            i, d = np.nonzero(many)
            lower[many], upper[many] = bootstrap.percentile(replicates[reference[d], d] - replicates[rows[i], d])
            method[many] = bootstrap.METHOD
    structural = METHODS.index(STRUCTURAL_ZERO)
    zero = (own.method == structural) & (change.method[reference, columns] == structural)
    method[zero] = STRUCTURAL_ZERO
    lower[zero], upper[zero] = np.nan, np.nan
    return Contrast(
        groups=rows,
        reference=reference,
        with_race=own.rate_with - change.rate_with[reference, columns],
        other=own.rate_arm - change.rate_arm[reference, columns],
        introduced=change.change[reference, columns] - own.change,
        lower=lower,
        upper=upper,
        method=method,
    )


def joint(
    found: Contrast, paired: Paired, structural: NDArray[np.bool_], family: NDArray[np.int64], weighted: bool
) -> tuple[Tensor, Tensor]:
    """Bounds that hold for all contrasts of a family together in 95% of audits; `family` is its size for every decision.

    Square-and-add of the within-group intervals at the level 1 - 0.05 / size (Bonferroni), exact ones where they are proportions,
    and never inside the contrast's own interval: a bootstrap of a thousand resamples has no such tails.
    """
    lower, upper = found.lower.copy(), found.upper.copy()
    for size in np.unique(family[family > 0]).tolist():
        level = 1 - (1 - LEVEL) / size
        change = change_intervals(paired, weighted, structural, level, cautious=True)
        (low, high), _ = _added(paired, change, found.groups, found.reference, weighted, level, cautious=True)
        chosen = family == size
        lower[:, chosen] = np.minimum(lower, low)[:, chosen]
        upper[:, chosen] = np.maximum(upper, high)[:, chosen]
    return lower, upper


def _added(
    paired: Paired,
    change: ChangeIntervals,
    rows: NDArray[np.int64],
    reference: NDArray[np.int64],
    weighted: bool,
    level: float = LEVEL,
    cautious: bool = False,
) -> tuple[Bounds, Tensor]:
    """Square-and-add bounds of the reference's change minus each group's at the level of `change`, and who changes in the reference."""
    columns = np.arange(len(reference))
    own = change.rows(rows)
    if paired.linearised is None and (reference == EVERYONE).all():
        others = _everyone_else(paired, rows)
        base = change_intervals(others, weighted, np.zeros(len(rows) + 1, dtype=bool), level, cautious).rows(np.arange(1, len(rows) + 1))
        use = 1 if weighted else 0
        with np.errstate(divide="ignore", invalid="ignore"):
            share = others.total[use, 1:] / paired.total[use, EVERYONE]
        lower, upper = square_and_add(base.change, base.bounds, own.change, own.bounds)
        return (lower * share, upper * share), (others.gained[0] + others.lost[0])[1:]
    base = change.at(reference, columns)
    moved = (paired.gained[0] + paired.lost[0])[reference, columns]
    if paired.linearised is not None:
        correlation = paired.linearised.correlation(rows, reference)
        return correlated(base.change, base.bounds, own.change, own.bounds, correlation), moved
    return square_and_add(base.change, base.bounds, own.change, own.bounds), moved


def _everyone_else(paired: Paired, rows: NDArray[np.int64]) -> Paired:
    """Everyone first, then for every row all patients outside that group."""

    def outside(x: Tensor) -> Tensor:
        return np.concatenate([x[:, :1], x[:, :1] - x[:, rows]], axis=1)

    return Paired(
        outside(paired.total),
        outside(paired.yes_with),
        outside(paired.yes_arm),
        outside(paired.gained),
        outside(paired.lost),
        outside(paired.moves),
        paired.above,
    )
