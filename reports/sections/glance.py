"""Every calculator with a race term on one line: whose decisions change, and what could not be estimated."""

from __future__ import annotations

from collections.abc import Iterator

from auditor.result import AuditResult, CalculatorResult
from reports.blocks import Block, Paragraph, Table
from reports.findings import FEW, findings, moved, primary, race_based, race_free, withheld
from reports.wording import count, group_order, joined

TITLE = "All calculators at a glance"


def build(result: AuditResult) -> Iterator[Block]:
    """One table by specialty; calculators without a race term are named below it."""
    chosen = sorted(race_based(result), key=lambda c: (c.card.specialty, c.card.title))
    if len(chosen) > FEW:
        yield Table(
            caption="Calculators with a race term: what changes when it is taken out, over every decision and group",
            columns=("Calculator", "Specialty", "Patients scored", "Decisions that change", "Groups that change", "Not shown"),
            rows=tuple(_line(result, c) for c in chosen),
            note="Not shown: comparisons that are not estimable, imprecise or suppressed. A calculator without a published threshold has no decision to change.",
            text_columns=(0, 1, 3, 4),
        )
    free = race_free(result)
    if free:
        yield Paragraph(f"Without a race term, audited for comparison: {joined([c.card.title for c in free])}.")


def _line(result: AuditResult, calculator: CalculatorResult) -> tuple[str, ...]:
    rows = findings(calculator, "without_race", primary(result))
    changed = moved(rows)
    decisions = {f.decision.id for f in rows}
    if not rows:
        what = "no published threshold" if not calculator.card.decisions else "none compared"
    elif not changed:
        what = "none" if all(f.untouched for f in rows) else "none that may be shown"
    else:
        what = f"{len({f.decision.id for f in changed})} of {len(decisions)}"
    groups = sorted({f.row.group for f in changed}, key=group_order)
    return (
        calculator.card.title + (" (illustrative inputs)" if calculator.illustrative else ""),
        calculator.card.specialty,
        count(_scored(result, calculator)),
        what,
        joined(groups) or "–",
        count(len(withheld(rows))),
    )


def _scored(result: AuditResult, calculator: CalculatorResult) -> int | None:
    rows = [r for r in calculator.coverage if r.by == primary(result)]
    if not rows or any(r.scored is None for r in rows):
        return None
    return sum(r.scored or 0 for r in rows)
