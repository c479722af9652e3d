"""A document as one self-contained HTML file: no network, readable without JavaScript, on paper and by a screen reader."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from itertools import count as counter
from typing import TYPE_CHECKING

from reports.blocks import Block, Document, Figure, Heading
from reports.wording import slug

if TYPE_CHECKING:
    from jinja2 import Template
    from markupsafe import Markup


@dataclass(frozen=True)
class Chapter:
    """An entry of the table of contents below a section."""

    text: str
    anchor: str


def to_html(document: Document) -> bytes:
    """The document as UTF-8 HTML."""
    drawings = counter(1)
    sections = [
        {
            "title": title,
            "anchor": slug(title),
            "chapters": [Chapter(b.text, b.anchor) for b in blocks if isinstance(b, Heading) and b.level == 3],
            "first": next((b.anchor for b in blocks if isinstance(b, Heading) and b.level == 3), ""),
            "blocks": [(type(b).__name__, _drawn(b, next(drawings)) if isinstance(b, Figure) else b) for b in blocks],
        }
        for title, blocks in document.sections
    ]
    page = _template().render(document=document, sections=sections, css=_css(document))
    return page.encode()


def _drawn(figure: Figure, number: int) -> dict[str, Block | Markup]:
    """A figure whose drawing is one image to assistive technology, with identifiers that are unique in the page."""
    from markupsafe import Markup, escape

    body = re.sub(r'\b(id="|url\(#|href="#)([A-Za-z])', rf"\g<1>figure{number}-\2", figure.svg)
    opened = body.replace("<svg ", f'<svg role="img" aria-label="{escape(figure.alt)}" ', 1)
    return {"figure": figure, "svg": Markup(opened)}


def _css(document: Document) -> Markup:
    """The style sheet, with the stamps and the fingerprint in the margins of every printed page."""
    from markupsafe import Markup

    stamp = " · ".join(document.stamps)
    margins = (
        f'@page {{ @top-center {{ content: "{stamp}"; font: 9pt sans-serif; }} '
        f'@bottom-left {{ content: "Result {document.fingerprint[:16]}"; font: 8pt monospace; }} '
        '@bottom-right { content: counter(page) " / " counter(pages); font: 9pt sans-serif; } }\n'
    )
    return Markup(_read("report.css") + margins)


def _read(name: str) -> str:
    return files("reports.render").joinpath("templates", name).read_text(encoding="utf-8")


@cache
def _template() -> Template:
    from jinja2 import Environment

    environment = Environment(autoescape=True, trim_blocks=True, lstrip_blocks=True)
    return environment.from_string(_read("report.html"))
