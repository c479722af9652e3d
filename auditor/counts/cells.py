"""Cells: patients as counts, keyed by group, outcome and category in each arm; cells add."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

MISSING = -1


@dataclass(frozen=True, eq=False)
class Cells:
    """A sparse table of counts: one row per combination of levels that occurs.

    `keys` maps each key to its levels; `codes[i, j]` is the level of key j in cell i (-1: missing, such as an unknown
    outcome or a score that an arm cannot give). `n` counts patients, `w` sums their weights, `w2` the squared weights.
    Rows are sorted by code, so that equal cells are equal arrays.
    """

    keys: Mapping[str, tuple[str, ...]]
    codes: NDArray[np.int32]
    n: NDArray[np.int64]
    w: NDArray[np.float64]
    w2: NDArray[np.float64]

    @classmethod
    def count(
        cls, keys: Mapping[str, tuple[str, ...]], codes: Mapping[str, NDArray[Any]], weights: NDArray[np.float64] | None = None
    ) -> Cells:
        """Count patients by their codes (one integer array per key, -1 = missing); without weights each weighs 1."""
        sizes = [len(levels) + 1 for levels in keys.values()]
        flat = np.zeros(len(next(iter(codes.values()))), dtype=np.int64)
        for size, name in zip(sizes, keys, strict=True):
            flat *= size
            flat += codes[name]
            flat += 1
        return cls.from_flat(keys, flat, None, weights, None if weights is None else weights * weights)

    @classmethod
    def empty(cls, keys: Mapping[str, tuple[str, ...]]) -> Cells:
        """No patients."""
        none = np.empty(0)
        return cls(dict(keys), np.empty((0, len(keys)), np.int32), none.astype(np.int64), none, none)

    @classmethod
    def from_flat(
        cls,
        keys: Mapping[str, tuple[str, ...]],
        flat: NDArray[np.int64],
        n: NDArray[np.int64] | None,
        w: NDArray[np.float64] | None,
        w2: NDArray[np.float64] | None,
    ) -> Cells:
        """Cells from one mixed-radix integer per part (each level plus 1, the last key fastest); without n each part is one patient."""
        sizes = np.array([len(levels) + 1 for levels in keys.values()], dtype=np.int64)
        space = int(np.prod(sizes, dtype=np.float64)) if len(sizes) else 1
        take: Any = slice(None)
        position: Any = None
        if n is not None and bool((flat[1:] > flat[:-1]).all()):
            length, present = len(flat), flat
        elif space <= 1 << 20:
            position, length, present = flat, space, np.flatnonzero(np.bincount(flat, minlength=space))
            take = present
        else:
            present, position = np.unique(flat, return_inverse=True)
            length = len(present)
        counted = _sum(position, n, length)[take] if n is not None else np.bincount(position, minlength=length)[take]
        counts = np.asarray(np.rint(counted), dtype=np.int64)
        plain = counts.astype(np.float64)
        weight = plain if w is None else _sum(position, w, length)[take]
        square = plain if w2 is None else _sum(position, w2, length)[take]
        codes = np.empty((len(present), len(sizes)), dtype=np.int32)
        rest = present
        for j in range(len(sizes) - 1, -1, -1):
            quotient = rest // sizes[j]
            codes[:, j] = rest - quotient * sizes[j] - 1
            rest = quotient
        return cls(dict(keys), codes, counts, np.asarray(weight, dtype=np.float64), np.asarray(square, dtype=np.float64))

    def __len__(self) -> int:
        return len(self.n)

    def __add__(self, other: Cells) -> Cells:
        return merge((self, other))

    def code(self, key: str) -> NDArray[np.int32]:
        """The level of one key in every cell."""
        return self.codes[:, list(self.keys).index(key)]

    def where(self, keep: NDArray[np.bool_]) -> Cells:
        """The cells for which `keep` is true."""
        return self if keep.all() else Cells(self.keys, self.codes[keep], self.n[keep], self.w[keep], self.w2[keep])

    def at(self, key: str, level: str) -> Cells:
        """The cells at one level of a key."""
        return self.where(self.code(key) == self.keys[key].index(level))

    def known(self, *keys: str) -> Cells:
        """The cells in which none of these keys is missing."""
        keep = np.ones(len(self), dtype=bool)
        for key in keys:
            keep &= self.code(key) != MISSING
        return self.where(keep)

    def by(self, *keys: str) -> Cells:
        """Sum over every other key."""
        chosen = {key: self.keys[key] for key in keys}
        flat = np.zeros(len(self), dtype=np.int64)
        for key, levels in chosen.items():
            flat = flat * (len(levels) + 1) + self.code(key) + 1
        return Cells.from_flat(chosen, flat, self.n, self.w, self.w2)

    @property
    def total(self) -> int:
        """All patients."""
        return int(self.n.sum())

    @property
    def weight(self) -> float:
        """All weights."""
        return float(self.w.sum())

    def level(self, key: str) -> list[str | None]:
        """The level's name in every cell; None where missing."""
        names: Sequence[str | None] = (*self.keys[key], None)
        return [names[c] for c in self.code(key)]

    def to_frame(self) -> Any:
        """A pandas data frame: one column per key, then n, w and w2."""
        import pandas as pd

        return pd.DataFrame({**{key: self.level(key) for key in self.keys}, "n": self.n, "w": self.w, "w2": self.w2})


def merge(parts: Iterable[Cells]) -> Cells:
    """The sum of cells with the same keys and levels, whatever their order."""
    tables = list(parts)
    keys = tables[0].keys
    for table in tables[1:]:
        if list(table.keys.items()) != list(keys.items()):
            raise ValueError("cells with different keys or levels cannot be added")
    sizes = [len(levels) + 1 for levels in keys.values()]
    codes = np.concatenate([t.codes for t in tables]).astype(np.int64)
    flat = np.zeros(len(codes), dtype=np.int64)
    for j, size in enumerate(sizes):
        flat = flat * size + codes[:, j] + 1
    return Cells.from_flat(
        keys,
        flat,
        np.concatenate([t.n for t in tables]),
        np.concatenate([t.w for t in tables]),
        np.concatenate([t.w2 for t in tables]),
    )


def _sum(position: NDArray[np.int64] | None, values: NDArray[Any], length: int) -> NDArray[np.float64]:
    if position is None:
        return np.array(values, dtype=np.float64)
    return np.asarray(np.bincount(position, weights=values, minlength=length), dtype=np.float64)
