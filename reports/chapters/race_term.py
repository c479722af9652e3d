"""How race enters the calculator, and what taking it out means."""

from __future__ import annotations

from collections.abc import Iterator

from auditor.result import AuditResult, CalculatorResult
from reports.blocks import Block, Callout, Paragraph, Table
from reports.chapters import View
from reports.phrases import removal_of, unlisted_by, what_race_does
from reports.wording import joined, sentence

TITLE = "The race term"
LONGEST = 160


def build(result: AuditResult, calculator: CalculatorResult, view: View) -> Iterator[Block]:
    """The term in one sentence, its numbers per group, who falls under which row, and the confidence in the source."""
    card = calculator.card
    if not card.race_kind:
        yield Paragraph(f"{card.title} ({card.id}) has no race term. " + (sentence(f"Drives: {card.drives}") if card.drives else ""))
        return
    yield Paragraph(" ".join(filter(None, (what_race_does(card), removal_of(card), unlisted_by(card), sentence(card.direction)))))
    if all(len(numbers) <= LONGEST for _, numbers in card.race_rows):
        yield Table(
            caption=f"Numbers of the race term (it reads {(card.race_reads or 'race').replace('_', ' ')})",
            columns=("Group in the original", "Numbers"),
            rows=card.race_rows,
            text_columns=(0, 1),
            fixed=True,
        )
    else:
        yield Paragraph(
            f"Every number of an equation differs by group: {joined([label for label, _ in card.race_rows])} have equations of their own, printed in the card."
        )
    if card.confidence == "SINGLE-SOURCE":
        yield Callout("One source", f"These numbers rest on a single source. {card.confidence_note}".strip(), "warning")
