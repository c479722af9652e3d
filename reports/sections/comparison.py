"""What changed since an earlier audit: differences beyond chance, per group and decision."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Protocol

from auditor.result import AuditResult
from auditor.rows import Status
from reports.blocks import Block, Items, Paragraph, Table
from reports.wording import arm_name, count, group_name, percent, point_interval, points


class Difference(Protocol):
    """What the section reads of a difference."""

    @property
    def calculator(self) -> str: ...
    @property
    def decision(self) -> str: ...
    @property
    def arm(self) -> str: ...
    @property
    def by(self) -> str: ...
    @property
    def group(self) -> str: ...
    @property
    def measure(self) -> str: ...
    @property
    def old(self) -> float | None: ...
    @property
    def new(self) -> float | None: ...
    @property
    def difference(self) -> float | None: ...
    @property
    def lower(self) -> float | None: ...
    @property
    def upper(self) -> float | None: ...
    @property
    def beyond_chance(self) -> bool | None: ...
    @property
    def status(self) -> Status: ...


MEASURES = {
    "rate_with_race": "share with a yes",
    "change": "change without the race term",
    "disparity_introduced": "disparity introduced",
}


class Compared:
    """A section on the differences from one earlier audit; give it to a document beside the sections of an audience."""

    TITLE = "What changed since the earlier audit"

    def __init__(self, differences: Sequence[Difference], notes: Sequence[str] = (), most: int = 40) -> None:
        self.differences = differences
        self.notes = tuple(notes)
        self.most = most

    def build(self, result: AuditResult) -> Iterator[Block]:
        """Notes, one sentence on how many differences there are, and those beyond chance as a table."""
        if self.notes:
            yield Items(self.notes)
        shown = [d for d in self.differences if d.difference is not None]
        judged = [d for d in shown if d.beyond_chance is not None]
        chosen = [d for d in judged if d.beyond_chance] if judged else [d for d in shown if d.difference]
        found = sorted(chosen, key=lambda d: -abs(d.difference or 0))
        hidden = sum(d.status != "ok" for d in self.differences)
        yield Paragraph(_said(len(shown), len(judged), len(found), hidden))
        if not found:
            return
        cards = {c.card.id: c.card for c in result.calculators}
        titles = {id: card.title for id, card in cards.items()}
        actions = {(id, d.id): d.action for id, card in cards.items() for d in card.decisions}
        yield Table(
            caption=f"{'Differences beyond chance' if judged else 'Differences'}{f', the {self.most} largest' if len(found) > self.most else ''}; shares in per cent, differences in percentage points",
            columns=("Calculator", "Decision", "Group", "Measure", "Before", "Now", "Difference", "95% interval"),
            rows=tuple(
                (
                    titles.get(d.calculator, d.calculator),
                    actions.get((d.calculator, d.decision), d.decision),
                    group_name(d.by, d.group),
                    MEASURES.get(d.measure, d.measure) + ("" if d.arm in ("with_race", "without_race") else f", {arm_name(d.arm, titles)}"),
                    percent(d.old) if d.measure == "rate_with_race" else points(d.old),
                    percent(d.new) if d.measure == "rate_with_race" else points(d.new),
                    points(d.difference),
                    point_interval(d.lower, d.upper),
                )
                for d in found[: self.most]
            ),
            text_columns=(0, 1, 2, 3),
        )


def _said(shown: int, judged: int, found: int, hidden: int) -> str:
    """How many numbers differ, and what a difference does not say."""
    unseen = f"{count(hidden)} are not estimable, imprecise or suppressed in one of the audits."
    if not judged:
        return f"Of {count(shown)} numbers that both audits show, {count(found)} differ; chance is not judged. {unseen}"
    return (
        f"Of {count(judged)} numbers that both audits show, {count(found)} differ by more than chance gives, when one false alarm in "
        f"twenty is accepted among those named. {unseen} A difference beyond chance says that the patients or their care differ; it does not say why."
    )
