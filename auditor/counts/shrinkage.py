"""Empirical-Bayes rates of many small groups: a beta-binomial prior estimated from all groups of a grouping.

Sources: Kleinman 1973, J Am Stat Assoc 68:46; Carlin and Louis 2000, Bayes and Empirical Bayes Methods, ch. 3. The prior is not
allowed to weigh more than all patients together: where groups differ by no more than chance its size has no finite best value.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from auditor.counts.metrics import SELECTION_RATE, confuse, events
from auditor.counts.paired import Placed
from auditor.counts.scales import ArmTable
from auditor.counts.survey import PSU
from auditor.rows import Shrunken

FEWEST_GROUPS = 4
STEPS = 41

Vector = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Prior:
    """Beta priors: their means, their sizes in patients, and whether a size is at its limit (the groups are pooled)."""

    mean: Vector
    size: Vector
    pooled: NDArray[np.bool_]


def estimate(x: Vector, n: Vector) -> Prior:
    """The prior under which the counts of groups (last axis) are most likely: a search over its size, the mean following from the size."""
    limit = n.sum(axis=-1)
    low, high = np.full(limit.shape, np.log(0.5)), np.log(limit)
    for _ in range(3):
        sizes = np.exp(np.linspace(low, high, STEPS, axis=-1))
        means = _means(x, n, sizes)
        best = np.argmax(_likelihood(x, n, means, sizes), axis=-1)[..., None]
        step = (high - low) / (STEPS - 1)
        size, mean = (np.take_along_axis(each, best, axis=-1)[..., 0] for each in (sizes, means))
        low, high = np.maximum(np.log(size) - step, np.log(0.5)), np.minimum(np.log(size) + step, np.log(limit))
    return Prior(mean, size, np.asarray(size > 0.95 * limit))


def shrink(tables: Sequence[ArmTable]) -> Iterator[Shrunken]:
    """The rate of a yes in every grouping of at least four groups, raw and shrunken, with race and in the arms compared with it.

    None of patients sampled in units: the prior takes patients as independent.
    """
    seen: set[tuple[str, str]] = set()
    for table in tables:
        if PSU in table.cells.keys:
            continue
        placed = Placed.of(table)
        for arm in table.arms:
            if arm.startswith("as_if:") or (table.scale.output, arm) in seen:
                continue
            seen.add((table.scale.output, arm))
            numerator, denominator = (part[0] for part in events(confuse(placed, arm), SELECTION_RATE))
            for by in placed.groups.contrasted:
                groups = [g for g in placed.groups.grouping(by) if denominator[g].any()]
                if len(groups) >= FEWEST_GROUPS and table.scale.cuts:
                    yield from _rows(table, placed, arm, groups, numerator[groups].T, denominator[groups].T)


def _rows(table: ArmTable, placed: Placed, arm: str, groups: Sequence[int], x: Vector, n: Vector) -> Iterator[Shrunken]:
    """The rows of one grouping in one arm from counts and patients by decision and group."""
    from scipy.special import betaincinv

    x, n = np.ascontiguousarray(x), np.ascontiguousarray(n)
    prior = estimate(x, n)
    mean, size = prior.mean[:, None], prior.size[:, None]
    a, b = x + mean * size, n - x + (1 - mean) * size
    never = (a <= 0) | (b <= 0)
    safe_a, safe_b = np.where(never, 1.0, a), np.where(never, 1.0, b)
    lower, upper = (np.where(never, a / (a + b), betaincinv(safe_a, safe_b, tail)) for tail in (0.025, 0.975))
    columns = [each.tolist() for each in (n.astype(np.int64), x / n, a / (a + b), lower, upper)]
    for cut, prior_size, pooled, *numbers in zip(table.scale.cuts, prior.size.tolist(), prior.pooled.tolist(), *columns, strict=True):
        for g, patients, raw, shrunken, low, high in zip(groups, *numbers, strict=True):
            yield Shrunken(
                calculator=table.calculator,
                decision=cut.decision,
                arm=arm,
                by=placed.groups.by[g],
                group=placed.groups.label[g],
                metric=SELECTION_RATE,
                n=patients,
                raw=raw,
                shrunken=shrunken,
                lower=low,
                upper=high,
                prior_size=prior_size,
                pooled=pooled,
            )


def _means(x: Vector, n: Vector, sizes: Vector) -> Vector:
    x, n = x[..., None, :], n[..., None, :]
    weight = 1 / (1 + (n - 1) / (sizes[..., None] + 1))
    return np.asarray((weight * x).sum(axis=-1) / (weight * n).sum(axis=-1))


def _likelihood(x: Vector, n: Vector, means: Vector, sizes: Vector) -> Vector:
    """The log likelihood of every (mean, size); all are alike where nobody, or everybody, says yes."""
    from scipy.special import betaln

    some = (x.sum(axis=-1) > 0) & (x.sum(axis=-1) < n.sum(axis=-1))
    a, b = (np.where(some[..., None], part, 1.0)[..., None] for part in (means * sizes, (1 - means) * sizes))
    x, n = x[..., None, :], n[..., None, :]
    return np.asarray(np.where(some[..., None], (betaln(x + a, n - x + b) - betaln(a, b)).sum(axis=-1), 0.0))
