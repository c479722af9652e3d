"""The score itself: its mean in each group, with race and in the other arms."""

from __future__ import annotations

from collections.abc import Iterator

from auditor.result import AuditResult, CalculatorResult
from reports.blocks import Block, Table
from reports.chapters import View
from reports.findings import primary, titles
from reports.thresholds import output_name
from reports.wording import arm_name, count, everyone, group_name, group_order, number, signed, status_word

TITLE = "The score"


def build(result: AuditResult, calculator: CalculatorResult, view: View) -> Iterator[Block]:
    """Mean with race, mean in the arm and mean change, by output and group."""
    if not calculator.card.race_kind:
        return
    names = titles(result)
    rows = sorted(
        (
            s
            for s in calculator.shifts
            if (s.by == primary(result) or everyone(s.by))
            and s.mean_change != 0
            and (s.arm == "without_race" or s.arm.startswith("successor:"))
        ),
        key=lambda s: (s.output, s.arm != "without_race", s.arm, not everyone(s.by), group_order(s.group)),
    )
    if rows:
        yield Table(
            caption="Mean score on the patients whom both arms can score; groups in which it does not change are left out",
            columns=("Output", "Compared with", "Group", "Patients", "Mean with race", "Mean in the other", "Mean change"),
            rows=tuple(
                (
                    output_name(s.output),
                    arm_name(s.arm, names),
                    group_name(s.by, s.group),
                    count(s.n),
                    *(
                        (number(s.mean_with), number(s.mean_arm), signed(s.mean_change))
                        if s.status == "ok"
                        else (status_word(s.status),) * 3
                    ),
                )
                for s in rows
            ),
            text_columns=(0, 1, 2),
        )
