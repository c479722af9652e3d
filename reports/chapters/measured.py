"""How near the score comes to the measured value of what it estimates: bias, spread, P10, P30 and root mean square error, by group and arm."""

from __future__ import annotations

from collections.abc import Iterator

from auditor.result import AuditResult, CalculatorResult
from auditor.rows import Measured
from reports.blocks import Block, Table
from reports.chapters import View
from reports.findings import methods_of, primary, successor_arm, titles
from reports.thresholds import output_name
from reports.wording import (
    arm_name,
    count,
    decimals,
    everyone,
    group_name,
    group_order,
    kept_apart,
    percent,
    percent_interval,
    point_interval,
    points,
    several_of,
    status_word,
)

TITLE = "Against measured values"
MEASURES = {
    "bias": "Bias: median of score minus measured",
    "interquartile_range": "Spread: interquartile range of the differences",
    "p10": "Within 10% of the measured value",
    "p30": "Within 30% of the measured value",
    "root_mean_square_error": "Root mean square error",
}
SHARES = ("p10", "p30")
Key = tuple[str, str, str, str, str]


def build(result: AuditResult, calculator: CalculatorResult, view: View) -> Iterator[Block]:
    """Per output and arm one table: with race, in the arm, and the change on the same patients."""
    if not calculator.card.race_kind:
        return
    by, names = primary(result), titles(result)
    rows = {(m.output, m.metric, m.arm, m.by, m.group): m for m in calculator.measured if m.by == by or everyone(m.by)}
    for output in dict.fromkeys(key[0] for key in rows):
        for arm in ("without_race", *filter(None, (successor_arm(calculator),))):
            keys = _ordered([key for key in rows if key[0] == output and key[2] == arm and key[1] in MEASURES])
            shown = [key for key in keys if rows[key].status == "ok"]
            if not shown:
                continue
            named = arm_name(arm, names)
            hidden = len(keys) - len(shown)
            yield Table(
                caption=f"{output_name(output)} against its measured value, with race and {named}",
                columns=("Measure", "Group", "Measured patients", "With race", named[0].upper() + named[1:], "Change"),
                rows=tuple(_line(rows, key) for key in shown),
                note=f"In brackets the 95% interval; change = the other minus with race, on the same patients. Methods: {methods_of(rows[k] for k in shown)}. "
                "Patients who were measured are seldom like those who were not."
                + (
                    f" {several_of(hidden, 'number')} not shown: {kept_apart(rows[k].status for k in keys if rows[k].status != 'ok')}."
                    if hidden
                    else ""
                ),
                text_columns=(0, 1),
                shares=(34, 24, 14, 26, 26, 26),
            )


def _ordered(keys: list[Key]) -> list[Key]:
    order = list(MEASURES)
    return sorted(keys, key=lambda key: (order.index(key[1]), not everyone(key[3]), group_order(key[4])))


def _line(rows: dict[Key, Measured], key: Key) -> tuple[str, ...]:
    output, metric, arm, by, group = key
    share = metric in SHARES
    return (
        MEASURES[metric],
        group_name(by, group),
        count(rows[key].n),
        _cell(rows.get((output, metric, "with_race", by, group)), share, change=False, signed=metric == "bias"),
        _cell(rows[key], share, change=False, signed=metric == "bias"),
        _cell(rows.get((output, f"{metric}_change", arm, by, group)), share, change=True, signed=True),
    )


def _cell(row: Measured | None, share: bool, change: bool, signed: bool) -> str:
    if row is None:
        return "–"
    if row.status != "ok" or row.value is None:
        return status_word(row.status) or "–"
    if share:
        said, interval = (
            (points(row.value), point_interval(row.lower, row.upper))
            if change
            else (percent(row.value), percent_interval(row.lower, row.upper))
        )
        return f"{said} ({interval})" if interval else said
    value, *bounds = (None if v is None else decimals(v, 1, signed) for v in (row.value, row.lower, row.upper))
    return f"{value} ({bounds[0]} to {bounds[1]})" if None not in bounds else str(value)
