"""Composes a document: the sections of an audience, with a title and the stamps that every page carries."""

from __future__ import annotations

from collections.abc import Sequence

from auditor.result import AuditResult
from calculators.errors import UserError
from reports.audiences import AUDIENCES
from reports.blocks import Document, Section
from reports.findings import made_by, race_based
from reports.sections import limits

READERS = {"informatics": "informatics team"}


class UnknownAudience(UserError, ValueError):
    """An audience that no report is written for."""


def compose(result: AuditResult, audience: str = "committee", more: Sequence[Section] = ()) -> Document:
    """The report for an audience as blocks, with `more` sections before its limits; sections that have nothing to say are left out."""
    if audience not in AUDIENCES:
        raise UnknownAudience(f"'{audience}' is no audience; choose from {', '.join(AUDIENCES)}.")
    sections = list(AUDIENCES[audience])
    place = sections.index(limits)
    sections[place:place] = more
    built = ((section.TITLE, tuple(section.build(result))) for section in sections)
    return Document(
        title=_title(result),
        subtitle=f"For the {READERS.get(audience, audience)}. {result.cohort.name}"
        + (f", {result.options.date}" if result.options.date else ""),
        stamps=result.stamps,
        fingerprint=result.fingerprint,
        date=result.options.date,
        author=made_by(result),
        sections=tuple((title, blocks) for title, blocks in built if blocks),
    )


def _title(result: AuditResult) -> str:
    chosen = race_based(result)
    if len(chosen) == 1:
        return f"Audit of the race term in {chosen[0].card.title}"
    return "Audit of race terms in clinical calculators" if chosen else "Audit of clinical calculators"
