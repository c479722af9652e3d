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
    """A beta prior: its mean, its size in patients, and whether the size is at its limit (the groups are pooled)."""

    mean: float
    size: float
    pooled: bool


def estimate(x: Vector, n: Vector) -> Prior:
    """The prior under which the groups' counts are most likely: a search over its size, the mean following from the size."""
    limit = float(n.sum())
    low, high = np.log(0.5), np.log(limit)
    for _ in range(3):
        sizes = np.exp(np.linspace(low, high, STEPS))
        means = _means(x, n, sizes)
        best = int(np.argmax(_likelihood(x, n, means, sizes)))
        step = (high - low) / (STEPS - 1)
        low, high = max(np.log(sizes[best]) - step, np.log(0.5)), min(np.log(sizes[best]) + step, np.log(limit))
    size = float(sizes[best])
    return Prior(float(means[best]), size, bool(size > 0.95 * limit))


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
                if len(groups) >= FEWEST_GROUPS:
                    for d, cut in enumerate(table.scale.cuts):
                        yield from _rows(table, placed, cut.decision, arm, groups, numerator[groups, d], denominator[groups, d])


def _rows(table: ArmTable, placed: Placed, decision: str, arm: str, groups: Sequence[int], x: Vector, n: Vector) -> Iterator[Shrunken]:
    from scipy.special import betaincinv

    prior = estimate(x, n)
    a, b = x + prior.mean * prior.size, n - x + (1 - prior.mean) * prior.size
    never = (a <= 0) | (b <= 0)
    safe_a, safe_b = np.where(never, 1.0, a), np.where(never, 1.0, b)
    lower, upper = (np.where(never, a / (a + b), betaincinv(safe_a, safe_b, tail)) for tail in (0.025, 0.975))
    for i, g in enumerate(groups):
        yield Shrunken(
            calculator=table.calculator,
            decision=decision,
            arm=arm,
            by=placed.groups.by[g],
            group=placed.groups.label[g],
            metric=SELECTION_RATE,
            n=int(n[i]),
            raw=float(x[i] / n[i]),
            shrunken=float(a[i] / (a[i] + b[i])),
            lower=float(lower[i]),
            upper=float(upper[i]),
            prior_size=prior.size,
            pooled=prior.pooled,
        )


def _means(x: Vector, n: Vector, sizes: Vector) -> Vector:
    weight = 1 / (1 + (n - 1) / (sizes[:, None] + 1))
    return np.asarray((weight * x).sum(axis=1) / (weight * n).sum(axis=1))


def _likelihood(x: Vector, n: Vector, means: Vector, sizes: Vector) -> Vector:
    """The log likelihood of every (mean, size); all are alike where nobody, or everybody, says yes."""
    from scipy.special import betaln

    if not 0 < x.sum() < n.sum():
        return np.zeros(len(sizes))
    a, b = (means * sizes)[:, None], ((1 - means) * sizes)[:, None]
    return np.asarray((betaln(x + a, n - x + b) - betaln(a, b)).sum(axis=1))
