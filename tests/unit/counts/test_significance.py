"""Tests of paired change against statsmodels and scipy."""

import numpy as np
import pytest
from simulated import RACES, cohort
from statsmodels.stats.contingency_tables import SquareTable, cochrans_q
from statsmodels.stats.contingency_tables import mcnemar as statsmodels_mcnemar
from statsmodels.stats.multitest import multipletests

from auditor.counts.significance import EXPLORATORY, PRIMARY, adjust, bowker, cochran, mcnemar, significance, stuart_maxwell


@pytest.mark.parametrize(("gained", "lost"), [(9, 1), (3, 3), (0, 6), (120, 90), (1, 0)])
def test_mcnemar_is_the_exact_test_of_statsmodels(gained, lost):
    expected = statsmodels_mcnemar([[50, gained], [lost, 40]], exact=True).pvalue
    assert mcnemar(np.array([float(gained)]), np.array([float(lost)]))[0] == pytest.approx(min(expected, 1.0))


def test_mcnemar_without_a_change_is_no_test():
    assert np.isnan(mcnemar(np.zeros(1), np.zeros(1))[0])


def test_cochran_equals_statsmodels_on_rows():
    rng = np.random.default_rng(3)
    x = (rng.random((300, 3)) < [0.3, 0.4, 0.35]).astype(int)
    patterns = np.zeros((2, 2, 2))
    np.add.at(patterns, tuple(x.T), 1)
    expected = cochrans_q(x)
    nobody_differs = np.array([[[10.0, 0], [0, 0]], [[0, 0], [0, 7]]])
    statistic, degrees, p = cochran(np.stack([patterns, nobody_differs]))
    assert (statistic[0], degrees, p[0]) == pytest.approx((expected.statistic, expected.df, expected.pvalue))
    assert np.isnan([statistic[1], p[1]]).all()


@pytest.mark.parametrize("seed", range(4))
def test_ordinal_tests_equal_statsmodels(seed):
    table = np.random.default_rng(seed).integers(1, 40, (4, 4)).astype(float)
    square = SquareTable(table, shift_zeros=False)
    found, expected = stuart_maxwell(table), square.homogeneity(method="stuart_maxwell")
    assert found == pytest.approx((expected.statistic, expected.df, expected.pvalue))
    found, expected = bowker(table), square.symmetry()
    assert found == pytest.approx((expected.statistic, expected.df, expected.pvalue))


def test_categories_in_which_nobody_moves_do_not_count():
    table = np.array([[5.0, 3, 0], [1, 9, 0], [0, 0, 20]])
    assert stuart_maxwell(table) == pytest.approx(stuart_maxwell(table[:2, :2]))
    assert bowker(table)[1] == 1
    assert np.isnan(bowker(np.diag([3.0, 4, 5]))[0])
    assert np.isnan(stuart_maxwell(np.diag([3.0, 4, 5]))[2])


@pytest.mark.parametrize(("family", "method"), [(PRIMARY, "holm"), (EXPLORATORY, "fdr_bh")])
def test_adjustment_equals_statsmodels(family, method):
    p = np.array([0.012, 0.9, 0.003, 0.04, 0.04, 0.2])
    assert adjust(p, family) == pytest.approx(multipletests(p, method=method)[1])


def test_families_and_structural_zeros_of_a_table():
    table = cohort(3000).table()
    zero = {("race", r) for r in RACES if r != RACES[1]}
    found = significance([table], zero)
    primary = [t for t in found if t.family == PRIMARY]
    assert {(t.subject, t.arm, t.by, t.test) for t in primary} == {("ckd_g3a", "without_race", "race", "McNemar, exact")}
    assert [t.group for t in primary] == ["Black or African American"]
    assert {t.tests for t in primary} == {1}
    others = [t for t in found if t.family == EXPLORATORY]
    assert {t.tests for t in others} == {sum(t.p is not None for t in others)}
    assert all(t.adjusted >= t.p for t in found if t.p is not None)
    assert {t.test for t in others} == {"McNemar, exact", "Cochran Q", "Stuart-Maxwell", "Bowker"}
    q = next(t for t in found if t.test == "Cochran Q" and t.subject == "ckd_g3a" and t.group == "White")
    patients = cohort(3000)
    scores = np.stack(list(patients.scores.values()), axis=1)
    rows = (patients.race == 3) & ~np.isnan(scores).any(axis=1)
    assert q.statistic == pytest.approx(cochrans_q((scores[rows] < 60).astype(int)).statistic)


def test_no_tables_no_tests():
    assert significance([]) == ()
