"""Counting: the tables of one calculator while batches come in, and what they are made of."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from typing import Any, Literal, NamedTuple

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
from auditor.patients.accumulate import Counts, SparseCounts, Sums, cells_of, parted, summed
from auditor.patients.arms import Arm, Armed, rows_of_everyone
from auditor.patients.batch import Batch, Places
from auditor.patients.decisions import values_of
from auditor.patients.grid import Grid
from calculators.declare import Calculator, RaceTerm
from calculators.evaluate import Column, Scores

OUTCOMES = ("0", "1")
WITH_RACE = "with_race"
MOST_JOINT = 1 << 10
ALL: tuple[slice, ...] = (slice(None),)

Values = NDArray[np.float64]
Codes = NDArray[np.int8]


class Recipe(NamedTuple):
    """Where an arm's values come from: one row's scores, each patient's own row, or a mean of rows. Arms with one recipe have the same values."""

    kind: Literal["row", "own", "mixed"]
    of: Literal["own", "successor"]
    detail: str | None
    output: str


class Made:
    """The values and categories of recipes on one batch, each made once."""

    def __init__(
        self, armed: Armed, scale: Scale, scores: Mapping[tuple[str, str | None], Scores], batch: Batch, columns: Mapping[str, Column]
    ) -> None:
        self.armed = armed
        self.scale = scale
        self.scores = scores
        self.batch = batch
        self.columns = columns
        self._made: dict[Recipe, tuple[Values, Codes]] = {}

    def __getitem__(self, recipe: Recipe) -> tuple[Values, Codes]:
        if recipe not in self._made:
            self._made[recipe] = self._make(recipe)
        return self._made[recipe]

    def values(self, recipe: Recipe) -> Values:
        """The scores; NaN where missing."""
        return self[recipe][0]

    def codes(self, recipe: Recipe) -> Codes:
        """The categories; -1 where missing."""
        return self[recipe][1]

    def race(self, recipe: Recipe) -> RaceTerm:
        """The race term that a recipe reads."""
        calculator = self.armed.calculator if recipe.of == "own" else self.armed.successor
        assert calculator is not None
        assert calculator.race is not None
        return calculator.race

    def _make(self, recipe: Recipe) -> tuple[Values, Codes]:
        calculator = self.armed.calculator
        if recipe.kind == "row":
            values = values_of(calculator, recipe.output, self.scores[recipe.of, recipe.detail], self.columns)
            return values, self.scale.codes(values)
        race = self.race(recipe)
        if recipe.kind == "mixed":
            removal = next(r for r in race.other_removals if r.name == recipe.detail)
            parts = [w * self.values(Recipe("row", "own", row, recipe.output)) for row, w in removal.weights.items()]
            mixed = np.asarray(sum(parts))
            return mixed, self.scale.codes(mixed)
        everyone = rows_of_everyone(self.armed, recipe.of)
        if everyone.issuperset(race.labels):
            rows = [self[Recipe("row", recipe.of, row, recipe.output)] for row in race.labels]
            return self.batch.choose(race, [v for v, _ in rows], np.nan), self.batch.choose(race, [c for _, c in rows], MISSING)
        base = Recipe("row", recipe.of, race.removed, recipe.output)
        values, codes = self.values(base).copy(), self.codes(base).copy()
        for nobody in self.batch.undefined(race):
            values[nobody], codes[nobody] = np.nan, MISSING
        is_output = recipe.output in {o.name for o in calculator.outputs}
        for row in race.labels if is_output else ():
            readers = self.batch.reading(race, row)
            if row not in everyone:
                own = values_of(calculator, recipe.output, self.scores[recipe.of, row], self.columns)
                values[readers], codes[readers] = own, self.scale.codes(own)
            elif row != race.removed:
                other = Recipe("row", recipe.of, row, recipe.output)
                values[readers], codes[readers] = self.values(other)[readers], self.codes(other)[readers]
        return values, codes


class Held(NamedTuple):
    """What one scale of one calculator has counted so far, without the calculator, so that another process can add it."""

    joints: list[SparseCounts]
    extremes: SparseCounts
    sums: dict[str, Sums]
    scored: dict[str, ScoreCounts]
    measured: dict[str, SparseCounts]
    outcome_known: bool
    truth_known: bool


class ScaleCounts:
    """What is counted on one scale of one calculator; without `scores`, nothing in bins of scores."""

    def __init__(self, armed: Armed, scale: Scale, grid: Grid, scores: bool = True) -> None:
        calculator = armed.calculator
        self.armed = armed
        self.scale = scale
        self.recipes = dict(_recipes(armed, scale))
        self.tables = _together(armed.arms, set(self.recipes))
        self.joints = [(recipes, Counts((len(scale.edges) + 2) ** len(recipes))) for recipes in self._joint_recipes()]
        words = {o.name for o in calculator.outputs if o.kind == "category"}
        self.sums = {id: Sums(grid.unit(scale)) for id in self.recipes if id != WITH_RACE and scale.output not in words}
        self.differs = _differs(calculator, scale)
        as_if = [f"as_if:{label}" for label in calculator.race.labels] if calculator.race is not None and self.differs else []
        self.rows = [self.recipes[arm] for arm in as_if if arm in self.recipes]
        self.extremes = Counts((len(scale.edges) + 2) ** 2)
        self.unit = next((o.unit for o in calculator.outputs if o.name == scale.output and o.kind == "number"), None)
        compared = [a.id for a in armed.arms if a.id in self.recipes and a.kind not in (WITH_RACE, "as_if")] or [WITH_RACE]
        self.scored = {id: ScoreCounts() for id in compared} if scores and self.unit is not None else {}
        self.measured = {id: SparseCounts() for id in compared} if self.unit is not None else {}
        self.outcome_known = self.truth_known = False

    def _joint_recipes(self) -> Iterator[tuple[Recipe, ...]]:
        """The recipes that are counted in one table: arms that belong together, and others with race beside as many as fit."""
        size = len(self.scale.edges) + 2
        done: set[Recipe] = set()
        joint: tuple[Recipe, ...] = ()
        for arms in self.tables:
            recipes = tuple(dict.fromkeys(self.recipes[arm] for arm in arms))
            new = tuple(r for r in recipes if r not in joint)
            if len(recipes) == 2 and recipes[1] in done:
                continue
            if joint and size ** len(joint + new) > MOST_JOINT:
                yield joint
                joint, new = (), recipes
            joint += new
            done.update(joint)
        yield joint

    def filled(self) -> list[Counts]:
        """The tables to which every batch is added."""
        return [*(counts for _, counts in self.joints), *([self.extremes] if self.rows else [])]

    def add(self, batch: Batch, scores: Mapping[tuple[str, str | None], Scores], columns: Mapping[str, Column]) -> None:
        """Count a batch."""
        made = Made(self.armed, self.scale, scores, batch, columns)
        for recipes, counts in self.joints:
            self._count(batch, [made.codes(r) for r in recipes], counts)
        if self.rows:
            lowest, highest = made.codes(self.rows[0]), made.codes(self.rows[0])
            for recipe in self.rows[1:]:
                lowest, highest = np.minimum(lowest, made.codes(recipe)), np.maximum(highest, made.codes(recipe))
            missing = lowest >> 7
            self._count(batch, [lowest, highest | missing], self.extremes)
        if self.sums:
            self._sum(batch, made)
        if self.scored and batch.known.any():
            self.outcome_known = True
            self._score(batch, made)
        if self.measured:
            self._measure(batch, made)

    def _count(self, batch: Batch, codes: Sequence[Codes], counts: Counts) -> None:
        size = len(self.scale.edges) + 2
        joint: NDArray[Any] = codes[0].astype(np.int16 if counts.space < 1 << 15 else np.int32)
        for code in codes[1:]:
            joint *= size
            joint += code
        joint += sum(size**i for i in range(len(codes)))
        counts.add(batch, joint)

    def _sum(self, batch: Batch, made: Made) -> None:
        """Add the scores of the patients whom with race and each other arm score; arms that miss the same patients share sums."""
        with_race = self.recipes[WITH_RACE]
        found: dict[Recipe, tuple[NDArray[np.float64], NDArray[np.float64]]] = {}
        missing: NDArray[np.bool_] | None = None
        for id, sums in self.sums.items():
            recipe = self.recipes[id]
            if recipe not in found:
                of_both = (made.codes(with_race) | made.codes(recipe)) < 0
                if missing is None or not np.array_equal(missing, of_both):
                    missing, left_out = of_both, np.flatnonzero(of_both)
                    of_with_race = sums.of(batch, left_out, made.values(with_race))
                found[recipe] = of_with_race, sums.of(batch, left_out, made.values(recipe))
            sums.add(*found[recipe])

    def _score(self, batch: Batch, made: Made) -> None:
        """Count the scores with race and in each compared arm, in bins, where the outcome is known."""
        own = self.recipes[WITH_RACE]
        scored: _Scored | None = None
        for id, counts in self.scored.items():
            other = self.recipes[id]
            both = (made.codes(own) | made.codes(other)) >= 0
            both &= batch.known
            if scored is None or not np.array_equal(both, scored.both):
                scored = _Scored(batch, both, made)
            if other == own:
                counts.alike.add(*scored.alike(own))
            elif own.kind == "own" and other.kind == "row" and other.of == "own":
                race = made.race(own)
                row = race.index(str(other.detail))
                same, different = scored.split([(start, stop) for of, start, stop in batch.stretches(race) if of == row])
                counts.alike.add(*scored.alike(own, same))
                counts.apart.add(*scored.apart(own, other, different))
            else:
                counts.apart.add(*scored.apart(own, other))

    def _measure(self, batch: Batch, made: Made) -> None:
        """Count how far the scores with race and in each compared arm lie from the measured value, where any is known."""
        truth = batch.patients.measured.get(self.scale.output)
        if truth is None or np.isnan(truth).all():
            return
        self.truth_known = True
        for id, counts in self.measured.items():
            joint = joint_code(made.values(self.recipes[WITH_RACE]), made.values(self.recipes[id]), truth)
            some = np.flatnonzero(joint)
            counts.add(batch.offsets(SPACE)[some] + joint[some], [w[some] for w in batch.weighing])

    def settle(self) -> None:
        """Sort the scores that wait for it, which then take less memory."""
        for counts in self.scored.values():
            counts.alike.total()
            counts.apart.total()

    def held(self) -> Held:
        """What was counted so far."""
        joints = [counts.settled() for _, counts in self.joints]
        return Held(joints, self.extremes.settled(), self.sums, self.scored, self.measured, self.outcome_known, self.truth_known)

    def merge(self, part: Held, at: NDArray[np.int64]) -> None:
        """Add what another part counted; `at` gives the place here of each of its places."""
        for (_, counts), more in zip(self.joints, part.joints, strict=True):
            counts.sparse.merge(more, at, counts.space)
        self.extremes.sparse.merge(part.extremes, at, self.extremes.space)
        for arm, sums in part.sums.items():
            self.sums[arm].merge(sums, at)
        for arm, scored in part.scored.items():
            self.scored[arm].alike.merge(scored.alike, at, BINS)
            self.scored[arm].apart.merge(scored.apart, at, BINS * BINS)
        for arm, measured in part.measured.items():
            self.measured[arm].merge(measured, at, SPACE)
        self.outcome_known |= part.outcome_known
        self.truth_known |= part.truth_known

    def arm_tables(self, by: Mapping[str, tuple[str, ...]], places: Places) -> tuple[ArmTable, ...]:
        """The tables of decisions."""
        joints = [
            (recipes, counts.cells({**by, "outcome": OUTCOMES, **{str(i): self.scale.levels for i in range(len(recipes))}}, places))
            for recipes, counts in self.joints
        ]
        return tuple(self._table(by, arms, joints) for arms in self.tables)

    def _table(
        self, by: Mapping[str, tuple[str, ...]], arms: tuple[str, ...], joints: Sequence[tuple[tuple[Recipe, ...], Cells]]
    ) -> ArmTable:
        wanted = [self.recipes[arm] for arm in arms]
        recipes, cells = next((r, c) for r, c in joints if set(wanted) <= set(r))
        keys = {**by, "outcome": OUTCOMES, **dict.fromkeys(arms, self.scale.levels)}
        columns = [*cells.codes.T[: len(by) + 1], *(cells.code(str(recipes.index(r))) for r in wanted)]
        flat = np.zeros(len(cells), dtype=np.int64)
        for levels, column in zip(keys.values(), columns, strict=True):
            flat = flat * (len(levels) + 1) + column + 1
        return ArmTable(self.armed.calculator.id, self.scale, tuple(by), arms, Cells.from_flat(keys, flat, cells.n, cells.w, cells.w2))

    def moments(self, tables: Sequence[ArmTable], by: Mapping[str, tuple[str, ...]], places: Places) -> dict[tuple[str, str], Moments]:
        """The sums of scores with race and in every other arm."""
        found = {}
        for arm, sums in self.sums.items():
            cells = next(t.cells for t in tables if arm in t.arms).known(WITH_RACE, arm)
            found[self.scale.output, arm] = sums.moments(cells.by(*by), places, len(OUTCOMES) + 1)
        return found

    def extreme_table(self, by: Mapping[str, tuple[str, ...]], places: Places) -> ArmTable:
        """Every patient's lowest and highest category over all rows of the race term."""
        arms = (LOWEST, HIGHEST)
        cells = self.extremes.cells({**by, "outcome": OUTCOMES, **dict.fromkeys(arms, self.scale.levels)}, places)
        return ArmTable(self.armed.calculator.id, self.scale, tuple(by), arms, cells.by(*by, *arms))

    def score_tables(self, by: Mapping[str, tuple[str, ...]], places: Places) -> Iterator[ScoreTable]:
        """The scores in bins; none where no outcome was known."""
        lower, risk = low_scores_are_yes(self.scale), probability_scale(self.scale, self.unit or "")
        for arm, counts in self.scored.items() if self.outcome_known else ():
            cells = counts.cells({**by, "outcome": OUTCOMES, BIN_WITH: LEVELS, BIN_ARM: LEVELS}, places)
            yield ScoreTable(self.armed.calculator.id, self.scale.output, arm, tuple(by), cells, lower, risk)

    def measured_tables(self, by: Mapping[str, tuple[str, ...]], places: Places) -> Iterator[MeasuredTable]:
        """The differences from measured values; none where no measured value was known."""
        for arm, counts in self.measured.items() if self.truth_known else ():
            codes, parts = counts.total()
            cells = cells_of({**by, "outcome": OUTCOMES, **MEASURED}, places.flat(codes, SPACE), parts)
            yield MeasuredTable(self.armed.calculator.id, self.scale.output, arm, tuple(by), cells.known(*MEASURED).by(*by, *MEASURED))


Coded = tuple[NDArray[np.integer], list[NDArray[np.float64]]]


class _Scored:
    """The patients of a batch whose outcome is known and whom two arms score, with the bins of their scores."""

    def __init__(self, batch: Batch, both: NDArray[np.bool_], made: Made) -> None:
        self.both = both
        self.made = made
        self.rows, self.place = batch.some(both, BINS)
        self.weights = [w[self.rows] for w in batch.weighing]
        self._bins: dict[Recipe, NDArray[np.int32]] = {}

    def bins(self, recipe: Recipe) -> NDArray[np.int32]:
        """The bins of a recipe's scores."""
        if recipe not in self._bins:
            self._bins[recipe] = bins(self.made.values(recipe)[self.rows])
        return self._bins[recipe]

    def split(self, stretches: Sequence[tuple[int, int]]) -> tuple[list[slice], list[slice]]:
        """The patients in these stretches of the batch, and the others."""
        ends = np.searchsorted(self.rows, np.array(stretches, dtype=np.int64).ravel()).tolist()
        edges = [0, *ends, len(self.rows)]
        parts = [slice(a, b) for a, b in pairwise(edges)]
        return parts[1::2], parts[::2]

    def alike(self, recipe: Recipe, only: Sequence[slice] = ALL) -> Coded:
        """Codes of place and one bin, where both arms give the same score."""
        return _pieces(self.place + self.bins(recipe), only), [_pieces(w, only) for w in self.weights]

    def apart(self, one: Recipe, other: Recipe, only: Sequence[slice] = ALL) -> Coded:
        """Codes of place and both bins."""
        joint = (_pieces(self.place, only) + _pieces(self.bins(one), only)).astype(np.int64)
        joint *= BINS
        joint += self.bins(other) if only is ALL else bins(self.made.values(other)[_pieces(self.rows, only)])
        return joint, [_pieces(w, only) for w in self.weights]


class ScoreCounts:
    """Patients by place and the bins of two scores; those with one score in both arms are counted by one bin, which is cheaper."""

    def __init__(self) -> None:
        self.alike = SparseCounts()
        self.apart = SparseCounts()

    def cells(self, keys: Mapping[str, tuple[str, ...]], places: Places) -> Cells:
        """The cells; the last two keys are the bins."""
        codes, parts = self.alike.total()
        place, bin = parted(codes, BINS)
        flats, sums = [], []
        for codes, part in (((place * BINS + bin) * BINS + bin, parts), self.apart.total()):
            if len(codes):
                rest, arm = parted(codes, BINS)
                place, with_race = parted(rest, BINS)
                flats.append((places.codes[place] * (BINS + 1) + with_race + 1) * (BINS + 1) + arm + 1)
                sums.append(part)
        if not flats:
            return Cells.empty(keys)
        return cells_of(keys, *summed(np.concatenate(flats), np.concatenate(sums, axis=1)))


def _pieces(values: NDArray[Any], only: Sequence[slice]) -> NDArray[Any]:
    return values if only is ALL else np.concatenate([values[:0], *(values[part] for part in only)])


def _recipes(armed: Armed, scale: Scale) -> Iterator[tuple[str, Recipe]]:
    """For every arm that gives this scale's output (or it is an input, the same in all), where its values come from."""
    calculator, successor = armed.calculator, armed.successor
    race, output = calculator.race, scale.output
    numbers = {o.name for o in calculator.outputs if o.kind == "number"}
    is_input = output in (*calculator.inputs, *calculator.optional_inputs)

    def own(race: RaceTerm | None, of: Literal["own", "successor"], output: str) -> Recipe:
        return Recipe("row", of, None, output) if race is None else Recipe("own", of, None, output)

    for arm in armed.arms:
        if arm.kind == "successor":
            assert successor is not None
            if is_input or output in {o.name for o in successor.outputs}:
                yield arm.id, own(successor.race, "successor", output)
        elif arm.kind == "ablation":
            swaps = next(a for a in calculator.ablations if a.name == arm.detail).outputs
            yield arm.id, own(race, "own", swaps.get(output, output))
        elif arm.kind == "with_race" or race is None:
            yield arm.id, own(race, "own", output)
        elif arm.kind == "removed":
            row = next(r for r in race.other_removals if r.name == arm.detail).row
            if row:
                yield arm.id, Recipe("row", "own", row, output)
            elif is_input or output in numbers:
                yield arm.id, Recipe("mixed", "own", arm.detail, output)
        else:
            yield arm.id, Recipe("row", "own", arm.detail, output)


def _differs(calculator: Calculator, scale: Scale) -> bool:
    """Whether a decision on this scale can depend on the row that is read: the scale is cut, and no input cut alike for all."""
    inputs = (*calculator.inputs, *calculator.optional_inputs)
    return calculator.race is not None and bool(scale.cuts) and scale.output not in inputs


def _together(arms: tuple[Arm, ...], available: set[str]) -> list[tuple[str, ...]]:
    """With race, without race and the successor in one table (their joint is needed); every other arm with race alone."""
    main = tuple(a.id for a in arms if a.kind in ("with_race", "without_race", "successor") and a.id in available)
    return [main, *((WITH_RACE, a.id) for a in arms if a.id not in main and a.id in available)]
