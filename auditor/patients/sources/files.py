"""Files of a cohort: found, recognized as CSV or Parquet, and written as what stands after FROM."""

from __future__ import annotations

import csv
import glob
import gzip
import re
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property, partial
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from auditor.errors import CohortError, MissingColumn, OptionError
from auditor.patients.sources.arrow import ROWS_PER_CHUNK, ArrowColumns, ArrowSource
from auditor.patients.sources.mapping import CohortMap

if TYPE_CHECKING:
    from auditor.patients.sources.reads import Direct, How, Raw, Read

LONGEST_HEADER = 1_000_000
VECTOR = 2_048
WITHOUT_COPY = {"double": "float64", "int8": "int8", "int64": "int64"}
SPACES = " \u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f\u3000"
GZIP = b"\x1f\x8b"
VALUE = re.compile(r"[-+]?[\d.,]+(e[-+]?\d+)?%?|\d{1,4}[-/.]\d{1,2}[-/.]\d{1,4}.*", re.IGNORECASE)


@dataclass(frozen=True)
class Header:
    """The first line of a CSV file: its separator and the names of its columns."""

    separator: str
    names: tuple[str, ...]


def find_files(sources: Sequence[str | Path]) -> tuple[Path, ...]:
    """Existing files for paths and patterns; a directory, a missing or an empty file is a CohortError."""
    files: list[Path] = []
    for source in sources:
        text = str(source)
        matches = [Path(m) for m in sorted(glob.glob(text))] if any(c in text for c in "*?[") and not Path(text).exists() else [Path(text)]
        if not matches:
            raise CohortError(f"{text}: no file matches this pattern.")
        files.extend(matches)
    for path in files:
        if path.is_dir():
            raise CohortError(f"{path}: is a directory. Give a file, or a pattern in quotes such as '{path}/*.parquet'.")
        if not path.exists():
            raise CohortError(f"{path}: there is no such file.")
        try:
            with path.open("rb") as file:
                if not file.read(1):
                    raise CohortError(f"{path}: is empty.")
        except OSError as error:
            raise CohortError(f"{path}: cannot be read ({error.strerror}).") from None
    return tuple(files)


def relation(files: tuple[Path, ...]) -> str:
    """The files as SQL; every CSV column is text, and columns of several files are matched by name."""
    kinds = {_kind(path) for path in files}
    if len(kinds) > 1:
        raise CohortError("CSV and Parquet files cannot be read together; give files of one kind.")
    if kinds == {"parquet"}:
        return f"read_parquet([{', '.join(string(str(path)) for path in files)}], union_by_name=true)"
    parts = [_csv_relation(path, read_header(path)) for path in files]
    return parts[0] if len(parts) == 1 else f"({' UNION ALL BY NAME '.join(f'SELECT * FROM {part}' for part in parts)})"


def _csv_relation(path: Path, header: Header) -> str:
    columns = ", ".join(f"{string(name)}: 'VARCHAR'" for name in header.names)
    return (
        f"read_csv({string(str(path))}, auto_detect=false, header=true, delim={string(header.separator)}, "
        f"quote='\"', escape='\"', columns={{{columns}}}, strict_mode=true)"
    )


def _kind(path: Path) -> str:
    with path.open("rb") as file:
        start = file.read(4096)
    if start[:4] == b"PAR1":
        return "parquet"
    if path.suffix.lower() in (".parquet", ".pq"):
        raise CohortError(f"{path}: is not a Parquet file, although its name says so.")
    if start[:2] == GZIP and path.suffix.lower() != ".gz":
        raise CohortError(f"{path}: is compressed. Give it a name that ends in .csv.gz.")
    if start[:2] in (b"\xff\xfe", b"\xfe\xff"):
        raise CohortError(f"{path}: is UTF-16 text. Save it as UTF-8 and try again.")
    if b"\0" in start and start[:2] != GZIP:
        raise CohortError(f"{path}: is neither CSV nor Parquet (it holds binary data).")
    return "csv"


def read_header(path: Path) -> Header:
    """The header of a CSV file; none, doubled names, or values in place of names are a CohortError."""
    opener: Any = gzip.open if path.suffix.lower() == ".gz" else open
    try:
        with opener(path, "rt", encoding="utf-8-sig", newline="") as file:
            line = file.readline(LONGEST_HEADER)
            separator = max(",;\t|", key=line.count)
            file.seek(0)
            names = [n.strip() for n in next(csv.reader(file, delimiter=separator), [])]
    except UnicodeDecodeError:
        raise CohortError(f"{path}: is not UTF-8 text. Save it as UTF-8 and try again.") from None
    except csv.Error:
        raise CohortError(f"{path}: its first line cannot be read as column names.") from None
    except (OSError, EOFError):
        raise CohortError(f"{path}: cannot be read. Is it complete, and of the kind that its name says?") from None
    if not any(names):
        raise CohortError(f"{path}: its first line holds no column names.")
    if any(VALUE.fullmatch(name) for name in names):
        raise CohortError(f"{path}: its first line seems to hold values. Put the column names there.")
    refuse_doubles(names, str(path))
    return Header(separator, tuple(name or f"column {i + 1}" for i, name in enumerate(names)))


def refuse_doubles(names: Sequence[str], label: str) -> None:
    """The same column name twice, in whatever case, is a CohortError."""
    seen = [name.lower() for name in names if name]
    twice = sorted({name for name in names if name and seen.count(name.lower()) > 1})
    if twice:
        raise CohortError(f"{label}: has the column {', '.join(twice)} more than once. Rename or remove the copies.")


def string(text: str) -> str:
    """A text as an SQL string."""
    return "'" + text.replace("'", "''") + "'"


def quoted(column: str) -> str:
    """A column name as an SQL identifier."""
    return '"' + column.replace('"', '""') + '"'


def trimmed(word: str) -> str:
    """A word as SQL's trim leaves it: spaces of every width go, tabs and line ends stay."""
    return word.strip(SPACES)


def _values(column: Any) -> NDArray[Any]:
    """An Arrow column as an array; full columns of numbers where they lie, because Arrow's own way copies and loads pandas."""
    kind = WITHOUT_COPY.get(str(column.type))
    if kind is None or column.null_count:
        values: NDArray[Any] = column.to_numpy(zero_copy_only=False)
        return values
    return np.frombuffer(column.buffers()[1], kind)[column.offset : column.offset + len(column)]


def why_unreadable(error: Exception, label: str, relation: str, conditional: bool) -> str:
    """DuckDB's error in words that hold nothing of the file but a line's number."""
    import duckdb

    text = str(error)
    line = re.search(r"CSV Error on Line: (\d+)", text)
    if "not utf-8 encoded" in text:
        return f"{label}: is not UTF-8 text. Save it as UTF-8 (or as Parquet) and try again."
    if isinstance(error, duckdb.OutOfMemoryException):
        return f"{label}: does not fit in memory. Save it as Parquet, which is read in pieces."
    if line and "unterminated quote" in text:
        return f"{label}: line {line[1]} opens a quotation mark that is never closed."
    if line and "Number of Columns" in text:
        return f"{label}: line {line[1]} has more or fewer fields than the line of column names."
    if conditional and isinstance(error, duckdb.BinderException | duckdb.ParserException | duckdb.ConversionException):
        return f"{label}: the condition `where` of the mapping file cannot be evaluated on its columns."
    if relation == "frame":
        return f"{label}: has a column of a kind that cannot be read ({type(error).__name__}). Give numbers and text."
    kind = "CSV" if "read_csv" in relation else "Parquet"
    return f"{label}: cannot be read as {kind} ({type(error).__name__}). Is it complete, and of that kind?"


class Database:
    """The DuckDB of this process, started when it is first needed; every query has a connection to it of its own, because a start takes 20 ms."""

    def __init__(self) -> None:
        self._started: list[Any] = []
        self._forgotten: list[Any] = []
        self._one_thread = False

    def cursor(self) -> Any:
        """A connection."""
        if not self._started:
            import duckdb

            off = ("autoinstall_known_extensions", "autoload_known_extensions", "enable_external_file_cache")
            self._started.append(duckdb.connect(config=dict.fromkeys(off, "false")))
            self.use_threads(not self._one_thread)
        return self._started[0].cursor()

    def use_threads(self, many: bool) -> None:
        """Read in many threads, or in one."""
        self._one_thread = not many
        if self._started:
            self._started[0].execute("RESET threads" if many else "SET threads = 1")

    def anew(self) -> None:
        """Forget the DuckDB that is there, without closing it, and start another when it is needed."""
        self._forgotten.extend(self._started)
        self._started.clear()


_database = Database()


def read_in_one_thread() -> None:
    """For one of several processes that read at the same time: DuckDB's threads would wait for each other and hold memory each."""
    _database.use_threads(False)


@contextmanager
def reading_in_one_thread() -> Iterator[None]:
    """The same, while this lasts."""
    read_in_one_thread()
    try:
        yield
    finally:
        _database.use_threads(True)


def read_anew() -> None:
    """In a copy of a process: use a DuckDB of its own. The other has lost its threads; to close it would be to wait for them."""
    _database.anew()
    read_in_one_thread()


@dataclass(frozen=True)
class Rows:
    """Some rows of one Parquet file, counted from 0; `stop` is not among them."""

    file: str
    start: int
    stop: int

    @property
    def condition(self) -> str:
        """As SQL."""
        return f"filename = {string(self.file)} AND file_row_number BETWEEN {self.start} AND {self.stop - 1}"


@dataclass(frozen=True, eq=False)
class Table:
    """Files or a frame as DuckDB sees them: `relation` is what stands after FROM; `arrow` reads the same without it."""

    relation: str
    files: tuple[Path, ...]
    map: CohortMap
    frame: Any = None
    arrow: ArrowSource | None = None

    def connect(self) -> Any:
        """A DuckDB connection of its own, with the frame registered."""
        connection = _database.cursor()
        connection.execute("SET enable_progress_bar = false")
        if self.frame is not None:
            connection.register("frame", self.frame)
        return connection

    def query(self, sql: str) -> Any:
        """Run a query; what DuckDB cannot read is a CohortError without any value of the file."""
        import duckdb

        try:
            return self.connect().execute(sql)
        except duckdb.Error as error:
            raise CohortError(self.explain(error)) from None

    def raw(self, reads: Sequence[Read], rows: Rows | None = None) -> Iterator[Raw]:
        """What is read of all patients, or of some rows, in chunks of at most 65,536; errors as in `query`.

        Where pyarrow can give every column that is needed it reads the files; else DuckDB does.
        """
        from auditor.patients.sources.reads import Direct

        direct = [read for read in reads if isinstance(read, Direct)]
        needs = [need for read in direct for need in read.needs]
        if self.arrow is not None and len(direct) == len(reads) and all(self.arrow.gives(*need) for need in needs):
            return _joined(self._directly(direct, needs, rows))
        condition = self.condition
        if rows is not None:
            condition = f"{condition} AND {rows.condition}" if condition else f" WHERE {rows.condition}"
        return self._by_sql(f"SELECT {', '.join(e for read in reads for e in read.sql())} FROM {self.relation}{condition}")

    def _directly(self, reads: Sequence[Direct], needs: Iterable[tuple[str, How]], rows: Rows | None) -> Iterator[Raw]:
        from auditor.patients.sources.reads import evaluated

        with self._explained():
            yield from map(partial(evaluated, reads), self._columns(needs, rows))

    def _columns(self, needs: Iterable[tuple[str, How]], rows: Rows | None = None) -> Iterator[ArrowColumns]:
        """Columns as pyarrow reads them."""
        assert self.arrow is not None
        numbers = tuple(dict.fromkeys(column for column, how in needs if how != "words"))
        words = tuple(dict.fromkeys(column for column, how in needs if how == "words"))
        if rows is None:
            return self.arrow.read(numbers, words)
        return self.arrow.read_part(rows.file, rows.start, rows.stop, numbers, words)

    @contextmanager
    def _explained(self) -> Iterator[None]:
        """What pyarrow cannot read is a CohortError without any value of the file."""
        try:
            yield
        except (OSError, ValueError, NotImplementedError) as error:
            raise CohortError(self.explain(error)) from None

    def _by_sql(self, sql: str) -> Iterator[Raw]:
        """The rows of a query; columns of Parquet files come over Arrow where pyarrow is installed, which takes half the time."""
        import duckdb

        connection = self.connect()
        try:
            if self.relation.startswith("read_parquet") and not self.map.where and find_spec("pyarrow"):
                for batch in connection.sql(sql).to_arrow_reader(ROWS_PER_CHUNK):
                    if batch.num_rows:
                        yield {name: _values(batch.column(name)) for name in batch.schema.names}
                return
            result = connection.execute(sql)
            while len(frame := result.fetch_df_chunk(ROWS_PER_CHUNK // VECTOR)):
                yield {str(name): frame[name].to_numpy() for name in frame.columns}
        except (duckdb.Error, OSError) as error:
            raise CohortError(self.explain(error)) from None

    def explain(self, error: Exception) -> str:
        """What is wrong with the files, without any value of theirs."""
        return why_unreadable(error, self.label, self.relation, bool(self.map.where))

    @cached_property
    def types(self) -> dict[str, str]:
        """The file's columns and their DuckDB types (OTHER may stand for one that is no number)."""
        if self.arrow is not None:
            return dict(self.arrow.types)
        return {row[0]: row[1].upper() for row in self.query(f"DESCRIBE SELECT * FROM {self.relation}").fetchall()}

    @cached_property
    def rows(self) -> int:
        """Number of rows after the mapping's `where`."""
        if self.arrow is not None:
            return sum(self.arrow.rows)
        return int(self.query(f"SELECT count(*) FROM {self.relation}{self.condition}").fetchone()[0])

    def rows_of_files(self) -> list[tuple[str, int]]:
        """Every file with its number of rows."""
        if self.arrow is not None:
            return [(str(path), rows) for path, rows in zip(self.files, self.arrow.rows, strict=True)]
        return [(str(path), int(self.query(f"SELECT count(*) FROM {relation((path,))}").fetchone()[0])) for path in self.files]

    @property
    def condition(self) -> str:
        """The mapping's condition as SQL."""
        return f" WHERE ({self.map.where})" if self.map.where else ""

    def find(self, column: str) -> str | None:
        """The file's own spelling of a column name, or None."""
        if column in self.types:
            return column
        same = self._lower.get(column.lower(), [])
        return same[0] if len(same) == 1 else None

    @cached_property
    def _lower(self) -> dict[str, list[str]]:
        """The file's columns by their names in lower case."""
        found: dict[str, list[str]] = {}
        for name in self.types:
            found.setdefault(name.lower(), []).append(name)
        return found

    def need(self, column: str, purpose: str) -> str:
        """The file's spelling, or a MissingColumn that says what the file has."""
        found = self.find(column)
        if found is None:
            from difflib import get_close_matches

            near = get_close_matches(column, list(self.types), n=3, cutoff=0.5)
            hint = f" Near names: {', '.join(near)}." if near else f" It has: {', '.join(list(self.types)[:20])}."
            raise MissingColumn(f"{self.label}: has no column '{column}' ({purpose}).{hint}")
        return found

    @property
    def label(self) -> str:
        """The files' names for messages."""
        if not self.files:
            return "data frame"
        more = f" and {len(self.files) - 1} more" if len(self.files) > 1 else ""
        return f"{self.files[0]}{more}"

    @cached_property
    def _distinct(self) -> dict[tuple[str, int], list[str]]:
        return {}

    def distinct(self, column: str, most: int, purpose: str) -> list[str]:
        """The distinct words of a column, sorted; too many is an OptionError."""
        if (column, most) not in self._distinct:
            self._distinct[column, most] = self._find_distinct(column, most, purpose)
        return self._distinct[column, most]

    def _find_distinct(self, column: str, most: int, purpose: str) -> list[str]:
        if self.arrow is not None and self.arrow.gives(column, "words"):
            words = self._words(column, most)
        else:
            text = f"trim(CAST({quoted(column)} AS VARCHAR))"
            found = self.query(f"SELECT DISTINCT {text} AS v FROM {self.relation}{self.condition} ORDER BY v LIMIT {most + 1}").fetchall()
            words = [row[0] for row in found if row[0] is not None]
        if len(words) > most:
            raise OptionError(f"{self.label}: column '{column}' has more than {most} different values, too many for {purpose}.")
        return words

    def _words(self, column: str, most: int) -> list[str]:
        """The distinct words of a column of Parquet files, without spaces around them, sorted; where there are too many, not all."""
        found: set[str] = set()
        with self._explained():
            for columns in self._columns([(column, "words")]):
                words, which = columns.words(column)
                found.update(trimmed(words[i]) for i in np.unique(which).tolist() if i >= 0)
                if len(found) > most:
                    break
        return sorted(found)


def _joined(pieces: Iterable[Raw]) -> Iterator[Raw]:
    """Pieces put together as long as they make no more than 65,536 rows."""
    some: list[Raw] = []
    rows = 0
    for piece in pieces:
        more = len(next(iter(piece.values())))
        if some and rows + more > ROWS_PER_CHUNK:
            yield _as_one(some)
            rows = 0
        some.append(piece)
        rows += more
        del piece
        if rows == ROWS_PER_CHUNK:
            yield _as_one(some)
            rows = 0
    if some:
        yield _as_one(some)


def _as_one(pieces: list[Raw]) -> Raw:
    """The pieces as one; the list is emptied, so that they are not kept."""
    made = pieces[0] if len(pieces) == 1 else {name: np.concatenate([piece[name] for piece in pieces]) for name in pieces[0]}
    pieces.clear()
    return made
