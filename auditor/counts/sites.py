"""One calculator's counts at several sites, side by side: NaN where a site hides its row, 0 where it counts nobody."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from auditor.counts.groups import OVERALL, UNKNOWN, Groups
from auditor.counts.metrics import SELECTION_RATE
from auditor.counts.paired import STRUCTURAL_ZERO, WITH_RACE, WITHOUT_RACE, Tensor
from auditor.counts.uncertainty import rate_interval
from auditor.result import Arm, CalculatorResult
from auditor.rows import Change, Metric, OutcomeChange

SAME = 1e-9

Key = tuple[str, ...]


@dataclass(frozen=True, eq=False)
class Sites:
    """The rows of one calculator at every site, in the arms that all sites have.

    `counts` is keyed by (decision, arm) and `outcomes` by (decision, arm, outcome): (sites, groups, 5) of n, yes with race, yes in
    the arm, gained and lost. `with_race` is keyed by decision: (sites, groups, 2) of everyone scored with race, and a yes.
    """

    parts: Sequence[CalculatorResult]
    arms: tuple[Arm, ...]
    groups: Groups
    counts: Mapping[Key, Tensor] = field(default_factory=dict)
    outcomes: Mapping[Key, Tensor] = field(default_factory=dict)
    with_race: Mapping[str, Tensor] = field(default_factory=dict)

    @classmethod
    def of(cls, parts: Sequence[CalculatorResult]) -> Sites:
        """Gather the sites' rows of one calculator."""
        arms = tuple(a for a in parts[0].arms if all(a.id in {b.id for b in part.arms} for part in parts))
        groups = _groups(
            pair for part in parts for pair in (*((r.by, r.group) for r in part.coverage), *((r.by, r.group) for r in part.changes))
        )
        sites = cls(parts, arms, groups)
        kept = {a.id for a in arms}
        counts = sites._gather([[((r.decision, r.arm), r) for r in part.changes if r.arm in kept] for part in parts])
        outcomes = sites._gather([[((r.decision, r.arm, r.outcome), r) for r in part.outcome_changes if r.arm in kept] for part in parts])
        decisions = dict.fromkeys(r.decision for part in parts for r in part.metrics if r.arm == WITH_RACE and r.metric == SELECTION_RATE)
        with_race = {decision: sites._scored(decision, counts) for decision in decisions}
        return cls(parts, arms, groups, counts, outcomes, with_race)

    @cached_property
    def places(self) -> dict[tuple[str, str], int]:
        """The position of every group, by (by, group)."""
        return {pair: i for i, pair in enumerate(zip(self.groups.by, self.groups.label, strict=True))}

    @property
    def untouched(self) -> frozenset[tuple[str, str]]:
        """The groups in which, at every site that counts anyone, the change without race is zero by construction."""
        rows = [r for part in self.parts for r in part.changes if r.arm == WITHOUT_RACE and (r.n is None or r.n > 0)]
        touched = {(r.by, r.group) for r in rows if r.method != STRUCTURAL_ZERO}
        return frozenset((r.by, r.group) for r in rows) - touched

    @cached_property
    def scored(self) -> Tensor:
        """Patients of all sites scored with race by group, as far as they are shown: the largest count that any table gives."""
        found = np.zeros((len(self.parts), len(self.groups)))
        for s, part in enumerate(self.parts):
            for row in part.coverage:
                found[s, self.places[row.by, row.group]] = np.nan if row.scored is None else row.scored
        tables = [found, *(table[..., 0] for table in (*self.with_race.values(), *self.counts.values()))]
        return np.asarray(np.max([np.nan_to_num(table.sum(axis=0)) for table in tables], axis=0))

    def _gather(self, rows: Sequence[Sequence[tuple[Key, Change | OutcomeChange]]]) -> dict[Key, Tensor]:
        found: dict[Key, Tensor] = {}
        for s, part in enumerate(rows):
            for key, row in part:
                table = found.setdefault(key, np.zeros((len(self.parts), len(self.groups), 5)))
                counts = (row.n, row.yes_with, row.yes_arm, row.gained, row.lost)
                table[s, self.places[row.by, row.group]] = np.nan if None in counts else counts
        return found

    def _scored(self, decision: str, counts: Mapping[Key, Tensor]) -> Tensor:
        """Everyone scored with race at one decision, and a yes: the shown counts that give the shown rate and its interval."""
        found = np.zeros((len(self.parts), len(self.groups), 2))
        for s, part in enumerate(self.parts):
            scored = {(row.by, row.group): row.scored for row in part.coverage}
            for row in part.metrics:
                if row.arm == WITH_RACE and row.metric == SELECTION_RATE and row.decision == decision:
                    place = self.places[row.by, row.group]
                    tables = [table[s, place, :2] for (other, _), table in counts.items() if other == decision]
                    found[s, place] = _behind(row, scored.get((row.by, row.group)), tables)
        return found


def _behind(row: Metric, scored: int | None, tables: Sequence[Tensor]) -> tuple[float, float]:
    """The patients and the yes behind a rate; NaN where none of the shown counts gives the rate and its interval."""
    if row.value is None or row.lower is None or row.upper is None:
        return (0.0, 0.0) if row.status == "not_estimable" else (np.nan, np.nan)
    everyone = [] if scored is None else [(float(scored), float(round(row.value * scored)))]
    for n, yes in (*everyone, *((float(n), float(yes)) for n, yes in tables)):
        if n > 0:
            lower, upper, _ = rate_interval([row.value * n], [n])
            if np.allclose([yes / n, lower[0], upper[0]], [row.value, row.lower, row.upper], rtol=0, atol=SAME):
                return n, yes
    return np.nan, np.nan


def _groups(named: Iterable[tuple[str, str]]) -> Groups:
    """The groups of all sites, one grouping after another."""
    pairs = dict.fromkeys(named)
    groupings = list(dict.fromkeys(by for by, _ in pairs))
    ordered = sorted(pairs, key=lambda pair: groupings.index(pair[0]))
    levels = tuple(_levels(by, label) for by, label in ordered)
    known = np.array([not any(word.casefold() in UNKNOWN for word in level) for level in levels], dtype=bool)
    by, label = tuple(b for b, _ in ordered), tuple(g for _, g in ordered)
    return Groups(by, label, levels, known, np.zeros((len(ordered), 0)), ())


def _levels(by: str, label: str) -> tuple[str, ...]:
    return () if by == OVERALL else tuple(label.split(", ")) if "," in by else (label,)
