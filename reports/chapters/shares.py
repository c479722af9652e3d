"""Shares of yes that may be shown although few patients moved one way, so that the change itself is suppressed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from auditor.result import AuditResult, CalculatorResult, Metric
from reports.blocks import Block, Table
from reports.chapters import View
from reports.findings import Finding, findings, methods_of, primary, successor_arm, titles
from reports.phrases import condition
from reports.wording import group_name, percent, percent_interval, several_of

TITLE = "Shares of yes where the moves are hidden"


@dataclass(frozen=True)
class Line:
    """One suppressed change, with the rates of both arms."""

    finding: Finding
    with_race: Metric
    arm: Metric

    @property
    def difference(self) -> float:
        """How far apart the two rates are."""
        return abs((self.arm.value or 0.0) - (self.with_race.value or 0.0))


def build(result: AuditResult, calculator: CalculatorResult, view: View) -> Iterator[Block]:
    """One table of both rates, in the order of the decisions; of `view.most` lines those that differ most."""
    rates = {(m.decision, m.arm, m.by, m.group): m for m in calculator.metrics if m.metric == "selection_rate" and m.status == "ok"}
    by, moving = primary(result), successor_arm(calculator)
    named = {"without_race": "without race", moving: titles(result).get(moving.partition(":")[2], "the successor")}
    lines: dict[tuple[str, ...], Line] = {}
    for arm in filter(None, ("without_race", moving)):
        for finding in findings(calculator, arm, by):
            row = finding.row
            before, after = (rates.get((row.decision, of, row.by, row.group)) for of in ("with_race", arm))
            if row.status == "suppressed" and not finding.unreached and before is not None and after is not None:
                lines.setdefault((condition(finding), row.group, arm), Line(finding, before, after))
    if not lines:
        return
    ranked = sorted(lines.values(), key=lambda line: -line.difference)[: view.most or None]
    shown = [line for line in lines.values() if line in ranked]
    left = len(lines) - len(shown)
    yield Table(
        caption="Shares of patients with a yes, where how many moved each way is suppressed",
        columns=("Threshold", "Group", "Compared with", "With race", "In the other arm"),
        rows=tuple(
            (
                condition(line.finding),
                group_name(line.finding.row.by, line.finding.row.group),
                named[line.finding.row.arm],
                _share(line.with_race),
                _share(line.arm),
            )
            for line in shown
        ),
        note="With race: of all whom it scores; other arm: of those whom both can score. In brackets the 95% interval of each share: "
        f"{methods_of([line.arm for line in shown])}." + (f" {several_of(left, 'more line')} in the informatics report." if left else ""),
        text_columns=(0, 1, 2, 3, 4),
        fixed=bool(view.most),
    )


def _share(rate: Metric) -> str:
    interval = percent_interval(rate.lower, rate.upper)
    return f"{percent(rate.value)} ({interval})" if interval else percent(rate.value)
