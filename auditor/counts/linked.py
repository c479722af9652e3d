"""All tables of one output as one linear problem: what an attacker who solves them together knows of the hidden counts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from auditor.counts.narrowing import Hidden as Problem
from auditor.counts.narrowing import confining, ranges
from auditor.counts.paired import WITH_RACE
from auditor.counts.scales import Scale
from auditor.counts.suppression import Counts, Hidden, small

if TYPE_CHECKING:
    from auditor.counts.sheets import Key, Sheets

Part = NDArray[np.bool_]
N, YES_WITH, YES_ARM, GAINED, LOST = 0, 1, 3, 5, 6


def implied(table: Counts) -> Counts:
    """Everything that a row of a paired table (n, yes with, yes in the arm, gained, lost) shows or implies."""
    n, yes_with, yes_arm, gained, lost = table.T
    return np.array((n, yes_with, n - yes_with, yes_arm, n - yes_arm, gained, lost, yes_with - lost, n - yes_with - gained)).T


@dataclass(frozen=True, eq=False)
class Confined:
    """A table of which a hidden count can be narrowed; where nothing of it is shown, the rows of others, by group, that hold the count."""

    table: dict[Key, Hidden]
    key: Key
    held_by: tuple[tuple[dict[Key, Hidden], Key, int], ...]


class Linked:
    """The tables of one output as one linear problem; `hidden` is equal where the same is hidden.

    Unknown are, for every arm, a finest group's patients by outcome, category with race and category in the arm (or no score). Two
    arms are linked by how many patients there are with each outcome and category with race: numbers of several arms that agree
    on these can be told of the same patients, so the problem knows all that the tables say together. Groups of which everything
    is shown are left out. Arms with the same counts are one arm, as the formula would tell.
    """

    def __init__(self, sheets: Sheets, scale: Scale, k: int) -> None:
        decisions, categories = {cut.decision for cut in scale.cuts}, {band.id for band in scale.bands}
        self.sheets, self.scale, self.k = sheets, scale, k
        self.paired = {key: table for key, table in sheets.paired.items() if key[0] in decisions}
        self.outcomes = {key: np.stack(parts) for key, parts in sheets.outcomes.items() if key[0] in decisions}
        self.moves = {key: table for key, table in sheets.moves.items() if key[0] in categories}
        self.arms = tuple(dict.fromkeys(arm for _, arm in (*self.paired, *self.moves) if arm != WITH_RACE))
        self.outcome_known = any(not sheets.by_outcome[key].all() for key in self.outcomes)
        hidden = [sheets.change[key] for key in self.paired] + [sheets.by_outcome[key] for key in self.outcomes]
        hidden += [np.asarray(sheets.transition[key].any(axis=1)) for key in self.moves]
        hidden += [sheets.hidden[arm] for arm in (WITH_RACE, *self.arms)]
        rates = [sheets.margin[key] for key in self.paired]
        rows = [sheets.transition[key] for key in self.moves]
        self.hidden = repr(scale).encode() + b"".join(one.tobytes() for one in (*hidden, *rates, *rows))
        finest, member = sheets.layout.finest
        unclear = np.any(hidden, axis=0)[finest]
        self.finest, self.member = finest[unclear], member[:, unclear]
        self.owners: list[tuple[dict[Key, Hidden], Key]] = []
        self._cells = self._different_arms()
        if unclear.any():
            self._tell()

    def confined(self) -> list[Confined]:
        """The tables of which a hidden count can be narrowed to a range below k - 1."""
        if not len(self.finest) or not (self.paired or self.outcomes or self.moves):
            return []
        problem, owner, sources = self._problem()
        found: dict[tuple[int, Key], Confined] = {}
        narrow, wide = ranges(problem, self.k, owner)
        self._note(wide)
        for i in np.flatnonzero(narrow).tolist():
            table, key = self.owners[owner[i]]
            held = sources[confining(problem, i)].tolist() if table[key].all() else []
            rows = ((*self.owners[place], group) for place, group in held if place >= 0)
            found[id(table), key] = Confined(table, key, tuple(rows))
        return list(found.values())

    def _note(self, wide: NDArray[np.bool_]) -> None:
        """Remember which counts were seen to be free: where more is hidden, they stay so."""
        for cells in dict.fromkeys(self._cells.values()):
            number = int(sum(wanted.sum() for wanted in cells.wanted))
            cells.note(wide[:number])
            wide = wide[number:]

    def _problem(self) -> tuple[Problem, NDArray[np.int64], NDArray[np.int64]]:
        """What the audit examines; for every target the place of its table among the `owners`; for every known sum that and its group."""
        from scipy.sparse import block_diag, eye_array, hstack, vstack

        cells = list(dict.fromkeys(self._cells.values()))
        known, values, sources, targets, small_sums, owner = zip(*(one.rows(self.member) for one in cells), strict=True)
        margins = [one.margins() for one in cells]
        alone = [_of_margins(rows, one) for rows, one in zip(known, margins, strict=True)]
        of_cells = block_diag([_only(rows, ~on) for rows, (on, _) in zip(known, alone, strict=True)])
        of_margins = vstack([rows for _, rows in alone])
        links = hstack([block_diag(margins), vstack([-eye_array(margins[0].shape[0])] * len(cells))])
        together = vstack([hstack([of_cells, of_margins]), links], format="csr")
        equal = np.concatenate([*values, np.zeros(links.shape[0])])
        sought = block_diag(targets, format="csr")
        sought.resize(sought.shape[0], together.shape[1])
        problem = Problem(together, equal, sought, np.concatenate(small_sums), self._truth(cells, margins))
        return problem, np.concatenate(owner), np.concatenate([*sources, np.full((links.shape[0], 2), -1)])

    def _truth(self, cells: Sequence[_Cells], margins: Sequence[Any]) -> Counts | None:
        """The true counts of all cells that may be other than 0, then those of all arms with race; None where they are not at hand."""
        joint = self.sheets.joint
        arms = [next(arm for arm, own in self._cells.items() if own is one) for one in cells]
        found = [None if joint is None else joint.counts(self.scale, arm, self.sheets.layout) for arm in arms]
        unclear = np.isin(self.sheets.layout.finest[0], self.finest)
        known = [counts[unclear] for counts in found if counts is not None]
        if len(known) < len(found):
            return None
        shaped = [counts if self.outcome_known else counts.sum(axis=1, keepdims=True) for counts in known]
        truth = [counts.reshape(-1)[one.possible] for counts, one in zip(shaped, cells, strict=True)]
        return np.concatenate([*truth, margins[0] @ truth[0]])

    def _different_arms(self) -> dict[str, _Cells]:
        """The cells of every arm: groups, outcomes, categories with race, categories in the arm or no score; with race, the first one's."""
        levels = len(self.scale.levels)
        shape = (len(self.finest), 3 if self.outcome_known else 1, levels, levels + 1)
        found: dict[str, _Cells] = {}
        for arm in self.arms:
            twin = next((other for other in found if self._same(arm, other)), None)
            found[arm] = _Cells(self._recorded(shape) & self._possible(arm)[:, None]) if twin is None else found[twin]
        return {**found, WITH_RACE: found[self.arms[0]] if found else _Cells(self._recorded((*shape[:3], 1)))}

    def _recorded(self, shape: tuple[int, ...]) -> Part:
        """Which outcomes there may be in each group: not an unknown one where everyone's is known."""
        possible = np.ones(shape, dtype=bool)
        known = [
            parts[:, self.finest, 0].sum(axis=0) - self.paired[key][self.finest, 0]
            for key, parts in self.outcomes.items()
            if key[1] == WITH_RACE
        ]
        if self.outcome_known and known:
            possible[np.max(known, axis=0) > -0.5, 2] = False
        return possible

    def _same(self, arm: str, other: str) -> bool:
        """Whether an arm has the same counts as another in all its tables."""

        def equal(tables: dict[Key, Counts]) -> bool:
            mine = {name: table for (name, of), table in tables.items() if of == arm}
            return all((name, other) in tables and bool((table == tables[name, other]).all()) for name, table in mine.items())

        return bool((self._n(arm) == self._n(other)).all()) and equal(self.paired) and equal(self.moves) and equal(self.outcomes)

    def _n(self, arm: str) -> Counts:
        """How many patients of each group an arm and with race both score, as far as any table says."""
        tables = [table[:, 0] for (_, of), table in self.paired.items() if of == arm]
        tables += [table.sum(axis=(1, 2)) for (_, of), table in self.moves.items() if arm in (of, WITH_RACE)]
        return np.asarray(np.max(tables, axis=0))

    def _possible(self, arm: str) -> Part:
        """Which moves there may be in each group: none to no score where all are scored, none in a direction that nobody takes.

        Without the race term nobody moves in the groups to whom it is not applied.
        """
        size = len(self.scale.levels)
        up, down = np.zeros(len(self.finest)), np.zeros(len(self.finest))
        for (decision, of), table in self.paired.items():
            if of == arm:
                above = next(cut for cut in self.scale.cuts if cut.decision == decision).yes_above
                gained, lost = table[self.finest, 3:].T
                up, down = (up + gained, down + lost) if above else (up + lost, down + gained)
        for (_, of), table in self.moves.items():
            if of == arm:
                up, down = up + np.triu(table[self.finest], 1).sum(axis=(1, 2)), down + np.tril(table[self.finest], -1).sum(axis=(1, 2))
        origin, target = np.indices((size, size + 1))
        rises, falls = (target > origin) & (target < size), target < origin
        possible = np.ones((len(self.finest), size, size + 1), dtype=bool)
        possible[(self._n(WITH_RACE) - self._n(arm))[self.finest] < 0.5, :, size] = False
        still = self.sheets.still(arm)[self.finest] & (up + down == 0)
        possible[still | (not up.any())] &= ~rises
        possible[still | (not down.any())] &= ~falls
        return possible

    def _tell(self) -> None:
        """What every table shows, and what is hidden in it."""
        for key, table in self.paired.items():
            self._tell_change(key, table)
        for key, by_outcome in self.outcomes.items() if self.outcome_known else ():
            hidden = self.sheets.by_outcome[key][:, None]
            for outcome, table in enumerate(by_outcome):
                shown = (N, YES_WITH, GAINED, LOST)
                parts = self._implied(*key, outcome)
                self._table(("outcome", outcome), self.sheets.by_outcome, key, parts, implied(table), hidden, hidden, shown)
        for key, table in self.moves.items():
            self._tell_moves(key, table)

    def _tell_change(self, key: Key, table: Counts) -> None:
        sheets, (decision, arm) = self.sheets, key
        margin, change = sheets.margin[key], sheets.change[key]
        everyone = table[:, 0] == sheets.paired[decision, WITH_RACE][:, 0]
        n = sheets.hidden[arm] if arm != WITH_RACE else margin & (sheets.hidden[arm] | (table[:, 0] != sheets.scored[arm]))
        before = margin & (sheets.margin[decision, WITH_RACE] | ~everyone)
        unknown = np.column_stack([n, before, margin | ~change, change, change])
        shown = (N, YES_WITH, YES_ARM, GAINED, LOST)
        self._table(("change", 0), sheets.change, key, self._implied(*key), implied(table), change[:, None], unknown, shown)

    def _tell_moves(self, key: Key, table: Counts) -> None:
        cells, everyone = self._cells[key[1]], self.sheets.hidden[key[1]]
        band = np.append(self.scale.band_of(key[0]), -1)
        at = np.array([band == i for i in range(table.shape[1])], dtype=bool)
        moved = at[:, None, None, :-1, None] & at[None, :, None, None, :]
        moved = np.asarray(np.broadcast_to(moved, (*moved.shape[:2], *cells.shape[1:]))).reshape(-1, *cells.shape[1:])
        parts = np.concatenate([moved, moved.any(axis=0, keepdims=True)])
        values = np.column_stack([table.reshape(len(table), -1), table.sum(axis=(1, 2))])
        rows = np.repeat(self.sheets.transition[key], len(at), axis=1)
        hidden, unknown = np.column_stack([rows, np.zeros_like(everyone)]), np.column_stack([rows, everyone])
        self._table(("moves", 0), self.sheets.transition, key, parts, values, hidden, unknown)

    def _implied(self, decision: str, arm: str, outcome: int | None = None) -> Part:
        """The cells behind every column of `implied`: outcomes, categories with race, categories in the arm or no score."""
        yes = self.scale.yes(decision)
        inside = np.ones(self._cells[arm].shape[1:], dtype=bool)
        if outcome is not None:
            inside[np.arange(len(inside)) != outcome] = False
        before = after = yes[:, None]
        if arm != WITH_RACE:
            inside[..., len(yes) :] = False
            after = np.append(yes, False)
        parts = (before, ~before, after, ~after, ~before & after, before & ~after, before & after, ~before & ~after)
        return np.stack([inside, *(inside & part for part in parts)])

    def _table(
        self,
        name: tuple[str, int],
        table: dict[Key, Hidden],
        key: Key,
        parts: Part,
        values: Counts,
        hidden: NDArray[np.bool_],
        unknown: NDArray[np.bool_],
        shown: tuple[int, ...] | slice = slice(None),
    ) -> None:
        """Add a table: `values` are (groups, parts). Of the parts `shown` all is known but the `unknown`; no small sum that is `hidden` may be."""
        sums = self.member @ values[self.finest]
        known = np.zeros(sums.shape, dtype=bool)
        known[:, shown] = ~unknown
        known &= np.asarray(self.member.any(axis=1))[:, None]
        free = self.sheets.free.setdefault((self.scale, name, key), np.zeros(sums.shape, dtype=bool))
        wanted = hidden & small(sums, self.k) & ~free
        self._cells[key[1]].add(parts, sums, known, wanted, free, len(self.owners))
        self.owners.append((table, key))


class _Cells:
    """The unknown counts of one arm: which may be other than 0, and the tables that add them up."""

    def __init__(self, possible: Part) -> None:
        self.shape, self.possible = possible.shape, possible.reshape(-1)
        self.parts: list[Part] = []
        self.sums: list[Counts] = []
        self.known: list[Part] = []
        self.wanted: list[Part] = []
        self.free: list[Part] = []
        self.owner: list[NDArray[np.int64]] = []

    def add(self, parts: Part, sums: Counts, known: Part, wanted: Part, free: Part, owner: int) -> None:
        """Parts of the cells, and for every group and part the sum, whether it is known, and whether it must not be or was seen to be free."""
        self.parts.append(parts.reshape(len(parts), -1))
        self.sums.append(sums)
        self.known.append(known)
        self.wanted.append(wanted)
        self.free.append(free)
        self.owner.append(np.full(wanted.shape, owner))

    def note(self, wide: NDArray[np.bool_]) -> None:
        """Remember which of the sums that must not be known are free, in the order of `rows`."""
        wanted = np.concatenate(self.wanted, axis=1)
        found = np.zeros_like(wanted)
        found[wanted] = wide
        widths = np.cumsum([one.shape[1] for one in self.wanted])[:-1]
        for free, part in zip(self.free, np.split(found, widths, axis=1), strict=True):
            free |= part

    def rows(self, member: NDArray[np.float64]) -> tuple[Any, Counts, NDArray[np.int64], Any, Counts, NDArray[np.int64]]:
        """What is known: sparse rows over the cells, their sums, whose each is and its group; what must not be, alike without groups."""
        parts = np.concatenate([np.zeros((0, int(np.prod(self.shape[1:]))), dtype=bool), *self.parts])
        sums, owner = np.concatenate(self.sums, axis=1), np.concatenate(self.owner, axis=1)
        known, wanted = np.concatenate(self.known, axis=1), np.concatenate(self.wanted, axis=1)
        none = known & (sums == 0)
        empty = member.T @ none.astype(np.float64) @ parts.astype(np.float64) > 0
        self.possible = self.possible & ~empty.reshape(-1)
        known = _needed(known & ~none, member)
        sources = np.column_stack([owner[known], np.nonzero(known)[0]])
        return self._sums(member, parts, known), sums[known], sources, self._sums(member, parts, wanted), sums[wanted], owner[wanted]

    def _sums(self, member: NDArray[np.float64], parts: Part, chosen: Part) -> Any:
        """The sums of a group and a part that are chosen, as sparse rows over the cells that may be other than 0.

        The cells of every part are found once in each finest group, and put together for the groups that are made of these.
        """
        from scipy.sparse import csr_array

        group, part = np.nonzero(chosen)
        inside = self.possible.reshape(self.shape[0], 1, -1) & parts
        column = (np.cumsum(self.possible) - 1).reshape(len(inside), 1, -1)
        of_finest = np.broadcast_to(column, inside.shape)[inside]
        length = inside.sum(axis=2)
        start = np.cumsum(length).reshape(length.shape) - length
        row, f = np.nonzero(member[group] > 0)
        length, start = length[f, part[row]], start[f, part[row]]
        step = np.arange(length.sum()) + np.repeat(start - np.cumsum(length) + length, length)
        starts = np.concatenate([[0], np.cumsum(np.bincount(row, weights=length, minlength=len(group)))]).astype(np.int64)
        return csr_array((np.ones(len(step)), of_finest[step], starts), shape=(len(group), int(self.possible.sum())))

    def margins(self) -> Any:
        """The sums over the categories in the arm."""
        from scipy.sparse import csr_array

        cells = self.possible.reshape(-1, self.shape[-1]).sum(axis=1)
        starts = np.concatenate([[0], np.cumsum(cells)])
        return csr_array((np.ones(starts[-1]), np.arange(starts[-1]), starts), shape=(len(cells), starts[-1]))


def _of_margins(rows: Any, margins: Any) -> tuple[Part, Any]:
    """Which rows over an arm's cells are sums of whole margins (cells that differ in the arm's category alone), and these over the margins."""
    from scipy.sparse import csr_array

    inside = (rows @ margins.T).tocsr()
    whole = inside.data == margins.sum(axis=1)[inside.indices]
    on = np.bincount(np.repeat(np.arange(inside.shape[0]), np.diff(inside.indptr)), weights=~whole, minlength=inside.shape[0]) == 0
    return on, _only(csr_array((np.ones(inside.nnz), inside.indices, inside.indptr), shape=inside.shape), on)


def _only(rows: Any, some: Part) -> Any:
    """Sparse rows, those that are not wanted empty."""
    from scipy.sparse import csr_array

    length = np.diff(rows.indptr)
    keep = np.repeat(some, length)
    starts = np.concatenate([[0], np.cumsum(np.where(some, length, 0))])
    return csr_array((rows.data[keep], rows.indices[keep], starts), shape=rows.shape)


def _needed(known: Part, member: NDArray[np.float64]) -> Part:
    """Known sums (groups, parts) without the totals that follow from the groups in them."""
    alone = [int(np.flatnonzero((member.sum(axis=1) == 1) & (member[:, j] == 1))[-1]) for j in range(member.shape[1])]
    total = np.setdiff1d(np.flatnonzero(member.any(axis=1)), alone)
    needed = known.copy()
    for g in total.tolist():
        needed[g] &= ~known[alone][member[g] > 0].all(axis=0)
    return needed
