"""The calculator's card: equation, numbers, population, history, sources."""

from __future__ import annotations

from collections.abc import Iterator

from auditor.result import AuditResult, CalculatorResult
from reports.blocks import Block, Table
from reports.chapters import View
from reports.thresholds import written

TITLE = "Card"


def build(result: AuditResult, calculator: CalculatorResult, view: View) -> Iterator[Block]:
    """Everything declared about the calculator, as one table."""
    card = calculator.card
    fields = (
        ("Id", card.id),
        ("Specialty and year", f"{card.specialty}, {card.year}"),
        ("Role", card.role.replace("_", " ")),
        ("Drives", card.drives),
        ("Population", card.population),
        ("Equation", card.equation),
        ("Inputs", ", ".join(card.inputs)),
        ("Outputs", ", ".join(card.outputs)),
        ("Constants", card.constants),
        *((f"Numbers for {label}", numbers) for label, numbers in card.race_rows),
        ("Other ways of removing the term", "; ".join(f"{name}: {meaning}" for name, meaning in card.other_removals)),
        ("Valid for", "; ".join(card.valid)),
        ("Made from", "; ".join(card.derived_on)),
        ("History", card.history),
        ("Successor", card.replaced_by_title or card.replaced_by),
        ("Other tools without race", ", ".join(card.race_free_peers)),
        (
            "Decisions",
            "; ".join(f"{written(d, card)}: {d.action}" + (f" [{d.guideline}]" if d.guideline else "") for d in card.decisions),
        ),
        ("Known wrong versions", " ".join(card.known_wrong)),
        ("Confidence", f"{card.confidence} {card.confidence_note}".strip()),
        ("Sources", "; ".join(card.sources)),
        ("Note", card.note),
        ("Fingerprint", card.fingerprint),
    )
    yield Table(
        caption=f"{card.title} as declared",
        columns=("Field", "Content"),
        rows=tuple((name, text) for name, text in fields if text),
        text_columns=(0, 1),
        fixed=True,
    )
