"""The linked tables of one calculator, and which of their rows must be hidden together."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from auditor.counts.groups import OVERALL
from auditor.counts.joint import Joint
from auditor.counts.linked import Confined, Linked, implied
from auditor.counts.paired import WITH_RACE, WITHOUT_RACE
from auditor.counts.scales import BandCut, Cut, Edge, Operator, Scale
from auditor.counts.suppression import Counts, Hidden, Layout, complete, small, spaced
from auditor.result import BandsCard, CalculatorResult
from auditor.rows import Change, OutcomeChange

Key = tuple[str, str]


@dataclass(frozen=True, eq=False)
class Sheets:
    """What is hidden in one calculator's tables, by group (and for transitions by category with race).

    `scored[arm]` is the number of patients whom an arm and with race both score; `hidden[arm]` the groups in which that number
    may not be shown, so that nothing of the arm is; `known[arm]` those in which the number with a known outcome may not be.
    `margin`, `change` and `by_outcome` are keyed by (decision, arm), `transition` by (categories, arm); `paired`, `outcomes` and `moves`
    hold the counts behind them. In the groups of `margin` not even the two numbers of yes are shown; in those of `change` at least
    not how many moved each way. `joint` are the true counts behind all tables, where they are at hand;
    `free` which hidden counts of a scale's tables were seen to have a wide range.
    """

    layout: Layout
    scored: dict[str, NDArray[np.float64]]
    hidden: dict[str, Hidden]
    margin: dict[Key, Hidden] = field(default_factory=dict)
    change: dict[Key, Hidden] = field(default_factory=dict)
    by_outcome: dict[Key, Hidden] = field(default_factory=dict)
    transition: dict[Key, Hidden] = field(default_factory=dict)
    untouched: Hidden = field(default_factory=lambda: np.zeros(0, dtype=bool))
    known: dict[str, Hidden] = field(default_factory=dict)
    labels: dict[str, tuple[str, ...]] = field(default_factory=dict)
    edges: dict[str, list[str]] = field(default_factory=dict)
    paired: dict[Key, Counts] = field(default_factory=dict)
    outcomes: dict[Key, Sequence[Counts]] = field(default_factory=dict)
    moves: dict[Key, Counts] = field(default_factory=dict)
    scales: Sequence[Scale] = ()
    joint: Joint | None = None
    free: dict[tuple[Scale, tuple[str, int], Key], Hidden] = field(default_factory=dict)

    @classmethod
    def of(
        cls, calculator: CalculatorResult, layout: Layout, k: int, size: NDArray[np.float64] | None = None, joint: Joint | None = None
    ) -> Sheets:
        """Find everything that must be hidden in one calculator's tables; `size` is the groups' patients in the cohort (or scored)."""
        changes = _gather(calculator.changes, layout)
        scored = _scored(calculator, changes, layout)
        size = scored[WITH_RACE] if size is None else size
        untouched = np.zeros(len(layout.groups), dtype=bool)
        untouched[[layout.place(row) for row in calculator.coverage if not row.term_applied]] = True
        sheets = cls(layout, scored, _arms(scored, layout, size, k), untouched=untouched, scales=_scales(calculator), joint=joint)
        changes = {**_with_race(calculator, changes, scored[WITH_RACE], layout), **changes}
        sheets.change.update(_paired(calculator, changes, sheets, implied, size, k))
        for key, margin in _paired(calculator, changes, sheets, margins, size, k).items():
            within = key[1] != WITH_RACE and not (margin & ~sheets.change[key]).any()
            sheets.margin[key] = margin if within else sheets.change[key].copy()
        sheets.outcomes.update(_outcomes(calculator, changes, sheets, size, k))
        sheets.moves.update(_transitions(calculator, sheets, size, k))
        sheets.paired.update(changes)
        return sheets

    def still(self, arm: str) -> Hidden:
        """The groups in which everybody knows that an arm changes nothing: without the term, where it is applied to nobody."""
        return self.untouched if arm == WITHOUT_RACE else np.zeros(len(self.layout.groups), dtype=bool)

    @cached_property
    def further(self) -> Hidden:
        """The groups of a further attribute or of several: not everyone, and not the first attribute's."""
        first = {OVERALL, next((by for by, _ in self.layout.groups if by != OVERALL), OVERALL)}
        return np.array([by not in first for by, _ in self.layout.groups])

    @property
    def empty(self) -> bool:
        """Whether nothing is shown."""
        return all(
            hidden.all() for table in (self.hidden, self.margin, self.change, self.by_outcome, self.transition) for hidden in table.values()
        )

    def withdraw(self, table: dict[Key, Hidden], key: Key) -> bool:
        """Hide the numbers of yes where moves are hidden, of one decision or (for transitions) of all; whether there were any.

        Everyone and the first attribute's groups go after the others.
        """
        if table is self.by_outcome:
            return False
        told = [(decision, arm) for decision, arm in self.margin if arm == key[1] and (table is self.transition or decision == key[0])]
        for where in (self.further, np.ones(len(self.further), dtype=bool)):
            if any((self.change[one] & ~self.margin[one] & where).any() for one in told):
                for one in told:
                    self.margin[one] |= self.change[one] & where
                return True
        return False

    def hide(self, confined: Confined) -> None:
        """Hide all of a table but everyone and the first attribute's groups; then all of it; then rows that hold its counts; then its arm."""
        table, key = confined.table, confined.key
        if not table[key][self.further].all():
            table[key][self.further] = True
        elif not table[key].all():
            table[key][:] = True
        elif not self._release(confined):
            gone = list(self.hidden) if self.hidden[key[1]].all() else [key[1]]
            for arm in gone:
                self.hidden[arm][:] = True
            for tables in (self.margin, self.change, self.by_outcome, self.transition):
                for (_, arm), hidden in tables.items():
                    hidden[:] |= arm in gone

    def _release(self, confined: Confined) -> bool:
        """Hide the rows that hold a table's counts and can best be spared; whether there were any.

        Changes by outcome go before reclassifications and changes, and groups of further attributes before those of the first.
        """
        order = [id(self.by_outcome), id(self.transition), id(self.change), id(self.margin)]
        rows = []
        for table, key, group in confined.held_by:
            shown = self.margin if table is self.change and table[key][group] else table
            if not shown[key][group].all():
                rows.append((order.index(id(shown)), not self.further[group], shown[key], group))
        for *rank, hidden, group in rows:
            if rank == min([worth, first] for worth, first, *_ in rows):
                hidden[group] = True
        return bool(rows)

    def follow(self, k: int) -> None:
        """Hide what shows a hidden row in another table: counts with race, tables by outcome, and moves across the same edge."""
        for (decision, arm), hidden in self.margin.items():
            hidden |= self.margin[decision, WITH_RACE] | self.change[decision, WITH_RACE]
            self.change[decision, arm] |= hidden
        for (decision, arm), hidden in self.by_outcome.items():
            hidden |= self.change[decision, arm] | self.by_outcome.get((decision, WITH_RACE), False)
        for (categories, arm), hidden in self.transition.items():
            for g, matrix in enumerate(self.moves[categories, arm]):
                hidden[g] |= _rows(matrix, self.edges[categories], self, arm, g, k)

    def problems(self, k: int) -> Iterator[Linked]:
        """The tables of every output that are hidden in part, as what the audit examines."""
        for scale in self.scales:
            yield Linked(self, scale, k)


def examine(sheets: Sequence[Sheets], k: int) -> None:
    """Hide every table in which a hidden count can be narrowed to a range below k - 1, until there is none."""
    for sheet in sheets:
        safe: set[bytes] = set()
        while confined := _confined(sheet, safe, k):
            if not any([sheet.withdraw(one.table, one.key) for one in confined]):
                for one in confined:
                    sheet.hide(one)
            sheet.follow(k)


def _confined(sheet: Sheets, safe: set[bytes], k: int) -> list[Confined]:
    """The tables of which a hidden count can be narrowed; outputs that are `safe` as they are need not be examined again."""
    found: list[Confined] = []
    for linked in () if sheet.empty else sheet.problems(k):
        if linked.hidden not in safe:
            mine = linked.confined()
            found += mine
            if not mine:
                safe.add(linked.hidden)
    return found


def _gather(rows: Iterable[Change | OutcomeChange], layout: Layout) -> dict[Key, Counts]:
    """For every decision and arm the paired table of each group: n, yes with, yes in the arm, gained, lost."""
    found: dict[Key, Counts] = {}
    for row in rows:
        table = found.setdefault((row.decision, row.arm), np.zeros((len(layout.groups), 5)))
        table[layout.place(row)] = [row.n or 0, row.yes_with or 0, row.yes_arm or 0, row.gained or 0, row.lost or 0]
    return found


def margins(table: Counts) -> Counts:
    """Everything that the two numbers of yes of a paired table show or imply, and by how much they differ, either way."""
    n, yes_with, yes_arm, *_ = table.T
    return np.column_stack([n, yes_with, n - yes_with, yes_arm, n - yes_arm, yes_arm - yes_with, yes_with - yes_arm])


def _scored(calculator: CalculatorResult, changes: Mapping[Key, Counts], layout: Layout) -> dict[str, NDArray[np.float64]]:
    """The patients in every arm's tables; with race, everyone scored."""
    scored = {WITH_RACE: np.zeros(len(layout.groups))}
    for row in calculator.coverage:
        scored[WITH_RACE][layout.place(row)] = row.scored or 0
    for (_, arm), table in changes.items():
        scored[arm] = np.maximum(scored.get(arm, 0.0), table[:, 0])
    for shift in calculator.shifts:
        n = scored.setdefault(shift.arm, np.zeros(len(layout.groups)))
        n[layout.place(shift)] = max(n[layout.place(shift)], shift.n or 0)
    for move in calculator.transitions:
        if move.arm not in scored:
            scored[move.arm] = np.zeros(len(layout.groups))
    return scored


def _arms(scored: Mapping[str, NDArray[np.float64]], layout: Layout, size: NDArray[np.float64], k: int) -> dict[str, Hidden]:
    """Groups in which an arm has few patients, or all but a few of those whom another arm has."""
    arms = list(scored)
    allowed = np.array([spaced([scored[arm][g] for arm in arms], k) for g in range(len(layout.groups))]).reshape(-1, len(arms))
    found: dict[str, Hidden] = {}
    for position, arm in enumerate(arms):
        n = scored[arm]
        counts = np.column_stack([n, *(np.abs(scored[other] - n) for other in arms if other != arm)])
        start = small(n, k) | ~allowed[:, position] | found.get(WITH_RACE, False)
        found[arm] = complete(start, counts, layout, size, k)
    return found


def _with_race(
    calculator: CalculatorResult, changes: Mapping[Key, Counts], scored: NDArray[np.float64], layout: Layout
) -> dict[Key, Counts]:
    """For every decision the table of everyone whom it is made for with race, as if the arm were with race again."""
    found: dict[str, Counts] = {}
    for row in calculator.metrics:
        if row.arm == WITH_RACE and row.metric == "selection_rate" and row.decision and row.value is not None:
            g = layout.place(row)
            n, yes = (scored[g], round(row.value * scored[g])) if row.n is None else (row.n, row.yes or 0)
            found.setdefault(row.decision, np.zeros((len(scored), 5)))[g, :3] = n, yes, yes
    for (decision, _), table in changes.items():
        same = table[:, 0] == scored
        found.setdefault(decision, np.zeros((len(scored), 5)))[same, :3] = table[same][:, [0, 1, 1]]
    return {(decision, WITH_RACE): table for decision, table in found.items()}


def _paired(
    calculator: CalculatorResult, changes: Mapping[Key, Counts], sheets: Sheets, shown: Callable[[Counts], Counts], size: Counts, k: int
) -> dict[Key, Hidden]:
    """The groups whose rows of every paired table are hidden, where rows are `shown` with all that they imply."""
    found: dict[Key, Hidden] = {}
    for (decision, arm), table in changes.items():
        others = sheets.scored[WITH_RACE] if arm == WITH_RACE else changes[decision, WITH_RACE][:, 0]
        start = sheets.hidden[arm] | small(shown(table), k).any(axis=1) | small(np.abs(others - table[:, 0]), k)
        found[decision, arm] = start | found.get((decision, WITH_RACE), False)
    _apart(calculator, changes, found, sheets.layout, k)
    for (decision, arm), table in changes.items():
        start = found[decision, arm] | found[decision, WITH_RACE]
        found[decision, arm] = complete(start, shown(table), sheets.layout, size, k)
    return found


def _apart(calculator: CalculatorResult, changes: Mapping[Key, Counts], hidden: dict[Key, Hidden], layout: Layout, k: int) -> None:
    """Hide rows that another decision or another arm's patients would complete to fewer than k."""
    arms = list(dict.fromkeys(arm for _, arm in changes))
    for arm in arms:
        mine = {decision: table for (decision, other), table in changes.items() if other == arm}
        n = next(iter(mine.values()))[:, 0]
        shown = {d: np.where(hidden[d, arm], -1.0, table[:, 2]) for d, table in mine.items()}
        for decision, blocked in _between(calculator, shown, n, k).items():
            hidden[decision, arm] |= blocked
    for decision in dict.fromkeys(decision for decision, _ in changes):
        kept: list[tuple[Counts, Hidden]] = []
        for arm in arms:
            if (decision, arm) in changes:
                n, yes = changes[decision, arm][:, :2].T
                pair = np.stack([yes, n - yes])
                free = ~hidden[decision, arm]
                for other, there in kept:
                    free &= ~there | ~small(np.abs(pair - other), k).any(axis=0)
                hidden[decision, arm] |= ~free
                kept.append((pair, free))


def _between(calculator: CalculatorResult, yes: Mapping[str, NDArray[np.float64]], n: NDArray[np.float64], k: int) -> dict[str, Hidden]:
    """Decisions on one output whose cut-offs have fewer than k patients between them: the rarer one is hidden.

    A count of -1 is already hidden.
    """
    found = {decision: np.zeros(len(n), dtype=bool) for decision in yes}
    outputs: dict[str, list[Cut]] = {}
    for card in calculator.card.decisions:
        if card.id in yes:
            outputs.setdefault(card.output, []).append(Cut(card.id, _operator(card.operator), card.cutoff))
    for cuts in outputs.values():
        ordered = sorted(cuts, key=lambda cut: cut.edge)
        if len(ordered) < 2:
            continue
        below = np.array([n - yes[c.decision] if c.yes_above else yes[c.decision] for c in ordered])
        known = np.array([yes[c.decision] >= 0 for c in ordered])
        for g in range(len(n)):
            _thin(below[:, g], n[g], known[:, g], [found[c.decision] for c in ordered], g, k)
    return found


def _thin(below: NDArray[np.float64], n: float, known: NDArray[np.bool_], hidden: list[Hidden], g: int, k: int) -> None:
    places = [i for i in range(len(below)) if known[i]]
    while True:
        pairs = [(a, b) for a, b in pairwise(places) if 0.5 < abs(below[b] - below[a]) < k - 0.5]
        if not pairs:
            return
        rarer = min(pairs[0], key=lambda i: min(below[i], n - below[i]))
        same = [i for i in places if abs(below[i] - below[rarer]) < 0.5]
        for i in same:
            hidden[i][g] = True
            places.remove(i)


def _outcomes(
    calculator: CalculatorResult, changes: Mapping[Key, Counts], sheets: Sheets, size: NDArray[np.float64], k: int
) -> dict[Key, Sequence[Counts]]:
    """Tables by outcome: both are hidden where either, or what the two leave of the whole, shows or implies few patients."""
    rows = calculator.outcome_changes
    split = [_gather([r for r in rows if r.outcome == outcome], sheets.layout) for outcome in ("0", "1")]
    keys = sorted(dict.fromkeys((*split[0], *split[1])), key=lambda key: key[1] != WITH_RACE)
    known = sheets.known
    for decision, arm in keys:
        parts = [part[decision, arm] for part in split]
        parts.append(changes[decision, arm] - parts[0] - parts[1])
        if arm not in known:
            sizes = np.column_stack([part[:, 0] for part in parts])
            few = small(sizes, k).any(axis=1) | sheets.hidden[arm] | known.get(WITH_RACE, False)
            known[arm] = complete(np.asarray(few), sizes, sheets.layout, size, k)
        table = np.column_stack([implied(part) for part in parts])
        start = small(table, k).any(axis=1) | known[arm] | sheets.change[decision, arm]
        start |= sheets.by_outcome.get((decision, WITH_RACE), False)
        sheets.by_outcome[decision, arm] = complete(np.asarray(start), table, sheets.layout, size, k)
    return {key: (split[0][key], split[1][key]) for key in keys}


def _transitions(calculator: CalculatorResult, sheets: Sheets, size: NDArray[np.float64], k: int) -> dict[Key, Counts]:
    """Rows of the reclassification tables, consistent with the decisions that cut at the same values."""
    bands = {card.id: card for card in calculator.card.bands}
    tables: dict[Key, Counts] = {}
    for row in calculator.transitions:
        if row.categories not in sheets.labels:
            sheets.labels[row.categories] = _labels(calculator, bands, row.categories)
        labels = sheets.labels[row.categories]
        if (row.categories, row.arm) not in tables:
            tables[row.categories, row.arm] = np.zeros((len(sheets.layout.groups), len(labels), len(labels)))
        table = tables[row.categories, row.arm]
        table[sheets.layout.place(row), labels.index(row.from_), labels.index(row.to)] = row.n or 0
    for (categories, arm), table in tables.items():
        edges = sheets.edges.setdefault(categories, _edges(calculator, bands.get(categories)) or [""] * (table.shape[1] - 1))
        hidden = np.array([_rows(table[g], edges, sheets, arm, g, k) for g in range(len(table))])
        for i in range(table.shape[1]):
            counts = np.column_stack([table[:, i, :], table[:, i, :].sum(axis=1)])
            hidden[:, i] = complete(hidden[:, i], counts, sheets.layout, size, k)
        sheets.transition[categories, arm] = hidden
    return tables


def _rows(matrix: Counts, edges: list[str], sheets: Sheets, arm: str, g: int, k: int) -> Hidden:
    """The categories with race whose row of one group's matrix is hidden; `edges` names the decision between two categories."""
    size = len(matrix)
    everything = np.ones(size, dtype=bool)
    if sheets.hidden[arm][g]:
        return everything
    few = small(matrix, k)
    changes = [sheets.change[e, arm][g] if (e, arm) in sheets.change else None for e in edges]
    margins = [sheets.change[e, WITH_RACE][g] if (e, WITH_RACE) in sheets.change else None for e in edges]
    hidden = few.any(axis=1)
    for i, j in zip(*np.nonzero(few), strict=True):
        if i != j and any(changes[e] is not None and not changes[e] for e in range(min(i, j), max(i, j))):
            return everything
    thin = small(matrix.sum(axis=1), k) | np.diag(few)
    hidden |= _and_beside(thin)
    for e in range(size - 1):
        if changes[e]:
            crossing = np.concatenate([matrix[: e + 1, e + 1 :].sum(axis=1), matrix[e + 1 :, : e + 1].sum(axis=1)])
            hidden |= crossing > 0
        if margins[e]:
            hidden[[e, e + 1]] = True
    while small(matrix[hidden].sum(), k) and not hidden.all():
        hidden = _and_beside(hidden)
    return hidden


def _and_beside(chosen: Hidden) -> Hidden:
    """The chosen categories and those next to one."""
    found = chosen.copy()
    found[1:] |= chosen[:-1]
    found[:-1] |= chosen[1:]
    return found


def _edges(calculator: CalculatorResult, bands: BandsCard | None) -> list[str]:
    """For every edge between two categories a decision that cuts there; "" where none does."""
    if bands is None:
        return []
    found = {Cut(d.id, _operator(d.operator), d.cutoff).edge: d.id for d in calculator.card.decisions if d.output == bands.output}
    return [found.get(Edge(cut, not bands.lower_closed), "") for cut in bands.cuts]


def _labels(calculator: CalculatorResult, bands: Mapping[str, BandsCard], categories: str) -> tuple[str, ...]:
    if categories in bands:
        return bands[categories].labels
    return tuple(dict.fromkeys(row.to for row in calculator.transitions if row.categories == categories))


def _scales(calculator: CalculatorResult) -> list[Scale]:
    """Every output with its cuts and categories; decisions and categories whose cuts are not declared are an output of their own."""
    cuts: dict[str, list[Cut]] = {}
    for d in calculator.card.decisions:
        cuts.setdefault(d.output, []).append(Cut(d.id, _operator(d.operator), d.cutoff))
    bands: dict[str, list[BandCut]] = {}
    for b in calculator.card.bands:
        edges = tuple(Edge(cut, not b.lower_closed) for cut in b.cuts)
        bands.setdefault(b.output, []).append(BandCut(b.id, edges, b.labels))
    named = {card.id for card in calculator.card.bands}
    declared = {card.id for card in calculator.card.decisions}
    told = dict.fromkeys((*(row.decision for row in calculator.metrics), *(row.decision for row in calculator.changes)))
    alone = [Scale(decision, (Cut(decision, ">=", 0.0),)) for decision in told if decision and decision not in declared]
    for categories in dict.fromkeys(row.categories for row in calculator.transitions if row.categories not in named):
        labels = _labels(calculator, {}, categories)
        alone.append(Scale(categories, (), (BandCut(categories, tuple(Edge(float(i), False) for i in range(len(labels) - 1)), labels),)))
    return alone + [Scale(output, tuple(cuts.get(output, ())), tuple(bands.get(output, ()))) for output in dict.fromkeys((*cuts, *bands))]


def _operator(text: str) -> Operator:
    operators: dict[str, Operator] = {"<": "<", "<=": "<=", ">=": ">=", ">": ">"}
    return operators[text]
