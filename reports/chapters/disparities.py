"""Disparities: the difference between groups with race and without, and what the race term introduced."""

from __future__ import annotations

from collections.abc import Iterator

from auditor.result import AuditResult, CalculatorResult
from auditor.rows import Disparity
from reports.blocks import Block, Paragraph, Table
from reports.chapters import View
from reports.charts import interval_plot
from reports.contrasts import inconclusive, missed
from reports.findings import methods_of, primary
from reports.wording import count, group_order, joined, kept_apart, point_interval, points, signed

TITLE = "Disparities between groups"
IN_POINTS = ("rate", "parity", "value")
TOGETHER = (
    "The last interval holds for all groups and arms of a decision together: a difference is told from chance only where it leaves 0 out."
)
MISSED = "Could be missed: where nothing is told from chance, true differences smaller than this would probably be missed with these numbers of patients."
MEANINGS = {
    "selection_rate": "share with a yes",
    "true_positive_rate": "yes among those with the outcome",
    "false_negative_rate": "no among those with the outcome",
    "false_positive_rate": "yes among those without the outcome",
    "true_negative_rate": "no among those without the outcome",
    "positive_predictive_value": "with the outcome among those with a yes",
    "negative_predictive_value": "without the outcome among those with a no",
    "mean_prediction": "mean score",
}


def build(result: AuditResult, calculator: CalculatorResult, view: View) -> Iterator[Block]:
    """Chart of the disparity introduced, then the table; what could not be estimated in one sentence."""
    if not calculator.card.race_kind:
        return
    by, arms = primary(result), ("without_race", "successor") if view.everything else ("without_race",)
    rows = [r for r in calculator.disparities if r.by == by and _wanted(r.arm, arms)]
    if not rows:
        return
    actions = {d.id: d.action for d in calculator.card.decisions}
    order = {d.id: place for place, d in enumerate(calculator.card.decisions)}
    rows = sorted(rows, key=lambda r: (r.arm != "without_race", r.arm, order.get(r.decision, -1), r.metric, group_order(r.group)))
    shown = [r for r in rows if r.status == "ok" and r.introduced is not None]
    told = [r for r in shown if r.introduced != 0]
    if view.intervals and (figure := interval_plot([r for r in told if r.metric == "selection_rate" and r.arm == "without_race"], actions)):
        yield figure
    for arm in dict.fromkeys(r.arm for r in told):
        chosen = [r for r in told if r.arm == arm]
        removal = arm == "without_race"
        other = "without race" if removal else "by the successor"
        what = "what the race term introduced" if removal else "how far the two lie apart, for whatever reason they differ"
        yield Table(
            caption=f"Difference of each group from {joined(sorted({r.reference for r in chosen}))}: with race, {other}, and {what}",
            columns=(
                "Decision",
                "Measure",
                "Group",
                "With race",
                other.capitalize(),
                "Introduced" if removal else "With race − successor",
                "95% interval",
                "95% interval, all together",
                "Could be missed",
            ),
            rows=tuple(_row(r, actions) for r in chosen),
            note=f"Rates in percentage points; mean scores in the score's unit. {'Introduced = with race − without race. ' if removal else ''}{TOGETHER} {MISSED} Methods: {methods_of(chosen)}.",
            text_columns=(0, 1, 2),
            shares=(30, 24, 21, 12, 13, 16, 20, 20, 13),
        )
    zero, hidden = len(shown) - len(told), len(rows) - len(shown)
    said = [
        f"{count(zero)} do not change" if zero else "",
        f"{count(hidden)} are not shown ({kept_apart(r.status for r in rows if r.status != 'ok' or r.introduced is None)})"
        if hidden
        else "",
    ]
    if any(said):
        yield Paragraph(f"Of {count(len(rows))} differences, {joined([s for s in said if s])}.")
    if told:
        claimed = sum(r.claimed for r in told)
        yield Paragraph(f"Of {count(len(told))} differences that change, {count(claimed) if claimed else 'none'} can be told from chance.")


def _wanted(arm: str, arms: tuple[str, ...]) -> bool:
    return any(arm == a or (a == "successor" and arm.startswith("successor:")) for a in arms)


def _row(row: Disparity, actions: dict[str, str]) -> tuple[str, ...]:
    rate = row.metric.endswith(IN_POINTS)
    show = points if rate else signed
    unseen = missed(row) if inconclusive(row) else None
    return (
        actions.get(row.decision, "the score itself"),
        MEANINGS.get(row.metric, row.metric.replace("_", " ")),
        row.group,
        show(row.with_),
        show(row.other),
        show(row.introduced),
        _interval(row.lower, row.upper, rate),
        _interval(*row.together, rate),
        "–" if unseen is None else show(unseen).lstrip("+"),
    )


def _interval(lower: float | None, upper: float | None, rate: bool) -> str:
    if rate:
        return point_interval(lower, upper)
    return "" if lower is None or upper is None else f"{signed(lower)} to {signed(upper)}"
