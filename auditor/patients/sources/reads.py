"""What is read of a cohort's columns: each thing declared once, and written as SQL or worked out on columns in memory."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Literal, Protocol

import numpy as np
from numpy.typing import NDArray

from auditor.patients.sources.files import quoted, string, trimmed

Raw = dict[str, NDArray[Any]]
How = Literal["number", "flag", "words"]
DTYPES = {"TINYINT": np.int8, "BIGINT": np.int64}


class Columns(Protocol):
    """Some rows of columns in memory; columns are asked for only as `Direct.needs` says."""

    @property
    def rows(self) -> int:
        """Number of rows."""

    def numbers(self, column: str) -> NDArray[np.float64]:
        """Numbers, NaN where nothing stands; yes and no are 1 and 0."""

    def words(self, column: str) -> tuple[list[str], NDArray[np.integer]]:
        """Different words as SQL writes them, and which of them stands in each row: -1 where nothing does."""


class Read(ABC):
    """One thing to read: raw columns by name."""

    @abstractmethod
    def sql(self) -> list[str]:
        """As expressions after SELECT."""


class Direct(Read):
    """One thing to read that columns in memory give too."""

    @property
    @abstractmethod
    def needs(self) -> tuple[tuple[str, How], ...]:
        """The columns with how they are looked at."""

    @abstractmethod
    def of(self, columns: Columns) -> Raw:
        """The same as by SQL, worked out."""


@dataclass(frozen=True)
class Constant(Direct):
    """One value for everyone: a code (TINYINT) or a number (DOUBLE)."""

    name: str
    value: str
    type: str = "DOUBLE"

    @property
    def needs(self) -> tuple[tuple[str, How], ...]:
        """No column."""
        return ()

    def sql(self) -> list[str]:
        """The value."""
        return [f"{self.value}::{self.type} AS {quoted(self.name)}"]

    def of(self, columns: Columns) -> Raw:
        """The value as often as there are rows."""
        return {self.name: np.full(columns.rows, float(self.value), DTYPES.get(self.type, np.float64))}


@dataclass(frozen=True)
class Number(Direct):
    """A column of numbers times a factor, or divided by a number of rows; NaN where nothing stands or the flag is not set."""

    name: str
    column: str
    factor: float = 1.0
    only_where: str = ""
    divided_by: int = 1

    def sql(self) -> list[str]:
        """The number; text that holds none is NaN."""
        value = f"TRY_CAST({quoted(self.column)} AS DOUBLE)"
        if self.only_where:
            value = f"CASE WHEN {flag(self.only_where)} THEN {value} END"
        value = scaled(value, self.factor)
        if self.divided_by != 1:
            value = f"{value} / {self.divided_by}"
        return [f"coalesce({value}, 'nan'::DOUBLE) AS {quoted(self.name)}"]

    @property
    def needs(self) -> tuple[tuple[str, How], ...]:
        """The column, and the flag's."""
        return ((self.column, "number"), *_flags(self.only_where))

    def of(self, columns: Columns) -> Raw:
        """The numbers."""
        values = columns.numbers(self.column)
        if self.only_where:
            values = np.where(_set(columns, self.only_where), values, np.nan)
        if self.factor != 1:
            with np.errstate(over="ignore", under="ignore"):
                values = values * self.factor
        if self.divided_by != 1:
            values = values / self.divided_by
        return {self.name: values}


@dataclass(frozen=True)
class TextNumber(Read):
    """Numbers in a column of text; words that are none stand in a second column, whose name ends in a question mark."""

    name: str
    column: str
    factor: float = 1.0
    only_where: str = ""

    def sql(self) -> list[str]:
        """The number, NULL where there is none, and the word, NULL where it is a number."""
        words = as_word(self.column, lower=True)
        number = f"TRY_CAST({words} AS DOUBLE)"
        where = flag(self.only_where) if self.only_where else "true"
        return [
            f"{scaled(f'CASE WHEN {where} THEN {number} END', self.factor)} AS {quoted(self.name)}",
            f"CASE WHEN {where} AND {number} IS NULL THEN {words} END AS {quoted(self.name + '?')}",
        ]


@dataclass(frozen=True)
class OneOrZero(Direct):
    """A column of numbers: 1 where it is 1, 0 where it is 0, else -1."""

    name: str
    column: str

    def sql(self) -> list[str]:
        """The code."""
        return [f"CAST(CASE {quoted(self.column)} WHEN 1 THEN 1 WHEN 0 THEN 0 ELSE -1 END AS TINYINT) AS {quoted(self.name)}"]

    @property
    def needs(self) -> tuple[tuple[str, How], ...]:
        """The column."""
        return ((self.column, "number"),)

    def of(self, columns: Columns) -> Raw:
        """The code."""
        values = columns.numbers(self.column)
        yes = values == 1
        return {self.name: np.subtract(yes, ~(yes | (values == 0)), dtype=np.int8)}


@dataclass(frozen=True)
class ByWord(Direct):
    """A code for every word, without spaces around it and, if asked so, in lower case.

    `codes` says what words mean, `otherwise` what all others do; `nothing` stands where nothing does, or where the flag is not set.
    """

    name: str
    column: str
    codes: Mapping[str, int]
    nothing: int
    otherwise: int
    lower: bool = False
    type: Literal["TINYINT", "BIGINT"] = "TINYINT"
    only_where: str = ""

    def sql(self) -> list[str]:
        """One case per code."""
        word = as_word(self.column, self.lower)
        nothing = f"{word} IS NULL" if not self.only_where else f"NOT {flag(self.only_where)} OR {word} IS NULL"
        words: dict[int, list[str]] = {}
        for one, code in self.codes.items():
            words.setdefault(code, []).append(string(one))
        cases = [
            f"WHEN {nothing} THEN {self.nothing}",
            *(f"WHEN {word} IN ({', '.join(some)}) THEN {code}" for code, some in words.items()),
        ]
        return [f"CAST(CASE {' '.join(cases)} ELSE {self.otherwise} END AS {self.type}) AS {quoted(self.name)}"]

    @property
    def needs(self) -> tuple[tuple[str, How], ...]:
        """The column, and the flag's."""
        return ((self.column, "words"), *_flags(self.only_where))

    def of(self, columns: Columns) -> Raw:
        """The code of every different word, and from it that of every row."""
        words, which = columns.words(self.column)
        meanings = [self.codes.get(folded(word, self.lower), self.otherwise) for word in words]
        codes = np.array([*meanings, self.nothing], dtype=DTYPES[self.type])[which]
        if self.only_where:
            codes = np.where(_set(columns, self.only_where), codes, codes.dtype.type(self.nothing))
        return {self.name: codes}


@dataclass(frozen=True)
class Word(Direct):
    """The word itself, without spaces around it; None where nothing stands."""

    name: str
    column: str

    def sql(self) -> list[str]:
        """The word."""
        return [f"{as_word(self.column)} AS {quoted(self.name)}"]

    @property
    def needs(self) -> tuple[tuple[str, How], ...]:
        """The column."""
        return ((self.column, "words"),)

    def of(self, columns: Columns) -> Raw:
        """The words."""
        words, which = columns.words(self.column)
        return {self.name: np.array([*(folded(word) for word in words), None], dtype=object)[which]}


@dataclass(frozen=True)
class Expressions(Read):
    """What only SQL can say."""

    expressions: tuple[str, ...]

    def sql(self) -> list[str]:
        """As it was given."""
        return list(self.expressions)


def evaluated(reads: Iterable[Direct], columns: Columns) -> Raw:
    """Everything that is read of columns in memory."""
    return {name: values for read in reads for name, values in read.of(columns).items()}


def meaning(words_of: Iterable[tuple[int, Collection[str]]]) -> dict[str, int]:
    """The code of every word; a word that stands at several codes means the first."""
    found: dict[str, int] = {}
    for code, words in words_of:
        for word in words:
            found.setdefault(word, code)
    return found


def as_word(column: str, lower: bool = False) -> str:
    """SQL for the word of a column, without spaces around it."""
    word = f"trim(CAST({quoted(column)} AS VARCHAR))"
    return f"lower({word})" if lower else word


def folded(word: str, lower: bool = False) -> str:
    """A word as SQL's trim and lower leave it: letters change one by one."""
    word = trimmed(word)
    if not lower:
        return word
    return word.lower() if word.isascii() else "".join(letter.lower()[0] for letter in word)


def flag(column: str) -> str:
    """SQL for whether a column says yes."""
    return f"coalesce(CAST({quoted(column)} AS BOOLEAN), false)"


def scaled(value: str, factor: float) -> str:
    """SQL for a number times a factor."""
    return value if factor == 1 else f"({value}) * {factor!r}::DOUBLE"


def _flags(only_where: str) -> tuple[tuple[str, How], ...]:
    return ((only_where, "flag"),) if only_where else ()


def _set(columns: Columns, flag: str) -> NDArray[np.bool_]:
    return np.abs(columns.numbers(flag)) > 0
