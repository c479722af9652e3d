"""Counting does not depend on the order of patients, nor on how they come in chunks, files or frames."""

from __future__ import annotations

import dataclasses
from functools import cache
from typing import Any

import numpy as np
import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st

from auditor.counts.cells import MISSING, Cells
from auditor.patients.arms import arm
from auditor.patients.cohort import Patients, Request, read_cohort
from auditor.patients.quality import Quality
from auditor.patients.sources.synthetic import generate_setting
from auditor.patients.tally import Counted, Plan, count
from calculators.registry import registry

N = 400
IDS = ("ckd_epi_cr_2009", "pce_2013", "gli_2012_fev1", "gwtg_hf_2010", "kdigo_ga_2024")
BY = ("race", "sex", "age_band")


@cache
def cohort() -> tuple[Patients, tuple[Plan, ...]]:
    frame = pd.DataFrame(generate_setting("general", N, seed=5))
    source = read_cohort(frame)
    armed = [arm(registry()[id], set(source.offers), registry()) for id in IDS]
    inputs = tuple(dict.fromkeys(name for a in armed for name in a.inputs))
    (patients,) = source.read(Request(inputs=inputs, by=BY, outcome="died_10_years", weights="sample_weight"))
    levels = {name: (*source.levels(name), *(() if "Unknown" in source.levels(name) else ("Unknown",))) for name in BY}
    return patients, tuple(Plan.of(a, levels, "any_mention") for a in armed)


def rows_of(patients: Patients, rows: np.ndarray) -> Patients:
    """Some of the patients, in another order."""
    return dataclasses.replace(
        patients,
        n=len(rows),
        columns={name: column[rows] for name, column in patients.columns.items()},
        race=patients.race[rows],
        groups={name: group[rows] for name, group in patients.groups.items()},
        outcome=patients.outcome[rows],
        weights=None if patients.weights is None else patients.weights[rows],
        quality=Quality(),
    )


def assert_same_cells(one: Cells, two: Cells) -> None:
    assert one.keys == two.keys
    np.testing.assert_array_equal(one.codes, two.codes)
    np.testing.assert_array_equal(one.n, two.n)
    np.testing.assert_allclose(one.w, two.w, rtol=1e-7)
    np.testing.assert_allclose(one.w2, two.w2, rtol=1e-7)


def assert_same(one: Counted, two: Counted) -> None:
    assert_same_cells(one.coverage, two.coverage)
    for a, b in zip(one.tables, two.tables, strict=True):
        assert a.arms == b.arms
        assert_same_cells(a.cells, b.cells)
    assert one.moments.keys() == two.moments.keys()
    for key, moments in one.moments.items():
        assert_same_cells(moments.cells, two.moments[key].cells)
        for name, sums in moments.sums.items():
            np.testing.assert_allclose(sums, two.moments[key].sums[name], rtol=1e-6, atol=1e-2)
    for c, d in zip(one.scored, two.scored, strict=True):
        assert (c.output, c.arm, c.probability) == (d.output, d.arm, d.probability)
        assert_same_cells(c.cells, d.cells)


@settings(max_examples=8, deadline=None)
@given(seed=st.integers(0, 2**32 - 1), cuts=st.lists(st.integers(0, N), max_size=6), plan=st.integers(0, len(IDS) - 1))
def test_order_and_chunks_do_not_matter(seed: int, cuts: list[int], plan: int) -> None:
    patients, plans = cohort()
    order = np.random.default_rng(seed).permutation(patients.n)
    parts = [part for part in np.split(order, sorted(min(c, patients.n) for c in cuts))]
    counted = [count(rows_of(patients, part), plans[plan]) for part in parts]
    total = counted[0]
    for one in counted[1:]:
        total = total + one
    assert_same(count(patients, plans[plan]), total)


def test_parts_without_patients_or_without_outcomes_add() -> None:
    patients, plans = cohort()
    nobody = rows_of(patients, np.arange(0))
    unknown = dataclasses.replace(patients, outcome=np.full_like(patients.outcome, MISSING))
    for plan in plans:
        whole, none, without = (count(part, plan) for part in (patients, nobody, unknown))
        assert whole.scored or not any(o.kind == "number" for o in plan.armed.calculator.outputs)
        assert_same(whole, none + whole)
        assert_same(whole, whole + none)
        for total in (without + whole, whole + without):
            for c, d in zip(whole.scored, total.scored, strict=True):
                assert_same_cells(c.cells, d.cells)


@settings(max_examples=4, deadline=None)
@given(plan=st.integers(0, len(IDS) - 1), twice=st.integers(0, 2**32 - 1))
def test_every_patient_is_counted_once_in_every_table(plan: int, twice: int) -> None:
    patients, plans = cohort()
    rows = np.random.default_rng(twice).integers(0, patients.n, size=57)
    counted = count(rows_of(patients, rows), plans[plan])
    assert counted.coverage.total == 57
    for table in counted.tables:
        assert table.cells.total == 57


def test_files_of_any_number_and_size_count_the_same(tmp_path: Any) -> None:
    from auditor import audit

    frame = pd.DataFrame(generate_setting("general", 2000, seed=6))[["age", "sex", "race", "creatinine", "died_10_years", "sample_weight"]]
    frame.to_csv(tmp_path / "whole.csv", index=False)
    for i, part in enumerate(np.array_split(np.arange(len(frame)), 3)):
        frame.iloc[part].to_csv(tmp_path / f"part_{i}.csv", index=False)

    def changes(source: Any) -> Any:
        result = audit(source, ["ckd_epi_cr_2009"], ["race", "sex"], outcome="died_10_years", weights="sample_weight", replicates=5)
        return result.table("changes")

    whole = changes(tmp_path / "whole.csv")
    pd.testing.assert_frame_equal(whole, changes(str(tmp_path / "part_*.csv")), rtol=1e-7)
    shuffled = frame.sample(frac=1, random_state=3)
    pd.testing.assert_frame_equal(whole, changes(shuffled), rtol=1e-7)
