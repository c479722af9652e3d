"""Tests of paired change, for those who ask: each with its p-value, adjusted within a family whose size is stated."""

from __future__ import annotations

from collections.abc import Iterator

from auditor.result import AuditResult, CalculatorResult
from auditor.rows import Significance
from reports.blocks import Block, Paragraph, Table
from reports.chapters import View
from reports.findings import primary, titles
from reports.thresholds import output_name, written
from reports.wording import arm_name, count, everyone, group_name, group_order, joined, points, several_of

TITLE = "Tests"


def build(result: AuditResult, calculator: CalculatorResult, view: View) -> Iterator[Block]:
    """How many tests were made, then those by the first attribute that may be shown."""
    rows = calculator.significance
    if not rows:
        return
    names, words = titles(result), {d.id: written(d, calculator.card) for d in calculator.card.decisions}
    families = {s.family: s.tests for s in rows if s.family and s.tests}
    said = joined([f"{several_of(tests or 0, 'test')} in the family “{family}”" for family, tests in sorted(families.items())])
    yield Paragraph(
        (f"Made for this calculator: {said}. " if said else "No test could be made. ")
        + "A formula that changes a decision does so by construction; a test says only that the change in these patients is not one of equal numbers in both directions."
    )
    told = sorted(
        (
            s
            for s in rows
            if s.status == "ok" and s.p is not None and (everyone(s.by) or s.by == primary(result)) and not s.arm.startswith("removed:")
        ),
        key=lambda s: (not s.family.startswith("primary"), s.subject, s.arm, not everyone(s.by), group_order(s.group), s.test),
    )
    if told:
        yield Table(
            caption="Tests by group, with race against the other",
            columns=("Subject", "Compared with", "Group", "Test", "Statistic", "p", "p adjusted", "Family"),
            rows=tuple(dict.fromkeys(_row(t, words.get(t.subject, output_name(t.subject)), arm_name(t.arm, names)) for t in told)),
            note="Statistic: gained minus lost for McNemar's test, points between groups for disparities and for the largest difference in one arm (whose p is that of relabelled patients), else chi-squared with degrees of freedom in brackets. Patients are counted, not weights. Decisions at one threshold that answer alike share a line.",
            text_columns=(0, 1, 2, 3, 7),
            shares=(26, 28, 21, 17, 14, 12, 13, 24),
        )
    hidden = len(rows) - sum(s.status == "ok" for s in rows)
    if hidden:
        yield Paragraph(
            f"{count(hidden)} of {count(len(rows))} tests are not estimable or suppressed; those of other ways of removing stand in the result file."
        )


def _row(row: Significance, subject: str, arm: str) -> tuple[str, ...]:
    return (subject, arm, group_name(row.by, row.group), row.test, _statistic(row), _p(row.p), _p(row.adjusted), row.family)


def _statistic(row: Significance) -> str:
    if row.statistic is None:
        return "–"
    if row.degrees is None and not row.test.startswith("McNemar"):
        return f"{points(row.statistic)} points"
    value = f"{row.statistic:+,.0f}" if row.test.startswith("McNemar") else f"{row.statistic:,.1f} ({row.degrees})"
    return value.replace("-", "−")


def _p(value: float | None) -> str:
    return "–" if value is None else "< 0.001" if value < 0.001 else f"{value:.3f}"
