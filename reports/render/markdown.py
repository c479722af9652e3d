"""A document as Markdown: headings, lists and pipe tables; a figure is its alt text and caption."""

from __future__ import annotations

from collections.abc import Iterator

from reports.blocks import Block, Callout, Document, Figure, Heading, Items, Paragraph, Table

ESCAPES = str.maketrans({mark: f"\\{mark}" for mark in "\\`*_{}[]<>#|"} | {"\n": " "})


def to_markdown(document: Document) -> bytes:
    """The document as UTF-8 Markdown."""
    return ("\n\n".join(_parts(document)) + "\n").encode()


def _parts(document: Document) -> Iterator[str]:
    stamps = [f"**{_text(stamp)}**" for stamp in document.stamps]
    yield f"# {_text(document.title)}"
    yield _text(document.subtitle)
    yield from stamps
    for title, blocks in document.sections:
        yield f"## {_text(title)}"
        yield from stamps
        for block in blocks:
            yield from _block(block)
    yield f"Result `{document.fingerprint}`"


def _block(block: Block) -> Iterator[str]:
    match block:
        case Heading():
            yield f"{'#' * block.level} {_text(block.text)}"
        case Paragraph():
            yield _text(block.text)
        case Items():
            yield "\n".join(f"- {_text(item)}" for item in block.items)
        case Table():
            yield f"**{_text(block.caption)}**"
            yield _table(block)
            if block.note:
                yield f"*{_text(block.note)}*"
        case Figure():
            yield f"> Figure: {_text(block.alt)}\n>\n> {_text(block.caption)}"
        case Callout():
            yield f"> **{_text(block.title)}.** {_text(block.text)}"


def _table(table: Table) -> str:
    rule = ["---" if i in table.text_columns else "---:" for i in range(len(table.columns))]
    lines = [table.columns, tuple(rule), *table.rows]
    return "\n".join("| " + " | ".join(cell if row is lines[1] else _text(cell) for cell in row) + " |" for row in lines)


def _text(text: str) -> str:
    """Text in which no character is read as markup."""
    return text.translate(ESCAPES)
