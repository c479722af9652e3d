"""STONE score: the points of each item, the reach of each group, the bands."""

import itertools

import numpy as np
import pytest

from calculators.urology.stone import stone_2014

HIGHEST = {"sex": "male", "pain_duration": 5.0, "nausea_or_vomiting": "vomiting", "hematuria": 1}
LOWEST = {"sex": "female", "pain_duration": 30.0, "nausea_or_vomiting": "none", "hematuria": 0}


def points(group, **findings):
    return stone_2014.as_if({name: [value] for name, value in findings.items()}, group)["stone"][0]


def test_the_range_of_each_group():
    assert points("Black", **LOWEST) == 0
    assert points("Black", **HIGHEST) == 10
    assert points("not Black", **LOWEST) == 3
    assert points("not Black", **HIGHEST) == 13


def test_a_black_patient_is_high_only_with_every_other_item_at_its_highest():
    high = []
    for sex, hours, nausea, hematuria in itertools.product(("male", "female"), (5.0, 12.0, 30.0), ("none", "nausea", "vomiting"), (0, 1)):
        findings = {"sex": sex, "pain_duration": hours, "nausea_or_vomiting": nausea, "hematuria": hematuria}
        if points("Black", **findings) >= 10:
            high.append(findings)
    assert high == [HIGHEST]


@pytest.mark.parametrize(("hours", "expected"), [(0.0, 3), (5.9, 3), (6.0, 1), (24.0, 1), (24.1, 0)])
def test_the_timing_of_pain(hours, expected):
    assert points("Black", **{**LOWEST, "pain_duration": hours}) == expected


@pytest.mark.parametrize(("nausea", "expected"), [("none", 0), ("nausea", 1), ("vomiting", 2)])
def test_nausea_and_vomiting(nausea, expected):
    assert points("Black", **{**LOWEST, "nausea_or_vomiting": nausea}) == expected


def test_words_decisions_and_bands_agree_at_the_cuts():
    values = np.array([5.0, 6.0, 9.0, 10.0])
    assert stone_2014.bands[0].codes(values).tolist() == [0, 1, 1, 2]
    assert stone_2014.decision("moderate").apply(values).tolist() == [False, True, True, True]
    assert stone_2014.decision("high").apply(values).tolist() == [False, False, False, True]
    for group in stone_2014.race.labels:
        patients = {name: [HIGHEST[name], LOWEST[name]] for name in HIGHEST}
        scores = stone_2014.as_if(patients, group)
        words = [stone_2014.bands[0].labels[code] for code in stone_2014.bands[0].codes(scores["stone"])]
        assert list(scores["risk_band"]) == words


def test_unknown_race_is_given_the_points():
    assert stone_2014.with_race({**{name: [value] for name, value in LOWEST.items()}, "race_group": [""]})["stone"][0] == 3
