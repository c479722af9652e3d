"""Tests between groups: Fisher's and the normal test, relabelled patients, families, and what disclosure control leaves of them."""

import numpy as np
import pytest
from attack import Cohort
from scipy import stats
from simulated import RACES, cohort
from statsmodels.stats.multitest import multipletests

from auditor.counts.disclosure import protect
from auditor.counts.group_tests import (
    ANY,
    DIFFERENCES,
    EXACT,
    EXPLORATORY,
    LARGEST,
    NORMAL,
    PRIMARY,
    fisher,
    group_tests,
    largest_difference,
    normal,
)
from auditor.result import Options

OPTIONS = Options(by=("race", "sex"), replicates=300)
STRUCTURAL = {("race", r) for r in RACES if r != RACES[1]}


@pytest.fixture(scope="module")
def patients():
    return cohort(4000)


@pytest.fixture(scope="module")
def found(patients):
    return group_tests([patients.table()], OPTIONS, STRUCTURAL)


def moved(patients, race, arm="without_race"):
    """Patients, and those who gain or lose the yes of eGFR < 60, in one group."""
    inside = (patients.race == RACES.index(race)) & ~np.isnan(patients.scores["with_race"] + patients.scores[arm])
    before, after = (patients.scores[a][inside] < 60 for a in ("with_race", arm))
    return np.array([inside.sum(), (after & ~before).sum(), (before & ~after).sum()], dtype=float)


def test_a_one_way_disparity_is_tested_by_fishers_exact_test(patients, found):
    row = next(t for t in found if (t.subject, t.arm, t.group, t.test) == ("ckd_g3a", "without_race", RACES[1], EXACT))
    black, white = moved(patients, RACES[1]), moved(patients, "White")
    assert black[1] > 0
    assert white[1:].sum() == 0
    expected = stats.fisher_exact([[black[1], black[0] - black[1]], [0, white[0]]]).pvalue
    assert row.p == pytest.approx(expected) == pytest.approx(fisher(black, white))
    assert row.statistic == pytest.approx(-black[1] / black[0])


def test_a_two_way_disparity_is_tested_with_adjusted_counts(patients, found):
    row = next(t for t in found if (t.subject, t.arm, t.group) == ("ckd_g3a", "successor:new", "Asian") and t.test == NORMAL)
    parts = [moved(patients, race, "successor:new") for race in ("Asian", "White")]
    samples = [np.repeat([1, -1, 0], [int(g) + 1, int(b) + 1, int(n - g - b)]) for n, g, b in parts]
    error = np.sqrt(sum(x.var() / len(x) for x in samples))
    z = (samples[0].mean() - samples[1].mean()) / error
    assert row.p == pytest.approx(2 * stats.norm.sf(abs(z)))
    assert row.p == pytest.approx(normal(*parts))


def test_fishers_test_is_scipys():
    rng = np.random.default_rng(3)
    for _ in range(200):
        n, m = rng.integers(1, 400, 2)
        x, y = rng.binomial(n, rng.choice([0.02, 0.2])), rng.binomial(m, rng.choice([0.02, 0.2]))
        if x + y:
            expected = stats.fisher_exact([[x, n - x], [y, m - y]]).pvalue
            assert fisher(np.array([n, x, 0.0]), np.array([m, 0.0, y])) == pytest.approx(expected, rel=1e-6)
    large = fisher(np.array([1e6, 3.0, 0.0]), np.array([3e6, 20.0, 0.0]))
    assert large == pytest.approx(stats.binomtest(3, 23, 0.25).pvalue, rel=1e-3)


def test_the_two_tests_agree_where_many_move():
    for own, other in (((5000, 500, 0), (9000, 810, 0)), ((4000, 300, 0), (4000, 320, 0))):
        assert normal(np.array(own, float), np.array(other, float)) == pytest.approx(fisher(np.array(own), np.array(other)), rel=0.1)


def test_families_are_adjusted_apart_and_state_their_size(found):
    for family, method in ((PRIMARY, "holm"), (EXPLORATORY, "fdr_bh"), (DIFFERENCES, "fdr_bh")):
        rows = [t for t in found if t.family == family and t.p is not None]
        assert {t.tests for t in rows} == {len(rows)}
        assert [t.adjusted for t in rows] == pytest.approx(multipletests([t.p for t in rows], method=method)[1])
    assert {(t.subject, t.arm, t.by, t.group) for t in found if t.family == PRIMARY} == {("ckd_g3a", "without_race", "race", RACES[1])}


def test_the_largest_difference_is_of_the_shown_rates(patients, found):
    row = next(t for t in found if (t.subject, t.arm, t.by, t.test) == ("ckd_g3a", "with_race", "race", LARGEST))
    rates = [np.mean(s[~np.isnan(s)] < 60) for r in (0, 1, 3) for s in [patients.scores["with_race"][patients.race == r]]]
    assert row.statistic == pytest.approx(max(rates) - min(rates))
    assert row.group == ANY


def test_relabelled_patients_give_the_exact_p_of_a_fourfold_table():
    n, yes = (40, 60), (18, 14)
    value, p = largest_difference(n, yes, 1, 20_000)
    counts = np.arange(0, 33)
    spread = np.abs(counts / 40 - (32 - counts) / 60)
    assert value == pytest.approx(18 / 40 - 14 / 60)
    assert p == pytest.approx(stats.hypergeom(100, 32, 40).pmf(counts)[spread >= value - 1e-12].sum(), abs=0.005)


def test_equal_groups_are_seldom_called_different():
    rng = np.random.default_rng(2)
    n = (500, 300, 120, 60)
    p = [largest_difference(n, tuple(int(x) for x in rng.binomial(n, 0.2)), seed, 200)[1] for seed in range(400)]
    assert np.mean(np.array(p) <= 0.05) < 0.08
    assert np.mean(np.array(p) <= 0.5) == pytest.approx(0.5, abs=0.1)


def test_the_same_seed_gives_the_same_p(patients):
    table = patients.table()
    assert group_tests([table], OPTIONS) == group_tests([table], OPTIONS)
    assert largest_difference((50, 60), (10, 20), 0, 300) != largest_difference((50, 60), (10, 20), 1, 300)


def test_nobody_or_everybody_with_a_yes_is_no_test():
    assert np.isnan(largest_difference((50, 60), (0, 0), 0, 100)[1])
    assert np.isnan(fisher(np.array([50.0, 0, 0]), np.array([60.0, 0, 0])))
    assert np.isnan(normal(np.array([50.0, 0, 0]), np.array([60.0, 0, 0])))
    assert group_tests([], OPTIONS) == ()


@pytest.mark.parametrize("seed", range(12))
def test_tests_between_groups_rest_on_shown_rows_alone(seed):
    cohort_ = Cohort(int(np.random.default_rng(seed).integers(80, 1500)), seed)
    result = protect(cohort_.result(), 11)
    (calculator,) = result.calculators
    changes = {(c.decision, c.arm, c.by, c.group): c for c in calculator.changes}
    contrasts = {(d.decision, d.arm, d.by, d.group): d for d in calculator.disparities if d.metric == "selection_rate"}
    for t in calculator.significance:
        if t.p is None:
            continue
        if t.test in (EXACT, NORMAL):
            d = contrasts[t.subject, t.arm, t.by, t.group]
            assert d.status != "suppressed"
            assert changes[t.subject, t.arm, t.by, t.group].n is not None
        if t.test == LARGEST and t.arm != "with_race":
            shown = [
                c
                for (decision, arm, by, _), c in changes.items()
                if (decision, arm, by) == (t.subject, t.arm, t.by) and c.n is not None and c.n >= 30 and c.group != "Unknown"
            ]
            rates = [c.yes_arm / c.n for c in shown]
            assert t.statistic == pytest.approx(max(rates) - min(rates))
