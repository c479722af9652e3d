"""Whose decision depends on recorded race alone: patients in whom some row of the race term says yes and another no."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from auditor.counts.cells import MISSING
from auditor.counts.paired import Placed, Tensor, method_name, yes_matrix
from auditor.counts.proportions import proportions
from auditor.counts.scales import ArmTable
from auditor.counts.suppression import Hidden, Layout, complete, small
from auditor.counts.survey import linearise
from auditor.result import CalculatorResult
from auditor.rows import Metric

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

        def by_group(chosen: NDArray[np.bool_]) -> Tensor:
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


def hidden_dependence(calculator: CalculatorResult, change: Mapping[tuple[str, str], Hidden], layout: Layout, k: int) -> dict[str, Hidden]:
    """For every decision the groups in which the share is hidden, so that it tells no count of 1 to k-1.

    It is shown only where every `as if` change is, where it is neither small nor all but a few, and where it exceeds every number of
    patients who change under one row, and the difference between the highest and the lowest of their counts, by nothing or by k or more
    (of two rows by twice that: half of the excess changes one way). With weights the count behind the
    share is not in the result: there it must equal that difference.
    """
    groups = len(layout.groups)
    rows = [row for row in calculator.metrics if row.metric == METRIC]
    found: dict[str, Hidden] = {}
    for decision in dict.fromkeys(row.decision for row in rows):
        changes = [c for c in calculator.changes if c.decision == decision and c.arm.startswith("as_if:")]
        share, n, persons = np.zeros(groups), np.full(groups, -1.0), np.full(groups, np.nan)
        low, high = np.full((2, groups), np.inf), np.full((2, groups), -np.inf)
        hidden = np.zeros(groups, dtype=bool)
        moved = {arm: np.zeros(groups) for arm in dict.fromkeys(c.arm for c in changes)}
        for c in changes:
            g = layout.place(c)
            hidden[g] |= n[g] not in (-1.0, c.n)
            n[g] = c.n or 0
            persons[g] = np.nan if c.weighted_n is None else c.weighted_n
            moved[c.arm][g] = (c.gained or 0) + (c.lost or 0)
            yes = np.array([c.yes_arm or 0, c.weighted_yes_arm or 0.0])
            low[:, g], high[:, g] = np.minimum(low[:, g], yes), np.maximum(high[:, g], yes)
        for arm in moved:
            hidden |= change[decision, arm]
        for row in rows:
            if row.decision == decision:
                share[layout.place(row)] = row.value or 0.0
        apart = np.where(n >= 0, high[0] - low[0], 0.0)
        with np.errstate(invalid="ignore"):
            same = np.isclose(share * persons, high[1] - low[1], rtol=1e-9, atol=1e-9)
        depends = np.where(np.isnan(persons), np.rint(share * np.maximum(n, 0.0)), apart)
        excess = (depends - apart) / (2 if len(moved) == 2 else 1)
        beyond = [np.where(n >= 0, depends - m, 0.0) for m in moved.values()]
        counts = np.column_stack([depends, np.maximum(n, 0.0) - depends, excess, *beyond])
        hidden |= (n < 0) | small(counts, k).any(axis=1) | (~np.isnan(persons) & ~same)
        found[decision] = complete(hidden, counts, layout, np.maximum(n, 0.0), k)
    return found
