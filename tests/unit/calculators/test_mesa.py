"""MESA: the hazard ratios of its race term with and without coronary calcium, no caps, no term for other groups."""

import numpy as np
import pytest

from calculators.cardiology.mesa import mesa_chd_2015

WITHOUT, WITH = "coronary_heart_disease_10_year", "coronary_heart_disease_10_year_with_calcium"
PATIENT = {
    "age": 60,
    "sex": "male",
    "total_cholesterol": 200,
    "hdl_cholesterol": 50,
    "systolic_bp": 130,
    "bp_treated": 0,
    "smoker": 0,
    "diabetes": 0,
    "lipid_lowering": 0,
    "family_history_myocardial_infarction": 0,
    "coronary_calcium": 100,
}


def patients(**changed):
    return {name: [value] for name, value in {**PATIENT, **changed}.items()}


@pytest.mark.parametrize(
    ("group", "without", "with_calcium"), [("White", 1, 1), ("Chinese", 0.60, 0.71), ("Black", 0.81, 1.04), ("Hispanic", 0.83, 0.98)]
)
def test_the_hazard_ratio_of_a_group_shrinks_once_calcium_is_known(group, without, with_calcium):
    scores, reference = mesa_chd_2015.as_if(patients(), group), mesa_chd_2015.without_race(patients())
    for output, ratio in ((WITHOUT, without), (WITH, with_calcium)):
        assert np.log(1 - scores[output][0]) / np.log(1 - reference[output][0]) == pytest.approx(ratio, abs=0.005)


def test_calcium_is_read_by_the_second_output_only():
    none, much = mesa_chd_2015.without_race(patients(coronary_calcium=0)), mesa_chd_2015.without_race(patients(coronary_calcium=1200))
    assert none[WITHOUT] == much[WITHOUT]
    assert np.log(np.log(1 - much[WITH][0]) / np.log(1 - none[WITH][0])) == pytest.approx(0.2743 * np.log(1201))


def test_risks_are_not_held_between_1_and_30_per_cent():
    low = patients(age=45, sex="female", total_cholesterol=140, hdl_cholesterol=90, systolic_bp=95)
    high = patients(age=84, smoker=1, diabetes=1, bp_treated=1, systolic_bp=180, family_history_myocardial_infarction=1)
    assert mesa_chd_2015.without_race(low)[WITHOUT][0] < 0.01
    assert mesa_chd_2015.without_race(high)[WITHOUT][0] > 0.30


def test_other_groups_get_no_score_with_race():
    scores = mesa_chd_2015.with_race({**patients(), "race_group": [""]})
    assert np.isnan(scores[WITHOUT][0])
    assert np.isnan(scores[WITH][0])
    assert not np.isnan(mesa_chd_2015.without_race(patients())[WITHOUT][0])
