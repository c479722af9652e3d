"""Proportions of patients by group and decision, with the interval and the precision that their counts, weights or design allow."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from auditor.counts.metrics import fairlearn_values
from auditor.counts.paired import Tensor
from auditor.counts.precision import imprecise_interval, imprecise_with
from auditor.counts.survey import FEWEST_DEGREES, Linearised, effective_size, korn_graubard
from auditor.counts.uncertainty import effective_n, rate_interval


@dataclass(frozen=True, eq=False)
class Proportions:
    """Proportions with bounds, each (groups, decisions); `exact` marks Clopper-Pearson (or Korn-Graubard) intervals."""

    value: Tensor
    lower: Tensor
    upper: Tensor
    exact: NDArray[np.bool_]
    imprecise: NDArray[np.bool_]


def proportions(numerator: Tensor, denominator: Tensor, weighted: bool, by_design: Linearised | None) -> Proportions:
    """Proportions of (3, groups, decisions): patients, sums of weights and of squared weights; `by_design` linearises the same."""
    use = 1 if weighted else 0
    values = fairlearn_values(numerator[use], denominator[use])
    size = denominator[0]
    with np.errstate(divide="ignore", invalid="ignore"):
        kish = denominator[1] ** 2 / denominator[2]
    if by_design is not None:
        size = effective_size(by_design, values * (1 - values), kish)
        lower, upper = korn_graubard(values, size, denominator[0], by_design.degrees)
        imprecise = imprecise_interval(values, size, lower, upper) | (by_design.degrees < FEWEST_DEGREES)
        return Proportions(values, lower, upper, np.ones(values.shape, dtype=bool), imprecise)
    if weighted:
        with np.errstate(divide="ignore", invalid="ignore"):
            squares = numerator[2] * (1 - values) ** 2 + (denominator[2] - numerator[2]) * values**2
            size = effective_n(values, squares / denominator[1] ** 2, denominator[0], kish)
    lower, upper, exact = rate_interval(values * size, size)
    return Proportions(values, lower, upper, exact, imprecise_with(values, size, lower, upper, exact))
