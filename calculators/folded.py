"""Recorded steps for patients who all have the same word in a column: what it decides is a number, and the other words' steps are left out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from calculators.coded import Coded
from calculators.recorded import (
    ARITHMETIC,
    COMPARISONS,
    LOGIC,
    NESTED,
    Recorded,
    Recording,
    Step,
    needed,
    pick_number,
    taken,
)

BY_PATIENT = ARITHMETIC | COMPARISONS | LOGIC
FILLED_WITH = {np.ones_like: np.float64(1), np.zeros_like: np.float64(0)}
POWERS_OF_THEIR_OWN = (-1.0, 0.0, 0.5, 1.0, 2.0, 3.0)
WIDE = 16


def folded(recording: Recording, units: Sequence[Sequence[Recorded]], same: Mapping[str, int]) -> tuple[Recording, list[list[Recorded]]]:
    """The units' steps for patients with these codes in these columns of words; the results are the same to the last bit."""
    folding = _Folding(recording.steps, same)
    for place in sorted(needed(recording, [result for unit in units for result in unit])):
        folding.values[place] = folding.fold(recording.steps[place])
    return folding.new, [[folding.column(result.place) for result in unit] for unit in units]


class _Folding:
    """`values` has for each old step its new one, or the number that it gives for everyone."""

    def __init__(self, steps: Sequence[Step], same: Mapping[str, int]) -> None:
        self.steps = steps
        self.same = same
        self.new = Recording()
        self.values: dict[int, Any] = {}
        self._columns: dict[int, Recorded] = {}

    def fold(self, step: Step) -> Any:
        """The step on folded arguments."""
        operation = step.operation
        if operation is None:
            return np.int8(self.same[step.input]) if step.input in self.same else self._input(step)
        if operation in FILLED_WITH and not step.keywords and self.new.is_float(self._value(step.arguments[0])):
            return FILLED_WITH[operation]
        if operation is taken and isinstance(same := self._value(step.arguments[0]), np.generic):
            return same
        if operation is pick_number and isinstance(code := self._value(step.arguments[-1]), np.generic):
            return np.float64((*step.arguments[:-2], np.nan)[int(code)])
        plain = not step.keywords and not any(isinstance(argument, NESTED) for argument in step.arguments)
        if not plain or not (operation is np.where or operation in BY_PATIENT):
            return self._as_column(step)
        values = [self._value(argument) for argument in step.arguments]
        if not any(isinstance(value, Recorded) for value in values):
            with np.errstate(all="ignore"):
                return operation(*(np.full(WIDE, v) if isinstance(v, np.generic) else v for v in values))[0]
        if operation is np.where and isinstance(values[0], np.generic):
            chosen = values[1] if values[0] else values[2]
            if self.new.is_float(chosen):
                return chosen if isinstance(chosen, Recorded) else np.float64(chosen)
        if operation is np.power and isinstance(values[1], np.generic) and float(values[1]) in POWERS_OF_THEIR_OWN:
            values[1] = self._argument(step.arguments[1])
        return self.new.step(operation, values)

    def column(self, place: int) -> Recorded:
        """An old step as a column, also where it gives everyone the same number."""
        value = self.values[place]
        if isinstance(value, Recorded):
            return value
        if place not in self._columns:
            step = self.steps[place]
            self._columns[place] = self._input(step) if step.operation is None else self._as_column(step)
        return self._columns[place]

    def _value(self, argument: Any) -> Any:
        return self.values[argument.place] if isinstance(argument, Recorded) else argument

    def _argument(self, argument: Any) -> Any:
        if isinstance(argument, Recorded):
            return self.column(argument.place)
        if isinstance(argument, tuple | list):
            return type(argument)(self._argument(part) for part in argument)
        if isinstance(argument, Coded) and isinstance(argument.codes, Recorded):
            codes: Any = self._argument(argument.codes)
            return Coded(argument.words, codes)
        return argument

    def _input(self, step: Step) -> Recorded:
        column = self.new.column(step.input, () if step.words else None)
        if isinstance(column, Coded):
            codes: Any = column.codes
            return codes  # type: ignore[no-any-return]
        return column

    def _as_column(self, step: Step) -> Recorded:
        keywords = {name: self._argument(value) for name, value in step.keywords.items()}
        assert step.operation is not None
        return self.new.step(step.operation, [self._argument(argument) for argument in step.arguments], keywords)
