"""The action plan: each goal with its baseline, its target and where it stands in this audit."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Protocol

from auditor.result import AuditResult, Card
from reports.blocks import Block, Paragraph, Table
from reports.wording import percent, percent_interval


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


BLANK = "________"
VERDICTS = {"met": "met", "missed": "missed", "not_measurable": "not measurable now", "no_target": "no target set"}
MEASURES = {
    "disparity_introduced": "disparity introduced",
    "change": "change of the rate without the race term",
    "selection_rate": "share with a yes",
    "not_scored": "share without a score",
    "unknown_race": "share whose race is unknown",
}


class ActionPlan:
    """A section on the goals of one plan; give it to a document beside the sections of an audience."""

    TITLE = "Action plan"

    def __init__(self, progress: Sequence[Progress]) -> None:
        self.progress = progress

    def build(self, result: AuditResult) -> Iterator[Block]:
        """The goals as a table; what people have not filled in stays a field."""
        if not self.progress:
            return
        yield Paragraph(
            "Measures and baselines come from audits; targets, owners and dates from people. A goal is met where the estimate is on the "
            "target's side; it is certain where the whole 95% interval is."
        )
        cards = {c.card.id: c.card for c in result.calculators}
        yield Table(
            caption="Goals, and where they stand in this audit",
            columns=("Goal", "Group", "Baseline", "Target", "Now", "95% interval", "Verdict", "Owner", "Due", "Consulted", "To contact"),
            rows=tuple(self._row(p, cards.get(p.goal.calculator)) for p in self.progress),
            text_columns=(0, 1, 6, 7, 8, 9),
            fixed=True,
        )

    @staticmethod
    def _row(progress: Progress, card: Card | None) -> tuple[str, ...]:
        goal, reading = progress.goal, progress.reading
        title = card.title if card else goal.calculator
        actions = {d.id: d.action for d in card.decisions} if card else {}
        about = ", ".join(part for part in (title, actions.get(goal.decision, goal.decision)) if part)
        measure = MEASURES.get(goal.measure, goal.measure)
        target = f"{goal.direction.replace('_', ' ')} {percent(goal.target)}" if goal.target is not None else BLANK
        doubt = ", not certain" if progress.verdict in ("met", "missed") and not progress.certain else ""
        return (
            f"{about}: {measure}" if about else measure,
            goal.group,
            percent(goal.baseline),
            target,
            percent(reading.value) if reading.value is not None else reading.reason,
            percent_interval(reading.lower, reading.upper),
            VERDICTS.get(progress.verdict, progress.verdict) + doubt,
            goal.owner or BLANK,
            goal.due or BLANK,
            ", ".join(goal.consulted) or BLANK,
            str(goal.patients_to_contact),
        )
