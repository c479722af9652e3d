"""Strata combined: against statsmodels' StratifiedTable, against another package's published run, and by simulation."""

from __future__ import annotations

import numpy as np
import pytest
from statsmodels.stats.contingency_tables import StratifiedTable

from auditor.counts.stratified import combine, heterogeneity

# Thirteen trials of BCG vaccine (Colditz et al. 1994, JAMA 271:698): tuberculosis and none, vaccinated then not.
BCG = np.array(
    [
        (4, 119, 11, 128),
        (6, 300, 29, 274),
        (3, 228, 11, 209),
        (62, 13536, 248, 12619),
        (33, 5036, 47, 5761),
        (180, 1361, 372, 1079),
        (8, 2537, 10, 619),
        (505, 87886, 499, 87892),
        (29, 7470, 45, 7232),
        (17, 1699, 65, 1600),
        (186, 50448, 141, 27197),
        (5, 2493, 3, 2338),
        (27, 16886, 29, 17825),
    ],
    dtype=float,
)


def counts(tables: np.ndarray) -> tuple[np.ndarray, ...]:
    a, b, c, d = tables.T
    return a, a + b, c, c + d


def drawn(seed: int, strata: int, common: bool = True) -> np.ndarray:
    rng = np.random.default_rng(seed)
    n1, n0 = rng.integers(60, 400, strata), rng.integers(60, 400, strata)
    base = rng.uniform(0.2, 0.6, strata)
    log_odds = np.log(base / (1 - base)) + (0.4 if common else rng.normal(0, 1, strata))
    a, c = rng.binomial(n1, 1 / (1 + np.exp(-log_odds))), rng.binomial(n0, base)
    return np.column_stack([a, n1 - a, c, n0 - c]).astype(float)


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("common", [True, False])
def test_as_statsmodels(seed: int, common: bool) -> None:
    tables = drawn(seed, 2 + seed, common)
    referee = StratifiedTable([t.reshape(2, 2) for t in tables])
    found = combine(*counts(tables))
    assert found.odds_ratio == pytest.approx(referee.oddsratio_pooled)
    assert (found.odds_lower, found.odds_upper) == pytest.approx(referee.oddsratio_pooled_confint())
    tested = referee.test_null_odds(correction=False)
    assert (found.chi2, found.p) == pytest.approx((tested.statistic, tested.pvalue))
    equal = referee.test_equal_odds(adjust=True)
    statistic, degrees, p = heterogeneity(*counts(tables), found.odds_ratio)
    assert (statistic, p) == pytest.approx((equal.statistic, equal.pvalue))
    assert degrees == len(tables) - 1


def test_difference_as_metafor_prints_it() -> None:
    found = combine(*counts(BCG))
    assert (found.difference, found.lower, found.upper) == pytest.approx((-0.0033, -0.0039, -0.0027), abs=5e-5)
    z = found.difference / ((found.upper - found.lower) / 2 / 1.959963984540054)
    assert z == pytest.approx(-11.4708, abs=5e-5)


def test_intervals_of_the_difference_cover() -> None:
    rng = np.random.default_rng(1)
    n1, n0, base = np.array([80.0, 200.0, 40.0]), np.array([300.0, 150.0, 90.0]), np.array([0.1, 0.3, 0.5])
    inside = 0
    for _ in range(1000):
        found = combine(rng.binomial(n1.astype(int), base + 0.15).astype(float), n1, rng.binomial(n0.astype(int), base).astype(float), n0)
        inside += found.lower <= 0.15 <= found.upper
    assert 930 <= inside <= 970


def test_strata_take_away_what_only_the_mix_of_sites_makes() -> None:
    yes, n = np.array([90.0, 20.0]), np.array([900.0, 100.0])
    reference, n_reference = np.array([10.0, 180.0]), np.array([100.0, 900.0])
    found = combine(yes, n, reference, n_reference)
    assert yes.sum() / n.sum() - reference.sum() / n_reference.sum() == pytest.approx(-0.08)
    assert found.difference == pytest.approx(0, abs=1e-12)
    assert found.odds_ratio == pytest.approx(1)
    assert found.p == pytest.approx(1)


def test_a_stratum_without_one_of_the_groups_adds_nothing() -> None:
    tables = drawn(3, 3)
    more = np.vstack([tables, [0, 0, 40, 60], [12, 30, 0, 0]])
    assert combine(*counts(more)) == combine(*counts(tables))
    odds = combine(*counts(tables)).odds_ratio
    assert heterogeneity(*counts(more), odds) == heterogeneity(*counts(tables), odds)


def test_where_strata_say_nothing() -> None:
    none = combine(np.zeros(2), np.zeros(2), np.array([3.0, 4.0]), np.array([30.0, 40.0]))
    assert np.isnan([none.odds_ratio, none.difference, none.chi2, none.p]).all()
    assert not none.trusted
    nobody = combine(np.zeros(2), np.array([50.0, 60.0]), np.zeros(2), np.array([30.0, 40.0]))
    assert np.isnan([nobody.odds_ratio, nobody.chi2]).all()
    assert nobody.difference == 0
    few = drawn(1, 3) // 30
    assert np.isnan(heterogeneity(*counts(few), 1.0)[0])
