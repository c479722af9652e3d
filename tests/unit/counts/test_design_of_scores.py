"""Survey designs in metrics of scores and in agreement with measured values, against replicates that leave out one sampled unit (JKn).

The jackknife knows nothing of influence: it computes each number again without one unit, the others of the stratum counting for more.
"""

import numpy as np
import pytest
from scipy import stats
from simulated import CARE, RACES, cohort
from sklearn.metrics import brier_score_loss, roc_auc_score

from auditor.counts.calibration import curve_at, observed_over_expected, recalibration
from auditor.counts.calibration_curve import curve_rows
from auditor.counts.cells import Cells
from auditor.counts.conditional import regress
from auditor.counts.discrimination import roc
from auditor.counts.group_tests import group_tests
from auditor.counts.measured import KEYS, SPACE, MeasuredTable, joint_code, measured_rows
from auditor.counts.sample import Sample
from auditor.counts.scales import ArmTable, Cut, Scale
from auditor.counts.score_bins import BIN_ARM, BIN_WITH, LEVELS, ScoreTable, bins
from auditor.counts.scored import net_benefit_rows, score_rows
from auditor.counts.shrinkage import shrink
from auditor.counts.significance import significance
from auditor.counts.standardisation import standardised_rows
from auditor.counts.survey import PSU, STRATUM, Design
from auditor.result import Options

STRATA, UNITS = 15, 3
RISK = Scale("ascvd_10_year", (Cut("statin", ">=", 0.2),))


class Survey:
    """Patients of a stratified sample of units that resemble each other, with two risks, an outcome and weights."""

    def __init__(self, n=3000, seed=3, strata=STRATA):
        rng = np.random.default_rng(seed)
        self.stratum, self.unit = rng.integers(0, strata, n), rng.integers(0, UNITS, n)
        alike = rng.normal(0, 0.5, (strata, UNITS))[self.stratum, self.unit]
        logit = rng.normal(-0.8, 1, n)
        self.a = 1 / (1 + np.exp(-logit))
        self.b = 1 / (1 + np.exp(-0.7 * logit - rng.normal(0, 0.4, n)))
        self.y = (rng.random(n) < 1 / (1 + np.exp(-logit - alike))).astype(int)
        self.w = rng.gamma(2, 1, n) + 0.2
        self.strata = strata
        self.measured = 100 * self.a * np.exp(0.3 * alike + rng.normal(0, 0.2, n))

    def sample(self):
        pairs, cluster = np.unique(np.column_stack([self.stratum, self.unit]), axis=0, return_inverse=True)
        return Sample(np.ones(len(self.w), int), self.w, self.w**2, True, Design(cluster.reshape(-1), pairs[:, 0]))

    def jackknife(self, statistic):
        """The standard error of a statistic of weights, each unit left out in turn."""
        whole, total = statistic(self.w), 0.0
        for h in range(self.strata):
            for u in range(UNITS):
                w = np.where(self.stratum == h, np.where(self.unit == u, 0, self.w * UNITS / (UNITS - 1)), self.w)
                total += (UNITS - 1) / UNITS * (statistic(w) - whole) ** 2
        return np.sqrt(total)

    def keys(self):
        return {STRATUM: tuple(map(str, range(self.strata))), PSU: tuple(map(str, range(UNITS)))}

    def scores(self):
        keys = {"sex": ("f",), **self.keys(), "outcome": ("0", "1"), BIN_WITH: LEVELS, BIN_ARM: LEVELS}
        codes = {"sex": 0 * self.y, STRATUM: self.stratum, PSU: self.unit, "outcome": self.y, BIN_WITH: bins(self.a), BIN_ARM: bins(self.b)}
        return ScoreTable("c", "ascvd_10_year", "without_race", ("sex",), Cells.count(keys, codes, self.w), False, 1.0)


def half(row):
    return (row.upper - row.lower) / 2 / stats.t.ppf(0.975, STRATA * (UNITS - 1))


def test_areas_and_their_change():
    survey = Survey()
    ranks = np.stack([np.unique(s, return_inverse=True)[1] for s in (survey.a, survey.b)])
    found = roc(ranks, survey.y, survey.sample())
    areas = [roc_auc_score(survey.y, s, sample_weight=survey.w) for s in (survey.a, survey.b)]
    assert found.areas == pytest.approx(areas)
    assert found.degrees == STRATA * (UNITS - 1)
    error = survey.jackknife(lambda w: roc_auc_score(survey.y, survey.a, sample_weight=w))
    assert np.sqrt(found.covariance[0, 0]) == pytest.approx(error, rel=0.02)
    change = survey.jackknife(lambda w: np.diff([roc_auc_score(survey.y, s, sample_weight=w) for s in (survey.a, survey.b)])[0])
    _, low, high = found.change()
    assert (high - low) / 2 / stats.t.ppf(0.975, found.degrees) == pytest.approx(change, rel=0.02)


def test_areas_have_the_degrees_of_freedom_of_the_units_that_hold_the_rarer_outcome():
    survey = Survey()
    survey.y[(survey.stratum > 3) | (survey.unit == 0)] = 0
    ranks = np.stack([np.unique(survey.a, return_inverse=True)[1]] * 2)
    assert roc(ranks, survey.y, survey.sample()).degrees == 4 * 2 - 4
    weights = Sample(np.ones(len(survey.w), int), survey.w, survey.w**2, True)
    events = survey.w[survey.y == 1]
    assert roc(ranks, survey.y, weights).degrees == int(events.sum() ** 2 / (events**2).sum() - 1)


def test_calibration_and_its_curve():
    survey, y = Survey(), Survey().y.astype(float)
    sample = survey.sample()
    t = stats.t.ppf(0.975, sample.degrees)

    def slopes(w):
        return [e.value for e in recalibration(survey.a, y, Sample(sample.n, w, w**2, True))]

    for i, estimate in enumerate(recalibration(survey.a, y, sample)):
        assert (estimate.upper - estimate.lower) / 2 / t == pytest.approx(survey.jackknife(lambda w: slopes(w)[i]), rel=0.02)  # noqa: B023
    ratio = observed_over_expected(survey.a, y, sample)
    error = survey.jackknife(lambda w: np.log((w * y).sum() / (w * survey.a).sum()))
    assert np.log(ratio.upper / ratio.value) / t == pytest.approx(error, rel=0.02)


def test_the_calibration_curve():
    survey = Survey(n=1000)
    y, sample, at = survey.y.astype(float), survey.sample(), np.quantile(survey.a, [0.1, 0.5, 0.9])
    fitted, lower, upper = curve_at(at, survey.a, y, sample)

    def curve(w):
        in_ = w > 0
        return curve_at(at, survey.a[in_], y[in_], Sample(sample.n, w, w**2).where(in_))[0]

    width = np.diff([np.log(x / (1 - x)) for x in (lower, upper)], axis=0)[0]
    error = width / 2 / stats.t.ppf(0.975, sample.degrees) * fitted * (1 - fitted)
    assert error == pytest.approx(survey.jackknife(curve), rel=0.08)


def test_rows_of_scores_follow_the_design():
    survey = Survey()
    found = {(r.metric, r.arm): r for r in score_rows([survey.scores()], True) if r.group == "all"}
    brier = found["brier", "with_race"]
    assert half(brier) == pytest.approx(survey.jackknife(lambda w: brier_score_loss(survey.y, survey.a, sample_weight=w)), rel=0.02)
    change = found["brier_change", "without_race"]

    def difference(w):
        return np.diff([brier_score_loss(survey.y, s, sample_weight=w) for s in (survey.a, survey.b)])[0]

    assert half(change) == pytest.approx(survey.jackknife(difference), rel=0.05)
    for row in found.values():
        assert row.method.endswith("Taylor linearisation") or row.metric.startswith("integrated")
        assert "DeLong" not in row.method
        assert "risks taken as known" not in row.method
    for point in curve_rows([survey.scores()], True, 11):
        assert point.method == "local linear regression, logit interval, Taylor linearisation"


def test_clusters_widen_intervals_and_few_units_are_imprecise():
    survey = Survey()
    table = survey.scores()
    plain = ScoreTable("c", "ascvd_10_year", "without_race", ("sex",), table.cells.by("sex", "outcome", BIN_WITH, BIN_ARM), False, 1.0)
    wide, narrow = ({(r.metric, r.arm): r for r in score_rows([t], True) if r.group == "all"} for t in (table, plain))
    for key in (("calibration_in_the_large", "with_race"), ("observed_over_expected", "with_race")):
        assert wide[key].value == narrow[key].value
        assert wide[key].upper - wide[key].lower > 1.3 * (narrow[key].upper - narrow[key].lower)
    few = list(score_rows([Survey(strata=3).scores()], True))
    assert {r.status for r in few} == {"imprecise"}


def test_net_benefit_follows_the_design():
    survey = Survey()
    keys = {**survey.keys(), "outcome": ("0", "1"), "with_race": RISK.levels, "without_race": RISK.levels}
    codes = {STRATUM: survey.stratum, PSU: survey.unit, "outcome": survey.y}
    codes |= {"with_race": RISK.codes(survey.a), "without_race": RISK.codes(survey.b)}
    table = ArmTable("c", RISK, (), ("with_race", "without_race"), Cells.count(keys, codes, survey.w))
    found = {(r.metric, r.arm): r for r in net_benefit_rows([table], {"ascvd_10_year": 1.0}, True)}
    side = np.where(survey.y == 1, 1, -0.25)
    for key, value in {
        ("net_benefit", "with_race"): (survey.a >= 0.2) * side,
        ("net_benefit_of_yes_for_all", "with_race"): side,
        ("net_benefit_change", "without_race"): ((survey.b >= 0.2) * 1.0 - (survey.a >= 0.2)) * side,
    }.items():
        row = found[key]
        assert row.value == pytest.approx(np.average(value, weights=survey.w), abs=6e-5)
        error = survey.jackknife(lambda w: np.average(value, weights=w))  # noqa: B023
        assert half(row) == pytest.approx(error, rel=0.02, abs=4e-5)
        assert row.method.endswith("Taylor linearisation")


def measured_of(survey):
    flat = joint_code(100 * survey.a, 100 * survey.b, survey.measured)
    place = (survey.stratum + 1) * (UNITS + 1) + survey.unit + 1
    cells = Cells.from_flat({**survey.keys(), **KEYS}, place * SPACE + flat, None, survey.w, survey.w**2)
    table = MeasuredTable("c", "ascvd_10_year", "without_race", (), cells.known(*KEYS))
    return {(r.metric, r.arm): r for r in measured_rows([table], True)}


def test_agreement_with_measured_values_follows_the_design():
    survey = Survey()
    found = measured_of(survey)
    error = {"with_race": 100 * survey.a - survey.measured, "without_race": 100 * survey.b - survey.measured}

    def within(w):
        return np.average(np.abs(error["with_race"]) <= 0.3 * survey.measured, weights=w)

    def root(w):
        return np.sqrt(np.average(error["with_race"] ** 2, weights=w))

    def more(w):
        near = [np.abs(x) <= 0.3 * survey.measured for x in error.values()]
        return np.average(near[1] * 1.0 - near[0], weights=w)

    for key, statistic, tolerance in (
        (("p30", "with_race"), within, 0.06),
        (("root_mean_square_error", "with_race"), root, 0.06),
        (("p30_change", "without_race"), more, 0.06),
    ):
        assert found[key].value == pytest.approx(statistic(survey.w), rel=2e-3)
        assert half(found[key]) == pytest.approx(survey.jackknife(statistic), rel=tolerance)
        assert found[key].method.endswith("Taylor linearisation")
    sums = (error["with_race"] < found["bias", "with_race"].value).astype(float)
    spread = survey.jackknife(lambda w: np.average(sums, weights=w))
    order = np.argsort(error["with_race"])
    below = np.cumsum(survey.w[order]) / survey.w.sum()
    reach = stats.t.ppf(0.975, STRATA * (UNITS - 1)) * spread
    low, high = (error["with_race"][order][np.searchsorted(below, 0.5 + side * reach)] for side in (-1, 1))
    assert (found["bias", "with_race"].lower, found["bias", "with_race"].upper) == pytest.approx((low, high), abs=0.15)
    change = found["bias_change", "without_race"]
    assert change.lower < change.value < change.upper


def test_gaps_given_the_outcome_follow_the_design():
    survey = Survey()
    group = (np.arange(len(survey.y)) % 3 == 0).astype(float)[:, None]
    y, sample = survey.y.astype(float), survey.sample()

    def gap(w):
        return np.linalg.lstsq(np.column_stack([np.ones(len(y)), y, group]) * np.sqrt(w)[:, None], survey.a * np.sqrt(w), rcond=None)[0][2]

    slopes, errors, p = regress(survey.a, y, group, sample)
    assert slopes[0] == pytest.approx(gap(survey.w))
    assert errors[0] == pytest.approx(survey.jackknife(gap), rel=0.02)
    assert p == pytest.approx(2 * stats.t.sf(abs(slopes[0] / errors[0]), sample.degrees))


def people(n=6000, seed=4):
    """Patients by race and sex whose scores are alike within units, as cells with a survey design."""
    patients, rng = cohort(n, seed, missing=0.0), np.random.default_rng(seed)
    stratum, unit = rng.integers(0, STRATA, n), rng.integers(0, UNITS, n)
    alike = rng.normal(1, 0.1, (STRATA, UNITS))[stratum, unit]
    patients.scores = {arm: s * alike for arm, s in patients.scores.items()}
    levels = {"race": RACES, "sex": ("female", "male"), STRATUM: tuple(map(str, range(STRATA))), PSU: tuple(map(str, range(UNITS)))}
    keys = levels | {"outcome": ("0", "1")} | dict.fromkeys(patients.scores, CARE.levels)
    codes = patients.codes() | {STRATUM: stratum, PSU: unit}
    cells = Cells.count(keys, {key: codes[key] for key in keys}, patients.weight)
    return patients, stratum, unit, ArmTable("ckd", CARE, ("race", "sex"), tuple(patients.scores), cells)


def test_standardised_disparities_follow_the_design():
    patients, stratum, unit, table = people()
    rows = standardised_rows([table], Options(by=("race", "sex"), reference="White"), (), True)
    found = {(r.decision, r.arm, r.group): r for r in rows}
    row = found["ckd_g3a", "successor:new", "Black or African American"]
    survey = Survey()
    survey.stratum, survey.unit, survey.w = stratum, unit, patients.weight
    changed = (patients.scores["successor:new"] < 60) * 1.0 - (patients.scores["with_race"] < 60)
    share = np.array([patients.weight[patients.sex == s].sum() for s in (0, 1)]) / patients.weight.sum()

    def introduced(w):
        change = [
            [np.average(changed[inside], weights=w[inside]) for s in (0, 1) for inside in [(patients.race == g) & (patients.sex == s)]]
            for g in (3, 1)
        ]
        return share @ (np.array(change[0]) - np.array(change[1]))

    assert row.introduced == pytest.approx(introduced(survey.w))
    assert half(row) == pytest.approx(survey.jackknife(introduced), rel=0.1)
    assert row.method == "square-and-add over strata, Taylor linearisation"


def test_tests_that_take_patients_as_independent_are_not_made():
    _, _, _, table = people(800)
    assert significance([table]) == group_tests([table], Options(by=("race", "sex"))) == ()
    assert not list(shrink([table]))
    plain = ArmTable("ckd", CARE, ("race", "sex"), table.arms, table.cells.by("race", "sex", "outcome", *table.arms))
    assert significance([plain])
    assert list(shrink([plain]))


def test_one_unit_leaves_no_interval():
    sample = Sample(np.ones(40, int), np.ones(40), np.ones(40), True, Design(np.zeros(40, int), np.zeros(1, int)))
    assert sample.degrees == 0
    assert np.isnan(sample.quantile())
    assert sample.few
