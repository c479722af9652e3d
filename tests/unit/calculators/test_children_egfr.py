"""eGFR of children and young adults: the published outputs of CKiD, the switches of age, and faulty packages."""

import numpy as np
import pytest

from calculators.nephrology.ckid_u25 import ckid_u25_avg_2021, ckid_u25_cr_2021, ckid_u25_cys_2021
from calculators.nephrology.schwartz import schwartz_bedside_2009

CALCULATORS = (ckid_u25_cr_2021, ckid_u25_cys_2021, ckid_u25_avg_2021)


def egfr(calculator, age, sex, creatinine=1.0, cystatin_c=1.0, height=100):
    patient = {"age": age, "sex": [sex], "creatinine": creatinine, "cystatin_c": cystatin_c, "height": height}
    return calculator.without_race(patient)["egfr"][0]


@pytest.mark.parametrize(
    ("age", "height", "creatinine", "cystatin_c", "male", "female"),
    [
        (11, 120, 0.9, 1.3, (51.6, 64.2, 57.9), (47.8, 61.2, 54.5)),
        (15, 160, 1.9, 1.6, (37.5, 54.5, 46.0), (32.5, 46.1, 39.3)),
        (20, 181, 2.1, 1.8, (43.8, 42.8, 43.3), (35.7, 37.9, 36.8)),
    ],
)
def test_the_published_outputs(age, height, creatinine, cystatin_c, male, female):
    for sex, printed in [("male", male), ("female", female)]:
        for calculator, expected in zip(CALCULATORS, printed, strict=True):
            assert egfr(calculator, age, sex, creatinine, cystatin_c, height) == pytest.approx(expected, abs=0.051)


@pytest.mark.parametrize(
    ("calculator", "sex", "age", "factor"),
    [
        (ckid_u25_cr_2021, "male", 12, 39.0),
        (ckid_u25_cr_2021, "male", 18, 50.8),
        (ckid_u25_cr_2021, "female", 12, 36.1),
        (ckid_u25_cr_2021, "female", 18, 41.4),
        (ckid_u25_cys_2021, "male", 15, 87.2),
        (ckid_u25_cys_2021, "male", 18, 77.1),
        (ckid_u25_cys_2021, "female", 12, 79.9),
        (ckid_u25_cys_2021, "female", 18, 68.3),
    ],
)
def test_factors_where_the_age_switches(calculator, sex, age, factor):
    assert egfr(calculator, age, sex) == factor


def test_the_fixed_factors_of_a_public_package_are_too_low():
    assert 41.8 / egfr(ckid_u25_cr_2021, 17.99, "male") - 1 == pytest.approx(-0.177, abs=5e-4)
    assert 37.6 / egfr(ckid_u25_cr_2021, 17.99, "female") < 1


def test_the_creatinine_factor_in_the_cystatin_equation_is_39_per_cent_too_low():
    assert 41.4 / egfr(ckid_u25_cys_2021, 20, "female") - 1 == pytest.approx(-0.394, abs=5e-4)


def test_swapped_sexes_are_12_9_per_cent_off():
    assert egfr(ckid_u25_cys_2021, 20, "male") / egfr(ckid_u25_cys_2021, 20, "female") - 1 == pytest.approx(0.129, abs=5e-4)


@pytest.mark.parametrize("calculator", CALCULATORS)
def test_ages_outside_1_to_25_get_no_score(calculator):
    assert np.isnan([egfr(calculator, age, "male") for age in (0.9, 25.1)]).all()
    assert np.isfinite([egfr(calculator, age, "male") for age in (1, 25)]).all()


def test_bedside_schwartz_by_hand():
    assert schwartz_bedside_2009.with_race({"creatinine": 0.413, "height": 120})["egfr"][0] == pytest.approx(120)
