"""What the tool decides, and whom it treats differently: the start of a committee's page."""

from __future__ import annotations

from collections.abc import Iterator

from auditor.result import AuditResult, CalculatorResult
from reports.blocks import Block, Callout, Paragraph
from reports.chapters import View
from reports.findings import primary
from reports.phrases import race_term_of, removal_of, unlisted_by
from reports.wording import count, everyone, group_order, joined, sentence

TITLE = "What it decides, and whom it treats differently"


def build(result: AuditResult, calculator: CalculatorResult, view: View) -> Iterator[Block]:
    """Use, race term, what taking it out means, and to how many of the patients scored the term was applied."""
    card = calculator.card
    use = sentence(f"Used for: {card.drives[0].lower()}{card.drives[1:]}" if card.drives[1:2].islower() else f"Used for: {card.drives}")
    said = (use if card.drives else "", race_term_of(card), removal_of(card), unlisted_by(card), _reached(result, calculator))
    yield Paragraph(" ".join(filter(None, said)))
    if calculator.illustrative:
        yield Callout(
            "Illustration only",
            f"These inputs were drawn from stated ranges, not measured: {joined(list(calculator.illustrative))}. No number here describes real patients.",
            "warning",
        )
    if card.confidence == "SINGLE-SOURCE":
        yield Callout("One source", f"The calculator's numbers rest on a single source. {card.confidence_note}".strip(), "warning")


def _reached(result: AuditResult, calculator: CalculatorResult) -> str:
    """How many were scored, and to how many of them the term was applied, in all and by group."""
    everybody = next((r for r in calculator.coverage if everyone(r.by)), None)
    if everybody is None or everybody.scored is None or everybody.n is None:
        return ""
    said = f"Of {count(everybody.n)} patients, {count(everybody.scored)} could be scored"
    if everybody.term_applied is None:
        return f"{said}."
    rows = [r for r in calculator.coverage if r.by == primary(result) and r.term_applied]
    groups = [f"{r.group} {count(r.term_applied)}" for r in sorted(rows, key=lambda r: group_order(r.group))]
    applied = f"; the term was applied to {count(everybody.term_applied) if everybody.term_applied else 'none'} of them"
    return f"{said}{applied}{f' ({joined(groups)})' if len(groups) > 1 else ''}."
