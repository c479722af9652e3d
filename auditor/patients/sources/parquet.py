"""Parquet files read by pyarrow, without DuckDB: what columns they have, how many rows, and any rows of some columns."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

ROWS_PER_CHUNK = 65_536
BUFFER = 65_536
FAITHFUL_DIGITS = 15
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
    """Some rows of columns as Arrow arrays, numbers without a copy where nothing is missing; a column that is not there is empty."""

    def __init__(self, batch: Any) -> None:
        self._columns = dict(zip(batch.schema.names, batch.columns, strict=True))
        self.rows: int = batch.num_rows
        self._words: dict[str, tuple[list[str], NDArray[np.integer]]] = {}

    def numbers(self, column: str) -> NDArray[np.float64]:
        """Numbers, NaN where nothing stands; yes and no are 1 and 0."""
        array = self._columns.get(column)
        if array is None:
            return np.full(self.rows, np.nan)
        values = _values(array).astype(np.float64, copy=False)
        return np.where(_known(array), values, np.nan) if array.null_count else values

    def words(self, column: str) -> tuple[list[str], NDArray[np.integer]]:
        """Different words as SQL writes them, and which of them stands in each row: -1 where nothing does."""
        if column not in self._words:
            self._words[column] = self._found(column)
        return self._words[column]

    def _found(self, column: str) -> tuple[list[str], NDArray[np.integer]]:
        array = self._columns.get(column)
        if array is None:
            return [], np.full(self.rows, -1)
        if hasattr(array, "dictionary"):
            words, which = array.dictionary.to_pylist(), _values(array.indices)
        else:
            values = _values(array)
            if values.dtype == np.float64:  # by their bits, because 0.0 and -0.0 are different words
                bits, which = np.unique(values.view(np.int64), return_inverse=True)
                words = [
                    "-nan" if number != number and bit < 0 else repr(number)
                    for bit, number in zip(bits, bits.view(float).tolist(), strict=True)
                ]
            else:
                distinct, which = np.unique(values, return_inverse=True)
                words = [str(value).lower() for value in distinct.tolist()]
        return words, np.where(_known(array), which, -1) if array.null_count else which


def _values(array: Any) -> NDArray[Any]:
    """The numbers of an Arrow array where they lie, whatever stands at those that are missing."""
    kind, data = str(array.type), array.buffers()[1]
    if data is None:
        return np.zeros(len(array))
    if kind == "bool":
        return np.unpackbits(np.frombuffer(data, np.uint8), bitorder="little", count=array.offset + len(array))[array.offset :].astype(bool)
    if kind.startswith("decimal128"):
        low = np.frombuffer(data, np.int64)[::2][array.offset : array.offset + len(array)]
        return np.asarray(low / 10.0**array.type.scale)
    dtype = {"double": "float64", "float": "float32"}.get(kind, kind)
    return np.frombuffer(data, dtype)[array.offset : array.offset + len(array)]


def _known(array: Any) -> NDArray[np.bool_]:
    """Where something stands in an Arrow array in which something is missing."""
    bits = np.frombuffer(array.buffers()[0], np.uint8)
    return np.unpackbits(bits, bitorder="little", count=array.offset + len(array))[array.offset :].view(bool)


class Reader:
    """Some columns of one file, best read forwards: earlier rows of the same row group are passed over."""

    def __init__(self, path: Path, columns: Sequence[str], words: Sequence[str]) -> None:
        self._file = _open(path, words)
        self._columns = list(columns)
        groups = self._file.metadata
        self._starts = np.cumsum([0, *(groups.row_group(i).num_rows for i in range(groups.num_row_groups))])
        self._batches: Iterator[Any] = iter(())
        self._batch: Any = None
        self._at = self._end = int(self._starts[-1])

    def read(self, start: int, stop: int) -> Iterator[ArrowColumns]:
        """Rows `start` to `stop` - 1, as many at a time as lie together."""
        while start < stop:
            piece = self._from(start).slice(0, stop - start)
            start += piece.num_rows
            yield ArrowColumns(piece)

    def _from(self, start: int) -> Any:
        """The rows from `start` to the end of the batch in which it lies; `_at` and `_end` say which batch is at hand."""
        group = int(np.searchsorted(self._starts, start, side="right")) - 1
        if start < self._at or self._starts[group] > self._end:
            later = range(group, len(self._starts) - 1)
            self._batches = self._file.iter_batches(ROWS_PER_CHUNK, row_groups=later, columns=self._columns, use_threads=False)
            self._end = int(self._starts[group])
        while self._end <= start:
            self._batch = None
            self._batch = next(self._batches, None)
            if self._batch is None:
                raise OSError("ends too early")
            self._at, self._end = self._end, self._end + self._batch.num_rows
        return self._batch.slice(start - self._at)


@dataclass(frozen=True, eq=False)
class ParquetFiles:
    """Parquet files, with the columns of each; `types` names the kinds of all columns as DuckDB does, which are the same in each file."""

    files: tuple[Path, ...]
    rows: tuple[int, ...]
    columns: Mapping[str, frozenset[str]]
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
            fields = [(str(column.name), _type(str(column.type))) for column in file.schema_arrow]
            if any(not kind or types.get(name, kind) != kind for name, kind in fields) or len(dict(fields)) < len(fields):
                return None
            types |= dict(fields)
            columns[str(path)] = frozenset(dict(fields))
        return cls(files, tuple(rows), columns, types) if len({name.lower() for name in types}) == len(types) else None

    def gives(self, column: str, how: str) -> bool:
        """Whether a column can be had as numbers, as a flag or as words, with the values that DuckDB gives."""
        kind = self.types[column]
        if how == "number" and kind.startswith("DECIMAL"):
            return int(kind.removeprefix("DECIMAL(").partition(",")[0]) <= FAITHFUL_DIGITS
        return kind in KINDS[how]

    def read(self, columns: Sequence[str], words: Collection[str]) -> Iterator[ArrowColumns]:
        """All rows; `words` are those of the columns that are wanted as words."""
        for path, rows in zip(self.files, self.rows, strict=True):
            yield from self._reader(str(path), columns, words).read(0, rows)

    def read_part(self, file: str, start: int, stop: int, columns: Sequence[str], words: Collection[str]) -> Iterator[ArrowColumns]:
        """Some rows of one file, which stays open for those that come after them."""
        key = (file, tuple(columns), tuple(words))
        if key not in self._readers:
            self._readers.clear()
            self._readers[key] = self._reader(file, columns, words)
        yield from self._readers[key].read(start, stop)

    def _reader(self, file: str, columns: Sequence[str], words: Collection[str]) -> Reader:
        """A reader of those columns that a file has; text comes as a dictionary."""
        there = [column for column in columns if column in self.columns[file]]
        return Reader(Path(file), there, [column for column in there if column in words and self.types[column] == "VARCHAR"])


def _open(path: Path, words: Sequence[str] = ()) -> Any:
    """A file to be read in small steps by this thread alone."""
    import pyarrow.parquet as pq

    return pq.ParquetFile(path, read_dictionary=list(words), pre_buffer=False, buffer_size=BUFFER)


def _type(arrow: str) -> str:
    """DuckDB's name for a column's type; OTHER for what is no number, and nothing where that is not sure."""
    if arrow.startswith("decimal128("):
        return arrow.replace("decimal128", "DECIMAL").replace(" ", "")
    if arrow.startswith("dictionary<values=") and "string," in arrow:
        return "VARCHAR"
    return NAMES.get(arrow, "OTHER" if arrow.startswith(NO_NUMBERS) else "")
