"""Programs: recorded steps in the order in which batches run them, with arrays that are filled again."""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from calculators.recorded import (
    ARITHMETIC,
    INTO,
    NESTED,
    Recorded,
    Recording,
    Step,
    Values,
    as_nested,
    blanked,
    filled,
    look_up,
    pick_number,
    scored,
    taken,
)

Places = tuple[int, ...]
Arrays = dict[tuple[bool, int], Values]
Job = tuple[int, Callable[..., Any], Callable[[list[Any]], Any], Places]


class Program:
    """The steps that some results need, in units that are run one after another on each batch.

    Steps, constants and arrays that are filled again have a slot each; programs that run one after the other can share `arrays`. A job is its slot, the operation, what gets its arguments
    (the array to fill comes last), and the slots that nobody reads afterwards. Steps on some of the patients only (`taken`) have the
    place of these rows as their domain, others -1.
    """

    def __init__(self, recording: Recording, units: Sequence[Sequence[Recorded]], arrays: Arrays | None = None) -> None:
        self.recording = recording
        self.steps = recording.steps
        self.wanted = [[r.place for r in unit] for unit in units]
        self.inputs: dict[int, str] = {}
        self.constants: list[Any] = [None] * len(self.steps)
        self.domains: dict[int, int] = {}
        orders: list[list[int]] = []
        done: set[int] = set()
        last: dict[int, tuple[int, int]] = {}
        for number, unit in enumerate(self.wanted):
            order: list[int] = []
            for place in unit:
                self._after(place, done, order)
            self.inputs |= {place: self.steps[place].input for place in order if self.steps[place].operation is None}
            order = [place for place in order if place not in self.inputs]
            for position, place in enumerate(order):
                self.domains[place] = self._domain(self.steps[place])
                last.update(dict.fromkeys(self.steps[place].places, (number, position)))
            last.update(dict.fromkeys(unit, (number, len(order))))
            orders.append(order)
        self.ends: dict[tuple[int, int], tuple[int, ...]] = {}
        for place, moment in last.items():
            if place not in self.inputs:
                self.ends[moment] = (*self.ends.get(moment, ()), place)
        self.arrays: dict[int, int] = {}
        self.filled: dict[int, int] = {}
        self._free: dict[int, list[int]] = {}
        self._kept = arrays if arrays is not None else {}
        self.jobs: list[list[Job]] = []
        for number, order in enumerate(orders):
            if number:
                self._release(self.ends.get((number - 1, len(orders[number - 1])), ()))
            self.jobs.append([self._job(place, self.ends.get((number, position), ())) for position, place in enumerate(order)])

    def _domain(self, step: Step) -> int:
        if step.operation is taken:
            return step.places[1]
        return next((domain for place in step.places if (domain := self.domains.get(place, -1)) >= 0), -1)

    def _job(self, place: int, dead: Places) -> Job:
        """One step as a job, after which these slots are not read any more."""
        step = self.steps[place]
        operation = step.operation
        assert operation is not None
        fills = self.recording.is_float(Recorded(self.recording, place))
        if step.keywords or any(isinstance(a, NESTED) for a in step.arguments):
            return self._done(place, as_nested(step), step.places, dead)
        slots = tuple(a.place if isinstance(a, Recorded) else self._constant(a) for a in step.arguments)
        own = step.arguments[0]
        if operation is scored and isinstance(own, Recorded) and own.place in dead and self.recording.is_float(own):
            if own.place in self.filled:
                self.filled[place] = self.filled.pop(own.place)
            return self._done(place, blanked, slots, dead)
        if operation in ARITHMETIC and fills:
            self._release(dead)
            return self._done(place, INTO.get(operation, operation), (*slots, self._array(place)), dead)
        if operation is pick_number or (operation in (taken, look_up, filled) and fills):
            return self._done(place, INTO.get(operation, operation), (*slots, self._array(place)), dead)
        return self._done(place, operation, slots, dead)

    def _done(self, place: int, operation: Callable[..., Any], slots: Places, dead: Places) -> Job:
        self._release(dead)
        get = operator.itemgetter(*slots) if len(slots) > 1 else operator.itemgetter(slice(slots[0], slots[0] + 1))
        return place, operation, get, dead

    def _array(self, place: int) -> int:
        """The slot of an array that the step may fill."""
        domain = self.domains[place]
        free = self._free.setdefault(domain, [])
        if not free:
            free.append(self._constant(None))
            self.arrays[free[0]] = domain
        self.filled[place] = free.pop()
        return self.filled[place]

    def _release(self, dead: Places) -> None:
        for slot in dead:
            if slot in self.filled:
                array = self.filled.pop(slot)
                self._free[self.arrays[array]].append(array)

    def array(self, place: tuple[bool, int], patients: int) -> Values:
        """An array for so many patients, kept from batch to batch; `place` is whether it is for everyone, and its number."""
        if place not in self._kept or len(self._kept[place]) < patients:
            self._kept[place] = np.empty(patients)
        return self._kept[place][:patients]

    def _constant(self, value: Any) -> int:
        self.constants.append(value)
        return len(self.constants) - 1

    def _after(self, place: int, done: set[int], order: list[int]) -> None:
        stack = [place]
        while stack:
            top = stack[-1]
            open_ = [p for p in self.steps[top].places if p not in done]
            if top in done or not open_:
                stack.pop()
                if top not in done:
                    done.add(top)
                    order.append(top)
            else:
                stack.extend(open_)

    def on(self, columns: Mapping[str, Any]) -> Run:
        """A run on one batch: `columns` holds every input's values, words as codes."""
        return Run(self, columns)


class Run:
    """One batch on its way through a program; arrays of floats are filled again after their last use, other values dropped."""

    def __init__(self, program: Program, columns: Mapping[str, Any]) -> None:
        self.program = program
        self.values: list[Any] = program.constants.copy()
        for place, name in program.inputs.items():
            self.values[place] = columns[name]
        rows = {place for place in program.arrays.values() if place >= 0}
        patients = max((len(self.values[place]) for place in program.inputs if place not in rows), default=0)
        for number, (slot, domain) in enumerate(sorted(program.arrays.items(), key=lambda array: array[1])):
            self.values[slot] = program.array((domain < 0, number), patients if domain < 0 else len(self.values[domain]))

    def unit(self, number: int) -> list[Values]:
        """The results of a unit; units are asked for in order, each once.

        They are valid until the next unit, or the program's next run, and must not be written to.
        """
        values = self.values
        with np.errstate(all="ignore"):
            for place, operation, arguments, dead in self.program.jobs[number]:
                values[place] = operation(*arguments(values))
                for slot in dead:
                    values[slot] = None
        results = [values[place] for place in self.program.wanted[number]]
        for slot in self.program.ends.get((number, len(self.program.jobs[number])), ()):
            values[slot] = None
        return results
