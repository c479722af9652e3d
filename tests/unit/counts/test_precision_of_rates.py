"""Whether a proportion is precise is what its exact interval says, whichever interval is at hand."""

import numpy as np
from statsmodels.stats.proportion import proportion_confint

from auditor.counts.precision import imprecise_rate, imprecise_with
from auditor.counts.uncertainty import rate_interval


def test_both_ways_agree_with_the_standard_on_exact_intervals():
    n = np.repeat([1, 20, 29, 30, 31, 50, 90, 200, 900, 3000, 20000], 21).astype(float)
    events = np.rint(n * np.tile(np.linspace(0, 1, 21) ** 2, 11))
    lower, upper = proportion_confint(events, n, method="beta")
    lower, upper = np.nan_to_num(lower), np.where(events == n, 1.0, upper)
    rate, width = events / n, upper - lower
    relative = np.divide(width, rate, out=np.zeros_like(width), where=rate > 0)
    expected = (n < 30) | ((width > 0.05) & ((width >= 0.3) | (relative > 1.3)))
    assert imprecise_rate(rate, n).tolist() == expected.tolist()
    assert imprecise_with(rate, n, *rate_interval(events, n)).tolist() == expected.tolist()
    assert 0 < expected.sum() < len(n)


def test_nobody_is_imprecise():
    nobody, none = np.array([np.nan]), np.zeros(1)
    assert imprecise_rate(nobody, none).all()
    assert imprecise_with(nobody, none, *rate_interval(nobody, none)).all()
