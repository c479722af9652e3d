"""An audit with an outcome says how the score agrees with it; risks are held against it only where it is what they predict."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import brier_score_loss, roc_auc_score

from auditor import audit
from auditor.counts.disclosure import protect
from calculators.registry import get

RACES = ("Asian", "Black or African American", "White")


@pytest.fixture(scope="module")
def cohort() -> pd.DataFrame:
    rng = np.random.default_rng(3)
    n = 5000
    frame = pd.DataFrame(
        {
            "age": rng.integers(40, 80, n),
            "sex": rng.choice(["female", "male"], n),
            "total_cholesterol": rng.normal(200, 35, n).clip(131, 319).round(),
            "hdl_cholesterol": rng.normal(52, 13, n).clip(21, 99).round(),
            "systolic_bp": rng.normal(130, 18, n).clip(91, 199).round(),
            "bp_treated": rng.integers(0, 2, n),
            "smoker": rng.integers(0, 2, n),
            "diabetes": rng.integers(0, 2, n),
            "race": rng.choice(RACES, n, p=[0.02, 0.3, 0.68]),
        }
    )
    frame["race_group"] = np.where(frame.race == RACES[1], "Black", "White")
    scores = get("pce_2013").without_race(frame)["ascvd_10_year"]
    frame["ascvd_10_year"] = (rng.random(n) < scores).astype(int)
    return frame


def found(frame: pd.DataFrame, outcome: str):
    result = audit(frame.drop(columns="race_group"), ["pce_2013"], outcome=outcome, internal=True, replicates=20)
    return result, {(m.decision, m.arm, m.group, m.metric): m for m in result["pce_2013"].metrics}


def test_area_and_brier_are_those_of_the_patients(cohort: pd.DataFrame) -> None:
    result, rows = found(cohort, "ascvd_10_year")
    pce = get("pce_2013")
    scores = {"with_race": pce.with_race(cohort)["ascvd_10_year"], "without_race": pce.without_race(cohort)["ascvd_10_year"]}
    for group in RACES[1:]:
        inside = (cohort.race == group).to_numpy()
        y = cohort.ascvd_10_year.to_numpy()[inside]
        for arm, score in scores.items():
            assert rows["", arm, group, "auroc"].value == pytest.approx(roc_auc_score(y, score[inside]), abs=2e-4)
            assert rows["", arm, group, "brier"].value == pytest.approx(brier_score_loss(y, score[inside]), abs=2e-4)
    change = rows["", "without_race", "Black or African American", "brier_change"]
    assert change.lower < change.value < change.upper < 0
    assert (
        rows["", "without_race", "all", "observed_over_expected"].lower
        < 1
        < rows["", "without_race", "all", "observed_over_expected"].upper
    )
    assert ("statin_discussion", "without_race", "all", "net_benefit_change") in rows
    assert {type(x) for m in result["pce_2013"].metrics for x in (m.value, m.lower, m.upper)} == {float, type(None)}, (
        "numpy's numbers cannot be written"
    )


def test_net_benefit_around_a_threshold_is_that_of_the_patients_and_stays_inside(cohort: pd.DataFrame) -> None:
    result, rows = found(cohort, "ascvd_10_year")
    pce = get("pce_2013")
    scores = {"with_race": pce.with_race(cohort)["ascvd_10_year"], "without_race": pce.without_race(cohort)["ascvd_10_year"]}
    inside = (cohort.race == "Black or African American").to_numpy()
    y = cohort.ascvd_10_year.to_numpy()[inside]
    benefit = {}
    for arm, score in scores.items():
        yes = score[inside] >= 1.5 * 0.075
        benefit[arm] = np.mean(yes & (y == 1)) - np.mean(yes & (y == 0)) * 0.1125 / (1 - 0.1125)
        assert rows["statin_discussion", arm, "Black or African American", "net_benefit_at_1.5_times"].value == pytest.approx(
            benefit[arm], abs=2e-4
        )
    change = rows["statin_discussion", "without_race", "Black or African American", "net_benefit_at_1.5_times_change"]
    assert change.value == pytest.approx(benefit["without_race"] - benefit["with_race"], abs=2e-4)
    assert change.lower < change.value < change.upper
    assert ("high", "without_race", "all", "net_benefit_at_2_times") in rows
    assert not any("_times" in m.metric for m in protect(result, 11)["pce_2013"].metrics)


def test_another_outcome_is_ranked_but_not_calibrated(cohort: pd.DataFrame) -> None:
    _, rows = found(cohort.rename(columns={"ascvd_10_year": "died"}), "died")
    metrics = {metric for *_, metric in rows}
    assert "auroc" in metrics
    assert not {"brier", "calibration_slope", "observed_over_expected", "net_benefit"} & metrics


def test_few_events_hide_the_metrics_of_the_score(cohort: pd.DataFrame) -> None:
    few = cohort.copy()
    asian = few.index[few.race == "Asian"]
    few.loc[asian, "ascvd_10_year"] = (np.arange(len(asian)) < 10).astype(int)
    result, rows = found(few, "ascvd_10_year")
    assert rows["", "with_race", "Asian", "auroc"].value is not None
    protected = {(m.decision, m.arm, m.group, m.metric): m for m in protect(result, 11)["pce_2013"].metrics}
    for key, row in protected.items():
        if key[0] == "" and key[2] == "Asian" and key[3].startswith(("auroc", "brier", "observed")):
            assert (row.value, row.lower, row.status) == (None, None, "suppressed")
    assert protected["", "with_race", "White", "auroc"].value == rows["", "with_race", "White", "auroc"].value


def test_the_calibration_curve_is_hidden_with_the_metrics_of_the_score_and_with_thresholds(cohort: pd.DataFrame) -> None:
    few = cohort.copy()
    rare = few.index[few.race == "White"][:15]
    few["site"] = "large"
    few.loc[rare, "site"] = "small"
    result = audit(few.drop(columns="race_group"), ["pce_2013"], by=("race", "site"), outcome="ascvd_10_year", internal=True, replicates=20)
    protected = protect(result, 11)["pce_2013"]
    areas = {(m.arm, m.by, m.group): m.status for m in protected.metrics if m.metric == "auroc"}
    yes = {(c.arm, c.by, c.group) for c in protected.metrics if c.metric == "selection_rate" and c.status == "suppressed"}
    rows = {(r.arm, r.by, r.group, r.percentile): r for r in protected.calibration}
    assert len(rows) == len(result["pce_2013"].calibration)
    assert {r.status for r in rows.values()} >= {"ok", "suppressed"}
    for (arm, by, group, _), row in rows.items():
        if areas[arm, by, group] == "suppressed" or (arm, by, group) in yes:
            assert row.status == "suppressed"
        if row.status == "suppressed":
            assert (row.n, row.risk, row.observed, row.lower, row.upper, row.method) == (None, None, None, None, None, "")
    unprotected = {(r.arm, r.by, r.group, r.percentile): r for r in result["pce_2013"].calibration}
    assert all(row == unprotected[key] for key, row in rows.items() if row.status != "suppressed")
    assert rows["without_race", "race", "Black or African American", 50.0].status == "ok"


def test_a_curve_goes_where_few_without_the_outcome_are_among_few_beyond_a_threshold(cohort: pd.DataFrame) -> None:
    frame = cohort.drop(columns="race_group")
    kept = (get("pce_2013").with_race(cohort)["ascvd_10_year"] < 0.2) | (cohort.race != "White")
    few = frame[(kept | (np.cumsum(~kept) <= 40)) & (frame.race != "Asian")].copy()
    high = few.index[~kept[few.index]]
    few.loc[high, "ascvd_10_year"] = (np.arange(len(high)) >= 6).astype(int)
    result = audit(few, ["pce_2013"], outcome="ascvd_10_year", internal=True, replicates=20)
    protected = protect(result, 11)["pce_2013"]
    status = {(r.arm, r.group, r.percentile): r.status for r in protected.calibration}
    whole = {(r.arm, r.group, r.percentile): r.status for r in result["pce_2013"].calibration}
    assert {m.status for m in protected.metrics if (m.metric, m.arm, m.group) == ("auroc", "with_race", "White")} == {"ok"}
    assert whole["with_race", "White", 50.0] == "ok"
    assert status["with_race", "White", 50.0] == "suppressed"
    assert status["with_race", "Black or African American", 50.0] == "ok"
