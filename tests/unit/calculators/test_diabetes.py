"""Diabetes risk scores: AUSDRISK (race in points and waist), FINDRISC and the ADA test (cuts of each item)."""

import numpy as np
import pytest

from calculators.endocrinology.ada_prediabetes import ada_prediabetes_2009
from calculators.endocrinology.ausdrisk import ausdrisk_2010
from calculators.endocrinology.findrisc import findrisc_2003

LEAST = {
    "age": 30.0,
    "sex": "female",
    "waist_circumference": 70.0,
    "body_mass_index": 20.0,
    "born_in_high_risk_region": 0,
    "family_history_diabetes": "none",
    "high_glucose_history": 0,
    "gestational_diabetes_history": 0,
    "hypertension": 0,
    "bp_treated": 0,
    "smoker": 0,
    "daily_fruit_or_vegetables": 1,
    "physically_active": 1,
}


def points(calculator, group=None, **changed):
    patients = {name: [value] for name, value in {**LEAST, **changed}.items()}
    scores = calculator.as_if(patients, group) if group else calculator.without_race(patients)
    return scores[calculator.outputs[0].name][0]


@pytest.mark.parametrize("calculator", [ausdrisk_2010, findrisc_2003, ada_prediabetes_2009], ids=lambda c: c.id)
def test_the_lowest_answers_score_nothing(calculator):
    assert points(calculator) == 0


@pytest.mark.parametrize(
    ("group", "answer", "woman_85", "woman_95", "man_95", "man_101"),
    [
        ("Other", 0, 0, 4, 0, 0),
        ("Asian", 0, 4, 7, 4, 7),
        ("Aboriginal or Torres Strait Islander", 2, 4, 7, 4, 7),
        ("Pacific Islander or Maori", 2, 0, 4, 0, 0),
    ],
)
def test_race_sets_points_and_waist_bands_in_ausdrisk(group, answer, woman_85, woman_95, man_95, man_101):
    assert points(ausdrisk_2010, group) == answer
    assert points(ausdrisk_2010, group, waist_circumference=85.0) == answer + woman_85
    assert points(ausdrisk_2010, group, waist_circumference=95.0) == answer + woman_95
    assert points(ausdrisk_2010, group, sex="male", waist_circumference=95.0) == 3 + answer + man_95
    assert points(ausdrisk_2010, group, sex="male", waist_circumference=101.0) == 3 + answer + man_101


@pytest.mark.parametrize(("waist", "expected"), [(87.9, 0), (88.0, 4), (100.0, 4), (100.1, 7), (34.6456692913386 * 2.54, 4)])
def test_both_waist_bounds_belong_to_four_points_in_ausdrisk(waist, expected):
    assert points(ausdrisk_2010, "Other", waist_circumference=waist) == expected


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        ({"age": 34.9}, 0),
        ({"age": 35.0}, 2),
        ({"age": 45.0}, 4),
        ({"age": 55.0}, 6),
        ({"age": 64.9}, 6),
        ({"age": 65.0}, 8),
        ({"sex": "male"}, 3),
        ({"born_in_high_risk_region": 1}, 2),
        ({"family_history_diabetes": "first_degree"}, 3),
        ({"family_history_diabetes": "second_degree"}, 0),
        ({"high_glucose_history": 1}, 6),
        ({"bp_treated": 1}, 2),
        ({"smoker": 1}, 2),
        ({"daily_fruit_or_vegetables": 0}, 1),
        ({"physically_active": 0}, 2),
    ],
)
def test_the_items_of_ausdrisk(changed, expected):
    assert points(ausdrisk_2010, **changed) == expected


MOST = {
    "age": 70.0,
    "sex": "male",
    "waist_circumference": 130.0,
    "body_mass_index": 45.0,
    "born_in_high_risk_region": 1,
    "family_history_diabetes": "first_degree",
    "high_glucose_history": 1,
    "hypertension": 1,
    "bp_treated": 1,
    "smoker": 1,
    "daily_fruit_or_vegetables": 0,
    "physically_active": 0,
}


def test_the_highest_scores():
    assert points(ausdrisk_2010, "Aboriginal or Torres Strait Islander", **MOST) == 38
    assert points(findrisc_2003, **MOST) == 26
    assert points(ada_prediabetes_2009, **MOST) == 10


def test_the_bands_of_ausdrisk():
    assert ausdrisk_2010.bands[0].codes(np.array([5.0, 6.0, 14.0, 15.0])).tolist() == [0, 1, 1, 2]
    assert ausdrisk_2010.decision("intermediate").apply(np.array([5.0, 6.0])).tolist() == [False, True]
    assert ausdrisk_2010.decision("high").apply(np.array([14.0, 15.0])).tolist() == [False, True]


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        ({"age": 44.9}, 0),
        ({"age": 45.0}, 2),
        ({"age": 55.0}, 3),
        ({"age": 64.9}, 3),
        ({"age": 65.0}, 4),
        ({"body_mass_index": 24.9}, 0),
        ({"body_mass_index": 25.0}, 1),
        ({"body_mass_index": 30.0}, 1),
        ({"body_mass_index": 30.000000000000004}, 1),
        ({"body_mass_index": 30.1}, 3),
        ({"waist_circumference": 79.9}, 0),
        ({"waist_circumference": 80.0}, 3),
        ({"waist_circumference": 88.0}, 3),
        ({"waist_circumference": 88.1}, 4),
        ({"sex": "male", "waist_circumference": 93.9}, 0),
        ({"sex": "male", "waist_circumference": 94.0}, 3),
        ({"sex": "male", "waist_circumference": 102.0}, 3),
        ({"sex": "male", "waist_circumference": 102.1}, 4),
        ({"physically_active": 0}, 2),
        ({"daily_fruit_or_vegetables": 0}, 1),
        ({"bp_treated": 1}, 2),
        ({"high_glucose_history": 1}, 5),
        ({"family_history_diabetes": "second_degree"}, 3),
        ({"family_history_diabetes": "first_degree"}, 5),
    ],
)
def test_the_items_of_findrisc(changed, expected):
    assert points(findrisc_2003, **changed) == expected


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        ({"age": 39.9}, 0),
        ({"age": 40.0}, 1),
        ({"age": 50.0}, 2),
        ({"age": 60.0}, 3),
        ({"sex": "male"}, 1),
        ({"gestational_diabetes_history": 1}, 1),
        ({"family_history_diabetes": "first_degree"}, 1),
        ({"hypertension": 1}, 1),
        ({"physically_active": 0}, 1),
        ({"body_mass_index": 24.9}, 0),
        ({"body_mass_index": 25.0}, 1),
        ({"body_mass_index": 29.9}, 1),
        ({"body_mass_index": 30.0}, 2),
        ({"body_mass_index": 40.0}, 3),
    ],
)
def test_the_items_of_the_ada_test(changed, expected):
    assert points(ada_prediabetes_2009, **changed) == expected


def test_the_ada_test_asks_for_a_test_from_five_points_on():
    assert ada_prediabetes_2009.decision("high").apply(np.array([4.0, 5.0])).tolist() == [False, True]
