"""Tally: chunks of patients -> cells and moments; the only door between patients and counts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from auditor.counts.cells import MISSING, Cells
from auditor.counts.dependence import HIGHEST, LOWEST
from auditor.counts.measured import KEYS as MEASURED
from auditor.counts.measured import SPACE, MeasuredTable, joint_code
from auditor.counts.moments import Moments
from auditor.counts.scales import ArmTable, Scale
from auditor.counts.score_bins import BIN_ARM, BIN_WITH, BINS, LEVELS, ScoreTable, bins
from auditor.counts.scored import low_scores_are_yes, probability_scale
from auditor.patients.arms import Arm, Armed
from auditor.patients.batch import Batch
from auditor.patients.cohort import Patients
from auditor.patients.decisions import scales_of, values_of
from auditor.patients.grid import Grid
from auditor.patients.kernel import Kernel, KernelRun
from auditor.patients.race import SeveralRaces
from calculators.declare import Calculator, RaceTerm
from calculators.evaluate import Scores

FATES = ("scored", "missing_input", "out_of_range", "no_row")
STANDINGS = ("listed", "unlisted", "unknown")
OUTCOMES = ("0", "1")
COVERAGE = {"fate": FATES, "standing": STANDINGS, "beyond": ("no", "yes"), "applied": ("no", "yes")}
WITH_RACE = "with_race"
MOST_UNMERGED = 1 << 16
DENSE = 1 << 21


AnyTable = TypeVar("AnyTable", ScoreTable, MeasuredTable)


@dataclass(frozen=True, eq=False)
class Plan:
    """What is counted for one calculator: its arms, its scales, and the attributes with their levels."""

    armed: Armed
    scales: tuple[Scale, ...]
    by: Mapping[str, tuple[str, ...]]
    several_races: SeveralRaces

    @classmethod
    def of(cls, armed: Armed, by: Mapping[str, tuple[str, ...]], several_races: SeveralRaces) -> Plan:
        """The plan for a calculator whose arms a cohort can serve."""
        return cls(armed, scales_of(armed.calculator), by, several_races)


@dataclass(frozen=True, eq=False)
class Counted:
    """Everything counted for one calculator: tables of decisions per arm, moments per (output, arm), and coverage; they add.

    `extremes` holds each patient's lowest and highest category over all rows of the race term; `scored`, where an outcome is known,
    the scores themselves in bins; `measured`, where an output was measured, the differences from it.
    """

    tables: tuple[ArmTable, ...]
    moments: Mapping[tuple[str, str], Moments]
    coverage: Cells
    extremes: tuple[ArmTable, ...] = ()
    scored: tuple[ScoreTable, ...] = ()
    measured: tuple[MeasuredTable, ...] = ()

    def __add__(self, other: Counted) -> Counted:
        return Counted(
            tuple(a + b for a, b in zip(self.tables, other.tables, strict=True)),
            {key: self.moments[key] + other.moments[key] for key in self.moments},
            self.coverage + other.coverage,
            tuple(a + b for a, b in zip(self.extremes, other.extremes, strict=True)),
            _added(self.scored, other.scored),
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


class Tally:
    """Counts of any number of chunks under every plan, and of everyone; sums lie on a grid, so that order does not matter."""

    def __init__(self, plans: Sequence[Plan], by: Mapping[str, tuple[str, ...]], several_races: SeveralRaces, grid: Grid) -> None:
        self.by = by
        self.several_races = several_races
        self.grid = grid
        self.kernel = Kernel([(p.armed, p.scales) for p in plans])
        self.counting = [_Counting(plan, number, grid) for number, plan in enumerate(plans)]
        self.counts = Counts()

    def add(self, patients: Patients) -> None:
        """Score a chunk in every arm of every calculator and count it."""
        if not patients.n:
            return
        batch = Batch(patients, self.by, self.several_races, self.grid)
        self.counts.add(batch, np.zeros(patients.n, dtype=np.int32), 1)
        run = self.kernel.on(batch.patients)
        for counting in self.counting:
            counting.add(batch, run)

    def total(self) -> list[Counted]:
        """What was counted, one entry per plan."""
        return [counting.total() for counting in self.counting]

    def everyone(self) -> Cells:
        """Every patient by group and outcome."""
        return self.counts.cells({**self.by, "outcome": OUTCOMES})


class _Counting:
    """The counts of one calculator while chunks come in."""

    def __init__(self, plan: Plan, number: int, grid: Grid) -> None:
        self.plan = plan
        self.number = number
        self.arms = {arm.id: arm for arm in plan.armed.arms}
        calculator = plan.armed.calculator
        words = {o.name for o in calculator.outputs if o.kind == "category"}
        self.tables: list[tuple[Scale, tuple[str, ...], Counts]] = []
        self.sums: dict[tuple[str, str], Sums] = {}
        self.coverage = Counts()
        self.extremes = [(scale, Counts()) for scale in plan.scales if _differs(calculator, scale)]
        numbers = {o.name: o.unit for o in calculator.outputs if o.kind == "number"}
        self.scored: list[tuple[Scale, str, str, Counts]] = []
        self.measured: list[tuple[Scale, str, Counts]] = []
        for scale in plan.scales:
            available = self._available(scale)
            if scale.output in numbers:
                compared = [a.id for a in plan.armed.arms if a.id in available and a.kind not in ("with_race", "as_if")]
                self.scored += [(scale, id, numbers[scale.output], Counts()) for id in compared or [WITH_RACE]]
                self.measured += [(scale, id, Counts()) for id in compared or [WITH_RACE]]
            self.tables += [(scale, arms, Counts()) for arms in _together(plan.armed.arms, available)]
            if scale.output not in words:
                self.sums |= {(scale.output, id): Sums(grid.unit(scale)) for id in self.arms if id in available and id != WITH_RACE}

    def _available(self, scale: Scale) -> set[str]:
        """The arms that give this scale's output (or it is an input, the same in all)."""
        calculator, successor = self.plan.armed.calculator, self.plan.armed.successor
        if scale.output in (*calculator.inputs, *calculator.optional_inputs):
            return set(self.arms)
        numbers = {o.name for o in calculator.outputs if o.kind == "number"}
        theirs = {o.name for o in successor.outputs} if successor else set()

        def gives(arm: Arm) -> bool:
            if arm.kind == "successor":
                return scale.output in theirs
            mixed = arm.kind == "removed" and not _removal_row(calculator, arm)
            return not mixed or scale.output in numbers

        return {id for id, arm in self.arms.items() if gives(arm)}

    def add(self, batch: Batch, run: KernelRun) -> None:
        calculator = self.plan.armed.calculator
        scores = run.scores(self.number)
        tables = iter(self.tables)
        for scale in self.plan.scales:
            values, codes = self._arms(scale, scores, batch, run)
            for _ in _together(self.plan.armed.arms, set(codes)):
                _, arms, counts = next(tables)
                self._count(batch, scale, [codes[a] for a in arms], counts)
            self._sum(batch, scale, values, codes)
            self._score(batch, scale, values, codes)
            self._measure(batch, scale, values, codes)
            for extreme, counts in self.extremes:
                if extreme is scale and calculator.race is not None and f"as_if:{calculator.race.labels[0]}" in codes:
                    rows = np.stack([codes[f"as_if:{label}"] for label in calculator.race.labels])
                    lowest = rows.min(axis=0)
                    self._count(batch, scale, [lowest, np.where(lowest < 0, MISSING, rows.max(axis=0))], counts)
        self.coverage.add(batch, _coverage(self.plan.armed.calculator, batch, run), _space(COVERAGE))

    def _count(self, batch: Batch, scale: Scale, codes: list[NDArray[np.int8]], counts: Counts) -> None:
        size = len(scale.edges) + 2
        joint = codes[0].astype(np.int32)
        joint += 1
        for code in codes[1:]:
            joint *= size
            joint += code
            joint += 1
        counts.add(batch, joint, size ** len(codes))

    def _score(self, batch: Batch, scale: Scale, values: Mapping[str, NDArray[np.float64]], codes: Mapping[str, NDArray[np.int8]]) -> None:
        """Count the scores with race and in each compared arm, in bins, where any outcome is known."""
        known = batch.patients.outcome != MISSING
        if not known.any():
            return
        with_race = bins(values[WITH_RACE])
        for of, id, _, counts in self.scored:
            if of is scale and id in codes:
                other = bins(values[id])
                joint = (with_race + 1) * (BINS + 1) + other + 1
                counts.add(batch, joint, (BINS + 1) ** 2, known & (with_race >= 0) & (other >= 0))

    def _measure(
        self, batch: Batch, scale: Scale, values: Mapping[str, NDArray[np.float64]], codes: Mapping[str, NDArray[np.int8]]
    ) -> None:
        """Count how far the scores with race and in each compared arm lie from the measured value, where any is known."""
        truth = batch.patients.measured.get(scale.output)
        if truth is None or np.isnan(truth).all():
            return
        with_race = np.where(codes[WITH_RACE] < 0, np.nan, values[WITH_RACE])
        for of, id, counts in self.measured:
            if of is scale and id in codes:
                joint = joint_code(with_race, np.where(codes[id] < 0, np.nan, values[id]), truth)
                counts.add(batch, joint, SPACE, joint > 0)

    def _sum(self, batch: Batch, scale: Scale, values: Mapping[str, NDArray[np.float64]], codes: Mapping[str, NDArray[np.int8]]) -> None:
        """Add the scores of the patients whom with race and each other arm score; arms that miss the same patients share sums."""
        arms = [id for id in codes if (scale.output, id) in self.sums]
        scored = codes[WITH_RACE] >= 0
        everyone = self.sums[scale.output, arms[0]].of(batch, scored, values[WITH_RACE]) if arms else None
        for id in arms:
            sums = self.sums[scale.output, id]
            known = scored & (codes[id] >= 0)
            same = everyone is not None and np.array_equal(known, scored)
            with_race = everyone if same and everyone is not None else sums.of(batch, known, values[WITH_RACE])
            sums.parts.append((batch.bases, with_race, sums.of(batch, known, values[id])))

    def _arms(
        self, scale: Scale, scores: Mapping[tuple[str, str | None], Scores], batch: Batch, run: KernelRun
    ) -> tuple[dict[str, NDArray[np.float64]], dict[str, NDArray[np.int8]]]:
        """The values and categories of one output in every arm that gives it."""
        calculator, successor = self.plan.armed.calculator, self.plan.armed.successor
        values: dict[str, NDArray[np.float64]] = {}
        codes: dict[str, NDArray[np.int8]] = {}
        done: dict[tuple[str, str | None, str], tuple[NDArray[np.float64], NDArray[np.int8]]] = {}

        def of_row(of: str, row: str | None, output: str) -> tuple[NDArray[np.float64], NDArray[np.int8]]:
            if (of, row, output) not in done:
                found = values_of(calculator, output, scores[of, row], run.columns)
                done[of, row, output] = found, scale.codes(found)
            return done[of, row, output]

        def own(race: RaceTerm | None, of: str, output: str) -> tuple[NDArray[np.float64], NDArray[np.int8]]:
            if race is None:
                return of_row(of, None, output)
            parts = [of_row(of, row, output) for row in race.labels]
            return batch.choose(race, [v for v, _ in parts], np.nan), batch.choose(race, [c for _, c in parts], -1)

        race = calculator.race
        available = self._available(scale)
        for id, arm in self.arms.items():
            if id not in available:
                continue
            if arm.kind == "successor":
                assert successor is not None
                values[id], codes[id] = own(successor.race, "successor", scale.output)
            elif arm.kind == "ablation":
                swaps = next(a for a in calculator.ablations if a.name == arm.detail).outputs
                values[id], codes[id] = own(race, "own", swaps.get(scale.output, scale.output))
            elif arm.kind == "with_race" or race is None:
                values[id], codes[id] = own(race, "own", scale.output)
            elif arm.kind == "removed" and not _removal_row(calculator, arm):
                removal = next(r for r in race.other_removals if r.name == arm.detail)
                mixed = np.asarray(sum(w * of_row("own", row, scale.output)[0] for row, w in removal.weights.items()))
                values[id], codes[id] = mixed, scale.codes(mixed)
            else:
                row = _removal_row(calculator, arm) if arm.kind == "removed" else arm.detail
                values[id], codes[id] = of_row("own", row, scale.output)
        return values, codes

    def total(self) -> Counted:
        by = self.plan.by
        tables = tuple(
            ArmTable(
                self.plan.armed.calculator.id,
                scale,
                tuple(by),
                arms,
                counts.cells({**by, "outcome": OUTCOMES, **dict.fromkeys(arms, scale.levels)}),
            )
            for scale, arms, counts in self.tables
        )
        moments = {}
        for (output, arm), sums in self.sums.items():
            cells = next(t.cells for t in tables if t.scale.output == output and arm in t.arms).known(WITH_RACE, arm)
            moments[output, arm] = sums.moments(cells.by(*by), len(OUTCOMES) + 1)
        coverage = self.coverage.cells({**by, "outcome": OUTCOMES, **COVERAGE}).by(*by, *COVERAGE)
        extremes = tuple(self._extreme(scale, counts) for scale, counts in self.extremes)
        scored = tuple(self._scores(*parts) for parts in self.scored if parts[-1].flat)
        measured = tuple(self._measured(*parts) for parts in self.measured if parts[-1].flat)
        return Counted(tables, moments, coverage, extremes, scored, measured)

    def _scores(self, scale: Scale, arm: str, unit: str, counts: Counts) -> ScoreTable:
        by = self.plan.by
        cells = counts.cells({**by, "outcome": OUTCOMES, BIN_WITH: LEVELS, BIN_ARM: LEVELS}).known("outcome", BIN_WITH, BIN_ARM)
        lower, risk = low_scores_are_yes(scale), probability_scale(scale, unit)
        return ScoreTable(self.plan.armed.calculator.id, scale.output, arm, tuple(by), cells, lower, risk)

    def _measured(self, scale: Scale, arm: str, counts: Counts) -> MeasuredTable:
        by = self.plan.by
        cells = counts.cells({**by, "outcome": OUTCOMES, **MEASURED}).known(*MEASURED).by(*by, *MEASURED)
        return MeasuredTable(self.plan.armed.calculator.id, scale.output, arm, tuple(by), cells)

    def _extreme(self, scale: Scale, counts: Counts) -> ArmTable:
        arms = (LOWEST, HIGHEST)
        cells = counts.cells({**self.plan.by, "outcome": OUTCOMES, **dict.fromkeys(arms, scale.levels)})
        return ArmTable(self.plan.armed.calculator.id, scale, tuple(self.plan.by), arms, cells.by(*self.plan.by, *arms))


class Counts:
    """Patients by their group and outcome and one joint code, while batches come in."""

    def __init__(self) -> None:
        self.flat: list[NDArray[np.int64]] = []
        self.sums: list[NDArray[np.float64]] = []
        self.unmerged = 0

    def add(self, batch: Batch, joint: NDArray[np.int32] | NDArray[np.int64], space: int, only: NDArray[np.bool_] | None = None) -> None:
        """Count a batch, or some of its patients; `joint` is below `space`."""
        flat = batch.rank * space
        flat += joint
        weights = [w for w in (batch.weights, batch.squares) if w is not None]
        if only is not None and not only.all():
            flat, weights = flat[only], [w[only] for w in weights]
        width = len(batch.bases) * space
        if width <= DENSE:
            counted = np.bincount(flat, minlength=width)
            present = np.flatnonzero(counted)
            sums: Any = [counted[present], *(np.bincount(flat, weights=w, minlength=width)[present] for w in weights)]
        elif not weights:
            present, counted = np.unique(flat, return_counts=True)
            sums = [counted]
        else:
            present, sums = _by_code(flat, np.stack([np.ones(len(flat)), *weights]))
        rank, code = np.divmod(present, space)
        self.flat.append(batch.bases[rank] * space + code)
        self.sums.append(np.stack(sums).astype(np.float64, copy=False))
        self.unmerged += len(present)
        if self.unmerged > MOST_UNMERGED + len(self.flat[0]):
            self._merge()

    def _merge(self) -> None:
        flat, sums = _by_code(np.concatenate(self.flat), np.concatenate(self.sums, axis=1))
        self.flat, self.sums, self.unmerged = [flat], [sums], 0

    def cells(self, keys: Mapping[str, tuple[str, ...]]) -> Cells:
        """The cells of everything counted."""
        if not self.flat:
            return Cells.empty(keys)
        self._merge()
        n, *weights = self.sums[0]
        w, w2 = weights or (None, None)
        return Cells.from_flat(keys, self.flat[0], n.astype(np.int64), w, w2)


def _by_code(flat: NDArray[np.int64], parts: NDArray[np.float64]) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """The different codes in order, and the sums of each over the columns of `parts`; sorted runs are merged, not sorted again."""
    if not len(flat):
        return flat, parts
    order = np.argsort(flat, kind="stable")
    flat = flat[order]
    first = np.append(True, flat[1:] != flat[:-1])
    return flat[first], np.add.reduceat(parts[:, order], np.flatnonzero(first), axis=1)


class Sums:
    """Weight times score by group and outcome, in whole multiples of `unit`, while batches come in."""

    def __init__(self, unit: float) -> None:
        self.unit = unit
        self.parts: list[tuple[NDArray[np.int64], NDArray[np.float64], NDArray[np.float64]]] = []

    def of(self, batch: Batch, known: NDArray[np.bool_], values: NDArray[np.float64]) -> NDArray[np.float64]:
        """The sums of a batch over the patients who are known."""
        scaled = values * (1 / self.unit) if batch.weights is None else values * batch.weights * (1 / self.unit)
        np.rint(scaled, out=scaled)
        np.copyto(scaled, 0.0, where=~known)
        return np.asarray(np.add.reduceat(scaled, batch.starts))

    def moments(self, cells: Cells, outcomes: int) -> Moments:
        """The sums of the groups in `cells`, added over outcomes."""
        sizes = [len(levels) + 1 for levels in cells.keys.values()]
        target = np.zeros(len(cells), dtype=np.int64)
        for j, size in enumerate(sizes):
            target = target * size + cells.codes[:, j] + 1
        sums = {"with": np.zeros(len(cells)), "arm": np.zeros(len(cells))}
        for bases, with_race, other in self.parts:
            group = bases // outcomes
            place = np.minimum(np.searchsorted(target, group), max(len(target) - 1, 0))
            found = target[place] == group if len(target) else np.zeros(len(group), bool)
            for name, part in (("with", with_race), ("arm", other)):
                if len(target):
                    sums[name] += np.bincount(place[found], weights=part[found], minlength=len(target))
        sums["change"] = sums["arm"] - sums["with"]
        return Moments(cells, {name: total * self.unit for name, total in sums.items()})


def _together(arms: tuple[Arm, ...], available: set[str]) -> list[tuple[str, ...]]:
    """With race, without race and the successor in one table (their joint is needed); every other arm with race alone."""
    main = tuple(a.id for a in arms if a.kind in ("with_race", "without_race", "successor") and a.id in available)
    return [main, *((WITH_RACE, a.id) for a in arms if a.id not in main and a.id in available)]


def _removal_row(calculator: Calculator, arm: Arm) -> str:
    assert calculator.race is not None
    return next(r for r in calculator.race.other_removals if r.name == arm.detail).row


def _differs(calculator: Calculator, scale: Scale) -> bool:
    """Whether a decision on this scale can depend on the row that is read: the scale is cut, and no input cut alike for all."""
    inputs = (*calculator.inputs, *calculator.optional_inputs)
    return calculator.race is not None and bool(scale.cuts) and scale.output not in inputs


def _space(keys: Mapping[str, tuple[str, ...]]) -> int:
    return int(np.prod([len(levels) + 1 for levels in keys.values()]))


def _coverage(calculator: Calculator, batch: Batch, run: KernelRun) -> NDArray[np.int32]:
    """The joint code of what became of each patient: fate, standing with the race term, beyond the derivation, term applied."""
    missing = outside = beyond = np.zeros(batch.patients.n, dtype=bool)
    for name in calculator.inputs:
        column = run.columns[name]
        missing = missing | batch.missing(name, column)
        outside = outside | batch.beyond(name, column, calculator.valid.get(name))
        beyond = beyond | batch.beyond(name, column, calculator.derived_on.get(name))
    fate = np.where(missing, 1, np.where(outside, 2, 0)).astype(np.int8)
    joint = np.full(batch.patients.n, 1, dtype=np.int32)
    if calculator.race is not None:
        selection = batch.selection(calculator.race)
        fate[(fate == 0) & (selection.rows < 0)] = 3
        neutral = np.array([calculator.race.neutral(label) for label in calculator.race.labels] + [True])
        standing = np.where(selection.unknown, 2, selection.unlisted).astype(np.int8)
        joint += ~neutral[selection.rows]
        joint += 9 * standing.astype(np.int32)
    joint += 36 * (fate.astype(np.int32) + 1) + 9
    joint += 3 * beyond.astype(np.int32) + 3
    return joint
