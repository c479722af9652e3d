"""Worst cases for patients whose group is not recorded: what a group's numbers could be if they belonged to it, and what would turn a sign.

Source: Manski 1990, Am Econ Rev 80:319 (bounds without assumptions). Bounds are not confidence intervals: they say nothing of chance.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from auditor.counts.disparity import references
from auditor.counts.groups import ALL, OVERALL, UNKNOWN
from auditor.counts.paired import WITH_RACE, Placed, Tensor, change_intervals, pair, structural_groups
from auditor.counts.scales import ArmTable
from auditor.counts.suppression import Hidden, Layout
from auditor.result import CalculatorResult, Options
from auditor.rows import Bound

LEAST_UNKNOWN = 0.05
RATE, CHANGE = "selection_rate", "change"


def worst_cases(up: Tensor, down: Tensor, n: Tensor, unknown_up: Tensor, unknown_down: Tensor, unknown_n: Tensor) -> tuple[Tensor, Tensor]:
    """Lowest and highest (up - down) / n of a group that any of the patients of unknown group may join.

    `up` and `down` are the patients who count +1 and -1; for a rate `down` is 0. NaN where the group would be empty.
    """
    still = unknown_n - unknown_up - unknown_down
    net = up - down
    least, most = net - unknown_down, net + unknown_up
    with np.errstate(divide="ignore", invalid="ignore"):
        lowest = least / (n + unknown_down + np.where(least > 0, still, 0.0))
        highest = most / (n + unknown_up + np.where(most < 0, still, 0.0))
    return lowest, highest


def tipping(up: float, down: float, n: float, unknown: tuple[float, float, float], reference: float) -> float:
    """The least share of the patients of unknown group that brings a group's change to the reference's; NaN where none can.

    `unknown` holds those of them who count +1 and -1, and all of them; the reference's change stays as it is.
    """
    more, fewer, everyone = unknown
    change = (up - down) / n
    if change < reference:
        return tipping(down, up, n, (fewer, more, everyone), -reference)
    if change == reference or everyone <= 0:
        return float("nan")
    joined = (up - down - reference * n) / (1 + reference) if reference > -1 else float("inf")
    if joined <= fewer:
        return joined / everyone
    least = up - down - fewer
    still = least / reference - n - fewer if reference > 0 else 0.0 if least <= reference * (n + fewer) else float("inf")
    return (fewer + still) / everyone if still <= everyone - more - fewer else float("nan")


def bound_rows(
    tables: Sequence[ArmTable], options: Options, structural: Collection[tuple[str, str]] = (), weighted: bool = False
) -> Iterator[Bound]:
    """Bounds of every group of each attribute that is not recorded in over 5% of the patients whom both arms score."""
    rated: set[str] = set()
    for table in tables:
        placed = Placed.of(table)
        if _most_unknown(placed) <= LEAST_UNKNOWN / 2:
            continue
        for arm in (a for a in table.arms if a != WITH_RACE and not a.startswith("as_if:") and table.scale.cuts):
            zero = structural_groups(placed.groups, structural, arm)
            yield from _arm(table, placed, arm, zero, options, weighted, table.scale.output not in rated)
            rated.add(table.scale.output)


def _most_unknown(placed: Placed) -> float:
    """The largest share of patients in whom one attribute is not recorded; much below the limit no table needs a closer look."""
    groups = placed.groups
    n = groups.member @ np.bincount(placed.place, weights=placed.cells.n, minlength=len(groups.finest))
    return float(
        max((n[g] for g in range(len(groups)) if not groups.known[g] and "," not in groups.by[g]), default=0.0)
        / max(n.max(initial=0.0), 1.0)
    )


def _arm(
    table: ArmTable, placed: Placed, arm: str, zero: NDArray[np.bool_], options: Options, weighted: bool, rates: bool
) -> Iterator[Bound]:
    paired = pair(placed, arm)
    use = 1 if weighted else 0
    n, up, down, yes = paired.total[use], paired.gained[use], paired.lost[use], paired.yes_with[use]
    change = change_intervals(paired, weighted, zero)
    groups = placed.groups
    for by in groups.contrasted:
        inside = groups.grouping(by)
        unknown = [g for g in inside if not groups.known[g]]
        reference = references(groups, by, options.reference, paired.total[0, :, 0], change.rate_with, table.scale.cuts)
        if "," in by or reference is None or not unknown:
            continue
        pool, all_n = n[unknown].sum(axis=0), n[inside].sum(axis=0)
        for d, cut in enumerate(table.scale.cuts):
            share = float(pool[d] / all_n[d]) if all_n[d] > 0 else 0.0
            if share <= LEAST_UNKNOWN:
                continue
            r = int(reference[d])
            measures = [(arm, CHANGE, up[:, d], down[:, d])] + ([(WITH_RACE, RATE, yes[:, d], np.zeros(len(n)))] if rates else [])
            for measured, metric, more, fewer in measures:
                low, high = worst_cases(more, fewer, n[:, d], more[unknown].sum(), fewer[unknown].sum(), pool[d])
                for g in (g for g in inside if groups.known[g] and n[g, d] > 0):
                    against = (float(more[unknown].sum()), float(fewer[unknown].sum()), float(pool[d]))
                    turn = tipping(more[g], fewer[g], n[g, d], against, (more[r] - fewer[r]) / n[r, d]) if g != r else float("nan")
                    yield Bound(
                        calculator=table.calculator,
                        decision=cut.decision,
                        arm=measured,
                        by=by,
                        group=groups.label[g],
                        metric=metric,
                        value=float((more[g] - fewer[g]) / n[g, d]),
                        lowest=float(low[g]),
                        highest=float(high[g]),
                        unknown=share,
                        reference=groups.label[r],
                        tipping=None if turn != turn else float(turn),
                    )


def hidden_bounds(calculator: CalculatorResult, change: Mapping[tuple[str, str], Hidden], layout: Layout) -> set[tuple[str, str, str, str]]:
    """The bounds, by (decision, arm, by, group), that rest on a count that is not shown.

    These are the group's, the reference's and the unknown's, and everyone's, of whom `unknown` is a share. Bounds of a rate with race
    are of the patients whom the first arm compared with it scores too.
    """
    unknown = {
        by: [i for i, (other, label) in enumerate(layout.groups) if other == by and label.casefold() in UNKNOWN]
        for by in dict.fromkeys(row.by for row in calculator.bounds)
    }
    found = set()
    for row in calculator.bounds:
        everyone = layout.places[OVERALL, ALL]
        rests = [layout.places[row.by, row.group], layout.reference(row.by, row.reference), *unknown[row.by], everyone]
        compared = next((arm for of, arm in change if of == row.decision and arm != WITH_RACE and not arm.startswith("as_if:")), WITH_RACE)
        arms = [arm for of, arm in change if of == row.decision and arm in (WITH_RACE, row.arm, compared)]
        if not arms or any(change[row.decision, arm][rests].any() for arm in arms):
            found.add((row.decision, row.arm, row.by, row.group))
    return found
