"""One chapter per calculator, made of parts; calculators with a race term first, by specialty and title."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Protocol

from auditor.result import AuditResult, CalculatorResult
from reports.blocks import Block, Heading
from reports.chapters import card, care, changes, coverage, disparities, race_term, reclassification, scores
from reports.findings import featured, race_based, race_free
from reports.wording import slug

MOST_CHARTED = 10


class Part(Protocol):
    """A module that answers one question about one calculator."""

    TITLE: str

    def build(self, result: AuditResult, calculator: CalculatorResult) -> Iterable[Block]: ...


@dataclass(frozen=True)
class Calculators:
    """The chapters of a report; with `everything`, by every attribute and with the successor's disparities too.

    Charts are drawn for every calculator up to ten, beyond that for those on the first page: a report of a hundred
    calculators stays readable, and every number behind a chart stands in a table anyway.
    """

    TITLE: str = "Calculators"
    everything: bool = False
    cards: bool = True
    without_race_term: bool = True

    def build(self, result: AuditResult) -> Iterator[Block]:
        """Heading, then the parts that have something to say."""
        many = len(race_based(result)) > MOST_CHARTED
        charted = {c.card.id for c in (featured(result) if many else race_based(result))}
        chosen = [*_ordered(race_based(result)), *(_ordered(race_free(result)) if self.without_race_term else ())]
        for calculator in chosen:
            yield Heading(calculator.card.title, 3, slug(calculator.card.id))
            for title, blocks in self._parts(result, calculator, calculator.card.id in charted):
                if blocks:
                    yield Heading(title, 4, slug(f"{calculator.card.id} {title}"))
                    yield from blocks

    def _parts(self, result: AuditResult, calculator: CalculatorResult, charted: bool) -> Iterator[tuple[str, list[Block]]]:
        arms = ("without_race", "successor") if self.everything else ("without_race",)
        builders = [
            (race_term.TITLE, race_term.build),
            (coverage.TITLE, coverage.build),
        ]
        if calculator.card.race_kind:
            builders += [
                (changes.TITLE, partial(changes.build, charted=charted, every_group=self.everything)),
                (care.TITLE, care.build),
                (reclassification.TITLE, reclassification.build),
                (disparities.TITLE, partial(disparities.build, charted=charted, arms=arms)),
                (scores.TITLE, scores.build),
            ]
        if self.cards:
            builders.append((card.TITLE, card.build))
        for title, build in builders:
            yield title, list(build(result, calculator))


def _ordered(calculators: list[CalculatorResult]) -> list[CalculatorResult]:
    return sorted(calculators, key=lambda c: (c.card.specialty, c.card.title, c.card.id))
