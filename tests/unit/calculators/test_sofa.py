"""SOFA: the edges of its bands, ventilatory support, the score without creatinine, and New York's tiers."""

import numpy as np
import pytest

from calculators.critical_care.crisis_standards import csc_new_york_2015
from calculators.critical_care.sofa import sofa_1996

WELL = {
    "pao2_fio2_ratio": 450,
    "respiratory_support": 0,
    "platelets": 250,
    "bilirubin": 0.6,
    "cardiovascular_support": "map_70_or_above",
    "glasgow_coma_scale": 15,
    "creatinine": 0.8,
}


def scores(**changed):
    return {name: v[0] for name, v in sofa_1996.with_race({name: [value] for name, value in {**WELL, **changed}.items()}).items()}


@pytest.mark.parametrize(
    ("name", "value", "points"),
    [
        ("pao2_fio2_ratio", 400, 0),
        ("pao2_fio2_ratio", 399, 1),
        ("pao2_fio2_ratio", 299, 2),
        ("platelets", 150, 0),
        ("platelets", 149, 1),
        ("platelets", 50, 2),
        ("platelets", 49, 3),
        ("platelets", 19, 4),
        ("bilirubin", 1.2, 1),
        ("bilirubin", 1.9, 1),
        ("bilirubin", 5.9, 2),
        ("bilirubin", 11.9, 3),
        ("bilirubin", 12.0, 4),
        ("cardiovascular_support", "moderate_dose", 3),
        ("glasgow_coma_scale", 14, 1),
        ("glasgow_coma_scale", 12, 2),
        ("glasgow_coma_scale", 9, 3),
        ("glasgow_coma_scale", 5, 4),
        ("creatinine", 1.1, 0),
        ("creatinine", 1.2, 1),
        ("creatinine", 2.0, 2),
        ("creatinine", 3.4, 2),
        ("creatinine", 3.5, 3),
        ("creatinine", 5.0, 4),
        ("creatinine", 106.08 * 0.011312217194570136, 1),
    ],
)
def test_points_of_an_organ(name, value, points):
    assert scores()["sofa"] == 0
    assert scores(**{name: value})["sofa"] == points


@pytest.mark.parametrize(("ratio", "without", "supported"), [(250, 2, 2), (200, 2, 2), (199.5, 2, 3), (100, 2, 3), (99, 2, 4)])
def test_three_and_four_respiratory_points_need_ventilatory_support(ratio, without, supported):
    assert scores(pao2_fio2_ratio=ratio)["points_respiratory"] == without
    assert scores(pao2_fio2_ratio=ratio, respiratory_support=1)["points_respiratory"] == supported


def test_the_ablation_drops_creatinine_only():
    worst = {"pao2_fio2_ratio": 90, "respiratory_support": 1, "platelets": 10, "bilirubin": 15, "cardiovascular_support": "high_dose"}
    worst |= {"glasgow_coma_scale": 3, "creatinine": 6}
    assert scores(**worst)["sofa"] == 24
    assert scores(**worst)["sofa_without_renal"] == 20
    assert sofa_1996.ablations[0].outputs == {"sofa": "sofa_without_renal"}


@pytest.mark.parametrize(
    ("sofa", "tier"), [(0, "green"), (1, "red"), (7, "red"), (8, "yellow"), (11, "yellow"), (12, "blue"), (24, "blue")]
)
def test_tiers_of_new_york(sofa, tier):
    assert csc_new_york_2015.with_race({"sofa_score": [sofa]})["tier"].tolist() == [tier]


def test_the_decisions_agree_with_the_tiers():
    sofa = np.arange(1.0, 25)
    tiers = csc_new_york_2015.with_race({"sofa_score": sofa})["tier"]
    intermediate, lowest = (csc_new_york_2015.decision(id).apply(sofa) for id in ("intermediate", "lowest"))
    assert (intermediate == np.isin(tiers, ["yellow", "blue"])).all()
    assert (lowest == (tiers == "blue")).all()


def test_a_sofa_from_its_parts_can_fill_the_tier():
    assert csc_new_york_2015.feeds == {"sofa_score": "sofa_1996"}
    assert sofa_1996.outputs[0].name == "sofa"
