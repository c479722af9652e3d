"""SCORE2: the switch of equation at 70 years, the order of the regions, and the reference patient."""

import numpy as np
import pytest

from calculators.cardiology.score2 import score2_2021

PATIENT = {
    "age": 60,
    "sex": "male",
    "cardiovascular_risk_region": "low",
    "smoker": 0,
    "systolic_bp": 120,
    "diabetes": 0,
    "total_cholesterol": 6 * 38.67,
    "hdl_cholesterol": 1.3 * 38.67,
}


def risk(**changed):
    patient = {name: [value] for name, value in {**PATIENT, **changed}.items()}
    return score2_2021.with_race(patient)["cardiovascular_disease_10_year"][0]


@pytest.mark.parametrize(("sex", "survival", "scale", "slope"), [("male", 0.9605, -0.5699, 0.7476), ("female", 0.9776, -0.7380, 0.7019)])
def test_at_the_centers_only_baseline_and_calibration_count(sex, survival, scale, slope):
    assert risk(sex=sex) == pytest.approx(1 - np.exp(-np.exp(scale + slope * np.log(-np.log(survival)))))


@pytest.mark.parametrize(
    ("sex", "survival", "shift", "scale", "slope"), [("male", 0.7576, 0.0929, -0.34, 1.19), ("female", 0.8082, 0.229, -0.52, 1.01)]
)
def test_at_the_centers_of_the_older_equation(sex, survival, shift, scale, slope):
    got = risk(sex=sex, age=73, systolic_bp=150, hdl_cholesterol=1.4 * 38.67)
    uncalibrated = 1 - survival ** np.exp(-shift)
    assert got == pytest.approx(1 - np.exp(-np.exp(scale + slope * np.log(-np.log(1 - uncalibrated)))))


def test_the_equation_changes_at_70_years():
    older_x = 0.0634 * -3 + 0.0094 * -30 - 0.3564 * -0.1 - 0.0005 * -30 * -3 + 0.0091 * -0.1 * -3
    older = 1 - 0.7576 ** np.exp(older_x - 0.0929)
    assert risk(age=70) == pytest.approx(1 - np.exp(-np.exp(-0.34 + 1.19 * np.log(-np.log(1 - older)))))
    younger = 1 - 0.9605 ** np.exp(0.3742 * (69.9 - 60) / 5)
    assert risk(age=69.9) == pytest.approx(1 - np.exp(-np.exp(-0.5699 + 0.7476 * np.log(-np.log(1 - younger)))))


def test_regions_are_in_order():
    for sex in ("male", "female"):
        risks = [risk(sex=sex, cardiovascular_risk_region=region) for region in ("low", "moderate", "high", "very_high")]
        assert risks == sorted(risks)
        assert len(set(risks)) == 4


def test_under_40_years_there_is_no_score():
    assert np.isnan(risk(age=39))
    assert not np.isnan(risk(age=40))
