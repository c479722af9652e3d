"""Bone density pre-screens: SCORE (race points, truncation, caps), ORAI, OST and OSIRIS (bands)."""

import numpy as np
import pytest

from calculators.endocrinology.orai import orai_2000
from calculators.endocrinology.ost import osiris_2002, ost_2001
from calculators.endocrinology.osteoporosis_score import osteoporosis_score_1998

POUND = 0.45359237


def score(group="Black", **changed):
    reference = {"age": 65.0, "weight": 150 * POUND, "rheumatoid_arthritis": 0, "fractures_after_45": 0, "estrogen_use": "former"}
    return osteoporosis_score_1998.as_if({name: [value] for name, value in {**reference, **changed}.items()}, group)["score"][0]


def test_the_race_points_decide_the_referral():
    densitometry = osteoporosis_score_1998.decision("densitometry")
    black, other = (score(group, estrogen_use="never") for group in ("Black", "not Black"))
    assert (black, other) == (4, 9)
    assert densitometry.apply(np.array([5, 6])).tolist() == [False, True]
    assert densitometry.apply(np.array([black, other])).tolist() == [False, True]


def test_five_points_are_fifty_pounds():
    assert score("Black", weight=100 * POUND) == score("not Black", weight=150 * POUND)


@pytest.mark.parametrize(("age", "points"), [(59.99, 15), (60.0, 18), (69.0, 18), (70.0, 21), (720 * 0.08333333333333333, 18)])
def test_age_counts_by_its_first_digit_and_not_by_the_year(age, points):
    assert score(age=age) == points - 15


@pytest.mark.parametrize(("pounds", "points"), [(149.9, 14), (150, 15), (159.9, 15), (160, 16), (90, 9)])
def test_weight_counts_in_whole_tens_of_pounds(pounds, points):
    assert score(weight=pounds * POUND) == 18 - points


@pytest.mark.parametrize(("fractures", "points"), [(0, 0), (1, 4), (2, 8), (3, 12), (4, 12), (9, 12)])
def test_fractures_count_four_points_each_and_twelve_at_most(fractures, points):
    assert score(fractures_after_45=fractures) == score() + points


def test_estrogen_counts_when_never_taken_and_arthritis_four():
    assert score(estrogen_use="never") == score() + 1
    assert score(estrogen_use="current") == score()
    assert score(rheumatoid_arthritis=1) == score() + 4


def test_the_variant_without_truncation_gives_another_score():
    variant = 3 * 69 / 10 - 159 / 10
    assert score(age=69.0, weight=159 * POUND) == 3
    assert variant == pytest.approx(4.8)


def test_unknown_race_is_given_the_points():
    patients = {"age": [65.0], "weight": [68.0], "rheumatoid_arthritis": [0], "fractures_after_45": [0], "estrogen_use": ["never"]}
    assert osteoporosis_score_1998.with_race({**patients, "race_group": [""]})["score"][0] == 10


def orai(age, weight, estrogen="current"):
    return orai_2000.with_race({"age": [age], "weight": [weight], "estrogen_use": [estrogen]})["orai"][0]


@pytest.mark.parametrize(("age", "points"), [(54.9, 0), (55, 5), (64.9, 5), (65, 9), (74.9, 9), (75, 15), (99, 15)])
def test_orai_by_age(age, points):
    assert orai(age, 80.0) == points


@pytest.mark.parametrize(("weight", "points"), [(59.9, 9), (60, 3), (69.9, 3), (69.95, 3), (70, 0)])
def test_orai_by_weight(weight, points):
    assert orai(50.0, weight) == points


def test_orai_counts_estrogen_that_is_not_taken_now():
    assert (orai(50.0, 80.0, "never"), orai(50.0, 80.0, "former"), orai(50.0, 80.0)) == (2, 2, 0)
    assert orai_2000.decision("densitometry").apply(np.array([8, 9])).tolist() == [False, True]


@pytest.mark.parametrize(
    ("age", "weight", "expected"), [(60, 74, 2), (60, 69.9, 1), (70, 61, -1), (70, 66, 0), (75, 54.9, -4), (75, 50, -5)]
)
def test_ost_truncates_toward_zero(age, weight, expected):
    assert ost_2001.with_race({"age": [age], "weight": [weight]})["ost"][0] == expected


def test_ost_refers_below_two_and_its_tiers_begin_lower():
    assert ost_2001.decision("densitometry").apply(np.array([1, 2])).tolist() == [True, False]
    codes = ost_2001.bands[0].codes(np.array([-5.0, -4.0, -1.0, 0.0]))
    assert [ost_2001.bands[0].labels[code].split()[0] for code in codes] == ["high", "intermediate", "intermediate", "low"]


def test_osiris_keeps_its_decimals_and_closes_the_middle_band_at_both_ends():
    patients = {
        "age": [60.0, 60.0, 60.0, 60.0],
        "weight": [65.0, 65.1, 45.0, 44.9],
        "estrogen_use": ["never"] * 4,
        "low_impact_fracture": [0] * 4,
    }
    scores = osiris_2002.with_race(patients)
    assert scores["osiris"] == pytest.approx([1, 1.02, -3, -3.02])
    assert list(scores["risk_band"]) == ["intermediate", "low", "intermediate", "high"]


def test_osiris_gives_two_points_for_estrogen_now_and_takes_two_for_a_fracture():
    patients = {"age": [60.0] * 3, "weight": [60.0] * 3, "estrogen_use": ["current", "former", "never"], "low_impact_fracture": [0, 0, 1]}
    assert osiris_2002.with_race(patients)["osiris"] == pytest.approx([2, 0, -2])
