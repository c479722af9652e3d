"""Which rows of one table must be hidden, so that no count of 1 to k-1 can be read or worked out from the rows that remain."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import product
from typing import Any

import numpy as np
from numpy.typing import NDArray

from auditor.counts.groups import ALL, OVERALL, UNKNOWN

EVERYONE = 0.05
Counts = NDArray[np.float64]
Hidden = NDArray[np.bool_]


@dataclass(frozen=True)
class Line:
    """A group that is the sum of other groups, by position: everyone and the races, women and the women of each race."""

    total: int
    members: tuple[int, ...]


@dataclass(frozen=True)
class Layout:
    """The groups of a result, the lines that connect them, and the order in which rows are given up."""

    groups: tuple[tuple[str, str], ...]
    lines: tuple[Line, ...]

    @classmethod
    def of(cls, groups: Iterable[tuple[str, str]]) -> Layout:
        """Find the lines among groups named (by, label)."""
        named = tuple(dict.fromkeys(groups))
        place = {name: i for i, name in enumerate(named)}
        lines = []
        for by in dict.fromkeys(by for by, _ in named if by != OVERALL):
            inside = tuple(i for i, (other, _) in enumerate(named) if other == by)
            if (OVERALL, ALL) in place:
                lines.append(Line(place[OVERALL, ALL], inside))
            keys = by.split(",")
            if len(keys) > 1:
                levels = [[label for other, label in named if other == key] for key in keys]
                for position, key in enumerate(keys):
                    for level in levels[position]:
                        choices = [*levels[:position], [level], *levels[position + 1 :]]
                        members = tuple(place[by, ", ".join(c)] for c in product(*choices) if (by, ", ".join(c)) in place)
                        lines.append(Line(place[key, level], members))
        return cls(named, tuple(line for line in lines if line.members))

    @cached_property
    def places(self) -> dict[tuple[str, str], int]:
        """The position of every group."""
        return {group: i for i, group in enumerate(self.groups)}

    def price(self, line: Line) -> float:
        """The share of patients whose groups may go before the total does; only everyone's row is given up for one attribute's groups."""
        single = self.groups[line.total][0] == OVERALL and "," not in self.groups[line.members[0]][0]
        return EVERYONE if single else np.inf

    @cached_property
    def finest(self) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
        """The groups that no line divides, and which of them make up every group: (groups, finest)."""
        totals = {line.total for line in self.lines}
        finest = np.array([i for i in range(len(self.groups)) if i not in totals], dtype=np.int64)
        keys = self.groups[finest[-1]][0] if len(finest) else ""
        finest = finest[[self.groups[i][0] == keys for i in finest]] if len(finest) else finest
        member = np.zeros((len(self.groups), len(finest)))
        member[finest, np.arange(len(finest))] = 1
        for line in sorted(self.lines, key=lambda line: -len(self.groups[line.members[0]][0].split(","))):
            if not member[line.total].any():
                member[line.total] = member[list(line.members)].sum(axis=0)
        return finest, member

    def place(self, row: Any) -> int:
        """The position of a row's group."""
        return self.places[row.by, row.group]

    def reference(self, by: str, label: str) -> int:
        """The position of a reference group, which may be everyone."""
        return self.places[(by, label) if (by, label) in self.places else (OVERALL, ALL)]

    def order(self, size: NDArray[np.float64]) -> NDArray[np.float64]:
        """The rank in which rows are given up: groups not recorded first, then by size; groups without patients never."""
        unknown = np.array([any(word.casefold() in UNKNOWN for word in label.split(", ")) for _, label in self.groups])
        rank = np.where(unknown, size - 1e12, size)
        return np.where(size > 0, rank, np.inf)


def small(counts: Counts, k: int) -> NDArray[np.bool_]:
    """Counts of 1 to k-1."""
    return np.asarray((counts > 0.5) & (counts < k - 0.5))


def complete(hidden: Hidden, counts: Counts, layout: Layout, size: NDArray[np.float64], k: int) -> Hidden:
    """Hide further rows until what is hidden in every line is at least two rows whose sums are all 0 or at least k.

    `counts` is (groups, kinds of count), everything that a row shows or implies; `size` is the groups' patients. The row that is
    given up is the smallest that closes the gap. Everyone's row goes instead where recorded groups of more than a twentieth of the
    patients would have to go, so that the groups stay readable; any total goes where no other row is left.
    """
    hidden = hidden.copy()
    if not hidden.any():
        return hidden
    order = layout.order(size)
    changed = True
    while changed:
        changed = False
        for line in layout.lines:
            members = np.array(line.members)
            inside = hidden[members]
            if _safe(inside, bool(hidden[line.total]), counts[members], k):
                continue
            changed = True
            closed = _close(inside, bool(hidden[line.total]), counts[members], order[members], k)
            price = layout.price(line) * size[line.total]
            if hidden[line.total] or (closed is not None and size[members][closed & ~inside & (order[members] >= 0)].sum() <= price):
                hidden[members] = np.ones(len(members), dtype=bool) if closed is None else closed
            else:
                hidden[line.total] = True
    return hidden


def _close(inside: Hidden, total_hidden: bool, counts: Counts, order: NDArray[np.float64], k: int) -> Hidden | None:
    """The members to hide so that a line is safe; None where even all of them do not make it so."""
    inside = inside.copy()
    while not _safe(inside, total_hidden, counts, k):
        free = ~inside & np.isfinite(order)
        if not free.any():
            return None
        gap = small(counts[inside].sum(axis=0), k)
        closes = ~small(counts[inside].sum(axis=0) + counts, k)[:, gap]
        best = closes.sum(axis=1)
        fit = free & (best == best[free].max())
        inside[int(np.argmin(np.where(fit, order, np.inf)))] = True
    return inside


def _safe(inside: Hidden, total_hidden: bool, counts: Counts, k: int) -> bool:
    if not inside.any():
        return not total_hidden
    if total_hidden:
        return True
    occupied = inside & counts.any(axis=1)
    return int(occupied.sum()) != 1 and not bool(small(counts[inside].sum(axis=0), k).any())


def spaced(values: Sequence[float], k: int) -> list[bool]:
    """Which of several sizes may be shown together, first come first: equal to or at least k from every one already shown."""
    shown: list[float] = []
    allowed = []
    for value in values:
        fits = all(abs(value - other) < 0.5 or abs(value - other) > k - 0.5 for other in shown)
        allowed.append(fits)
        if fits:
            shown.append(value)
    return allowed
