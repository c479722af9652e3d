"""Emergency surgery score: each item's points at and beside its cut, the bands of white cells, 0 to 29."""

import pytest

from calculators.surgery.emergency_surgery_score import emergency_surgery_score_2016

NOTHING = {
    "age": 60,
    "transfer": "none",
    "ascites": 0,
    "body_mass_index": 20,
    "dyspnea": 0,
    "functional_dependence": 0,
    "copd": 0,
    "hypertension": 0,
    "corticosteroids": 0,
    "weight_loss": 0,
    "disseminated_cancer": 0,
    "ventilator_dependence": 0,
    "albumin": 3.0,
    "alkaline_phosphatase": 125,
    "blood_urea_nitrogen": 40,
    "inr": 1.5,
    "platelets": 150,
    "aspartate_aminotransferase": 40,
    "sodium": 145,
    "creatinine": 1.2,
    "white_cell_count": 14.9,
}
POINTS = {
    "age": (60.1, 2),
    "transfer": ("ed", 1),
    "ascites": (1, 1),
    "body_mass_index": (19.9, 1),
    "dyspnea": (1, 1),
    "functional_dependence": (1, 1),
    "copd": (1, 1),
    "hypertension": (1, 1),
    "corticosteroids": (1, 1),
    "weight_loss": (1, 1),
    "disseminated_cancer": (1, 3),
    "ventilator_dependence": (1, 3),
    "albumin": (2.99, 1),
    "alkaline_phosphatase": (126, 1),
    "blood_urea_nitrogen": (40.5, 1),
    "inr": (1.51, 1),
    "platelets": (149.9, 1),
    "aspartate_aminotransferase": (41, 1),
    "sodium": (145.5, 1),
    "creatinine": (1.21, 2),
    "white_cell_count": (25.1, 2),
}


def score(group="not White", **changed):
    patients = {name: [value] for name, value in {**NOTHING, **changed}.items()}
    return emergency_surgery_score_2016.as_if(patients, group)["emergency_surgery_score"].item()


def test_every_cut_itself_scores_nothing():
    assert score() == 0


@pytest.mark.parametrize("name", POINTS)
def test_points_of_each_item(name):
    value, expected = POINTS[name]
    assert score(**{name: value}) == expected


@pytest.mark.parametrize(("count", "expected"), [(4.49, 1), (4.5, 0), (14.9, 0), (15, 1), (25, 1), (25.1, 2)])
def test_bands_of_white_cells(count, expected):
    assert score(white_cell_count=count) == expected


def test_inpatient_transfer_counts_like_the_emergency_department():
    assert score(transfer="inpatient") == score(transfer="ed") == 1


def test_everything_is_29_with_the_race_point_and_28_without():
    worst = {name: value for name, (value, _) in POINTS.items()}
    assert score("White", **worst) == 29
    assert score("not White", **worst) == 28


def test_unknown_race_gets_no_point():
    patients = {name: [value] for name, value in NOTHING.items()}
    assert emergency_surgery_score_2016.with_race({**patients, "race_group": [""]})["emergency_surgery_score"] == [0]
