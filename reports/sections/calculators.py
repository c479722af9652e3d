"""One chapter per calculator, made of parts; calculators with a race term first, by specialty and title."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from auditor.result import AuditResult, CalculatorResult
from reports.blocks import Block, Heading
from reports.chapters import (
    Part,
    View,
    as_if,
    calibration,
    card,
    care,
    changes,
    coverage,
    dependence,
    disparities,
    equivalents,
    harm,
    measured,
    outcomes,
    performance,
    proxies,
    race_term,
    rates,
    reclassification,
    scores,
    shares,
    small_groups,
    standardised,
    tests,
    unknown_race,
)
from reports.findings import featured, race_based, race_free
from reports.wording import slug

MOST_CHARTED = 10
EVERY_PART: tuple[Part, ...] = (
    race_term,
    coverage,
    changes,
    care,
    shares,
    harm,
    outcomes,
    performance,
    calibration,
    measured,
    reclassification,
    dependence,
    equivalents,
    proxies,
    disparities,
    standardised,
    rates,
    small_groups,
    unknown_race,
    as_if,
    scores,
    tests,
    card,
)
MODEL_CARD: tuple[Part, ...] = (
    card,
    race_term,
    coverage,
    rates,
    performance,
    calibration,
    measured,
    changes,
    care,
    shares,
    harm,
    disparities,
    scores,
)


@dataclass(frozen=True)
class Calculators:
    """The chapters of a report, one for every calculator, of these parts.

    Charts are drawn for every calculator up to ten; beyond that only arrows, and only for those on the first page: a report
    of a hundred calculators stays readable and quick, and every number behind a chart stands in a table anyway.
    """

    parts: tuple[Part, ...] = EVERY_PART
    TITLE: str = "Calculators"

    def build(self, result: AuditResult) -> Iterator[Block]:
        """Heading, then the parts that have something to say."""
        with_term, front = _ordered(race_based(result)), featured(result)
        many = len(with_term) > MOST_CHARTED
        charted = {c.card.id for c in (front if many else with_term)}
        for calculator in [*with_term, *_ordered(race_free(result))]:
            yield Heading(calculator.card.title, 3, slug(calculator.card.id))
            drawn = calculator.card.id in charted
            view = View(arrows=drawn, intervals=drawn and not many, everything=True)
            for part in self.parts:
                blocks = list(part.build(result, calculator, view))
                if blocks:
                    yield Heading(part.TITLE, 4, slug(f"{calculator.card.id} {part.TITLE}"))
                    yield from blocks


def _ordered(calculators: list[CalculatorResult]) -> list[CalculatorResult]:
    return sorted(calculators, key=lambda c: (c.card.specialty, c.card.title, c.card.id))
