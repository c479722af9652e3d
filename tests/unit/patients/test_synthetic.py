"""The embedded cohort: the same bytes every time, plausible, near its parameters, and nobody copied from the survey."""

import hashlib
import os

import numpy as np
import pandas as pd
import pytest

from auditor.errors import MissingColumn
from auditor.patients.cohort import Request, read_cohort
from auditor.patients.race import BIT, LEVELS, RecordedRace, known_words, select_rows
from auditor.patients.sources import synthetic, synthetic_survey
from auditor.patients.sources.columns import offered, read_columns
from auditor.patients.sources.tables import read_table, word_bits
from calculators.coded import Coded
from calculators.inputs import vocabulary
from calculators.registry import registry


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
@pytest.mark.parametrize("sex", synthetic_survey.SEXES)
@pytest.mark.parametrize("name", ["creatinine", "systolic_bp", "total_cholesterol", "height", "peak_expiratory_flow"])
def test_medians_near_a_knot_are_the_parameters(cohort, adults, group, sex, name):
    rows = synthetic_survey.read_table("synthetic_parameters/quantiles.csv", synthetic_survey.HERE)
    expected = next(float(r["q0.5"]) for r in rows if (r["input"], r["group"], r["sex"], r["age"]) == (name, group, sex, "50"))
    recorded = {"Black": "Black or African American", "White": "White"}[group]
    near = (adults["race"] == recorded) & (adults["sex"] == sex) & (np.abs(adults["age"] - 50) <= 5)
    values = adults[name][near]
    values = values[~np.isnan(values)]
    order = np.sort(values)
    # A 99.9% interval of the median of a sample, from order statistics, and half a recorded digit.
    reach = 3.3 * np.sqrt(len(order)) / 2
    digit = 0.5 * 10.0 ** -synthetic_survey.MEASURED[name][2]
    assert order[int(len(order) / 2 - reach)] - digit <= expected <= order[int(len(order) / 2 + reach)] + digit


def test_shares_at_a_knot_are_the_parameters(adults):
    rows = synthetic_survey.read_table("synthetic_parameters/shares.csv", synthetic_survey.HERE)
    for sex in synthetic_survey.SEXES:
        (share,) = [
            float(r["share"])
            for r in rows
            if (r["status"], r["word"], r["group"], r["sex"], r["age"]) == ("smoking_status", "current", "Black", sex, "50")
        ]
        near = (adults["race"] == "Black or African American") & (adults["sex"] == sex) & (np.abs(adults["age"] - 50) <= 4)
        n = near.sum()
        assert abs(adults["smoker"][near].mean() - share) < 4 * np.sqrt(share * (1 - share) / n)


def test_parameters_are_smooth_curves():
    rows = synthetic_survey.read_table("synthetic_parameters/quantiles.csv", synthetic_survey.HERE)
    for row in rows:
        values = [float(row[quantile]) for quantile in synthetic_survey.QUANTILES]
        assert values == sorted(values), row
    heights = {(r["group"], r["sex"], int(r["age"])): float(r["q0.5"]) for r in rows if r["input"] == "height"}
    for (group, sex, age), height in heights.items():
        older = heights.get((group, sex, age + 10), height)
        assert age < 20 or -0.035 < older / height - 1 < 0.01, (group, sex, age)


def test_weights_restore_the_survey_s_shares_of_groups(adults):
    survey = synthetic_survey.read_survey()
    black = np.array([race == "Black or African American" for race in adults["race"]])
    persons = survey.persons[synthetic_survey.GROUPS.index("Black")]
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


@pytest.fixture(scope="module")
def settings():
    return {name: synthetic.generate_setting(name, 20_000 if name == "general" else 2_000) for name in synthetic.settings()}


def patients_of(calculator, settings):
    """The columns of a calculator in its setting, with those of a feed computed first, and its own row labels."""
    patients = dict(settings[synthetic.setting_of(calculator)])
    for name in calculator.inputs:
        if name not in patients:
            feeder, _, output = calculator.feeds[name].partition(":")
            feeder = registry()[feeder]
            scores = feeder.with_race(patients_of(feeder, settings))
            patients[name] = scores[output or feeder.outputs[0].name]
    if calculator.race:
        known = known_words()
        bits = np.array([word_bits(word, {}, known, ";") for word in patients["race"]])
        rows = select_rows(calculator.race, RecordedRace(bits)).rows
        patients["race_group"] = np.array([*calculator.race.labels, ""], dtype=object)[rows]
    return patients


@pytest.mark.parametrize("calculator", registry(), ids=lambda c: c.id)
def test_every_calculator_finds_patients_whom_it_can_score(calculator, settings):
    patients = patients_of(calculator, settings)
    scores = calculator.with_race(patients)
    for output in calculator.outputs:
        values = scores[output.name]
        given = values != "" if output.kind == "category" else ~np.isnan(values)
        assert given.sum() >= 200, output.name
        if output.kind != "boolean":
            assert len(set(values[given])) > 1, output.name


def test_decisions_fall_both_ways_except_at_the_extremes(settings):
    one_way = set()
    for calculator in registry():
        patients = patients_of(calculator, settings)
        scores = calculator.with_race(patients)
        for decision in calculator.decisions:
            name = decision.reads or decision.output
            values = np.asarray(scores.get(name, patients.get(name)), dtype=float)
            yes = decision.apply(values[~np.isnan(values)])
            if yes.all() or not yes.any():
                one_way.add(decision.id)
    assert one_way <= {"transplant_waiting_time", "sglt2_inhibitor", "gold_4", "severe"}


@pytest.mark.parametrize("calculator", [c for c in registry() if c.race], ids=lambda c: c.id)
def test_every_row_of_a_race_term_is_read_by_somebody(calculator, settings):
    found = set(patients_of(calculator, settings)["race_group"])
    assert set(calculator.race.labels) - found <= {"Aboriginal or Torres Strait Islander"}


def test_every_optional_input_is_recorded_in_its_setting():
    for calculator in registry():
        recorded = synthetic.recorded(synthetic.setting_of(calculator))
        assert set(calculator.optional_inputs) <= recorded, calculator.id


def test_calculators_are_tried_where_they_are_used():
    expected = {
        "ckd_epi_cr_2009": "general",
        "pce_2013": "general",
        "schwartz_bedside_2009": "pediatric",
        "uticalc_v1_2018": "febrile_child",
        "vbac_grobman_2007": "obstetric",
        "kdri_rao_2009": "deceased_donor",
        "csc_new_york_2015": "intensive_care",
        "gwtg_hf_2010": "heart_failure",
        "ost_2001": "women_screening",
        "pbcg_2018": "prostate_biopsy",
    }
    assert {id: synthetic.setting_of(registry()[id]) for id in expected} == expected


def test_what_does_not_follow_the_survey_is_named_as_illustrative():
    named = {c.id: synthetic.illustrative_for(c) for c in registry()}
    assert named["ckd_epi_cr_2009"] == named["pce_2013"] == named["gli_2012_fev1"] == ()
    assert "creatinine" in named["schwartz_bedside_2009"]
    assert set(named["gwtg_hf_2010"]) == {"age", "systolic_bp", "blood_urea_nitrogen", "sodium", "heart_rate", "copd"}
    assert named["mesa_chd_2015"] == ("family_history_myocardial_infarction", "coronary_calcium")
    assert "creatinine" not in synthetic.ILLUSTRATIVE
    assert "cause_of_death" in synthetic.ILLUSTRATIVE


def test_illustrative_inputs_do_not_depend_on_recorded_race(settings):
    donors = settings["deceased_donor"]
    black = donors["race"] == "Black or African American"
    white = donors["race"] == "White"
    from scipy.stats import ks_2samp

    assert ks_2samp(donors["creatinine"][black], donors["creatinine"][white], nan_policy="omit").pvalue > 0.001


def test_a_setting_is_the_same_alone_and_in_the_whole_cohort(cohort, settings):
    here = cohort["setting"] == "obstetric"
    for name, values in settings["obstetric"].items():
        assert list(cohort[name][here].astype(str)) == list(values.astype(str)), name


def test_the_embedded_cohort_reads_each_setting_apart():
    embedded = read_cohort()
    assert embedded.synthetic
    request = Request(inputs=("creatinine", "age"), by=("race", "nyha_class"), outcome=embedded.outcome, weights=embedded.weights)
    seen = {}
    for patients in embedded.read(request):
        seen[patients.setting] = seen.get(patients.setting, 0) + patients.n
        level = patients.groups["nyha_class"]
        only_unknown = set(level.to_words()) == {"Unknown"}
        assert only_unknown == (patients.setting not in ("heart_failure", "cardiac_surgery"))
        assert patients.none().n == 0
        assert len(patients.none().groups["race"]) == 0
    assert seen == {name: 20_000 if name == "general" else 2_000 for name in synthetic.settings()}
    assert embedded.rows == sum(seen.values())


def test_columns_are_read_as_a_table_of_them_is():
    by = ("race", "ethnicity", "age_band", "sex", "nyha_class", "diabetes")
    for name in synthetic.settings():
        columns = synthetic.generate_setting(name, 600)
        words = columns["sex"].copy()
        words[:3] = ("", " Male", "unknown to us")
        values = columns["age"].copy()
        values[:2] = (np.nan, 4_000.0)
        weights = columns["sample_weight"].copy()
        weights[5:8] = (0.0, np.nan, -1.0)
        columns |= {"sex": words, "age": values, "sample_weight": weights}
        table = read_table(pd.DataFrame(columns))
        offers = {name: (name, vocabulary()[name].unit) for name in offered(columns)}
        assert offers == table.offers
        assert list(offers) == list(table.offers)
        for outcome, weight in (("died_10_years", "sample_weight"), ("", "")):
            here = tuple(a for a in by if a in offers or a not in vocabulary())
            request = Request(inputs=tuple(vocabulary()), by=here, outcome=outcome, weights=weight)
            (one,) = table.read(request)
            other = read_columns(columns, request)
            assert one.n == other.n == (597 if weight else 600)
            assert one.quality == other.quality
            assert list(one.columns) == list(other.columns)
            assert list(one.groups) == list(other.groups)
            for left, right in [
                *((one.columns[c], other.columns[c]) for c in one.columns),
                *((one.groups[a], other.groups[a]) for a in here),
                (one.race.bits, other.race.bits),
                (one.outcome, other.outcome),
                (one.weights, other.weights),
            ]:
                if isinstance(left, Coded):
                    assert left.words == right.words
                    left, right = left.codes, right.codes
                assert (left is None) == (right is None)
                if left is not None:
                    assert left.dtype == right.dtype
                    np.testing.assert_array_equal(left, right)
            assert one.race.asked_apart == other.race.asked_apart
            assert (one.race_group, one.events, one.measured) == (other.race_group, other.events, other.measured)


def test_the_embedded_cohort_answers_requests_beyond_its_columns():
    embedded = read_cohort()
    assert embedded.levels("setting") == ("general", "Unknown")
    assert embedded.largest("age") == 97
    assert embedded.largest("sample_weight") == 274281.1
    chunks = list(embedded.read(Request(inputs=("age",), by=("setting",), measured=(("egfr", "age"),))))
    assert {patients.setting for patients in chunks} == set(synthetic.settings())
    assert set(chunks[0].groups["setting"].to_words()) == {"general"}
    np.testing.assert_array_equal(chunks[0].measured["egfr"], chunks[0].columns["age"])
    with pytest.raises(MissingColumn, match="has no column 'diabetes'"):
        list(embedded.read(Request(inputs=("age",), outcome="diabetes")))


@pytest.mark.skipif("AUDITOR_DATA" not in os.environ, reason="needs the NHANES extracts (AUDITOR_DATA)")
def test_nobody_is_copied_from_the_survey(adults):
    import duckdb

    files = os.path.join(os.environ["AUDITOR_DATA"], "nhanes_*_*.parquet")
    columns = {
        "age": "age_years",
        "height": "height_cm",
        "weight": "weight_kg",
        "creatinine": "serum_creatinine_mg_dl",
        "total_cholesterol": "total_cholesterol_mg_dl",
        "hdl_cholesterol": "hdl_cholesterol_mg_dl",
        "blood_urea_nitrogen": "blood_urea_nitrogen_mg_dl",
    }
    query = f"select {', '.join(columns.values())} from read_parquet('{files}', union_by_name = true) where age_years >= 18"
    table = duckdb.connect().execute(query).fetchnumpy()
    survey = np.column_stack([np.ma.filled(table[c].astype(float), np.nan) for c in columns.values()])
    survey = {tuple(row) for row in survey[~np.isnan(survey).any(axis=1)]}
    synthetic_rows = np.column_stack([adults[name] for name in columns])
    complete = synthetic_rows[~np.isnan(synthetic_rows).any(axis=1)]
    assert len(survey) > 30_000
    assert len(complete) > 15_000
    assert not any(tuple(row) in survey for row in complete)
