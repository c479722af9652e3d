"""Steps looked up for every level of a column give the numbers of the written formulas, to the last bit."""

import numpy as np
import pytest

from auditor.patients.kernel import Need, probe, record
from calculators import tabled as module
from calculators.coded import Coded
from calculators.evaluate import score
from calculators.folded import folded
from calculators.inputs import get_input
from calculators.program import Program
from calculators.recorded import Recording, taken
from calculators.registry import registry
from calculators.tabled import Levels, level_of, levels_of, tabled

CALCULATORS = tuple(registry())
WORDS = get_input("sex").categories


@pytest.fixture
def always(monkeypatch):
    """Whatever a column decides is looked up, however little time that spares."""
    monkeypatch.setattr(module, "LOOKING_UP", 0.0)
    monkeypatch.setattr(module, "FINDING_LEVELS", 0.0)


def patients(calculator, n, sex):
    """Made-up patients of one sex with values of as many decimals as their columns may have levels."""
    random = np.random.default_rng(n)
    found = {}
    for name, column in probe(calculator).items():
        chosen = column[random.integers(0, len(column), n)]
        quantity = get_input(name)
        if quantity.plausible and not isinstance(chosen, Coded):
            low, high = quantity.plausible
            decimals = max((d for d in range(4) if (high - low) * 10**d < module.MOST_LEVELS), default=0)
            chosen = np.clip(np.round(chosen, decimals), low, high)
        found[name] = chosen
    return found | ({"sex": Coded(WORDS, np.full(n, sex, np.int8))} if "sex" in found else {})


def numbers(found):
    return {n: c.codes if isinstance(c, Coded) else c for n, c in found.items()}


def looked_up(recording, units, columns, same):
    """The program with look-ups, what it reads, and the columns that are relied on."""
    levels = {name: found for name, values in columns.items() if (found := levels_of(get_input(name), values)) is not None}
    recording, units, relied_on = tabled(recording, units, levels, same)
    return Program(recording, units), columns | {level_of(name): levels[name].of(columns[name]) for name in relied_on}, relied_on


@pytest.mark.parametrize("sex", [-1, 0, 1])
@pytest.mark.parametrize("calculator", CALCULATORS, ids=lambda c: c.id)
def test_scores_looked_up_equal_written_scores(always, calculator, sex):
    recording = Recording()
    outputs = tuple(o.name for o in calculator.outputs)
    rows = calculator.race.labels if calculator.race else (None,)
    recorded = {row: record(recording, calculator, Need("own", row, outputs)) for row in rows}
    units = [(row, steps) for row, steps in recorded.items() if steps is not None]
    same = {"sex": sex}
    for n in (1, 300):
        people = patients(calculator, n, sex)
        program, columns, _ = looked_up(*folded(recording, [steps for _, steps in units], same), numbers(people), same)
        run = program.on(columns)
        for number, (row, _) in enumerate(units):
            written = score(calculator, people, row)
            for name, values in zip(outputs, run.unit(number), strict=True):
                np.testing.assert_array_equal(values.astype(written[name].dtype), written[name])


def test_what_one_column_decides_is_done_for_its_levels_alone(always):
    recording = Recording()
    age, creatinine = recording.column("age"), recording.column("creatinine")
    both = np.power(age, -0.2) * np.exp(-creatinine)
    program, columns, relied_on = looked_up(recording, [[both]], {"age": np.array([40.0, 61.0]), "creatinine": np.array([0.9, 1.25])}, {})
    assert relied_on == {"age", "creatinine"}
    assert [job[1].__name__ for job in program.jobs[0]] == ["_take", "_take", "multiply"]
    expected = np.power(np.array([40.0, 61.0]), -0.2) * np.exp(-np.array([0.9, 1.25]))
    np.testing.assert_array_equal(program.on(columns).unit(0)[0], expected)


def test_a_column_that_spares_too_little_is_left_alone():
    recording = Recording()
    age, creatinine = recording.column("age"), recording.column("creatinine")
    sum_of_both = np.log(age) + np.power(creatinine, 1.1) + np.power(creatinine, 1.2) + np.power(creatinine, 1.3) * np.sqrt(age)
    _, columns, relied_on = looked_up(recording, [[sum_of_both]], {"age": np.array([40.0]), "creatinine": np.array([0.9])}, {})
    assert relied_on == {"creatinine"}
    assert level_of("age") not in columns


def test_steps_on_some_patients_are_looked_up_for_these(always):
    recording = Recording()
    age, rows = recording.column("age"), recording.column("rows")
    some = recording.step(taken, (np.log(age), rows)) + 1
    columns = {"age": np.array([30.0, 50.0, 70.0])}
    program, columns, _ = looked_up(recording, [[some]], columns, {})
    np.testing.assert_array_equal(program.on(columns | {"rows": np.array([2, 0])}).unit(0)[0], np.log([70.0, 30.0]) + 1)


@pytest.mark.parametrize(
    ("limit", "steps"), [(150.0, ["_take", "multiply"]), (65.0, ["_take", "multiply", "_take", "add", "look_up", "where"])]
)
def test_a_choice_that_comes_out_the_same_for_all_levels_is_made_once(always, limit, steps):
    recording = Recording()
    age, creatinine = recording.column("age"), recording.column("measured")
    chosen = np.where(np.log(age) > np.log(limit), np.sqrt(age) + creatinine, np.log(age) * creatinine)
    columns = {"age": np.array([30.0, 50.0, 70.0]), "measured": np.array([0.1, 0.2, np.nan])}
    levels = {"age": levels_of(get_input("age"), columns["age"])}
    new, units, relied_on = tabled(recording, [[chosen]], levels, {})
    assert relied_on == {"age"}
    program = Program(new, units)
    assert sorted(job[1].__name__ for job in program.jobs[0]) == sorted(steps)
    found = program.on(columns | {level_of("age"): levels["age"].of(columns["age"])}).unit(0)[0]
    expected = Program(recording, [[chosen]]).on(columns).unit(0)[0]
    np.testing.assert_array_equal(found, expected)


def test_levels_are_exactly_the_decimal_numbers_of_a_range():
    levels = Levels(0.1, 30.0, 100)
    values = np.array([0.1, 0.57, 1.15, np.nan, 29.99, 30.0])
    places = levels.of(values)
    np.testing.assert_array_equal(levels.values[places], values)
    for other in (0.105, 0.09, 30.01, np.inf, -np.inf, np.nextafter(0.57, 1)):
        assert levels.of(np.append(values, other)) is None


@pytest.mark.parametrize(
    ("name", "values", "per_unit"),
    [("age", [50, 61, np.nan], 1), ("creatinine", [1.0, 0.9], 10), ("creatinine", [1.0, 0.93], 100), ("age", [], 1), ("sex", [0, 1], None)],
)
def test_a_column_has_as_few_decimals_as_its_values_need(name, values, per_unit):
    levels = levels_of(get_input(name), np.array(values, dtype=np.float64))
    assert (levels and levels.per_unit) == per_unit


@pytest.mark.parametrize("values", [[50.123456], [1e9], [-1.0]])
def test_values_of_many_decimals_or_outside_the_plausible_range_have_no_levels(values):
    assert levels_of(get_input("age"), np.array(values)) is None
