"""What must hold for every registered calculator, whatever its formula: missing stays missing, removed race is not read.

Patients are drawn from each calculator's own vectors and nudged inside the range that its vectors span.
"""

import csv
from functools import cache
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from calculators.declare import UNDEFINED
from calculators.errors import MissingInput, UnknownGroup
from calculators.evaluate import read_columns, removed_otherwise
from calculators.registry import get, registry

VECTORS = Path(__file__).parents[1] / "spec" / "vectors"
ALL = list(registry())
WITH_TERM = [c for c in ALL if c.race is not None]
WITHOUT_TERM = [c for c in ALL if c.race is None]

few = settings(max_examples=6, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
every_calculator = pytest.mark.parametrize("calculator", ALL, ids=lambda c: c.id)
every_race_term = pytest.mark.parametrize("calculator", WITH_TERM, ids=lambda c: c.id)


# Patients


def names(calculator):
    return (*calculator.inputs, *calculator.optional_inputs)


def numeric(calculator, name):
    return calculator.input(name).kind != "category"


@cache
def published(id):
    """The columns of a calculator's vectors: words as they are, numbers with NaN for blank."""
    calculator = get(id)
    with (VECTORS / f"{id}.csv").open(newline="", encoding="utf-8") as file:
        rows = [row for row in csv.DictReader(file) if row["arm"] == "with_race"]
    return {
        name: np.array([float(row[name] or "nan") if numeric(calculator, name) else row[name] for row in rows])
        for name in names(calculator)
    }


@st.composite
def cohorts(draw, calculator, least=1, most=8):
    """A few patients of the vectors; every number is moved by the patient's own nudge, whole numbers to whole numbers."""
    columns = published(calculator.id)
    length = len(next(iter(columns.values())))
    chosen = draw(st.lists(st.integers(0, length - 1), min_size=least, max_size=most))
    nudges = draw(st.lists(st.floats(-0.1, 0.1), min_size=len(chosen), max_size=len(chosen)))
    return {name: nudged(calculator, name, column, chosen, nudges) for name, column in columns.items()}


def nudged(calculator, name, column, chosen, nudges):
    values = column[chosen]
    if calculator.input(name).kind != "number" or np.isnan(column).all():
        return values
    low, high = np.nanmin(column), np.nanmax(column)
    moved = np.clip(values + np.array(nudges) * (high - low), low, high)
    return np.round(moved) if (column[~np.isnan(column)] % 1 == 0).all() else moved


def groups(calculator, length):
    return st.lists(st.sampled_from(calculator.race.labels), min_size=length, max_size=length)


def size(patients):
    return len(next(iter(patients.values())))


def take(patients, rows):
    return {name: np.asarray(column)[rows] for name, column in patients.items()}


def both_arms(calculator, patients, race_group=None):
    """Scores without and with race; everyone in the last group where none is given."""
    yield calculator.without_race(patients)
    if calculator.race is not None:
        race_group = race_group or [calculator.race.labels[-1]] * size(patients)
    yield calculator.with_race({**patients, "race_group": race_group})


# Comparisons


def missing(values):
    """Which scores are missing: NaN, or the empty word."""
    return np.asarray(values == "" if values.dtype == object else np.isnan(values), dtype=bool)


def same(calculator, left, right):
    """The same scores, up to the last digits that numpy's vector loops may round differently."""
    for output in calculator.outputs:
        got, expected = left[output.name], right[output.name]
        if output.kind == "category":
            assert list(got) == list(expected)
        else:
            np.testing.assert_allclose(got, expected, rtol=1e-11, atol=1e-11, err_msg=output.name)


def all_missing(calculator, scores):
    for output in calculator.outputs:
        assert missing(scores[output.name]).all(), f"{output.name}: {scores[output.name]}"


# What is written down


@every_calculator
def test_every_calculator_says_what_it_is(calculator):
    assert (VECTORS / f"{calculator.id}.csv").exists()
    assert calculator.sources
    for text in ("title", "drives", "population", "equation", "specialty"):
        assert getattr(calculator, text).strip(), text


@every_race_term
def test_every_race_term_says_what_it_does(calculator):
    assert calculator.race.meaning
    assert calculator.direction


# Patients do not see each other


@every_calculator
@few
@given(data=st.data())
def test_alone_is_as_in_a_crowd(calculator, data):
    patients = data.draw(cohorts(calculator))
    one = data.draw(st.integers(0, size(patients) - 1))
    labels = data.draw(groups(calculator, size(patients))) if calculator.race else None
    alone = both_arms(calculator, take(patients, [one]), [labels[one]] if labels else None)
    for crowd, single in zip(both_arms(calculator, patients, labels), alone, strict=True):
        same(calculator, take(crowd, [one]), single)


@every_calculator
@few
@given(data=st.data())
def test_order_of_patients_does_not_matter(calculator, data):
    patients = data.draw(cohorts(calculator, least=2))
    order = data.draw(st.permutations(range(size(patients))))
    labels = data.draw(groups(calculator, size(patients))) if calculator.race else None
    shuffled = both_arms(calculator, take(patients, order), [labels[i] for i in order] if labels else None)
    for scores, moved in zip(both_arms(calculator, patients, labels), shuffled, strict=True):
        same(calculator, take(scores, order), moved)


# Race


@every_race_term
@few
@given(data=st.data())
def test_without_race_no_recorded_race_matters(calculator, data):
    patients = data.draw(cohorts(calculator))
    removed = calculator.without_race(patients)
    labels = data.draw(groups(calculator, size(patients)))
    same(calculator, calculator.without_race({**patients, "race_group": labels}), removed)
    same(calculator, calculator.without_race({**patients, "race_group": ["no label of this calculator"] * size(patients)}), removed)
    same(calculator, calculator.as_if({**patients, "race_group": labels}, calculator.race.removed), removed)


@every_race_term
@few
@given(data=st.data())
def test_with_race_everyone_gets_their_own_row(calculator, data):
    patients = data.draw(cohorts(calculator))
    labels = data.draw(groups(calculator, size(patients)))
    scores = calculator.with_race({**patients, "race_group": labels})
    for label in set(labels):
        rows = [i for i, own in enumerate(labels) if own == label]
        same(calculator, take(scores, rows), take(calculator.as_if(patients, label), rows))


@every_race_term
@few
@given(data=st.data())
def test_a_neutral_row_is_as_without_race(calculator, data):
    patients = data.draw(cohorts(calculator))
    for label in calculator.race.labels:
        if calculator.race.neutral(label):
            same(calculator, calculator.as_if(patients, label), calculator.without_race(patients))


@every_race_term
def test_race_changes_someone(calculator):
    patients = published(calculator.id)
    first, *others = (calculator.as_if(patients, label) for label in calculator.race.labels if not calculator.race.neutral(label))
    removed = calculator.without_race(patients)
    for scores in (first, *others):
        pairs = [(scores[o.name], removed[o.name]) for o in calculator.outputs]
        assert any((given != gone)[~missing(given) & ~missing(gone)].any() for given, gone in pairs)


@every_race_term
@few
@given(data=st.data())
def test_blank_race_is_the_unlisted_row_or_no_score(calculator, data):
    patients = data.draw(cohorts(calculator))
    blank = calculator.with_race({**patients, "race_group": [""] * size(patients)})
    if calculator.race.unlisted == UNDEFINED:
        all_missing(calculator, blank)
    else:
        same(calculator, blank, calculator.as_if(patients, calculator.race.unlisted))


@every_race_term
def test_a_label_that_is_not_the_calculators_is_refused(calculator):
    patients = take(published(calculator.id), [0, 1])
    label = calculator.race.labels[0]
    with pytest.raises(UnknownGroup):
        calculator.with_race({**patients, "race_group": [label, "Martian"]})
    with pytest.raises(UnknownGroup):
        calculator.as_if(patients, "Martian")
    with pytest.raises(MissingInput):
        calculator.with_race(patients)


@pytest.mark.parametrize("calculator", WITHOUT_TERM, ids=lambda c: c.id)
@few
@given(data=st.data())
def test_no_race_term_gives_both_arms_the_same(calculator, data):
    patients = data.draw(cohorts(calculator))
    same(calculator, calculator.with_race(patients), calculator.without_race(patients))
    with pytest.raises(UnknownGroup):
        calculator.as_if(patients, "White")


REMOVALS = [pytest.param(c, r, id=f"{c.id}-{r.name}") for c in WITH_TERM for r in c.race.other_removals]


@pytest.mark.parametrize(("calculator", "removal"), REMOVALS)
@few
@given(data=st.data())
def test_other_removals_are_a_row_or_lie_between_rows(calculator, removal, data):
    patients = data.draw(cohorts(calculator))
    scores = removed_otherwise(calculator, read_columns(calculator, patients), removal)
    if removal.row:
        same(calculator, scores, calculator.as_if(patients, removal.row))
        return
    rows = [calculator.as_if(patients, label) for label in removal.weights]
    for name, values in scores.items():
        every = np.array([row[name] for row in rows])
        inside = (values >= every.min(0) - 1e-9) & (values <= every.max(0) + 1e-9)
        assert (inside | np.isnan(every).any(0)).all()


# Missing and impossible values


@every_calculator
@settings(few, max_examples=3)
@given(data=st.data())
def test_a_blank_required_input_is_never_a_number(calculator, data):
    patients = data.draw(cohorts(calculator, least=2))
    blanked = data.draw(st.integers(0, size(patients) - 1))
    others = [i for i in range(size(patients)) if i != blanked]
    expected = calculator.without_race(take(patients, others))
    for name in calculator.inputs:
        column = patients[name].copy()
        column[blanked] = np.nan if numeric(calculator, name) else ""
        for arm, scores in enumerate(both_arms(calculator, {**patients, name: column})):
            all_missing(calculator, take(scores, [blanked]))
            if arm == 0:
                same(calculator, take(scores, others), expected)


def impossible_numbers(quantity):
    low, high = quantity.plausible or (-np.inf, np.inf)
    beyond = [low - 0.001, low - 1, -1 if low >= 0 else low - 10, high + 0.001, high + 999, 0.5 if quantity.kind == "boolean" else high + 1]
    return np.array([*beyond, np.inf, -np.inf, np.nan])


@every_calculator
def test_an_impossible_number_is_never_a_score(calculator):
    whole = published(calculator.id)
    complete = [not any(np.isnan(whole[n][i]) for n in calculator.inputs if numeric(calculator, n)) for i in range(size(whole))]
    first = complete.index(True)
    for name in names(calculator):
        if not numeric(calculator, name):
            continue
        values = impossible_numbers(calculator.input(name))
        patients = {**take(whole, [first] * len(values)), name: values}
        unknown = {**patients, name: np.full(len(values), np.nan)}
        for scores, blank in zip(both_arms(calculator, patients), both_arms(calculator, unknown), strict=True):
            if name in calculator.inputs:
                all_missing(calculator, scores)
            else:
                same(calculator, scores, blank)


@every_calculator
def test_a_word_outside_the_vocabulary_is_an_error(calculator):
    whole = published(calculator.id)
    for name in names(calculator):
        if not numeric(calculator, name):
            with pytest.raises(ValueError, match="not among"):
                calculator.without_race({**take(whole, [0, 1]), name: ["no such word", whole[name][1]]})


@every_calculator
def test_a_missing_column_is_named(calculator):
    patients = take(published(calculator.id), [0])
    for name in calculator.inputs:
        with pytest.raises(MissingInput, match=name):
            calculator.without_race({n: v for n, v in patients.items() if n != name})


@pytest.mark.parametrize("calculator", [c for c in ALL if c.optional_inputs], ids=lambda c: c.id)
@few
@given(data=st.data())
def test_an_absent_optional_column_is_a_blank_one(calculator, data):
    patients = data.draw(cohorts(calculator))
    blank = {n: np.full(size(patients), np.nan if numeric(calculator, n) else "") for n in calculator.optional_inputs}
    required = {n: patients[n] for n in calculator.inputs}
    same(calculator, calculator.without_race(required), calculator.without_race({**required, **blank}))


@every_calculator
def test_no_patients_give_no_scores(calculator):
    patients = take(published(calculator.id), [])
    for scores in both_arms(calculator, patients, [] if calculator.race else None):
        assert all(len(scores[o.name]) == 0 for o in calculator.outputs)


@every_calculator
@few
@given(data=st.data())
def test_scores_are_what_the_outputs_declare(calculator, data):
    patients = data.draw(cohorts(calculator))
    for scores in both_arms(calculator, patients):
        assert set(scores) == {o.name for o in calculator.outputs}
        for output in calculator.outputs:
            values = scores[output.name][~missing(scores[output.name])]
            if output.kind == "category":
                assert set(values) <= set(output.categories)
            elif output.kind == "boolean":
                assert set(values) <= {0.0, 1.0}
            else:
                assert np.isfinite(values).all()
            if calculator.printed_decimals.get(output.name) == 0:
                assert (values % 1 == 0).all()


# What the science demands

MARKERS = [(c, m) for c in ALL for m in ("creatinine", "cystatin_c") if c.outputs[0].name == "egfr" and m in names(c)]
RISING, FALLING = 1, -1
MONOTONE = [
    ("plcom2012", "age", RISING, (50, 80)),
    ("plcom2012", "years_smoked", RISING, (10, 60)),
    ("plcom2012", "cigarettes_per_day", RISING, (1, 80)),
    ("plcom2012", "years_quit", FALLING, (0, 30)),
    ("plcom2012_norace", "age", RISING, (50, 80)),
    ("lcrat_2016", "years_smoked", RISING, (10, 29)),
    ("lcrat_2016", "years_quit", FALLING, (0, 30)),
    ("crc_pro_2014", "age", RISING, (45, 85)),
    ("bcrat_gail_2", "projection_age", RISING, (60, 90)),
    ("warfarin_iwpc_clinical_2009", "weight", RISING, (40, 150)),
    ("warfarin_iwpc_pgx_2009", "weight", RISING, (40, 150)),
    ("warfarin_iwpc_modified_eupact_2012", "age", FALLING, (20, 90)),
    ("warfarin_gage_pgx_2008", "age", FALLING, (20, 90)),
    ("warfarin_gage_clinical_2008", "target_inr", RISING, (2, 3.5)),
    ("same_tt2r2_2013", "age", FALLING, (40, 90)),
    ("emergency_surgery_score_2016", "age", RISING, (20, 90)),
    ("emergency_surgery_score_2016", "creatinine", RISING, (0.5, 5)),
    ("gwtg_hf_2010", "age", RISING, (40, 110)),
    ("gwtg_hf_2010", "systolic_bp", FALLING, (80, 210)),
    ("vbac_grobman_2007", "age", FALLING, (18, 45)),
    ("vbac_grobman_2021", "age", FALLING, (18, 45)),
    ("vbac_grobman_2021", "height", RISING, (145, 185)),
    ("kdri_rao_2009", "age", RISING, (18, 80)),
    ("kdri_rao_2009", "creatinine", RISING, (0.5, 6)),
    ("kdpi_optn_2024", "age", RISING, (18, 80)),
    ("epts_raw_2014", "age", RISING, (25, 80)),
    ("uticalc_v1_2018", "temperature", RISING, (38, 41)),
    ("uticalc_v3_2022", "temperature", RISING, (38, 41)),
    ("fmf_preeclampsia_prior_2015", "height", FALLING, (145, 185)),
    ("stone_2014", "pain_duration", FALLING, (0, 48)),
    ("cockcroft_gault_1976", "creatinine", FALLING, (0.3, 12)),
    ("kfre_4var_2016", "egfr", FALLING, (8, 59)),
    ("kfre_8var_2016", "egfr", FALLING, (8, 59)),
    ("grace_inhospital_2003", "age", RISING, (30, 100)),
    ("maggic_2013", "age", RISING, (40, 95)),
    ("framingham_general_cvd_2008", "age", RISING, (30, 74)),
    ("euroscore2_2011", "age", RISING, (30, 95)),
    ("apache2_1985", "age", RISING, (20, 95)),
    ("score2_2021", "systolic_bp", RISING, (100, 180)),
    ("prevent_2023_base", "systolic_bp", RISING, (115, 180)),
    ("pcptrc_1_2006", "psa", RISING, (0.5, 50)),
    ("pcptrc_2", "age", RISING, (55, 90)),
    ("pbcg_2018", "psa", RISING, (2, 50)),
    ("phi_2011", "p2psa", RISING, (5, 60)),
    ("findrisc_2003", "age", RISING, (30, 80)),
    ("ausdrisk_2010", "age", RISING, (25, 80)),
    ("ost_2001", "age", FALLING, (45, 90)),
    ("orai_2000", "age", RISING, (45, 90)),
    ("meld_unos_2002", "creatinine", RISING, (0.5, 6)),
    ("meld_na_2016", "bilirubin", RISING, (0.5, 30)),
    ("meld_3_2022", "inr", RISING, (0.8, 5)),
    ("sofa_1996", "creatinine", RISING, (0.5, 6)),
    ("liver_dri_2006", "age", RISING, (18, 85)),
    ("nichd_efw_race_2015", "estimated_fetal_weight", RISING, (100, 4500)),
    ("gli_global_2022_fev1", "height", RISING, (110, 195)),
    ("gli_global_2022_fvc", "height", RISING, (110, 195)),
]


def along(calculator, patients, name, low, high):
    """Each patient's first output along a grid of one input, one row per patient; a stretch without a score is left out."""
    grid = np.linspace(low, high, 25)
    for i in range(size(patients)):
        line = calculator.without_race({**take(patients, [i] * len(grid)), name: grid})[calculator.outputs[0].name]
        yield line[~np.isnan(line)]


@pytest.mark.parametrize(("calculator", "marker"), [pytest.param(c, m, id=f"{c.id}-{m}") for c, m in MARKERS])
@few
@given(data=st.data())
def test_egfr_falls_as_its_marker_rises(calculator, marker, data):
    for line in along(calculator, data.draw(cohorts(calculator, most=3)), marker, 0.3, 12):
        assert (np.diff(line) < 0).all()


@pytest.mark.parametrize(("id", "name", "direction", "span"), [pytest.param(*m, id=f"{m[0]}-{m[1]}") for m in MONOTONE])
@few
@given(data=st.data())
def test_published_directions(id, name, direction, span, data):
    calculator = get(id)
    for line in along(calculator, data.draw(cohorts(calculator, most=3)), name, *span):
        assert (direction * np.diff(line) >= -1e-12).all()
