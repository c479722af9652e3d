"""Disparities between groups that are given everyone's mix of the other attributes, as difference and as ratio."""

from __future__ import annotations

from collections.abc import Iterator

from auditor.result import AuditResult, CalculatorResult
from reports.blocks import Block, Paragraph, Table
from reports.chapters import View
from reports.findings import methods_of, titles
from reports.thresholds import written
from reports.wording import arm_name, attribute_name, count, group_order, joined, kept_apart, point_interval, points, several_of

TITLE = "Disparities at everyone's mix of the other attributes"


def build(result: AuditResult, calculator: CalculatorResult, view: View) -> Iterator[Block]:
    """One table per arm; the crude disparities stand in the part before."""
    decisions = {d.id: written(d, calculator.card) for d in calculator.card.decisions}
    rows = [s for s in calculator.standardised if s.decision in decisions and (s.arm == "without_race" or s.arm.startswith("successor:"))]
    shown = [s for s in rows if s.status == "ok" and s.introduced is not None]
    names = titles(result)
    for arm in dict.fromkeys(s.arm for s in shown):
        told = sorted((s for s in shown if s.arm == arm), key=lambda s: (list(decisions).index(s.decision), group_order(s.group)))
        other = arm_name(arm, names)
        over = joined(sorted({attribute_name(s.over) for s in told}))
        yield Table(
            caption=f"Share with a yes, group minus {joined(sorted({s.reference for s in told}))}, in points and as ratio, at everyone's mix of {over}",
            columns=(
                "Threshold",
                "Group",
                "With race",
                other[0].upper() + other[1:],
                "Introduced",
                "95% interval",
                "Ratio with race",
                "Ratio in the other",
            ),
            rows=tuple(
                (
                    decisions[s.decision],
                    s.group,
                    points(s.with_),
                    points(s.other),
                    points(s.introduced),
                    point_interval(s.lower, s.upper),
                    _ratio(s.ratio_with),
                    _ratio(s.ratio_other),
                )
                for s in told
            ),
            note=f"What remains is not due to differences in {over} between the groups; it may be due to much else. Intervals of one number each; methods: {methods_of(told)}.",
            text_columns=(0, 1),
        )
    hidden = len(rows) - len(shown)
    if rows and hidden:
        yield Paragraph(
            f"{several_of(hidden, 'standardised disparity').replace('disparitys', 'disparities')} of {count(len(rows))} "
            f"not shown: {kept_apart(s.status for s in rows if s.status != 'ok' or s.introduced is None)}."
        )


def _ratio(value: float | None) -> str:
    return "–" if value is None else f"{value:.2f}"
