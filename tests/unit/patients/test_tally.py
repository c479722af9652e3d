"""Patients are counted as a recount by hand counts them, whatever the chunks and their order."""

from collections import Counter
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from auditor.patients import kernel
from auditor.patients.cohort import Request
from auditor.patients.grid import Grid
from auditor.patients.sources.synthetic import GENERAL, generate_setting
from auditor.patients.sources.tables import read_table
from auditor.patients.tally import Plan, Tally, count
from auditor.pipeline import serve
from calculators.evaluate import score
from calculators.registry import registry

IDS = ("ckd_epi_cr_2009", "gli_2012_fev1", "prevent_2023_base_from_ckd_epi_cr_2009", "pce_2013", "kdigo_ga_2024", "hankinson_1999_pef")
BY = ("race", "sex")


@pytest.fixture(scope="module", params=["", "sample_weight"])
def counted(request):
    """The embedded patients as one chunk, and the plans of a few calculators."""
    cohort = read_table(pd.DataFrame(generate_setting(GENERAL, 4_000)), name="some")
    served = serve(cohort, IDS, registry())
    levels = {name: cohort.levels(name) for name in BY}
    plans = [Plan.of(armed, levels, "any_mention") for armed in served.armed]
    inputs = tuple(dict.fromkeys(n for a in served.armed for n in a.inputs))
    (patients,) = cohort.read(Request(inputs=inputs, by=BY, outcome="died_10_years", weights=request.param))
    return patients, plans


def grid_of(patients):
    return Grid.of(patients.n, None if patients.weights is None else float(patients.weights.max()))


def tallied(chunks, plans, grid):
    tally = Tally(plans, plans[0].by, "any_mention", grid)
    for chunk in chunks:
        tally.add(chunk)
    return tally.total()


def arrays(counted):
    for table in counted.tables:
        yield from (table.cells.codes, table.cells.n, table.cells.w, table.cells.w2)
    for moments in counted.moments.values():
        yield from (moments.cells.codes, moments.cells.n, moments.cells.w, *moments.sums.values())
    yield from (counted.coverage.codes, counted.coverage.n, counted.coverage.w)
    for scores in (*counted.scored, *counted.extremes):
        yield from (scores.cells.codes, scores.cells.n, scores.cells.w, scores.cells.w2)


@pytest.mark.parametrize("sizes", [(4000,), (1, 999, 3000), (500,) * 8])
@pytest.mark.parametrize("seed", [None, 3])
def test_chunks_and_their_order_change_no_bit(counted, sizes, seed):
    patients, plans = counted
    grid = grid_of(patients)
    whole = tallied([patients], plans, grid)
    order = np.arange(patients.n) if seed is None else np.random.default_rng(seed).permutation(patients.n)
    ends = np.cumsum(sizes)
    parts = tallied([patients[order[end - size : end]] for size, end in zip(sizes, ends, strict=True)], plans, grid)
    for one, other in zip(whole, parts, strict=True):
        for a, b in zip(arrays(one), arrays(other), strict=True):
            np.testing.assert_array_equal(a, b)


def test_scores_are_made_when_asked_for_and_add(counted):
    patients, plans = counted
    grid = grid_of(patients)
    (whole,) = tallied([patients], plans[:1], grid)
    assert "scored" not in vars(whole)
    one, other = (tallied([patients[some]], plans[:1], grid)[0] for some in np.array_split(np.arange(patients.n), [700]))
    both = one + other
    assert [(t.output, t.arm) for t in both.scored] == [(t.output, t.arm) for t in whole.scored] != []
    assert whole.scored is whole.scored
    for a, b in zip(arrays(both), arrays(whole), strict=True):
        np.testing.assert_array_equal(a, b)


@pytest.mark.parametrize("up_to", [0, 1500])
def test_recorded_and_written_formulas_count_the_same(counted, monkeypatch, up_to):
    patients, plans = counted
    written = tallied([patients], plans, grid_of(patients))
    monkeypatch.setattr(kernel, "WRITTEN_UP_TO", up_to)
    half = np.arange(patients.n) < 1000
    chunks = [patients[np.flatnonzero(half)], patients[np.flatnonzero(~half)]]
    for one, other in zip(written, tallied(chunks, plans, grid_of(patients)), strict=True):
        for a, b in zip(arrays(one), arrays(other), strict=True):
            np.testing.assert_array_equal(a, b)


def test_values_of_more_decimals_than_the_first_patients_had_count_as_by_written_formulas(counted, monkeypatch):
    patients, plans = counted
    grid = grid_of(patients)
    creatinine = patients.columns["creatinine"]
    columns = [{"creatinine": np.round(creatinine, 1)}, {}, {"creatinine": creatinine + 1 / 3}]
    chunks = [replace(patients, columns={**patients.columns, **other}) for other in columns]
    monkeypatch.setattr(kernel, "WRITTEN_UP_TO", 10**6)
    written = tallied(chunks, plans, grid)
    monkeypatch.setattr(kernel, "WRITTEN_UP_TO", 0)
    tally = Tally(plans, plans[0].by, "any_mention", grid)
    levels = []
    for chunk in chunks:
        tally.add(chunk)
        found = tally.kernel.levels["creatinine"]
        levels.append(found and found.per_unit)
    assert levels == [10, 100, None]
    assert "creatinine" not in {name for _, columns in tally.kernel.programs.values() for name in columns}
    for one, other in zip(written, tally.total(), strict=True):
        for a, b in zip(arrays(one), arrays(other), strict=True):
            np.testing.assert_array_equal(a, b)


def test_tallies_of_parts_add_to_the_whole(counted):
    patients, plans = counted
    grid = grid_of(patients)
    half = patients.n // 2
    rows = np.arange(patients.n)
    parts = [tallied([patients[r]], plans, grid) for r in (rows[:half], rows[half:])]
    for one, a, b in zip(tallied([patients], plans, grid), *parts, strict=True):
        for x, y in zip(arrays(one), arrays(a + b), strict=True):
            np.testing.assert_array_equal(x, y)


def test_cells_equal_a_recount_by_hand(counted):
    patients, plans = counted
    plan = plans[0]
    table = count(patients, plan).tables[0]
    calculator = plan.armed.calculator
    black = patients.race.has("Black or African American")
    white = score(calculator, patients.columns, "not Black")["egfr"]
    with_race = np.where(black, score(calculator, patients.columns, "Black")["egfr"], white)
    successor = score(plan.armed.successor, patients.columns)["egfr"]
    weights = np.ones(patients.n) if patients.weights is None else patients.weights
    expected, weighed = Counter(), Counter()
    for i in range(patients.n):
        key = (*(int(patients.groups[name].codes[i]) for name in BY), int(patients.outcome[i]))
        for value in (with_race[i], white[i], successor[i]):
            passed = sum(value > e.value if e.open else value >= e.value for e in table.scale.edges)
            key += (-1 if np.isnan(value) else passed,)
        expected[key] += 1
        weighed[key] += weights[i]
    assert table.arms == ("with_race", "without_race", "successor:ckd_epi_cr_2021")
    assert dict(zip(map(tuple, table.cells.codes.tolist()), table.cells.n.tolist(), strict=True)) == expected
    for codes, w in zip(map(tuple, table.cells.codes.tolist()), table.cells.w.tolist(), strict=True):
        assert w == pytest.approx(weighed[codes], rel=1e-8)


def test_moments_equal_the_patients_own(counted):
    patients, plans = counted
    plan = plans[0]
    moments = count(patients, plan).moments["egfr", "without_race"].by("race")
    black = patients.race.has("Black or African American")
    without = score(plan.armed.calculator, patients.columns, "not Black")["egfr"]
    with_race = np.where(black, without * 1.159, without)
    weights = np.ones(patients.n) if patients.weights is None else patients.weights
    for i, code in enumerate(moments.cells.code("race")):
        rows = (patients.groups["race"].codes == code) & ~np.isnan(without)
        assert moments.cells.n[i] == rows.sum()
        assert moments.sums["with"][i] == pytest.approx((weights * with_race)[rows].sum(), rel=1e-9)
        assert moments.sums["change"][i] == pytest.approx((weights * (without - with_race))[rows].sum(), rel=1e-6, abs=1e-6)


def test_many_small_groups_are_counted_alike(counted, monkeypatch):
    patients, plans = counted
    grid = grid_of(patients)
    dense = tallied([patients], plans, grid)
    monkeypatch.setattr("auditor.patients.accumulate.DENSE", 1)
    for one, other in zip(dense, tallied([patients], plans, grid), strict=True):
        for a, b in zip(arrays(one), arrays(other), strict=True):
            np.testing.assert_array_equal(a, b)
