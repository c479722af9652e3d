"""Reads a result for the sections: rows by arm and group, and gained or lost decisions translated into care."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Protocol

from auditor.result import AuditResult, CalculatorResult, Card, DecisionCard
from auditor.rows import Change, Status
from reports.wording import everyone, group_order, structural_zero

FEW = 3
MOST_FEATURED = 6


@dataclass(frozen=True)
class Finding:
    """One change row beside its decision: counts of patients and rates, as care gained and care lost.

    `unreached`: the term is applied to nobody of the group, so that taking it out cannot change anyone, whatever is suppressed.
    """

    card: Card
    decision: DecisionCard
    row: Change
    unreached: bool = False

    @property
    def about_care(self) -> bool:
        """Whether a yes opens or closes care; otherwise it is a label."""
        return self.decision.yes_means != "labels"

    @property
    def gain(self) -> int | None:
        """Patients who gain care (or the label)."""
        return self.row.lost if self.decision.yes_means == "closes_care" else self.row.gained

    @property
    def loss(self) -> int | None:
        """Patients who lose care (or the label)."""
        return self.row.gained if self.decision.yes_means == "closes_care" else self.row.lost

    @property
    def gain_rate(self) -> float | None:
        """Share of the group's patients who gain, weighted where weights were given."""
        return self._rate(self.gain, self._weighted()[0])

    @property
    def loss_rate(self) -> float | None:
        """Share of the group's patients who lose, weighted where weights were given."""
        return self._rate(self.loss, self._weighted()[1])

    @property
    def changed(self) -> int | None:
        """Patients whose decision changes in either direction; None where a part is not shown."""
        return None if self.row.gained is None or self.row.lost is None else self.row.gained + self.row.lost

    @property
    def precise(self) -> bool:
        """Whether the row passed all three gates, so that its rates may be shown and drawn."""
        return self.row.status == "ok"

    @property
    def counted(self) -> bool:
        """Whether the counts of patients may be shown; the rates of an imprecise row may not."""
        return self.row.status in ("ok", "imprecise") and self.changed is not None and self.row.n is not None

    @property
    def untouched(self) -> bool:
        """Whether it is known that nobody changes: the term reaches nobody, or both counts are published as 0."""
        return self.unreached or structural_zero(self.row) or (self.counted and self.changed == 0)

    def _weighted(self) -> tuple[float | None, float | None]:
        gained, lost = self.row.weighted_gained, self.row.weighted_lost
        return (lost, gained) if self.decision.yes_means == "closes_care" else (gained, lost)

    def _rate(self, patients: int | None, persons: float | None) -> float | None:
        if persons is not None and self.row.weighted_n:
            return persons / self.row.weighted_n
        return None if patients is None or not self.row.n else patients / self.row.n


def race_based(result: AuditResult) -> list[CalculatorResult]:
    """The audited calculators that have a race term."""
    return [c for c in result.calculators if c.card.race_kind]


def race_free(result: AuditResult) -> list[CalculatorResult]:
    """The audited calculators without a race term."""
    return [c for c in result.calculators if not c.card.race_kind]


def titles(result: AuditResult) -> dict[str, str]:
    """Title of every calculator that the result knows by id."""
    named = {c.card.replaced_by: c.card.replaced_by_title or c.card.replaced_by for c in result.calculators if c.card.replaced_by}
    return named | {n.id: n.title for n in result.not_audited} | {c.card.id: c.card.title for c in result.calculators}


def made_by(result: AuditResult) -> str:
    """The software that made the result, with its version."""
    return f"race-algorithm-auditor {result.provenance.auditor}".strip()


def primary(result: AuditResult) -> str:
    """The attribute that the report follows first."""
    return result.options.by[0] if result.options.by else ""


def findings(calculator: CalculatorResult, arm: str, by: str | None = None) -> list[Finding]:
    """The change rows of one arm (and one attribute), decisions as declared, groups in alphabetical order."""
    decisions = {d.id: d for d in calculator.card.decisions}
    order = {id: place for place, id in enumerate(decisions)}
    unreached = {(c.by, c.group) for c in calculator.coverage if c.term_applied == 0 and c.scored}
    rows = [
        Finding(calculator.card, decisions[row.decision], row, row.arm == "without_race" and (row.by, row.group) in unreached)
        for row in calculator.changes
        if row.decision in decisions and _is_arm(row.arm, arm) and (by is None or row.by == by)
    ]
    return sorted(rows, key=lambda f: (order[f.decision.id], f.row.by, group_order(f.row.group)))


def successor_arm(calculator: CalculatorResult) -> str:
    """The id of the successor arm, "" where there is none."""
    return next((arm.id for arm in calculator.arms if arm.id.startswith("successor:")), "")


def moved(rows: Iterable[Finding]) -> list[Finding]:
    """The rows in which at least one patient's decision changes, as far as may be shown."""
    return [f for f in rows if f.counted and f.changed]


def withheld(rows: Iterable[Finding]) -> list[Finding]:
    """The rows that did not pass a gate, other than structural zeros and those in which it is known that nobody changes."""
    return [f for f in rows if not f.precise and not f.untouched]


def largest(rows: Iterable[Finding], direction: str) -> Finding | None:
    """The care decision and group in which most patients gain (or lose) care."""
    chosen = [f for f in rows if f.about_care and f.counted and (f.gain if direction == "gain" else f.loss)]
    return max(chosen, key=lambda f: (f.gain if direction == "gain" else f.loss) or 0, default=None)


def merged(rows: Iterable[Finding]) -> list[tuple[Finding, ...]]:
    """Rows that are one fact: decisions at the same threshold that answer alike for the same group in the same arm."""
    facts: dict[tuple[object, ...], list[Finding]] = {}
    for finding in rows:
        decision, row = finding.decision, finding.row
        key = (decision.output, decision.operator, decision.cutoff, row.arm, row.by, row.group, row.n, row.yes_with, row.gained, row.lost)
        facts.setdefault(key, []).append(finding)
    return [tuple(found) for found in facts.values()]


def reach(calculator: CalculatorResult, by: str) -> tuple[int, int]:
    """The most patients whose care, and whose decision of any kind, changes in one decision and group when the term is removed."""
    rows = moved(findings(calculator, "without_race", by))
    return (max((f.changed or 0 for f in rows if f.about_care), default=0), max((f.changed or 0 for f in rows), default=0))


def by_reach(result: AuditResult) -> list[CalculatorResult]:
    """Calculators with a race term, those that change most patients' care first; those on illustrative inputs after all others."""
    by = primary(result)
    reached = {c.card.id: reach(c, by) for c in race_based(result)}
    return sorted(race_based(result), key=lambda c: (bool(c.illustrative), -reached[c.card.id][0], -reached[c.card.id][1], c.card.id))


def newest_of_each(calculators: Iterable[CalculatorResult]) -> list[CalculatorResult]:
    """Of calculators with the same successor only the newest, in the given order; the others by themselves."""
    ordered = list(calculators)
    newest: dict[str, CalculatorResult] = {}
    for calculator in ordered:
        family = calculator.card.replaced_by or calculator.card.id
        if family not in newest or _rank(calculator) > _rank(newest[family]):
            newest[family] = calculator
    return [c for c in ordered if c in newest.values()]


def featured(result: AuditResult) -> list[CalculatorResult]:
    """The calculators on the first page: all that change a decision if they are few, else the newest that change most patients' care."""
    by, chosen = primary(result), by_reach(result)
    if len(chosen) <= FEW:
        return [c for c in chosen if moved([*findings(c, "without_race", by), *findings(c, "successor", by)])]
    return newest_of_each(c for c in chosen if reach(c, by)[0])[:MOST_FEATURED]


def decided(result: AuditResult) -> list[CalculatorResult]:
    """The calculators on which a committee decides: all with a race term if they are few, else those on the first page."""
    chosen = by_reach(result)
    return chosen if len(chosen) <= FEW else featured(result)


def _rank(calculator: CalculatorResult) -> tuple[bool, int]:
    return (not calculator.illustrative, calculator.card.year)


def gates(result: AuditResult) -> Counter[Status]:
    """How many comparisons with race against without and against the successor there are by status."""
    return sum((gates_of(calculator) for calculator in result.calculators), Counter())


def gates_of(calculator: CalculatorResult) -> Counter[Status]:
    """The same for one calculator."""
    arms = ("without_race", "successor")
    changes = (row.status for row in calculator.changes if row.arm.partition(":")[0] in arms)
    disparities = (row.status for row in calculator.disparities if row.arm.partition(":")[0] in arms)
    return Counter(changes) + Counter(disparities)


class Estimated(Protocol):
    """A row that names the method of its interval."""

    @property
    def lower(self) -> float | None: ...
    @property
    def method(self) -> str: ...
    @property
    def status(self) -> Status: ...


def methods_of(rows: Iterable[Estimated]) -> str:
    """The methods of the intervals that rows show, in alphabetical order."""
    return "; ".join(sorted({row.method for row in rows if row.status == "ok" and row.lower is not None and row.method})) or "none"


def other_attributes(result: AuditResult, calculator: CalculatorResult) -> list[str]:
    """Attributes tabulated beside the first and beside everyone together."""
    seen = dict.fromkeys(row.by for row in calculator.changes)
    return [by for by in seen if by != primary(result) and not everyone(by)]


def _is_arm(arm: str, wanted: str) -> bool:
    return arm == wanted or (wanted == "successor" and arm.startswith("successor:"))
