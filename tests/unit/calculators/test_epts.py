"""Estimated post-transplant survival: the formula by hand, and what waiting does to it."""

import math

import pytest

from calculators.transplantation.epts import epts_raw_2014


def raw(age, diabetes, prior_transplant, dialysis_duration):
    patient = {"age": age, "diabetes": diabetes, "prior_transplant": prior_transplant, "dialysis_duration": dialysis_duration}
    return epts_raw_2014.with_race(patient)["epts_raw"][0]


def test_terms_by_hand():
    assert raw(45, 0, 0, 0) == pytest.approx(0.047 * 20 + 0.130)
    assert raw(45, 1, 1, 2) == pytest.approx(0.032 * 20 + 0.161 + 0.216 * math.log(3) + 1.262)
    assert raw(45, 1, 0, 0) == pytest.approx(0.032 * 20 - 0.218 + 1.262)


def test_age_counts_from_25():
    assert raw(18, 0, 0, 1) == raw(25, 0, 0, 1) < raw(26, 0, 0, 1)


def test_five_years_on_dialysis_cost_more_than_a_listing_before_dialysis():
    assert raw(45, 0, 0, 5) - raw(45, 0, 0, 0) == pytest.approx(0.315 * math.log(6) - 0.130)
