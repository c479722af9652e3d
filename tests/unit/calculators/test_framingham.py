"""Framingham general cardiovascular risk: the paper's example, treatment, ages without a score."""

import numpy as np
import pytest

from calculators.cardiology.framingham import framingham_general_cvd_2008

EXAMPLE = {
    "age": 61,
    "sex": "female",
    "total_cholesterol": 180,
    "hdl_cholesterol": 47,
    "systolic_bp": 124,
    "bp_treated": 0,
    "smoker": 1,
    "diabetes": 0,
}


def risk(**changed):
    patient = {name: [value] for name, value in {**EXAMPLE, **changed}.items()}
    return framingham_general_cvd_2008.with_race(patient)["cardiovascular_disease_10_year"][0]


def test_the_papers_example():
    assert risk() == pytest.approx(0.1048, abs=5.1e-5)


@pytest.mark.parametrize(("sex", "survival", "difference"), [("female", 0.95012, 2.82263 - 2.76157), ("male", 0.88936, 1.99881 - 1.93303)])
def test_treatment_raises_the_weight_of_pressure(sex, survival, difference):
    treated, untreated = (np.log(np.log(1 - risk(sex=sex, bp_treated=bp)) / np.log(survival)) for bp in (1, 0))
    assert treated - untreated == pytest.approx(difference * np.log(124))


def test_only_30_to_74_years_get_a_score():
    assert [bool(np.isnan(risk(age=age))) for age in (29, 30, 74, 75)] == [True, False, False, True]
