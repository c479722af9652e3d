"""The options of a committee as a table: what each would do in this cohort, and what it needs; none is recommended."""

from __future__ import annotations

from auditor.result import AuditResult, CalculatorResult
from reports.blocks import Table
from reports.findings import FEW, by_reach, findings, moved, primary, successor_arm, withheld
from reports.wording import count, group_order, joined, people, several_of

KEEP = "a stated reason, notice, a review date"
REMOVE = "a calibration check, notice, contact with patients"
SUCCEED = "local validation, notice, contact with patients"


def options(result: AuditResult) -> Table:
    """Keep, remove, move to the successor, show both, restrict, monitor."""
    chosen = by_reach(result)
    return Table(
        caption="Options, with what each would do in this cohort. The report recommends none; the committee decides.",
        columns=("Option", "In this cohort", "What it needs"),
        rows=(
            ("Keep the race term", _keeping(result, chosen), KEEP),
            ("Remove the race term", _changing(result, chosen, "without_race"), REMOVE),
            ("Move to the successor", _succeeding(result, chosen), SUCCEED),
            (
                "Show both values",
                "every patient who would change gets two answers",
                "a rule for who decides, training",
            ),
            (
                "Restrict to some uses",
                "changes only in the decisions that go on using it",
                "a list of permitted uses, a check in the software",
            ),
            ("Monitor", "no decision changes now", "this audit again on a fixed date, an owner"),
        ),
        text_columns=(0, 1, 2),
        fixed=True,
        shares=(20, 66, 46),
    )


def _keeping(result: AuditResult, chosen: list[CalculatorResult]) -> str:
    rows = [f for c in chosen for f in findings(c, "without_race", primary(result))]
    touched = sorted({f.row.group for f in moved(rows)}, key=group_order)
    hidden = several_of(len([f for f in withheld(rows) if not f.counted]), "comparison")
    unseen = "" if hidden.startswith("0 ") else f"{hidden} cannot be shown"
    if touched:
        many = len(chosen) > FEW
        where = f"with {len([c for c in chosen if _moves(result, c)])} of {len(chosen)} calculators" if many else f"for: {joined(touched)}"
        return f"decisions go on depending on recorded race {where}" + (f"; {unseen}" if unseen else "")
    return f"whose decisions depend on recorded race is not shown: {unseen}" if unseen else "no decision here depends on recorded race"


def _moves(result: AuditResult, calculator: CalculatorResult) -> bool:
    return bool(moved(findings(calculator, "without_race", primary(result))))


def _changing(result: AuditResult, chosen: list[CalculatorResult], arm: str) -> str:
    rows = {c.card.id: findings(c, arm, primary(result)) for c in chosen}
    changing = [found for found in rows.values() if moved(found)]
    if not changing:
        known = all(f.untouched for found in rows.values() for f in found)
        return "no decision of any patient changes" if known else "no change of a decision can be shown; there may be some"
    top = max((f for found in changing for f in moved(found)), key=lambda f: (f.about_care, f.changed or 0))
    many = f"decisions change with {len(changing)} of {len(chosen)} calculators; " if len(chosen) > 1 else ""
    what = "most changes of care at one threshold" if top.about_care else "only labels change; most at one threshold"
    tool = f" ({top.card.title})" if len(chosen) > 1 else ""
    return f"{many}{what}: {count(top.changed)} of {count(top.row.n)} {people(top.row.by, top.row.group)}{tool}"


def _succeeding(result: AuditResult, chosen: list[CalculatorResult]) -> str:
    compared = [c for c in chosen if successor_arm(c)]
    if not compared:
        return "no successor could be compared on this cohort"
    known = f"{len(compared)} of {len(chosen)} calculators could be compared; " if len(compared) < len(chosen) else ""
    return known + _changing(result, compared, "successor")
