"""Whose decision depends on which race is recorded: some row of the race term says yes and another no."""

from __future__ import annotations

from collections.abc import Iterator

from auditor.result import AuditResult, CalculatorResult
from auditor.rows import Metric
from reports.blocks import Block, Paragraph, Table
from reports.chapters import View
from reports.findings import methods_of, primary
from reports.thresholds import written
from reports.wording import count, everyone, group_name, group_order, kept_apart, percent, percent_interval, several_of

TITLE = "Whose decision depends on recorded race alone"
METRIC = "depends_on_recorded_race"


def build(result: AuditResult, calculator: CalculatorResult, view: View) -> Iterator[Block]:
    """Per threshold and group the share of patients; thresholds answered alike share a line."""
    rows = [m for m in calculator.metrics if m.metric == METRIC and (everyone(m.by) or m.by == primary(result))]
    shown = [m for m in rows if m.status == "ok" and m.value is not None]
    decisions = {d.id: written(d, calculator.card) for d in calculator.card.decisions}
    told = {(decisions[m.decision], m.by, m.group): m for m in reversed(shown) if m.value and m.decision in decisions}
    if told:
        scored = _scored(calculator)
        places = list(dict.fromkeys(decisions.values()))
        yield Table(
            caption="Patients to whom the tool would answer otherwise if another race were recorded, all else equal",
            columns=("Threshold", "Group", "Patients", "Share", "95% interval"),
            rows=tuple(
                (
                    threshold,
                    group_name(by, group),
                    count(scored.get((m.decision, by, group))),
                    percent(m.value),
                    percent_interval(m.lower, m.upper),
                )
                for (threshold, by, group), m in sorted(
                    told.items(), key=lambda t: (places.index(t[0][0]), not everyone(t[0][1]), group_order(t[0][2]))
                )
            ),
            note=f"Of those whom every row of the race term can score. Methods: {methods_of(told.values())}.",
            text_columns=(0, 1),
        )
    hidden = len(rows) - len(shown)
    if rows and hidden:
        yield Paragraph(
            f"{several_of(hidden, 'share')} of {count(len(rows))} not shown, which does not mean zero: "
            f"{kept_apart(m.status for m in rows if m.status != 'ok' or m.value is None)}."
        )


def largest(calculator: CalculatorResult) -> Metric | None:
    """The largest share among all patients together, of decisions on care where there are any."""
    care = {d.id for d in calculator.card.decisions if d.yes_means != "labels"}
    rows = [m for m in calculator.metrics if m.metric == METRIC and everyone(m.by) and m.status == "ok" and m.value]
    return max(rows, key=lambda m: (m.decision in care, m.value or 0.0), default=None)


def _scored(calculator: CalculatorResult) -> dict[tuple[str, str, str], int | None]:
    return {(c.decision, c.by, c.group): c.n for c in calculator.changes if c.arm.startswith("as_if:")}
