"""SAMe-TT2R2: each item's points and the threshold that race alone reaches."""

import pytest

from calculators.pharmacology.same_tt2r2 import same_tt2r2_2013

NOTHING = {"sex": "male", "age": 60, "two_or_more_comorbidities": 0, "interacting_drugs": 0, "tobacco_use": 0}


def points(group="White", **changed):
    return same_tt2r2_2013.as_if({name: [value] for name, value in {**NOTHING, **changed}.items()}, group)["same_tt2r2"].item()


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        ({}, 0),
        ({"sex": "female"}, 1),
        ({"age": 59.9}, 1),
        ({"two_or_more_comorbidities": 1}, 1),
        ({"interacting_drugs": 1}, 1),
        ({"tobacco_use": 1}, 2),
        ({"group": "not White"}, 2),
        ({"sex": "female", "age": 59, "two_or_more_comorbidities": 1, "interacting_drugs": 1, "tobacco_use": 1, "group": "not White"}, 8),
    ],
)
def test_points(changed, expected):
    assert points(**changed) == expected


def test_the_race_points_alone_reach_the_threshold():
    decision = same_tt2r2_2013.decision("direct_anticoagulant")
    assert decision.apply(points("not White"))
    assert not decision.apply(points("White"))


def test_unknown_race_is_scored_as_not_white():
    patients = {name: [value] for name, value in NOTHING.items()}
    assert same_tt2r2_2013.with_race({**patients, "race_group": [""]})["same_tt2r2"] == [2]
