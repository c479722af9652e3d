"""Both directions: who gains and who loses which care, per 1,000, under removal and under the successor."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from auditor.result import AuditResult, CalculatorResult
from reports.blocks import Block, Paragraph, Table
from reports.chapters import View
from reports.findings import Finding, findings, largest, primary, successor_arm, titles
from reports.phrases import condition, share_of
from reports.thresholds import MEANS
from reports.wording import group_name, group_order, joined, several_of, status_word

TITLE = "Who gains and who loses care"


@dataclass(frozen=True)
class Line:
    """One group at one threshold: what removal does, and what the successor does; `actions` share the threshold."""

    actions: tuple[str, ...]
    removal: Finding
    moving: Finding | None

    @property
    def changed(self) -> int:
        """The most patients who change in either comparison, as far as may be shown."""
        return max((f.changed or 0 for f in (self.removal, self.moving) if f is not None and f.counted), default=0)

    @property
    def threshold(self) -> tuple[str, str]:
        """The threshold and what a yes does to care."""
        return (condition(self.removal), self.removal.decision.yes_means)


def build(result: AuditResult, calculator: CalculatorResult, view: View) -> Iterator[Block]:
    """One table, gains and losses side by side, the thresholds that move most patients first; a sentence where only labels change."""
    if not calculator.card.race_kind:
        return
    by, arm = primary(result), successor_arm(calculator)
    removal = [f for f in findings(calculator, "without_race", by) if f.about_care]
    if not removal:
        if calculator.card.decisions:
            yield Paragraph(
                "The thresholds of this calculator name conditions, stages or grades. What care follows from a label is decided elsewhere and was not counted."
            )
        return
    lines = _lines(removal, findings(calculator, arm, by) if arm else [])
    if not lines:
        return
    shown = _leading(lines, view.most) if view.most else lines
    yield _table(shown, titles(result).get(arm.partition(":")[2], "") if arm else "", len(lines) - len(shown))
    if not view.most:
        yield Paragraph(
            "Losing care may mean a later test, drug or place on a list for someone who needed it. Gaining care may mean a test or drug, with its burden "
            "and side effects, for someone who did not. Which is which can only be judged with outcomes."
        )


def _lines(removal: list[Finding], moving: list[Finding]) -> list[Line]:
    """The groups and thresholds in which somebody is seen to change; thresholds by the most patients, groups in alphabetical order."""
    succeeding = {(f.decision.id, f.row.group): f for f in moving}
    shared: dict[tuple[str, str, str], list[Finding]] = {}
    for finding in removal:
        shared.setdefault((condition(finding), finding.decision.yes_means, finding.row.group), []).append(finding)
    lines = [
        Line(tuple(dict.fromkeys(f.decision.action for f in found)), found[0], succeeding.get((found[0].decision.id, found[0].row.group)))
        for found in shared.values()
    ]
    most: dict[tuple[str, str], int] = {}
    for line in lines:
        most[line.threshold] = max(line.changed, most.get(line.threshold, 0))
    return sorted(
        (line for line in lines if line.changed),
        key=lambda line: (-most[line.threshold], line.threshold, group_order(line.removal.row.group)),
    )


def _leading(lines: list[Line], most: int) -> list[Line]:
    """The lines in which most patients change, in the given order; the largest gain and loss of each comparison are always among them."""
    compared = ([line.removal for line in lines], [line.moving for line in lines if line.moving is not None])
    ends = [end for found in compared for direction in ("gain", "loss") if (end := largest(found, direction)) is not None]
    ranked = sorted(lines, key=lambda line: (line.removal not in ends and line.moving not in ends, -line.changed))[:most]
    return [line for line in lines if line in ranked]


def _table(lines: list[Line], successor: str, left_out: int) -> Table:
    columns = ["Decision", "Group", "Without race: gain", "Without race: lose"]
    if successor:
        columns += ["Successor: gain", "Successor: lose"]
    weighted = any(line.removal.row.weighted_n is not None for line in lines)
    return Table(
        caption="Patients who gain and who lose care, decisions that move most patients first; groups in which nobody is seen to change are left out",
        columns=tuple(columns),
        rows=tuple(_row(line, bool(successor)) for line in lines),
        note=f"People per 1,000 of the group{', weighted' if weighted else ''}; in brackets patients, of those whom both calculators can score."
        + (f" The successor is {successor}." if successor else "")
        + " One patient may stand in several lines."
        + (f" {several_of(left_out, 'more line')}, with fewer patients, in the informatics report." if left_out else ""),
        text_columns=tuple(range(len(columns))),
        fixed=True,
        shares=(52, 23, *[25] * (len(columns) - 2)),
    )


def _row(line: Line, moving: bool) -> tuple[str, ...]:
    row = line.removal.row
    decision = f"{condition(line.removal)}: {joined(list(line.actions))} ({MEANS[line.removal.decision.yes_means]})"
    return (decision, group_name(row.by, row.group), *_cells(line.removal), *(_cells(line.moving) if moving else ()))


def _cells(finding: Finding | None) -> list[str]:
    if finding is None:
        return ["not compared", "not compared"]
    if finding.untouched:
        return ["nobody"] * 2
    if not finding.counted:
        return [status_word(finding.row.status)] * 2
    return [share_of(finding, "gain"), share_of(finding, "loss")]
