"""What the race term is worth in years of age."""

from __future__ import annotations

from collections.abc import Iterator

from auditor.result import AuditResult, CalculatorResult
from reports.blocks import Block, Paragraph, Table
from reports.chapters import View
from reports.thresholds import output_name
from reports.wording import count, decimals, several_of

TITLE = "The race term in years of age"


def build(result: AuditResult, calculator: CalculatorResult, view: View) -> Iterator[Block]:
    """Median and quartiles per row of the term; negative is younger."""
    shown = [e for e in calculator.equivalents if e.status == "ok" and e.median is not None]
    counted = any(e.n is not None for e in shown)
    if shown:
        yield Table(
            caption="How many years older a patient of the same measurements, scored without the race term, would get the score that the row gives",
            columns=("Output", "Row of the race term", *(("Patients",) if counted else ()), "Lower quartile", "Median", "Upper quartile"),
            rows=tuple(
                (
                    output_name(e.output),
                    e.row,
                    *((count(e.n),) if counted else ()),
                    _years(e.lower_quartile),
                    _years(e.median),
                    _years(e.upper_quartile),
                )
                for e in shown
            ),
            note="Over the patients who read that row; negative is younger. “Beyond” is outside the ages for which the calculator is valid.",
            text_columns=(0, 1),
        )
    hidden = len(calculator.equivalents) - len(shown)
    if hidden:
        yield Paragraph(
            f"{several_of(hidden, 'row')} of the race term: not estimable, suppressed, or beyond the calculator's range of ages."
        )


def _years(value: float | None) -> str:
    return "beyond" if value is None else decimals(value, 1, signed=True)
