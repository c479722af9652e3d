"""Two or more audits in order of time as a document of its own: what changed, and control charts."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from auditor.result import AuditResult
from reports.blocks import Block, Document, Section, Table
from reports.findings import made_by
from reports.sections.comparison import Compared, Difference
from reports.sections.control_charts import Charted, Point
from reports.wording import count


@dataclass(frozen=True)
class Audits:
    """The section that names the audits which are compared."""

    results: Sequence[AuditResult]
    TITLE: str = "The audits"

    def build(self, result: AuditResult) -> Iterator[Block]:
        """One row per audit, the oldest first."""
        yield Table(
            caption="Audits in order of time",
            columns=("No.", "Cohort", "Date", "Patients", "Auditor", "Fingerprint of the result"),
            rows=tuple(
                (
                    str(place),
                    r.cohort.name,
                    r.options.date or "not stated",
                    "suppressed" if r.cohort.n is None else count(r.cohort.n),
                    r.provenance.auditor,
                    r.fingerprint[:16],
                )
                for place, r in enumerate(self.results, 1)
            ),
            text_columns=(0, 1, 2, 4, 5),
            fixed=True,
        )


def compose_series(
    results: Sequence[AuditResult], differences: Sequence[Difference], notes: Sequence[str], points: Sequence[Point]
) -> Document:
    """The document of a series of audits, the oldest first: differences of the last from the first, and the charts' points."""
    first, last = results[0], results[-1]
    sections: tuple[Section, ...] = (Compared(differences, notes), Charted(points), Audits(results))
    built = ((section.TITLE, tuple(section.build(last))) for section in sections)
    return Document(
        title="Audits over time",
        subtitle=f"{_name(first)} and {_name(last)}"
        if len(results) == 2
        else f"{len(results)} audits, from {_name(first)} to {_name(last)}",
        stamps=tuple(dict.fromkeys(stamp for result in results for stamp in result.stamps)),
        fingerprint=last.fingerprint,
        date=last.options.date,
        author=made_by(last),
        sections=tuple((title, blocks) for title, blocks in built if blocks),
    )


def _name(result: AuditResult) -> str:
    return f"{result.cohort.name}, {result.options.date}" if result.options.date else result.cohort.name
