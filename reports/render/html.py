"""A document as one self-contained HTML file: no network, readable without JavaScript, on paper and by a screen reader."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING

from reports.blocks import Block, Document, Figure, Heading
from reports.wording import slug

if TYPE_CHECKING:
    from jinja2 import Template
    from markupsafe import Markup


@dataclass
class Chapter:
    """The blocks below one heading of level 3; those before the first have no title."""

    title: str = ""
    anchor: str = ""
    blocks: list[tuple[str, Block | dict[str, object]]] = field(default_factory=list)


def to_html(document: Document, drawings: Iterable[str] | None = None) -> bytes:
    """The document as UTF-8 HTML; `drawings` are its figures as SVG, in order, where they are drawn elsewhere."""
    template = _template()
    numbered = enumerate(drawings or (figure.svg for figure in document.figures), start=1)
    sections = [
        {"title": title, "anchor": slug(title), "chapters": list(_chapters(blocks, numbered))} for title, blocks in document.sections
    ]
    page = template.render(document=document, sections=sections, css=_css(document), script=_script())
    return page.encode()


def _chapters(blocks: tuple[Block, ...], drawings: Iterator[tuple[int, str]]) -> Iterator[Chapter]:
    chapter = Chapter()
    for block in blocks:
        if isinstance(block, Heading) and block.level == 3:
            yield chapter
            chapter = Chapter(block.text, block.anchor)
        elif isinstance(block, Figure):
            chapter.blocks.append(("Figure", _drawn(block, *next(drawings))))
        else:
            chapter.blocks.append((type(block).__name__, block))
    yield chapter


def _drawn(figure: Figure, number: int, svg: str) -> dict[str, object]:
    """A figure whose drawing is one image to assistive technology, with identifiers that are unique in the page."""
    from markupsafe import Markup, escape

    body = re.sub(r'\b(id="|url\(#|href="#)([A-Za-z])', rf"\g<1>figure{number}-\2", svg)
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


def _script() -> Markup:
    from markupsafe import Markup

    return Markup(_read("report.js"))


def _read(name: str) -> str:
    return files("reports.render").joinpath("templates", name).read_text(encoding="utf-8")


@cache
def _template() -> Template:
    from jinja2 import Environment

    environment = Environment(autoescape=True, trim_blocks=True, lstrip_blocks=True)
    return environment.from_string(_read("report.html"))
