"""Parquet files read by pyarrow, without DuckDB: what columns they have, how many rows, and any rows of some columns."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

ROWS_PER_CHUNK = 65_536
BATCH = 8_192
BUFFER = 65_536
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
        if hasattr(array, "dictionary"):
            if column not in self._tables or not array.dictionary.equals(self._tables[column][0]):
                self._tables[column] = array.dictionary, self._table(column, array.dictionary.to_pylist())
            table = self._tables[column][1]
            which = _values(array.indices)
        else:
            words, which = _distinct(_values(array))
            table = self._table(column, words)
        return np.where(_missing(array), -1, table[which]) if array.null_count else table[which]

    def _table(self, column: str, words: list[str]) -> NDArray[np.int32]:
        places = self._words[column]
        return np.array([*(places.setdefault(word, len(places)) for word in words), -1], dtype=np.int32)


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


class Reader:
    """Some columns of one file, best read forwards: earlier rows of the same row group are passed over."""

    def __init__(self, path: Path, numbers: Sequence[str], words: Sequence[str], kinds: Mapping[str, str]) -> None:
        self._numbers, self._words = numbers, words
        self._columns = [column for column in dict.fromkeys((*numbers, *words)) if column in kinds]
        self._file = _open(path, [column for column in self._columns if kinds[column] == "VARCHAR"])
        if _kinds(self._file) != list(kinds.items()):
            raise OSError("has other columns than before")
        groups = self._file.metadata
        self._starts = np.cumsum([0, *(groups.row_group(i).num_rows for i in range(groups.num_row_groups))])
        self._batches: Iterator[Any] = iter(())
        self._batch: Any = None
        self._at = self._end = int(self._starts[-1])

    def read(self, start: int, stop: int) -> Iterator[ArrowColumns]:
        """Rows `start` to `stop` - 1, at most 65,536 at a time, nothing of which is kept here."""
        for first in range(start, stop, ROWS_PER_CHUNK):
            yield self._chunk(first, min(first + ROWS_PER_CHUNK, stop))

    def _chunk(self, start: int, stop: int) -> ArrowColumns:
        columns = ArrowColumns(stop - start, self._numbers, self._words)
        at = start
        while at < stop:
            batch = self._take(at, stop)
            columns.fill(at - start, batch)
            at += batch.num_rows
        return columns

    def _take(self, start: int, stop: int) -> Any:
        """The rows from `start` to the end of their batch at most; `_at` and `_end` say which batch is at hand."""
        group = int(np.searchsorted(self._starts, start, side="right")) - 1
        if start < self._at or self._starts[group] > self._end:
            later = range(group, len(self._starts) - 1)
            self._batches = self._file.iter_batches(BATCH, row_groups=later, columns=self._columns, use_threads=False)
            self._end = int(self._starts[group])
        while self._end <= start:
            self._batch = next(self._batches, None)
            if self._batch is None:
                raise OSError("ends too early")
            self._at, self._end = self._end, self._end + self._batch.num_rows
        return self._batch.slice(start - self._at, stop - start)


@dataclass(frozen=True, eq=False)
class ParquetFiles:
    """Parquet files, with the columns of each; `types` names the kinds of all columns as DuckDB does, which are the same in each file."""

    files: tuple[Path, ...]
    rows: tuple[int, ...]
    columns: Mapping[str, Mapping[str, str]]
    types: Mapping[str, str]
    _readers: dict[tuple[Any, ...], Reader] = field(default_factory=dict)

    @classmethod
    def find(cls, files: tuple[Path, ...]) -> ParquetFiles | None:
        """The files; None where pyarrow is not installed or cannot open them, or where DuckDB might see other columns than it."""
        if any("=" in part for path in files for part in path.absolute().parts):  # columns that stand in the path
            return None
        types: dict[str, str] = {}
        rows, columns = [], {}
        for path in files:
            try:
                file = _open(path)
            except (ImportError, OSError, ValueError, NotImplementedError):
                return None
            rows.append(int(file.metadata.num_rows))
            fields = _kinds(file)
            if any(not kind or types.get(name, kind) != kind for name, kind in fields) or len(dict(fields)) < len(fields):
                return None
            types |= dict(fields)
            columns[str(path)] = dict(fields)
        return cls(files, tuple(rows), columns, types) if len({name.lower() for name in types}) == len(types) else None

    def gives(self, column: str, how: str) -> bool:
        """Whether a column can be had as numbers, as a flag or as words, with the values that DuckDB gives."""
        kind = self.types[column]
        if how == "number" and kind.startswith("DECIMAL"):
            digits, decimals = map(int, kind.removeprefix("DECIMAL(").rstrip(")").split(","))
            return digits <= MOST_DIGITS and decimals <= MOST_DECIMALS
        return kind in KINDS[how]

    def read(self, numbers: Sequence[str], words: Sequence[str]) -> Iterator[ArrowColumns]:
        """All rows of some columns as numbers and of some as words."""
        for path, rows in zip(self.files, self.rows, strict=True):
            yield from self._reader(str(path), numbers, words).read(0, rows)

    def read_part(self, file: str, start: int, stop: int, numbers: Sequence[str], words: Sequence[str]) -> Iterator[ArrowColumns]:
        """Some rows of one file, which stays open for those that come after them."""
        key = (file, tuple(numbers), tuple(words))
        if key not in self._readers:
            self._readers.clear()
            self._readers[key] = self._reader(file, numbers, words)
        yield from self._readers[key].read(start, stop)

    def _reader(self, file: str, numbers: Sequence[str], words: Sequence[str]) -> Reader:
        return Reader(Path(file), numbers, words, self.columns[file])


def _open(path: Path, words: Sequence[str] = ()) -> Any:
    """A file to be read in small steps by this thread alone."""
    import pyarrow.parquet as pq

    return pq.ParquetFile(path, read_dictionary=list(words), pre_buffer=False, buffer_size=BUFFER)


def _kinds(file: Any) -> list[tuple[str, str]]:
    """The columns of a file with their types."""
    return [(str(column.name), _type(str(column.type))) for column in file.schema_arrow]


def _type(arrow: str) -> str:
    """DuckDB's name for a column's type; OTHER for what is no number, and nothing where that is not sure."""
    if arrow.startswith("decimal128("):
        return arrow.replace("decimal128", "DECIMAL").replace(" ", "")
    if arrow.startswith("dictionary<values=") and "string," in arrow:
        return "VARCHAR"
    return NAMES.get(arrow, "OTHER" if arrow.startswith(NO_NUMBERS) else "")
