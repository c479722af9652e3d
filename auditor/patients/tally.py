"""Tally: chunks of patients -> cells and moments; the only door between patients and counts."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple, TypeVar

import numpy as np
from numpy.typing import NDArray

from auditor.counts.cells import Cells
from auditor.counts.measured import MeasuredTable
from auditor.counts.moments import Moments
from auditor.counts.scales import ArmTable, Scale
from auditor.counts.score_bins import ScoreTable
from auditor.patients.accumulate import Counts, SparseCounts, count_together
from auditor.patients.arms import Armed
from auditor.patients.batch import Batch, Places
from auditor.patients.cohort import Patients
from auditor.patients.counting import OUTCOMES, Held, ScaleCounts
from auditor.patients.decisions import scales_of
from auditor.patients.fates import COVERAGE, SPACE, Fates, likeness
from auditor.patients.grid import Grid
from auditor.patients.kernel import Kernel
from auditor.patients.race import SeveralRaces

AnyTable = TypeVar("AnyTable", ScoreTable, MeasuredTable)


@dataclass(frozen=True, eq=False)
class Plan:
    """What is counted for one calculator: its arms, its scales, the attributes with their levels, and whether scores are, in bins."""

    armed: Armed
    scales: tuple[Scale, ...]
    by: Mapping[str, tuple[str, ...]]
    several_races: SeveralRaces
    scores: bool = True

    @classmethod
    def of(cls, armed: Armed, by: Mapping[str, tuple[str, ...]], several_races: SeveralRaces, scores: bool = True) -> Plan:
        """The plan for a calculator whose arms a cohort can serve."""
        return cls(armed, scales_of(armed.calculator), by, several_races, scores)


@dataclass(frozen=True, eq=False)
class Counted:
    """Everything counted for one calculator: tables of decisions per arm, moments per (output, arm), and coverage; they add.

    `extremes` holds each patient's lowest and highest category over all rows of the race term; `scored`, where an outcome is known,
    the scores themselves in bins, made by `of_scores` when they are asked for, since there are many; `measured`, where an output was
    measured, the differences from it.
    """

    tables: tuple[ArmTable, ...]
    moments: Mapping[tuple[str, str], Moments]
    coverage: Cells
    extremes: tuple[ArmTable, ...] = ()
    of_scores: Callable[[], tuple[ScoreTable, ...]] = tuple
    measured: tuple[MeasuredTable, ...] = ()

    @cached_property
    def scored(self) -> tuple[ScoreTable, ...]:
        """The scores in bins."""
        return self.of_scores()

    def __add__(self, other: Counted) -> Counted:
        return Counted(
            tuple(a + b for a, b in zip(self.tables, other.tables, strict=True)),
            {key: self.moments[key] + other.moments[key] for key in self.moments},
            self.coverage + other.coverage,
            tuple(a + b for a, b in zip(self.extremes, other.extremes, strict=True)),
            lambda: _added(self.of_scores(), other.of_scores()),
            _added(self.measured, other.measured),
        )


def _added(one: tuple[AnyTable, ...], two: tuple[AnyTable, ...]) -> tuple[AnyTable, ...]:
    """The sum of both parts' scores; a part in which no outcome (or no measured value) is known has none."""
    theirs = {(t.output, t.arm): t for t in two}
    return tuple(t + theirs[t.output, t.arm] for t in one) if one and two else one or two


def count(patients: Patients, plan: Plan) -> Counted:
    """Score one chunk in every arm of one calculator and count it."""
    largest = None if patients.weights is None else float(patients.weights.max(initial=0.0))
    tally = Tally([plan], plan.by, plan.several_races, Grid.of(patients.n, largest))
    tally.add(patients)
    return tally.total()[0]


class Part(NamedTuple):
    """What a tally of some of the patients has counted, in a form that another process can add to its own."""

    places: NDArray[np.int64]
    everyone: SparseCounts
    fates: list[SparseCounts]
    scales: list[list[Held]]


class Tally:
    """Counts of any number of chunks under every plan, and of everyone; sums lie on a grid, so that order does not matter."""

    def __init__(
        self,
        plans: Sequence[Plan],
        by: Mapping[str, tuple[str, ...]],
        several_races: SeveralRaces,
        grid: Grid,
        kernel: Kernel | None = None,
    ) -> None:
        self.plans = plans
        self.several_races = several_races
        self.grid = grid
        self.places = Places(by)
        self.kernel = kernel or kernel_of(plans, grid)
        self.scales = [[ScaleCounts(plan.armed, scale, grid, plan.scores) for scale in plan.scales] for plan in plans]
        self.fates = {likeness(plan.armed.calculator): (plan.armed.calculator, Counts(SPACE)) for plan in plans}
        self.counts = Counts(1)
        count_together(table for scales in self.scales for scale in scales for table in scale.filled())

    def add(self, patients: Patients) -> None:
        """Score a chunk in every arm of every calculator and count it."""
        if patients.n:
            for rows in self.kernel.batches(patients):
                self._add(Batch(patients, self.places, self.several_races, self.grid, rows))

    def _add(self, batch: Batch) -> None:
        self.counts.add_runs(batch, np.zeros((len(batch.starts), 1), dtype=np.int64), [total[:, None] for total in batch.run_totals])
        run = self.kernel.on(batch)
        found = Fates(batch, run.columns)
        for calculator, counts in self.fates.values():
            counts.add_runs(batch, found.codes(calculator.race), found.by_run(calculator))
        for number, scales in enumerate(self.scales):
            scores = run.scores(number)
            for scale in scales:
                scale.add(batch, scores, run.columns)

    def part(self) -> Part:
        """What was counted so far."""
        fates = [counts.settled() for _, counts in self.fates.values()]
        return Part(self.places.codes, self.counts.settled(), fates, [[scale.held() for scale in scales] for scales in self.scales])

    def merge(self, part: Part) -> None:
        """Add what a tally with the same plans and grid counted of other patients."""
        at = self.places.of(part.places)
        self.counts.sparse.merge(part.everyone, at, 1)
        for (_, counts), more in zip(self.fates.values(), part.fates, strict=True):
            counts.sparse.merge(more, at, SPACE)
        for scales, held in zip(self.scales, part.scales, strict=True):
            for scale, one in zip(scales, held, strict=True):
                scale.merge(one, at)

    def total(self) -> list[Counted]:
        """What was counted, one entry per plan."""
        by = self.places.by
        fates = {like: self._cells(counts, COVERAGE).by(*by, *COVERAGE) for like, (_, counts) in self.fates.items()}
        return [self._counted(scales, fates[likeness(plan.armed.calculator)]) for plan, scales in zip(self.plans, self.scales, strict=True)]

    def _counted(self, scales: Sequence[ScaleCounts], coverage: Cells) -> Counted:
        by, places = self.places.by, self.places
        for scale in scales:
            scale.settle()
        tables = [scale.arm_tables(by, places) for scale in scales]
        moments = [scale.moments(own, by, places) for scale, own in zip(scales, tables, strict=True)]
        return Counted(
            tuple(table for own in tables for table in own),
            {key: value for own in moments for key, value in own.items()},
            coverage,
            tuple(scale.extreme_table(by, places) for scale in scales if scale.rows),
            lambda: tuple(table for scale in scales for table in scale.score_tables(by, places)),
            tuple(table for scale in scales for table in scale.measured_tables(by, places)),
        )

    def everyone(self) -> Cells:
        """Every patient by group and outcome."""
        return self._cells(self.counts, {})

    def _cells(self, counts: Counts, keys: Mapping[str, tuple[str, ...]]) -> Cells:
        return counts.cells({**self.places.by, "outcome": OUTCOMES, **keys}, self.places)


def kernel_of(plans: Sequence[Plan], grid: Grid) -> Kernel:
    """The formulas of these plans, for as many patients as the grid is made for; tallies of parts can share it."""
    return Kernel([(plan.armed, plan.scales) for plan in plans], expected=1 << grid.rows)
