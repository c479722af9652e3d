"""Whose decision depends on recorded race alone: patients in whom some row of the race term says yes and another no."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from auditor.counts.cells import MISSING
from auditor.counts.paired import Placed, method_name, yes_matrix
from auditor.counts.proportions import proportions
from auditor.counts.scales import ArmTable
from auditor.counts.survey import linearise
from auditor.result import Metric

LOWEST, HIGHEST = "as_if:lowest", "as_if:highest"
ARM, METRIC = "as_if:any", "depends_on_recorded_race"


def dependence_rows(tables: Sequence[ArmTable], weighted: bool) -> Iterator[Metric]:
    """One row per decision and group; the arms of each table are the lowest and the highest category over all rows.

    A decision cuts the scale once, so that it depends on the row read exactly where the two lie on different sides. Patients
    whom some row cannot score are left out.
    """
    for table in tables:
        placed = Placed.of(table)
        cells, groups = placed.cells, placed.groups
        lowest, highest = cells.code(LOWEST), cells.code(HIGHEST)
        known = (lowest != MISSING) & (highest != MISSING)
        yes = yes_matrix(placed.scale, len(cells.keys[LOWEST]))
        depends = (yes[:, lowest] != yes[:, highest]) & known
        among = np.broadcast_to(known, depends.shape)
        weights = (cells.n, cells.w, cells.w2)

        def by_group(chosen: np.ndarray) -> np.ndarray:
            sums = [np.bincount(placed.place, weights=v * c, minlength=len(groups.finest)) for v in weights for c in chosen]  # noqa: B023
            return np.asarray(np.stack(sums).reshape(3, len(chosen), -1) @ groups.member.T).transpose(0, 2, 1)  # noqa: B023

        design = None
        if placed.design is not None:
            design = linearise(placed.design, placed.place, groups.member, depends * cells.w, among * cells.w)
        total = by_group(among)
        found = proportions(by_group(depends), total, weighted, design)
        variances = "design" if design is not None else "weights" if weighted else ""
        for d, cut in enumerate(placed.scale.cuts):
            for g in range(len(groups)):
                given = total[0, g, d] > 0
                bounded = given and found.lower[g, d] == found.lower[g, d]
                yield Metric(
                    calculator=table.calculator,
                    decision=cut.decision,
                    arm=ARM,
                    by=groups.by[g],
                    group=groups.label[g],
                    metric=METRIC,
                    value=float(found.value[g, d]) if given else None,
                    lower=float(found.lower[g, d]) if bounded else None,
                    upper=float(found.upper[g, d]) if bounded else None,
                    method=method_name("Clopper-Pearson" if found.exact[g, d] else "Wilson", variances) if given else "",
                    status="not_estimable" if not given else "imprecise" if found.imprecise[g, d] else "ok",
                )
