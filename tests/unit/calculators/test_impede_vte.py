"""IMPEDE VTE: every item's points, the bands and the race points."""

import numpy as np
import pytest

from calculators.hematology.impede_vte import impede_vte_2019

NOTHING = {
    "immunomodulatory_drug": [0],
    "body_mass_index": [24.9],
    "major_fracture": [0],
    "erythropoiesis_stimulating_agent": [0],
    "doxorubicin": [0],
    "prior_venous_thromboembolism": [0],
    "tunneled_line": [0],
    "dexamethasone_dose": ["none"],
    "thromboprophylaxis": ["none"],
}


def points(**items):
    return impede_vte_2019.without_race(NOTHING | {name: [value] for name, value in items.items()})["impede_vte"][0]


@pytest.mark.parametrize(
    ("item", "value", "expected"),
    [
        ("immunomodulatory_drug", 1, 4),
        ("body_mass_index", 25, 1),
        ("body_mass_index", 24.999, 0),
        ("body_mass_index", 64 / 1.6**2, 1),
        ("major_fracture", 1, 4),
        ("erythropoiesis_stimulating_agent", 1, 1),
        ("doxorubicin", 1, 3),
        ("prior_venous_thromboembolism", 1, 5),
        ("tunneled_line", 1, 2),
        ("dexamethasone_dose", "low", 2),
        ("dexamethasone_dose", "high", 4),
        ("thromboprophylaxis", "aspirin", -3),
        ("thromboprophylaxis", "therapeutic", -4),
    ],
)
def test_points_of_each_item(item, value, expected):
    assert points() == 0
    assert points(**{item: value}) == expected


def test_asian_row_has_3_points_less_and_unknown_race_none():
    patients = {name: values * 3 for name, values in NOTHING.items()} | {"race_group": ["Asian", "not Asian", ""]}
    assert list(impede_vte_2019.with_race(patients)["impede_vte"]) == [-3, 0, 0]


@pytest.mark.parametrize(
    ("items", "score", "band"),
    [
        ({"doxorubicin": 1}, 3, "low"),
        ({"immunomodulatory_drug": 1}, 4, "intermediate"),
        ({"immunomodulatory_drug": 1, "doxorubicin": 1}, 7, "intermediate"),
        ({"immunomodulatory_drug": 1, "major_fracture": 1}, 8, "high"),
    ],
)
def test_bands(items, score, band):
    scores = impede_vte_2019.without_race(NOTHING | {name: [value] for name, value in items.items()})
    assert (scores["impede_vte"][0], scores["risk_band"][0]) == (score, band)
    bands = impede_vte_2019.bands[0]
    assert bands.labels[bands.codes(np.array([float(score)]))[0]] == band
