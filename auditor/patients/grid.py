"""Grid: weights and scores rounded to fixed binary fractions, so that sums are exact and the same in every order."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from auditor.counts.scales import Scale

EXACT_BITS = 52
ABOVE_CUTS = 4


@dataclass(frozen=True)
class Grid:
    """Binary places for a cohort of 2**`rows` patients with weights up to 2**`weight`: no sum exceeds 2**52 units."""

    rows: int
    weight: int

    @classmethod
    def of(cls, rows: int, largest_weight: float | None) -> Grid:
        """The grid of a cohort; without weights everyone weighs 1."""
        return cls(_power(rows), _power(largest_weight or 1.0))

    def weights(self, weights: NDArray[np.float64]) -> NDArray[np.float64]:
        """Weights on the grid: within 2**-53 of the largest, times the number of patients."""
        return _rounded(weights, self.weight + self.rows - EXACT_BITS)

    def squares(self, weights: NDArray[np.float64]) -> NDArray[np.float64]:
        """Squared weights on their own grid."""
        return _rounded(weights * weights, 2 * self.weight + self.rows - EXACT_BITS)

    def unit(self, scale: Scale) -> float:
        """The unit in which weight times score is summed; scores up to 16 times the largest cut stay exact."""
        largest = max((abs(e.value) for e in scale.edges), default=1.0)
        return math.ldexp(1.0, self.weight + self.rows + _power(largest) + ABOVE_CUTS - EXACT_BITS)


def _power(value: float) -> int:
    return math.ceil(math.log2(value)) if value > 0 else 0


def _rounded(values: NDArray[np.float64], power: int) -> NDArray[np.float64]:
    return np.asarray(np.rint(values * math.ldexp(1.0, -power)) * math.ldexp(1.0, power))
