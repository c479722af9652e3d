"""Can this number be estimated at all? Denominators and event floors, decided before precision and privacy."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

FLOORS: dict[str, int] = {
    "selection_rate": 1,
    "true_positive_rate": 10,
    "false_negative_rate": 10,
    "false_positive_rate": 10,
    "true_negative_rate": 10,
    "positive_predictive_value": 10,
    "negative_predictive_value": 10,
    "auroc": 10,
    "calibration": 100,
    "measured": 10,
}


def estimable(metric: str, denominator: NDArray[np.float64] | NDArray[np.int64]) -> NDArray[np.bool_]:
    """Whether a group has the patients that this metric needs in its denominator (unweighted)."""
    return np.asarray(denominator >= FLOORS[metric])
