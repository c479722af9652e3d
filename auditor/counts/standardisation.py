"""Directly standardised disparities: the groups of the first attribute compared as if all had everyone's mix of the other attributes.

Sources: Breslow and Day 1987, Statistical Methods in Cancer Research II, ch. 2 (direct standardisation); Zou and Donner 2008, Stat Med
27:1693 (the interval of a sum from the intervals of its parts).
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from auditor.counts.disparity import EVERYONE, by_rule, references
from auditor.counts.paired import WITH_RACE, ChangeIntervals, Placed, Tensor, change_intervals, pair, structural_groups
from auditor.counts.precision import imprecise_difference
from auditor.counts.scales import ArmTable
from auditor.counts.survey import FEWEST_DEGREES, Linearised
from auditor.counts.uncertainty import square_and_add
from auditor.result import Options
from auditor.rows import Standardised, Status

METHOD = "square-and-add over strata"
BY_DESIGN = "square-and-add over strata, Taylor linearisation"


@dataclass(frozen=True, eq=False)
class Standard:
    """Standardised rates and changes of every group (rows) and decision (columns), with bounds of the change; NaN without patients."""

    with_race: Tensor
    arm: Tensor
    change: Tensor
    lower: Tensor
    upper: Tensor


def standardise(change: ChangeIntervals, strata: NDArray[np.int64], share: NDArray[np.float64]) -> Standard:
    """Averages over strata: `strata[i, s]` is the position of group i in stratum s (-1: nobody), `share[s]` everyone's share."""
    used = share > 0
    strata, share = strata[:, used], share[used]
    weight = share[None, :, None]
    lacking = np.asarray((strata < 0).any(axis=1)).reshape(-1, 1)
    lower, upper = (bound[strata] for bound in change.bounds)
    middle = change.change[strata]
    average = (middle * weight).sum(axis=1)

    def total(x: Tensor) -> Tensor:
        return np.where(lacking, np.nan, (x[strata] * weight).sum(axis=1))

    return Standard(
        total(change.rate_with),
        total(change.rate_arm),
        np.where(lacking, np.nan, average),
        np.where(lacking, np.nan, average - np.sqrt((((middle - lower) * weight) ** 2).sum(axis=1))),
        np.where(lacking, np.nan, average + np.sqrt((((upper - middle) * weight) ** 2).sum(axis=1))),
    )


def by_design(
    found: Linearised, change: ChangeIntervals, strata: NDArray[np.int64], share: NDArray[np.float64], reference: int, decision: int
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Bounds of the reference's standardised change minus every group's, where groups in the same sampled units vary together.

    Square-and-add of all parts, each times everyone's share, with the correlations that the design gives them.
    """
    used = share > 0
    lower, upper = np.full(len(strata), np.nan), np.full(len(strata), np.nan)
    times = np.concatenate([share[used], -share[used]])
    for i, own in enumerate(strata[:, used]):
        parts = np.concatenate([strata[reference, used], own])
        if (parts < 0).any() or i == reference:
            continue
        middle = change.change[parts, decision]
        below, above = middle - change.bounds[0][parts, decision], change.bounds[1][parts, decision] - middle
        units = found.deviations[:, decision, parts]
        with np.errstate(divide="ignore", invalid="ignore"):
            together = np.nan_to_num(units.T @ units / np.sqrt(np.outer((units**2).sum(axis=0), (units**2).sum(axis=0))))
        np.fill_diagonal(together, 1.0)
        down, up = times * np.where(times > 0, below, above), times * np.where(times > 0, above, below)
        value = times @ middle
        lower[i] = value - np.sqrt(np.maximum(down @ together @ down, 0.0))
        upper[i] = value + np.sqrt(np.maximum(up @ together @ up, 0.0))
    return lower, upper


def standardised_rows(
    tables: Sequence[ArmTable], options: Options, structural: Collection[tuple[str, str]] = (), weighted: bool = False
) -> Iterator[Standardised]:
    """Disparities between the groups of the first attribute, standardised over the joint levels of all others; none with one attribute."""
    for table in tables:
        if len(table.by) < 2 or not table.scale.cuts:
            continue
        placed = Placed.of(table)
        rows, strata = _strata(placed, table.by)
        for arm in table.arms:
            if arm != WITH_RACE and not arm.startswith("as_if:") and len(rows):
                yield from _rows(table, placed, arm, rows, strata, options, structural, weighted)


def _rows(
    table: ArmTable,
    placed: Placed,
    arm: str,
    rows: NDArray[np.int64],
    strata: NDArray[np.int64],
    options: Options,
    structural: Collection[tuple[str, str]],
    weighted: bool,
) -> Iterator[Standardised]:
    groups = placed.groups
    paired = pair(placed, arm)
    change = change_intervals(paired, weighted, structural_groups(groups, structural, arm))
    patients = paired.total[1 if weighted else 0, :, 0]
    inside = np.where(strata >= 0, patients[strata], 0.0).sum(axis=0)
    share = inside / inside.sum() if inside.sum() else inside
    strata = np.where((strata >= 0) & (paired.total[0, :, 0][strata] > 0), strata, -1)
    reference = references(groups, table.by[0], options.reference, paired.total[0, :, 0], change.rate_with, table.scale.cuts)
    if reference is None or (reference == EVERYONE).all():
        return
    found = standardise(change, strata, share)
    for d, cut in enumerate(table.scale.cuts):
        r = int(np.flatnonzero(rows == reference[d])[0])
        if paired.linearised is None:
            lower, upper = square_and_add(
                found.change[r, d], (found.lower[r, d], found.upper[r, d]), found.change[:, d], (found.lower[:, d], found.upper[:, d])
            )
            wide = imprecise_difference(np.full(len(rows), np.inf), lower, upper)
        else:
            lower, upper = by_design(paired.linearised, change, strata, share, r, d)
            few = paired.linearised.degrees[rows, d] < FEWEST_DEGREES
            wide = imprecise_difference(np.full(len(rows), np.inf), lower, upper) | few | few[r]
        for i, g in enumerate(rows.tolist()):
            if i != r:
                given = not np.isnan(found.change[i, d] - found.change[r, d])
                bounded = given and not np.isnan(lower[i] + upper[i])
                status: Status = "not_estimable" if not given else "imprecise" if wide[i] else "ok"
                yield Standardised(
                    calculator=table.calculator,
                    decision=cut.decision,
                    arm=arm,
                    by=table.by[0],
                    over=",".join(table.by[1:]),
                    reference=groups.label[int(rows[r])],
                    group=groups.label[g],
                    with_=float(found.with_race[i, d] - found.with_race[r, d]) if given else None,
                    other=float(found.arm[i, d] - found.arm[r, d]) if given else None,
                    introduced=float(found.change[r, d] - found.change[i, d]) if given else None,
                    lower=float(lower[i]) if bounded else None,
                    upper=float(upper[i]) if bounded else None,
                    ratio_with=_ratio(found.with_race[i, d], found.with_race[r, d]),
                    ratio_other=_ratio(found.arm[i, d], found.arm[r, d]),
                    method=by_rule(METHOD if paired.linearised is None else BY_DESIGN, options.reference) if given else "",
                    status=status,
                )


def _strata(placed: Placed, by: Sequence[str]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """The groups of the first attribute, and for each the group it forms with every joint level of the others (-1: none)."""
    groups = placed.groups
    rows = groups.grouping(by[0])
    crossed = {groups.levels[i]: i for i in groups.grouping(",".join(by))}
    others = sorted({levels[1:] for levels in crossed})
    strata = [[crossed.get((*groups.levels[g], *rest), -1) for rest in others] for g in rows]
    return np.array(rows, dtype=np.int64), np.array(strata, dtype=np.int64).reshape(len(rows), len(others))


def _ratio(rate: float, reference: float) -> float | None:
    return float(rate / reference) if reference > 0 and rate >= 0 else None
