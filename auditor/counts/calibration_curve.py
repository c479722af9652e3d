"""The smooth calibration curve of a risk in each group and arm, at percentiles of the predicted risk."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
from msgspec.structs import replace
from numpy.typing import NDArray

from auditor.counts.calibration import curve_at
from auditor.counts.estimable import FLOORS
from auditor.counts.groups import Groups
from auditor.counts.measured import quantile
from auditor.counts.paired import WITH_RACE
from auditor.counts.precision import WIDE
from auditor.counts.sample import Sample
from auditor.counts.score_bins import BIN_ARM, BIN_WITH, ScoreTable, values
from auditor.rows import CalibrationPoint

PERCENTILES = (5.0, 10.0, 25.0, 50.0, 75.0, 90.0, 95.0)
LEAST_LEVELS = 20
DECIMALS = 4
METHOD = "local linear regression, logit interval"

Vector = NDArray[np.float64]


def curve_rows(tables: Sequence[ScoreTable], weighted: bool, beyond: int) -> Iterator[CalibrationPoint]:
    """The points with race (once per output) and in every arm, on the patients whom both arms score and whose outcome is known.

    A curve needs what calibration slopes need, and 20 different risks; a point needs `beyond` patients at or beyond it on either side.
    """
    seen: set[str] = set()
    for table in tables:
        if not table.probability:
            continue
        arms = [(BIN_WITH, WITH_RACE)] if table.output not in seen else []
        arms += [(BIN_ARM, table.arm)] if table.arm != WITH_RACE else []
        seen.add(table.output)
        keys = ("outcome", BIN_WITH, BIN_ARM)
        cells, sample = table.cells.known(*keys), Sample.of(table.cells, weighted, *keys)
        groups, place = Groups.of_cells(cells, table.by)
        for g in range(len(groups)):
            inside = np.flatnonzero(groups.member[g, place])
            drawn, outcome = sample.where(inside), cells.code("outcome")[inside]
            for bin_, arm in arms:
                risk = np.clip(values()[cells.code(bin_)[inside]] / table.probability, 0, 1)
                empty = CalibrationPoint(
                    calculator=table.calculator,
                    output=table.output,
                    arm=arm,
                    by=groups.by[g],
                    group=groups.label[g],
                    percentile=0.0,
                    method=METHOD + drawn.said,
                )
                yield from _points(empty, risk, outcome, drawn, beyond)


def _points(empty: CalibrationPoint, risk: Vector, outcome: NDArray[np.int32], sample: Sample, beyond: int) -> Iterator[CalibrationPoint]:
    """The points of one group and arm, from a row without numbers."""
    n = sample.n
    rarer = min(n[outcome == 1].sum(), n[outcome == 0].sum())
    if rarer < FLOORS["calibration"] or len(np.unique(risk)) < LEAST_LEVELS:
        yield from (replace(empty, percentile=percentile, method="", status="not_estimable") for percentile in PERCENTILES)
        return
    at = np.array([quantile(risk, sample.w, percentile / 100) for percentile in PERCENTILES])
    for percentile, x, *numbers in zip(PERCENTILES, at, *curve_at(at, risk, outcome.astype(np.float64), sample), strict=True):
        if min(n[risk <= x].sum(), n[risk >= x].sum()) < beyond:
            yield replace(empty, percentile=percentile, method="", status="not_estimable")
            continue
        observed, lower, upper = (None if np.isnan(number) else round(float(number), DECIMALS) for number in numbers)
        vague = lower is None or upper is None or upper - lower >= WIDE or sample.few
        yield replace(
            empty,
            percentile=percentile,
            n=int(n.sum()),
            risk=round(float(x), DECIMALS),
            observed=observed,
            lower=lower,
            upper=upper,
            status="imprecise" if vague else "ok",
        )
