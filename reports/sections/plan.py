"""The action plan: each goal with its baseline, its target and where it stands in this audit, and who does what."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Protocol

from auditor.result import AuditResult, Card
from reports.blocks import Block, Paragraph, Table
from reports.wording import count, percent, percent_interval, status_word


class Goal(Protocol):
    """What the section reads of a goal."""

    @property
    def id(self) -> str: ...
    @property
    def measure(self) -> str: ...
    @property
    def calculator(self) -> str: ...
    @property
    def decision(self) -> str: ...
    @property
    def group(self) -> str: ...
    @property
    def baseline(self) -> float | None: ...
    @property
    def target(self) -> float | None: ...
    @property
    def direction(self) -> str: ...
    @property
    def owner(self) -> str: ...
    @property
    def due(self) -> str: ...
    @property
    def consulted(self) -> tuple[str, ...]: ...
    @property
    def patients_to_contact(self) -> int | str: ...
    @property
    def contact_plan(self) -> str: ...
    @property
    def achievable_because(self) -> str: ...
    @property
    def relevant_because(self) -> str: ...


class Reading(Protocol):
    """What the section reads of a measure in this audit."""

    @property
    def value(self) -> float | None: ...
    @property
    def lower(self) -> float | None: ...
    @property
    def upper(self) -> float | None: ...
    @property
    def reason(self) -> str: ...


class Progress(Protocol):
    """A goal beside its reading and verdict."""

    @property
    def goal(self) -> Goal: ...
    @property
    def reading(self) -> Reading: ...
    @property
    def verdict(self) -> str: ...
    @property
    def certain(self) -> bool: ...


class Step(Protocol):
    """One of the five steps, as people wrote it."""

    @property
    def lead(self) -> str: ...
    @property
    def agreed(self) -> str: ...
    @property
    def done(self) -> str: ...


BLANK = "________"
STEPS = {
    "commit": "Commit to the work",
    "learn": "Shift norms by learning",
    "data": "Get a handle on data",
    "vision": "Develop a shared vision and goals",
    "launch": "Launch improvement efforts",
}
VERDICTS = {"met": "met", "missed": "missed", "not_measurable": "not measurable now", "no_target": "no target set"}
MEASURES = {
    "disparity_introduced": "disparity introduced",
    "change": "change of the rate without the race term",
    "selection_rate": "share with a yes",
    "not_scored": "share without a score",
    "unknown_race": "share whose race is unknown",
}


class ActionPlan:
    """A section on the steps and goals of one plan; give it to a document beside the sections of an audience."""

    TITLE = "Action plan"

    def __init__(self, progress: Sequence[Progress], steps: Mapping[str, Step] | None = None) -> None:
        self.progress = progress
        self.steps = steps or {}

    def build(self, result: AuditResult) -> Iterator[Block]:
        """Steps, goals against this audit, and who does what; what people have not filled in stays a field."""
        if not self.progress:
            return
        yield Paragraph(
            "Measures and baselines come from audits; targets, owners and dates from people. A goal is met where the estimate is on the "
            "target's side; it is certain where the whole 95% interval is."
        )
        cards = {c.card.id: c.card for c in result.calculators}
        yield Table(
            caption="Goals, and where they stand in this audit",
            columns=("Goal", "Group", "Baseline", "Target", "Now", "95% interval", "Verdict"),
            rows=tuple(_standing(p, cards) for p in self.progress),
            text_columns=(0, 1, 3, 4, 6),
            fixed=True,
        )
        yield Table(
            caption="Who does what, by when, and agreed with whom",
            columns=("Goal", "Owner", "Due", "Achievable because", "Relevant because", "Consulted", "Patients to contact", "How"),
            rows=tuple(_work(p.goal, cards, result) for p in self.progress),
            note="Patients to contact: patients of the audited cohort whose decision changes at this threshold.",
            text_columns=(0, 1, 2, 3, 4, 5, 7),
            fixed=True,
        )
        if self.steps:
            yield Table(
                caption="The five steps of the American Medical Association's toolkit for health systems",
                columns=("Step", "Lead", "Agreed", "Done"),
                rows=tuple((STEPS.get(name, name), s.lead or BLANK, s.agreed or BLANK, s.done or BLANK) for name, s in self.steps.items()),
                text_columns=(0, 1, 2, 3),
                fixed=True,
            )


def _about(goal: Goal, cards: Mapping[str, Card]) -> str:
    card = cards.get(goal.calculator)
    actions = {d.id: d.action for d in card.decisions} if card else {}
    about = ", ".join(part for part in (card.title if card else goal.calculator, actions.get(goal.decision, goal.decision)) if part)
    measure = MEASURES.get(goal.measure, goal.measure)
    return f"{about}: {measure}" if about else measure


def _standing(progress: Progress, cards: Mapping[str, Card]) -> tuple[str, ...]:
    goal, reading = progress.goal, progress.reading
    doubt = ", not certain" if progress.verdict in ("met", "missed") and not progress.certain else ""
    return (
        _about(goal, cards),
        goal.group,
        percent(goal.baseline),
        f"{goal.direction.replace('_', ' ')} {percent(goal.target)}" if goal.target is not None else BLANK,
        percent(reading.value) if reading.value is not None else reading.reason,
        percent_interval(reading.lower, reading.upper),
        VERDICTS.get(progress.verdict, progress.verdict) + doubt,
    )


def _work(goal: Goal, cards: Mapping[str, Card], result: AuditResult) -> tuple[str, ...]:
    return (
        f"{_about(goal, cards)}, {goal.group}",
        goal.owner or BLANK,
        goal.due or BLANK,
        goal.achievable_because or BLANK,
        goal.relevant_because or BLANK,
        ", ".join(goal.consulted) or BLANK,
        _to_contact(goal.patients_to_contact, result),
        goal.contact_plan or BLANK,
    )


def _to_contact(patients: int | str, result: AuditResult) -> str:
    """The count; a small one is not shown outside the hospital, whoever wrote it into the plan."""
    try:
        n = int(patients)
    except ValueError:
        return str(patients) or BLANK
    if not result.options.internal and 0 < n < result.options.minimum_count:
        return status_word("suppressed")
    return count(n)
