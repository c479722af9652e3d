"""BCRAT: levels of the risk factors by group, the change at 50, fractions of a year, unknown answers, ages without a result."""

import numpy as np
import pytest

from calculators.oncology.bcrat import bcrat_gail_2, rates_by_age

WOMAN = {
    "age": 45.0,
    "projection_age": 50.0,
    "nulliparous": 0,
    "breast_biopsies": 0,
    "atypical_hyperplasia": np.nan,
    "age_at_menarche": 14,
    "age_at_first_birth": 19,
    "breast_cancer_relatives": 0,
}


def as_if(group, **changed):
    length = max((len(v) for v in changed.values()), default=1)
    scores = bcrat_gail_2.as_if({**{name: [value] * length for name, value in WOMAN.items()}, **changed}, group)
    return {name: list(values) for name, values in scores.items()}


def relative_risk(group, **changed):
    return as_if(group, **changed)["relative_risk_under_50"]


def test_no_risk_factor_is_a_relative_risk_of_one_in_every_group():
    for group in bcrat_gail_2.race.labels:
        scores = as_if(group)
        assert scores["relative_risk_under_50"] == scores["relative_risk_50_and_over"] == [1.0]


@pytest.mark.parametrize(
    ("group", "expected"),
    [
        ("White", [0, 0, 1, 1, 2]),
        ("Black", [0, 0, 1, 1, 1]),
        ("US-born Hispanic", [0, 0, 0, 0, 0]),
        ("Foreign-born Hispanic", [0, 0, 1, 1, 2]),
    ],
)
def test_levels_of_menarche(group, expected):
    beta = bcrat_gail_2.race.groups[group]["beta"]["menarche"] or 1.0
    got = np.log(relative_risk(group, age_at_menarche=[15, 14, 13.9, 12, 11.9])) / beta
    assert got == pytest.approx(np.array(expected) - expected[0])


@pytest.mark.parametrize(
    ("group", "expected"),
    [("White", [0, 1, 1, 2, 2, 3]), ("Black", [0] * 6), ("US-born Hispanic", [0, 1, 1, 1, 1, 2]), ("Filipino", [0, 1, 1, 2, 2, 3])],
)
def test_levels_of_first_birth(group, expected):
    beta = bcrat_gail_2.race.groups[group]["beta"]["first_birth"] or 1.0
    assert np.log(relative_risk(group, age_at_first_birth=[19.9, 20, 24.9, 25, 29.9, 30])) / beta == pytest.approx(expected)


def test_no_birth_is_the_second_level_in_hispanic_rows_too():
    beta = bcrat_gail_2.race.groups["US-born Hispanic"]["beta"]["first_birth"]
    no_birth, late_birth = relative_risk("US-born Hispanic", nulliparous=[1, 0], age_at_first_birth=[np.nan, 35])
    assert np.log(no_birth) == pytest.approx(2 * beta)
    assert late_birth == no_birth


@pytest.mark.parametrize(("group", "most"), [("White", 2), ("Black", 2), ("Foreign-born Hispanic", 1), ("Chinese", 1)])
def test_most_relatives_that_count(group, most):
    beta = bcrat_gail_2.race.groups[group]["beta"]["relatives"]
    assert np.log(relative_risk(group, breast_cancer_relatives=[1, 2, 5])) / beta == pytest.approx([1, most, most])


@pytest.mark.parametrize(("group", "most"), [("White", 2), ("Black", 2), ("US-born Hispanic", 1), ("Japanese", 2)])
def test_most_biopsies_that_count(group, most):
    beta = bcrat_gail_2.race.groups[group]["beta"]["biopsies"]
    assert np.log(relative_risk(group, breast_biopsies=[1, 2, 3])) / beta == pytest.approx([1, most, most])


def test_hyperplasia_counts_only_after_a_biopsy():
    none, absent, present, unknown = relative_risk("White", breast_biopsies=[0, 1, 1, 1], atypical_hyperplasia=[1, 0, 1, np.nan])
    assert none == 1.0
    assert absent / unknown == pytest.approx(0.93)
    assert present / unknown == pytest.approx(1.82)


def test_unknown_answers_are_the_lowest_level():
    unknown = {name: [np.nan] for name in bcrat_gail_2.optional_inputs}
    assert relative_risk("White", **unknown) == [1.0]


def test_biopsies_weigh_less_from_50_in_white_and_black_rows_only():
    for group in bcrat_gail_2.race.labels:
        scores = as_if(group, breast_biopsies=[2])
        falls = scores["relative_risk_50_and_over"][0] < scores["relative_risk_under_50"][0]
        assert falls == (group in {"White", "Black", "Other or unknown"})


def yearly(group, age, projection_age, **changed):
    """The same risk, one year at a time, with plain numbers."""
    scores = as_if(group, age=[age], projection_age=[projection_age], **changed)
    row = bcrat_gail_2.race.groups[group]
    rates = {start: (cancer, death) for start, cancer, death in rates_by_age(row["rates"])}
    survival, risk = 1.0, 0.0
    for year in range(20, 90):
        length = min(projection_age, year + 1) - max(age, year)
        if length > 0:
            cancer, death = rates[year // 5 * 5]
            under = year < 50
            cancer *= row["unattributable"][0 if under else 1]
            cancer *= scores["relative_risk_under_50" if under else "relative_risk_50_and_over"][0]
            risk += survival * cancer / (cancer + death) * (1 - np.exp(-(cancer + death) * length))
            survival *= np.exp(-(cancer + death) * length)
    return scores["breast_cancer"][0], risk


@pytest.mark.parametrize(("age", "projection_age"), [(49.5, 54.5), (34.9, 39.9), (35.25, 35.75), (20, 90), (89, 90), (47, 61.3)])
@pytest.mark.parametrize("group", ["White", "Black", "Hawaiian"])
def test_five_year_steps_give_the_yearly_sum(group, age, projection_age):
    got, expected = yearly(group, age, projection_age, breast_biopsies=[2], breast_cancer_relatives=[1])
    assert got == pytest.approx(expected, rel=1e-12)


def test_a_black_estimate_is_lower_with_risk_factors_and_higher_without():
    profile = {
        "age": [60],
        "projection_age": [65],
        "breast_biopsies": [3],
        "atypical_hyperplasia": [1],
        "age_at_menarche": [13],
        "age_at_first_birth": [25],
        "breast_cancer_relatives": [2],
    }
    assert as_if("White", **profile)["breast_cancer"] == pytest.approx([0.1395], abs=0.00005)
    assert as_if("Black", **profile)["breast_cancer"] == pytest.approx([0.0757], abs=0.00005)
    assert as_if("Black")["breast_cancer"] > as_if("White")["breast_cancer"]


def test_no_result_outside_20_to_90_or_without_time_between():
    ages = {"age": [19.9, 20, 90, 50, 50, 85], "projection_age": [25, 25, 95, 50, 45, 90.1]}
    risk = as_if("White", **ages)["breast_cancer"]
    assert list(np.isnan(risk)) == [True, False, True, True, True, True]
    assert list(np.isnan(as_if("White", **ages)["breast_cancer_average_woman"])) == list(np.isnan(risk))


def test_unknown_race_uses_the_white_numbers():
    unknown = bcrat_gail_2.with_race({**{name: [value] for name, value in WOMAN.items()}, "race_group": [""]})
    assert list(unknown["breast_cancer"]) == as_if("White")["breast_cancer"]
    assert bcrat_gail_2.race.neutral("Other or unknown")
    assert not bcrat_gail_2.race.neutral("Black")
