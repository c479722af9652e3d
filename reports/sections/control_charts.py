"""A series of audits as control charts: what moved beyond what chance gives, with the numbers behind every picture."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

from auditor.result import AuditResult
from auditor.rows import Status
from reports.blocks import Block, Heading, Items, Paragraph, Table
from reports.control_chart import BEYOND, Series, control_chart
from reports.findings import primary
from reports.wording import count, everyone, people, percent, several_of, slug, status_word

READING = (
    "Each point is the share in one audit. The dotted line is the share over the audits that set it; the dashed lines are three standard deviations away, "
    "wider where the points vary more than chance gives (Laney's p' chart). A point beyond them, or eight in a row on one side, is a signal: a reason to ask what "
    "happened, not an answer. With many charts some signals are chance."
)
MEASURES = {
    "changed": "{people} whose decision “{action}” changes without the race term",
    "yes_with_race": "{people} with a yes to “{action}”, with race",
    "missing_input": "{people} who lack an input",
}


class Point(Protocol):
    """What the section reads of a point of a chart."""

    @property
    def calculator(self) -> str: ...
    @property
    def decision(self) -> str: ...
    @property
    def by(self) -> str: ...
    @property
    def group(self) -> str: ...
    @property
    def measure(self) -> str: ...
    @property
    def audit(self) -> str: ...
    @property
    def n(self) -> int | None: ...
    @property
    def rate(self) -> float | None: ...
    @property
    def centre(self) -> float | None: ...
    @property
    def lower(self) -> float | None: ...
    @property
    def upper(self) -> float | None: ...
    @property
    def limits(self) -> str: ...
    @property
    def signal(self) -> str: ...
    @property
    def note(self) -> str: ...
    @property
    def status(self) -> Status: ...


@dataclass(frozen=True)
class Charted:
    """The section on a series: the points of every chart; `most` charts are drawn, those with signals first."""

    points: Sequence[Point]
    most: int = 6
    TITLE: str = "Over the series of audits"

    def build(self, result: AuditResult) -> Iterator[Block]:
        """What the charts say together, then a picture and its numbers for each chart drawn."""
        series: dict[tuple[str, ...], list[Point]] = {}
        for p in self.points:
            series.setdefault((p.calculator, p.decision, p.by, p.group, p.measure), []).append(p)
        if not series:
            return
        yield Paragraph(READING)
        signals = sum(bool(p.signal) for p in self.points)
        limited = sum(bool(p.limits) for p in self.points)
        yield Paragraph(
            f"{several_of(len(series), 'chart')}: {several_of(signals, 'signal')} among {count(limited)} points with limits, "
            f"{count(len(self.points) - limited)} points have none."
        )
        notes = Counter(p.note for p in self.points if p.note)
        if notes:
            yield Items(tuple(f"{note}: {several_of(number, 'point')}" for note, number in sorted(notes.items())))
        chosen = [points for points in series.values() if _drawable(points, primary(result))]
        chosen = sorted(chosen, key=_rank)[: self.most]
        if chosen:
            yield Heading("Charts" if len(chosen) == len(series) else f"The {len(chosen)} charts that say most", 3, "charts")
        for points in chosen:
            yield from self._chart(result, points)

    def _chart(self, result: AuditResult, points: Sequence[Point]) -> Iterator[Block]:
        first = points[0]
        cards = {c.card.id: c.card for c in result.calculators}
        title = cards[first.calculator].title if first.calculator in cards else first.calculator
        actions = {d.id: d.action for card in cards.values() if card.id == first.calculator for d in card.decisions}
        who = people(first.by, first.group)
        what = MEASURES[first.measure].format(people=who[0].upper() + who[1:], action=actions.get(first.decision, first.decision))
        heading = f"{title}: {what[0].lower()}{what[1:]}"
        yield Heading(heading, 4, slug(f"chart {first.calculator} {first.decision} {first.by} {first.group} {first.measure}"))
        figure = control_chart(Series(what, tuple(_drawn(p) for p in points)))
        if figure is not None:
            yield figure
        yield Table(
            caption=f"{what}: share in each audit",
            columns=("Audit", "Patients", "Share", "Centre line", "Lower limit", "Upper limit", "Signal"),
            rows=tuple(
                (
                    p.audit,
                    count(p.n),
                    percent(p.rate),
                    percent(p.centre),
                    percent(p.lower),
                    percent(p.upper),
                    p.signal or status_word(p.status) or p.note,
                )
                for p in points
            ),
            text_columns=(0, 6),
            fixed=True,
        )


def _drawable(points: Sequence[Point], by: str) -> bool:
    first = points[0]
    return (first.by == by or everyone(first.by)) and sum(p.rate is not None for p in points) > 1 and any(p.rate for p in points)


def _rank(points: Sequence[Point]) -> tuple[float, ...]:
    """Charts with a point beyond its limits first, then with other signals, with limits; groups before everyone, changes before other measures."""
    concerned = sum((p.rate or 0) * (p.n or 0) for p in points)
    order = list(MEASURES).index(points[0].measure)
    beyond, signals = any(p.signal == BEYOND for p in points), any(p.signal for p in points)
    return (-float(beyond), -float(signals), -float(any(p.limits for p in points)), float(everyone(points[0].by)), order, -concerned)


def _drawn(p: Point) -> tuple[str, float | None, float | None, float | None, float | None, str]:
    return p.audit, p.rate, p.centre, p.lower, p.upper, p.signal
