"""EKFC: the switches at Q, 25, 40 and 50, the Black-specific Q, and faulty public implementations."""

import numpy as np
import pytest

from calculators.nephrology.ekfc import ekfc_cr_2021, ekfc_cr_2023_black_q, ekfc_cys_2023, ekfc_cys_2023_sex_specific


def egfr(calculator, group=None, sex="male", **patient):
    patient["sex"] = [sex]
    scores = calculator.as_if(patient, group) if group else calculator.without_race(patient)
    return scores["egfr"][0]


@pytest.mark.parametrize(("sex", "q"), [("male", 0.90), ("female", 0.70)])
def test_an_adult_at_q_has_107_3_until_40(sex, q):
    assert egfr(ekfc_cr_2021, creatinine=q, age=40, sex=sex) == pytest.approx(107.3)
    assert egfr(ekfc_cr_2021, creatinine=q, age=50, sex=sex) == pytest.approx(107.3 * 0.990**10)
    assert egfr(ekfc_cr_2021, creatinine=2 * q, age=40, sex=sex) == pytest.approx(107.3 * 2**-1.132)
    assert egfr(ekfc_cr_2021, creatinine=q / 2, age=40, sex=sex) == pytest.approx(107.3 * 2**0.322)


@pytest.mark.parametrize(("sex", "step"), [("female", 0.990), ("male", 0.982)])
def test_the_step_at_25_is_one_to_two_per_cent(sex, step):
    after, before = (egfr(ekfc_cr_2021, creatinine=1.3, age=age, sex=sex) for age in (25.000001, 25))
    assert after / before == pytest.approx(step, abs=6e-4)


def test_under_two_years_there_is_no_score():
    assert np.isnan(egfr(ekfc_cr_2021, creatinine=0.3, age=1.9))
    assert np.isfinite(egfr(ekfc_cr_2021, creatinine=0.3, age=2))


@pytest.mark.parametrize(
    ("sex", "creatinine", "ratio"), [("male", 1.5, 1.152), ("female", 1.5, 1.065), ("male", 0.6, 1.041), ("female", 0.5, 1.018)]
)
def test_size_of_the_black_specific_q(sex, creatinine, ratio):
    patient = {"creatinine": creatinine, "age": 50, "sex": sex}
    assert egfr(ekfc_cr_2023_black_q, "Black", **patient) / egfr(ekfc_cr_2023_black_q, "not Black", **patient) == pytest.approx(
        ratio, abs=6e-4
    )


def test_the_black_specific_q_says_nothing_at_25_and_under():
    assert np.isnan(egfr(ekfc_cr_2023_black_q, "Black", creatinine=1, age=25))
    assert np.isfinite(egfr(ekfc_cr_2023_black_q, "Black", creatinine=1, age=25.1))


def test_not_black_is_the_equation_of_2021():
    patient = {"creatinine": 1.1, "age": 63, "sex": "female"}
    assert egfr(ekfc_cr_2023_black_q, **patient) == egfr(ekfc_cr_2021, **patient)


def test_the_black_specific_q_at_two_years_is_up_to_3_8_times_too_high():
    right = egfr(ekfc_cr_2021, creatinine=1.1, age=2)
    assert 107.3 * (1.1 / 1.02) ** -1.132 / right == pytest.approx(3.85, abs=0.01)


def test_the_polynomial_is_not_used_after_25():
    assert egfr(ekfc_cr_2021, creatinine=1.0, age=39) == egfr(ekfc_cr_2021, creatinine=1.0, age=26)


def test_adult_q_in_micromoles_is_within_0_7_per_cent():
    ours = egfr(ekfc_cr_2021, creatinine=1.3, age=40)
    assert 107.3 * (1.3 * 88.4 / 80) ** -1.132 / ours == pytest.approx(1, abs=0.007)


@pytest.mark.parametrize(("age", "q"), [(30, 0.83), (50, 0.83), (51, 0.835), (70, 0.93)])
def test_q_of_cystatin_c_rises_after_50(age, q):
    assert egfr(ekfc_cys_2023, cystatin_c=q, age=age) == pytest.approx(107.3 * 0.990 ** max(age - 40, 0))


@pytest.mark.parametrize(("sex", "q"), [("female", 0.79), ("male", 0.86)])
def test_q_of_cystatin_c_by_sex(sex, q):
    assert egfr(ekfc_cys_2023_sex_specific, cystatin_c=q + 0.05, age=60, sex=sex) == pytest.approx(107.3 * 0.990**20)
