"""Parquet files read by pyarrow, without DuckDB: what columns they have, how many rows, and any rows of some columns."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from auditor.patients.sources.arrow import ROWS_PER_CHUNK, ArrowColumns, ArrowSource, kinds, told_apart

BATCH = 8_192
BUFFER = 65_536


class Reader:
    """Some columns of one file, best read forwards: earlier rows of the same row group are passed over."""

    def __init__(self, path: Path, numbers: Sequence[str], words: Sequence[str], known: Mapping[str, str]) -> None:
        self._numbers, self._words = numbers, words
        self._columns = [column for column in dict.fromkeys((*numbers, *words)) if column in known]
        self._file = _open(path, [column for column in self._columns if known[column] == "VARCHAR"])
        if kinds(self._file.schema_arrow) != list(known.items()):
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
class ParquetFiles(ArrowSource):
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
            fields = kinds(file.schema_arrow)
            if not told_apart(fields) or any(types.get(name, kind) != kind for name, kind in fields):
                return None
            types |= dict(fields)
            columns[str(path)] = dict(fields)
        return cls(files, tuple(rows), columns, types) if told_apart(list(types.items())) else None

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
