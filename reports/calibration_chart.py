"""The picture of calibration curves: observed against predicted risk by group, with race and in other arms, and its finding in words."""

from __future__ import annotations

import copy
import textwrap
from collections.abc import Sequence
from typing import Any

from auditor.rows import CalibrationPoint
from reports.blocks import Figure
from reports.charts import MOST_PANELS, WIDTHS, specification
from reports.wording import arm_name, everyone, group_name, joined, people, percent, percent_interval

MARKS = {"with": "●", "without": "▲", "successor": "◆"}


def calibration_chart(rows: Sequence[CalibrationPoint], titles: dict[str, str]) -> Figure | None:
    """Per group one panel with a curve for every arm: everyone and the largest groups; None if no group has two points to draw."""
    drawn = [r for r in rows if r.status == "ok" and r.risk is not None and r.observed is not None]
    groups = _groups(drawn)
    drawn = [r for r in drawn if (r.by, r.group) in groups]
    if not drawn:
        return None
    names = {group: "\n".join(textwrap.wrap(group_name(*group), 28)) for group in groups}
    most = max(max(r.risk or 0.0, r.observed or 0.0) for r in drawn)
    values = [
        {"panel": names[r.by, r.group], "arm": _kind(r.arm), "risk": r.risk, "observed": r.observed, "place": groups.index((r.by, r.group))}
        for r in drawn
    ]
    values += [
        {"panel": names[group], "arm": "even", "risk": x, "observed": x, "place": place}
        for place, group in enumerate(groups)
        for x in (0.0, most)
    ]
    spec: dict[str, Any] = copy.deepcopy(specification("calibration"))
    spec["data"] = {"values": values}
    spec["columns"] = len(groups)
    spec["spec"]["width"] = WIDTHS[len(groups)] - 40
    arms = list(dict.fromkeys(r.arm for r in drawn))
    finding = _finding(drawn, titles)
    return Figure(
        chart=spec,
        alt=f"Calibration curves. {finding} Groups drawn: {joined([group_name(*group) for group in groups])}. The table after it holds every number.",
        caption=f"{finding} Across: predicted risk; up: observed risk, smoothed: {', '.join(f'{MARKS[_kind(a)]} {arm_name(a, titles)}' for a in arms)}. "
        "On the dashed line both are equal; above it risks are too low, below it too high.",
    )


def _groups(drawn: Sequence[CalibrationPoint]) -> list[tuple[str, str]]:
    """The groups of the panels: everyone, then the largest, of those with two points or more of an arm."""
    points: dict[tuple[str, str], dict[str, int]] = {}
    for r in drawn:
        of_group = points.setdefault((r.by, r.group), {})
        of_group[r.arm] = of_group.get(r.arm, 0) + 1
    size = {(r.by, r.group): r.n or 0 for r in drawn}
    ranked = sorted(size, key=lambda group: (not everyone(group[0]), -size[group], group))
    return [group for group in ranked if max(points[group].values()) > 1][:MOST_PANELS]


def _kind(arm: str) -> str:
    return {"with_race": "with", "without_race": "without"}.get(arm, "successor")


def _finding(drawn: Sequence[CalibrationPoint], titles: dict[str, str]) -> str:
    """Where the curves lie furthest from the line, among points whose interval leaves equality out; or that there are none."""
    apart = [r for r in drawn if r.risk is not None and r.lower is not None and r.upper is not None and not r.lower <= r.risk <= r.upper]
    if not apart:
        return "Every point's 95% interval holds equality of predicted and observed risk."
    top = max(apart, key=lambda r: abs((r.observed or 0.0) - (r.risk or 0.0)))
    return (
        f"Furthest from equal: for {people(top.by, top.group)} with a predicted risk of {percent(top.risk)} ({arm_name(top.arm, titles)}), "
        f"{percent(top.observed)} is observed (95% interval {percent_interval(top.lower, top.upper)}, of this point alone)."
    )
