"""Both directions of harm in one table: who with the outcome gets a no, who without it gets a yes, with race and in the other arms."""

from __future__ import annotations

from collections.abc import Iterator

from auditor.result import AuditResult, CalculatorResult
from auditor.rows import Metric, OutcomeChange
from reports.blocks import Block, Paragraph, Table
from reports.chapters import View
from reports.findings import methods_of, primary, successor_arm, titles
from reports.thresholds import written
from reports.wording import arm_name, count, everyone, group_name, group_order, percent, percent_interval, several_of, status_word

TITLE = "Missed and needless"
READ = (
    "Missed: a no where the outcome happened. Needless: a yes where it did not. Both hold only if this outcome is what the threshold is meant to foresee; "
    "that is for the reader to judge. In brackets the share and its 95% interval."
)
Rows = dict[tuple[str, str, str, str, str], OutcomeChange]
Rates = dict[tuple[str, str, str, str, str], Metric]


def build(result: AuditResult, calculator: CalculatorResult, view: View) -> Iterator[Block]:
    """One table per arm: missed and needless side by side, equal in size."""
    if not calculator.card.race_kind or not calculator.outcome_changes:
        return
    by, names = primary(result), titles(result)
    rows: Rows = {(r.decision, r.arm, r.by, r.group, r.outcome): r for r in calculator.outcome_changes if r.by == by or everyone(r.by)}
    rates: Rates = {(m.decision, m.arm, m.by, m.group, m.metric): m for m in calculator.metrics if m.by == by or everyone(m.by)}
    decisions = {d.id: written(d, calculator.card) for d in calculator.card.decisions}
    smallest = 1 if result.options.internal else result.options.minimum_count
    for arm in ("without_race", *filter(None, (successor_arm(calculator),))):
        named = arm_name(arm, names)
        places = sorted(
            {(k[0], k[2], k[3]) for k in rows if k[1] == arm and k[0] in decisions},
            key=lambda p: (list(decisions).index(p[0]), not everyone(p[1]), group_order(p[2])),
        )
        lines = [
            (
                decisions[d],
                group_name(b, g),
                *(_cell(rows, rates, (d, a, b, g), missed, smallest) for missed in (True, False) for a in ("with_race", arm)),
            )
            for d, b, g in places
        ]
        told = [line for line in lines if any(cell[0].isdigit() for cell in line[2:])]
        if told:
            used = [m for m in rates.values() if m.arm in ("with_race", arm) and m.metric in ("false_negative_rate", "false_positive_rate")]
            yield Table(
                caption=f"Missed and needless against the recorded outcome ({result.cohort.outcome}), with race and {named}",
                columns=("Threshold", "Group", "Missed with race", f"Missed {named}", "Needless with race", f"Needless {named}"),
                rows=tuple(told),
                note=f"{READ} Methods: {methods_of(used)}.",
                text_columns=(0, 1),
                shares=(26, 22, 30, 30, 30, 30),
            )
        if len(told) < len(lines):
            yield Paragraph(
                f"{several_of(len(lines) - len(told), 'line')} {named}: not estimable, imprecise or suppressed, which does not mean zero."
            )


def _cell(rows: Rows, rates: Rates, place: tuple[str, str, str, str], missed: bool, smallest: int) -> str:
    """Patients of those with (or without) the outcome, and the share; a small count is not shown, however it came about."""
    decision, arm, by, group = place
    row = rows.get((*place, "1" if missed else "0"))
    if row is None:
        return "not computed"
    yes = row.yes_arm if arm != "with_race" else row.yes_with
    if row.status != "ok" or row.n is None or yes is None:
        return status_word(row.status) or "–"
    patients = row.n - yes if missed else yes
    if 0 < patients < smallest or 0 < row.n - patients < smallest:
        return status_word("suppressed")
    rate = rates.get((decision, arm, by, group, "false_negative_rate" if missed else "false_positive_rate"))
    counted = f"{count(patients)} of {count(row.n)}"
    if rate is None or rate.status != "ok" or rate.value is None:
        return counted
    interval = percent_interval(rate.lower, rate.upper)
    return f"{counted} ({percent(rate.value)}{f'; {interval}' if interval else ''})"
