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
        self._floats: dict[int, bool] = {}

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
        key: tuple[Any, ...] = (operation, *[a.place if type(a) is Recorded else self._key(a) for a in arguments])
        if keywords:
            key += ("keywords", self._key(tuple(sorted(keywords.items()))))
        if key not in self._known:
            self._known[key] = len(self.steps)
            self.steps.append(Step(operation, tuple(arguments), keywords))
        return Recorded(self, self._known[key])

    def is_float(self, value: Any) -> bool:
        """Whether a value is a float, or a column of floats."""
        if not isinstance(value, Recorded):
            return isinstance(value, float)
        if value.place not in self._floats:
            step = self.steps[value.place]
            self._floats[value.place] = not step.words if step.operation is None else self._gives_floats(step)
        return self._floats[value.place]

    def _gives_floats(self, step: Step) -> bool:
        if step.operation in (pick_number, filled, scored):
            return True
        if step.operation is look_up:
            return bool(step.arguments[0].dtype == np.float64)
        if step.operation is taken:
            return self.is_float(step.arguments[0])
        if step.operation is np.where:
            chosen = step.arguments[1:]
            return any(map(self.is_float, chosen)) and all(self.is_float(value) or type(value) is int for value in chosen)
        return step.operation in ARITHMETIC and not step.keywords and any(map(self.is_float, step.arguments))

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


def look_up(table: Values, codes: Values) -> Values:
    """The table's value at each code."""
    found: Values = np.take(table, codes, mode="clip")
    return found


def filled(values: Values, number: float) -> Values:
    """A copy in which missing values are some number: what is computed from them is not read, and numpy is slow where values are missing."""
    copy = values.copy()
    np.putmask(copy, np.isnan(values), number)
    return copy


def _fill(values: Values, number: float, out: Values) -> Values:
    np.copyto(out, values)
    np.putmask(out, np.isnan(values), number)
    return out


INTO: dict[Callable[..., Any], Callable[..., Any]] = {taken: _take, look_up: _take, filled: _fill, np.minimum: _least, np.maximum: _most}
WHOLE: set[Callable[..., Any]] = set()


def not_usable(usable: Values) -> Values:
    """The patients who cannot be scored."""
    return np.flatnonzero(~usable)


def scored(values: Any, usable: Values, rows: Values) -> Values:
    """Scores as new floats: missing in these rows (the patients who are not usable) and where they are not finite."""
    own: Values = np.array(np.broadcast_to(values, usable.shape), dtype=np.float64)
    return blanked(own, usable, rows)


def blanked(own: Values, usable: Values, rows: Values) -> Values:
    """The scores themselves, blanked in place. Most often all are finite, which their sum tells in the least time."""
    if not np.isfinite(own.sum()):
        own[np.isinf(own)] = np.nan
    own[rows] = np.nan
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
                known[place] = as_nested(step)(*(known[p] for p in step.places))
    return [known[result.place] for result in results]


def recorded_whole(results: int) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """For a function of columns with several results, patient by patient, that is one step of a recording: it is not looked into."""

    def decorate(function: Callable[..., Any]) -> Callable[..., Any]:
        WHOLE.add(function)

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


COMPARISONS = frozenset({np.equal, np.not_equal, np.less, np.less_equal, np.greater, np.greater_equal})
LOGIC = frozenset({np.bitwise_and, np.bitwise_or, np.invert, np.logical_and, np.logical_or, np.logical_not})
ARITHMETIC = frozenset(
    {np.add, np.subtract, np.multiply, np.divide, np.power, np.exp, np.log, np.sqrt, np.negative, np.minimum, np.maximum}
)


def as_nested(step: Step) -> Callable[..., Any]:
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
