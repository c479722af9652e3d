"""A document as a tagged PDF (PDF/UA-1), set by typst with its own fonts; the same document gives the same bytes."""

from __future__ import annotations

from datetime import UTC, datetime
from importlib.resources import files

import msgspec

from reports.blocks import Block, Document, Figure, Table
from reports.render.missing import MissingExtra


def to_pdf(document: Document) -> bytes:
    """The document as PDF; without the package typst a MissingExtra says what to install."""
    try:
        import typst
    except ImportError:
        raise MissingExtra("pdf", "typst") from None
    template = files("reports.render").joinpath("templates", "report.typ").read_bytes()
    compiled = typst.compile(
        template,
        format="pdf",
        sys_inputs={"document": msgspec.json.encode(as_data(document)).decode()},
        pdf_standards="ua-1",
        ignore_system_fonts=True,
        timestamp=_timestamp(document),
    )
    return bytes(compiled)


def as_data(document: Document) -> dict[str, object]:
    """The document as plain values, each block with the name of its type."""
    return {
        "title": document.title,
        "subtitle": document.subtitle,
        "stamps": document.stamps,
        "fingerprint": document.fingerprint,
        "author": document.author,
        "sections": [{"title": title, "blocks": [_block(block) for block in blocks]} for title, blocks in document.sections],
    }


def _block(block: Block) -> dict[str, object]:
    if isinstance(block, Figure):
        return {"type": "Figure", "svg": block.svg, "alt": block.alt, "caption": block.caption}
    widths = {"widths": block.widths} if isinstance(block, Table) else {}
    return {"type": type(block).__name__, **msgspec.to_builtins(block), **widths}


def _timestamp(document: Document) -> int:
    """The date of the audit, or 1 January 1970 where none was stated, so that repeats are identical."""
    return int(datetime.fromisoformat(document.date).replace(tzinfo=UTC).timestamp()) if document.date else 0
