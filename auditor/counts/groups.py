"""Groups: everyone, each attribute's levels and their intersections, as one axis; and the group that others are compared with."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from auditor.counts.cells import MISSING, Cells
from auditor.counts.scales import groupings

OVERALL = "overall"
ALL = "all"
NOT_RECORDED = "Not recorded"
UNKNOWN = frozenset({"unknown", "declined", "not collected", "not recorded", "not reported", "not asked", "missing", "refused"})


@dataclass(frozen=True, eq=False)
class Groups:
    """The groups of every grouping, one after another; sums over patients are `member @ (sums by finest group)`.

    `by[i]` and `label[i]` name group i; `member[i, f]` is 1 where the finest group f (all attributes together) belongs to
    group i; `known[i]` is False where a level says that the attribute was not recorded. Neither may be changed in place.
    """

    by: tuple[str, ...]
    label: tuple[str, ...]
    levels: tuple[tuple[str, ...], ...]
    known: NDArray[np.bool_]
    member: NDArray[np.float64]
    finest: tuple[tuple[int, ...], ...]

    @classmethod
    def of(cls, keys: Mapping[str, tuple[str, ...]], codes: NDArray[np.integer[Any]], by: Sequence[str]) -> Groups:
        """The groups of the finest groups that occur; `codes` has a row for each of them and one column per attribute of `by`."""
        return _found(tuple((key, keys[key]) for key in by), tuple(map(tuple, codes.tolist())))

    @classmethod
    def of_cells(cls, cells: Cells, by: Sequence[str]) -> tuple[Groups, NDArray[np.int64]]:
        """The groups that occur in these cells, and the finest group of every cell."""
        finest, place = _different(_codes(cells, by))
        return cls.of(cells.keys, finest, by), place

    def __len__(self) -> int:
        return len(self.by)

    def grouping(self, by: str) -> list[int]:
        """The positions of one grouping's groups."""
        return [i for i, name in enumerate(self.by) if name == by]

    @cached_property
    def contrasted(self) -> tuple[str, ...]:
        """The groupings in which groups can be compared: all but everyone."""
        return tuple(dict.fromkeys(name for name in self.by if name != OVERALL))

    def largest(self, by: str, n: NDArray[Any], named: str = "") -> int | None:
        """The largest group whose attributes are recorded; among those with the named level where there are any."""
        eligible = [i for i in self.grouping(by) if self.known[i] and n[i] > 0]
        exact = [i for i in eligible if self.label[i] == named]
        partly = [i for i in eligible if named in self.levels[i]]
        return max(exact or partly or eligible, key=lambda i: (n[i], -i), default=None)


@lru_cache(maxsize=256)
def _found(by: tuple[tuple[str, tuple[str, ...]], ...], finest: tuple[tuple[int, ...], ...]) -> Groups:
    """The groups of these attributes (with their levels) in which the finest groups lie; tables of one audit mostly have the same."""
    names_of = dict(by)
    attributes = tuple(names_of)
    names: list[str] = []
    levels: list[tuple[str, ...]] = []
    member: list[NDArray[np.float64]] = []
    for grouping in groupings(attributes):
        places = [attributes.index(key) for key in grouping]
        coarse = [tuple(row[p] for p in places) for row in finest]
        seen = sorted(set(coarse), key=lambda row: tuple(c if c >= 0 else 1 << 30 for c in row)) or ([()] if not grouping else [])
        for row in seen:
            names.append(",".join(grouping) or OVERALL)
            levels.append(tuple(_level(names_of[key], c) for key, c in zip(grouping, row, strict=True)))
        position = {row: i for i, row in enumerate(seen)}
        member.append(np.zeros((len(seen), len(finest))))
        member[-1][[position[row] for row in coarse], range(len(finest))] = 1
    label = tuple(", ".join(level) or ALL for level in levels)
    known = np.array([not any(word.casefold() in UNKNOWN for word in level) for level in levels], dtype=bool)
    members = np.concatenate(member)
    known.flags.writeable = members.flags.writeable = False
    return Groups(tuple(names), label, tuple(levels), known, members, finest)


def _different(codes: NDArray[np.integer[Any]]) -> tuple[NDArray[np.integer[Any]], NDArray[np.intp]]:
    """The different rows of codes (from -1 up) in order, and which of them every row is."""
    flat = np.zeros(len(codes), dtype=np.int64)
    for column in codes.T:
        flat = flat * (int(column.max(initial=0)) + 2) + column + 1
    _, first, inverse = np.unique(flat, return_index=True, return_inverse=True)
    return codes[first], inverse


def _level(levels: tuple[str, ...], code: int) -> str:
    return NOT_RECORDED if code == MISSING else levels[code]


def _codes(cells: Cells, by: Sequence[str]) -> NDArray[np.int32]:
    return np.column_stack([cells.code(key) for key in by]) if by else np.zeros((len(cells), 0), np.int32)
