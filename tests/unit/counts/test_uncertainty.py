"""Intervals against statsmodels, scipy and worked recounts."""

import numpy as np
import pytest
from scipy import stats
from statsmodels.stats.proportion import proportion_confint

from auditor.counts.uncertainty import bonett_price, clopper_pearson, effective_n, rate_interval, square_and_add, wilson

PAIRS = [(0, 1), (0, 25), (1, 40), (3, 40), (5, 40), (20, 40), (39, 40), (40, 40), (7, 1000), (999_999, 1_000_000)]


@pytest.mark.parametrize(("x", "n"), PAIRS)
def test_wilson_and_clopper_pearson_equal_statsmodels(x, n):
    assert np.array(wilson(x, n)) == pytest.approx(np.clip(proportion_confint(x, n, method="wilson"), 0, 1), abs=1e-12)
    assert np.array(clopper_pearson(x, n)) == pytest.approx(proportion_confint(x, n, method="beta"), abs=1e-10)


def test_no_patients_have_no_interval():
    for lower, upper in (wilson(0, 0), clopper_pearson(0, 0), bonett_price(0, 0, 0)):
        assert np.isnan(lower)
        assert np.isnan(upper)


def test_rate_interval_is_exact_when_small():
    _, _, exact = rate_interval([4, 5, 5, 36], [40, 40, 39, 40])
    assert exact.tolist() == [True, False, True, True]


def test_bonett_price_is_wald_on_counts_with_one_added_to_each_discordant_cell():
    gained, lost, n = 12, 3, 90
    a, b = 13 / 92, 4 / 92
    half = stats.norm.ppf(0.975) * np.sqrt((a + b - (a - b) ** 2) / 92)
    assert np.array(bonett_price(gained, lost, n)) == pytest.approx([a - b - half, a - b + half])


def test_bonett_price_turns_around_when_the_directions_do():
    lower, upper = bonett_price(30, 4, 200)
    assert np.array(bonett_price(4, 30, 200)) == pytest.approx([-upper, -lower])


def test_square_and_add_of_wilson_is_newcombe():
    from statsmodels.stats.proportion import confint_proportions_2indep

    a, b = np.array(56 / 70), np.array(48 / 80)
    expected = confint_proportions_2indep(56, 70, 48, 80, compare="diff", method="newcomb")
    assert np.array(square_and_add(a, wilson(56, 70), b, wilson(48, 80))) == pytest.approx(expected, abs=1e-9)


def test_effective_n_is_n_without_weights_and_never_more():
    p, n = np.array([0.2, 0.2, 0.0]), np.array([100.0, 100.0, 100.0])
    variance = np.array([0.2 * 0.8 / 100, 0.2 * 0.8 / 150, 0.0])
    assert effective_n(p, variance, n, np.array([90.0, 90.0, 80.0])) == pytest.approx([100, 100, 80])
