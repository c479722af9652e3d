"""Several processes count the same to the last bit, also when one of them is killed."""

import os
import sys
import threading
import time
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from auditor.patients.arms import chosen
from auditor.patients.cohort import Cohort, Request
from auditor.patients.engines import local
from auditor.patients.sources import tables
from auditor.patients.sources.synthetic import GENERAL, generate_setting
from auditor.patients.sources.tables import read_table
from auditor.patients.tally import Plan
from auditor.pipeline import serve
from calculators.registry import registry

IDS = ("ckd_epi_cr_2009", "gli_2012_fev1", "prevent_2023_base_from_ckd_epi_cr_2009")
BY = ("race", "sex")


@dataclass(frozen=True)
class KilledOnce:
    """Opens a cohort whose second part kills the first process that reads it."""

    reopen: tables.Reopen
    marker: Path

    def __call__(self) -> Cohort:
        cohort = self.reopen()

        def read_part(request, rows):
            if rows.start and not self.marker.exists():
                self.marker.touch()
                os._exit(137)
            return cohort.read_part(request, rows)

        return replace(cohort, read_part=read_part)


@pytest.fixture(scope="module")
def prepared(tmp_path_factory):
    path = tmp_path_factory.mktemp("cohort") / "patients.parquet"
    import duckdb

    frame = pd.DataFrame(generate_setting(GENERAL, 3_000))
    rng = np.random.default_rng(4)
    frame["measured_gfr"] = np.where(rng.random(len(frame)) < 0.3, rng.normal(75, 20, len(frame)).clip(5).round(1), np.nan)
    duckdb.sql(f"COPY frame TO '{path}' (FORMAT parquet)")
    cohort = read_table(path)
    served = serve(cohort, IDS, registry())
    levels = {name: cohort.levels(name) for name in BY}
    plans = [Plan.of(armed, levels, "any_mention") for armed in served.armed]
    inputs = tuple(dict.fromkeys(n for a in served.armed for n in a.inputs))
    request = Request(inputs=inputs, by=BY, outcome="died_10_years", weights="sample_weight", measured=(("egfr", "measured_gfr"),))
    return cohort, request, plans, local.tally(cohort, request, plans)


def arrays(found):
    counted, everyone, _ = found
    for one in counted:
        for cells in (
            *(t.cells for t in one.tables),
            *(m.cells for m in one.moments.values()),
            one.coverage,
            everyone,
            *(t.cells for t in (*one.scored, *one.measured)),
        ):
            yield from (cells.codes, cells.n, cells.w, cells.w2)
        for moments in one.moments.values():
            yield from moments.sums.values()


def assert_same(found, expected):
    for a, b in zip(arrays(found), arrays(expected), strict=True):
        np.testing.assert_array_equal(a, b)
    assert {n: vars(c) for n, c in found[2].columns.items()} == {n: vars(c) for n, c in expected[2].columns.items()}


def test_differences_from_measured_values_are_counted(prepared):
    (counted, *_), _, _ = prepared[3]
    (table,) = [t for t in counted.measured if t.arm == "without_race"]
    assert 800 < table.cells.total < 1_000


def test_parts_are_all_the_rows(prepared, monkeypatch):
    cohort, request, _, _ = prepared
    monkeypatch.setattr(tables, "ROWS_PER_PART", 700)
    ages = [np.concatenate([p.columns["age"] for p in cohort.read_part(request, part)]) for part in cohort.parts()]
    assert [len(a) for a in ages] == [700, 700, 700, 700, 200]
    np.testing.assert_array_equal(np.concatenate(ages), np.concatenate([p.columns["age"] for p in cohort.read(request)]))


def test_processes_give_the_same_result(prepared, monkeypatch):
    cohort, request, plans, expected = prepared
    monkeypatch.setattr(tables, "ROWS_PER_PART", 700)
    seen = []
    assert_same(local.tally(cohort, request, plans, lambda done, total: seen.append((done, total)), processes=2), expected)
    assert seen[-1] == (3_000, 3_000)


def test_a_killed_worker_changes_nothing(prepared, monkeypatch, tmp_path):
    cohort, request, plans, expected = prepared
    monkeypatch.setattr(tables, "ROWS_PER_PART", 1_000)
    marker = tmp_path / "killed"
    fragile = replace(cohort, reopen=KilledOnce(cohort.reopen, marker))
    assert_same(local.tally(fragile, request, plans, processes=2), expected)
    assert marker.exists()


@dataclass(frozen=True)
class KilledWhileSending(KilledOnce):
    """Opens a cohort whose second part leaves half a message in the pipe of results, and kills its process."""

    def __call__(self) -> Cohort:
        cohort = self.reopen()

        def read_part(request, rows):
            if rows.start and not self.marker.exists():
                self.marker.touch()
                frame = sys._getframe()
                while "result_queue" not in frame.f_locals:
                    frame = frame.f_back
                os.write(frame.f_locals["result_queue"]._writer.fileno(), b"\x7f\xff\xff\xffhalf")
                os._exit(137)
            return cohort.read_part(request, rows)

        return replace(cohort, read_part=read_part)


def test_a_worker_killed_while_it_sends_changes_nothing_and_holds_nobody_up(prepared, monkeypatch, tmp_path):
    cohort, request, plans, expected = prepared
    monkeypatch.setattr(tables, "ROWS_PER_PART", 1_000)
    monkeypatch.setattr(local, "LOOK_AFTER", 0.5)
    marker = tmp_path / "killed"
    fragile = replace(cohort, reopen=KilledWhileSending(cohort.reopen, marker))
    assert_same(local.tally(fragile, request, plans, processes=2), expected)
    assert marker.exists()
    for thread in threading.enumerate():
        if "Executor" in type(thread).__name__:
            thread.join(10)
            assert not thread.is_alive()


def test_a_stop_leaves_no_process_behind(prepared, monkeypatch):
    import multiprocessing

    cohort, request, plans, _ = prepared
    monkeypatch.setattr(tables, "ROWS_PER_PART", 1_000)

    def stop(done, total):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        local.tally(cohort, request, plans, stop, processes=2)
    deadline = time.monotonic() + 10
    while multiprocessing.active_children() and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not multiprocessing.active_children()
    for thread in threading.enumerate():
        if "Executor" in type(thread).__name__:
            thread.join(10)
            assert not thread.is_alive()


def test_a_worker_counts_the_arms_that_were_asked_for(prepared):
    cohort, request, plans, _ = prepared
    less = [Plan.of(chosen(plan.armed, "main"), plan.by, plan.several_races) for plan in plans]
    for asked in (plans, less):
        own = local.Work.of(cohort, request, asked, local.grid_of(cohort, request)).plans()
        assert [[arm.id for arm in plan.armed.arms] for plan in own] == [[arm.id for arm in plan.armed.arms] for plan in asked]
    assert sum(len(plan.armed.arms) for plan in less) < sum(len(plan.armed.arms) for plan in plans)
