"""How race enters the calculator, and what taking it out means."""

from __future__ import annotations

from collections.abc import Iterator

from auditor.result import AuditResult, CalculatorResult
from reports.blocks import Block, Callout, Paragraph, Table
from reports.phrases import what_race_does
from reports.wording import sentence

TITLE = "The race term"


def build(result: AuditResult, calculator: CalculatorResult) -> Iterator[Block]:
    """The term in one sentence, its numbers per group, who falls under which row, and the confidence in the source."""
    card = calculator.card
    if not card.race_kind:
        yield Paragraph(f"{card.title} ({card.id}) has no race term. " + (f"Drives: {card.drives}." if card.drives else ""))
        return
    yield Paragraph(" ".join(filter(None, (what_race_does(card), card.race_removed, card.race_unlisted, sentence(card.direction)))))
    if card.race_rows:
        yield Table(
            caption=f"Numbers of the race term (it reads {(card.race_reads or 'race').replace('_', ' ')})",
            columns=("Group in the original", "Numbers"),
            rows=card.race_rows,
            text_columns=(0, 1),
            fixed=True,
        )
    if card.confidence == "SINGLE-SOURCE":
        yield Callout("One source", f"These numbers rest on a single source. {card.confidence_note}".strip(), "warning")
