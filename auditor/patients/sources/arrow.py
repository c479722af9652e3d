"""Columns of Arrow as `Read` looks at them: from batches, numbers where they lie and words once each; and tables in memory."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

ROWS_PER_CHUNK = 65_536
EXACT = 2**53
MOST_DIGITS, MOST_DECIMALS = 18, 15
INTEGERS = {
    **{f"int{bits}": name for bits, name in ((8, "TINYINT"), (16, "SMALLINT"), (32, "INTEGER"), (64, "BIGINT"))},
    **{f"uint{bits}": name for bits, name in ((8, "UTINYINT"), (16, "USMALLINT"), (32, "UINTEGER"), (64, "UBIGINT"))},
}
NAMES = {**INTEGERS, "double": "DOUBLE", "float": "FLOAT", "bool": "BOOLEAN", "string": "VARCHAR", "large_string": "VARCHAR"}
NO_NUMBERS = ("date", "timestamp", "time", "binary", "large_binary", "fixed_size_binary", "list", "struct", "map", "null")
FLAGS = {*INTEGERS.values(), "BOOLEAN"}
WORDS = {*FLAGS, "DOUBLE", "VARCHAR"}
KINDS = {"number": {*FLAGS, "DOUBLE", "FLOAT"}, "flag": FLAGS, "words": WORDS}


class ArrowColumns:
    """Some rows of columns, filled from Arrow batches; where a file lacks a column nothing stands."""

    def __init__(self, rows: int, numbers: Sequence[str], words: Sequence[str]) -> None:
        self.rows = rows
        self._numbers = dict(zip(numbers, np.empty((len(numbers), rows)), strict=True))
        self._words: dict[str, dict[str, int]] = {column: {} for column in words}
        self._which = {column: np.empty(rows, dtype=np.int32) for column in words}
        self._tables: dict[str, tuple[Any, NDArray[np.int32]]] = {}

    def numbers(self, column: str) -> NDArray[np.float64]:
        """Numbers, NaN where nothing stands; yes and no are 1 and 0."""
        return self._numbers[column]

    def words(self, column: str) -> tuple[list[str], NDArray[np.integer]]:
        """Different words as SQL writes them, and which of them stands in each row: -1 where nothing does."""
        return list(self._words[column]), self._which[column]

    def fill(self, at: int, batch: Any) -> None:
        """Fill the rows from `at` on with those of a batch."""
        arrays = dict(zip(batch.schema.names, batch.columns, strict=True))
        here = slice(at, at + batch.num_rows)
        for column, numbers in self._numbers.items():
            array = arrays.get(column)
            numbers[here] = np.nan if array is None else _values(array)
            if array is not None and array.null_count:
                np.putmask(numbers[here], _missing(array), np.nan)
        for column, which in self._which.items():
            array = arrays.get(column)
            which[here] = -1 if array is None else self._places(column, array)

    def _places(self, column: str, array: Any) -> NDArray[np.int32]:
        """Which of the words found so far stands in each row."""
        if str(array.type) in ("string", "large_string"):
            array = array.dictionary_encode()
        if hasattr(array, "dictionary"):
            if column not in self._tables or not array.dictionary.equals(self._tables[column][0]):
                self._tables[column] = array.dictionary, self._table(column, array.dictionary.to_pylist())
            table = self._tables[column][1]
            which = _values(array.indices)
        else:
            words, which = _distinct(_values(array))
            table = self._table(column, words)
        return np.where(_missing(array), -1, table[which]) if array.null_count else table[which]

    def _table(self, column: str, words: Sequence[str | None]) -> NDArray[np.int32]:
        places = self._words[column]
        return np.array([-1 if word is None else places.setdefault(word, len(places)) for word in (*words, None)], dtype=np.int32)


def _distinct(values: NDArray[Any]) -> tuple[list[str], NDArray[np.integer]]:
    """The words of numbers, or of yes and no, as SQL writes them, and which of them stands in each row."""
    if values.dtype != np.float64:
        distinct, which = np.unique(values, return_inverse=True)
        return [str(value).lower() for value in distinct.tolist()], which
    bits, which = np.unique(values.view(np.int64), return_inverse=True)  # 0.0 and -0.0 are different words
    return [
        "-nan" if number != number and bit < 0 else repr(number) for bit, number in zip(bits, bits.view(float).tolist(), strict=True)
    ], which


def _values(array: Any) -> NDArray[Any]:
    """The numbers of an Arrow array where they lie, whatever stands at those that are missing."""
    kind, data = str(array.type), array.buffers()[1]
    if data is None:
        return np.zeros(len(array))
    if kind == "bool":
        return np.unpackbits(np.frombuffer(data, np.uint8), bitorder="little", count=array.offset + len(array))[array.offset :].astype(bool)
    if kind.startswith("decimal128"):
        return _decimals(np.frombuffer(data, np.int64)[::2][array.offset : array.offset + len(array)], 10**array.type.scale)
    dtype = {"double": "float64", "float": "float32"}.get(kind, kind)
    return np.frombuffer(data, dtype)[array.offset : array.offset + len(array)]


def _decimals(values: NDArray[np.int64], unit: int) -> NDArray[np.float64]:
    """Decimals written as so many units, as DuckDB makes numbers of them: whole and rest apart where both together are not exact."""
    whole = np.sign(values) * (np.abs(values) // unit)
    return np.where(np.abs(values) <= EXACT, values / float(unit), whole + (values - whole * unit) / float(unit))


def _missing(array: Any) -> NDArray[np.bool_]:
    """Where nothing stands in an Arrow array in which something is missing."""
    bits = np.frombuffer(array.buffers()[0], np.uint8)
    return np.unpackbits(~bits, bitorder="little", count=array.offset + len(array))[array.offset :].view(bool)


class ArrowSource(ABC):
    """Patients that pyarrow reads: the number of rows of each file, and the columns with their kinds as DuckDB names them."""

    rows: tuple[int, ...]
    types: Mapping[str, str]

    def gives(self, column: str, how: str) -> bool:
        """Whether a column can be had as numbers, as a flag or as words, with the values that DuckDB gives."""
        kind = self.types[column]
        if how == "number" and kind.startswith("DECIMAL"):
            digits, decimals = map(int, kind.removeprefix("DECIMAL(").rstrip(")").split(","))
            return digits <= MOST_DIGITS and decimals <= MOST_DECIMALS
        return kind in KINDS[how]

    @abstractmethod
    def read(self, numbers: Sequence[str], words: Sequence[str]) -> Iterator[ArrowColumns]:
        """All rows of some columns as numbers and of some as words, in chunks of at most 65,536."""

    @abstractmethod
    def read_part(self, file: str, start: int, stop: int, numbers: Sequence[str], words: Sequence[str]) -> Iterator[ArrowColumns]:
        """Some rows of one file."""


@dataclass(frozen=True, eq=False)
class ArrowTable(ArrowSource):
    """A table in memory."""

    table: Any
    rows: tuple[int, ...]
    types: Mapping[str, str]

    @classmethod
    def find(cls, frame: Any) -> ArrowTable | None:
        """The table; None for other frames, or where DuckDB might see other columns than it."""
        if not type(frame).__module__.startswith("pyarrow."):
            return None
        fields = kinds(frame.schema)
        return cls(frame, (frame.num_rows,), dict(fields)) if told_apart(fields) else None

    def read(self, numbers: Sequence[str], words: Sequence[str]) -> Iterator[ArrowColumns]:
        """All rows of some columns as numbers and of some as words, in chunks of at most 65,536."""
        return self.read_part("", 0, self.rows[0], numbers, words)

    def read_part(self, file: str, start: int, stop: int, numbers: Sequence[str], words: Sequence[str]) -> Iterator[ArrowColumns]:
        """Some rows of the table."""
        table = self.table.select(list(dict.fromkeys((*numbers, *words))))
        for first in range(start, stop, ROWS_PER_CHUNK):
            columns = ArrowColumns(min(ROWS_PER_CHUNK, stop - first), numbers, words)
            at = 0
            for batch in table.slice(first, columns.rows).to_batches():
                columns.fill(at, batch)
                at += batch.num_rows
            yield columns


def told_apart(fields: Sequence[tuple[str, str]]) -> bool:
    """Whether all kinds are known and no two names are alike, for DuckDB tells names apart in lower case."""
    return all(kind for _, kind in fields) and len({name.lower() for name, _ in fields}) == len(fields)


def kinds(schema: Any) -> list[tuple[str, str]]:
    """The columns of an Arrow schema with their kinds."""
    return [(str(column.name), _type(str(column.type))) for column in schema]


def _type(arrow: str) -> str:
    """DuckDB's name for a column's type; OTHER for what is no number, and nothing where that is not sure."""
    if arrow.startswith("decimal128("):
        return arrow.replace("decimal128", "DECIMAL").replace(" ", "")
    if arrow.startswith("dictionary<values=") and "string," in arrow:
        return "VARCHAR"
    return NAMES.get(arrow, "OTHER" if arrow.startswith(NO_NUMBERS) else "")
