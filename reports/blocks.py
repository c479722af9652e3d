"""The five blocks a report is made of: Heading, Paragraph, Items, Table, Figure, Callout; they carry no markup."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal, Protocol

from auditor.result import AuditResult
from reports.drawing import Chart, draw


@dataclass(frozen=True)
class Heading:
    """A heading inside a section: level 3 opens a chapter, level 4 a part of it; `anchor` is unique in the document."""

    text: str
    level: Literal[3, 4]
    anchor: str


@dataclass(frozen=True)
class Paragraph:
    """One paragraph of plain text."""

    text: str


@dataclass(frozen=True)
class Items:
    """A short list, one statement each."""

    items: tuple[str, ...]


@dataclass(frozen=True)
class Table:
    """A table whose caption says what is counted; the first column heads its row, `text_columns` are set flush left.

    `fixed` tables hold fields that people fill in or figures whose order matters; they are never re-sorted. `shares` are relative
    widths of the columns where the texts alone would not give them.
    """

    caption: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    note: str = ""
    text_columns: tuple[int, ...] = (0,)
    fixed: bool = False
    shares: tuple[int, ...] = ()

    def __post_init__(self) -> None:
        for row in self.rows:
            if len(row) != len(self.columns):
                raise ValueError(f"table '{self.caption}': a row has {len(row)} cells for {len(self.columns)} columns")

    @property
    def widths(self) -> tuple[int, ...]:
        """Relative widths for formats that must be told: by the longest cell, between the longest word and 64 characters."""
        if self.shares:
            return self.shares
        cells = list(zip(*self.rows, strict=True)) or [()] * len(self.columns)
        return tuple(_width(name, column) for name, column in zip(self.columns, cells, strict=True))


@dataclass(frozen=True, kw_only=True)
class Figure:
    """A drawing, as a Vega-Lite specification; `alt` states the finding."""

    chart: Chart
    alt: str
    caption: str

    def __post_init__(self) -> None:
        if not self.alt.strip():
            raise TypeError("a figure needs an alt text that states its finding")

    @property
    def svg(self) -> str:
        """The drawing as SVG, drawn anew."""
        return draw(self.chart)


@dataclass(frozen=True)
class Callout:
    """A statement set apart: `note` for reading, `warning` for what must not be overlooked."""

    title: str
    text: str
    kind: Literal["note", "warning"] = "note"


def _width(name: str, cells: tuple[str, ...]) -> int:
    words = max((len(word) for text in (name, *cells) for word in text.split()), default=4)
    longest = max((len(cell) for cell in cells), default=0)
    blank = 30 if not longest else 0
    return 2 + max(4, min(words, 16), min(len(name) * 2 // 3, 18), min(longest, 64), blank)


Block = Heading | Paragraph | Items | Table | Figure | Callout


class Section(Protocol):
    """A module or value with a title that answers one question."""

    @property
    def TITLE(self) -> str: ...

    def build(self, result: AuditResult) -> Iterable[Block]: ...


@dataclass(frozen=True)
class Document:
    """A report before it has a format: stamps stand on every page and every section; `author` is the software with its version."""

    title: str
    subtitle: str
    stamps: tuple[str, ...]
    fingerprint: str
    date: str
    sections: tuple[tuple[str, tuple[Block, ...]], ...]
    author: str = "race-algorithm-auditor"

    @property
    def figures(self) -> tuple[Figure, ...]:
        """Its figures, in order."""
        return tuple(block for _, blocks in self.sections for block in blocks if isinstance(block, Figure))
