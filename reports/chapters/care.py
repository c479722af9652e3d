"""Both directions: who gains and who loses which care, per 1,000, under removal and under the successor."""

from __future__ import annotations

from collections.abc import Iterator

from auditor.result import AuditResult, CalculatorResult
from reports.blocks import Block, Paragraph, Table
from reports.chapters import View
from reports.findings import Finding, findings, primary, successor_arm, titles
from reports.phrases import MEANS, condition, share_of
from reports.wording import group_name, joined, status_word, structural_zero

TITLE = "Who gains and who loses care"


def build(result: AuditResult, calculator: CalculatorResult, view: View) -> Iterator[Block]:
    """One table per threshold and direction, gains and losses side by side; a sentence where only labels change."""
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
    moving = {(f.decision.id, f.row.group): f for f in findings(calculator, arm, by)} if arm else {}
    successor = titles(result).get(arm.partition(":")[2], "")
    shared: dict[tuple[str, str], list[Finding]] = {}
    for finding in removal:
        if _matters(finding) or _matters(_in(moving, finding)):
            shared.setdefault((condition(finding), finding.decision.yes_means), []).append(finding)
    for (threshold, means), rows in shared.items():
        actions = list(dict.fromkeys(f.decision.action for f in rows))
        caption = f"{threshold}: {joined(actions)} (a yes {MEANS[means]})"
        alike = [f for f in rows if f.decision.id == rows[0].decision.id]
        yield _table(caption, alike, moving, successor)
    if shared:
        yield Paragraph(
            "Losing care may mean a later test, drug or place on a list for someone who needed it. Gaining care may mean a test or drug, with its burden "
            "and side effects, for someone who did not. Which is which can only be judged with outcomes."
        )


def _in(moving: dict[tuple[str, str], Finding], finding: Finding) -> Finding | None:
    return moving.get((finding.decision.id, finding.row.group))


def _matters(finding: Finding | None) -> bool:
    return finding is not None and finding.counted and bool(finding.changed)


def _table(caption: str, rows: list[Finding], moving: dict[tuple[str, str], Finding], successor: str) -> Table:
    columns = ["Group", "Without race: gain", "Without race: lose"]
    if moving:
        columns += ["Successor: gain", "Successor: lose"]
    return Table(
        caption=caption,
        columns=tuple(columns),
        rows=tuple((group_name(f.row.by, f.row.group), *_cells(f), *(_cells(_in(moving, f)) if moving else ())) for f in rows),
        note=f"People per 1,000 of the group{', weighted' if any(f.row.weighted_n is not None for f in rows) else ''}; in brackets patients, of those whom both calculators can score."
        + (f" The successor is {successor}." if moving else ""),
        text_columns=tuple(range(len(columns))),
    )


def _cells(finding: Finding | None) -> list[str]:
    if finding is None:
        return ["not compared", "not compared"]
    if structural_zero(finding.row):
        return ["0 (term not applied)"] * 2
    if not finding.counted:
        return [status_word(finding.row.status)] * 2
    return [share_of(finding, "gain"), share_of(finding, "loss")]
