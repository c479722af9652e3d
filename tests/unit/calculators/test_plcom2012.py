"""PLCOm2012: the authors' examples, the group that 1.027152 belongs to, people who never smoked."""

import csv
from pathlib import Path

import numpy as np
import pytest

from calculators.oncology.plcom2012 import INPUTS, plcom2012, plcom2012_norace

SWAPPED = Path(__file__).parents[2] / "spec" / "known_wrong" / "plcom2012_swapped_groups.csv"
EXAMPLE = (63, "1", 36.01108, 1, 1, 1, 1, 10, 12, 0)


def patient(values=EXAMPLE, **changed):
    return {name: [value] for name, value in {**dict(zip(INPUTS, values, strict=True)), **changed}.items()}


def log_odds(risk):
    return np.log(risk / (1 - risk))


@pytest.mark.parametrize(
    ("values", "printed"),
    [
        (EXAMPLE, 0.01827511),
        ((68, "5", 30.5241, 0, 1, 1, 1, 20, 33, 0), 0.06997445),
        ((61, "5", 34.25606, 1, 1, 1, 0, 20, 21, 9), 0.02192871),
        ((70, "4", 37.87401, 0, 0, 0, 1, 20, 30, 0), 0.0245205),
    ],
)
def test_without_race_gives_the_printed_examples(values, printed):
    risk = plcom2012_norace.with_race(patient(values))["lung_cancer_6_year"]
    assert risk == pytest.approx([printed], abs=0.51e-8)


@pytest.mark.parametrize(
    ("group", "odds_ratio"),
    [
        ("White", 1.0),
        ("Black", 1.484),
        ("Hispanic", 0.475),
        ("Asian", 0.627),
        ("American Indian or Alaska Native", 1.0),
        ("Native Hawaiian or Pacific Islander", 2.793),
    ],
)
def test_each_group_has_its_published_odds_ratio(group, odds_ratio):
    difference = log_odds(plcom2012.as_if(patient(), group)["lung_cancer_6_year"]) - log_odds(
        plcom2012.without_race(patient())["lung_cancer_6_year"]
    )
    assert np.exp(difference) == pytest.approx([odds_ratio], abs=0.00051)


def test_packages_that_swap_two_groups_are_far_off():
    rows = list(csv.DictReader(SWAPPED.open(newline="", encoding="utf-8")))
    patients = {name: [r[name] if name == "education_level" else float(r[name]) for r in rows] for name in INPUTS}
    group = np.array([r["race_group"] for r in rows])
    wrong = log_odds(np.array([float(r["wrong.lung_cancer_6_year"]) for r in rows]))
    ours = log_odds(plcom2012.with_race({**patients, "race_group": list(group)})["lung_cancer_6_year"])
    native_american = group == "American Indian or Alaska Native"
    assert native_american.sum() == (~native_american).sum() == 70
    assert wrong[native_american] - ours[native_american] == pytest.approx(1.027152)
    assert wrong[~native_american] - ours[~native_american] == pytest.approx(-1.027152)


def test_unknown_race_is_not_defined():
    assert np.isnan(plcom2012.with_race({**patient(), "race_group": [""]})["lung_cancer_6_year"]).all()


@pytest.mark.parametrize("calculator", [plcom2012, plcom2012_norace], ids=lambda c: c.id)
def test_people_who_never_smoked_get_no_risk(calculator):
    assert np.isnan(calculator.without_race(patient(cigarettes_per_day=0))["lung_cancer_6_year"]).all()


@pytest.mark.parametrize("calculator", [plcom2012, plcom2012_norace], ids=lambda c: c.id)
def test_more_cigarettes_raise_the_risk_less_and_less(calculator):
    patients = patient()
    patients = {name: values * 4 for name, values in patients.items()} | {"cigarettes_per_day": [5, 10, 20, 40]}
    rises = np.diff(log_odds(calculator.without_race(patients)["lung_cancer_6_year"]))
    assert (rises > 0).all()
    assert (np.diff(rises) < 0).all()


def test_screening_begins_at_1_51_percent():
    assert list(plcom2012.decision("screening").apply(np.array([0.01509, 0.0151]))) == [False, True]
