"""CKD-EPI: published crossings, faulty constants in the wild, and the ages that get no score."""

import numpy as np
import pytest

from calculators.nephrology.ckd_epi import ckd_epi_cr_2009, ckd_epi_cr_2021, ckd_epi_crcys_2012, ckd_epi_crcys_2021, ckd_epi_cys_2012


def egfr(calculator, group=None, **patient):
    scores = calculator.as_if(patient, group) if group else calculator.without_race(patient)
    return scores["egfr"][0]


@pytest.mark.parametrize(
    ("calculator", "group", "man", "woman"),
    [(ckd_epi_cr_2009, "Black", 3.716, 2.933), (ckd_epi_cr_2009, "not Black", 3.289, 2.596), (ckd_epi_cr_2021, None, 3.466, 2.723)],
)
def test_creatinine_at_which_a_patient_of_55_reaches_an_egfr_of_20(calculator, group, man, woman):
    for sex, creatinine in [("male", man), ("female", woman)]:
        assert egfr(calculator, group, creatinine=creatinine, age=55, sex=sex) == pytest.approx(20, abs=0.005)


def test_a_man_of_55_with_creatinine_3_5_is_listed_without_the_race_term_only():
    listing = ckd_epi_cr_2009.decision("transplant_waiting_time")
    patient = {"creatinine": 3.5, "age": 55, "sex": ["male"], "race_group": ["Black"]}
    assert not listing.apply(ckd_epi_cr_2009.with_race(patient)["egfr"])[0]
    assert listing.apply(ckd_epi_cr_2009.without_race(patient)["egfr"])[0]
    assert listing.apply(ckd_epi_cr_2021.with_race(patient)["egfr"])[0]


@pytest.mark.parametrize(
    ("sex", "group", "rounded"),
    [("female", "not Black", 144), ("male", "Black", 163), ("female", "Black", 166)],
)
def test_the_2009_product_form_is_not_the_printed_table_with_rounded_constants(sex, group, rounded):
    age, creatinine = 50, 1.4
    k = {"female": 0.7, "male": 0.9}[sex]
    table_form = rounded * (creatinine / k) ** -1.209 * 0.993**age
    ours = egfr(ckd_epi_cr_2009, group, creatinine=creatinine, age=age, sex=[sex])
    assert 0 < abs(ours / table_form - 1) < 0.0033


def test_the_combined_equation_of_2012_adds_eight_per_cent():
    patient = {"creatinine": 1.2, "cystatin_c": 1.1, "age": 60, "sex": ["female"]}
    assert egfr(ckd_epi_crcys_2012, "Black", **patient) / egfr(ckd_epi_crcys_2012, "not Black", **patient) == pytest.approx(1.08)


def test_the_table_form_for_women_is_lower_by_six_per_mille():
    at_the_knots = egfr(ckd_epi_crcys_2012, "not Black", creatinine=0.7, cystatin_c=0.8, age=40, sex=["female"])
    assert at_the_knots == pytest.approx(135 * 0.969 * 0.995**40)
    assert 130 * 0.995**40 / at_the_knots == pytest.approx(0.9938, abs=5e-5)


def test_the_unrounded_yearly_factor_of_public_cohort_code_is_higher():
    ours = egfr(ckd_epi_cys_2012, cystatin_c=1.2, age=65, sex=["male"])
    assert 133 * (1.2 / 0.8) ** -1.328 * 0.9962**65 / ours == pytest.approx(1.013, abs=5e-4)


@pytest.mark.parametrize("calculator", [ckd_epi_cys_2012, ckd_epi_crcys_2012, ckd_epi_crcys_2021])
def test_children_get_no_score(calculator):
    patients = {"creatinine": [0.8, 0.8], "cystatin_c": [0.9, 0.9], "age": [17.9, 18], "sex": ["male", "male"]}
    assert list(np.isnan(calculator.without_race(patients)["egfr"])) == [True, False]
