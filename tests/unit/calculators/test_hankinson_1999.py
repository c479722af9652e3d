"""NHANES III equations and the correction factor: where the pieces meet, age limits, unlisted groups and faulty implementations."""

import dataclasses

import numpy as np
import pytest

from calculators.evaluate import read_columns, removed_otherwise
from calculators.pulmonology.hankinson_1999 import (
    hankinson_1999_fef2575,
    hankinson_1999_fev1,
    hankinson_1999_fev1fev6,
    hankinson_1999_fev1fvc,
    hankinson_1999_fev6,
    hankinson_1999_fvc,
    hankinson_1999_pef,
    quadratic,
)
from calculators.pulmonology.nhanes3_correction_factor import nhanes3_correction_factor_2005

VOLUMES = [hankinson_1999_fev1, hankinson_1999_fvc, hankinson_1999_fev6, hankinson_1999_pef, hankinson_1999_fef2575]
RATIOS = [hankinson_1999_fev1fvc, hankinson_1999_fev1fev6]
ids = {"ids": lambda c: c.id}
GROUPS = ("White", "Black", "Mexican American")


@pytest.mark.parametrize("calculator", VOLUMES, **ids)
@pytest.mark.parametrize("group", GROUPS)
@pytest.mark.parametrize(("sex", "adult_from"), [("male", 20), ("female", 18)])
def test_childrens_and_adults_equations_meet_at_the_switch(calculator, group, sex, adult_from):
    patients = {"age": [adult_from - 1e-9, adult_from], "sex": [sex] * 2, "height": [165] * 2}
    child, adult = calculator.as_if(patients, group)["predicted"]
    assert child != adult
    assert child == pytest.approx(adult, abs=0.00031)


def test_switching_women_at_20_years_makes_the_jumps_that_faulty_software_has():
    jumps = []
    for calculator in VOLUMES[:3]:
        for row in calculator.race.groups.values():
            jumps.append(abs(quadratic(20, row["child"]["female"]) - quadratic(20, row["adult"]["female"])))
    assert max(jumps) > 0.1
    woman = {"age": [19], "sex": ["female"], "height": [165]}
    row = hankinson_1999_fev1.race.groups["White"]
    faulty = quadratic(19, row["child"]["female"]) + row["predicted_slope"]["female"] * 165**2
    assert faulty > hankinson_1999_fev1.as_if(woman, "White")["predicted"][0] + 0.02


@pytest.mark.parametrize("calculator", [*VOLUMES, *RATIOS, nhanes3_correction_factor_2005], **ids)
def test_no_value_outside_8_to_80_years(calculator):
    scores = calculator.without_race({"age": [7.99, 8, 80, 80.01], "sex": ["male"] * 4, "height": [150] * 4})
    assert list(np.isfinite(scores[calculator.outputs[0].name])) == [False, True, True, False]


@pytest.mark.parametrize("calculator", [*VOLUMES, *RATIOS], **ids)
def test_people_whom_the_paper_does_not_list_get_no_value_with_race(calculator):
    patients = {"age": [40], "sex": ["male"], "height": [175], "race_group": [""]}
    assert np.isnan(calculator.with_race(patients)["predicted"][0])
    assert np.isfinite(calculator.without_race(patients)["predicted"][0])


@pytest.mark.parametrize(
    ("calculator", "sex", "height", "percent"),
    [
        (hankinson_1999_fev1, "male", 176, [-14, -15, -9]),
        (hankinson_1999_fev1, "female", 163, [-13, -17, -19]),
        (hankinson_1999_fvc, "male", 176, [-16, -17, -12]),
        (hankinson_1999_fvc, "female", 163, [-14, -18, -22]),
        (hankinson_1999_fev6, "male", 176, [-16, -17, -11]),
        (hankinson_1999_fev6, "female", 163, [-14, -18, -21]),
        (hankinson_1999_pef, "male", 176, [-4, -11, -1]),
        (hankinson_1999_pef, "female", 163, [0, -8, -16]),
        (hankinson_1999_fef2575, "male", 176, [-7, -4, 2]),
        (hankinson_1999_fef2575, "female", 163, [-6, -11, -9]),
    ],
)
def test_black_against_white_at_25_50_and_75_years(calculator, sex, height, percent):
    patients = {"age": [25, 50, 75], "sex": [sex] * 3, "height": [height] * 3}
    ratio = calculator.as_if(patients, "Black")["predicted"] / calculator.as_if(patients, "White")["predicted"]
    assert list(np.round(100 * (ratio - 1))) == percent
    assert ", ".join(f"{n:+d}%" if n > 0 else f"{n}%" for n in percent) in calculator.direction


@pytest.mark.parametrize("calculator", RATIOS, **ids)
def test_ratios_are_fractions_and_height_does_not_matter(calculator):
    scores = calculator.without_race({"age": [40, 40], "sex": ["female"] * 2, "height": [150, 180]})
    assert 0.7 < scores["predicted"][0] < 0.9
    assert scores["predicted"][0] == scores["predicted"][1]


def test_lower_limit_has_a_z_score_of_minus_1_645_and_is_not_below_it():
    patients = {"age": [50.0], "sex": ["female"], "height": [163]}
    lln = hankinson_1999_fvc.without_race(patients)["lln"]
    z = hankinson_1999_fvc.without_race(patients | {"fvc": lln})["z_score"]
    assert z == pytest.approx(-1.645)


def test_mean_of_three_is_the_mean_of_their_predicted_values():
    patients = {"age": [50.0], "sex": ["female"], "height": [163]}
    removal = hankinson_1999_fvc.race.other_removals[0]
    mixed = removed_otherwise(hankinson_1999_fvc, read_columns(hankinson_1999_fvc, patients), removal)
    each = [hankinson_1999_fvc.as_if(patients, group)["predicted"] for group in GROUPS]
    assert mixed["predicted"] == pytest.approx(np.mean(each))


@pytest.mark.parametrize(("group", "factor"), [("White", 1), ("Black", 0.88), ("Asian", 0.94)])
def test_correction_factor_multiplies_predicted_and_lower_limit_of_white(group, factor):
    patients = {"age": [15, 63], "sex": ["male", "female"], "height": [170, 161]}
    corrected = nhanes3_correction_factor_2005.as_if(patients, group)
    for name, calculator in (("fev1", hankinson_1999_fev1), ("fvc", hankinson_1999_fvc)):
        white = calculator.as_if(patients, "White")
        for limit in ("predicted", "lln"):
            assert corrected[f"{name}_{limit}"] == pytest.approx(factor * white[limit], rel=1e-12)


def test_a_group_without_a_factor_is_left_at_white_values():
    patients = {"age": [30], "sex": ["male"], "height": [175], "race_group": [""]}
    scores = nhanes3_correction_factor_2005.with_race(patients)
    assert scores["fvc_lln"] == nhanes3_correction_factor_2005.as_if(patients, "White")["fvc_lln"]


@pytest.mark.parametrize("calculator", VOLUMES, **ids)
def test_equation_text_gives_every_coefficient_of_the_volumes(calculator):
    for group, row in calculator.race.groups.items():
        for sex in ("male", "female"):
            line = next(text for text in calculator.equation.splitlines() if text.startswith(f"{sex} {group}: "))
            child, adult, slopes = line.split("; ")
            assert tuple(float(n) for n in child.split(" years ")[1].split(", ")) == row["child"][sex]
            assert tuple(float(n) for n in adult.split(" years ")[1].split(", ")) == row["adult"][sex]
            predicted, lower = slopes.removeprefix("height^2 ").split(", lower limit ")
            assert (float(predicted), float(lower)) == (row["predicted_slope"][sex], row["lln_slope"][sex])


@pytest.mark.parametrize("calculator", RATIOS, **ids)
def test_equation_text_gives_every_coefficient_of_the_ratios(calculator):
    for group, row in calculator.race.groups.items():
        for sex in ("male", "female"):
            line = next(text for text in calculator.equation.splitlines() if text.startswith(f"{sex} {group}: "))
            given = dict(part.split() for part in line.split(": ")[1].split(", "))
            assert {name: float(value) for name, value in given.items()} == {name: numbers[sex] for name, numbers in row.items()}


def test_a_misspelt_coefficient_is_refused_when_the_declaration_is_read():
    with pytest.raises(Exception, match="does not fit"):
        dataclasses.replace(hankinson_1999_fev1fvc, constants={"c2": 1})
