"""Inputs that predict recorded race, and scores that separate groups given the outcome: constructed cohorts with known answers."""

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
from scipy.stats import norm

from auditor import audit
from auditor.counts.cells import Cells
from auditor.counts.conditional import gap_rows, regress
from auditor.counts.sample import Sample
from auditor.counts.score_bins import BIN_ARM, BIN_WITH, LEVELS, ScoreTable, bins
from auditor.errors import OptionError
from auditor.patients.proxy import areas, features_of

RACES = ("Asian", "Black or African American", "Unknown", "White")


def found(columns, race, seed=0):
    return {group: (area, low, high) for group, area, low, high in areas(columns, race, seed)}


def test_two_normal_inputs_predict_as_well_as_theory_says():
    rng = np.random.default_rng(1)
    race = rng.choice(["White", "Asian"], 4000).astype(object)
    columns = rng.normal(size=(4000, 2))
    columns[race == "Asian", 0] += 1.0
    area, low, high = found(columns, race)["Asian"]
    assert area == pytest.approx(norm.cdf(1 / np.sqrt(2)), abs=0.02)
    assert low < norm.cdf(1 / np.sqrt(2)) < high


def test_inputs_that_know_nothing_predict_nothing():
    rng = np.random.default_rng(2)
    race = rng.choice(["White", "Asian", "Black or African American"], 3000).astype(object)
    for area, low, high in found(rng.normal(size=(3000, 4)), race).values():
        assert area == pytest.approx(0.5, abs=0.04)
        assert low < 0.52
        assert high > 0.48


def test_products_squares_and_missing_values_are_seen():
    rng = np.random.default_rng(3)
    race = rng.choice(["White", "Asian"], 3000).astype(object)
    asian = race == "Asian"
    sign = rng.choice([-1.0, 1.0], 3000)
    product = np.column_stack([sign, np.where(asian, sign, -sign)]) * rng.uniform(0.5, 1.5, (3000, 2))
    far = np.where(asian, 3.0, 1.0)[:, None] * rng.choice([-1.0, 1.0], (3000, 1))
    lacking = np.where(asian & (rng.random(3000) < 0.8), np.nan, rng.normal(size=3000))[:, None]
    assert found(product, race)["Asian"][0] > 0.95
    assert found(far, race)["Asian"][0] > 0.99
    assert found(lacking, race)["Asian"][0] == pytest.approx(0.9, abs=0.02)


def test_small_races_are_the_rest_and_nothing_depends_on_the_run():
    rng = np.random.default_rng(4)
    race = np.array(["White"] * 900 + ["Asian"] * 60 + ["Other"] * 20, dtype=object)
    assert found(rng.normal(size=(940, 3)), race[np.r_[0:900, 940:980]]).keys() == set()
    columns = rng.normal(size=(980, 3))
    columns[race == "Other"] += 5
    first = found(columns, race)
    assert set(first) == {"White", "Asian"}
    assert found(columns, race) == first
    assert found(np.full((980, 2), np.nan), race) == {}
    assert features_of(np.full((5, 2), np.nan)).shape == (5, 0)


@pytest.mark.parametrize("weighted", [False, True])
def test_the_regression_is_that_of_a_statistics_package(weighted):
    rng = np.random.default_rng(5)
    n = 900
    outcome = rng.integers(0, 2, n).astype(float)
    group = rng.choice(3, n)
    dummies = np.column_stack([group == 1, group == 2]).astype(float)
    score = 2 * outcome + 0.5 * dummies[:, 0] + rng.normal(size=n) * (1 + outcome)
    w = rng.uniform(0.5, 3, n) if weighted else np.ones(n)
    slopes, errors, p = regress(score, outcome, dummies, Sample(np.ones(len(w), int), w, w**2, weighted))
    full = np.column_stack([np.ones(n), outcome, dummies])
    fitted = sm.WLS(score, full, weights=w).fit(cov_type="HC0")
    assert slopes == pytest.approx(fitted.params[2:])
    assert errors == pytest.approx(fitted.bse[2:])
    if weighted:
        assert p == pytest.approx(float(fitted.wald_test(np.eye(4)[2:], use_f=False, scalar=True).pvalue))
    else:
        alone = sm.OLS(score, full[:, :2]).fit()
        assert p == pytest.approx(sm.OLS(score, full).fit().compare_lr_test(alone)[1])


def table_of(group, outcome, scores):
    keys = {"race": RACES, "outcome": ("0", "1"), BIN_WITH: LEVELS, BIN_ARM: LEVELS}
    codes = {"race": group, "outcome": outcome, BIN_WITH: bins(scores["with_race"]), BIN_ARM: bins(scores["without_race"])}
    return ScoreTable("c", "score", "without_race", ("race",), Cells.count(keys, codes))


def test_a_gap_in_one_arm_is_found_and_none_in_the_other():
    rng = np.random.default_rng(6)
    n = 6000
    group, outcome = rng.choice([0, 1, 2, 3], n, p=[0.2, 0.3, 0.1, 0.4]), rng.integers(0, 2, n)
    fair = 50 + 10 * outcome + rng.normal(size=n) * 4
    rows = list(gap_rows([table_of(group, outcome, {"with_race": fair + 3.0 * (group == 1), "without_race": fair})], "race", False))
    assert {(r.arm, r.group) for r in rows} == {(arm, g) for arm in ("with_race", "without_race") for g in ("Asian", RACES[1])}
    assert {r.reference for r in rows} == {"White"}
    by = {(r.arm, r.group): r for r in rows}
    assert by["with_race", RACES[1]].value == pytest.approx(3, abs=0.4)
    assert by["with_race", RACES[1]].p < 1e-10
    assert by["without_race", RACES[1]].lower < 0 < by["without_race", RACES[1]].upper
    assert by["without_race", "Asian"].p > 0.001


def test_groups_with_few_of_either_outcome_stay_out():
    rng = np.random.default_rng(7)
    group = np.repeat([0, 1, 3], [60, 500, 900])
    outcome = rng.integers(0, 2, len(group))
    outcome[group == 0] = (np.arange(60) < 10).astype(int)
    score = 50 + 5 * outcome + rng.normal(size=len(group))
    rows = list(gap_rows([table_of(group, outcome, {"with_race": score, "without_race": score})], "race", False))
    assert {r.group for r in rows} == {RACES[1]}


def patients(n=1500):
    rng = np.random.default_rng(8)
    race = rng.choice(["White", "Black or African American", "Asian"], n, p=[0.55, 0.43, 0.02])
    return pd.DataFrame(
        {
            "age": rng.integers(20, 90, n),
            "sex": rng.choice(["female", "male"], n),
            "race": race,
            "creatinine": np.round(np.exp(rng.normal(0.1, 0.3, n)) * np.where(race == "Asian", 0.9, 1), 2),
            "died": rng.integers(0, 2, n),
        }
    )


def by_group_mean(result):
    """The mean score without race of patients recorded as Black or African American."""
    return next(s.mean_arm for s in result.rows("shifts") if s.arm == "without_race" and s.group == "Black or African American")


def test_an_audit_gives_both_and_says_how_to_read_them():
    frame = patients()
    result = audit(frame, ["ckd_epi_cr_2009"], outcome="died", proxy=True, replicates=10)
    rows = result.rows("proxies")
    inputs = [r for r in rows if r.measure == "recorded_race_from_inputs"]
    assert {r.group for r in inputs} == {"White", "Black or African American"}
    assert all(0.4 < r.value < 0.6 for r in inputs if r.value is not None)
    gaps = {(r.arm, r.group): r for r in rows if r.measure == "gap_given_outcome"}
    with_race, without = (gaps[arm, "Black or African American"] for arm in ("with_race", "without_race"))
    assert with_race.lower > without.value
    assert with_race.value - without.value == pytest.approx(0.159 * by_group_mean(result), rel=0.05)
    assert any("alone is no fault" in note for note in result.cohort.notes)
    assert result.to_json() == audit(frame, ["ckd_epi_cr_2009"], outcome="died", proxy=True, replicates=10).to_json()
    assert audit(frame, ["ckd_epi_cr_2009"], outcome="died", replicates=10).rows("proxies") == ()


def test_proxies_of_a_hidden_group_are_hidden():
    frame = patients()
    frame = pd.concat([frame[frame.race != "Asian"], frame[frame.race == "Asian"].head(6)]).reset_index(drop=True)
    result = audit(frame, ["ckd_epi_cr_2009"], outcome="died", proxy=True, replicates=10)
    hidden = {g.group for g in result.cohort.groups if g.n is None}
    assert hidden >= {"Asian"}
    gaps = [r for r in result.rows("proxies") if r.measure == "gap_given_outcome"]
    assert all(r.value is None and r.p is None for r in gaps if {r.group, r.reference} & hidden)
    assert "Asian" not in {r.group for r in result.rows("proxies")}


def test_proxies_need_race_among_the_attributes():
    with pytest.raises(OptionError, match="--by race"):
        audit(patients(200), ["ckd_epi_cr_2009"], by=("sex",), proxy=True)
