"""LCRAT: steps of the smoking and body mass terms, competing death, people who never smoked."""

import numpy as np
import pytest

from calculators.oncology.lcrat import baseline, lcrat_2016

RISK = "lung_cancer_5_year"


def patients(**changed):
    smoker = {
        "age": 62.0,
        "sex": "female",
        "education_level": "4",
        "body_mass_index": 26.0,
        "cigarettes_per_day": 20.0,
        "years_smoked": 35.0,
        "years_quit": 0.0,
        "emphysema": 0,
        "lung_cancer_relatives": 0,
    }
    length = max((len(v) for v in changed.values()), default=1)
    return {**{name: [value] * length for name, value in smoker.items()}, **changed}


def risk(**changed):
    return lcrat_2016.without_race(patients(**changed))[RISK]


def test_baseline_ends_before_five_years_and_survival_only_falls():
    hazards, log_survival, log_survival_death = np.array(baseline()).T
    assert len(hazards) == 490
    assert (hazards > 0).all()
    assert (np.diff(log_survival) <= 0).all()
    assert (np.diff(log_survival_death) <= 0).all()


@pytest.mark.parametrize(
    ("input_name", "below", "above"),
    [
        ("cigarettes_per_day", 20.0, 20.001),
        ("years_smoked", 29.999, 30.0),
        ("years_smoked", 39.999, 40.0),
        ("years_smoked", 49.999, 50.0),
        ("body_mass_index", 18.501, 18.5),
    ],
)
def test_published_steps_are_steps(input_name, below, above):
    low, high = risk(**{input_name: [below, above]})
    assert high / low > 1.04


def test_two_relatives_are_the_most_that_count():
    none, two, five = risk(lung_cancer_relatives=[0, 2, 5])
    assert none < two == five


def test_race_enters_the_hazard_of_other_death_too():
    old = patients(age=[80.0], cigarettes_per_day=[40.0], years_smoked=[60.0], emphysema=[1])
    cancer_only = np.exp(lcrat_2016.race.groups["Black"]["cancer_beta"])
    ratio = lcrat_2016.as_if(old, "Black")[RISK] / lcrat_2016.as_if(old, "White")[RISK]
    assert (ratio < cancer_only - 0.1).all()


def test_unknown_race_is_scored_as_other():
    unknown = lcrat_2016.with_race({**patients(), "race_group": [""]})[RISK]
    assert unknown == lcrat_2016.as_if(patients(), "Other")[RISK]
    assert unknown < lcrat_2016.as_if(patients(), "White")[RISK]


def test_people_who_never_smoked_get_no_risk():
    assert np.isnan(risk(cigarettes_per_day=[0.0])).all()
