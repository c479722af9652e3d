"""The end of the committee's report: five principles as questions, and sign-off."""

from __future__ import annotations

from collections.abc import Iterator

from auditor.result import AuditResult
from reports.blocks import Block, Table
from reports.findings import race_based

TITLE = "Sign-off"
BLANK = ""


def build(result: AuditResult) -> Iterator[Block]:
    """Five principles as questions; names and dates."""
    if not race_based(result):
        return
    yield Table(
        caption="Five principles for health care algorithms (expert panel convened by AHRQ and NIMHD, Chin and others, JAMA Network Open 2023;6(12):e2345050), as questions",
        columns=("Question", "In this report", "The committee's answer"),
        rows=(
            (
                "Is equity sought at every stage, from the choice of the problem to monitoring?",
                "what removal and succession do to each group",
                BLANK,
            ),
            ("Can people see and understand what the tool does?", "equation, numbers, sources in the card of each calculator", BLANK),
            ("Were patients and communities part of it, and have they reason to trust it?", "not known to the software", BLANK),
            ("Are fairness issues and trade-offs named?", "gains and losses side by side; what is not estimable", BLANK),
            ("Who answers for equity in the results?", "not known to the software", BLANK),
        ),
        text_columns=(0, 1, 2),
        fixed=True,
    )
    yield Table(
        caption="Signatures",
        columns=("Role", "Name", "Date", "Signature"),
        rows=tuple(
            (role, BLANK, BLANK, BLANK)
            for role in ("Chair", "Clinical lead", "Health equity lead", "Informatics lead", "Patient representative")
        ),
        text_columns=(0, 1, 2, 3),
        fixed=True,
    )
