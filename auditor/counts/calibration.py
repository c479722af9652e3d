"""Whether predicted risks are as high as observed ones: observed over expected, calibration in the large and slope, a smooth curve, ICI, Brier.

Sources: Cox 1958, Biometrika 45:562; Van Calster et al. 2016, J Clin Epidemiol 74:167; Austin and Steyerberg 2019, Stat Med 38:4051
(integrated calibration index); Brier 1950, Mon Weather Rev 78:1; Cleveland 1979, J Am Stat Assoc 74:829 (local regression).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from auditor.counts.sample import Sample

SPAN = 0.75
CURVE = 200
AT_ONCE = 8
LOWEST_RISK = 1e-6

Vector = NDArray[np.float64]


@dataclass(frozen=True)
class Estimate:
    """A number with its 95% interval (NaN: none)."""

    value: float
    lower: float
    upper: float


def observed_over_expected(risk: Vector, outcome: Vector, sample: Sample) -> Estimate:
    """Events over the sum of risks; the interval is on the log scale, with the risks taken as known (with a design as sampled too)."""
    w = sample.w
    observed, expected = float((w * outcome).sum()), float((w * risk).sum())
    if observed <= 0 or expected <= 0:
        return Estimate(np.nan, np.nan, np.nan)
    ratio = observed / expected
    around = observed / w.sum() if sample.design is None else ratio * risk
    spread = np.exp(sample.quantile() * sample.error((outcome - around) / observed))
    return Estimate(ratio, ratio / spread, ratio * spread)


def recalibration(risk: Vector, outcome: Vector, sample: Sample) -> tuple[Estimate, Estimate]:
    """Calibration in the large (the intercept with the logit of the risk as offset) and the calibration slope, by logistic regression."""
    safe = np.clip(risk, LOWEST_RISK, 1 - LOWEST_RISK)
    logit = np.log(safe / (1 - safe))
    in_the_large = _fit(np.ones((len(risk), 1)), logit, outcome, sample)[0]
    slope = _fit(np.column_stack([np.ones(len(risk)), logit]), np.zeros(len(risk)), outcome, sample)[1]
    return in_the_large, slope


def curve(risk: Vector, outcome: Vector, w: Vector) -> tuple[Vector, Vector]:
    """A smooth curve of observed risk over distinct predicted risks: local linear regression with tricube weights."""
    grid, place = np.unique(risk, return_inverse=True)
    weight = np.bincount(place, weights=w).astype(np.float64)
    mean = np.bincount(place, weights=w * outcome) / weight
    at = grid if len(grid) <= CURVE else np.quantile(grid, np.linspace(0, 1, CURVE))
    return at, np.clip(smoother(grid, weight, at) @ mean, 0, 1)


def smoother(grid: Vector, weight: Vector, at: Vector) -> NDArray[np.float64]:
    """What every distinct risk counts for in the smooth curve at each of some points: (points, grid), rows add to 1.

    Some points at a time, so that what is computed stays in the processor's cache.
    """
    found = np.empty((len(at), len(grid)))
    for start in range(0, len(at), AT_ONCE):
        found[start : start + AT_ONCE] = _weights(grid, weight, at[start : start + AT_ONCE])
    return found


def _weights(grid: Vector, weight: Vector, at: Vector) -> NDArray[np.float64]:
    distance = np.abs(grid[None, :] - at[:, None])
    order = np.argsort(distance, axis=1)
    reached = np.cumsum(np.take_along_axis(np.broadcast_to(weight, distance.shape), order, axis=1), axis=1) >= SPAN * weight.sum()
    width = np.take_along_axis(distance, np.take_along_axis(order, reached.argmax(axis=1)[:, None], axis=1), axis=1)
    near = np.clip(1 - (distance / np.maximum(width, 1e-12)) ** 3, 0, None) ** 3 * weight
    centred = grid[None, :] - at[:, None]
    s0, s1, s2 = (x.sum(axis=1, keepdims=True) for x in (near, near * centred, near * centred**2))
    spread = s0 * s2 - s1**2
    flat = spread <= 1e-12 * s0 * np.maximum(s2, 1e-300)
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray(np.where(flat, near / s0, near * (s2 - s1 * centred) / spread))


def curve_at(points: Vector, risk: Vector, outcome: Vector, sample: Sample) -> tuple[Vector, Vector, Vector]:
    """The smooth curve at some predicted risks with the 95% interval of its value there, on the logit scale; NaN where it is 0 or 1.

    The variance is that of a weighted sum of outcomes: independent ones with the risks of the curve, or as the survey design has them.
    """
    w = sample.w
    grid, place = np.unique(risk, return_inverse=True)
    weight = np.bincount(place, weights=w).astype(np.float64)
    mean = np.bincount(place, weights=w * outcome) / weight
    counts_for = smoother(grid, weight, points)
    fitted = np.clip(counts_for @ mean, 0, 1)
    expected = np.interp(risk, *curve(risk, outcome, w))
    left = outcome - expected if sample.design is not None else np.sqrt(expected * (1 - expected))
    error = np.sqrt(np.diag(sample.covariance((counts_for / weight)[:, place] * left)))
    inside = (fitted > 0) & (fitted < 1)
    spread = fitted * (1 - fitted)
    with np.errstate(divide="ignore", invalid="ignore"):
        centre, half = np.log(fitted / (1 - fitted)), sample.quantile() * error / spread
        lower, upper = (np.where(inside, 1 / (1 + np.exp(-x)), np.nan) for x in (centre - half, centre + half))
    return fitted, lower, upper


def integrated_calibration_index(risk: Vector, outcome: Vector, w: Vector) -> float:
    """The mean distance between predicted risks and the smooth curve of observed ones."""
    at, fitted = curve(risk, outcome, w)
    return float((w * np.abs(np.interp(risk, at, fitted) - risk)).sum() / w.sum())


def brier(risk: Vector, outcome: Vector, sample: Sample) -> Estimate:
    """The mean squared distance between risk and outcome."""
    return mean((risk - outcome) ** 2, sample)


def mean(x: Vector, sample: Sample) -> Estimate:
    """A weighted mean with the interval of its linearised variance."""
    total = sample.w.sum()
    value = float((sample.w * x).sum() / total)
    half = sample.quantile() * sample.error((x - value) / total)
    return Estimate(value, value - half, value + half)


def _fit(design: NDArray[np.float64], offset: Vector, outcome: Vector, sample: Sample) -> list[Estimate]:
    """Weighted logistic regression by Newton's method; intervals from the sandwich of weights. NaN where it does not converge."""
    w = sample.w
    beta = np.zeros(design.shape[1])
    failed = [Estimate(np.nan, np.nan, np.nan)] * len(beta)
    for _ in range(50):
        fitted = 1 / (1 + np.exp(-np.clip(offset + design @ beta, -35, 35)))
        information = (design * (w * fitted * (1 - fitted))[:, None]).T @ design
        if np.linalg.cond(information) > 1e12:
            return failed
        step = np.linalg.solve(information, design.T @ (w * (outcome - fitted)))
        beta = beta + np.clip(step, -5, 5)
        if np.abs(step).max() < 1e-10:
            break
    else:
        return failed
    bread = np.linalg.inv(information)
    by_model = sample.design is None and np.allclose(w, sample.w2)
    covariance = bread if by_model else sample.covariance(bread @ (design * (outcome - fitted)[:, None]).T)
    reach = sample.quantile() * np.sqrt(np.diag(covariance))
    return [Estimate(float(b), float(b - r), float(b + r)) for b, r in zip(beta, reach, strict=True)]
