"""From the cells of one calculator to the rows of its tables: changes, transitions, metrics, disparities and shifts."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, partial
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from auditor.counts import bootstrap
from auditor.counts.cells import MISSING
from auditor.counts.disparity import by_rule, contrast, joint, references
from auditor.counts.estimable import FLOORS, estimable
from auditor.counts.groups import Groups
from auditor.counts.metrics import SELECTION_RATE, WITH_OUTCOME, confuse, events, linearised
from auditor.counts.moments import Moments
from auditor.counts.paired import (
    METHODS,
    STRUCTURAL_ZERO,
    WITH_RACE,
    ChangeIntervals,
    Paired,
    Placed,
    Tensor,
    change_intervals,
    method_name,
    pair,
    structural_groups,
)
from auditor.counts.precision import imprecise_difference, imprecise_interval, imprecise_rate
from auditor.counts.proportions import proportions
from auditor.counts.scales import ArmTable, BandCut, Scale
from auditor.counts.survey import FEWEST_DEGREES, Linearised, beside
from auditor.result import Options
from auditor.rows import Change, Disparity, Metric, OutcomeChange, Shift, Status, Transition

AMONG = {SELECTION_RATE: None, "true_positive_rate": 1, "false_positive_rate": 0}


class Rows(NamedTuple):
    """The tables of one calculator."""

    changes: tuple[Change, ...]
    transitions: tuple[Transition, ...]
    metrics: tuple[Metric, ...]
    disparities: tuple[Disparity, ...]
    shifts: tuple[Shift, ...]
    outcome_changes: tuple[OutcomeChange, ...]


@dataclass(frozen=True)
class Subject:
    """What rows are about: a calculator's scale in groups of patients, and what was asked for.

    `variances` come by "design", by "weights", or by counts (""). `structural` names the groups, as (by, group), in which the race
    term is applied to nobody. `arms` are all that give disparities on this scale; an arm that is not among them stands alone.
    """

    calculator: str
    scale: Scale
    groups: Groups
    options: Options
    structural: Collection[tuple[str, str]] = ()
    weighted: bool = False
    variances: str = ""
    arms: tuple[str, ...] = ()

    @property
    def decisions(self) -> tuple[str, ...]:
        """The decisions on the scale."""
        return tuple(cut.decision for cut in self.scale.cuts)

    def still(self, arm: str) -> NDArray[np.bool_]:
        """The groups in which an arm changes nothing by construction."""
        return structural_groups(self.groups, self.structural, arm)

    def family(self, arm: str, by: str, reference: NDArray[np.int64]) -> NDArray[np.int64]:
        """For every decision the number of a grouping's contrasts in all arms, without those that are zero by construction.

        It does not depend on which of them can be estimated, so that it tells nothing of hidden groups.
        """
        rows = np.array(self.groups.grouping(by))[:, None]
        still = np.stack([self.still(other) for other in self.arms if arm in self.arms] or [self.still(arm)])
        counted = (rows != reference) & ~(still[:, rows] & still[:, reference][:, None, :])
        return np.asarray(counted.sum(axis=(0, 1)))


@dataclass(frozen=True)
class _Table:
    """One table of arms on its way to rows."""

    table: ArmTable
    placed: Placed
    subject: Subject
    first: bool

    @classmethod
    def of(
        cls,
        table: ArmTable,
        options: Options,
        structural: Collection[tuple[str, str]],
        weighted: bool,
        first: bool,
        arms: tuple[str, ...],
    ) -> _Table:
        placed = Placed.of(table)
        variances = "design" if placed.design is not None else "weights" if weighted else ""
        subject = Subject(table.calculator, table.scale, placed.groups, options, structural, weighted, variances, arms)
        return cls(table, placed, subject, first)

    @property
    def groups(self) -> Groups:
        return self.placed.groups

    @property
    def calculator(self) -> str:
        return self.table.calculator

    @property
    def weighted(self) -> bool:
        return self.subject.weighted

    @property
    def outcome_known(self) -> bool:
        return "outcome" in self.table.cells.keys and bool((self.table.cells.code("outcome") != MISSING).any())

    @property
    def compared(self) -> tuple[str, ...]:
        """The arms that get every table; `as if` a group shows in the changes alone."""
        return _compared(self.table.arms)

    @property
    def decisions(self) -> tuple[str, ...]:
        return self.subject.decisions


def _compared(arms: Sequence[str]) -> tuple[str, ...]:
    return tuple(arm for arm in arms if not arm.startswith("as_if:"))


def rows(
    tables: Sequence[ArmTable],
    moments: Mapping[tuple[str, str], Moments],
    options: Options,
    structural: Collection[tuple[str, str]] = (),
    weighted: bool = False,
) -> Rows:
    """All rows of one calculator from its cells.

    `tables` has one or more ArmTables per output (every one with the arm `with_race`); `moments` maps (output, arm) to sums of the values "with", "arm" and "change".
    `structural` names the groups, as (by, group), in which the race term is applied to nobody: there the change without race is
    zero by construction. With `weighted`, rates are of weighted counts and intervals use an effective n.
    """
    found = Rows((), (), (), (), (), ())
    seen: set[str] = set()
    for table in tables:
        arms = tuple(dict.fromkeys(a for t in tables if t.scale.output == table.scale.output for a in _compared(t.arms) if a != WITH_RACE))
        job = _Table.of(table, options, structural, weighted, table.scale.output not in seen, arms)
        seen.add(table.scale.output)
        found = Rows(
            found.changes + tuple(_changes(job)),
            found.transitions + tuple(_transitions(job)),
            found.metrics + tuple(_metrics(job)),
            found.disparities + tuple(_disparities(job)),
            (),
            found.outcome_changes + tuple(_outcome_changes(job)),
        )
    calculator = tables[0].calculator if tables else ""
    by = tables[0].by if tables else options.by
    shifts = [row for (output, arm), sums in moments.items() for row in _shifts(calculator, output, arm, by, sums)]
    return found._replace(shifts=tuple(shifts))


def _changes(job: _Table) -> Iterator[Change]:
    for arm in job.table.arms:
        if arm != WITH_RACE and job.decisions:
            yield from change_rows(job.subject, arm, pair(job.placed, arm))


def change_rows(subject: Subject, arm: str, paired: Paired) -> Iterator[Change]:
    """The change of every decision and group from paired counts, with its interval."""
    groups, weighted = subject.groups, subject.weighted
    change = change_intervals(paired, weighted, subject.still(arm))
    parts = (paired.total, paired.yes_with, paired.yes_arm, paired.gained, paired.lost)
    counts = [x[0].astype(np.int64).T.tolist() for x in parts]
    weights = [x[1].T.tolist() if weighted else _nothing(x[1].T) for x in parts]
    rates = [_optional(x.T) for x in (change.rate_with, change.rate_arm, change.change, change.lower, change.upper)]
    methods = [method_name(name, subject.variances) for name in METHODS]
    told = (change.method.T.tolist(), _imprecise_change(paired, change).T.tolist())
    for decision, *columns in zip(subject.decisions, *counts, *weights, *rates, *told, strict=True):
        for by, group, n, yes_with, yes_arm, gained, lost, wn, w_with, w_arm, w_gained, w_lost, *rate, method, imprecise in zip(
            groups.by, groups.label, *columns, strict=True
        ):
            yield Change(
                calculator=subject.calculator,
                decision=decision,
                arm=arm,
                by=by,
                group=group,
                n=n,
                yes_with=yes_with,
                yes_arm=yes_arm,
                gained=gained,
                lost=lost,
                weighted_n=wn,
                weighted_yes_with=w_with,
                weighted_yes_arm=w_arm,
                weighted_gained=w_gained,
                weighted_lost=w_lost,
                rate_with=rate[0],
                rate_arm=rate[1],
                change=rate[2],
                lower=rate[3],
                upper=rate[4],
                method=methods[method],
                status=_status(n >= FLOORS[SELECTION_RATE], imprecise),
            )


def _transitions(job: _Table) -> Iterator[Transition]:
    for arm in job.compared:
        if arm == WITH_RACE or not job.table.scale.bands:
            continue
        moves = pair(job.placed, arm).moves
        for bands in job.table.scale.bands:
            inside = _membership(job.table.scale, bands, moves.shape[-1])
            matrix = inside.T @ moves @ inside
            n, w = matrix[0].astype(np.int64).tolist(), matrix[1].tolist()
            for g in range(len(job.groups)):
                for i, origin in enumerate(bands.labels):
                    if not any(n[g][i]):
                        continue
                    for j, target in enumerate(bands.labels):
                        yield Transition(
                            calculator=job.calculator,
                            categories=bands.id,
                            arm=arm,
                            by=job.groups.by[g],
                            group=job.groups.label[g],
                            from_=origin,
                            to=target,
                            n=n[g][i][j],
                            weighted_n=w[g][i][j] if job.weighted else None,
                        )


def _metrics(job: _Table) -> Iterator[Metric]:
    if not job.decisions:
        return
    for arm in job.compared if job.first else job.compared[1:]:
        confusion = confuse(job.placed, arm)
        metrics = (SELECTION_RATE, *(WITH_OUTCOME if confusion.outcome_known else ()))
        by_design = [linearised(job.placed, arm, metric) for metric in metrics]
        yield from metric_rows(job.subject, arm, {metric: events(confusion, metric) for metric in metrics}, beside(by_design))


def metric_rows(
    subject: Subject, arm: str, shares: Mapping[str, tuple[Tensor, Tensor]], by_design: Linearised | None = None
) -> Iterator[Metric]:
    """Metrics of every decision and group with their intervals: `shares` are their numerators and denominators, each (3, groups, decisions).

    `by_design` holds the same ratios, metric after metric.
    """
    groups, many = subject.groups, len(subject.decisions)
    numerator, denominator = (np.concatenate(parts, axis=2) for parts in zip(*shares.values(), strict=True))
    found = proportions(numerator, denominator, subject.weighted, by_design)
    methods = [method_name(name, subject.variances) for name in ("Wilson", "Clopper-Pearson")]
    numbers = [_optional(x.T) for x in (found.value, found.lower, found.upper)]
    patients = [x[0].astype(np.int64).T.tolist() for x in (denominator, numerator)]
    enough = np.concatenate([estimable(metric, below[0]) for metric, (_, below) in shares.items()], axis=1)
    told = [x.T.tolist() for x in (enough, found.exact, found.imprecise)]
    for i, columns in enumerate(zip(*numbers, *patients, *told, strict=True)):
        metric, decision = tuple(shares)[i // many], subject.decisions[i % many]
        counted = metric == SELECTION_RATE
        for by, group, value, lower, upper, n, yes, given, exact, imprecise in zip(groups.by, groups.label, *columns, strict=True):
            yield Metric(
                calculator=subject.calculator,
                decision=decision,
                arm=arm,
                by=by,
                group=group,
                metric=metric,
                value=value if given else None,
                lower=lower if given else None,
                upper=upper if given else None,
                n=n if given and counted else None,
                yes=yes if given and counted else None,
                method=methods[exact] if given else "",
                status=_status(given, imprecise),
            )


def _outcome_changes(job: _Table) -> Iterator[OutcomeChange]:
    if not job.decisions or not job.outcome_known:
        return
    for arm in job.compared if job.first else job.compared[1:]:
        for code, outcome in enumerate(("0", "1")):
            paired = pair(job.placed.among(code), arm)
            parts = (paired.total, paired.yes_with, paired.yes_arm, paired.gained, paired.lost)
            counts = [x[0].astype(np.int64).T.tolist() for x in parts]
            for decision, *columns in zip(job.decisions, *counts, strict=True):
                for by, group, n, yes_with, yes_arm, gained, lost in zip(job.groups.by, job.groups.label, *columns, strict=True):
                    yield OutcomeChange(
                        calculator=job.calculator,
                        decision=decision,
                        arm=arm,
                        by=by,
                        group=group,
                        outcome=outcome,
                        n=n,
                        yes_with=yes_with,
                        yes_arm=yes_arm,
                        gained=gained,
                        lost=lost,
                    )


def _disparities(job: _Table) -> Iterator[Disparity]:
    if not job.decisions or not job.groups.contrasted:
        return
    scored = confuse(job.placed, WITH_RACE).counts
    n = scored[0, :, 0].sum(axis=(-1, -2))
    for arm in job.compared:
        if arm == WITH_RACE:
            continue
        draw = _draws(job, arm) if not job.weighted or "weight" in job.placed.cells.keys else None
        for metric, among in AMONG.items():
            if among is None or job.outcome_known:
                placed = job.placed if among is None else job.placed.among(among)
                yield from disparity_rows(job.subject, arm, metric, pair(placed, arm), n, draw and partial(draw, metric))


def _draws(job: _Table, arm: str) -> Callable[[str], Tensor]:
    """Replicates of the change for each metric: all patients are resampled once, those with an outcome give its metric."""

    @cache
    def parts() -> list[Tensor]:
        by_outcome = [job.placed.among(outcome) for outcome in (0, 1, MISSING)] if job.outcome_known else [job.placed]
        replicates, random = job.subject.options.replicates, generator_of(job.subject, arm, SELECTION_RATE)
        return bootstrap.resample(by_outcome, arm, job.weighted, replicates, random)

    def draw(metric: str) -> Tensor:
        among = AMONG[metric]
        return bootstrap.changes(sum(parts()[1:], parts()[0]) if among is None else parts()[among], job.groups)

    return cache(draw)


def generator_of(subject: Subject, arm: str, metric: str) -> np.random.Generator:
    """The random generator of the resamples behind one table of disparities; those of all metrics of an arm are the selection rate's."""
    return bootstrap.generator(subject.options.seed, subject.calculator, subject.scale.output, arm, metric)


def disparity_rows(
    subject: Subject, arm: str, metric: str, paired: Paired, n: NDArray[np.float64], draw: Callable[[], Tensor] | None
) -> Iterator[Disparity]:
    """Every group against its reference from paired counts; `n` finds the largest group, `draw` gives replicates of the change."""
    groups = subject.groups
    change = change_intervals(paired, subject.weighted, subject.still(arm))
    enough = estimable(metric, paired.total[0])
    vague = np.logical_or(*imprecise_rate(np.stack([change.rate_with, change.rate_arm]), np.stack([change.n, change.n])))
    if paired.linearised is not None:
        vague |= paired.linearised.degrees < FEWEST_DEGREES
    for by in groups.contrasted:
        reference = references(groups, by, subject.options.reference, n, change.rate_with, subject.scale.cuts)
        if reference is None:
            continue
        found = contrast(paired, change, np.array(groups.grouping(by)), reference, subject.weighted, draw)
        wide = imprecise_difference(np.full(found.lower.shape, np.inf), found.lower, found.upper)
        with_race, other, introduced = _optional(found.with_race), _optional(found.other), _optional(found.introduced)
        lower, upper = _optional(found.lower), _optional(found.upper)
        family = subject.family(arm, by, reference)
        joint_lower, joint_upper = (_optional(x) for x in joint(found, paired, subject.still(arm), family, subject.weighted))
        for d, decision in enumerate(subject.decisions):
            r = int(reference[d])
            for i, g in enumerate(found.groups.tolist()):
                if g == r:
                    continue
                given = bool(enough[g, d] and enough[r, d])
                yield Disparity(
                    calculator=subject.calculator,
                    decision=decision,
                    by=by,
                    reference=groups.label[r],
                    group=groups.label[g],
                    metric=metric,
                    with_=with_race[i][d] if given else None,
                    arm=arm,
                    other=other[i][d] if given else None,
                    introduced=introduced[i][d] if given else None,
                    lower=lower[i][d] if given else None,
                    upper=upper[i][d] if given else None,
                    joint_lower=joint_lower[i][d] if given else None,
                    joint_upper=joint_upper[i][d] if given else None,
                    family_size=int(family[d]) if given and joint_lower[i][d] is not None else None,
                    method=by_rule(method_name(str(found.method[i, d]), subject.variances), subject.options.reference) if given else "",
                    status=_status(given, bool(vague[g, d] or vague[r, d] or wide[i, d])),
                )


def _shifts(calculator: str, output: str, arm: str, by: Sequence[str], sums: Moments) -> Iterator[Shift]:
    groups, place = Groups.of_cells(sums.cells, by)
    columns = [sums.cells.n, sums.cells.w, *(sums.sums[name] for name in ("with", "arm", "change"))]
    finest = np.stack([np.bincount(place, weights=column, minlength=len(groups.finest)) for column in columns])
    n, w, with_race, other, change = finest @ groups.member.T
    for g in range(len(groups)):
        some = n[g] > 0
        yield Shift(
            calculator=calculator,
            output=output,
            arm=arm,
            by=groups.by[g],
            group=groups.label[g],
            n=int(n[g]),
            mean_with=float(with_race[g] / w[g]) if some else None,
            mean_arm=float(other[g] / w[g]) if some else None,
            mean_change=float(change[g] / w[g]) if some else None,
            status=_status(bool(some), False),
        )


def _imprecise_change(paired: Paired, change: ChangeIntervals) -> NDArray[np.bool_]:
    """One-way changes are proportions and meet the whole standard; two-way ones its width and effective n; structural zeros are exact."""
    single = (change.method == METHODS.index("Wilson")) | (change.method == METHODS.index("Clopper-Pearson"))
    size = np.abs(change.change)
    low, high = np.minimum(np.abs(change.lower), np.abs(change.upper)), np.maximum(np.abs(change.lower), np.abs(change.upper))
    proportion = imprecise_interval(size, change.n, low, high)
    difference = imprecise_difference(change.n, change.lower, change.upper)
    found = np.where(single, proportion, difference)
    if paired.linearised is not None:
        found |= paired.linearised.degrees < FEWEST_DEGREES
    return np.asarray(np.where(change.method == METHODS.index(STRUCTURAL_ZERO), False, found))


def _membership(scale: Scale, bands: BandCut, levels: int) -> Tensor:
    """1.0 where a category lies in a band: (categories, bands); the categories of a word output are its bands."""
    words = len(scale.edges) + 1 != levels
    band = np.arange(levels) if words else scale.band_of(bands.id)
    return np.asarray(band[:, None] == np.arange(len(bands.labels))[None, :], dtype=np.float64)


def _optional(values: Tensor) -> list[list[float | None]]:
    """Nested lists with None for NaN."""
    return [[None if x != x else x for x in row] for row in values.tolist()]


def _nothing(values: Tensor) -> list[list[None]]:
    """Nested lists of None in the shape of an array with two axes."""
    return [[None] * values.shape[1]] * values.shape[0]


def _status(given: bool, imprecise: bool) -> Status:
    if not given:
        return "not_estimable"
    return "imprecise" if imprecise else "ok"
