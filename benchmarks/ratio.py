"""The same published numbers from rows and from cells: how many times faster cells are."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import numpy as np

ROWS = 100_000
BATCH = 32_768
ROW_REPLICATES = 3
REPLICATES = 100
ARM = "without_race"
BY = ("race", "sex")
GROUPINGS = (("race",), ("sex",), BY)


def compare(path: Path, rows: int = ROWS, replicates: int = REPLICATES, row_replicates: int = ROW_REPLICATES) -> dict[str, Any]:
    """CPU seconds for one decision of CKD-EPI 2009 in three groupings (race, sex, both) with a bootstrap.

    On rows with Fairlearn's MetricFrame, timed for a few replicates and scaled up to the others; on cells as an audit does it:
    patients are counted in batches, Fairlearn gives the rate of every group's two cells, and the same patients are resampled by
    their cells. `times_faster_with_frames` also makes three MetricFrames of the cells. All point estimates must be equal.
    """
    from dataclasses import replace

    from fairlearn.metrics import MetricFrame, selection_rate

    from auditor.counts import bootstrap
    from auditor.counts.metrics import SELECTION_RATE, confuse, events, fairlearn_values, metric_frame
    from auditor.counts.one_thread import one_thread
    from auditor.counts.paired import Placed
    from auditor.patients.arms import columns_of
    from auditor.patients.cohort import Request, read_cohort
    from auditor.patients.grid import Grid
    from auditor.patients.tally import Plan, Tally
    from auditor.pipeline import serve
    from calculators.evaluate import score
    from calculators.registry import registry

    cohort = read_cohort(path)
    (armed,) = serve(cohort, ("ckd_epi_cr_2009",), registry()).armed
    armed = replace(armed, arms=armed.arms[:2])
    plan = Plan.of(armed, {name: cohort.levels(name) for name in BY}, "any_mention")
    patients = next(cohort.read(Request(inputs=armed.inputs, by=BY)))
    patients = patients[np.resize(np.arange(patients.n), rows)]
    batches = [patients[np.arange(start, min(start + BATCH, rows))] for start in range(0, rows, BATCH)]
    decision = armed.calculator.decisions[0]
    scale = next(scale for scale in plan.scales if scale.output == decision.output)
    place = [cut.decision for cut in scale.cuts].index(decision.id)

    on_cells = in_frames = np.inf
    for _ in range(3):
        started = time.process_time()
        with one_thread():
            tally = Tally([plan], plan.by, plan.several_races, Grid.of(rows, None))
            for batch in batches:
                tally.add(batch)
            (table,) = (t for t in tally.total()[0].tables if t.scale is scale)
            placed = Placed.of(table)
            yes, everyone = (count[0, :, place] for count in events(confuse(placed, ARM), SELECTION_RATE))
            rates = fairlearn_values(yes, everyone)
            random = bootstrap.generator(0, "benchmark")
            (drawn,) = bootstrap.resample([placed], ARM, False, replicates, random)
            bootstrap.percentile(bootstrap.changes(drawn, placed.groups))
        on_cells = min(on_cells, time.process_time() - started)
        started = time.process_time()
        frames = [metric_frame(_by(table, keys), decision.id, ARM) for keys in GROUPINGS]
        in_frames = min(in_frames, time.process_time() - started)

    scores = score(armed.calculator, columns_of(armed.calculator, patients))[decision.output]
    known = ~np.isnan(scores)
    said = decision.apply(scores[known]).astype(int)
    names = {name: patients.groups[name].to_words()[known] for name in BY}
    ours = {(by, levels): rate for by, levels, rate in zip(placed.groups.by, placed.groups.levels, rates, strict=True)}
    on_rows = 0.0
    for keys, frame in zip(GROUPINGS, frames, strict=True):
        features = {key: names[key] for key in keys}
        given: dict[str, Any] = {
            "metrics": {"selection_rate": selection_rate},
            "y_true": said,
            "y_pred": said,
            "sensitive_features": features,
        }
        started = time.process_time()
        plain = MetricFrame(**given)
        once = time.process_time() - started
        started = time.process_time()
        MetricFrame(**given, n_boot=row_replicates, ci_quantiles=[0.025, 0.975], random_state=0)
        on_rows += once + (time.process_time() - started - once) / row_replicates * replicates
        theirs = plain.by_group["selection_rate"].dropna().sort_index()
        np.testing.assert_array_equal(frame.by_group["selection_rate"].dropna().sort_index().to_numpy(), theirs.to_numpy())
        levels = [group if isinstance(group, tuple) else (group,) for group in theirs.index]
        np.testing.assert_array_equal([ours[",".join(keys), level] for level in levels], theirs.to_numpy())
    return {
        "rows_cpu_seconds": round(on_rows, 2),
        "cells_cpu_seconds": round(on_cells, 4),
        "times_faster": round(on_rows / on_cells),
        "times_faster_with_frames": round(on_rows / (on_cells + in_frames)),
    }


def _by(table: Any, keys: tuple[str, ...]) -> Any:
    from dataclasses import replace

    return replace(table, by=keys, cells=table.cells.by(*keys, "outcome", *table.arms))
