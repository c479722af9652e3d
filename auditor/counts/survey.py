"""Survey design: variances of weighted rates, changes and contrasts from strata and primary sampling units, by Taylor linearisation.

Sources: Binder 1983, Int Stat Rev 51:279; Korn and Graubard 1998, Surv Methodol 24:193; Zou and Donner 2008, Stat Med 27:1693;
Parker et al. 2017, Vital Health Stat 2(175).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from auditor.counts.cells import Cells
from auditor.counts.uncertainty import LEVEL, Bounds, bonett_price, clopper_pearson

STRATUM, PSU = "design:stratum", "design:psu"
FEWEST_DEGREES = 8
KORN_GRAUBARD = "Korn-Graubard, Taylor linearisation"
ADJUSTED_WALD = "Bonett-Price on effective n, Taylor linearisation"
SQUARE_AND_ADD = "square-and-add, Taylor linearisation"

Tensor = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Design:
    """The sampled clusters: `cluster` is the primary sampling unit of every cell, `stratum` the stratum of every unit.

    Units without a patient in a group stay in its variance (with nothing); PSU codes are read within their stratum.
    """

    cluster: NDArray[np.int64]
    stratum: NDArray[np.int64]

    @classmethod
    def of_cells(cls, cells: Cells) -> Design | None:
        """The design in the keys of these cells; None without them."""
        if PSU not in cells.keys:
            return None
        stratum = cells.code(STRATUM).astype(np.int64) if STRATUM in cells.keys else np.zeros(len(cells), np.int64)
        pairs, cluster = np.unique(np.column_stack([stratum, cells.code(PSU)]), axis=0, return_inverse=True)
        return cls(cluster.reshape(-1), np.unique(pairs[:, 0], return_inverse=True)[1].astype(np.int64))

    def where(self, keep: NDArray[Any] | slice) -> Design:
        """Some of the cells, from the same sampled units."""
        return Design(self.cluster[keep], self.stratum)


@dataclass(frozen=True, eq=False)
class Linearised:
    """Weighted ratios by group and column with their variances; `rate`, `variance` and `degrees` are (groups, columns).

    `deviations[c, k, g]` is what unit c adds: products summed over units are variances and covariances. `degrees` counts the
    units less the strata in which a group has patients.
    """

    rate: Tensor
    degrees: NDArray[np.int64]
    deviations: Tensor

    @property
    def variance(self) -> Tensor:
        """The variance of every ratio."""
        return np.asarray((self.deviations**2).sum(axis=0).T)

    def correlation(self, groups: NDArray[np.int64], reference: NDArray[np.int64]) -> Tensor:
        """The correlation of every group's ratio with that of the column's reference: (groups, columns); 0 without variance."""
        columns = np.arange(len(reference))
        base = self.deviations[:, columns, reference]
        own = self.deviations[:, :, groups]
        product = (own * base[:, :, None]).sum(axis=0)
        with np.errstate(divide="ignore", invalid="ignore"):
            r = product / np.sqrt((own**2).sum(axis=0) * (base**2).sum(axis=0)[:, None])
        return np.asarray(np.clip(np.nan_to_num(r), -1.0, 1.0).T)


def linearise(design: Design, place: NDArray[np.int64], member: Tensor, numerator: Tensor, denominator: Tensor) -> Linearised:
    """Ratios of weighted sums: `numerator` and `denominator` are (columns, cells), `member` (groups, finest groups).

    With-replacement sampling of units within strata; a stratum with a single unit is centred at the mean of all units.
    """
    units, finest = len(design.stratum), member.shape[1]
    flat = design.cluster * finest + place
    top, bottom = (_by_unit(flat, values, units, finest) @ member.T for values in (numerator, denominator))
    total = bottom.sum(axis=0)
    with np.errstate(divide="ignore", invalid="ignore"):
        rate = top.sum(axis=0) / total
        influence = (top - rate * bottom) / total
    return Linearised(rate.T, _degrees(bottom > 0, design.stratum).T, deviations(influence, design.stratum))


def beside(parts: Sequence[Linearised | None]) -> Linearised | None:
    """The columns of several, one after another; None where any is."""
    found = [part for part in parts if part is not None]
    if not found or len(found) < len(parts):
        return None
    rate, degrees = (np.concatenate([getattr(part, name) for part in found], axis=1) for name in ("rate", "degrees"))
    return Linearised(rate, degrees, np.concatenate([part.deviations for part in found], axis=1))


def effective_size(found: Linearised, spread: Tensor, kish: Tensor) -> Tensor:
    """The size of a simple random sample with this variance (perhaps more than the patients); Kish's size where nothing varies."""
    variance = found.variance
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray(np.where((variance > 0) & (spread > 0), spread / variance, kish))


def korn_graubard(rate: Tensor, size: Tensor, n: Tensor, degrees: NDArray[np.int64], level: float = LEVEL) -> Bounds:
    """The exact interval on the effective size adjusted for the degrees of freedom, at most n; NaN without degrees of freedom."""
    adjusted = np.nan_to_num(np.minimum(size * (student(n - 1, level) / student(degrees, level)) ** 2, n))
    return clopper_pearson(np.nan_to_num(rate) * adjusted, adjusted, level)


def adjusted_wald(gained: Tensor, lost: Tensor, size: Tensor, n: Tensor, degrees: NDArray[np.int64], level: float = LEVEL) -> Bounds:
    """Bonett and Price's interval of a paired difference of rates on the effective size, adjusted likewise."""
    adjusted = np.nan_to_num(np.minimum(size * (student(n - 1, level) / student(degrees, level)) ** 2, n))
    return bonett_price(np.nan_to_num(gained) * adjusted, np.nan_to_num(lost) * adjusted, adjusted, level)


def square_and_add(a: Tensor, bounds_a: Bounds, b: Tensor, bounds_b: Bounds, correlation: Tensor) -> Bounds:
    """The interval of a - b for correlated a and b from the intervals of each (Zou and Donner 2008)."""
    below_a, above_a = a - bounds_a[0], bounds_a[1] - a
    below_b, above_b = b - bounds_b[0], bounds_b[1] - b
    down = below_a**2 + above_b**2 - 2 * correlation * below_a * above_b
    up = above_a**2 + below_b**2 - 2 * correlation * above_a * below_b
    return a - b - np.sqrt(np.maximum(down, 0.0)), a - b + np.sqrt(np.maximum(up, 0.0))


def _by_unit(flat: NDArray[np.int64], values: Tensor, units: int, finest: int) -> Tensor:
    sums = [np.bincount(flat, weights=v, minlength=units * finest).reshape(units, finest) for v in values]
    return np.stack(sums, axis=1) if sums else np.zeros((units, 0, finest))


def _degrees(present: NDArray[np.bool_], stratum: NDArray[np.int64]) -> NDArray[np.int64]:
    strata = np.zeros((int(stratum.max(initial=-1)) + 1, *present.shape[1:]), dtype=bool)
    np.logical_or.at(strata, stratum, present)
    return np.asarray(present.sum(axis=0) - strata.sum(axis=0), dtype=np.int64)


def deviations(influence: Tensor, stratum: NDArray[np.int64]) -> Tensor:
    """What sampled units add to numbers, (units, ...), so centred and scaled that products summed over units are (co)variances."""
    size = np.bincount(stratum)
    sums = np.zeros((len(size), *influence.shape[1:]))
    np.add.at(sums, stratum, influence)
    lonely = (size == 1)[stratum][:, None, None]
    centre = np.where(lonely, influence.mean(axis=0), (sums / size[:, None, None])[stratum])
    scale = np.where(size > 1, np.sqrt(size / np.maximum(size - 1, 1)), 1.0)[stratum]
    return np.asarray((influence - centre) * scale[:, None, None])


def student(degrees: NDArray[np.int64] | Tensor, level: float) -> Tensor:
    """Student's t at this level; NaN without degrees of freedom."""
    from scipy.special import stdtrit

    free = np.asarray(degrees, dtype=np.float64)
    return np.asarray(np.where(free > 0, stdtrit(np.clip(free, 1.0, 1e9), 0.5 + level / 2), np.nan))
