"""A small benchmark that fails on a lost ratio or slope, never on seconds."""

import time

import numpy as np
import pytest

pytest.importorskip("pyarrow", reason="benchmark cohorts are written with pyarrow")
from auditor.patients.grid import Grid
from auditor.patients.tally import Tally
from benchmarks.__main__ import prepare
from benchmarks.cohort import write_cohort
from benchmarks.ratio import compare


@pytest.fixture(scope="module")
def cohort_file(tmp_path_factory):
    return write_cohort(tmp_path_factory.mktemp("benchmark") / "cohort.parquet", 32_768)


def test_cells_are_far_faster_than_rows(cohort_file):
    found = compare(cohort_file, rows=20_000, row_replicates=2)
    assert found["times_faster"] > 400
    assert found["times_faster_with_frames"] > 120


def test_time_grows_no_faster_than_the_number_of_patients(cohort_file):
    cohort, request, plans = prepare(cohort_file, every_arm=False)
    patients = next(cohort.read(request))
    tally = Tally(plans, plans[0].by, "any_mention", Grid.of(1 << 20, None))
    for _ in range(2):
        tally.add(patients)

    def seconds(chunks):
        started = time.process_time()
        for _ in range(chunks):
            tally.add(patients)
        return time.process_time() - started

    assert np.median([seconds(4) / seconds(2) for _ in range(3)]) < 3
