"""Rows of the tables against recounts of the patients, and Fairlearn on the patients."""

import numpy as np
import pytest
from fairlearn.metrics import MetricFrame, false_negative_rate, false_positive_rate, selection_rate, true_negative_rate, true_positive_rate
from simulated import CARE, RACES, SEXES, cohort
from statsmodels.stats.proportion import proportion_confint

from auditor.counts.cells import Cells
from auditor.counts.metrics import metric_frame
from auditor.counts.moments import Moments
from auditor.counts.scales import ArmTable
from auditor.counts.tables import rows
from auditor.result import Options

OPTIONS = Options(by=("race", "sex"), replicates=200)
LOW_EGFR = {"ckd_g3a": lambda x: x < 60, "referral": lambda x: x < 30, "sglt2": lambda x: x >= 20}


def members(patients, by, group):
    """The patients of one row of a table."""
    if by == "overall":
        return np.ones(len(patients.race), bool)
    chosen = np.ones(len(patients.race), bool)
    for key, level in zip(by.split(","), group.split(", "), strict=True):
        column, levels = (patients.race, RACES) if key == "race" else (patients.sex, SEXES)
        chosen &= column == levels.index(level)
    return chosen


@pytest.fixture(scope="module")
def patients():
    return cohort(4000)


@pytest.fixture(scope="module")
def tables(patients):
    return rows([patients.table()], {}, OPTIONS, structural={("race", r) for r in RACES if r != RACES[1]})


@pytest.mark.parametrize("weighted", [False, True])
def test_changes_are_the_patients_recounted(patients, weighted):
    found = rows([patients.table(weighted)], {}, OPTIONS, weighted=weighted).changes
    assert len(found) == 3 * 2 * (1 + 4 + 2 + 8)
    for row in found:
        a, b = patients.scores["with_race"], patients.scores[row.arm]
        chosen = members(patients, row.by, row.group) & ~np.isnan(a) & ~np.isnan(b)
        before, after = LOW_EGFR[row.decision](a[chosen]), LOW_EGFR[row.decision](b[chosen])
        counts = (chosen.sum(), before.sum(), after.sum(), (~before & after).sum(), (before & ~after).sum())
        assert (row.n, row.yes_with, row.yes_arm, row.gained, row.lost) == counts
        w = patients.weight[chosen] if weighted else np.ones(int(chosen.sum()))
        assert row.rate_with == pytest.approx(w[before].sum() / w.sum())
        assert row.change == pytest.approx((w[after].sum() - w[before].sum()) / w.sum(), abs=1e-12)
        if weighted:
            assert row.weighted_gained == pytest.approx(w[~before & after].sum())
        else:
            assert row.weighted_n is None


def test_change_lies_in_its_interval_and_methods_fit(tables):
    for row in tables.changes:
        if row.lower is not None:
            assert row.lower <= row.change <= row.upper or row.method == "Bonett-Price"
    by_arm = {(r.arm, r.by, r.group): r.method for r in tables.changes if r.decision == "ckd_g3a"}
    assert by_arm["without_race", "race", "Black or African American"] == "Wilson"
    assert by_arm["successor:new", "race", "White"] == "Bonett-Price"
    assert by_arm["without_race", "race", "White"] == "structural zero"


def test_structural_zero_is_zero_without_interval_and_only_without_race(tables):
    for row in tables.changes:
        if row.by == "race" and row.group == "White" and row.arm == "without_race":
            assert (row.change, row.lower, row.upper, row.status) == (0.0, None, None, "ok")
        if row.by == "race" and row.group == "White" and row.arm != "without_race":
            assert row.method != "structural zero"


def test_one_way_change_of_a_yes_above_the_threshold_is_negative(tables):
    row = next(r for r in tables.changes if r.decision == "sglt2" and r.arm == "without_race" and r.group == "Black or African American")
    assert row.gained == 0
    assert row.lost > 0
    assert row.upper <= 0
    assert row.lower <= row.change <= row.upper


def test_three_movers_one_way_are_not_called_one_way():
    patients = cohort(4000)
    few = np.flatnonzero((patients.race == 1) & (patients.scores["with_race"] >= 60) & (patients.scores["without_race"] < 60))[:3]
    patients.scores["without_race"] = patients.scores["with_race"].copy()
    patients.scores["without_race"][few] = 59.0
    found = [r for r in rows([patients.table()], {}, OPTIONS).changes if r.decision == "ckd_g3a" and r.arm == "without_race" and r.gained]
    assert found
    assert {(r.gained, r.method) for r in found if r.by == "race"} == {(3, "Bonett-Price")}
    assert all(r.lower < 0 for r in found)


def test_transitions_are_the_patients_recounted(patients, tables):
    band = CARE.bands[0]
    place = {arm: CARE.band_of("kdigo")[CARE.codes(s)] for arm, s in patients.scores.items()}
    seen = 0
    for row in tables.transitions:
        known = ~np.isnan(patients.scores["with_race"]) & ~np.isnan(patients.scores[row.arm])
        chosen = members(patients, row.by, row.group) & known
        origin, target = band.labels.index(row.from_), band.labels.index(row.to)
        assert row.n == (chosen & (place["with_race"] == origin) & (place[row.arm] == target)).sum()
        seen += row.n if row.by == "overall" and row.arm == "without_race" else 0
    assert seen == (~np.isnan(patients.scores["without_race"])).sum()


def test_metrics_are_fairlearn_on_the_patients_exactly(patients, tables):
    functions = (true_positive_rate, true_negative_rate, false_positive_rate, false_negative_rate)
    found = {(r.decision, r.arm, r.by, r.group, r.metric): r for r in tables.metrics}
    compared = 0
    for arm, scores in patients.scores.items():
        for decision, says in LOW_EGFR.items():
            scored = ~np.isnan(scores) & ~np.isnan(patients.scores["with_race"])
            known = scored & (patients.outcome >= 0)
            for among, metrics in ((scored, (selection_rate,)), (known, functions)):
                frame = MetricFrame(
                    metrics={f.__name__: f for f in metrics},
                    y_true=(patients.outcome[among] == 1).astype(int),
                    y_pred=says(scores[among]).astype(int),
                    sensitive_features=np.array(RACES)[patients.race[among]],
                )
                for group, line in frame.by_group.iterrows():
                    for name, value in line.items():
                        row = found[decision, arm, "race", group, name]
                        if row.status != "not_estimable":
                            assert row.value == value
                            compared += 1
                for name, value in frame.overall.items():
                    assert found[decision, arm, "overall", "all", name].value == value
    assert compared > 100


def test_predictive_values_are_the_patients_recounted(patients, tables):
    row = next(
        r
        for r in tables.metrics
        if (r.decision, r.arm, r.group, r.metric) == ("ckd_g3a", "without_race", "White", "positive_predictive_value")
    )
    yes = (patients.race == 3) & (patients.scores["without_race"] < 60) & (patients.outcome >= 0)
    assert row.value == pytest.approx(patients.outcome[yes].mean())
    assert row.lower < row.value < row.upper


def test_metric_frame_on_cells_equals_metric_frame_on_patients(patients):
    table = patients.table(by=("race",))
    frame = metric_frame(table, "ckd_g3a", "with_race")
    scores = patients.scores["with_race"]
    known = ~np.isnan(scores) & (patients.outcome >= 0)
    rowwise = MetricFrame(
        metrics={"true_positive_rate": true_positive_rate, "false_positive_rate": false_positive_rate},
        y_true=patients.outcome[known],
        y_pred=(scores[known] < 60).astype(int),
        sensitive_features=np.array(RACES)[patients.race[known]],
    )
    assert (frame.by_group[list(rowwise.by_group.columns)].to_numpy() == rowwise.by_group.to_numpy()).all()
    assert frame.difference()["true_positive_rate"] == rowwise.difference()["true_positive_rate"]
    assert frame.ratio()["false_positive_rate"] == rowwise.ratio()["false_positive_rate"]


def test_a_group_without_ten_positives_is_not_estimable_rather_than_zero():
    patients = cohort(3000)
    asian = patients.race == 0
    patients.outcome[asian] = 0
    found = [r for r in rows([patients.table()], {}, OPTIONS).metrics if r.by == "race" and r.group == "Asian"]
    sensitivity = [r for r in found if r.metric == "true_positive_rate"]
    assert sensitivity
    assert {(r.value, r.lower, r.status) for r in sensitivity} == {(None, None, "not_estimable")}
    assert all(r.status != "not_estimable" for r in found if r.metric == "false_positive_rate")


def test_disparities_are_differences_of_recounted_rates(patients, tables):
    for row in tables.disparities:
        if row.status == "not_estimable":
            continue
        a, b = patients.scores["with_race"], patients.scores[row.arm]
        both = ~np.isnan(a) & ~np.isnan(b)
        if row.metric != "selection_rate":
            both &= patients.outcome == (1 if row.metric == "true_positive_rate" else 0)
        rates = [
            LOW_EGFR[row.decision](scores[both & members(patients, row.by, name)]).mean()
            for scores in (a, b)
            for name in (row.group, row.reference)
        ]
        assert row.with_ == pytest.approx(rates[0] - rates[1])
        assert row.other == pytest.approx(rates[2] - rates[3])
        assert row.introduced == pytest.approx(row.with_ - row.other, abs=1e-12)


def test_reference_is_the_largest_recorded_group_unless_asked_otherwise(patients):
    unknown = cohort(2000)
    unknown.race[unknown.race == 3] = 2
    assert {r.reference for r in rows([unknown.table()], {}, OPTIONS).disparities if r.by == "race"} == {"Black or African American"}
    asked = {}
    for rule in ("largest", "Asian", "overall", "best"):
        options = Options(by=("race", "sex"), reference=rule, replicates=50)
        found = rows([patients.table()], {}, options).disparities
        asked[rule] = {(r.by, r.reference) for r in found if r.decision == "ckd_g3a" and r.arm == "without_race"}
    assert ("race", "White") in asked["largest"]
    assert {r for by, r in asked["Asian"] if by == "race"} == {"Asian"}
    assert {r for by, r in asked["Asian"] if by == "race,sex"} <= {"Asian, female", "Asian, male"}
    assert {r for _, r in asked["overall"]} == {"all"}
    assert "Unknown" not in {r for by, r in asked["best"] if by == "race"}


def test_unknown_race_is_listed_as_a_group(tables):
    assert any(r.group == "Unknown" for r in tables.disparities)
    assert any(r.group == "Unknown" for r in tables.changes)


def test_bootstrap_and_square_and_add_nearly_agree_in_large_groups(patients):
    big = cohort(40_000)
    table = big.table()

    def interval(**asked):
        found = rows([table], {}, Options(by=("race", "sex"), **asked)).disparities
        return next(
            r
            for r in found
            if (r.decision, r.arm, r.group, r.metric) == ("ckd_g3a", "successor:new", "Black or African American", "selection_rate")
        )

    drawn = interval(replicates=4000)
    assert drawn.method == "percentile cell bootstrap"
    a, b = big.scores["with_race"], big.scores["successor:new"]
    both = ~np.isnan(a) & ~np.isnan(b)
    delta = (a < 60).astype(int) - (b < 60).astype(int)
    parts = [delta[both & (big.race == i)] for i in (1, 3)]
    se = np.sqrt(sum(x.var() / len(x) for x in parts))
    assert drawn.lower == pytest.approx(drawn.introduced - 1.96 * se, abs=0.15 * se)
    assert drawn.upper == pytest.approx(drawn.introduced + 1.96 * se, abs=0.15 * se)


def test_same_seed_same_rows_and_another_seed_other_intervals(patients):
    table = patients.table()
    first, again = (rows([table], {}, Options(by=("race", "sex"), seed=3, replicates=100)) for _ in range(2))
    other = rows([table], {}, Options(by=("race", "sex"), seed=4, replicates=100))
    assert first == again
    assert first.disparities != other.disparities
    assert first.changes == other.changes


def test_shifts_are_means_of_the_patients_both_arms_score(patients):
    a, b = patients.scores["with_race"], patients.scores["successor:new"]
    keys = {"race": RACES, "sex": SEXES}
    sums = Moments.count(keys, {"race": patients.race, "sex": patients.sex}, {"with": a, "arm": b, "change": b - a})
    found = rows([patients.table()], {("egfr", "successor:new"): sums}, OPTIONS).shifts
    assert len(found) == 1 + 4 + 2 + 8
    for row in found:
        chosen = members(patients, row.by, row.group) & ~np.isnan(a) & ~np.isnan(b)
        assert row.n == chosen.sum()
        assert row.mean_change == pytest.approx((b - a)[chosen].mean())


def test_weighted_interval_uses_an_effective_n_and_says_so(patients):
    found = rows([patients.table(weighted=True)], {}, OPTIONS, weighted=True)
    row = next(r for r in found.changes if r.group == "Black or African American" and r.arm == "without_race" and r.decision == "ckd_g3a")
    plain = next(
        r for r in rows([patients.table()], {}, OPTIONS).changes if r.group == row.group and r.arm == row.arm and r.decision == row.decision
    )
    assert row.method == "Wilson on effective n (weights, no design)"
    assert row.upper - row.lower > plain.upper - plain.lower


def test_missing_attribute_is_its_own_group(patients):
    few = cohort(500)
    few.race[:50] = -1
    groups = {r.group for r in rows([few.table()], {}, OPTIONS).changes if r.by == "race"}
    assert "Not recorded" in groups


def test_no_patients_give_no_estimates():
    nobody = cohort(0)
    found = rows([nobody.table()], {}, OPTIONS)
    assert {r.status for r in found.changes} == {"not_estimable"}
    assert found.disparities == ()


def test_outcome_changes_are_the_patients_recounted(patients, tables):
    assert {r.arm for r in tables.outcome_changes} == set(patients.scores)
    for row in tables.outcome_changes:
        a, b = patients.scores["with_race"], patients.scores[row.arm]
        chosen = members(patients, row.by, row.group) & ~np.isnan(a) & ~np.isnan(b) & (patients.outcome == int(row.outcome))
        before, after = LOW_EGFR[row.decision](a[chosen]), LOW_EGFR[row.decision](b[chosen])
        counts = (chosen.sum(), before.sum(), after.sum(), (~before & after).sum(), (before & ~after).sum())
        assert (row.n, row.yes_with, row.yes_arm, row.gained, row.lost) == counts


def test_a_group_in_which_nobody_changes_is_bounded_on_the_side_to_which_all_others_change():
    levels = dict.fromkeys(("with_race", "without_race"), CARE.levels)
    codes = np.array([[0, -1, 5, 5], [1, -1, 5, 3], [1, -1, 5, 5]], dtype=np.int32)
    n = np.array([300, 40, 260])
    cells = Cells({"race": RACES, "outcome": ("0", "1"), **levels}, codes, n, n.astype(float), n.astype(float))
    table = ArmTable("ckd", CARE, ("race",), ("with_race", "without_race"), cells)
    found = next(c for c in rows([table], {}, Options(by=("race",))).changes if (c.decision, c.group) == ("ckd_g3a", "Asian"))
    assert (found.gained, found.lost, found.change, found.method) == (0, 0, 0.0, "Clopper-Pearson")
    assert found.lower == 0.0
    assert found.upper == pytest.approx(proportion_confint(0, 300, method="beta")[1], rel=1e-9)
