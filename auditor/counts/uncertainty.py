"""Intervals for rates, paired changes and contrasts, from counts; every function is vectorised and has a 95% level by default."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

LEVEL = 0.95
SMALL_N = 40
FEW_EVENTS = 5

Bounds = tuple[NDArray[np.float64], NDArray[np.float64]]


def wilson(events: ArrayLike, n: ArrayLike, level: float = LEVEL) -> Bounds:
    """Wilson's score interval of a proportion (Wilson 1927); NaN where n is 0."""
    x, size = _floats(events, n)
    z = _z(level)
    with np.errstate(divide="ignore", invalid="ignore"):
        p = x / size
        centre = (p + z * z / (2 * size)) / (1 + z * z / size)
        half = z * np.sqrt(p * (1 - p) / size + z * z / (4 * size * size)) / (1 + z * z / size)
    lower = np.where(x <= 0, 0.0, np.maximum(centre - half, 0.0))
    upper = np.where(x >= size, 1.0, np.minimum(centre + half, 1.0))
    return _undefined(size, lower), _undefined(size, upper)


def clopper_pearson(events: ArrayLike, n: ArrayLike, level: float = LEVEL) -> Bounds:
    """The exact interval of a proportion (Clopper and Pearson 1934); counts may be effective ones, so not whole."""
    from scipy.special import betaincinv

    x, size = _floats(events, n)
    tail = (1 - level) / 2
    rest = np.maximum(size - x, 0.0)
    lower, upper = np.zeros(x.shape), np.ones(x.shape)
    some, not_all = ~(x <= 0), ~(rest <= 0)
    lower[some] = betaincinv(np.maximum(x[some], 1e-12), rest[some] + 1, tail)
    upper[not_all] = betaincinv(x[not_all] + 1, np.maximum(rest[not_all], 1e-12), 1 - tail)
    return _undefined(size, lower), _undefined(size, upper)


def bonett_price(gained: ArrayLike, lost: ArrayLike, n: ArrayLike, level: float = LEVEL) -> Bounds:
    """The adjusted Wald interval of a paired difference (gained - lost) / n (Bonett and Price 2012)."""
    up, size = _floats(gained, n)
    down, _ = _floats(lost, n)
    a, b = (up + 1) / (size + 2), (down + 1) / (size + 2)
    half = _z(level) * np.sqrt((a + b - (a - b) ** 2) / (size + 2))
    lower, upper = np.maximum(a - b - half, -1.0), np.minimum(a - b + half, 1.0)
    return _undefined(size, lower), _undefined(size, upper)


def rate_interval(
    events: ArrayLike, n: ArrayLike, level: float = LEVEL, always_exact: bool = False
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.bool_]]:
    """Wilson's interval, or Clopper-Pearson where n < 40 or fewer than 5 events (or non-events); True marks the exact ones."""
    x, size = _floats(events, n)
    exact = (size < SMALL_N) | (x < FEW_EVENTS) | (size - x < FEW_EVENTS) | always_exact
    lower, upper = wilson(x, size, level)
    lower[exact], upper[exact] = clopper_pearson(x[exact], size[exact], level)
    return lower, upper, exact


def square_and_add(a: NDArray[np.float64], bounds_a: Bounds, b: NDArray[np.float64], bounds_b: Bounds) -> Bounds:
    """The interval of a - b for independent a and b from the intervals of each (Zou and Donner 2008)."""
    lower = a - b - np.sqrt((a - bounds_a[0]) ** 2 + (bounds_b[1] - b) ** 2)
    upper = a - b + np.sqrt((bounds_a[1] - a) ** 2 + (b - bounds_b[0]) ** 2)
    return lower, upper


def effective_n(
    rate: NDArray[np.float64], variance: NDArray[np.float64], n: NDArray[np.float64], kish: NDArray[np.float64]
) -> NDArray[np.float64]:
    """The size of a simple random sample with this variance, at most n; Kish's size where the rate is 0 or 1."""
    with np.errstate(divide="ignore", invalid="ignore"):
        size = rate * (1 - rate) / variance
    return np.minimum(np.where(variance > 0, size, kish), n)


def _z(level: float) -> float:
    from scipy.special import ndtri

    return float(ndtri(0.5 + level / 2))


def _floats(x: ArrayLike, n: ArrayLike) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    a, b = np.broadcast_arrays(np.asarray(x, dtype=np.float64), np.asarray(n, dtype=np.float64))
    return a, b


def _undefined(n: NDArray[np.float64], bound: Any) -> NDArray[np.float64]:
    return np.where(n > 0, bound, np.nan)
