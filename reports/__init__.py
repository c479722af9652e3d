"""What is said: sections of blocks, rendered for an audience. Reads auditor.result only."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

from auditor.result import AuditResult, write_whole

SUFFIXES = {"html": ".html", "md": ".md", "json": ".json"}


class UnknownFormat(ValueError):
    """A format that no report is written in."""

    exit_code = 2


def to_bytes(result: AuditResult, audience: str = "committee", format: str = "html") -> bytes:
    """The report of a result for an audience (committee, informatics, vendor) in a format (html, md, json) as bytes."""
    if format not in SUFFIXES:
        raise UnknownFormat(f"'{format}' is no report format; choose from {', '.join(SUFFIXES)}.")
    if format == "json":
        return result.to_json()
    from reports.compose import compose

    return _renderer(format)(compose(result, audience))


def write(result: AuditResult, path: str | os.PathLike[str], audience: str = "committee", format: str = "html") -> Path:
    """Write a report; the file appears whole or not at all."""
    return write_whole(Path(path), to_bytes(result, audience, format))


def _renderer(format: str) -> Callable[..., bytes]:
    if format == "html":
        from reports.render.html import to_html

        return to_html
    from reports.render.markdown import to_markdown

    return to_markdown
