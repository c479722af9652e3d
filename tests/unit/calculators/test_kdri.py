"""Kidney donor risk index: the OPTN guide's example, limits of the inputs, and the terms that were removed."""

import numpy as np
import pytest

from calculators.transplantation.kdri import kdri_optn_2024, kdri_rao_2009

DONOR = {
    "age": 52,
    "height": 183,
    "weight": 81,
    "hypertension": 1,
    "diabetes": 0,
    "cause_of_death": ["stroke"],
    "creatinine": 1.7,
    "donation_after_circulatory_death": 1,
    "hepatitis_c": 0,
}


def index(calculator, group=None, **changes):
    donor = DONOR | changes
    scores = calculator.as_if(donor, group) if group else calculator.without_race(donor)
    return scores["kdri"][0]


def test_the_example_of_the_optn_guide():
    assert np.log(index(kdri_optn_2024)) == pytest.approx(0.53787, abs=5e-6)
    assert index(kdri_optn_2024) == pytest.approx(1.71235565748184, abs=5e-14)


@pytest.mark.parametrize("calculator", [kdri_rao_2009, kdri_optn_2024])
@pytest.mark.parametrize(
    ("name", "limit", "beyond"), [("creatinine", 8, 12), ("age", 99, 105), ("height", 241.3, 250), ("weight", 0.454, 0.4)]
)
def test_a_value_beyond_its_limit_counts_as_the_limit(calculator, name, limit, beyond):
    inside = 0.9 * limit if beyond > limit else 1.1 * limit
    assert index(calculator, **{name: beyond}) == index(calculator, **{name: limit}) != index(calculator, **{name: inside})


def test_weight_counts_below_80_kg_only():
    assert index(kdri_optn_2024, weight=80) == index(kdri_optn_2024, weight=290)
    assert index(kdri_optn_2024, weight=79) > index(kdri_optn_2024, weight=80)


def test_only_stroke_counts_among_causes_of_death():
    others = {index(kdri_rao_2009, cause_of_death=[cause]) for cause in ("anoxia", "trauma", "other")}
    assert len(others) == 1
    assert index(kdri_rao_2009) / others.pop() == pytest.approx(np.exp(0.0881))


def test_size_of_the_race_and_hepatitis_c_terms():
    assert index(kdri_rao_2009, "Black") / index(kdri_rao_2009, "not Black") == pytest.approx(1.196, abs=5e-4)
    assert index(kdri_rao_2009, hepatitis_c=1) / index(kdri_rao_2009) == pytest.approx(1.271, abs=5e-4)


def test_a_donor_of_unlisted_race_is_scored_as_not_black():
    donor = DONOR | {"race_group": [""]}
    assert kdri_rao_2009.with_race(donor)["kdri"][0] == index(kdri_rao_2009, "not Black")


def test_children_lower_the_refit_index_and_raise_the_index_of_2009_with_each_year_below_18():
    assert index(kdri_optn_2024, age=10) < index(kdri_optn_2024, age=17)
    assert index(kdri_rao_2009, age=10) > index(kdri_rao_2009, age=17)


def test_above_1_5_creatinine_hardly_matters_in_the_refit():
    assert np.log(index(kdri_optn_2024, creatinine=2.7) / index(kdri_optn_2024, creatinine=1.7)) == pytest.approx(-0.0071)


def test_the_misprinted_coefficient_for_circulatory_death_gives_a_lower_index():
    wrong = index(kdri_optn_2024, donation_after_circulatory_death=0) * np.exp(0.1308)
    assert wrong / index(kdri_optn_2024) == pytest.approx(0.936, abs=5e-4)


def test_an_unknown_required_value_gives_no_index():
    assert np.isnan(index(kdri_optn_2024, hypertension=np.nan))
    assert np.isnan(index(kdri_optn_2024, cause_of_death=[""]))
