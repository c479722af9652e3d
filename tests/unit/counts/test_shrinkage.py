"""Shrunken rates against the beta-binomial likelihood of scipy."""

import numpy as np
import pytest
from scipy.optimize import minimize
from scipy.stats import beta, betabinom
from simulated import cohort

from auditor.counts.shrinkage import estimate, shrink


def test_prior_is_nearly_the_most_likely_one():
    rng = np.random.default_rng(5)
    n = rng.integers(10, 400, 40).astype(float)
    x = rng.binomial(n.astype(int), rng.beta(6, 24, 40)).astype(float)

    def unlikely(p):
        return -betabinom.logpmf(x, n, np.exp(p[0]), np.exp(p[1])).sum()

    best = minimize(unlikely, [1.0, 2.0], method="Nelder-Mead", options={"xatol": 1e-6, "fatol": 1e-8, "maxiter": 4000})
    found = estimate(x, n)
    size = np.exp(best.x).sum()
    assert found.size == pytest.approx(size, rel=0.1)
    assert found.mean == pytest.approx(np.exp(best.x[0]) / size, abs=0.005)
    assert unlikely(np.log([found.mean * found.size, (1 - found.mean) * found.size])) < best.fun + 0.1
    assert not found.pooled


def test_equal_groups_are_pooled():
    n = np.full(8, 200.0)
    found = estimate(np.full(8, 40.0), n)
    assert found.pooled
    assert found.mean == pytest.approx(0.2)


def test_shrunken_rates_lie_between_raw_and_mean_and_intervals_are_the_posterior():
    patients = cohort(3000)
    found = [r for r in shrink([patients.table()]) if r.by == "race,sex" and r.decision == "ckd_g3a" and r.arm == "with_race"]
    assert len(found) == 8
    x = np.array([r.raw * r.n for r in found])
    n = np.array([r.n for r in found], dtype=float)
    prior = estimate(x, n)
    for row, count in zip(found, x, strict=True):
        low, high = sorted((row.raw, prior.mean))
        assert low - 1e-12 <= row.shrunken <= high + 1e-12
        posterior = beta(count + prior.mean * prior.size, row.n - count + (1 - prior.mean) * prior.size)
        assert (row.lower, row.upper) == pytest.approx(posterior.ppf([0.025, 0.975]))
    small, large = min(found, key=lambda r: r.n), max(found, key=lambda r: r.n)
    weight = [abs(r.shrunken - r.raw) / abs(prior.mean - r.raw) for r in (small, large)]
    assert weight[0] > weight[1]


def test_several_decisions_are_estimated_as_each_alone():
    rng = np.random.default_rng(2)
    n = rng.integers(10, 400, 12).astype(float)
    x = np.stack([np.zeros(12), rng.binomial(n.astype(int), rng.beta(6, 24, 12)), n, rng.binomial(n.astype(int), 0.5)])
    together = estimate(x, np.broadcast_to(n, x.shape))
    for d, count in enumerate(x):
        alone = estimate(count, n)
        assert (together.mean[d], together.size[d], together.pooled[d]) == (alone.mean, alone.size, alone.pooled)


def test_nobody_says_yes():
    found = estimate(np.zeros(5), np.full(5, 30.0))
    assert found.mean == 0
