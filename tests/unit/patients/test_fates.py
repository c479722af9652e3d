"""What became of each patient, counted by runs, equals a recount patient by patient."""

from collections import Counter

import numpy as np
import pandas as pd
import pytest

from auditor.patients.accumulate import Counts
from auditor.patients.arms import columns_of
from auditor.patients.batch import Batch, Places
from auditor.patients.cohort import Request
from auditor.patients.fates import COVERAGE, FATES, SPACE, STANDINGS, Fates
from auditor.patients.grid import Grid
from auditor.patients.race import select_rows
from auditor.patients.sources.synthetic import GENERAL, generate_setting
from auditor.patients.sources.tables import read_table
from calculators.registry import registry

ROWS = 2_000
COHORT = pd.DataFrame(generate_setting(GENERAL, ROWS)).assign(weight=np.arange(ROWS) % 7 + 1.0)


def outside(column, limits):
    low, high = limits
    return not np.isnan(column) and ((low is not None and column < low) or (high is not None and column > high))


def recount(calculator, patients):
    """Patients and weights by (race, fate, standing, beyond, applied), one patient at a time."""
    columns = {name: c for name, c in columns_of(calculator, patients).items() if name in calculator.inputs}
    values = {n: np.where(c.known, 0.0, np.nan) if hasattr(c, "known") else c for n, c in columns.items()}
    selected = None if calculator.race is None else select_rows(calculator.race, patients.race)
    found, weighed = Counter(), Counter()
    for i in range(patients.n):
        own = {name: v[i] for name, v in values.items()}
        row = 0 if selected is None else int(selected.rows[i])
        if any(np.isnan(v) for v in own.values()):
            fate = "missing_input"
        elif any(outside(own[name], limits) for name, limits in calculator.valid.items() if name in own):
            fate = "out_of_range"
        else:
            fate = "no_row" if row < 0 else "scored"
        standing = applied = -1
        if selected is not None:
            standing = 2 if selected.unknown[i] else int(selected.unlisted[i])
            applied = int(row >= 0 and not calculator.race.neutral(calculator.race.labels[row]))
        beyond = int(any(outside(own[name], limits) for name, limits in calculator.derived_on.items() if name in own))
        code = (int(patients.groups["race"].codes[i]), FATES.index(fate), max(standing, 0), beyond, max(applied, 0))
        found[code] += 1
        weighed[code] += 0 if patients.weights is None else patients.weights[i]
    return found, weighed


@pytest.mark.parametrize("weights", ["", "weight"])
@pytest.mark.parametrize("id", ["pce_2013", "ckd_epi_crcys_2012", "hankinson_1999_fev1", "prevent_2023_uacr"])
def test_fates_equal_a_recount(id, weights):
    calculator = registry()[id]
    inputs = tuple(dict.fromkeys((*calculator.inputs, "sex")))
    (patients,) = read_table(COHORT, name="some").read(Request(inputs, ("race",), "died_10_years", weights))
    places, grid = Places({"race": patients.groups["race"].words}), Grid.of(ROWS, 7.0 if weights else None)
    counts = Counts(SPACE)
    for rows in np.array_split(np.arange(patients.n), 3):
        batch = Batch(patients, places, "any_mention", grid, rows)
        fates = Fates(batch, columns_of(calculator, batch.patients))
        counts.add_runs(batch, fates.codes(calculator.race), fates.by_run(calculator))
    keys = {**places.by, "outcome": ("0", "1"), **COVERAGE}
    cells = counts.cells(keys, places).by("race", *COVERAGE)
    found, weighed = recount(calculator, patients)
    codes = list(map(tuple, cells.codes.tolist()))
    assert dict(zip(codes, cells.n.tolist(), strict=True)) == found
    assert len(found) > 5
    if weights:
        assert dict(zip(codes, cells.w.tolist(), strict=True)) == weighed


def test_standing_and_fates_have_the_places_that_runs_count_them_at():
    assert STANDINGS == ("listed", "unlisted", "unknown")
    assert FATES[:3] == ("scored", "missing_input", "out_of_range")
