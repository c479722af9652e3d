"""Treatment rules that name recorded race: JNC 8 closes a drug class, the BiDil label opens a drug."""

import itertools

import pytest

from calculators.cardiology.bidil import bidil_indication_2005
from calculators.cardiology.jnc8 import jnc8_2014_initial_drug


def offered(group, kidney_disease, diabetes):
    patients = {"chronic_kidney_disease": [kidney_disease], "diabetes": [diabetes], "race_group": [group]}
    return jnc8_2014_initial_drug.with_race(patients)["ace_inhibitor_or_arb_first_line"][0]


def test_jnc8_withholds_one_class_by_recorded_race_unless_there_is_kidney_disease():
    cases = itertools.product(("Black", "not Black", ""), (0, 1), (0, 1))
    withheld = [case for case in cases if not offered(*case)]
    assert withheld == [("Black", 0, 0), ("Black", 0, 1)]


def test_jnc8_without_the_race_term_offers_it_to_everyone():
    patients = {"chronic_kidney_disease": [0, 0, 1, 1], "diabetes": [0, 1, 0, 1]}
    assert jnc8_2014_initial_drug.without_race(patients)["ace_inhibitor_or_arb_first_line"].tolist() == [1, 1, 1, 1]


@pytest.mark.parametrize(
    ("nyha_class", "ejection_fraction", "fits"), [("2", 30, 0), ("3", 30, 1), ("4", 40, 1), ("4", 40.5, 0), ("3", 41, 0), ("1", 20, 0)]
)
def test_bidil_is_indicated_by_findings_and_recorded_race(nyha_class, ejection_fraction, fits):
    findings = {"nyha_class": [nyha_class] * 3, "ejection_fraction": [ejection_fraction] * 3}
    patients = {**findings, "race_group": ["Black", "not Black", ""]}
    assert bidil_indication_2005.with_race(patients)["indicated"].tolist() == [fits, 0, 0]
    assert bidil_indication_2005.without_race(patients)["indicated"].tolist() == [fits, fits, fits]
