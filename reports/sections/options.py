"""The options of a committee as a table: what each would do in this cohort, and what it needs; none is recommended."""

from __future__ import annotations

from auditor.result import AuditResult, CalculatorResult
from reports.blocks import Table
from reports.findings import by_reach, findings, moved, primary, successor_arm, withheld
from reports.wording import group_order, joined, several_of

KEEP = "a stated reason, notice, a review date"
REMOVE = "a calibration check, notice, contact with patients who change"
SUCCEED = "its inputs, local validation, notice, contact with patients who change"


def options(result: AuditResult) -> Table:
    """Keep, remove, move to the successor, show both, restrict, monitor."""
    chosen = by_reach(result)
    return Table(
        caption="Options, with what each would do in this cohort. The report recommends none; the committee decides.",
        columns=("Option", "In this cohort", "What it needs"),
        rows=(
            ("Keep the race term", _keeping(result, chosen), KEEP),
            ("Remove the race term", _changing(result, chosen, "without_race", "the row without race"), REMOVE),
            ("Move to the successor", _succeeding(result, chosen), SUCCEED),
            (
                "Show both values",
                "patients who would change get two answers",
                "a rule for who decides when they disagree, training",
            ),
            (
                "Restrict to some uses",
                "the changes of the decisions that remain",
                "a list of permitted uses, a check in the software",
            ),
            ("Monitor", "no decision changes now", "this audit again on a fixed date, an owner"),
        ),
        text_columns=(0, 1, 2),
        fixed=True,
    )


def _keeping(result: AuditResult, chosen: list[CalculatorResult]) -> str:
    rows = [f for c in chosen for f in findings(c, "without_race", primary(result))]
    touched = sorted({f.row.group for f in moved(rows)}, key=group_order)
    hidden = several_of(len([f for f in withheld(rows) if not f.counted]), "comparison")
    unseen = "" if hidden.startswith("0 ") else f"{hidden} cannot be shown"
    if touched:
        return f"decisions go on depending on recorded race for: {joined(touched)}" + (f"; {unseen}" if unseen else "")
    return f"whose decisions depend on recorded race is not shown: {unseen}" if unseen else "no decision here depends on recorded race"


def _changing(result: AuditResult, chosen: list[CalculatorResult], arm: str, row: str) -> str:
    rows = {c.card.id: findings(c, arm, primary(result)) for c in chosen}
    changing = [found for found in rows.values() if moved(found)]
    if not changing:
        known = all(f.untouched for found in rows.values() for f in found)
        return "no decision of any patient changes" if known else "no change of a decision can be shown; there may be some"
    if len(chosen) == 1:
        return f"the gains and losses in {row} above" if any(f.about_care for f in changing[0]) else "labels change: see the chapter"
    return f"decisions are seen to change for {len(changing)} of {len(chosen)} calculators"


def _succeeding(result: AuditResult, chosen: list[CalculatorResult]) -> str:
    compared = [c for c in chosen if successor_arm(c)]
    if not compared:
        return "no successor could be compared on this cohort"
    if len(chosen) == 1:
        return _changing(result, compared, "successor", "the row for the successor")
    return f"{several_of(len(compared), 'calculator')} of {len(chosen)} could be compared with a successor"
