"""EuroSCORE II: the flat age term, the bands of clearance and pressure, dialysis in place of clearance."""

import numpy as np
import pytest

from calculators.cardiac_surgery.euroscore2 import euroscore2_2011

REFERENCE = {
    **dict.fromkeys(euroscore2_2011.inputs, 0),
    "age": 60,
    "sex": "male",
    "nyha_class": "1",
    "ventricular_function": "good",
    "creatinine_clearance": 90,
    "pulmonary_artery_pressure": 25,
    "urgency": "elective",
    "procedure_weight": "isolated_cabg",
}


def log_odds(**changed):
    patient = {name: [value] for name, value in {**REFERENCE, **changed}.items()}
    p = euroscore2_2011.with_race(patient)["hospital_mortality"][0]
    return np.log(p / (1 - p))


def test_the_reference_patient():
    assert log_odds() == pytest.approx(-5.324537 + 0.0285181)


@pytest.mark.parametrize(
    ("changed", "added"),
    [
        ({"age": 40}, 0),
        ({"age": 61}, 0.0285181),
        ({"age": 80}, 20 * 0.0285181),
        ({"creatinine_clearance": 85.1}, 0),
        ({"creatinine_clearance": 85}, 0.303553),
        ({"creatinine_clearance": 50.1}, 0.303553),
        ({"creatinine_clearance": 50}, 0.8592256),
        ({"creatinine_clearance": 10, "dialysis": 1}, 0.6421508),
        ({"creatinine_clearance": 90, "dialysis": 1}, 0.6421508),
        ({"pulmonary_artery_pressure": 30}, 0),
        ({"pulmonary_artery_pressure": 31}, 0.1788899),
        ({"pulmonary_artery_pressure": 55}, 0.1788899),
        ({"pulmonary_artery_pressure": 56}, 0.3491475),
        ({"sex": "female"}, 0.2196434),
        ({"urgency": "salvage"}, 1.362947),
        ({"procedure_weight": "single_non_cabg"}, 0.0062118),
        ({"nyha_class": "4"}, 0.5597929),
        ({"ventricular_function": "very_poor"}, 0.9346919),
    ],
)
def test_what_a_finding_adds_to_the_log_odds(changed, added):
    assert log_odds(**changed) - log_odds() == pytest.approx(added, abs=1e-9)
