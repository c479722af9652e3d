"""MDRD: published examples, the size of the race factors, and constants that belong to another assay."""

import numpy as np
import pytest

from calculators.nephrology.mdrd import mdrd4_175_2006, mdrd4_186_1999, mdrd6_161_5_2006, mdrd6_170_1999

MAN_OF_60 = {"creatinine": 1.4, "age": 60, "sex": ["male"], "blood_urea_nitrogen": 18, "albumin": 4.1}


def egfr(calculator, group, **changes):
    return calculator.as_if(MAN_OF_60 | changes, group)["egfr"][0]


def test_a_man_of_60_with_creatinine_1_4():
    assert round(egfr(mdrd4_175_2006, "not Black")) == 52
    assert round(egfr(mdrd4_175_2006, "not Black") * 1.233) == 64
    assert round(egfr(mdrd4_175_2006, "not Black") * 0.808) == 42


@pytest.mark.parametrize(
    ("calculator", "factor"), [(mdrd4_186_1999, 1.212), (mdrd4_175_2006, 1.212), (mdrd6_170_1999, 1.180), (mdrd6_161_5_2006, 1.180)]
)
def test_size_of_the_race_factor(calculator, factor):
    assert egfr(calculator, "Black") / egfr(calculator, "not Black") == pytest.approx(factor, rel=1e-12)


def test_an_equal_egfr_needs_a_creatinine_18_per_cent_higher_under_the_factor():
    assert egfr(mdrd4_175_2006, "Black", creatinine=4 * 1.1813) == pytest.approx(egfr(mdrd4_175_2006, "not Black", creatinine=4), rel=1e-3)


def test_the_truncated_factor_of_a_public_package_is_lower():
    wrong = egfr(mdrd4_186_1999, "not Black") * 1.21
    assert wrong / egfr(mdrd4_186_1999, "Black") == pytest.approx(1 - 0.0017, abs=5e-5)


def test_the_conventional_constant_is_higher_than_the_traceable_one():
    assert egfr(mdrd4_186_1999, "not Black") / egfr(mdrd4_175_2006, "not Black") == pytest.approx(186 / 175)
    assert egfr(mdrd6_170_1999, "not Black") / egfr(mdrd6_161_5_2006, "not Black") == pytest.approx(170 / 161.5)


@pytest.mark.parametrize("calculator", [mdrd4_186_1999, mdrd4_175_2006, mdrd6_170_1999, mdrd6_161_5_2006])
def test_children_get_no_score_and_patients_over_70_do(calculator):
    assert np.isnan(egfr(calculator, "not Black", age=17))
    assert np.isfinite(egfr(calculator, "not Black", age=85))
