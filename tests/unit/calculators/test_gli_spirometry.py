"""GLI-2012 and GLI Global spirometry: official printed values, worked sizes, splines, age limits and faulty implementations."""

import csv
import dataclasses
from pathlib import Path

import numpy as np
import pytest

from calculators.coded import Coded
from calculators.pulmonology import gli_2012, gli_global_2022
from calculators.pulmonology.gli_2012 import gli_2012_fef75, gli_2012_fef2575, gli_2012_fev1, gli_2012_fev1fvc, gli_2012_fvc
from calculators.pulmonology.gli_global_2022 import gli_global_2022_fev1, gli_global_2022_fev1fvc, gli_global_2022_fvc
from calculators.pulmonology.lms import splines_at, value_at, z_score

OFFICIAL = Path(__file__).parents[2] / "spec" / "rounded"
RACE_BASED = (gli_2012_fev1, gli_2012_fvc, gli_2012_fev1fvc, gli_2012_fef2575, gli_2012_fef75)
RACE_FREE = (gli_global_2022_fev1, gli_global_2022_fvc, gli_global_2022_fev1fvc)
SEXES = ("female", "male")


def official(calculator):
    rows = list(csv.DictReader((OFFICIAL / f"{calculator.id}.csv").open(newline="", encoding="utf-8")))
    patients = {name: [float(row[name]) for row in rows] for name in ("age", "height")}
    patients |= {name: [row[name] for row in rows] for name in ("sex", "race_group")}
    return patients, {name: np.array([float(row[f"expected.{name}"]) for row in rows]) for name in ("predicted", "lln", "uln")}


def missed(calculator):
    """The share of 1,000 people for whom any of the official calculator's three printed values is missed."""
    patients, printed = official(calculator)
    scores = calculator.with_race(patients)
    return np.any([~(np.abs(scores[name] - printed[name]) <= 0.00051) for name in printed], axis=0).mean()


@pytest.mark.parametrize("calculator", RACE_BASED, ids=lambda c: c.id)
def test_official_calculator_is_reproduced_to_its_last_printed_digit(calculator):
    assert missed(calculator) == 0


@pytest.mark.parametrize(
    ("calculator", "digits"),
    [
        (gli_2012_fev1fvc, {"a0": {"male": 0.7403, "female": 0.550559}, "a1": {"male": -0.1595, "female": -0.107805}}),
        (gli_2012_fef2575, {"a0": {"male": -6.91893, "female": -5.16817}, "a1": {"male": 1.689511, "female": 1.40662}}),
        (gli_2012_fef75, {"a0": {"male": -9.1978, "female": -8.27113}, "a1": {"male": 2.1023, "female": 2.00917}}),
    ],
    ids=lambda x: getattr(x, "id", ""),
)
def test_coefficients_with_the_workbooks_digits_miss_the_official_values(calculator, digits):
    faulty = dataclasses.replace(calculator, constants=dict(calculator.constants) | digits)
    assert missed(faulty) > 0.01


@pytest.mark.parametrize(
    ("calculator", "sex", "height", "group", "predicted", "lln"),
    [
        (gli_2012_fev1, "male", 175, "White", 3.795, 2.961),
        (gli_2012_fev1, "male", 175, "Black", 3.238, 2.441),
        (gli_2012_fev1, "male", 175, "North East Asian", 3.665, 3.128),
        (gli_2012_fev1, "male", 175, "South East Asian", 3.475, 2.685),
        (gli_2012_fev1, "male", 175, "Other", 3.536, 2.750),
        (gli_global_2022_fev1, "male", 175, "", 3.574, 2.695),
        (gli_2012_fvc, "male", 175, "White", 4.801, 3.752),
        (gli_2012_fvc, "male", 175, "Black", 4.057, 3.098),
        (gli_2012_fvc, "male", 175, "Other", 4.421, 3.502),
        (gli_global_2022_fvc, "male", 175, "", 4.459, 3.392),
        (gli_2012_fev1, "female", 162, "White", 2.746, 2.142),
        (gli_2012_fev1, "female", 162, "Black", 2.367, 1.790),
        (gli_global_2022_fev1, "female", 162, "", 2.612, 1.929),
    ],
)
def test_worked_sizes_at_50_years(calculator, sex, height, group, predicted, lln):
    scores = calculator.with_race({"age": [50], "sex": [sex], "height": [height], "race_group": [group]})
    assert scores["predicted"][0] == pytest.approx(predicted, abs=0.00051)
    assert scores["lln"][0] == pytest.approx(lln, abs=0.00051)


def test_same_fev1_is_normal_with_the_term_and_abnormal_without_it():
    man = {"age": [50], "sex": ["male"], "height": [175], "fev1": [2.6], "race_group": ["Black"]}
    below_lln = gli_2012_fev1.decision("below_lln")
    assert not below_lln.apply(gli_2012_fev1.with_race(man)["z_score"])[0]
    assert below_lln.apply(gli_2012_fev1.without_race(man)["z_score"])[0]
    assert below_lln.apply(gli_global_2022_fev1.with_race(man)["z_score"])[0]


def test_unknown_group_is_scored_as_other():
    patients = {"age": [50], "sex": ["male"], "height": [175]}
    assert gli_2012_fev1.with_race(patients | {"race_group": [""]})["predicted"] == gli_2012_fev1.as_if(patients, "Other")["predicted"]


@pytest.mark.parametrize("calculator", [*RACE_BASED, *RACE_FREE], ids=lambda c: c.id)
def test_no_value_outside_the_ages_of_the_tables(calculator):
    last = 90 if "fef" in calculator.id else 95
    ages = [2.99, 3, last, last + 0.01]
    scores = calculator.without_race({"age": ages, "sex": ["female"] * 4, "height": [160] * 4})
    assert list(np.isfinite(scores["predicted"])) == [False, True, True, False]


def test_predicted_and_limits_come_without_a_measurement():
    scores = gli_2012_fev1.without_race({"age": [40], "sex": ["male"], "height": [180]})
    assert np.isfinite([scores[name][0] for name in ("predicted", "lln", "uln")]).all()
    assert np.isnan(scores["z_score"][0])
    assert np.isnan(scores["percent_predicted"][0])


def test_limits_of_normal_have_z_scores_of_1_645():
    patients = {"age": [8.1, 44.4, 90], "sex": ["female", "male", "female"], "height": [130, 170, 158]}
    for calculator, name in ((gli_2012_fef75, "fef75"), (gli_global_2022_fev1fvc, "fev1_fvc")):
        limits = calculator.without_race(patients)
        for limit, z in (("lln", -1.645), ("uln", 1.645)):
            measured = np.minimum(limits[limit], 1) if name == "fev1_fvc" else limits[limit]
            known = measured == limits[limit]
            assert calculator.without_race(patients | {name: measured})["z_score"][known] == pytest.approx(z)


def test_a_z_score_at_the_lower_limit_is_normal():
    patients = {"age": [50.0], "sex": ["male"], "height": [175]}
    lln = gli_2012_fev1.without_race(patients)["lln"]
    bands = gli_2012_fev1.bands[0]
    assert [bands.labels[code] for code in bands.codes(np.array([-1.645, -1.6451, -2.5, -2.501, -4, -4.001]))] == [
        "normal",
        "mild",
        "mild",
        "moderate",
        "moderate",
        "severe",
    ]
    z = gli_2012_fev1.without_race(patients | {"fev1": lln - 0.001})["z_score"]
    assert gli_2012_fev1.decision("below_lln").apply(z)[0]


def test_splines_lie_on_the_line_between_quarter_years():
    sex = Coded.from_words(["male"] * 3, SEXES)
    _, m, s = splines_at(np.array([3.0, 3.1, 3.25]), sex, table="gli_2012_splines.csv", index="FEV1")
    assert m[[0, 2]] == pytest.approx([-0.1133230622, -0.1072635241], rel=1e-12)
    assert m[1] == pytest.approx(-0.1133230622 + 0.4 * (-0.1072635241 + 0.1133230622), rel=1e-12)
    assert s[1] == pytest.approx(0.2143372309 + 0.4 * (0.2043372493 - 0.2143372309), rel=1e-12)


def test_flooring_the_age_instead_of_interpolating_is_noticed():
    ages = np.arange(3, 95, 0.01)
    sexes, heights = ["male"] * len(ages), np.full(len(ages), 170.0)
    exact = gli_global_2022_fev1.with_race({"age": ages, "sex": sexes, "height": heights})["predicted"]
    constants = {k: v for k, v in gli_global_2022_fev1.constants.items() if k not in ("table", "index")}
    median = np.exp(
        constants["a0"]["male"]
        + constants["a1"]["male"] * np.log(heights)
        + constants["a2"]["male"] * np.log(ages)
        + splines_at(np.floor(ages * 4) / 4, Coded.from_words(sexes, SEXES), table="gli_global_2022_splines.csv", index="FEV1")[1]
    )
    assert np.max(np.abs(median - exact)) > 0.01


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
def test_lms_where_the_skewness_is_zero():
    assert value_at(1.645, np.array([0.0, 1e-9]), 2.0, 0.1) == pytest.approx(2 * np.exp(0.1645))
    assert z_score(1.8, np.array([0.0, 1e-7]), 2.0, 0.1) == pytest.approx(np.log(0.9) / 0.1, rel=1e-6)


@pytest.mark.parametrize("calculator", [*RACE_BASED, *RACE_FREE], ids=lambda c: c.id)
def test_equation_text_gives_every_coefficient_that_is_used(calculator):
    for sex in SEXES:
        lines = (
            " ".join(line for line in calculator.equation.splitlines() if line.startswith(sex)).replace(",", "").replace(";", "").split()
        )
        for name, numbers in calculator.constants.items():
            if name not in ("table", "index"):
                assert float(lines[lines.index(name) + 1]) == numbers[sex]
        if calculator.race:
            text = next(line for line in calculator.equation.splitlines() if line.startswith(f"{sex}, a_group"))
            for label, row in calculator.race.groups.items():
                numbers = text.split(f" {label} ")[1].split(";")[0].split(" and ")
                assert [float(n) for n in numbers] == [row["a_group"][sex], row["p_group"][sex]]


def test_limits_of_global_are_wider_than_those_of_other():
    patients = {"age": [50], "sex": ["male"], "height": [175]}
    other, everyone = gli_2012.gli_2012_fev1.as_if(patients, "Other"), gli_global_2022.gli_global_2022_fev1.without_race(patients)
    assert everyone["uln"][0] - everyone["lln"][0] > other["uln"][0] - other["lln"][0]
