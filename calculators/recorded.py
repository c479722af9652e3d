"""Formulas written down as steps: batches run them with shared steps done once and steps that nobody reads left out."""

from __future__ import annotations

import math
import operator
from collections.abc import Callable, Container, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property, wraps
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.lib.mixins import NDArrayOperatorsMixin
from numpy.typing import NDArray

from calculators.coded import Coded

Values = NDArray[Any]

MOST_STRETCHES = 32


class Unrecordable(TypeError):
    """A formula does something that depends on the values themselves, so that it cannot be written down as steps."""


@dataclass(eq=False)
class Step:
    """One numpy operation; arguments are constants, earlier steps (as `Recorded`), or sequences and words of these."""

    operation: Callable[..., Any] | None
    arguments: tuple[Any, ...] = ()
    keywords: Mapping[str, Any] = field(default_factory=dict)
    input: str = ""
    words: bool = False

    @cached_property
    def places(self) -> tuple[int, ...]:
        """The earlier steps that it reads."""
        return tuple(dict.fromkeys(_places((*self.arguments, *self.keywords.values()))))


class Recording:
    """The steps of any number of formulas; the same operation on the same arguments is one step."""

    def __init__(self) -> None:
        self.steps: list[Step] = []
        self._known: dict[Any, int] = {}
        self._kept: list[Any] = []

    def column(self, name: str, words: tuple[str, ...] | None = None) -> Recorded | Coded:
        """A patients' column to come: numbers, or codes of `words`."""
        key = ("input", name)
        if key not in self._known:
            self._known[key] = len(self.steps)
            self.steps.append(Step(None, input=name, words=words is not None))
        place = Recorded(self, self._known[key])
        codes: Any = place
        return place if words is None else RecordedWords(words, codes)

    def step(self, operation: Callable[..., Any], arguments: Sequence[Any], keywords: Mapping[str, Any] | None = None) -> Recorded:
        """The result of an operation on columns and constants."""
        keywords = dict(keywords or {})
        key = (operation, self._key(tuple(arguments)), self._key(tuple(sorted(keywords.items()))))
        if key not in self._known:
            self._known[key] = len(self.steps)
            self.steps.append(Step(operation, tuple(arguments), keywords))
        return Recorded(self, self._known[key])

    def missing_with(self, value: Any, input: Recorded) -> bool:
        """Whether a value is missing wherever an input is: every operation on the way passes a missing value on.

        A power of a missing value is taken as missing; with the exponent 0, which formulas treat apart, numpy gives 1.
        """
        known: dict[int, bool] = {input.place: True}

        def missing(value: Any) -> bool:
            if not isinstance(value, Recorded):
                return isinstance(value, float) and value != value
            if value.place not in known:
                step = self.steps[value.place]
                if step.operation is np.where:
                    known[value.place] = all(map(missing, step.arguments[1:]))
                elif step.operation is np.power:
                    known[value.place] = missing(step.arguments[0])
                else:
                    known[value.place] = step.operation in ARITHMETIC and any(map(missing, step.arguments))
            return known[value.place]

        return missing(value)

    def _key(self, value: Any) -> Any:
        kind = type(value)
        if kind is Recorded:
            return value.place
        if kind is float:
            return float, value, math.copysign(1.0, value)
        if isinstance(value, Coded) and isinstance(value.codes, Recorded):
            return ("words", value.words, value.codes.place)
        if isinstance(value, tuple | list):
            return (type(value), *(self._key(v) for v in value))
        if isinstance(value, PLAIN):
            return (type(value), repr(value))
        self._kept.append(value)
        return ("object", id(value))


class Recorded(NDArrayOperatorsMixin):
    """A column whose values are to come: numpy operations on it are written down."""

    __slots__ = ("place", "recording")

    def __init__(self, recording: Recording, place: int) -> None:
        self.recording = recording
        self.place = place

    def __array_ufunc__(self, ufunc: np.ufunc, method: str, *arguments: Any, **keywords: Any) -> Recorded:
        if method != "__call__" or ufunc.nout != 1 or "out" in keywords:
            raise Unrecordable(f"{ufunc.__name__}.{method}")
        return self.recording.step(ufunc, arguments, keywords)

    def __array_function__(self, function: Any, types: Any, arguments: tuple[Any, ...], keywords: dict[str, Any]) -> Recorded:
        if function not in ELEMENTWISE:
            raise Unrecordable(function.__name__)
        return self.recording.step(function, arguments, keywords)

    def astype(self, dtype: Any) -> Recorded:
        """The values as another type; words stay the strings that they are."""
        if np.dtype(dtype) == object:
            return self
        return self.recording.step(as_type, (self, str(np.dtype(dtype))))

    def __len__(self) -> int:
        raise Unrecordable("the number of patients")

    def __bool__(self) -> bool:
        raise Unrecordable("a choice by values")

    def __iter__(self) -> Iterator[Any]:
        raise Unrecordable("a loop over patients")

    def __getitem__(self, rows: Any) -> Any:
        raise Unrecordable("a choice of rows")

    def __array__(self, *_: Any, **__: Any) -> Any:
        raise Unrecordable("values")


PLAIN = (type(None), bool, int, float, str, np.generic)
FLOATS = (Recorded, int, float)
NESTED = (tuple, list, Coded)
ELEMENTWISE = frozenset(
    {np.where, np.select, np.clip, np.nan_to_num, np.ones_like, np.zeros_like, np.full_like, np.interp, np.isin, np.round}
    | {np.searchsorted, np.digitize}
)


class RecordedWords(Coded):
    """A column of words whose codes are to come."""

    def pick(self, numbers: Mapping[str, float] | None = None, /, **by_name: float) -> Any:
        """The number that belongs to each patient's word."""
        chosen = dict(numbers or {}, **by_name)
        for word in chosen:
            self._code(word)
        codes: Any = self.codes
        recording = codes.recording
        return recording.step(pick_number, (*(float(chosen[word]) for word in self.words), recording.step(_stretches, (codes,)), codes))

    def __len__(self) -> int:
        raise Unrecordable("the number of patients")


def as_type(values: Values, dtype: str) -> Values:
    return values.astype(dtype)


def _stretches(codes: Values) -> tuple[list[int], list[int]] | None:
    """Where equal codes follow each other: the starts (and the end), and their codes; None where patients are not sorted by them."""
    starts = np.flatnonzero(np.concatenate([np.ones(min(len(codes), 1), dtype=bool), codes[1:] != codes[:-1]]))
    return None if len(starts) > MOST_STRETCHES else ([*starts.tolist(), len(codes)], codes[starts].tolist())


def pick_number(*arguments: Any) -> Values:
    """The number of each code, in the array that comes last; where patients are sorted by it, whole stretches are filled."""
    *numbers, stretches, codes, last = arguments
    out: Values = last
    if stretches is None:
        np.take(np.array([*numbers, np.nan]), codes.astype(np.intp), out=out, mode="wrap")
        return out
    numbers.append(np.nan)
    for (start, stop), code in zip(pairwise(stretches[0]), stretches[1], strict=True):
        out[start:stop] = numbers[code]
    return out


def taken(values: Values, rows: Values) -> Values:
    """The values of the patients in these rows."""
    some: Values = values[rows]
    return some


def _take(values: Values, rows: Values, out: Values) -> Values:
    some: Values = np.take(values, rows, out=out, mode="clip")
    return some


def _least(one: Values, other: Values, out: Values) -> Values:
    least: Values = np.minimum(one, other, out=out)
    return least


def _most(one: Values, other: Values, out: Values) -> Values:
    most: Values = np.maximum(one, other, out=out)
    return most


INTO: dict[Callable[..., Any], Callable[..., Any]] = {taken: _take, np.minimum: _least, np.maximum: _most}


def filled(values: Values, number: float) -> Values:
    """A copy in which missing values are some number: what is computed from them is not read, and numpy is slow where values are missing."""
    copy = values.copy()
    copy[np.flatnonzero(np.isnan(values))] = number
    return copy


def not_usable(usable: Values) -> Values:
    """The patients who cannot be scored."""
    return np.flatnonzero(~usable)


def scored(values: Any, usable: Values, rows: Values) -> Values:
    """Scores as new floats: missing in these rows (the patients who are not usable) and where they are not finite."""
    own: Values = np.array(np.broadcast_to(values, usable.shape), dtype=np.float64)
    return _blank(own, usable, rows)


def _blank(own: Values, usable: Values, rows: Values) -> Values:
    own[rows] = np.nan
    infinite = np.isinf(own)
    if infinite.any():
        own[infinite] = np.nan
    return own


def once(recording: Recording, results: Sequence[Recorded], columns: Mapping[str, Any], known: dict[int, Any]) -> list[Any]:
    """The results on a few patients; `known` has the steps done before on the same patients, and gets those that are new."""
    patients = len(next(iter(columns.values())))
    with np.errstate(all="ignore"):
        for place in sorted(needed(recording, results, known)):
            step = recording.steps[place]
            if step.operation is None:
                known[place] = columns[step.input]
            elif step.operation is pick_number:
                known[place] = pick_number(*step.arguments[:-2], *(known[p] for p in step.places), np.empty(patients))
            else:
                known[place] = _nested(step)(*(known[p] for p in step.places))
    return [known[result.place] for result in results]


def recorded_whole(results: int) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """For a function of columns with several results that is one step of a recording: it is not looked into."""

    def decorate(function: Callable[..., Any]) -> Callable[..., Any]:
        @wraps(function)
        def either(*columns: Any, **constants: Any) -> Any:
            codes = [c.codes if isinstance(c, Coded) else c for c in columns]
            recording = next((c.recording for c in codes if isinstance(c, Recorded)), None)
            if recording is None:
                return function(*columns, **constants)
            whole = recording.step(function, columns, constants)
            return tuple(recording.step(operator.getitem, (whole, i)) for i in range(results))

        return either

    return decorate


def needed(recording: Recording, results: Sequence[Recorded], known: Container[int] = ()) -> set[int]:
    """The steps that these results are made of, but for those that are known and what only these need."""
    found: set[int] = set()
    left = [result.place for result in results]
    while left:
        place = left.pop()
        if place not in found and place not in known:
            found.add(place)
            left.extend(recording.steps[place].places)
    return found


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
        self.own_floats: dict[int, bool] = {}
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
        self.own_floats[place] = fills = self._makes_floats(step)
        if step.keywords or any(isinstance(a, NESTED) for a in step.arguments):
            return self._done(place, _nested(step), step.places, dead)
        slots = tuple(a.place if isinstance(a, Recorded) else self._constant(a) for a in step.arguments)
        if operation is scored and step.places[0] in dead and self.own_floats.get(step.places[0]):
            if step.places[0] in self.filled:
                self.filled[place] = self.filled.pop(step.places[0])
            return self._done(place, _blank, slots, dead)
        if operation in ARITHMETIC and fills:
            self._release(dead)
            return self._done(place, INTO.get(operation, operation), (*slots, self._array(place)), dead)
        if operation is pick_number or (operation is taken and fills):
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

    def _makes_floats(self, step: Step) -> bool:
        """Whether the result is a new array of floats, one per patient, that may be overwritten when nobody reads it any more."""
        if step.operation in (pick_number, filled, scored):
            return True
        if step.operation is taken:
            return self._floats(step.places[0])
        arguments = step.arguments[1:] if step.operation is np.where else step.arguments
        if step.keywords or not (step.operation is np.where or step.operation in ARITHMETIC):
            return False
        if not all(isinstance(a, FLOATS) for a in arguments):
            return False
        floats = [self._floats(a.place) for a in arguments if isinstance(a, Recorded)]
        return any(floats) if step.operation in ARITHMETIC else bool(floats) and all(floats)

    def _floats(self, place: int) -> bool:
        return self.own_floats.get(place, False) or (place in self.inputs and not self.steps[place].words)

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


COMPARISONS = frozenset({np.equal, np.not_equal, np.less, np.less_equal, np.greater, np.greater_equal})
LOGIC = frozenset({np.bitwise_and, np.bitwise_or, np.invert, np.logical_and, np.logical_or, np.logical_not})
ARITHMETIC = frozenset(
    {np.add, np.subtract, np.multiply, np.divide, np.power, np.exp, np.log, np.sqrt, np.negative, np.minimum, np.maximum}
)


def _nested(step: Step) -> Callable[..., Any]:
    """A step with sequences, words or keywords as arguments, as a function of the values in its places."""
    operation = step.operation
    assert operation is not None

    def run(*values: Any) -> Any:
        at = dict(zip(step.places, values, strict=True))

        def value(argument: Any) -> Any:
            if isinstance(argument, Recorded):
                return at[argument.place]
            if isinstance(argument, tuple | list):
                return type(argument)(value(a) for a in argument)
            if isinstance(argument, Coded) and isinstance(argument.codes, Recorded):
                return Coded(argument.words, at[argument.codes.place])
            return argument

        return operation(*map(value, step.arguments), **{k: value(v) for k, v in step.keywords.items()})

    return run


def _places(value: Any) -> Iterator[int]:
    if isinstance(value, Recorded):
        yield value.place
    elif isinstance(value, Coded) and isinstance(value.codes, Recorded):
        yield value.codes.place
    elif isinstance(value, tuple | list):
        for part in value:
            yield from _places(part)
