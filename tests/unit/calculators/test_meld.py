"""MELD: floors and caps, dialysis, rounding, and the faults of public packages."""

import numpy as np
import pytest

from calculators.hepatology.meld import half_up, meld_3_2022, meld_na_2016, meld_unos_2002

PATIENT = {"creatinine": 1.0, "bilirubin": 1.0, "inr": 1.0, "dialysis": 0, "sodium": 137, "albumin": 3.5, "sex": ["male"]}


def score(calculator, output=0, **changes):
    return calculator.with_race(PATIENT | changes)[calculator.outputs[output].name][0]


def test_the_lowest_scores():
    assert score(meld_unos_2002) == pytest.approx(6.43)
    assert score(meld_unos_2002, creatinine=0.5, bilirubin=0.3, inr=0.8) == pytest.approx(6.43)
    assert score(meld_na_2016) == 6
    assert score(meld_3_2022) == 6
    assert score(meld_3_2022, 1, sex=["female"]) == pytest.approx(7.33)


@pytest.mark.parametrize(("calculator", "output", "cap"), [(meld_unos_2002, 0, 4), (meld_na_2016, 0, 4), (meld_3_2022, 1, 3)])
def test_dialysis_counts_as_the_highest_creatinine(calculator, output, cap):
    values = [
        score(calculator, output, creatinine=creatinine, dialysis=dialysis)
        for creatinine, dialysis in [(cap, 0), (cap + 2, 0), (0.5, 1), (9, 1)]
    ]
    assert len(set(values)) == 1


def test_dialysis_with_a_low_creatinine_is_not_the_lowest_meld_na():
    assert score(meld_na_2016, creatinine=0.6, dialysis=1) == 20
    assert score(meld_na_2016, creatinine=0.6, dialysis=0) == 6


def test_sodium_counts_above_11_only_and_within_125_to_137():
    assert score(meld_na_2016, creatinine=1.5, sodium=125) == score(meld_na_2016, creatinine=1.5) == 10
    assert (
        score(meld_na_2016, creatinine=2.5, sodium=125)
        > score(meld_na_2016, creatinine=2.5, sodium=131)
        > score(meld_na_2016, creatinine=2.5)
    )
    assert score(meld_na_2016, creatinine=2.5, sodium=110) == score(meld_na_2016, creatinine=2.5, sodium=125)
    assert score(meld_na_2016, creatinine=2.5, sodium=145) == score(meld_na_2016, creatinine=2.5, sodium=137)


def test_meld_na_by_hand():
    initial = round(10 * (0.957 * np.log(2.5) + 0.643))
    assert score(meld_na_2016, creatinine=2.5, sodium=130) == round(initial + 7 * 1.32 - 7 * 0.033 * initial)


def test_scores_stay_within_40():
    sickest = {"creatinine": 4.5, "bilirubin": 35, "inr": 5, "sodium": 120, "albumin": 1.0}
    assert score(meld_na_2016, **sickest) == 40
    assert score(meld_3_2022, **sickest) == 40
    assert score(meld_3_2022, 1, **sickest) > 46


def test_albumin_and_sodium_of_meld_3_are_bounded():
    assert score(meld_3_2022, 1, albumin=1.0) == score(meld_3_2022, 1, albumin=1.5)
    assert score(meld_3_2022, 1, albumin=4.5) == score(meld_3_2022, 1, albumin=3.5)
    assert score(meld_3_2022, 1, sodium=120) == pytest.approx(6 + 12 * 0.82)


def test_the_sex_term_adds_1_33_everywhere():
    patient = {"creatinine": 2.0, "bilirubin": 4, "inr": 1.8, "sodium": 130, "albumin": 2.5}
    assert score(meld_3_2022, 1, sex=["female"], **patient) - score(meld_3_2022, 1, sex=["male"], **patient) == pytest.approx(1.33)


def test_meld_3_by_hand():
    patient = {"creatinine": 2.0, "albumin": 2.5}
    assert score(meld_3_2022, 1, **patient) == pytest.approx(11.14 * np.log(2) + 1.85 - 1.83 * np.log(2) + 6)


def test_halves_are_rounded_up():
    assert list(half_up(np.array([10.5, 11.5, 11.49]))) == [11, 12, 11]
