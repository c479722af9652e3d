"""Anemia cut-offs: each cut-off itself is not anemic, 0.1 below it is; ages, trimesters and groups."""

import numpy as np
import pytest

from calculators.hematology.anemia import anaemia_hb_cutoff_beutler_waalen_2006, anaemia_hb_cutoff_who_2024
from calculators.obstetrics.anemia import anaemia_hb_cutoff_acog_2008_pregnancy_race

BEUTLER, WHO, ACOG = anaemia_hb_cutoff_beutler_waalen_2006, anaemia_hb_cutoff_who_2024, anaemia_hb_cutoff_acog_2008_pregnancy_race


def assert_cutoff(score, cutoff):
    """Anemic just below the cut-off, not at it; a value converted from g/L counts as the cut-off too."""
    assert list(score([cutoff - 0.1, cutoff, round(cutoff * 10) * 0.1])) == [1, 0, 0]


@pytest.mark.parametrize(
    ("sex", "age", "white", "black"),
    [
        ("male", 20, 13.7, 12.9),
        ("male", 59.9, 13.7, 12.9),
        ("male", 60, 13.2, 12.7),
        ("female", 20, 12.2, 11.5),
        ("female", 49.9, 12.2, 11.5),
        ("female", 50, 12.2, 11.5),
        ("female", 80, 12.2, 11.5),
    ],
)
def test_beutler_and_waalen(sex, age, white, black):
    for group, cutoff in (("White", white), ("Black", black)):
        assert_cutoff(lambda hb, g=group: BEUTLER.as_if({"hemoglobin": hb, "sex": [sex] * 3, "age": [age] * 3}, g)["anemia"], cutoff)


def test_beutler_and_waalen_say_nothing_under_20_years_or_for_other_groups():
    patients = {"hemoglobin": [8.0, 8.0], "sex": ["male"] * 2, "age": [19.9, 30], "race_group": ["White", ""]}
    assert np.isnan(BEUTLER.with_race(patients)["anemia"]).all()
    assert BEUTLER.without_race(patients)["anemia"][1] == 1


@pytest.mark.parametrize(
    ("sex", "age", "trimester", "cutoff"),
    [
        ("male", 15, "none", 13.0),
        ("female", 15, "none", 12.0),
        ("female", 30, "first", 11.0),
        ("female", 30, "second", 10.5),
        ("female", 30, "third", 11.0),
        ("female", 14, "third", 11.0),
        ("male", 14.9, "none", 12.0),
        ("female", 12, "none", 12.0),
        ("female", 11.9, "none", 11.5),
        ("male", 5, "none", 11.5),
        ("male", 4.9, "none", 11.0),
        ("male", 2, "none", 11.0),
        ("female", 1.9, "none", 10.5),
        ("female", 0.5, "none", 10.5),
    ],
)
def test_who_2024(sex, age, trimester, cutoff):
    assert_cutoff(
        lambda hb: WHO.with_race({"hemoglobin": hb, "sex": [sex] * 3, "age": [age] * 3, "pregnancy_trimester": [trimester] * 3})["anemia"],
        cutoff,
    )


def test_who_2024_says_nothing_under_6_months():
    baby = {"hemoglobin": [9.0], "sex": ["male"], "age": [0.4], "pregnancy_trimester": ["none"]}
    assert np.isnan(WHO.with_race(baby)["anemia"][0])


@pytest.mark.parametrize(("group", "cutoff"), [("Black", 10.2), ("not Black", 11.0), ("", 11.0)])
def test_acog_third_trimester(group, cutoff):
    assert_cutoff(lambda hb: ACOG.with_race({"hemoglobin": hb, "race_group": [group] * 3})["anemia"], cutoff)


def test_acog_without_the_term_is_the_cutoff_of_who():
    hb = np.arange(8, 13, 0.05)
    pregnant = {"hemoglobin": hb, "sex": ["female"] * len(hb), "age": [30] * len(hb), "pregnancy_trimester": ["third"] * len(hb)}
    assert (ACOG.without_race({"hemoglobin": hb})["anemia"] == WHO.with_race(pregnant)["anemia"]).all()
