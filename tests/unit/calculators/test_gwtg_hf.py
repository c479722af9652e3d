"""GWTG heart failure score: the worked example, the edges of its bands, and what dropping the points does."""

import numpy as np
import pytest

from calculators.cardiology.gwtg_hf import gwtg_hf_2010

FREE_OF_POINTS = {"age": 19, "systolic_bp": 200, "blood_urea_nitrogen": 9, "sodium": 139, "heart_rate": 79, "copd": 0}


def score(group="Black", **changed):
    patient = {name: [value] for name, value in {**FREE_OF_POINTS, **changed}.items()}
    return gwtg_hf_2010.as_if(patient, group)["gwtg_hf"][0]


def test_the_worked_example():
    example = {"age": 50, "systolic_bp": 100, "blood_urea_nitrogen": 10, "sodium": 135, "heart_rate": 100, "copd": 1}
    assert score("not Black", **example) == 45
    assert score("Black", **example) == 42


def test_the_extremes_are_0_and_100():
    worst = {"age": 110, "systolic_bp": 50, "blood_urea_nitrogen": 150, "sodium": 130, "heart_rate": 105, "copd": 1}
    assert score() == 0
    assert score("not Black", **worst) == 28 + 28 + 4 + 28 + 8 + 2 + 3


@pytest.mark.parametrize(
    ("name", "value", "points"),
    [
        ("systolic_bp", 45, 28),
        ("systolic_bp", 59, 28),
        ("systolic_bp", 60, 26),
        ("systolic_bp", 89, 23),
        ("systolic_bp", 99, 21),
        ("systolic_bp", 155, 9),
        ("systolic_bp", 199, 2),
        ("blood_urea_nitrogen", 9.5, 0),
        ("blood_urea_nitrogen", 10, 2),
        ("blood_urea_nitrogen", 50, 9),
        ("blood_urea_nitrogen", 149, 27),
        ("blood_urea_nitrogen", 150, 28),
        ("sodium", 130, 4),
        ("sodium", 131, 3),
        ("sodium", 136, 2),
        ("sodium", 138, 1),
        ("age", 20, 3),
        ("age", 89, 19),
        ("age", 110, 28),
        ("heart_rate", 80, 1),
        ("heart_rate", 104, 6),
        ("heart_rate", 105, 8),
        ("copd", 1, 2),
    ],
)
def test_points_of_a_band(name, value, points):
    assert score(**{name: value}) == points


def test_unknown_race_gets_the_three_points():
    patients = {name: [value] * 3 for name, value in FREE_OF_POINTS.items()} | {"race_group": ["", "Black", "not Black"]}
    assert gwtg_hf_2010.with_race(patients)["gwtg_hf"].tolist() == [3, 0, 3]
    assert gwtg_hf_2010.without_race(patients)["gwtg_hf"].tolist() == [0, 0, 0]


def test_an_app_that_gives_28_points_to_any_pressure_under_90_is_too_high():
    assert score(systolic_bp=85) == 23 < 28
    assert score(systolic_bp=95) == 21 < 23


def test_bands_of_mortality_start_at_the_printed_totals():
    totals = np.array([57.0, 58, 61, 62, 65, 66, 71, 75, 78, 79])
    assert gwtg_hf_2010.bands[0].codes(totals).tolist() == [0, 1, 1, 2, 2, 3, 4, 5, 5, 6]
