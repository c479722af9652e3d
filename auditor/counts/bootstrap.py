"""The cell bootstrap: resampling patients is multinomial resampling of their cells, paired over arms by construction."""

from __future__ import annotations

import zlib

import numpy as np
from numpy.typing import NDArray

from auditor.counts.cells import MISSING, Cells
from auditor.counts.groups import Groups
from auditor.counts.paired import WITH_RACE, Tensor, yes_matrix
from auditor.counts.scales import ArmTable

METHOD = "percentile cell bootstrap"
MANY_EVENTS = 30


def generator(seed: int, *names: str) -> np.random.Generator:
    """A random generator of its own for each named purpose, so that no result depends on the order of the others."""
    return np.random.default_rng([seed, *(zlib.crc32(name.encode()) for name in names)])


def change_replicates(
    table: ArmTable, cells: Cells, groups: Groups, arm: str, weighted: bool, replicates: int, rng: np.random.Generator
) -> Tensor:
    """The change of every group and decision in each resample of the patients whom both arms score: (replicates, groups, decisions)."""
    patients, group, delta = _patterns(table, cells, groups, arm, weighted)
    n = patients[:, 0].sum()
    drawn = rng.multinomial(int(n), patients[:, 0] / n, size=replicates) * (patients[:, 1] / patients[:, 0])
    member = groups.member[:, group]
    total = drawn @ member.T
    changed = np.stack([drawn @ (member * d).T for d in delta], axis=2) if len(delta) else np.zeros((*total.shape, 0))
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray(changed / total[:, :, None])


def percentile(replicates: Tensor, level: float = 0.95) -> tuple[Tensor, Tensor]:
    """The percentile interval along the first axis; NaN where over a tenth of the resamples are undefined."""
    undefined = np.isnan(replicates).mean(axis=0) > 0.1
    tail = (1 - level) / 2
    lower, upper = np.nanquantile(replicates, [tail, 1 - tail], axis=0) if replicates.size else (np.nan, np.nan)
    return np.where(undefined, np.nan, lower), np.where(undefined, np.nan, upper)


def _patterns(table: ArmTable, cells: Cells, groups: Groups, arm: str, weighted: bool) -> tuple[Tensor, NDArray[np.int64], Tensor]:
    """Cells merged by finest group, weight bin and what changes: sums (patterns, n and weight), groups, deltas (decisions, patterns)."""
    before, after = cells.code(WITH_RACE).astype(np.int64), cells.code(arm).astype(np.int64)
    both = (before != MISSING) & (after != MISSING)
    levels = len(cells.keys[WITH_RACE])
    yes = yes_matrix(table.scale, levels)
    delta = (yes[:, None, :] - yes[:, :, None]).reshape(len(yes), levels * levels)
    kinds, kind_of = np.unique(delta, axis=1, return_inverse=True)
    flat = groups.place(cells, table.by)[both] * kinds.shape[1] + kind_of.reshape(-1)[(before * levels + after)[both]]
    if weighted and "weight" in cells.keys:
        flat = flat * (len(cells.keys["weight"]) + 1) + cells.code("weight")[both] + 1
    _, first, inverse = np.unique(flat, return_index=True, return_inverse=True)
    n = np.bincount(inverse, weights=cells.n[both])
    w = np.bincount(inverse, weights=cells.w[both]) if weighted else n
    kind = kind_of.reshape(-1)[(before * levels + after)[both]][first]
    return np.column_stack([n, w]), groups.place(cells, table.by)[both][first], kinds[:, kind]
