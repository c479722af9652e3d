"""Events of harm beside the decisions, and the question asked of each kind of event: was there an associated inequity?"""

from __future__ import annotations

from collections.abc import Iterator

from auditor.result import AuditResult
from auditor.rows import EventChange
from reports.blocks import Block, Heading, Paragraph, Table
from reports.findings import primary
from reports.wording import count, everyone, group_name, group_order, slug, status_word

TITLE = "Events of harm"
QUESTIONS = (
    "Was there an associated inequity?",
    "How did the race term, or the decision built on it, contribute?",
    "What else contributed (access, language, staffing, insurance, racism in care)?",
    "With which patients and communities was this discussed?",
    "What will be done, by whom, until when?",
)
BLANK = "________"


def build(result: AuditResult) -> Iterator[Block]:
    """For every kind of event: patients with it by group and decision, then questions for people to answer."""
    rows = result.rows("event_changes")
    events = [row for row in rows if isinstance(row, EventChange)]
    if not events:
        return
    yield Paragraph(
        "Counts are patients who had the event and were scored with and without the race term. An event beside a decision is no proof that the decision led to "
        "it: that is a judgement for the people who review the event."
    )
    cards = {c.card.id: c.card for c in result.calculators}
    actions = {(id, d.id): d.action for id, card in cards.items() for d in card.decisions}
    by = primary(result)
    for kind in dict.fromkeys(row.event for row in events):
        yield Heading(f"Event: {kind}", 3, f"event-{slug(kind)}")
        mine = [row for row in events if row.event == kind and (row.by == by or everyone(row.by))]
        told = [row for row in mine if row.n is not None and (row.gained or row.lost)]
        if told:
            yield Table(
                caption=f"Patients with “{kind}” whose decision differs without the race term",
                columns=(
                    "Group",
                    "Calculator",
                    "Decision",
                    "With the event",
                    "Yes with race",
                    "Yes without race",
                    "No to yes",
                    "Yes to no",
                ),
                rows=tuple(
                    (
                        group_name(row.by, row.group),
                        cards[row.calculator].title,
                        actions.get((row.calculator, row.decision), row.decision),
                        *(count(v) for v in (row.n, row.yes_with, row.yes_arm, row.gained, row.lost)),
                    )
                    for row in sorted(told, key=lambda r: (group_order(r.group), r.calculator, r.decision))
                ),
                text_columns=(0, 1, 2),
            )
        hidden = [row for row in mine if row.n is None]
        same = len(mine) - len(told) - len(hidden)
        yield Paragraph(
            f"{count(len(told))} of {count(len(mine))} tables by group and decision have such patients, {count(same)} have none, and {count(len(hidden))} are "
            f"{status_word('suppressed')}."
        )
        yield Table(
            caption=f"To be answered for “{kind}”",
            columns=("Question", "Answer"),
            rows=tuple((question, BLANK) for question in QUESTIONS),
            text_columns=(0, 1),
            fixed=True,
        )
