"""One page per calculator that a committee must decide on, those that change most patients' care first."""

from __future__ import annotations

from collections.abc import Iterator

from auditor.result import AuditResult
from reports.blocks import Block, Heading, Paragraph
from reports.chapters import Part, View, care, decides, essence, picture, shares, sheet, unshown
from reports.findings import decided
from reports.wording import several_of, slug

TITLE = "One page per calculator"
PARTS: tuple[Part, ...] = (decides, care, shares, picture, unshown, essence, sheet)
MOST_LINES = 5


def build(result: AuditResult) -> Iterator[Block]:
    """What it decides, who gains and loses, one picture, what is not shown, and the decision sheet."""
    chosen = decided(result)
    for calculator in chosen:
        yield Heading(calculator.card.title, 3, slug(calculator.card.id))
        for part in PARTS:
            yield from part.build(result, calculator, View(most=MOST_LINES))
    left = len(result.calculators) - len(chosen)
    if chosen and left:
        yield Paragraph(
            f"Audited too, without a page here: {several_of(left, 'calculator')}. The informatics report has a chapter on each, with cards and sources."
        )
