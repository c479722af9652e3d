"""PCP-HF: five decimals matter, treated and untreated values exclude each other, other groups have no equation."""

import numpy as np
import pytest

from calculators.cardiology.pcp_hf import pcp_hf_2019
from calculators.evaluate import read_columns

PATIENT = {
    "age": 55,
    "sex": "female",
    "systolic_bp": 140,
    "bp_treated": 0,
    "smoker": 0,
    "fasting_glucose": 100,
    "glucose_treated": 0,
    "total_cholesterol": 200,
    "hdl_cholesterol": 50,
    "body_mass_index": 30,
    "qrs_duration": 92,
}
SURVIVAL = {("female", "White"): 0.99348, ("male", "White"): 0.98752, ("female", "Black"): 0.9926, ("male", "Black"): 0.98295}


def risk(group, **changed):
    patient = {name: [value] for name, value in {**PATIENT, **changed}.items()}
    return pcp_hf_2019.as_if(patient, group)["heart_failure_10_year"][0]


@pytest.mark.parametrize(("sex", "white", "black"), [("female", 1.1, 1.6), ("male", 1.8, 2.3)])
def test_the_profile_in_the_description(sex, white, black):
    assert 100 * risk("White", sex=sex) == pytest.approx(white, abs=0.05)
    assert 100 * risk("Black", sex=sex) == pytest.approx(black, abs=0.05)


@pytest.mark.parametrize(
    ("sex", "group", "treated", "untreated", "with_age"),
    [
        ("male", "White", 1.030508, 0.91252, 0),
        ("female", "White", 12.94937, 11.86273, -2.96923 + 2.72538),
        ("male", "Black", 2.31106, 2.17229, 0),
        ("female", "Black", 28.97791, 28.1853, -6.59777 + 6.42425),
    ],
)
def test_pressure_enters_as_treated_or_as_untreated(sex, group, treated, untreated, with_age):
    sums = [np.log(np.log(1 - risk(group, sex=sex, bp_treated=bp)) / np.log(SURVIVAL[sex, group])) for bp in (0, 1)]
    assert sums[1] - sums[0] == pytest.approx((treated - untreated + with_age * np.log(55)) * np.log(140))


def test_the_two_decimals_of_the_main_text_are_not_enough():
    rounded = {
        name: {sex: round(number, 2) for sex, number in by_sex.items()}
        for name, by_sex in pcp_hf_2019.race.groups["Black"]["coefficients"].items()
    }
    row = {**pcp_hf_2019.race.groups["Black"], "coefficients": rounded}
    columns = {name: [value] for name, value in PATIENT.items()}
    arguments = read_columns(pcp_hf_2019, columns)
    coarse = pcp_hf_2019.formula(*(arguments[name] for name in pcp_hf_2019.inputs), **row)[0]
    assert abs(coarse / risk("Black") - 1) > 0.01


def test_other_groups_get_no_score_with_race():
    scores = pcp_hf_2019.with_race({**{name: [value] for name, value in PATIENT.items()}, "race_group": [""]})
    assert np.isnan(scores["heart_failure_10_year"][0])
