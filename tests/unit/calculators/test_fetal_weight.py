"""Fetal weight standards: the NICHD tables by group, and the curves without race (Hadlock, INTERGROWTH-21st)."""

import numpy as np
import pytest

from calculators.obstetrics.hadlock import hadlock_efw_1985, hadlock_efw_centile_1991
from calculators.obstetrics.intergrowth21 import intergrowth21_efw_2017
from calculators.obstetrics.nichd_fetal_growth import nichd_efw_race_2015
from calculators.tables import read_table

GROUPS = nichd_efw_race_2015.race.labels
TABLE = read_table("nichd_fetal_weight_centiles.csv", "calculators.obstetrics")


def nichd(weeks, grams, group):
    return nichd_efw_race_2015.as_if({"gestational_age": np.atleast_1d(weeks), "estimated_fetal_weight": np.atleast_1d(grams)}, group)[
        "centile"
    ]


@pytest.mark.parametrize("group", GROUPS)
def test_each_standard_has_every_week_once_and_rises(group):
    rows = [row for row in TABLE if row["standard"] == group]
    assert [int(row["week"]) for row in rows] == list(range(10, 43))
    weights = np.array([[float(row[f"p{c}"]) for c in (3, 5, 10, 50, 90, 95, 97)] for row in rows])
    assert (np.diff(weights, axis=1) > 0).all()
    assert (np.diff(weights, axis=0) > 0).all()


@pytest.mark.parametrize("row", TABLE, ids=lambda row: f"{row['standard']}-{row['week']}")
def test_a_tabulated_weight_is_at_its_centile(row):
    centiles = [3, 5, 10, 50, 90, 95, 97]
    got = nichd([float(row["week"])] * 7, [float(row[f"p{c}"]) for c in centiles], row["standard"])
    assert got == pytest.approx(centiles, abs=1e-9)


@pytest.mark.parametrize(
    ("group", "abstract_2015"),
    [("White", (2790, 3505, 4402)), ("Black", (2622, 3260, 4053)), ("Hispanic", (2633, 3336, 4226)), ("Asian", (2621, 3270, 4078))],
)
def test_weights_at_39_weeks_lie_within_11_g_of_the_abstract(group, abstract_2015):
    row = next(row for row in TABLE if row["standard"] == group and row["week"] == "39")
    assert np.abs(np.array([float(row["p5"]), float(row["p50"]), float(row["p95"])]) - abstract_2015).max() <= 11


def test_the_row_is_the_completed_week():
    early, late = nichd([39.0, 39 + 6 / 7], [2931.0, 2931.0], "White")
    assert early == late == 10
    assert nichd(273 * 0.14285714285714285, 2931.0, "White")[0] == 10
    assert nichd(40.0, 2931.0, "White")[0] < 10


def test_lines_are_straight_between_and_beyond_the_centiles_and_stop_at_0_and_100():
    assert nichd(39.0, (2787 + 2931) / 2, "White")[0] == pytest.approx(7.5)
    assert nichd(39.0, 2697 - 45, "White")[0] == pytest.approx(2)
    assert nichd(39.0, 4547 + 73, "White")[0] == pytest.approx(98)
    assert nichd([39.0, 39.0], [1000.0, 7000.0], "White").tolist() == [0, 100]


def test_no_centile_outside_the_table_or_for_an_unlisted_group():
    assert np.isnan(nichd([9.9, 43.0], [30.0, 3500.0], "White")).all()
    blank = nichd_efw_race_2015.with_race({"gestational_age": [39.0], "estimated_fetal_weight": [2931.0], "race_group": [""]})
    assert np.isnan(blank["centile"][0])


def test_the_white_standard_finds_restriction_where_the_others_do_not():
    restriction = nichd_efw_race_2015.decision("fetal_growth_restriction")
    assert [bool(restriction.apply(nichd(39.0, 2900.0, group))[0]) for group in GROUPS] == [True, False, False, False]


def test_the_tenth_centile_itself_is_not_restricted_and_the_ninetieth_not_large():
    for calculator in (nichd_efw_race_2015, hadlock_efw_centile_1991):
        values = np.array([2.99, 3.0, 9.99, 10.0, 90.0, 90.01])
        assert calculator.decision("fetal_growth_restriction").apply(values).tolist() == [True, True, True, False, False, False]
        assert calculator.decision("severe").apply(values).tolist() == [True, False, False, False, False, False]
        assert calculator.decision("large").apply(values).tolist() == [False, False, False, False, False, True]
        assert calculator.bands[0].codes(values).tolist() == [0, 1, 1, 2, 2, 2]


def test_hadlock_centile_at_the_mean_and_one_deviation_below():
    mean = np.exp(0.578 + 0.332 * 39 - 0.00354 * 39**2)
    scores = hadlock_efw_centile_1991.with_race({"gestational_age": [39.0, 39.0], "estimated_fetal_weight": [mean, mean * (1 - 0.127)]})
    assert scores["centile"] == pytest.approx([50, 15.8655], abs=1e-3)


def test_hadlock_centile_is_given_for_10_to_41_completed_weeks_only():
    scores = hadlock_efw_centile_1991.with_race(
        {"gestational_age": [9.9, 10.0, 41.9, 42.0], "estimated_fetal_weight": [35.0, 35.0, 3600.0, 3600.0]}
    )
    assert np.isnan(scores["centile"]).tolist() == [True, False, False, True]


def test_hadlock_weight_of_four_measures_needs_the_biparietal_diameter():
    biometry = {"abdominal_circumference": [32.5], "head_circumference": [33.0], "femur_length": [6.9]}
    scores = hadlock_efw_1985.with_race(biometry)
    assert scores["estimated_fetal_weight_three"][0] == pytest.approx(2895.6, abs=0.05)
    assert np.isnan(scores["estimated_fetal_weight_four"][0])
    four = hadlock_efw_1985.with_race({**biometry, "biparietal_diameter": [8.9]})["estimated_fetal_weight_four"][0]
    assert four == pytest.approx(2885.6, abs=0.05)


def test_intergrowth_is_given_for_22_to_40_weeks_only_and_is_zero_at_the_median():
    median = np.exp(4.956737 + 0.0005019687 * 32**3 - 0.0001227065 * 32**3 * np.log(32))
    scores = intergrowth21_efw_2017.with_race({"gestational_age": [32.0, 21.9, 40.1], "estimated_fetal_weight": [median, 450.0, 3400.0]})
    assert scores["z_score"][0] == pytest.approx(0, abs=1e-9)
    assert np.isnan(scores["z_score"]).tolist() == [False, True, True]
