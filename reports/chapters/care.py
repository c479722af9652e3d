"""Both directions: who gains and who loses which care, per 1,000, under removal and under the successor."""

from __future__ import annotations

from collections.abc import Iterator

from auditor.result import AuditResult, CalculatorResult
from reports.blocks import Block, Paragraph, Table
from reports.findings import Finding, findings, primary, successor_arm, titles
from reports.phrases import condition, share_of
from reports.wording import group_name, status_word, structural_zero

TITLE = "Who gains and who loses"


def build(result: AuditResult, calculator: CalculatorResult) -> Iterator[Block]:
    """One table for decisions on care and one for labels, gains and losses side by side."""
    by = primary(result)
    arm = successor_arm(calculator)
    removal = findings(calculator, "without_race", by)
    moving = {(f.decision.id, f.row.group): f for f in findings(calculator, arm, by)} if arm else {}
    successor = titles(result).get(arm.partition(":")[2], "")
    for about_care in (True, False):
        rows = [f for f in removal if f.about_care == about_care and (_matters(f) or _matters(moving.get((f.decision.id, f.row.group))))]
        if rows:
            yield _table(rows, moving, successor, about_care)
    if any(f.about_care for f in removal):
        yield Paragraph(
            "Losing care may mean a later test, drug or place on a list for someone who needed it. Gaining care may mean a test or drug, with its burden "
            "and side effects, for someone who did not. Which is which can only be judged with outcomes."
        )


def _matters(finding: Finding | None) -> bool:
    return finding is not None and finding.counted and bool(finding.changed)


def _table(rows: list[Finding], moving: dict[tuple[str, str], Finding], successor: str, about_care: bool) -> Table:
    verbs = ("gain care", "lose care") if about_care else ("newly labelled", "no longer labelled")
    columns = ["Decision", "Group", f"Without race: {verbs[0]}", f"Without race: {verbs[1]}"]
    if moving:
        columns += [f"{successor}: {verbs[0]}", f"{successor}: {verbs[1]}"]
    body = []
    for finding in rows:
        line = [f"{finding.decision.action} ({condition(finding)})", group_name(finding.row.by, finding.row.group), *_cells(finding)]
        if moving:
            line += _cells(moving.get((finding.decision.id, finding.row.group)))
        body.append(tuple(line))
    return Table(
        caption=("Care" if about_care else "Labels")
        + f": patients who {'gain and lose it' if about_care else 'newly carry the label and no longer carry it'}",
        columns=tuple(columns),
        rows=tuple(body),
        note="Per 1,000 patients of the group, with patients counted and the number of patients whom both calculators can score.",
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
