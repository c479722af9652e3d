"""MAGGIC, TIMI and GRACE: the edges of their bands and their extremes."""

import pytest

from calculators.cardiology.grace import grace_inhospital_2003
from calculators.cardiology.maggic import maggic_2013
from calculators.cardiology.timi import timi_ua_nstemi_2000

NO_MAGGIC_POINTS = {
    "ejection_fraction": 40,
    "age": 54,
    "systolic_bp": 150,
    "body_mass_index": 30,
    "creatinine": 1.0,
    "nyha_class": "1",
    "sex": "female",
    "smoker": 0,
    "diabetes": 0,
    "copd": 0,
    "heart_failure_over_18_months": 0,
    "beta_blocker": 1,
    "ace_inhibitor_or_arb": 1,
}
NO_GRACE_POINTS = {
    "age": 29,
    "heart_rate": 49,
    "systolic_bp": 200,
    "creatinine": 0.3,
    "killip_class": "1",
    "cardiac_arrest": 0,
    "st_deviation": 0,
    "elevated_cardiac_marker": 0,
}


def maggic(**changed):
    return maggic_2013.with_race({name: [value] for name, value in {**NO_MAGGIC_POINTS, **changed}.items()})["maggic"][0]


def grace(**changed):
    return grace_inhospital_2003.with_race({name: [value] for name, value in {**NO_GRACE_POINTS, **changed}.items()})["grace"][0]


@pytest.mark.parametrize(
    ("name", "value", "points"),
    [
        ("ejection_fraction", 39, 2),
        ("ejection_fraction", 34, 3),
        ("ejection_fraction", 29, 5),
        ("ejection_fraction", 24, 6),
        ("ejection_fraction", 19, 7),
        ("age", 55, 3),
        ("age", 79, 12),
        ("age", 80, 15),
        ("systolic_bp", 109, 2),
        ("systolic_bp", 110, 1),
        ("systolic_bp", 129, 1),
        ("systolic_bp", 130, 0),
        ("body_mass_index", 29, 2),
        ("body_mass_index", 14, 6),
        ("nyha_class", "4", 8),
        ("sex", "male", 1),
        ("diabetes", 1, 3),
        ("copd", 1, 2),
        ("heart_failure_over_18_months", 1, 2),
        ("beta_blocker", 0, 3),
        ("ace_inhibitor_or_arb", 0, 1),
    ],
)
def test_points_of_maggic(name, value, points):
    assert maggic(**{name: value}) == points


@pytest.mark.parametrize(("micromol", "points"), [(89, 0), (90, 1), (110, 2), (129.9, 2), (130, 3), (150, 4), (170, 5), (210, 6), (250, 8)])
def test_maggic_bands_creatinine_in_micromol(micromol, points):
    assert maggic(creatinine=micromol / 88.4) == points
    assert maggic(creatinine=micromol * 0.011312217194570136) == points


def test_in_maggic_age_and_pressure_weigh_by_ejection_fraction():
    by_age = [maggic(ejection_fraction=ef, age=80) - maggic(ejection_fraction=ef) for ef in (29, 30, 39, 40)]
    by_pressure = [maggic(ejection_fraction=ef, systolic_bp=100) - maggic(ejection_fraction=ef) for ef in (29, 30, 39, 40)]
    assert by_age == [10, 13, 13, 15]
    assert by_pressure == [5, 3, 3, 2]


def test_the_extremes_of_maggic():
    worst = {
        "ejection_fraction": 19,
        "age": 80,
        "systolic_bp": 100,
        "body_mass_index": 14,
        "creatinine": 3,
        "nyha_class": "4",
        "sex": "male",
    }
    worst |= {"smoker": 1, "diabetes": 1, "copd": 1, "heart_failure_over_18_months": 1, "beta_blocker": 0, "ace_inhibitor_or_arb": 0}
    assert maggic() == 0
    assert maggic(**worst) == 7 + 10 + 5 + 6 + 8 + 8 + 1 + 1 + 3 + 2 + 2 + 3 + 1


@pytest.mark.parametrize(
    ("name", "value", "points"),
    [
        ("age", 30, 8),
        ("age", 89, 91),
        ("age", 90, 100),
        ("heart_rate", 50, 3),
        ("heart_rate", 199, 38),
        ("heart_rate", 200, 46),
        ("systolic_bp", 79, 58),
        ("systolic_bp", 80, 53),
        ("systolic_bp", 199, 10),
        ("creatinine", 0.4, 4 - 1),
        ("creatinine", 0.79, 4 - 1),
        ("creatinine", 1.2, 10 - 1),
        ("creatinine", 3.99, 21 - 1),
        ("creatinine", 4, 28 - 1),
        ("killip_class", "3", 39),
        ("cardiac_arrest", 1, 39),
        ("st_deviation", 1, 28),
        ("elevated_cardiac_marker", 1, 14),
    ],
)
def test_points_of_grace(name, value, points):
    assert grace(**{name: value}) - grace() == points


def test_grace_gives_1_point_for_the_lowest_creatinine():
    assert grace() == 1


@pytest.mark.parametrize(("age", "points"), [(64, 6), (65, 7)])
def test_timi_counts_seven_findings(age, points):
    patient = {name: [1.0] for name in timi_ua_nstemi_2000.inputs} | {"age": [age]}
    assert timi_ua_nstemi_2000.with_race(patient)["timi"][0] == points
    assert timi_ua_nstemi_2000.with_race({name: [0.0] for name in timi_ua_nstemi_2000.inputs} | {"age": [age]})["timi"][0] == points - 6
