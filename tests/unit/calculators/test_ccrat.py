"""CCRAT: the never-smoker rule, counts that are capped, what each sex reads, ages without a result."""

import numpy as np
import pytest

from calculators.oncology.ccrat import ccrat_2009, coefficients

PERSON = {
    "age": 55.0,
    "projection_age": 60.0,
    "sex": "male",
    "colorectal_screening": "none",
    "years_smoked_band": "never",
    "cigarettes_band": "0",
    "nsaid_regimen": 0,
    "non_aspirin_nsaid": 0,
    "colorectal_cancer_relatives": 0,
    "activity_band": "3",
    "vegetables_under_5_servings": 1,
    "body_mass_index_band": "1",
    "no_estrogen_past_2_years": 1,
}


def risk(group="White", **changed):
    length = max((len(v) for v in changed.values()), default=1)
    people = {**{name: [value] * length for name, value in PERSON.items()}, **changed}
    return ccrat_2009.as_if(people, group)["colorectal_cancer"]


def test_men_with_one_smoking_answer_of_zero_never_smoked():
    never, no_years, no_cigarettes = risk(years_smoked_band=["never", "never", "35_or_more"], cigarettes_band=["0", "3", "0"])
    assert never == no_years == no_cigarettes


def test_smoking_enters_in_men_only():
    bands = {"years_smoked_band": ["never", "35_or_more"], "cigarettes_band": ["0", "3"]}
    assert np.ptp(risk(sex=["female", "female"], **bands)) == 0
    assert np.ptp(risk(sex=["male", "male"], **bands)) > 0


@pytest.mark.parametrize("sex", ["male", "female"])
def test_two_relatives_are_the_most_that_count(sex):
    none, one, two, five = risk(sex=[sex] * 4, colorectal_cancer_relatives=[0, 1, 2, 5])
    assert none < one < two == five


def test_estrogen_is_read_in_women_only():
    male = risk(sex=["male"] * 2, no_estrogen_past_2_years=[0, 1])
    female = risk(sex=["female"] * 2, no_estrogen_past_2_years=[0, 1])
    assert male[0] == male[1]
    assert female[0] != female[1]


def test_body_mass_weighs_on_the_distal_colon_of_women_on_estrogen():
    numbers = {term: female for term, _, female in coefficients("distal")}
    assert numbers["body_mass_index_code_on_estrogen"] == 0.9873503
    off, on = (risk(sex=["female"] * 2, no_estrogen_past_2_years=[e] * 2, body_mass_index_band=["0", "2"]) for e in (1, 0))
    assert on[1] / on[0] > off[1] / off[0] + 0.5


def test_activity_codes_rise_in_men_and_not_in_order_in_women():
    men = risk(sex=["male"] * 4, activity_band=["0", "1", "2", "3"])
    assert (np.diff(men) > 0).all()
    women = {term: female for term, _, female in coefficients("rectal")}
    assert women["activity_code_1"] > women["activity_code_2"] < women["activity_code_3"]


def test_no_result_outside_the_rates_or_without_time_between():
    got = risk(age=[44.9, 45, 85, 60, 60], projection_age=[50, 50, 90.1, 60, 55])
    assert list(np.isnan(got)) == [True, False, True, True, True]


def test_a_group_without_rates_has_no_result():
    people = {name: [value] for name, value in PERSON.items()}
    assert np.isnan(ccrat_2009.with_race({**people, "race_group": [""]})["colorectal_cancer"]).all()
