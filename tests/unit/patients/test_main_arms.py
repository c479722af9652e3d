"""Without as-if arms the rows of a race term run only on those who read them; every other count stays the same."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from auditor.patients import kernel
from auditor.patients.arms import rows_of_everyone
from auditor.patients.cohort import Request
from auditor.patients.grid import Grid
from auditor.patients.kernel import needs_of
from auditor.patients.sources.synthetic import GENERAL, generate_setting
from auditor.patients.sources.tables import read_table
from auditor.patients.tally import Plan, Tally
from auditor.pipeline import serve
from calculators.registry import registry

BY = ("race", "sex")


def main_only(armed):
    return replace(armed, arms=tuple(arm for arm in armed.arms if arm.kind != "as_if"))


@pytest.fixture(scope="module")
def cohort():
    cohort = read_table(pd.DataFrame(generate_setting(GENERAL, 3_000)), name="some")
    ids = [c.id for c in registry()]
    served = serve(cohort, ids, registry())
    inputs = tuple(dict.fromkeys(n for a in served.armed for n in a.inputs))
    (patients,) = cohort.read(Request(inputs=inputs, by=BY, outcome="died_10_years"))
    unknown = np.arange(patients.n) % 7 == 0
    patients = replace(patients, outcome=np.where(unknown, -1, patients.outcome).astype(np.int8))
    levels = {name: cohort.levels(name) for name in BY}
    return patients, served.armed, levels


def counted(patients, armed, levels):
    tally = Tally([Plan.of(a, levels, "any_mention") for a in armed], levels, "any_mention", Grid.of(patients.n, None))
    tally.add(patients)
    return tally.total()


def is_main(table):
    return not any(arm.startswith("as_if:") for arm in table.arms)


def same(one, other):
    tables = [t for t in one.tables if is_main(t)]
    assert [(t.arms, t.scale) for t in other.tables] == [(t.arms, t.scale) for t in tables]
    scores = [(t.output, t.arm) for t in one.scored]
    assert [(t.output, t.arm) for t in other.scored] == scores
    for mine, theirs in zip((*tables, *one.scored), (*other.tables, *other.scored), strict=True):
        np.testing.assert_array_equal(mine.cells.codes, theirs.cells.codes)
        np.testing.assert_array_equal(mine.cells.n, theirs.cells.n)
    assert set(other.moments) == {key for key in one.moments if not key[1].startswith("as_if:")}
    for key, moments in other.moments.items():
        for name, total in moments.sums.items():
            np.testing.assert_array_equal(total, one.moments[key].sums[name])
    np.testing.assert_array_equal(one.coverage.codes, other.coverage.codes)
    np.testing.assert_array_equal(one.coverage.n, other.coverage.n)
    assert not other.extremes


@pytest.mark.parametrize("up_to", [0, 1 << 20])
def test_main_arms_count_as_they_do_beside_as_if_arms(cohort, monkeypatch, up_to):
    monkeypatch.setattr(kernel, "WRITTEN_UP_TO", up_to)
    patients, armed, levels = cohort
    every = counted(patients, armed, levels)
    main = counted(patients, [main_only(a) for a in armed], levels)
    assert sum(len(c.tables) for c in main) < sum(len(c.tables) for c in every)
    for one, other in zip(every, main, strict=True):
        same(one, other)


def test_other_rows_are_needed_only_of_their_readers(cohort):
    _, armed, _ = cohort
    (gli,) = [a for a in armed if a.calculator.id == "gli_2012_fev1"]
    scales = Plan.of(gli, {}, "any_mention").scales
    assert rows_of_everyone(gli, "own") == set(gli.calculator.race.labels)
    assert all(need.everyone for need in needs_of(gli, scales))
    removals = [r for r in gli.calculator.race.other_removals]
    alone = replace(gli, arms=tuple(a for a in gli.arms if a.kind in ("with_race", "without_race")))
    assert rows_of_everyone(alone, "own") == {gli.calculator.race.removed}
    assert [need.row for need in needs_of(alone, scales) if need.of == "own" and need.everyone] == [gli.calculator.race.removed]
    with_removals = rows_of_everyone(main_only(gli), "own")
    assert with_removals == {gli.calculator.race.removed, *(row for r in removals for row in (r.row, *r.weights) if row)}
