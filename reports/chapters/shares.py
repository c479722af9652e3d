"""Shares of yes that may be shown although few patients moved one way, so that the change itself is suppressed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from auditor.result import AuditResult, CalculatorResult
from auditor.rows import Metric
from reports.blocks import Block, Table
from reports.chapters import View
from reports.findings import Finding, findings, methods_of, primary, successor_arm, titles
from reports.phrases import condition
from reports.wording import count, group_name, percent, percent_interval, several_of, status_word

TITLE = "Shares of yes where the moves are hidden"
MOST = 3


@dataclass(frozen=True)
class Line:
    """One group at one threshold: its rate with race and in each arm that may be shown."""

    finding: Finding
    with_race: Metric
    arms: dict[str, Metric]

    @property
    def difference(self) -> float:
        """How far the rates are apart at most."""
        return max(abs((m.value or 0.0) - (self.with_race.value or 0.0)) for m in self.arms.values())


def build(result: AuditResult, calculator: CalculatorResult, view: View) -> Iterator[Block]:
    """One table of the rates, in the order of the decisions; where lines are limited, those that differ most."""
    rates = {(m.decision, m.arm, m.by, m.group): m for m in calculator.metrics if m.metric == "selection_rate" and m.status == "ok"}
    by, moving = primary(result), successor_arm(calculator)
    arms = {"without_race": "Without race"} | ({moving: "Successor"} if moving else {})
    lines: dict[tuple[str, str], Line] = {}
    for finding in (f for arm in arms for f in findings(calculator, arm, by)):
        row = finding.row
        place = (row.by, row.group)
        before = rates.get((row.decision, "with_race", *place))
        if row.status != "suppressed" or finding.unreached or before is None or (row.decision, row.arm, *place) not in rates:
            continue
        shown = {arm: rates[row.decision, arm, *place] for arm in arms if (row.decision, arm, *place) in rates}
        lines.setdefault((condition(finding), row.group), Line(finding, before, shown))
    if not lines:
        return
    scored = {(c.by, c.group): c.scored for c in calculator.coverage}
    ranked = sorted(lines.values(), key=lambda line: -line.difference)[: MOST if view.most else None]
    chosen = [line for line in lines.values() if line in ranked]
    left = len(lines) - len(chosen)
    successor = f" The successor is {titles(result).get(moving.partition(':')[2], 'named above')}." if moving else ""
    yield Table(
        caption="Shares of patients with a yes, where how many moved each way is suppressed",
        columns=("Threshold", "Group", "With race", *arms.values()),
        rows=tuple(
            (
                condition(line.finding),
                f"{group_name(line.finding.row.by, line.finding.row.group)} ({_patients(scored, line.finding)})",
                _share(line.with_race),
                *(_share(line.arms[arm]) if arm in line.arms else status_word("suppressed") for arm in arms),
            )
            for line in chosen
        ),
        note=f"After the group its patients scored with race. With race: of all of them; else of those whom both can score.{successor} In brackets the 95% interval of the share: "
        f"{methods_of([m for line in chosen for m in line.arms.values()])}."
        + (f" {several_of(left, 'more line')} in the informatics report." if left else ""),
        text_columns=tuple(range(3 + len(arms))),
        fixed=bool(view.most),
    )


def _patients(scored: dict[tuple[str, str], int | None], finding: Finding) -> str:
    n = scored.get((finding.row.by, finding.row.group))
    return status_word("suppressed") if n is None else count(n)


def _share(rate: Metric) -> str:
    interval = percent_interval(rate.lower, rate.upper)
    return f"{percent(rate.value)} ({interval})" if interval else percent(rate.value)
