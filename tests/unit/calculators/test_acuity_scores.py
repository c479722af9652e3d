"""qSOFA, NEWS2 and APACHE II: the edges of their bands, the switches, and the doubled creatinine points."""

import numpy as np
import pytest

from calculators.critical_care.apache2 import apache2_1985
from calculators.critical_care.news2 import news2_2017
from calculators.critical_care.qsofa import qsofa_2016

CALM = {
    "respiratory_rate": 16,
    "oxygen_saturation": 98,
    "spo2_scale": "1",
    "supplemental_oxygen": 0,
    "systolic_bp": 120,
    "heart_rate": 70,
    "new_confusion_or_reduced_alertness": 0,
    "temperature": 37,
}
STABLE = {
    "age": 40,
    "temperature": 37,
    "mean_arterial_pressure": 90,
    "heart_rate": 80,
    "respiratory_rate": 16,
    "fio2": 0.21,
    "arterial_ph": 7.4,
    "sodium": 140,
    "potassium": 4,
    "creatinine": 1,
    "acute_renal_failure": 0,
    "hematocrit": 40,
    "white_cell_count": 8,
    "glasgow_coma_scale": 15,
    "chronic_health_status": "none",
    "pao2": 90,
    "alveolar_arterial_gradient": np.nan,
}


def news2(**changed):
    return news2_2017.with_race({name: [value] for name, value in {**CALM, **changed}.items()})["news2"][0]


def apache2(**changed):
    return apache2_1985.with_race({name: [value] for name, value in {**STABLE, **changed}.items()})["apache2"][0]


@pytest.mark.parametrize(
    ("rate", "pressure", "coma", "points"), [(21, 101, 15, 0), (22, 101, 15, 1), (21, 100, 15, 1), (21, 101, 14, 1), (22, 100, 14, 3)]
)
def test_points_of_qsofa(rate, pressure, coma, points):
    patient = {"respiratory_rate": [rate], "systolic_bp": [pressure], "glasgow_coma_scale": [coma]}
    scores = qsofa_2016.with_race(patient)["qsofa"]
    assert scores[0] == points
    assert qsofa_2016.decision("positive").apply(scores)[0] == (points >= 2)


@pytest.mark.parametrize(
    ("name", "value", "points"),
    [
        ("respiratory_rate", 8, 3),
        ("respiratory_rate", 9, 1),
        ("respiratory_rate", 20, 0),
        ("respiratory_rate", 21, 2),
        ("respiratory_rate", 25, 3),
        ("oxygen_saturation", 91, 3),
        ("oxygen_saturation", 92, 2),
        ("oxygen_saturation", 95, 1),
        ("systolic_bp", 90, 3),
        ("systolic_bp", 100, 2),
        ("systolic_bp", 110, 1),
        ("systolic_bp", 219, 0),
        ("systolic_bp", 220, 3),
        ("heart_rate", 40, 3),
        ("heart_rate", 50, 1),
        ("heart_rate", 90, 0),
        ("heart_rate", 110, 1),
        ("heart_rate", 130, 2),
        ("heart_rate", 131, 3),
        ("new_confusion_or_reduced_alertness", 1, 3),
        ("temperature", 35.0, 3),
        ("temperature", 35.1, 1),
        ("temperature", 36.0, 1),
        ("temperature", 38.0, 0),
        ("temperature", 39.0, 1),
        ("temperature", 39.1, 2),
        ("supplemental_oxygen", 1, 2),
    ],
)
def test_points_of_news2(name, value, points):
    assert news2() == 0
    assert news2(**{name: value}) == points


@pytest.mark.parametrize(
    ("saturation", "on_air", "on_oxygen"),
    [(83, 3, 3), (85, 2, 2), (87, 1, 1), (88, 0, 0), (92, 0, 0), (93, 0, 1), (95, 0, 2), (96, 0, 2), (97, 0, 3)],
)
def test_saturation_scale_2_punishes_high_values_on_oxygen_only(saturation, on_air, on_oxygen):
    assert news2(spo2_scale="2", oxygen_saturation=saturation) == on_air
    assert news2(spo2_scale="2", oxygen_saturation=saturation, supplemental_oxygen=1) == on_oxygen + 2


def test_an_oximeter_that_reads_2_too_high_hides_points():
    assert news2(oxygen_saturation=93) - news2(oxygen_saturation=95) == 1
    assert news2(oxygen_saturation=95) - news2(oxygen_saturation=97) == 1


@pytest.mark.parametrize(
    ("changed", "points"),
    [
        ({"temperature": 29.9}, 4),
        ({"temperature": 38.5}, 1),
        ({"temperature": 41}, 4),
        ({"mean_arterial_pressure": 49}, 4),
        ({"mean_arterial_pressure": 110}, 2),
        ({"heart_rate": 180}, 4),
        ({"heart_rate": 54}, 3),
        ({"respiratory_rate": 5}, 4),
        ({"respiratory_rate": 11}, 1),
        ({"arterial_ph": 7.33}, 0),
        ({"arterial_ph": 7.32}, 2),
        ({"arterial_ph": 7.7}, 4),
        ({"sodium": 110}, 4),
        ({"sodium": 111}, 3),
        ({"sodium": 150}, 1),
        ({"potassium": 3.4}, 1),
        ({"potassium": 7}, 4),
        ({"hematocrit": 46}, 1),
        ({"hematocrit": 19.9}, 4),
        ({"white_cell_count": 0.9}, 4),
        ({"white_cell_count": 15}, 1),
        ({"glasgow_coma_scale": 3}, 12),
        ({"age": 44}, 0),
        ({"age": 45}, 2),
        ({"age": 75}, 6),
        ({"chronic_health_status": "elective_postoperative"}, 2),
        ({"chronic_health_status": "nonoperative_or_emergency"}, 5),
        ({"pao2": 70.1}, 0),
        ({"pao2": 70}, 1),
        ({"pao2": 61}, 1),
        ({"pao2": 60}, 3),
        ({"pao2": 54}, 4),
    ],
)
def test_points_of_apache2(changed, points):
    assert apache2() == 0
    assert apache2(**changed) == points


@pytest.mark.parametrize(("creatinine", "points"), [(0.5, 2), (1.4, 0), (1.5, 2), (2.0, 3), (3.5, 4)])
def test_acute_renal_failure_doubles_the_points_of_creatinine(creatinine, points):
    assert apache2(creatinine=creatinine) == points
    assert apache2(creatinine=creatinine, acute_renal_failure=1) == 2 * points


@pytest.mark.parametrize(("gradient", "points"), [(199, 0), (200, 2), (349, 2), (350, 3), (500, 4)])
def test_from_fio2_of_one_half_the_gradient_counts(gradient, points):
    assert apache2(fio2=0.5, pao2=50, alveolar_arterial_gradient=gradient) == points
    assert apache2(fio2=0.49, pao2=50, alveolar_arterial_gradient=gradient) == 4


def test_the_score_is_missing_where_its_oxygen_measure_is():
    assert np.isnan(apache2(fio2=0.6))
    assert np.isnan(apache2(pao2=np.nan))
