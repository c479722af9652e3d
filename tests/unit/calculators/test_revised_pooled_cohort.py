"""Revised Pooled Cohort Equations: the corrected appendix, and the uncorrected numbers of 2018 as the negative control."""

import csv
from pathlib import Path

import numpy as np
import pytest

from calculators.cardiology.revised_pooled_cohort import BLACK, COEFFICIENTS, pce_revised_2018, revised_pooled_cohort
from calculators.evaluate import read_columns

UNCORRECTED_INTERCEPT = {"female": -12.823110, "male": -11.679980}
UNCORRECTED_BLACK = {"female": 0.432440, "male": 0.482835}
NEGATIVE_CONTROL = Path(__file__).parents[2] / "spec" / "known_wrong" / "pce_revised_2018_uncorrected.csv"


@pytest.fixture(scope="module")
def control():
    rows = list(csv.DictReader(NEGATIVE_CONTROL.open(newline="", encoding="utf-8")))
    patients = {name: [row[name] if name == "sex" else float(row[name]) for row in rows] for name in pce_revised_2018.inputs}
    patients["race_group"] = [row["race_group"] for row in rows]
    return patients, np.array([float(row["wrong.ascvd_10_year"]) for row in rows])


@pytest.mark.parametrize(("sex", "risk", "printed"), [("female", 0.0308466, 3.1), ("male", 0.0469496, 4.7)])
def test_the_authors_corrected_appendix(sex, risk, printed):
    patient = {"age": [55], "sex": [sex], "total_cholesterol": [213], "hdl_cholesterol": [50], "systolic_bp": [120]}
    patient |= {"bp_treated": [0], "smoker": [0], "diabetes": [0]}
    ours = pce_revised_2018.as_if(patient, "Black")["ascvd_10_year"][0]
    assert ours == pytest.approx(risk, abs=5.1e-7)
    assert round(100 * ours, 1) == printed


def test_the_uncorrected_coefficients_of_2018_are_the_faulty_implementations(control):
    patients, wrong = control
    columns = read_columns(pce_revised_2018, patients)
    black = np.array([group == "Black" for group in patients["race_group"]])
    uncorrected = {**COEFFICIENTS, "intercept": UNCORRECTED_INTERCEPT}
    arguments = [columns[name] for name in pce_revised_2018.inputs]
    as_white = revised_pooled_cohort(*arguments, coefficients=uncorrected, added={})
    as_black = revised_pooled_cohort(*arguments, coefficients=uncorrected, added={**BLACK, "intercept": UNCORRECTED_BLACK})
    assert np.where(black, as_black, as_white) == pytest.approx(wrong, rel=1e-9)


def test_the_uncorrected_coefficients_understate_every_risk(control):
    patients, wrong = control
    ours = pce_revised_2018.with_race(patients)["ascvd_10_year"]
    women = np.array(patients["sex"]) == "female"
    assert (ours > wrong).all()
    assert np.median(ours / wrong) == pytest.approx(1.52, abs=0.005)
    assert np.median((ours / wrong)[women]) == pytest.approx(1.73, abs=0.005)
    assert np.median((ours / wrong)[~women]) == pytest.approx(1.32, abs=0.005)
    assert (ours - wrong).max() == pytest.approx(0.217, abs=0.0005)


def test_without_the_race_term_everyone_is_scored_as_white(control):
    patients, _ = control
    assert (pce_revised_2018.without_race(patients)["ascvd_10_year"] == pce_revised_2018.as_if(patients, "White")["ascvd_10_year"]).all()
