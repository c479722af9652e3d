"""Scores against outcomes: AUROC, calibration, Brier and net benefit against scikit-learn, statsmodels and recounts of the patients."""

import numpy as np
import pytest
import statsmodels.api as sm
from scipy import stats
from sklearn.metrics import brier_score_loss, roc_auc_score

from auditor.counts.calibration import brier, curve, integrated_calibration_index, observed_over_expected, recalibration, smoother
from auditor.counts.cells import Cells
from auditor.counts.discrimination import roc, run
from auditor.counts.sample import Sample
from auditor.counts.scales import ArmTable, Cut, Scale
from auditor.counts.score_bins import BIN_ARM, BIN_WITH, BINS, LEVELS, ScoreTable, bins, values
from auditor.counts.scored import low_scores_are_yes, net_benefit_rows, probability_scale, score_rows

RISK = Scale("ascvd_10_year", (Cut("statin", ">=", 0.075), Cut("high", ">=", 0.2)))
RACES = ("A", "B")


def patients(n=6000, seed=2):
    rng = np.random.default_rng(seed)
    race = rng.integers(0, 2, n)
    logit = rng.normal(-2.2, 1.0, n)
    arm = 1 / (1 + np.exp(-logit))
    with_race = 1 / (1 + np.exp(-(1.1 * logit + 0.3 * race)))
    y = (rng.random(n) < arm).astype(int)
    return race, with_race, arm, y


def ones(x):
    return np.ones(len(x))


def score_table(race, a, b, y, weights=None, probability=1.0, lower=False):
    keys = {"race": RACES, "outcome": ("0", "1"), BIN_WITH: LEVELS, BIN_ARM: LEVELS}
    cells = Cells.count(keys, {"race": race, "outcome": y, BIN_WITH: bins(a), BIN_ARM: bins(b)}, weights)
    return ScoreTable("c", "ascvd_10_year", "without_race", ("race",), cells, lower, probability)


def delong(y, scores):
    """DeLong's areas and covariance by the definition: every event against every other patient."""
    events, others = np.flatnonzero(y == 1), np.flatnonzero(y == 0)
    psi = [(s[events][:, None] > s[others][None]) + 0.5 * (s[events][:, None] == s[others][None]) for s in scores]
    areas = [p.mean() for p in psi]
    v10, v01 = np.stack([p.mean(axis=1) for p in psi]), np.stack([p.mean(axis=0) for p in psi])
    return np.array(areas), np.cov(v10) / len(events) + np.cov(v01) / len(others)


def code_of_zero():
    return int(bins(np.array([0.0]))[0])


def test_bins_are_in_the_order_of_scores_and_narrow():
    x = np.concatenate([[-1e9, -3.2, -1e-30, 0.0, 1e-30, 1e-3, 0.5, 0.503, 1, 2, 59, 60, 61, 1e9]])
    code = bins(x)
    assert (np.diff(code) >= 0).all()
    assert code.min() >= 0
    assert code.max() < BINS == len(values()) == len(LEVELS)
    assert bins(np.array([np.nan])).tolist() == [-1]
    inside = np.abs(np.random.default_rng(0).normal(60, 30, 5000)) + 0.001
    assert np.abs(values()[bins(inside)] / inside - 1).max() <= 1 / 256
    fraction, exponent = np.frexp(inside)
    digits = np.floor((fraction * 2 - 1) * 256)
    assert (code_of_zero() + 1 + (exponent - 1 + 14) * 256 + digits == bins(inside)).all()
    whole = np.arange(-511.0, 512.0)
    assert (values()[bins(whole)] == whole).all()


@pytest.mark.parametrize("rounding", [6, 1])
def test_roc_is_delongs_on_the_patients(rounding):
    _, a, b, y = patients(1500)
    a, b = np.round(a, rounding), np.round(b, rounding)
    code = np.stack([np.unique(s, return_inverse=True)[1] for s in (a, b)])
    found = roc(code, y, Sample.alone(len(y)))
    areas, covariance = delong(y, [a, b])
    assert found.areas == pytest.approx(areas)
    assert found.areas[0] == pytest.approx(roc_auc_score(y, a))
    assert found.covariance == pytest.approx(covariance, rel=1e-9)
    t = stats.t.ppf(0.975, min(y.sum(), (1 - y).sum()) - 1)
    logit, error = np.log(areas[0] / (1 - areas[0])), np.sqrt(covariance[0, 0]) / (areas[0] * (1 - areas[0]))
    assert found.interval(0) == pytest.approx(1 / (1 + np.exp([-(logit - t * error), -(logit + t * error)])))
    change = np.array([-1, 1]) @ covariance @ np.array([-1, 1])
    assert found.change() == pytest.approx((areas[1] - areas[0]) + t * np.sqrt(change) * np.array([0, -1, 1]))


def test_a_perfect_score_has_no_interval():
    y = np.array([0, 0, 1, 1])
    found = roc(np.stack([y, y]), y, Sample.alone(4))
    assert found.areas.tolist() == [1, 1]
    assert np.isnan(found.interval(0)[0])


def test_the_order_of_patients_and_an_arm_told_twice_change_no_area():
    _, a, b, y = patients(600)
    code = np.stack([np.unique(s, return_inverse=True)[1] for s in (a, b)])
    mixed, order = roc(code, y, Sample.alone(len(y))), np.argsort(y, kind="stable")
    sorted_ = roc(code[:, order], y[order], Sample.alone(len(y)))
    assert sorted_.areas == pytest.approx(mixed.areas, rel=1e-13)
    assert sorted_.covariance == pytest.approx(mixed.covariance, rel=1e-12)
    twice = roc(code[[0, 0]], y, Sample.alone(len(y)))
    assert twice.areas.tolist() == [mixed.areas[0]] * 2
    assert twice.covariance == pytest.approx(np.full((2, 2), mixed.covariance[0, 0]))
    assert twice.change() == (0, 0, 0)


def test_positions_that_follow_one_another_are_a_slice():
    assert run(np.array([3, 4, 5])) == slice(3, 6)
    assert run(np.array([3, 5])).tolist() == [3, 5]
    assert run(np.array([], dtype=int)).tolist() == []


def test_weights_count_patients_several_times_in_the_area():
    _, a, b, y = patients(400)
    w = np.random.default_rng(1).integers(1, 5, len(y))
    code = np.stack([np.unique(s, return_inverse=True)[1] for s in (a, b)])
    found = roc(code, y, Sample(np.ones(len(y), int), w.astype(float), (w * w).astype(float), True))
    assert found.areas[0] == pytest.approx(roc_auc_score(np.repeat(y, w), np.repeat(a, w)))


@pytest.mark.parametrize("points", [1, 8, 19])
def test_points_of_the_smooth_curve_do_not_depend_on_one_another(points):
    rng = np.random.default_rng(4)
    grid, weight, at = np.sort(rng.random(60)), rng.integers(1, 9, 60).astype(float), rng.random(points)
    together = smoother(grid, weight, at)
    assert together.tolist() == np.concatenate([smoother(grid, weight, at[[i]]) for i in range(points)]).tolist()
    assert together.sum(axis=1) == pytest.approx(np.ones(points))
    assert together @ (2 + 3 * grid) == pytest.approx(2 + 3 * at)


def test_recalibration_equals_statsmodels():
    _, a, _, y = patients(3000)
    logit = np.log(a / (1 - a))
    in_the_large, slope = recalibration(a, y.astype(float), Sample.alone(len(y)))
    offset = sm.GLM(y, np.ones(len(y)), family=sm.families.Binomial(), offset=logit).fit()
    full = sm.GLM(y, sm.add_constant(logit), family=sm.families.Binomial()).fit()
    assert in_the_large.value == pytest.approx(offset.params[0], abs=1e-6)
    assert (in_the_large.lower, in_the_large.upper) == pytest.approx(tuple(offset.conf_int()[0]), abs=1e-5)
    assert slope.value == pytest.approx(full.params[1], abs=1e-6)
    assert (slope.lower, slope.upper) == pytest.approx(tuple(full.conf_int()[1]), abs=1e-5)


def test_recalibration_without_a_solution_gives_none():
    y = np.array([0.0, 0, 1, 1])
    assert np.isnan(recalibration(np.array([0.1, 0.2, 0.8, 0.9]), y, Sample.alone(4))[1].value)


def test_smooth_curve_is_local_linear_regression():
    _, a, _, y = patients(800)
    at, fitted = curve(a, y.astype(float), ones(y))
    lowess = sm.nonparametric.lowess(y, a, frac=0.75, it=0, xvals=at)
    assert fitted == pytest.approx(np.clip(lowess, 0, 1), abs=0.01)
    perfect = np.linspace(0.05, 0.6, 400)
    assert integrated_calibration_index(np.repeat(perfect, 2), np.repeat(perfect, 2), np.ones(800)) == pytest.approx(0, abs=1e-9)


def test_brier_and_observed_over_expected_are_recounted():
    _, a, _, y = patients(1000)
    assert brier(a, y.astype(float), Sample.alone(len(y))).value == pytest.approx(brier_score_loss(y, a))
    ratio = observed_over_expected(a, y.astype(float), Sample.alone(len(y)))
    assert ratio.value == pytest.approx(y.sum() / a.sum())
    assert ratio.lower < ratio.value < ratio.upper


def test_rows_by_group_are_near_the_patients_own():
    race, a, b, y = patients()
    found = {(r.arm, r.group, r.metric): r for r in score_rows([score_table(race, a, b, y)], False)}
    for group, name in ((0, "A"), (1, "B")):
        inside = race == group
        for arm, score in (("with_race", a), ("without_race", b)):
            assert found[arm, name, "auroc"].value == pytest.approx(roc_auc_score(y[inside], score[inside]), abs=2e-4)
            assert found[arm, name, "brier"].value == pytest.approx(brier_score_loss(y[inside], score[inside]), rel=1e-3)
            assert found[arm, name, "observed_over_expected"].value == pytest.approx(y[inside].sum() / score[inside].sum(), rel=1e-3)
        areas, covariance = delong(y[inside], [a[inside], b[inside]])
        change = found["without_race", name, "auroc_change"]
        half = 1.959964 * np.sqrt(covariance[0, 0] + covariance[1, 1] - 2 * covariance[0, 1])
        assert change.value == pytest.approx(areas[1] - areas[0], abs=2e-4)
        assert change.upper - change.lower == pytest.approx(2 * half, abs=2.1e-4)
    assert ("with_race", "all", "brier_change") not in found
    assert found["without_race", "all", "brier_change"].value == pytest.approx(brier_score_loss(y, b) - brier_score_loss(y, a), abs=2e-4)


def test_a_constant_race_term_cannot_change_the_area_within_a_group():
    race, _, b, y = patients()
    a = b * np.where(race == 1, 1.5, 1.0)
    found = {
        (r.group, r.metric): r.value for r in score_rows([score_table(race, a, b, y, probability=0)], False) if r.arm == "without_race"
    }
    assert found["A", "auroc_change"] == 0
    assert found["B", "auroc_change"] == pytest.approx(0, abs=1.01e-4)
    assert abs(found["all", "auroc_change"]) > 5e-4
    assert not any(metric.startswith("brier") for _, metric in found)


def test_low_scores_may_go_with_the_outcome():
    race, a, b, y = patients()
    up = {r.group: r.value for r in score_rows([score_table(race, a, b, y)], False) if (r.arm, r.metric) == ("with_race", "auroc")}
    down = {
        r.group: r.value
        for r in score_rows([score_table(race, -a, -b, y, lower=True)], False)
        if (r.arm, r.metric) == ("with_race", "auroc")
    }
    assert down == pytest.approx(up)


def test_few_events_are_not_estimable_and_missing_outcomes_are_left_out():
    race, a, b, y = patients(2000)
    y[(race == 0) & (np.cumsum((race == 0) & (y == 1)) > 9) & (y == 1)] = -1
    found = {(r.arm, r.group, r.metric): r for r in score_rows([score_table(race, a, b, y)], False)}
    assert {r.status for key, r in found.items() if key[1] == "A"} == {"not_estimable"}
    assert {r.value for key, r in found.items() if key[1] == "A"} == {None}
    known = (race == 1) & (y >= 0)
    assert found["with_race", "B", "auroc"].value == pytest.approx(roc_auc_score(y[known], a[known]), abs=3e-4)


def arm_table(race, a, b, y, weights=None):
    keys = {"race": RACES, "outcome": ("0", "1"), "with_race": RISK.levels, "without_race": RISK.levels}
    cells = Cells.count(keys, {"race": race, "outcome": y, "with_race": RISK.codes(a), "without_race": RISK.codes(b)}, weights)
    return ArmTable("c", RISK, ("race",), ("with_race", "without_race"), cells)


@pytest.mark.parametrize("weighted", [False, True])
def test_net_benefit_is_the_patients_mean(weighted):
    race, a, b, y = patients()
    w = np.random.default_rng(3).gamma(2, 1, len(y)) if weighted else ones(y)
    found = {
        (r.decision, r.arm, r.group, r.metric): r
        for r in net_benefit_rows([arm_table(race, a, b, y, w if weighted else None)], {"ascvd_10_year": 1.0}, weighted)
    }
    for cut in RISK.cuts:
        odds = cut.value / (1 - cut.value)
        for group, inside in (("A", race == 0), ("all", race >= 0)):
            x = [np.where(s >= cut.value, np.where(y == 1, 1, -odds), 0)[inside] for s in (a, b)]
            weight = w[inside]
            for arm, z in zip(("with_race", "without_race"), x, strict=True):
                assert found[cut.decision, arm, group, "net_benefit"].value == pytest.approx(np.average(z, weights=weight), abs=5.1e-5)
            change = found[cut.decision, "without_race", group, "net_benefit_change"]
            z = x[1] - x[0]
            mean = np.average(z, weights=weight)
            assert change.value == pytest.approx(mean, abs=5.1e-5)
            half = 1.959964 * np.sqrt((weight**2 * (z - mean) ** 2).sum()) / weight.sum()
            assert (change.lower, change.upper) == pytest.approx((mean - half, mean + half), abs=5.1e-5)
            everyone = np.where(y == 1, 1, -odds)[inside]
            assert found[cut.decision, "with_race", group, "net_benefit_of_yes_for_all"].value == pytest.approx(
                np.average(everyone, weights=weight), abs=5.1e-5
            )


def test_only_risks_have_calibration_and_net_benefit():
    assert probability_scale(RISK, "1") == 1
    assert probability_scale(RISK, "mL/min") == 0
    assert probability_scale(Scale("z_score", (Cut("low", "<", -1.645),)), "1") == 0
    assert probability_scale(Scale("kdri", ()), "1") == 0
    assert probability_scale(Scale("stroke_10_year", ()), "1") == 1
    assert low_scores_are_yes(Scale("egfr", (Cut("a", "<", 60.0),)))
    assert not low_scores_are_yes(RISK)
    race, a, b, y = patients(500)
    assert not list(net_benefit_rows([arm_table(race, a, b, y)], {}, False))
    assert not list(net_benefit_rows([arm_table(race, a, b, np.full(500, -1))], {"ascvd_10_year": 1.0}, False))
