"""Moments: sums of scores by group, from which means follow; moments add."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from auditor.counts.cells import Cells


@dataclass(frozen=True, eq=False)
class Moments:
    """Sums by group: patients and weights in `cells`, and for each named value the sum of weight times value.

    Each array of `sums` has one entry per cell. Patients for whom any value is missing (NaN) are not in the cells.
    """

    cells: Cells
    sums: Mapping[str, NDArray[np.float64]]

    @classmethod
    def count(
        cls,
        keys: Mapping[str, tuple[str, ...]],
        codes: Mapping[str, NDArray[Any]],
        values: Mapping[str, NDArray[np.float64]],
        weights: NDArray[np.float64] | None = None,
    ) -> Moments:
        """Sum patients by their codes; `values` has one float array per name, all as long as the codes."""
        known = ~np.isnan(np.sum(np.stack(list(values.values())), axis=0))
        w = np.ones(int(known.sum())) if weights is None else weights[known]
        kept = {key: np.asarray(codes[key])[known] for key in keys}
        cells = Cells.count(keys, kept, None if weights is None else w) if keys else _everyone(w)
        flat = _flat(cells.keys, [kept[key] for key in keys], len(w))
        position = np.searchsorted(_flat(cells.keys, list(cells.codes.T), len(cells)), flat)
        sums: dict[str, NDArray[np.float64]] = {}
        for name, column in values.items():
            x = np.asarray(column, dtype=np.float64)[known]
            sums[name] = _summed(position, w * x, len(cells))
        return cls(cells, sums)

    def __add__(self, other: Moments) -> Moments:
        cells = self.cells + other.cells
        return Moments(cells, {name: _placed(self, name, cells) + _placed(other, name, cells) for name in self.sums})

    def by(self, *keys: str) -> Moments:
        """Sum over every other key."""
        cells = self.cells.by(*keys)
        target = _flat(cells.keys, list(cells.codes.T), len(cells))
        source = _flat(cells.keys, [self.cells.code(key) for key in keys], len(self.cells))
        position = np.searchsorted(target, source)
        return Moments(cells, {name: _summed(position, s, len(cells)) for name, s in self.sums.items()})

    def mean(self, name: str) -> NDArray[np.float64]:
        """The weighted mean of a value in every cell."""
        with np.errstate(divide="ignore", invalid="ignore"):
            return np.asarray(self.sums[name] / self.cells.w)


def _everyone(w: NDArray[np.float64]) -> Cells:
    present = 1 if len(w) else 0
    total = np.array([w.sum()][:present])
    return Cells({}, np.empty((present, 0), np.int32), np.array([len(w)][:present], np.int64), total, np.array([(w * w).sum()][:present]))


def _flat(keys: Mapping[str, tuple[str, ...]], codes: list[NDArray[Any]], length: int) -> NDArray[np.int64]:
    flat = np.zeros(length, dtype=np.int64)
    for levels, code in zip(keys.values(), codes, strict=True):
        flat = flat * (len(levels) + 1) + code + 1
    return flat


def _placed(moments: Moments, name: str, cells: Cells) -> NDArray[np.float64]:
    target = _flat(cells.keys, list(cells.codes.T), len(cells))
    source = _flat(cells.keys, list(moments.cells.codes.T), len(moments.cells))
    return _summed(np.searchsorted(target, source), moments.sums[name], len(cells))


def _summed(position: NDArray[np.int64], values: NDArray[np.float64], length: int) -> NDArray[np.float64]:
    return np.asarray(np.bincount(position, weights=values, minlength=length), dtype=np.float64)
