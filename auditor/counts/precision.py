"""Is this number precise enough to be shown? The NCHS presentation standards (Parker et al. 2017, Series 2 no. 175; no. 200 for counts)."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from auditor.counts.uncertainty import clopper_pearson, wilson

LEAST_EFFECTIVE_N = 30
NARROW = 0.05
WIDE = 0.30
RELATIVE = 1.30


def imprecise_rate(rate: NDArray[np.float64], n: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Whether a proportion fails the standard, by the exact interval on its (effective) n.

    The exact interval exceeds Wilson's by at most 2 / n, so it is computed only where that does not settle the matter.
    """
    events = np.nan_to_num(rate) * n
    low, high = wilson(events, n)
    found = np.asarray(n < LEAST_EFFECTIVE_N)
    with np.errstate(divide="ignore", invalid="ignore"):
        open_question = ~found & ~(high - low + 2 / n <= NARROW)
    low, high = clopper_pearson(events[open_question], n[open_question])
    found[open_question] = imprecise_interval(rate[open_question], n[open_question], low, high)
    return found


def imprecise_with(
    rate: NDArray[np.float64], n: NDArray[np.float64], lower: NDArray[np.float64], upper: NDArray[np.float64], exact: NDArray[np.bool_]
) -> NDArray[np.bool_]:
    """The same as `imprecise_rate` where the proportion's interval, exact or Wilson's, is at hand."""
    with np.errstate(divide="ignore", invalid="ignore"):
        open_question = (n >= LEAST_EFFECTIVE_N) & ~exact & ~(upper - lower + 2 / n <= NARROW)
    low, high = lower.copy(), upper.copy()
    low[open_question], high[open_question] = clopper_pearson((rate * n)[open_question], n[open_question])
    return imprecise_interval(rate, n, low, high)


def imprecise_interval(
    rate: NDArray[np.float64], n: NDArray[np.float64], lower: NDArray[np.float64], upper: NDArray[np.float64]
) -> NDArray[np.bool_]:
    """The standard on a given interval: effective n, absolute width, then width relative to the proportion."""
    width = upper - lower
    with np.errstate(divide="ignore", invalid="ignore"):
        relative = np.where(rate > 0, width / rate, 0.0)
    return np.asarray((n < LEAST_EFFECTIVE_N) | ((width > NARROW) & ((width >= WIDE) | (relative > RELATIVE))))


def imprecise_difference(n: NDArray[np.float64], lower: NDArray[np.float64], upper: NDArray[np.float64]) -> NDArray[np.bool_]:
    """The parts of the standard that a signed difference can meet: effective n and absolute width."""
    return np.asarray((n < LEAST_EFFECTIVE_N) | (upper - lower >= WIDE))
