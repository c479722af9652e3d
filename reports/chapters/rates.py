"""Rates by group as published: for whom the calculator says yes, and how that met the recorded outcome."""

from __future__ import annotations

from collections.abc import Iterator

from auditor.result import AuditResult, CalculatorResult
from auditor.rows import Metric
from reports.blocks import Block, Table
from reports.chapters import View
from reports.findings import methods_of, primary
from reports.thresholds import written
from reports.wording import everyone, group_name, group_order, percent, percent_interval, status_word

TITLE = "Rates by group, as published"
SHOWN = {
    "selection_rate": "Share of patients with a yes",
    "true_positive_rate": "Yes among patients with the recorded outcome",
    "false_positive_rate": "Yes among patients without the recorded outcome",
}


def build(result: AuditResult, calculator: CalculatorResult, view: View) -> Iterator[Block]:
    """One table per measure: groups down, thresholds across; decisions at one threshold share a column."""
    by = primary(result)
    decisions = {d.id: d for d in calculator.card.decisions}
    names = {id: written(d, calculator.card) for id, d in decisions.items()}
    for metric, caption in SHOWN.items():
        rows = [
            r
            for r in calculator.metrics
            if r.metric == metric and r.arm == "with_race" and r.decision in names and (r.by == by or everyone(r.by))
        ]
        if not rows or all(r.status != "ok" for r in rows):
            continue
        cells = {((r.by, r.group), names[r.decision]): r for r in reversed(rows)}
        thresholds = [t for t in dict.fromkeys(names.values()) if any(key[1] == t for key in cells)]
        groups = sorted({group for group, _ in cells}, key=lambda g: (not everyone(g[0]), group_order(g[1])))
        yield Table(
            caption=f"{caption}, with race, by threshold",
            columns=("Group", *thresholds),
            rows=tuple((group_name(*group), *(_cell(cells.get((group, t))) for t in thresholds)) for group in groups),
            note=f"In brackets the 95% interval: {methods_of(rows)}.",
        )


def _cell(row: Metric | None) -> str:
    if row is None:
        return "not computed"
    if row.status != "ok" or row.value is None:
        return status_word(row.status) or "–"
    interval = percent_interval(row.lower, row.upper)
    return f"{percent(row.value)} ({interval})" if interval else percent(row.value)
