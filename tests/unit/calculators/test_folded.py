"""Formulas folded for patients of one sex give the numbers of the written ones, to the last bit."""

import numpy as np
import pytest

from auditor.patients.kernel import Need, probe, record
from calculators.coded import Coded
from calculators.evaluate import score
from calculators.folded import folded
from calculators.inputs import get_input
from calculators.program import Program
from calculators.recorded import Recording
from calculators.registry import registry

CALCULATORS = tuple(c for c in registry() if "sex" in (*c.inputs, *c.optional_inputs))
WORDS = get_input("sex").categories


def patients(calculator, n, sex):
    random = np.random.default_rng(sex + 2)
    found = {name: column[random.integers(0, len(column), n)] for name, column in probe(calculator).items()}
    return found | {"sex": Coded(WORDS, np.full(n, sex, np.int8))}


def numbers(found):
    return {n: c.codes if isinstance(c, Coded) else c for n, c in found.items()}


@pytest.mark.parametrize("sex", [-1, 0, 1])
@pytest.mark.parametrize("calculator", CALCULATORS, ids=lambda c: c.id)
def test_folded_scores_equal_written_scores(calculator, sex):
    recording = Recording()
    outputs = tuple(o.name for o in calculator.outputs)
    rows = calculator.race.labels if calculator.race else (None,)
    recorded = {row: record(recording, calculator, Need("own", row, outputs)) for row in rows}
    units = [(row, steps) for row, steps in recorded.items() if steps is not None]
    program = Program(*folded(recording, [steps for _, steps in units], {"sex": sex}))
    for n in (1, 300):
        people = patients(calculator, n, sex)
        run = program.on(numbers(people))
        for number, (row, _) in enumerate(units):
            written = score(calculator, people, row)
            for name, values in zip(outputs, run.unit(number), strict=True):
                np.testing.assert_array_equal(values.astype(written[name].dtype), written[name])


def jobs(recording, units):
    return sum(len(jobs) for jobs in Program(recording, units).jobs)


def test_the_other_sex_s_steps_are_left_out():
    recording = Recording()
    sex, age = recording.column("sex", WORDS), recording.column("age")
    either = np.where(sex == "female", np.exp(age), np.log(age) * sex.pick(female=2.0, male=3.0))
    for word, steps, expected in (("female", 1, np.e), ("male", 2, 0.0)):
        new, units = folded(recording, [[either]], {"sex": WORDS.index(word)})
        assert jobs(new, units) == steps < jobs(recording, [[either]])
        assert Program(new, units).on({"age": np.ones(3)}).unit(0)[0] == pytest.approx([expected] * 3)


def test_powers_that_numpy_computes_in_a_way_of_their_own_keep_their_exponents_as_columns():
    recording = Recording()
    sex, age = recording.column("sex", WORDS), recording.column("age")
    root = np.power(age, sex.pick(female=0.5, male=0.37))
    ages = np.random.default_rng(1).random(500) * 90
    for code, sexes in ((0, np.zeros(500, np.int8)), (1, np.ones(500, np.int8))):
        new, units = folded(recording, [[root]], {"sex": code})
        found = Program(new, units).on({"age": ages, "sex": sexes}).unit(0)[0]
        np.testing.assert_array_equal(found, Program(recording, [[root]]).on({"age": ages, "sex": sexes}).unit(0)[0])


def test_what_is_the_same_for_everyone_is_still_a_column():
    recording = Recording()
    sex = recording.column("sex", WORDS)
    new, units = folded(recording, [[sex.pick(female=2.0, male=3.0) * 2, sex == "male"]], {"sex": WORDS.index("male")})
    picked, men = Program(new, units).on({"sex": np.full(4, WORDS.index("male"), np.int8)}).unit(0)
    assert picked.tolist() == [6.0] * 4
    assert men.tolist() == [True] * 4


def test_a_truth_value_chosen_in_place_of_a_number_becomes_a_number():
    recording = Recording()
    sex, age = recording.column("sex", WORDS), recording.column("age")
    old = age > 50
    points = np.where(sex == "female", old, 0.5) + np.where(sex == "female", age < 80, 0.5)
    new, units = folded(recording, [[points]], {"sex": WORDS.index("female")})
    assert Program(new, units).on({"age": np.array([40.0, 60.0, 90.0])}).unit(0)[0].tolist() == [1.0, 2.0, 1.0]
