"""Clozapine start and diabetes screening: the thresholds themselves, and who is refused or gained."""

import numpy as np
import pytest

from calculators.endocrinology.ada_screen import ada_screen_bmi
from calculators.psychiatry.clozapine import clozapine_anc_2015


@pytest.mark.parametrize(("diagnosed", "cutoff"), [(0, 1500), (1, 1000)])
def test_clozapine_may_start_from_the_threshold(diagnosed, cutoff):
    scores = clozapine_anc_2015.with_race(
        {"absolute_neutrophil_count": [cutoff - 1, cutoff, cutoff + 1], "benign_ethnic_neutropenia": [diagnosed] * 3}
    )
    assert list(scores["may_start"]) == [0, 1, 1]


def test_clozapine_is_not_decided_without_the_count_or_the_diagnosis():
    scores = clozapine_anc_2015.with_race({"absolute_neutrophil_count": [np.nan, 1200], "benign_ethnic_neutropenia": [1, np.nan]})
    assert np.isnan(scores["may_start"]).all()


@pytest.mark.parametrize(("group", "cutoff"), [("Asian", 23), ("not Asian", 25), ("", 25)])
def test_screening_from_the_threshold(group, cutoff):
    patients = {"body_mass_index": [cutoff - 0.001, cutoff, cutoff + 0.1], "race_group": [group] * 3}
    assert list(ada_screen_bmi.with_race(patients)["screen"]) == [0, 1, 1]


def test_removing_the_term_loses_screening_between_23_and_25():
    patients = {"body_mass_index": [24.0], "race_group": ["Asian"]}
    assert ada_screen_bmi.with_race(patients)["screen"][0] == 1
    assert ada_screen_bmi.without_race(patients)["screen"][0] == 0


def test_a_body_mass_index_computed_from_64_kg_and_1_6_m_reaches_25():
    assert 64 / 1.6**2 < 25
    assert ada_screen_bmi.without_race({"body_mass_index": [64 / 1.6**2]})["screen"][0] == 1
