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

    def gives_up(self, total: int) -> bool:
        """Whether a total can be given up before any group: it is the sum of one line only and part of none."""
        return sum(line.total == total for line in self.lines) == 1 and not any(total in line.members for line in self.lines)

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

    `counts` is (groups, kinds of count), everything that a row shows or implies; `size` is the groups' patients. Where a line
    has no row left to give up, its total is hidden; where everyone is the sum of one line only, that total goes before any
    group with recorded race, so that the groups stay readable.
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
            while not _safe(inside, hidden[line.total], counts[members], k):
                rest = np.where(inside, np.inf, order[members])
                if rest.min() > 0 and layout.gives_up(line.total) and not hidden[line.total]:
                    hidden[line.total] = True
                elif np.isfinite(rest).any():
                    inside[int(np.argmin(rest))] = True
                elif not hidden[line.total]:
                    hidden[line.total] = True
                else:
                    break
                changed = True
            hidden[members] = inside
    return hidden


def _safe(inside: Hidden, total_hidden: np.bool_, counts: Counts, k: int) -> bool:
    if not inside.any():
        return not total_hidden
    if total_hidden:
        return True
    occupied = inside & counts.any(axis=1)
    return int(occupied.sum()) != 1 and not small(counts[inside].sum(axis=0), k).any()


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
