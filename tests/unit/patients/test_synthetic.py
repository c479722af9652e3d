"""The embedded cohort: the same bytes every time, plausible, near its parameters, and nobody copied from the survey."""

import hashlib

import numpy as np
import pytest

from auditor.patients.race import BIT, LEVELS, known_words
from auditor.patients.sources import synthetic
from auditor.patients.sources.tables import word_bits
from calculators.inputs import vocabulary


@pytest.fixture(scope="module")
def cohort():
    return synthetic.generate()


@pytest.fixture(scope="module")
def adults(cohort):
    general = cohort["setting"] == "general"
    return {name: values[general] for name, values in cohort.items()}


def digest(columns):
    seen = hashlib.sha256()
    for name, values in columns.items():
        seen.update(name.encode())
        seen.update("\n".join(values).encode() if values.dtype == object else values.tobytes())
    return seen.hexdigest()


def test_the_same_seed_gives_the_same_bytes_and_another_seed_does_not():
    assert digest(synthetic.generate(500, 7)) == digest(synthetic.generate(500, 7))
    assert digest(synthetic.generate(500, 7)) != digest(synthetic.generate(500, 8))


def test_columns_are_as_long_as_the_cohort_and_numbers_or_words(cohort):
    lengths = {len(values) for values in cohort.values()}
    assert len(lengths) == 1
    assert {values.dtype for values in cohort.values()} == {np.dtype(float), np.dtype(object)}


def test_there_are_20_000_general_adults(adults):
    assert len(adults["age"]) == 20_000
    assert adults["age"].min() >= 18


def test_every_value_is_plausible_by_the_vocabulary(cohort):
    for name in set(cohort) & set(vocabulary()):
        quantity, values = vocabulary()[name], cohort[name]
        if quantity.kind == "category":
            assert set(values) <= {*quantity.categories, ""}, name
            continue
        given = values[~np.isnan(values)]
        low, high = quantity.plausible
        assert low <= given.min() <= given.max() <= high, name
        if quantity.kind == "boolean":
            assert set(given) <= {0.0, 1.0}, name


def test_every_recorded_race_is_understood_and_every_level_occurs(cohort):
    words = set(cohort["race"])
    bits = {word: word_bits(word, {}, known_words(), ";") for word in words}
    assert all(bits.values()), [word for word, b in bits.items() if not b]
    for level in LEVELS:
        if level in BIT:
            assert any(b & BIT[level] for b in bits.values()), level
    assert sum(";" in word and "White" in word for word in words) >= 3


def test_values_that_follow_from_others_agree_with_them(adults):
    ratio = adults["fev1"] / adults["fvc"]
    assert np.nanmax(np.abs(ratio - adults["fev1_fvc"])) < 0.001
    index = adults["weight"] / (adults["height"] / 100) ** 2
    assert np.nanmax(np.abs(index - adults["body_mass_index"])) <= 0.0501
    assert (adults["bp_treated"] <= adults["hypertension"]).all()
    assert (adults["insulin_treated_diabetes"] <= adults["diabetes"]).all()


@pytest.mark.parametrize("group", ["Black", "White"])
@pytest.mark.parametrize("sex", synthetic.SEXES)
@pytest.mark.parametrize("name", ["creatinine", "systolic_bp", "total_cholesterol", "height", "fvc"])
def test_medians_near_a_knot_are_the_parameters(cohort, adults, group, sex, name):
    rows = synthetic.read_table("synthetic_parameters/quantiles.csv", synthetic.HERE)
    expected = next(float(r["q0.5"]) for r in rows if (r["input"], r["group"], r["sex"], r["age"]) == (name, group, sex, "50"))
    recorded = {"Black": "Black or African American", "White": "White"}[group]
    near = (adults["race"] == recorded) & (adults["sex"] == sex) & (np.abs(adults["age"] - 50) <= 5)
    values = adults[name][near]
    values = values[~np.isnan(values)]
    order = np.sort(values)
    # A 99.9% interval of the median of a sample, from order statistics, and half a recorded digit.
    reach = 3.3 * np.sqrt(len(order)) / 2
    digit = 0.5 * 10.0 ** -synthetic.MEASURED[name][2]
    assert order[int(len(order) / 2 - reach)] - digit <= expected <= order[int(len(order) / 2 + reach)] + digit


def test_shares_at_a_knot_are_the_parameters(adults):
    rows = synthetic.read_table("synthetic_parameters/shares.csv", synthetic.HERE)
    for sex in synthetic.SEXES:
        (share,) = [
            float(r["share"])
            for r in rows
            if (r["status"], r["word"], r["group"], r["sex"], r["age"]) == ("smoking_status", "current", "Black", sex, "50")
        ]
        near = (adults["race"] == "Black or African American") & (adults["sex"] == sex) & (np.abs(adults["age"] - 50) <= 4)
        n = near.sum()
        assert abs(adults["smoker"][near].mean() - share) < 4 * np.sqrt(share * (1 - share) / n)


def test_weights_restore_the_survey_s_shares_of_groups(adults):
    survey = synthetic.read_survey()
    black = np.array([race == "Black or African American" for race in adults["race"]])
    persons = survey.persons[synthetic.GROUPS.index("Black")]
    assert adults["sample_weight"].min() > 0
    assert abs(adults["sample_weight"][black].sum() / (0.955 * persons) - 1) < 0.05
    assert abs(adults["sample_weight"].sum() / survey.persons.sum() - 1) < 0.03


def test_missing_values_follow_the_group(adults):
    black = adults["race"] == "Black or African American"
    white = adults["race"] == "White"
    assert np.isnan(adults["creatinine"][black]).mean() > np.isnan(adults["creatinine"][white]).mean() > 0
    assert np.isnan(adults["fev1"][adults["age"] >= 80]).all()


def test_deaths_rise_with_age_and_are_unknown_without_a_creatinine(adults):
    died = adults["died_10_years"]
    assert np.isnan(died[np.isnan(adults["creatinine"])]).all()
    rates = [np.nanmean(died[(adults["age"] >= low) & (adults["age"] < low + 20)]) for low in (20, 40, 60)]
    assert rates[0] < rates[1] < rates[2]
