"""Kidney failure risk: the centered patient, the faults of public code, and the eGFR that carries race."""

import numpy as np
import pytest

from calculators.nephrology.ckd_epi import ckd_epi_cr_2009
from calculators.nephrology.kfre import kfre_4var_2016, kfre_8var_2016

PATIENT = {
    "age": 70.36,
    "sex": ["female"],
    "egfr": 36.11,
    "urine_acr": float(np.exp(5.137)),
    "albumin": 3.997,
    "phosphate": 3.916,
    "bicarbonate": 25.57,
    "calcium": 9.355,
}


def risk(calculator, years, **changes):
    return calculator.with_race({"north_america": 1} | PATIENT | changes)[f"kidney_failure_{years}_year"][0]


@pytest.mark.parametrize(
    ("calculator", "years", "north_america", "survival", "by_sex"),
    [
        (kfre_4var_2016, 2, 1, 0.9750, 0.2467),
        (kfre_4var_2016, 5, 1, 0.9240, 0.2467),
        (kfre_4var_2016, 2, 0, 0.9832, 0.2467),
        (kfre_4var_2016, 5, 0, 0.9365, 0.2467),
        (kfre_8var_2016, 2, 1, 0.9780, 0.1602),
        (kfre_8var_2016, 5, 1, 0.9301, 0.1602),
        (kfre_8var_2016, 2, 0, 0.9827, 0.1602),
        (kfre_8var_2016, 5, 0, 0.9245, 0.1602),
    ],
)
def test_baseline_of_the_centered_patient(calculator, years, north_america, survival, by_sex):
    for sex, male in [("female", 0), ("male", 1)]:
        expected = 1 - survival ** np.exp(by_sex * (male - 0.5642))
        assert risk(calculator, years, north_america=north_america, sex=[sex]) == pytest.approx(expected)


def test_the_ratio_is_in_mg_per_g():
    assert np.exp(5.137) == pytest.approx(170, abs=0.3)
    assert risk(kfre_4var_2016, 5, urine_acr=170 / 8.84) < risk(kfre_4var_2016, 5, urine_acr=170)


def test_older_age_lowers_the_risk():
    assert risk(kfre_4var_2016, 5, age=80) < risk(kfre_4var_2016, 5, age=60)
    assert risk(kfre_8var_2016, 5, age=80) < risk(kfre_8var_2016, 5, age=60)


def test_misplaced_brackets_give_men_too_high_or_everyone_too_low_a_risk():
    woman, man = (risk(kfre_4var_2016, 5, sex=[sex]) for sex in ("female", "male"))
    assert 1 - 0.9240 ** np.exp(0.2467 * 1) > man
    assert 1 - 0.9240 ** np.exp(-0.5642) < woman
    assert 1 - 0.9240 ** np.exp(0.2467 - 0.5642) < man


def test_the_race_term_of_an_egfr_delays_referral():
    patient = {"creatinine": [1.7], "age": [68], "sex": ["male"], "race_group": ["Black"]}
    with_race = ckd_epi_cr_2009.with_race(patient)["egfr"][0]
    without_race = ckd_epi_cr_2009.without_race(patient)["egfr"][0]
    referral = kfre_4var_2016.decision("nephrology_referral")
    risks = [risk(kfre_4var_2016, 5, age=68, sex=["male"], egfr=egfr, urine_acr=60) for egfr in (with_race, without_race)]
    assert list(referral.apply(np.array(risks))) == [False, True]


def test_ten_and_forty_per_cent_themselves_are_not_over():
    assert list(kfre_4var_2016.bands[0].codes(np.array([0.10, 0.1001, 0.40, 0.4001]))) == [0, 1, 1, 2]
