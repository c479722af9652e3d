"""Files of an audit beside its report: audit.json and the tidy tables."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import msgspec

from auditor.errors import CohortError
from auditor.files import write_whole
from auditor.result import AuditResult
from auditor.rows import TABLES, Row, columns

ROWS_AT_ONCE = 10_000


def open_folder(out: Path) -> None:
    """Make the folder before the work begins; one that cannot be written is an error at once."""
    try:
        out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise CohortError(f"{out}: the folder cannot be made ({error.strerror}).") from None


@contextmanager
def writing(path: Path) -> Iterator[None]:
    """What cannot be written is an error that names the file or folder."""
    try:
        yield
    except OSError as error:
        raise CohortError(f"{path}: cannot be written ({error.strerror}).") from None


def write_tables(result: AuditResult, out: Path) -> Path:
    """Write audit.json and one CSV per tidy table into a folder; the path of audit.json."""
    with writing(out):
        for table in TABLES:
            write_whole(out / f"{table}.csv", to_csv(table, result.rows(table)))
        return result.save(out / "audit.json")


def save(path: Path, data: bytes) -> Path:
    """Write a file whole or not at all; one that cannot be written is a CohortError."""
    with writing(path):
        return write_whole(path, data)


def append(path: Path, text: str) -> None:
    """Add text to the end of a file."""
    with writing(path), path.open("a", encoding="utf-8") as file:
        file.write(text)


def to_csv(table: str, rows: Sequence[Row]) -> Iterator[bytes]:
    """A tidy table as CSV in UTF-8, in pieces of some thousand rows, so that it is never in memory as a whole; None is an empty field."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(columns(table))
    for start in range(0, max(len(rows), 1), ROWS_AT_ONCE):
        writer.writerows(map(msgspec.structs.astuple, rows[start : start + ROWS_AT_ONCE]))
        yield text.getvalue().encode("utf-8")
        text.seek(0)
        text.truncate()
