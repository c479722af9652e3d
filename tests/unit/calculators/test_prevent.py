"""AHA PREVENT: the supplement's example, the bends in its terms, and how race comes back through eGFR."""

import numpy as np
import pytest

from calculators.cardiology.prevent import (
    coefficients,
    prevent_2023_base,
    prevent_2023_full,
    prevent_2023_hba1c,
    prevent_2023_sdi,
    prevent_2023_uacr,
)
from calculators.nephrology.ckd_epi import ckd_epi_cr_2009, ckd_epi_cr_2021

EXAMPLE = {
    "age": 50,
    "sex": "female",
    "total_cholesterol": 200,
    "hdl_cholesterol": 45,
    "systolic_bp": 160,
    "bp_treated": 1,
    "statin": 0,
    "diabetes": 1,
    "smoker": 0,
    "egfr": 90,
    "body_mass_index": 35,
}


def scores(calculator=prevent_2023_base, **changed):
    patient = {name: [value] for name, value in {**EXAMPLE, **changed}.items()}
    return {name: values[0] for name, values in calculator.with_race(patient).items()}


def log_odds(risk):
    return np.log(risk / (1 - risk))


@pytest.mark.parametrize(
    ("output", "executed", "printed"),
    [
        ("cardiovascular_disease_10_year", 0.1468394, 14.7),
        ("ascvd_10_year", 0.0919509, 9.2),
        ("heart_failure_10_year", 0.0805610, 8.1),
        ("cardiovascular_disease_30_year", 0.5298504, 53.0),
        ("ascvd_30_year", 0.3542552, 35.4),
        ("heart_failure_30_year", 0.3896023, 39.0),
    ],
)
def test_the_supplements_example(output, executed, printed):
    assert scores()[output] == pytest.approx(executed, abs=5.1e-8)
    assert round(100 * scores()[output], 1) == printed


def test_below_60_each_15_of_egfr_adds_the_published_log_odds():
    for sex, added in (("female", 0.6045917), ("male", 0.5378979)):
        risks = [scores(age=55, sex=sex, egfr=egfr)["cardiovascular_disease_10_year"] for egfr in (60, 45, 30)]
        assert np.diff(log_odds(np.array(risks))) == pytest.approx([added, added])


@pytest.mark.parametrize(
    ("name", "flat", "bent"),
    [
        ("systolic_bp", (100, 105, 110), (110, 115, 120)),
        ("body_mass_index", (20, 25, 30), (30, 33, 36)),
        ("egfr", (30, 45, 60), (60, 75, 90)),
    ],
)
def test_slopes_change_at_pressure_110_body_mass_index_30_and_egfr_60(name, flat, bent):
    def slope(points):
        risks = [log_odds(scores(bp_treated=0, **{name: value})["heart_failure_10_year"]) for value in points]
        steps = np.diff(risks) / np.diff(points)
        assert steps[0] == pytest.approx(steps[1])
        return steps[0]

    assert slope(flat) != pytest.approx(slope(bent), rel=0.05)


def test_cholesterol_uses_the_equations_own_factor():
    nonhdl = log_odds(scores(age=55, statin=0, total_cholesterol=300)["coronary_heart_disease_10_year"]) - log_odds(
        scores(age=55, statin=0, total_cholesterol=200)["coronary_heart_disease_10_year"]
    )
    beta = coefficients("base", "female")["coronary_heart_disease_10_year"]["nonhdl"]
    assert nonhdl == pytest.approx(beta * 100 * 0.02586, rel=1e-9)
    assert nonhdl != pytest.approx(beta * 100 / 38.67, rel=1e-6)


def test_body_mass_index_counts_in_heart_failure_only():
    lean, heavy = scores(body_mass_index=22), scores(body_mass_index=38)
    assert {name for name in lean if lean[name] != heavy[name]} == {"heart_failure_10_year", "heart_failure_30_year"}


def test_age_squared_counts_at_30_years_only():
    for sex in ("female", "male"):
        for output, betas in coefficients("base", sex).items():
            assert ("age2" in betas) == output.endswith("30_year")


def test_a_race_term_in_egfr_lowers_the_risk():
    patient = {"creatinine": [1.6], "age": [55], "sex": ["male"]}
    with_term = ckd_epi_cr_2009.as_if(patient, "Black")["egfr"][0]
    without = ckd_epi_cr_2021.with_race(patient)["egfr"][0]
    assert with_term > without
    assert (
        scores(age=55, sex="male", egfr=with_term)["cardiovascular_disease_10_year"]
        < scores(age=55, sex="male", egfr=without)["cardiovascular_disease_10_year"]
    )
    assert prevent_2023_base.feeds == {"egfr": "ckd_epi_cr_2021"}


def test_only_30_to_79_years_get_a_score():
    patients = {name: [value] * 4 for name, value in EXAMPLE.items()} | {"age": [29, 30, 79, 80]}
    assert np.isnan(prevent_2023_base.with_race(patients)["ascvd_10_year"]).tolist() == [True, False, False, True]


def test_an_unknown_egfr_gives_no_score():
    assert np.isnan(list(scores(egfr=np.nan).values())).all()


def test_a_missing_optional_value_is_scored_by_its_own_term():
    for calculator, term in ((prevent_2023_hba1c, "a1c_missing"), (prevent_2023_uacr, "uacr_missing"), (prevent_2023_sdi, "sdi_missing")):
        [name] = calculator.optional_inputs
        at_reference = {"hba1c": 5.3, "urine_acr": 1, "social_deprivation_decile": 2}[name]
        unknown = log_odds(scores(calculator)["ascvd_10_year"])
        reference = log_odds(scores(calculator, **{name: at_reference})["ascvd_10_year"])
        beta = coefficients(calculator.constants["model"], "female")["ascvd_10_year"][term]
        assert unknown - reference == pytest.approx(beta)


def test_women_of_unknown_deprivation_are_not_scored_as_decile_1():
    for calculator in (prevent_2023_sdi, prevent_2023_full):
        assert scores(calculator)["ascvd_10_year"] > scores(calculator, social_deprivation_decile=1)["ascvd_10_year"]


def test_deprivation_counts_in_three_steps():
    risks = [scores(prevent_2023_sdi, social_deprivation_decile=decile)["ascvd_10_year"] for decile in range(1, 11)]
    assert len(set(risks[:3])) == len(set(risks[3:6])) == len(set(risks[6:])) == 1
    assert risks[0] < risks[3] < risks[6]


def test_hba1c_has_its_own_slope_in_diabetes():
    for diabetes, term in ((1, "a1c_dm"), (0, "a1c_nodm")):
        risks = [scores(prevent_2023_hba1c, diabetes=diabetes, hba1c=value)["cardiovascular_disease_10_year"] for value in (6, 7)]
        assert np.diff(log_odds(np.array(risks)))[0] == pytest.approx(
            coefficients("hba1c", "female")["cardiovascular_disease_10_year"][term]
        )
