"""The fingerprint of a calculator follows every number behind its results."""

from dataclasses import replace

import pytest

from calculators import card
from calculators.card import fingerprint
from calculators.declare import Range
from calculators.registry import get, registry


def changed(calculator, **fields):
    return fingerprint(replace(calculator, **fields)) != fingerprint(calculator)


def test_it_is_stable_and_each_calculator_has_its_own():
    found = {fingerprint(c) for c in registry()}
    assert len(found) == len(registry())
    assert fingerprint(get("ckd_epi_cr_2009")) == fingerprint(replace(get("ckd_epi_cr_2009")))


def test_it_follows_the_last_digit_of_a_constant_and_of_a_row():
    kdpi = get("kdpi_optn_2024")
    assert changed(kdpi, constants={**kdpi.constants, "scaling": {**kdpi.constants["scaling"], "2023": 1.30900852563933}})
    lcrat = get("lcrat_2016")
    rows = {**lcrat.race.groups, "Other": {"cancer_beta": -0.39556189101898736, "death_beta": -0.1637095357861994}}
    assert changed(lcrat, race=replace(lcrat.race, groups=rows))


@pytest.mark.parametrize("fields", [{"removed": "Black"}, {"unlisted": "Black"}, {"unlisted": "undefined"}, {"reads": "donor_race"}])
def test_it_follows_the_choices_about_the_race_term(fields):
    calculator = get("ckd_epi_cr_2009")
    assert changed(calculator, race=replace(calculator.race, **fields))


@pytest.mark.parametrize("fields", [{"operator": "<="}, {"cutoff": 60.5}, {"yes_means": "closes_care"}, {"id": "other"}])
def test_it_follows_thresholds_and_what_a_yes_does(fields):
    calculator = get("ckd_epi_cr_2009")
    first, *others = calculator.decisions
    assert changed(calculator, decisions=(replace(first, **fields), *others))


def test_it_follows_bands_ranges_rounding_and_the_equation():
    calculator = get("ckd_epi_cr_2009")
    later: Range = (19, None)
    assert changed(calculator, valid={"age": later})
    assert changed(calculator, bands=(replace(calculator.bands[0], cuts=(15, 30, 45, 60, 91)),))
    assert changed(calculator, printed_decimals={"egfr": 0})
    assert changed(calculator, equation=calculator.equation.replace("1.159", "1.160"))
    assert not changed(calculator, history="Another text.")


@pytest.mark.parametrize(
    "id", ["prevent_2023_base", "gli_2012_fev1", "gli_global_2022_fvc", "kdpi_optn_2024", "bcrat_gail_2", "lcrat_2016"]
)
def test_it_follows_the_tables_beside_the_formula(id, monkeypatch):
    before = fingerprint(get(id))
    monkeypatch.setattr(card, "_tables", lambda calculator: iter(["another table"]))
    assert fingerprint(get(id)) != before
    monkeypatch.undo()
    assert all(len(text) > 500 for text in card._tables(get(id)))
    assert list(card._tables(get(id)))
