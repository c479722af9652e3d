"""Kidney donor risk index: the OPTN guide's example, limits of the inputs, and the terms that were removed."""

import numpy as np
import pytest

from calculators.transplantation.kdri import kdpi_optn_2024, kdri_optn_2024, kdri_rao_2009, percentile_limits

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


def percentile(year, **changes):
    scores = kdpi_optn_2024.without_race(DONOR | {"reference_donor_year": [year]} | changes)
    return scores["kdpi"][0], scores["kdri_scaled"][0]


def test_the_example_of_the_guide_is_79_per_cent_of_2023_and_72_of_2024():
    assert percentile("2023") == (79, pytest.approx(1.71235565748184 / 1.30900852563932))
    assert percentile("2024")[0] == 72


@pytest.mark.parametrize("year", ["2023", "2024"])
def test_limits_of_the_percentiles(year):
    limits = percentile_limits(year)
    assert len(limits) == 100
    assert (np.diff(limits) > 0).all()
    assert percentile(year, age=95, diabetes=1, height=140, weight=30)[0] == 100


def test_an_index_at_a_limit_belongs_to_the_percentage_below(monkeypatch):
    kdpi, scaled = percentile("2023")
    limits = percentile_limits("2023").copy()
    assert limits[78] < scaled <= limits[79]
    limits[79] = scaled
    monkeypatch.setattr("calculators.transplantation.kdri.percentile_limits", lambda year: limits)
    assert percentile("2023")[0] == kdpi
    limits[79] = np.nextafter(scaled, 0)
    assert percentile("2023")[0] == kdpi + 1


def test_the_hybrid_of_2009_coefficients_and_2024_table_ranks_a_donor_recorded_as_black_worse():
    hybrid = np.searchsorted(percentile_limits("2023"), index(kdri_rao_2009, "Black") / 1.30900852563932)
    assert hybrid > percentile("2023")[0]


def test_a_profile_of_85_is_not_yet_over_85():
    over = kdpi_optn_2024.decision("kdpi_85")
    first = kdpi_optn_2024.decision("kdpi_20")
    assert list(over.apply(np.array([85.0, 86.0]))) == [False, True]
    assert list(first.apply(np.array([20.0, 21.0]))) == [True, False]
    assert list(kdpi_optn_2024.bands[0].codes(np.array([20.0, 21.0, 85.0, 86.0]))) == [0, 1, 1, 2]
