"""Who is in and who is missing: patients scored, and those left out with the reason."""

from __future__ import annotations

from collections.abc import Iterator

from auditor.result import AuditResult, CalculatorResult
from auditor.rows import Coverage
from reports.blocks import Block, Callout, Paragraph, Table
from reports.chapters import View
from reports.findings import primary
from reports.wording import count, everyone, group_name, group_order, joined, status_word

TITLE = "Who is in, who is missing"

REASONS = (
    ("Scored", "scored"),
    ("Missing input", "missing_input"),
    ("Outside valid range", "out_of_range"),
    ("No row for the group", "no_row"),
    ("Not listed by the original", "unlisted"),
    ("Race unknown", "unknown_race"),
    ("Beyond those it was made from", "outside_derivation"),
    ("Race term applied", "term_applied"),
)


def build(result: AuditResult, calculator: CalculatorResult, view: View) -> Iterator[Block]:
    """One line per group; columns that are zero throughout are left out."""
    if calculator.setting:
        yield Paragraph(f"Audited on {calculator.setting}.")
    if calculator.illustrative:
        yield Callout(
            "Illustration only",
            f"These inputs were drawn from stated ranges, not measured or modelled on measurements: {joined(list(calculator.illustrative))}. "
            "Every number of this chapter rests on them and describes no real patients.",
            "warning",
        )
    rows = sorted(
        (r for r in calculator.coverage if everyone(r.by) or r.by == primary(result)),
        key=lambda r: (not everyone(r.by), group_order(r.group)),
    )
    if not rows:
        return
    shown = [(name, field) for name, field in REASONS if field == "scored" or any(_occurs(r, field) for r in rows)]
    yield Table(
        caption="Patients by what became of them",
        columns=("Group", "Patients", *(name for name, _ in shown)),
        rows=tuple((group_name(r.by, r.group), *(_cell(r, field) for field in ("n", *(f for _, f in shown)))) for r in rows),
        note="Patients = scored + missing input + outside valid range. The columns after these count patients among them.",
    )


def _occurs(row: Coverage, field: str) -> bool:
    value = getattr(row, field)
    return row.n is not None and row.status != "ok" if value is None else value > 0


def _cell(row: Coverage, field: str) -> str:
    value = getattr(row, field)
    return status_word(row.status) or "–" if value is None else count(value)
