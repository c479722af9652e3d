"""What is not shown, and how large a difference could be missed where none is seen."""

from __future__ import annotations

from collections.abc import Iterator

from auditor.result import AuditResult, CalculatorResult
from reports.blocks import Block, Paragraph
from reports.chapters import View
from reports.contrasts import inconclusive, missed, of_decisions
from reports.findings import findings, primary, successor_arm, withheld
from reports.phrases import untouched
from reports.wording import GATES, count, group_name, group_order, joined, points, several_of, status_word

MOST_NAMED = 4
TITLE = "What is not shown, and what could be missed"


def build(result: AuditResult, calculator: CalculatorResult, view: View) -> Iterator[Block]:
    """One paragraph: numbers behind a gate by reason and group, then the differences too small for these numbers of patients."""
    if not calculator.card.race_kind:
        return
    arms = ["without_race", *filter(None, (successor_arm(calculator),))]
    rows = [f for arm in arms for f in findings(calculator, arm, primary(result))]
    hidden = withheld(rows)
    said = []
    for status in GATES:
        found = [f for f in hidden if f.row.status == status]
        if found:
            groups = sorted({group_name(f.row.by, f.row.group) for f in found}, key=group_order)
            said.append(
                f"{several_of(len(found), 'change')} {status_word(status)} ({joined(groups) if len(groups) <= MOST_NAMED else f'in {len(groups)} groups'})"
            )
    unseen = could_be_missed(calculator, primary(result))
    same = untouched([f for f in rows if f.row.arm == "without_race"])
    text = [f"When the term is taken out: {same[0].lower()}{same[1:]}"] if same else []
    text += [f"Not shown, which does not mean zero: {joined(said)}."] if said else []
    if unseen:
        text.append(unseen)
    if text:
        yield Paragraph(" ".join(text))


def could_be_missed(calculator: CalculatorResult, by: str) -> str:
    """One sentence on the contrasts whose interval reaches zero, with the differences that would probably be missed; "" where there are none."""
    rows = [r for r in of_decisions(calculator, by) if inconclusive(r)]
    sizes = sorted(size for r in rows if (size := missed(r)) is not None)
    if not sizes:
        return ""
    least, most = (points(size).lstrip("+") for size in (sizes[0], sizes[-1]))
    span = f"{least} points" if least == most else f"{least} to {most} points, depending on the contrast,"
    groups = sorted({r.group for r in rows}, key=group_order)
    found = {c.group: c.n for c in calculator.changes if c.by == by and c.arm == "without_race" and c.n}
    patients = joined([f"{group}, n = {count(found[group])}" if group in found else group for group in groups])
    return (
        f"For {several_of(len(rows), 'contrast')} ({patients}) the interval of the disparity introduced reaches zero: with these numbers of patients, "
        f"true differences smaller than {span} would probably be missed."
    )
