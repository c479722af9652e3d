"""Recorded steps that one column decides: done once for every value that the column can have, and looked up for each patient."""

from __future__ import annotations

import operator
from collections import Counter
from collections.abc import Callable, Container, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from calculators.coded import Coded
from calculators.inputs import Input
from calculators.narrowed import PER_PATIENT
from calculators.recorded import COMPARISONS, LOGIC, NESTED, WHOLE, Recorded, Recording, Step, as_nested, filled, look_up, taken

PER_UNIT = (1, 10, 100, 1000)
MOST_LEVELS = 1 << 14
FEWEST_LEVELS = 16
LOOKING_UP = 0.6
FINDING_LEVELS = 3.0
NANOSECONDS: Mapping[Callable[..., Any] | None, float] = {
    None: 0.0,
    taken: 0.0,
    operator.getitem: 0.0,
    **dict.fromkeys(COMPARISONS, 0.1),
    **dict.fromkeys(LOGIC, 0.03),
    **dict.fromkeys((np.add, np.subtract, np.multiply, np.negative, np.isnan), 0.13),
    **dict.fromkeys((np.minimum, np.maximum), 0.25),
    **dict.fromkeys((np.divide, np.sqrt), 0.3),
    **dict.fromkeys((np.exp, np.log, filled), 0.65),
    np.where: 1.0,
    np.power: 1.7,
}
LONG = 3.0


class Levels:
    """The values that a column of decimal numbers can have: none, then from `low` to `high` so many per unit."""

    def __init__(self, low: float, high: float, per_unit: int) -> None:
        self.per_unit = per_unit
        self.first = int(np.floor(low * per_unit))
        last = max(int(np.ceil(high * per_unit)), self.first + FEWEST_LEVELS)
        self.values = np.concatenate([[np.nan], np.arange(self.first, last + 1) / per_unit])

    def __len__(self) -> int:
        return len(self.values)

    def of(self, column: NDArray[np.float64]) -> NDArray[np.intp] | None:
        """The place of each patient's value among the levels; None where a value is none of them."""
        number = column * self.per_unit
        np.rint(number, out=number)
        number -= self.first - 1
        np.fmax(number, 0.0, out=number)
        np.fmin(number, len(self) - 1.0, out=number)
        places = number.astype(np.intp)
        np.take(self.values, places, out=number, mode="clip")
        return places if np.count_nonzero(number == column) == np.count_nonzero(column == column) else None


def levels_of(quantity: Input, column: NDArray[np.float64]) -> Levels | None:
    """The levels of an input in as few decimals as these patients' values need; None for too many levels or decimals."""
    if quantity.kind == "category" or quantity.plausible is None:
        return None
    low, high = quantity.plausible
    for per_unit in PER_UNIT:
        if (high - low) * per_unit >= MOST_LEVELS:
            return None
        levels = Levels(low, high, per_unit)
        if levels.of(column) is not None:
            return levels
    return None


def level_of(name: str) -> str:
    """The name of the column with the places of an input's values among its levels."""
    return f"level {name}"


def tabled(
    recording: Recording, units: Sequence[Sequence[Recorded]], levels: Mapping[str, Levels], same: Mapping[str, int]
) -> tuple[Recording, list[list[Recorded]], frozenset[str]]:
    """The units' steps with those looked up that a column with `levels` decides and that take longer than looking up; and these columns.

    `same` has the code that all patients have in columns of words. Where the columns hold nothing but their levels, whose places come as
    columns named by `level_of`, the results are the same to the last bit.
    """
    tabling = _Tabling(recording, [result.place for unit in units for result in unit], levels, same)
    return tabling.new, [[tabling.made[result.place] for result in unit] for unit in units], tabling.columns


class _Tabling:
    """`column` has for each step that one column decides that column and the rows for which it is done (-1: everyone).

    `branch` has for each choice that comes out the same for every level what is chosen; `columns` are those whose levels are relied on.
    """

    def __init__(self, recording: Recording, results: Sequence[int], levels: Mapping[str, Levels], same: Mapping[str, int]) -> None:
        self.recording = recording
        self.steps = recording.steps
        self.levels = levels
        self.same = same
        self.new = Recording()
        self.column: dict[int, tuple[str, int]] = {}
        self.branch: dict[int, int] = {}
        self.made: dict[int, Recorded] = {}
        self._values: dict[int, Any] = {}
        choices = self._decide(self._reached(results))
        time = self._by_column(self._spared(self._reached(results), results))
        self.columns = frozenset(name for name in levels if time[name] > FINDING_LEVELS)
        self.branch |= {place: branch for place, (branch, column) in choices.items() if column in self.columns}
        spared = self._spared(self._reached(results), results)
        looked_up = {place for place in spared if self.column[place][0] in self.columns}
        for place in self._reached(results, looked_up):
            if place in self.branch and place not in looked_up:
                self.made[place] = self.made[self.branch[place]]
            else:
                self.made[place] = self._look_up(place) if place in looked_up else self._copy(self.steps[place])

    def _reads(self, place: int) -> tuple[int, ...]:
        return (self.branch[place],) if place in self.branch else self.steps[place].places

    def _reached(self, results: Sequence[int], looked_up: Container[int] = ()) -> list[int]:
        """The steps that the results are made of, in order, where some of them are looked up."""
        found: set[int] = set()
        left = list(results)
        while left:
            place = left.pop()
            if place not in found:
                found.add(place)
                rows = self.column[place][1] if place in looked_up else -1
                left.extend(self._reads(place) if place not in looked_up else [rows] if rows >= 0 else [])
        return sorted(found)

    def _decide(self, order: Sequence[int]) -> dict[int, tuple[int, str]]:
        """Find which steps one column decides; and choices that come out the same for all levels of a column, with what is chosen."""
        choices = {}
        for place in order:
            step = self.steps[place]
            decided = self._decided(step)
            if decided is not None:
                self.column[place] = decided
            elif step.operation is np.where and self.recording.is_float(Recorded(self.recording, place)):
                condition, yes, no = step.arguments
                if isinstance(condition, Recorded) and condition.place in self.column:
                    name = self.column[condition.place][0]
                    found = self._of_levels(condition.place, self.levels[name])
                    branch = yes if found.all() else no if not found.any() else None
                    if isinstance(branch, Recorded) and self.recording.is_float(branch):
                        choices[place] = branch.place, name
        return choices

    def _decided(self, step: Step) -> tuple[str, int] | None:
        if step.operation is None:
            return (step.input, -1) if step.input in self.levels else None
        if step.operation is taken:
            values, rows = (argument.place for argument in step.arguments)
            column, of = self.column.get(values, ("", 0))
            return (column, rows) if column and of == -1 else None
        columns = {self.column.get(place) for place in step.places if self.steps[place].input not in self.same}
        by_value = step.operation in PER_PATIENT or step.operation in WHOLE
        return columns.pop() if by_value and len(columns) == 1 else None

    def _spared(self, order: Sequence[int], results: Sequence[int]) -> dict[int, float]:
        """The decided steps that take longer to do than to look up, and how much; what several steps share is counted in parts."""
        readers = Counter(results)
        for place in order:
            readers.update(self._reads(place))
        cost: dict[int, float] = {}
        spared = {}
        for place in order:
            step = self.steps[place]
            if place in self.column:
                cost[place] = NANOSECONDS.get(step.operation, LONG) + sum(cost.get(p, 0.0) / readers[p] for p in step.places)
                if cost[place] > LOOKING_UP and step.operation not in WHOLE:
                    spared[place] = cost[place] - LOOKING_UP
                    cost[place] = LOOKING_UP
        return spared

    def _by_column(self, spared: Mapping[int, float]) -> dict[str, float]:
        """The time spared in all steps that a column decides."""
        total = dict.fromkeys(self.levels, 0.0)
        for place, time in spared.items():
            total[self.column[place][0]] += time
        return total

    def _look_up(self, place: int) -> Recorded:
        column, rows = self.column[place]
        codes: Any = self.new.column(level_of(column), ())
        chosen = codes.codes if rows == -1 else self.new.step(taken, (codes.codes, self.made[rows]))
        return self.new.step(look_up, (self._of_levels(place, self.levels[column]), chosen))

    def _of_levels(self, place: int, levels: Levels) -> Any:
        """What a step gives for every level."""
        step = self.steps[place]
        if step.input in self.same:
            return np.full(len(levels), self.same[step.input], dtype=np.int8)
        if place not in self._values:
            if step.operation is None:
                values: Any = levels.values
            elif step.operation is taken:
                values = self._of_levels(step.places[0], levels)
            else:
                with np.errstate(all="ignore"):
                    values = as_nested(step)(*(self._of_levels(p, levels) for p in step.places))
            self._values[place] = values
        return self._values[place]

    def _copy(self, step: Step) -> Recorded:
        if step.operation is None:
            column = self.new.column(step.input, () if step.words else None)
            codes: Any = column.codes if isinstance(column, Coded) else column
            return codes  # type: ignore[no-any-return]
        keywords = {name: self._argument(value) for name, value in step.keywords.items()}
        return self.new.step(step.operation, [self._argument(argument) for argument in step.arguments], keywords)

    def _argument(self, argument: Any) -> Any:
        if isinstance(argument, Recorded):
            return self.made[argument.place]
        if isinstance(argument, Coded) and isinstance(argument.codes, Recorded):
            return Coded(argument.words, self._argument(argument.codes))
        return (
            type(argument)(map(self._argument, argument)) if isinstance(argument, NESTED) and not isinstance(argument, Coded) else argument
        )
