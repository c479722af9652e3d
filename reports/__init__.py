"""What is said: sections of blocks, rendered for an audience. Reads results only."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

from auditor.files import write_whole
from auditor.result import AuditResult
from calculators.errors import UserError
from reports.drawing import DrawAll, draw_here

if TYPE_CHECKING:
    from reports.blocks import Document, Section
    from reports.sections.comparison import Difference
    from reports.sections.control_charts import Point
    from reports.sections.plan import Progress, Step

SUFFIXES = {"html": ".html", "md": ".md", "json": ".json", "pdf": ".pdf", "docx": ".docx"}
RENDERERS = {"html": "html.to_html", "md": "markdown.to_markdown", "pdf": "pdf.to_pdf", "docx": "docx.to_docx"}


class UnknownFormat(UserError, ValueError):
    """A format that no report is written in."""


def to_bytes(result: AuditResult, audience: str = "committee", format: str = "html", more: Sequence[Section] = ()) -> bytes:
    """The report of a result for an audience (committee, informatics, vendor) in a format (html, md, json, pdf, docx) as bytes.

    `more` are sections beside the audience's own, such as an action plan; JSON is the result itself and holds none.
    """
    _check([format])
    if format == "json":
        return result.to_json()
    from reports.compose import compose

    return _render(compose(result, audience, more), format)


def write(
    result: AuditResult, path: str | os.PathLike[str], audience: str = "committee", format: str = "html", more: Sequence[Section] = ()
) -> Path:
    """Write a report; the file appears whole or not at all."""
    return write_whole(Path(path), to_bytes(result, audience, format, more))


def write_all(result: AuditResult, paths: Mapping[str, Path], audience: str = "committee", draw_all: DrawAll = draw_here) -> None:
    """Write a report to a path for each format; it is composed once, and every file appears whole or not at all.

    HTML is rendered last, so that `drawing_beside` can draw its charts while the other formats are written.
    """
    _check(paths)
    if not paths:
        return
    from reports.compose import compose

    document = compose(result, audience)
    drawings = draw_all(figure.chart for figure in document.figures) if "html" in paths else iter(())
    for format, path in paths.items():
        if format != "html":
            write_whole(path, result.to_json() if format == "json" else _render(document, format))
    if "html" in paths:
        from reports.render.html import to_html

        write_whole(paths["html"], to_html(document, drawings))


def _check(formats: Iterable[str]) -> None:
    for format in formats:
        if format not in SUFFIXES:
            raise UnknownFormat(f"'{format}' is no report format; choose from {', '.join(SUFFIXES)}.")


def _render(document: Document, format: str) -> bytes:
    module, _, name = RENDERERS[format].partition(".")
    data: bytes = getattr(import_module(f"reports.render.{module}"), name)(document)
    return data


def over_time(
    results: Sequence[AuditResult], differences: Sequence[Difference], notes: Sequence[str], points: Sequence[Point], format: str = "html"
) -> bytes:
    """Audits in order of time as a document (html, md, pdf, docx): the last against the first, and control charts where there are points."""
    if format not in RENDERERS:
        raise UnknownFormat(f"'{format}' is no format of documents; choose from {', '.join(RENDERERS)}.")
    from reports.series import compose_series

    return _render(compose_series(results, differences, notes, points), format)


def action_plan(progress: Sequence[Progress], steps: Mapping[str, Step] | None = None) -> Section:
    """The section that shows an action plan's goals against the result, and its five steps: one of the `more` of a report."""
    from reports.sections.plan import ActionPlan

    return ActionPlan(progress, steps)
