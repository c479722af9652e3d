"""What each row of the race term would give: everyone scored as if they belonged to one group."""

from __future__ import annotations

from collections.abc import Iterator

from auditor.result import AuditResult, CalculatorResult
from reports.blocks import Block, Paragraph, Table
from reports.chapters import View
from reports.findings import Finding, findings
from reports.thresholds import written
from reports.wording import arm_name, count, percent, status_word

TITLE = "As if everyone were in one group"


def build(result: AuditResult, calculator: CalculatorResult, view: View) -> Iterator[Block]:
    """Rows of the term down, thresholds across: the share of all patients with a yes."""
    if result.options.arms == "main" and calculator.card.race_rows:
        yield Paragraph("This audit was asked not to score everyone as if they belonged to one group; --arms all adds it.")
    arms = [arm for arm in calculator.arms if arm.id.startswith(("as_if:", "removed:"))]
    cells = {(arm.id, f.decision.id): f for arm in arms for f in findings(calculator, arm.id, "overall")}
    decisions = {written(d, calculator.card): d.id for d in reversed(calculator.card.decisions) if any(key[1] == d.id for key in cells)}
    thresholds = list(reversed(decisions))
    if not thresholds:
        return
    given = [(arm_name(arm.id), *(_cell(cells.get((arm.id, decisions[t]))) for t in thresholds)) for arm in arms]
    yield Table(
        caption="Share of all patients with a yes if everyone were scored with one row of the race term",
        columns=("Everyone scored", *thresholds),
        rows=tuple(given),
        note="Of the patients whom with race and this row both score. This asks what the formula does, not what would have been true of the patients.",
    )


def _cell(finding: Finding | None) -> str:
    if finding is None:
        return "not computed"
    return f"{percent(finding.row.rate_arm)} of {count(finding.row.n)}" if finding.precise else status_word(finding.row.status)
