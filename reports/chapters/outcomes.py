"""Against the recorded outcome: who with it gets a no, who without it gets a yes, with race and in the other arms."""

from __future__ import annotations

from collections.abc import Iterator

from auditor.result import AuditResult, CalculatorResult
from reports.blocks import Block, Paragraph, Table
from reports.chapters import View
from reports.findings import primary, titles
from reports.thresholds import written
from reports.wording import arm_name, count, group_name, group_order, kept_apart, percent

TITLE = "Against the recorded outcome"


def build(result: AuditResult, calculator: CalculatorResult, view: View) -> Iterator[Block]:
    """Only rows in which an answer changes; whether the outcome is the calculator's own is for the reader to judge."""
    if not calculator.card.race_kind:
        return
    names, decisions = titles(result), {d.id: d for d in calculator.card.decisions}
    order = {id: place for place, id in enumerate(decisions)}
    rows = sorted(
        (r for r in calculator.outcome_changes if r.by == primary(result) and r.decision in decisions and _compared(r.arm)),
        key=lambda r: (order[r.decision], r.arm != "without_race", r.arm, group_order(r.group), r.outcome),
    )
    shown = [r for r in rows if r.status == "ok" and r.n and (r.gained or r.lost)]
    if not rows:
        return
    if shown:
        yield Table(
            caption=f"Patients by recorded outcome ({result.cohort.outcome}) whose answer changes",
            columns=(
                "Threshold",
                "Group",
                "Compared with",
                "Outcome",
                "Patients",
                "Yes with race",
                "Yes in the other",
                "No to yes",
                "Yes to no",
            ),
            rows=tuple(
                (
                    written(decisions[r.decision], calculator.card),
                    group_name(r.by, r.group),
                    arm_name(r.arm, names),
                    "happened" if r.outcome == "1" else "did not happen",
                    count(r.n),
                    _share(r.yes_with, r.n),
                    _share(r.yes_arm, r.n),
                    count(r.gained),
                    count(r.lost),
                )
                for r in shown
            ),
            note=(
                "A no where the outcome happened was a miss, a yes where it did not was needless, if this outcome is what the threshold is meant to foresee. "
                "That is for the reader to judge; the outcome is a column of the cohort and need not be the calculator's own."
            ),
            text_columns=(0, 1, 2, 3),
        )
    hidden = sum(r.status != "ok" for r in rows)
    if hidden:
        yield Paragraph(
            f"{count(hidden)} of {count(len(rows))} comparisons against the outcome are not shown: "
            f"{kept_apart(r.status for r in rows if r.status != 'ok')}."
        )


def _compared(arm: str) -> bool:
    return arm == "without_race" or arm.startswith("successor:")


def _share(patients: int | None, of: int | None) -> str:
    return count(patients) if patients is None or not of else f"{count(patients)} ({percent(patients / of)})"
