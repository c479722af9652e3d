"""Recorded formulas give the numbers of the written ones, to the last bit."""

import numpy as np
import pytest

from auditor.patients.kernel import Need, probe, record
from calculators.coded import Coded
from calculators.evaluate import score
from calculators.inputs import get_input
from calculators.program import Program
from calculators.recorded import Recording, Unrecordable, not_usable, scored
from calculators.registry import registry

CALCULATORS = tuple(registry())
WRITTEN_ONLY = 0.2


def rows(calculator):
    return calculator.race.labels if calculator.race else (None,)


def columns(calculator, n, seed):
    random = np.random.default_rng(seed)
    found = {}
    for name, column in probe(calculator).items():
        chosen = random.integers(0, len(column), n)
        found[name] = column[chosen]
    return found


def numbers(found):
    return {n: c.codes if isinstance(c, Coded) else c for n, c in found.items()}


@pytest.mark.parametrize("calculator", CALCULATORS, ids=lambda c: c.id)
def test_recorded_scores_equal_written_scores(calculator):
    recording = Recording()
    outputs = tuple(o.name for o in calculator.outputs)
    found = {row: record(recording, calculator, Need("own", row, outputs)) for row in rows(calculator)}
    units = [(row, results) for row, results in found.items() if results is not None]
    for n, seed in ((1, 0), (257, 1)):
        patients = columns(calculator, n, seed)
        run = Program(recording, [results for _, results in units]).on(numbers(patients))
        for number, (row, _) in enumerate(units):
            written = score(calculator, patients, row)
            for name, values in zip(outputs, run.unit(number), strict=True):
                np.testing.assert_array_equal(values.astype(written[name].dtype), written[name])


def test_most_calculators_can_be_recorded():
    lost = [c.id for c in CALCULATORS if record(Recording(), c, Need("own", rows(c)[0], (c.outputs[0].name,))) is None]
    assert len(lost) < WRITTEN_ONLY * len(CALCULATORS), lost


def test_the_same_step_is_written_down_once_and_an_unread_one_is_not_run():
    recording = Recording()
    age = recording.column("age")
    once, again, unread = np.log(age) * 2, np.log(age) * 2, np.sqrt(age)
    assert once.place == again.place
    program = Program(recording, [[once], [again + 1]])
    assert sum(len(jobs) for jobs in program.jobs) == 3
    assert unread.place not in {job[0] for jobs in program.jobs for job in jobs}
    run = program.on({"age": np.array([1.0, np.e])})
    assert run.unit(0)[0] == pytest.approx([0.0, 2.0])
    assert run.unit(1)[0] == pytest.approx([1.0, 3.0])


def test_a_number_and_a_truth_value_are_different_constants():
    recording = Recording()
    age = recording.column("age")
    assert (age * 1).place != (age * 1.0).place != (age * True).place
    assert (age + 0.0).place != (age + -0.0).place


def test_inputs_are_never_overwritten():
    recording = Recording()
    age = recording.column("age")
    given = np.array([1.0, 2.0, 3.0])
    run = Program(recording, [[np.exp(age + 1) * 2 - age]]).on({"age": given})
    assert run.unit(0)[0] == pytest.approx(np.exp(np.array([2.0, 3.0, 4.0])) * 2 - [1, 2, 3])
    assert given.tolist() == [1.0, 2.0, 3.0]


def test_calculators_of_one_program_fill_each_others_arrays_only_when_nobody_reads_them():
    recording = Recording()
    needs = [(c, row, tuple(o.name for o in c.outputs)) for c in CALCULATORS for row in rows(c)]
    recorded = [(need, record(recording, need[0], Need("own", *need[1:]))) for need in needs]
    units = [(need, results) for need, results in recorded if results is not None]
    patients = {}
    for calculator in CALCULATORS:
        patients = {**columns(calculator, 300, 2), **patients}
    kept = {name: column.copy() for name, column in numbers(patients).items()}
    run = Program(recording, [results for _, results in units]).on(numbers(patients))
    for number, ((calculator, row, outputs), _) in enumerate(units):
        written = score(calculator, patients, row)
        for name, values in zip(outputs, run.unit(number), strict=True):
            np.testing.assert_array_equal(values.astype(written[name].dtype), written[name])
    for name, column in numbers(patients).items():
        np.testing.assert_array_equal(column, kept[name])


def test_words_are_recorded_by_their_codes():
    recording = Recording()
    sex = recording.column("sex", get_input("sex").categories)
    female = get_input("sex").categories.index("female")
    program = Program(recording, [[sex.pick(female=0.7, male=0.9), sex == "female", sex.isin("male")]])
    picked, women, men = program.on({"sex": np.array([female, 1 - female, -1], np.int8)}).unit(0)
    np.testing.assert_array_equal(picked, [0.7, 0.9, np.nan])
    assert women.tolist() == [True, False, False]
    assert men.tolist() == [False, True, False]


@pytest.mark.parametrize(
    "formula", [lambda x: x if x.any() else -x, lambda x: 1.0 if x > 2 else 0.0, lambda x: [v for v in x], lambda x: x[x > 1]]
)
def test_what_depends_on_values_cannot_be_recorded(formula):
    with pytest.raises((Unrecordable, AttributeError)):
        formula(Recording().column("age"))


@pytest.mark.parametrize("ordered", [True, False])
def test_a_pick_gives_each_code_its_number_in_whatever_order(ordered):
    words = get_input("sex").categories
    codes = np.random.default_rng(3).integers(-1, 2, 500).astype(np.int8)
    codes = np.sort(codes) if ordered else codes
    recording = Recording()
    sex = recording.column("sex", words)
    (picked,) = Program(recording, [[sex.pick(female=0.7, male=0.9)]]).on({"sex": codes}).unit(0)
    np.testing.assert_array_equal(picked, Coded(words, codes).pick(female=0.7, male=0.9))


def test_a_value_is_missing_with_an_input_only_if_every_way_passes_it_on():
    recording = Recording()
    x, y = recording.column("x"), recording.column("y")
    for surely in (np.log(x) * y, np.where(y > 1, x, 2 - x), x**y, np.where(y > 0, x, np.nan)):
        assert recording.missing_with(surely, x)
    for perhaps in (y + 1, np.where(np.isnan(x), 0.0, x), np.where(x > 1, y, 2.0), np.where(y > 1, x, y), y**x):
        assert not recording.missing_with(perhaps, x)


def test_scores_are_blanked_in_an_array_of_their_own():
    recording = Recording()
    x = recording.column("x")
    usable = x > 0
    rows = recording.step(not_usable, (usable,))
    blanked = [recording.step(scored, (value, usable, rows)) for value in (x, x * 2, 1 / (x - 2), 3.0)]
    given = np.array([-1.0, 1.0, 2.0])
    found = Program(recording, [blanked, [x * 2]]).on({"x": given})
    for values, expected in zip(found.unit(0), ([np.nan, 1, 2], [np.nan, 2, 4], [np.nan, -1, np.nan], [np.nan, 3, 3]), strict=True):
        np.testing.assert_array_equal(values, expected)
    np.testing.assert_array_equal(found.unit(1)[0], [-2, 2, 4])
    assert given.tolist() == [-1, 1, 2]


@pytest.mark.parametrize("calculator", [c for c in CALCULATORS if c.optional_inputs], ids=lambda c: c.id)
def test_each_output_alone_is_recorded_rightly_where_optional_inputs_are_missing(calculator):
    patients = columns(calculator, 400, 5)
    random = np.random.default_rng(6)
    for name in calculator.optional_inputs:
        gone = random.random(400) < 0.4
        column = patients[name]
        patients[name] = (
            Coded(column.words, np.where(gone, -1, column.codes).astype(np.int8))
            if isinstance(column, Coded)
            else np.where(gone, np.nan, column)
        )
    for row in rows(calculator):
        written = score(calculator, patients, row)
        for output in calculator.outputs:
            recording = Recording()
            steps = record(recording, calculator, Need("own", row, (output.name,)))
            if steps is not None:
                (values,) = Program(recording, [steps]).on(numbers(patients)).unit(0)
                np.testing.assert_array_equal(values.astype(written[output.name].dtype), written[output.name])
