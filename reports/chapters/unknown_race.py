"""What unknown race could change: each group's number if patients whose race is not recorded belonged to it."""

from __future__ import annotations

from collections.abc import Iterator

from auditor.result import AuditResult, CalculatorResult
from auditor.rows import Bound
from reports.blocks import Block, Paragraph, Table
from reports.chapters import View
from reports.findings import primary, titles
from reports.thresholds import written
from reports.wording import arm_name, count, group_order, percent, points, several_of

TITLE = "If unknown race were known"


def build(result: AuditResult, calculator: CalculatorResult, view: View) -> Iterator[Block]:
    """Lowest and highest possible value, and the share of the unknown at which the contrast with the reference would vanish."""
    decisions = {d.id: written(d, calculator.card) for d in calculator.card.decisions}
    rows = [r for r in calculator.bounds if r.by == primary(result) and r.decision in decisions]
    if not rows:
        return
    shown = [r for r in rows if r.status == "ok" and r.value is not None]
    told = [r for r in shown if r.lowest != r.highest]
    unknown = next((r.unknown for r in shown if r.unknown is not None), None)
    if unknown is not None:
        yield Paragraph(
            f"Race is not recorded for {percent(unknown)} of the patients scored. The table shows how far each number could lie from the recorded one if any "
            "of them belonged to the group. These are worst cases without an interval; they say nothing of chance."
        )
    names = titles(result)
    if told:
        yield Table(
            caption="Recorded, lowest and highest possible numbers",
            columns=("Threshold", "Group", "Number", "As recorded", "Lowest", "Highest", "Tipping share"),
            rows=tuple(
                dict.fromkeys(
                    _row(r, decisions[r.decision], arm_name(r.arm, names))
                    for r in sorted(told, key=lambda r: (list(decisions).index(r.decision), r.metric, r.arm, group_order(r.group)))
                )
            ),
            note="Tipping share: the least share of the patients of unknown race that, joining the group, would bring its number to that of the reference group "
            f"({told[0].reference}); “none” where no share would.",
            text_columns=(0, 1, 2),
        )
    same, hidden = len(shown) - len(told), len(rows) - len(shown)
    said = [f"{count(same)} could not change" if same else "", f"{count(hidden)} suppressed or not estimable" if hidden else ""]
    if any(said):
        yield Paragraph(f"Of {several_of(len(rows), 'number')}, {' and '.join(filter(None, said))}.")


def _row(row: Bound, threshold: str, arm: str) -> tuple[str, ...]:
    change = row.metric == "change"
    show = points if change else percent
    return (
        threshold,
        row.group,
        f"change {arm}, points" if change else "share with a yes, with race",
        show(row.value),
        show(row.lowest),
        show(row.highest),
        "none" if row.tipping is None else percent(row.tipping),
    )
