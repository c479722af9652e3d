"""Calculators that this cohort cannot serve, with what each lacks."""

from __future__ import annotations

from collections.abc import Iterator

from auditor.result import AuditResult
from reports.blocks import Block, Table

TITLE = "Not audited, and why"


def build(result: AuditResult) -> Iterator[Block]:
    """One line per calculator; nothing where every calculator could be audited."""
    if result.not_audited:
        yield Table(
            caption="Calculators that could not be audited on this cohort",
            columns=("Calculator", "Specialty", "Missing inputs", "Reason"),
            rows=tuple((n.title, n.specialty, ", ".join(n.missing) or "–", n.reason) for n in result.not_audited),
            text_columns=(0, 1, 2, 3),
        )
