"""The cell bootstrap: resampling patients is multinomial resampling of their cells, paired over arms by construction."""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from auditor.counts.cells import MISSING
from auditor.counts.groups import Groups
from auditor.counts.paired import WITH_RACE, Placed, Tensor, yes_matrix

METHOD = "percentile cell bootstrap"
MANY_EVENTS = 30


def generator(seed: int, *names: str) -> np.random.Generator:
    """A random generator of its own for each named purpose, so that no result depends on the order of the others."""
    return np.random.default_rng([seed, *(zlib.crc32(name.encode()) for name in names)])


def resample(parts: Sequence[Placed], arm: str, weighted: bool, replicates: int, rng: np.random.Generator) -> list[Tensor]:
    """Resamples of the patients whom both arms score, for each part of them: (finest groups, 1 + decisions, replicates).

    First all patients of the part, then for each decision those who gain a yes less those who lose it. Parts (patients by outcome)
    are resampled together, and their resamples add.
    """
    patterns = [_patterns(placed, arm, weighted) for placed in parts]
    patients = np.concatenate([n for n, _, _ in patterns])
    total = int(patients[:, 0].sum())
    drawn = rng.multinomial(total, patients[:, 0] / total, size=replicates).T if total else np.zeros((0, replicates), dtype=np.int64)
    weight = patients[:, 1] / patients[:, 0]
    found, done = [], 0
    for placed, (_, group, delta) in zip(parts, patterns, strict=True):
        here = slice(done, done + len(group))
        each = np.vstack([np.ones(len(group)), delta]) * weight[here]
        found.append(_by_group(group, each, drawn[here], len(placed.groups.finest)))
        done += len(group)
    return found


def _by_group(group: NDArray[np.int64], each: Tensor, drawn: NDArray[np.int64], groups: int) -> Tensor:
    """The sums of the patterns of each group, which follow one another: (groups, sums, replicates)."""
    found = np.zeros((groups, len(each), drawn.shape[1]))
    for start, stop in pairwise([*np.flatnonzero(np.diff(group, prepend=-1)).tolist(), len(group)]):
        np.matmul(each[:, start:stop], drawn[start:stop].astype(np.float64), out=found[group[start]])
    return found


def changes(resamples: Tensor, groups: Groups) -> Tensor:
    """The change of every group and decision in each resample: (groups, decisions, replicates); NaN where a group has nobody."""
    found = np.tensordot(groups.member.astype(np.float64), resamples, 1)
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray(found[:, 1:] / found[:, :1])


def percentile(replicates: Tensor, level: float = 0.95) -> tuple[Tensor, Tensor]:
    """The percentile interval along the last axis; NaN where over a tenth of the resamples are undefined."""
    many = replicates.shape[-1]
    ordered = np.sort(replicates, axis=-1).reshape(-1, many)
    known = many - np.isnan(ordered).sum(axis=-1)
    undefined, last = many - known > 0.1 * many, np.maximum(known - 1, 0)
    tail, row = (1 - level) / 2, np.arange(len(ordered))

    def quantile(q: float) -> Tensor:
        place = last * q
        below = np.floor(place).astype(np.intp)
        low, high = ordered[row, below], ordered[row, np.minimum(below + 1, last)]
        return np.where(undefined, np.nan, low + (high - low) * (place - below)).reshape(replicates.shape[:-1])

    return quantile(tail), quantile(1 - tail)


def _patterns(placed: Placed, arm: str, weighted: bool) -> tuple[Tensor, NDArray[np.int64], Tensor]:
    """Cells merged by finest group, weight bin and what changes: sums (patterns, n and weight), groups, deltas (decisions, patterns)."""
    cells = placed.cells
    before, after = cells.code(WITH_RACE).astype(np.int64), cells.code(arm).astype(np.int64)
    both = (before != MISSING) & (after != MISSING)
    levels = len(cells.keys[WITH_RACE])
    yes = yes_matrix(placed.scale, levels)
    delta = (yes[:, None, :] - yes[:, :, None]).reshape(len(yes), levels * levels)
    kinds, kind_of = np.unique(delta, axis=1, return_inverse=True)
    kind = kind_of.reshape(-1)[(before * levels + after)[both]]
    group = placed.place[both]
    flat = group * kinds.shape[1] + kind
    if weighted and "weight" in cells.keys:
        flat = flat * (len(cells.keys["weight"]) + 1) + cells.code("weight")[both] + 1
    _, first, inverse = np.unique(flat, return_index=True, return_inverse=True)
    n = np.bincount(inverse, weights=cells.n[both])
    w = np.bincount(inverse, weights=cells.w[both]) if weighted else n
    return np.column_stack([n, w]), group[first], kinds[:, kind[first]]
