"""Pooled Cohort Equations: the guideline's example, the two precisions, the direction by risk profile, ages without a score."""

import numpy as np
import pytest

from calculators.cardiology.pooled_cohort import pce_2013, pce_2013_extended


def risk(calculator, group, **patient):
    return calculator.as_if({name: [value] for name, value in patient.items()}, group)["ascvd_10_year"][0]


def profile(**changed):
    usual = {"total_cholesterol": 213, "hdl_cholesterol": 50, "systolic_bp": 120, "bp_treated": 0, "smoker": 0, "diabetes": 0}
    return {"age": 55, "sex": "female", **usual, **changed}


@pytest.mark.parametrize(
    ("sex", "group", "published", "extended"),
    [
        ("female", "White", 0.02052, 0.02054),
        ("female", "Black", 0.03026, 0.02998),
        ("male", "White", 0.05384, 0.05379),
        ("male", "Black", 0.06073, 0.06061),
    ],
)
def test_the_guidelines_example_of_55_years(sex, group, published, extended):
    assert risk(pce_2013, group, **profile(sex=sex)) == pytest.approx(published, abs=5.1e-6)
    assert risk(pce_2013_extended, group, **profile(sex=sex)) == pytest.approx(extended, abs=5.1e-6)


def test_the_direction_depends_on_the_profile():
    woman = profile(age=43, systolic_bp=111, total_cholesterol=281, hdl_cholesterol=80, smoker=1)
    assert 100 * risk(pce_2013, "White", **woman) == pytest.approx(1.9, abs=0.05)
    assert 100 * risk(pce_2013, "Black", **woman) == pytest.approx(0.5, abs=0.05)
    assert risk(pce_2013, "White", **profile()) < risk(pce_2013, "Black", **profile())


def test_more_profiles_cross_the_statin_threshold_with_the_black_equation_only():
    grid = np.array(
        np.meshgrid(np.arange(40, 76, 5), np.arange(130, 311, 20), np.arange(20, 101, 5), np.arange(90, 181, 10), [0, 1], [0, 1], [0, 1])
    )
    age, total, hdl, sbp, treated, smoker, diabetes = grid.reshape(7, -1).astype(float)
    patients = {"age": age, "total_cholesterol": total, "hdl_cholesterol": hdl, "systolic_bp": sbp, "bp_treated": treated}
    patients |= {"smoker": smoker, "diabetes": diabetes}
    for sex in ("male", "female"):
        white, black = (pce_2013.as_if({**patients, "sex": [sex] * len(age)}, g)["ascvd_10_year"] for g in ("White", "Black"))
        kept = (np.minimum(white, black) >= 0.01) & (np.maximum(white, black) <= 0.30)
        only_black = kept & (black >= 0.075) & (white < 0.075)
        only_white = kept & (white >= 0.075) & (black < 0.075)
        assert only_black.sum() > 4 * only_white.sum()
        if sex == "male":
            assert np.median((black - white)[only_black]) == pytest.approx(0.0625, abs=0.004)
            assert np.median((black / white)[only_black]) == pytest.approx(2.40, abs=0.1)


def test_pressure_counts_as_treated_or_as_untreated_never_both():
    treated = profile(sex="male", bp_treated=1, systolic_bp=140)
    untreated = profile(sex="male", systolic_bp=140)

    def sum_of_terms(patient):
        return np.log(np.log(1 - risk(pce_2013, "White", **patient)) / np.log(0.9144))

    assert sum_of_terms(treated) - sum_of_terms(untreated) == pytest.approx((1.797 - 1.764) * np.log(140))


def test_the_two_precisions_differ_little_and_five_years_are_less_than_ten():
    patient = {name: [value] for name, value in profile(age=79, sex="male", systolic_bp=190, bp_treated=1, diabetes=1).items()}
    extended = pce_2013_extended.as_if(patient, "Black")
    published = pce_2013.as_if(patient, "Black")["ascvd_10_year"][0]
    assert 0 < abs(published - extended["ascvd_10_year"][0]) < 0.0042
    assert extended["ascvd_5_year"][0] < extended["ascvd_10_year"][0]


@pytest.mark.parametrize("calculator", [pce_2013, pce_2013_extended])
def test_only_40_to_79_years_get_a_score(calculator):
    patients = {name: [value] * 4 for name, value in profile().items()} | {"age": [39, 40, 79, 80]}
    assert np.isnan(calculator.without_race(patients)["ascvd_10_year"]).tolist() == [True, False, False, True]


def test_unknown_race_is_scored_as_white():
    patients = {name: [value] * 2 for name, value in profile().items()} | {"race_group": ["", "White"]}
    blank, white = pce_2013.with_race(patients)["ascvd_10_year"]
    assert blank == white
