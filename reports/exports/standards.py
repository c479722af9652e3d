"""The definitions that exports follow, read from the data files beside this module."""

from __future__ import annotations

import csv
import io
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable

FOLDER = "standards"


@dataclass(frozen=True)
class Framework:
    """A law, guideline or format: whether it binds, as of when this is known, and where it is defined."""

    title: str
    status: str
    as_of: str
    source: str


def data_file(name: str) -> Traversable:
    """A file of definitions in this package."""
    return files(__package__) / FOLDER / name


@cache
def framework(name: str) -> Framework:
    """What is known of a law, guideline or format."""
    return Framework(**tomllib.loads(data_file("frameworks.toml").read_text(encoding="utf-8"))[name])


@cache
def definitions(name: str) -> tuple[Mapping[str, str], ...]:
    """The rows of a CSV file of definitions."""
    return tuple(csv.DictReader(io.StringIO(data_file(f"{name}.csv").read_text(encoding="utf-8"))))


def to_csv(columns: Sequence[str], rows: Iterable[Mapping[str, str]]) -> bytes:
    """Rows as CSV in UTF-8."""
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, columns, lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue().encode()
