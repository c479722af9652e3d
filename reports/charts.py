"""Charts from publishable rows only: one specification per kind of chart (see chart_design.py), with their findings in words."""

from __future__ import annotations

import copy
import json
import textwrap
from collections.abc import Sequence
from functools import cache
from importlib.resources import files
from typing import Any

from auditor.rows import Disparity
from reports.blocks import Figure
from reports.contrasts import largest, with_interval
from reports.findings import Finding, merged
from reports.phrases import condition
from reports.wording import arm_name, group_name, group_order, joined, people, percent, points

MOST_PANELS = 3
MOST_ROWS = 30
WIDTHS = {1: 560, 2: 280, 3: 190}


def arrow_plot(rows: Sequence[Finding], titles: dict[str, str]) -> Figure | None:
    """Per decision and group an arrow from the share with race to the share in each arm; None if no row may be drawn."""
    facts = [fact for fact in merged(rows) if fact[0].precise and fact[0].row.rate_with is not None and fact[0].row.rate_arm is not None]
    facts = [fact for fact in facts if fact[0].changed != 0]
    if not facts:
        return None
    ranked = sorted(facts, key=lambda fact: -(fact[0].changed or 0))
    panels = list(dict.fromkeys(_threshold(fact) for fact in ranked))[:MOST_PANELS]
    facts = [fact for fact in facts if _threshold(fact) in panels]
    names = {key: _panel([fact for fact in facts if _threshold(fact) == key]) for key in panels}
    drawn = [fact[0] for fact in facts]
    values = [
        {
            "panel": names[_threshold((f,))],
            "group": group_name(f.row.by, f.row.group),
            "arm": "successor" if f.row.arm.startswith("successor") else "without",
            "head": _head(f),
            "with": f.row.rate_with,
            "to": f.row.rate_arm,
            "lower": _end(f.row.rate_with, f.row.lower),
            "upper": _end(f.row.rate_with, f.row.upper),
        }
        for f in drawn
    ]
    groups = sorted({group_name(f.row.by, f.row.group) for f in drawn}, key=group_order)
    spec = _filled("arrow", values, groups, list(names.values()))
    arms = {f.row.arm for f in drawn}
    marks = ["● with race", "▶ or ◀ without race"] if "without_race" in arms else ["● with race"]
    marks += [f"◆ {arm_name(arm, titles)}" for arm in sorted(arms) if arm.startswith("successor")]
    return Figure(
        chart=spec,
        alt=_arrow_alt(drawn, titles),
        caption=f"{_largest_move(drawn, titles)} Share of patients with a yes: {', '.join(marks)}. Thin bars: 95% interval of the change.",
    )


def interval_plot(rows: Sequence[Disparity], labels: dict[str, str]) -> Figure | None:
    """Per decision and group the disparity introduced by the race term as dot and interval; None if none may be drawn."""
    drawn = [r for r in rows if r.status == "ok" and r.introduced is not None and r.decision in labels]
    decisions = list(dict.fromkeys(r.decision for r in drawn))[:MOST_PANELS]
    drawn = [r for r in drawn if r.decision in decisions]
    if not any(r.introduced for r in drawn):
        return None
    values = [
        {
            "panel": _wrapped(labels[r.decision]),
            "group": r.group,
            "introduced": r.introduced,
            "lower": r.together[0],
            "upper": r.together[1],
        }
        for r in drawn
    ]
    groups = sorted({r.group for r in drawn}, key=group_order)
    panels = [_wrapped(labels[d]) for d in decisions]
    return Figure(
        chart=_filled("interval", values, groups, panels),
        alt=_interval_alt(drawn, labels),
        caption=(
            f"{_largest_disparity(drawn, labels)} Each group against {drawn[0].reference}, in percentage points: "
            "the difference with race minus the difference without. Bars: 95% intervals that hold for all groups and arms together; the line marks zero."
        ),
    )


def forest_plot(rows: Sequence[Finding]) -> Figure | None:
    """The largest change of each calculator as dot and interval, largest first; None if none may be drawn."""
    drawn = sorted((f for f in rows if f.precise and f.changed and f.row.change is not None), key=lambda f: -abs(f.row.change or 0))[
        :MOST_ROWS
    ]
    if not drawn:
        return None
    title = "Change without the race term, in percentage points"
    labels = [f"{textwrap.shorten(f.card.title, 36, placeholder=' …')}: {group_name(f.row.by, f.row.group)}" for f in drawn]
    values = [
        {"panel": title, "group": label, "introduced": f.row.change, "lower": f.row.lower, "upper": f.row.upper}
        for label, f in zip(labels, drawn, strict=True)
    ]
    spec = _filled("interval", values, labels, [title])
    spec["spec"]["width"] = WIDTHS[2]
    top = drawn[0]
    finding = (
        f"Largest change drawn: {points(top.row.change)} percentage points in the share of {people(top.row.by, top.row.group)} with a yes to "
        f"“{top.decision.action}” ({top.card.title})."
    )
    return Figure(
        chart=spec,
        alt=f"Dots with intervals, one row for each of {len(drawn)} calculators. {finding} The table after it holds every number.",
        caption=f"{finding} One row per calculator: the decision and group that move most patients. Bars: 95% interval of each change; the line marks zero.",
    )


def _head(finding: Finding) -> str:
    if finding.row.arm.startswith("successor"):
        return "successor"
    return "down" if (finding.row.rate_arm or 0) < (finding.row.rate_with or 0) else "up"


def _threshold(fact: Sequence[Finding]) -> tuple[str, str, float]:
    decision = fact[0].decision
    return (decision.output, decision.operator, decision.cutoff)


def _panel(facts: Sequence[Sequence[Finding]]) -> str:
    actions = dict.fromkeys(f.decision.action for fact in facts for f in fact)
    return _wrapped(f"{condition(facts[0][0])}: {'; '.join(actions)}")


def _wrapped(text: str) -> str:
    return "\n".join(textwrap.wrap(text, 28, max_lines=4, placeholder=" …"))


def _end(start: float | None, change: float | None) -> float | None:
    return None if start is None or change is None else min(1.0, max(0.0, start + change))


def _filled(name: str, values: list[dict[str, Any]], groups: Sequence[str], panels: Sequence[str]) -> dict[str, Any]:
    """A specification with its values, one panel after another in a row."""
    filled: dict[str, Any] = copy.deepcopy(_specifications()[name])
    filled["data"] = {"values": [v | {"place": panels.index(str(v["panel"]))} for v in values]}
    filled["columns"] = len(panels)
    filled["spec"]["width"] = WIDTHS[len(panels)]
    for layer in filled["spec"]["layer"]:
        if "y" in layer["encoding"]:
            layer["encoding"]["y"]["sort"] = list(groups)
    return filled


def _arrow_alt(rows: Sequence[Finding], titles: dict[str, str]) -> str:
    groups = joined(sorted({group_name(f.row.by, f.row.group) for f in rows}, key=group_order))
    return f"Arrow plot. {_largest_move(rows, titles)} Groups drawn: {groups}. The table after it holds every number."


def _largest_move(rows: Sequence[Finding], titles: dict[str, str]) -> str:
    top = max(rows, key=lambda f: abs((f.row.rate_arm or 0) - (f.row.rate_with or 0)))
    row = top.row
    return (
        f"Largest change drawn: for {people(row.by, row.group)}, the share with a yes to “{top.decision.action}” goes from "
        f"{percent(row.rate_with)} with race to {percent(row.rate_arm)} {_in_arm(row.arm, titles)}."
    )


def _in_arm(arm: str, titles: dict[str, str]) -> str:
    return f"by the {arm_name(arm, titles)}" if arm.startswith("successor") else arm_name(arm, titles)


def _interval_alt(rows: Sequence[Disparity], labels: dict[str, str]) -> str:
    return f"Dots with intervals. {_largest_disparity(rows, labels)} The table after it holds every number."


def _largest_disparity(rows: Sequence[Disparity], labels: dict[str, str]) -> str:
    top = largest(list(rows))
    if top is None:
        return "No disparity that the race term introduces is shown."
    return (
        f"Largest disparity shown that the race term introduces: {with_interval(top)} for "
        f"{top.group} against {top.reference}, in “{labels[top.decision]}”."
    )


def specification(name: str) -> dict[str, Any]:
    """One kind of chart, without values; not to be changed in place."""
    found: dict[str, Any] = _specifications()[name]
    return found


@cache
def _specifications() -> dict[str, Any]:
    text = files("reports").joinpath("chart_specifications.json").read_text(encoding="utf-8")
    specifications: dict[str, Any] = json.loads(text)
    return specifications
