"""Formulas that are run only on the patients who read a row give the numbers of the written ones, to the last bit."""

import numpy as np
import pytest

from auditor.patients.kernel import Need, probe, record
from calculators.coded import Coded
from calculators.evaluate import score
from calculators.folded import folded
from calculators.inputs import get_input
from calculators.narrowed import narrowed
from calculators.program import Program
from calculators.recorded import Recording, needed
from calculators.registry import registry

CALCULATORS = tuple(c for c in registry() if c.race is not None)
SEXES = get_input("sex").categories


def patients(calculator, n, seed, sex=None):
    random = np.random.default_rng(seed)
    found = {name: column[random.integers(0, len(column), n)] for name, column in probe(calculator).items()}
    if sex is not None and "sex" in found:
        found["sex"] = Coded(SEXES, np.full(n, sex, np.int8))
    return found


def numbers(found):
    return {n: c.codes if isinstance(c, Coded) else c for n, c in found.items()}


@pytest.mark.parametrize("sex", [None, 1])
@pytest.mark.parametrize("calculator", CALCULATORS, ids=lambda c: c.id)
def test_narrow_scores_equal_written_scores(calculator, sex):
    recording = Recording()
    outputs = tuple(o.name for o in calculator.outputs)
    labels = calculator.race.labels
    recorded = {row: record(recording, calculator, Need("own", row, outputs)) for row in labels}
    if any(steps is None for steps in recorded.values()):
        assert calculator.id not in ("pce_2013", "ckd_epi_cr_2009", "gli_2012_fev1")
        return
    everyone = needed(recording, recorded[calculator.race.removed])
    units = [
        recorded[row] if row == calculator.race.removed else narrowed(recording, recorded[row], everyone, f"rows {row}") for row in labels
    ]
    made = (recording, units) if sex is None else folded(recording, units, {"sex": sex})
    program = Program(*made)
    random = np.random.default_rng(3)
    for n in (300, 40):
        people = patients(calculator, n, n, sex)
        reads = random.integers(0, max(len(labels) - 1, 2), n)
        rows = {row: np.flatnonzero(reads == i) for i, row in enumerate(labels)}
        run = program.on(numbers(people) | {f"rows {row}": some for row, some in rows.items()})
        for number, row in enumerate(labels):
            some = slice(None) if row == calculator.race.removed else rows[row]
            written = score(calculator, {name: column[some] for name, column in people.items()}, row)
            for name, values in zip(outputs, run.unit(number), strict=True):
                np.testing.assert_array_equal(values.astype(written[name].dtype), written[name])


def test_what_everyone_needs_is_taken_and_not_computed_again():
    recording = Recording()
    age = recording.column("age")
    shared = np.log(age) * 3
    everyone = needed(recording, [shared + 1])
    (narrow,) = narrowed(recording, [np.exp(shared) * 2], everyone, "rows")
    program = Program(recording, [[shared + 1], [narrow]])
    assert [len(jobs) for jobs in program.jobs] == [3, 3]
    run = program.on({"age": np.array([1.0, np.e, np.e**2]), "rows": np.array([2, 0])})
    assert run.unit(0)[0] == pytest.approx([1.0, 4.0, 7.0])
    assert run.unit(1)[0] == pytest.approx([2 * np.exp(6), 2.0])
