"""The same published numbers from rows and from cells: how many times faster cells are."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import numpy as np

ROWS = 100_000
ROW_REPLICATES = 3
REPLICATES = 100


def compare(path: Path, rows: int = ROWS, replicates: int = REPLICATES, row_replicates: int = ROW_REPLICATES) -> dict[str, Any]:
    """CPU seconds for one decision of CKD-EPI 2009 in three groupings (race, sex, both) with a bootstrap.

    On rows with Fairlearn's MetricFrame, timed for a few replicates and scaled up to the others; on cells with multinomial
    resampling of the same patients. The point estimates must be equal.
    """
    from dataclasses import replace

    from fairlearn.metrics import MetricFrame, selection_rate

    from auditor.counts import bootstrap
    from auditor.counts.metrics import metric_frame
    from auditor.counts.paired import Placed
    from auditor.patients.cohort import Request, read_cohort
    from auditor.patients.kernel import Kernel
    from auditor.patients.tally import Plan, count
    from auditor.pipeline import serve
    from calculators.registry import registry

    cohort = read_cohort(path)
    (armed,) = serve(cohort, ("ckd_epi_cr_2009",), registry()).armed
    armed = replace(armed, arms=armed.arms[:2])
    by = ("race", "sex")
    plan = Plan.of(armed, {name: cohort.levels(name) for name in by}, "any_mention")
    patients = next(cohort.read(Request(inputs=armed.inputs, by=by)))
    patients = patients[np.resize(np.arange(patients.n), rows)]
    decision = armed.calculator.decisions[0]

    on_cells = np.inf
    for _ in range(2):
        started = time.process_time()
        table = count(patients, plan).tables[0]
        frames = [
            metric_frame(table if len(keys) == 2 else _by(table, keys), decision.id, "without_race") for keys in (("race",), ("sex",), by)
        ]
        random = bootstrap.generator(0, "benchmark")
        bootstrap.percentile(bootstrap.change_replicates(Placed.of(table), "without_race", False, replicates, random))
        on_cells = min(on_cells, time.process_time() - started)

    score = Kernel([(armed, plan.scales)]).on(patients).scores(0)["own", armed.calculator.race.removed]["egfr"]  # type: ignore[union-attr]
    known = ~np.isnan(score)
    yes = decision.apply(score[known]).astype(int)
    names = {name: patients.groups[name].to_words()[known] for name in by}
    on_rows = 0.0
    for keys, frame in zip((("race",), ("sex",), by), frames, strict=True):
        features = {key: names[key] for key in keys}
        started = time.process_time()
        plain = MetricFrame(metrics={"selection_rate": selection_rate}, y_true=yes, y_pred=yes, sensitive_features=features)
        once = time.process_time() - started
        started = time.process_time()
        MetricFrame(
            metrics={"selection_rate": selection_rate},
            y_true=yes,
            y_pred=yes,
            sensitive_features=features,
            n_boot=row_replicates,
            ci_quantiles=[0.025, 0.975],
            random_state=0,
        )
        on_rows += once + (time.process_time() - started - once) / row_replicates * replicates
        ours = frame.by_group["selection_rate"].dropna().sort_index()
        theirs = plain.by_group["selection_rate"].dropna().sort_index()
        np.testing.assert_array_equal(ours.to_numpy(), theirs.to_numpy())
    return {"rows_cpu_seconds": round(on_rows, 2), "cells_cpu_seconds": round(on_cells, 4), "times_faster": round(on_rows / on_cells)}


def _by(table: Any, keys: tuple[str, ...]) -> Any:
    from dataclasses import replace

    return replace(table, by=keys, cells=table.cells.by(*keys, "outcome", *table.arms))
