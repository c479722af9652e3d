"""Whether predicted risks are as high as observed ones along the whole range: the smooth calibration curve by group and arm."""

from __future__ import annotations

from collections.abc import Iterator

from auditor.result import AuditResult, CalculatorResult
from auditor.rows import CalibrationPoint
from reports.blocks import Block, Table
from reports.calibration_chart import calibration_chart
from reports.chapters import View
from reports.findings import methods_of, primary, successor_arm, titles
from reports.thresholds import output_name
from reports.wording import (
    arm_name,
    count,
    everyone,
    group_name,
    group_order,
    kept_apart,
    percent,
    percent_interval,
    several_of,
    status_word,
)

TITLE = "Predicted and observed risk"
Key = tuple[str, str, str, float]


def build(result: AuditResult, calculator: CalculatorResult, view: View) -> Iterator[Block]:
    """Per output one chart, and per arm a table of its points beside those with race."""
    if not calculator.card.race_kind:
        return
    by, names = primary(result), titles(result)
    arms = ("without_race", *filter(None, (successor_arm(calculator),)))
    rows = [r for r in calculator.calibration if (r.by == by or everyone(r.by)) and r.arm in ("with_race", *arms)]
    for output in dict.fromkeys(r.output for r in rows):
        of_output = [r for r in rows if r.output == output]
        if view.intervals and (figure := calibration_chart(of_output, names)):
            yield figure
        for arm in arms:
            table = _table(of_output, arm, arm_name(arm, names), output)
            if table is not None:
                yield table


def _table(rows: list[CalibrationPoint], arm: str, named: str, output: str) -> Table | None:
    found: dict[Key, CalibrationPoint] = {(r.arm, r.by, r.group, r.percentile): r for r in rows}
    keys = sorted((k for k in found if k[0] == arm), key=lambda k: (not everyone(k[1]), group_order(k[2]), k[3]))
    shown = [k for k in keys if found[k].status == "ok"]
    if not shown:
        return None
    hidden = len(keys) - len(shown)
    return Table(
        caption=f"Observed risk along the predicted one ({output_name(output)}), with race and {named}",
        columns=("Group", "Percentile", "Patients", "Predicted with race", "Observed", f"Predicted {named}", "Observed"),
        rows=tuple(
            (
                group_name(by, group),
                f"{percentile:g}%",
                count(found[arm, by, group, percentile].n),
                *_cells(found.get(("with_race", by, group, percentile))),
                *_cells(found[arm, by, group, percentile]),
            )
            for _, by, group, percentile in shown
        ),
        note="Percentile: the share of the group's patients whose predicted risk is at most this. Observed: a smooth curve through all of them, in brackets "
        f"its 95% interval at that risk. Methods: {methods_of(found[k] for k in shown)}."
        + (
            f" {several_of(hidden, 'point')} not shown: {kept_apart(found[k].status for k in keys if found[k].status != 'ok')}."
            if hidden
            else ""
        ),
        shares=(24, 12, 14, 16, 26, 16, 26),
        fixed=True,
    )


def _cells(row: CalibrationPoint | None) -> tuple[str, str]:
    if row is None:
        return "–", "–"
    if row.status != "ok":
        return status_word(row.status), status_word(row.status)
    return percent(row.risk), f"{percent(row.observed)} ({percent_interval(row.lower, row.upper)})"
