"""Points read from a published table of bands."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray


def points_from(values: Any, below: float, steps: Mapping[float, float]) -> NDArray[np.float64]:
    """The points of each value's band: `steps` maps the lower bound of a band to its points, `below` holds under the first.

    `points_from(sodium, 4, {131: 3, 134: 2, 137: 1, 139: 0})`: a band runs from its bound up to the next one. Values are
    compared at 6 decimals, so that the last bit of a unit conversion misses no bound.
    """
    table = np.array([below, *steps.values()], dtype=np.float64)
    return np.asarray(table[np.searchsorted(list(steps), np.round(values, 6), side="right")])


def over(value: Any, cut: float) -> NDArray[np.bool_]:
    """Whether a value at 6 decimals lies above a cut."""
    return np.asarray(np.round(value, 6) > cut)


def under(value: Any, cut: float) -> NDArray[np.bool_]:
    """Whether a value at 6 decimals lies below a cut."""
    return np.asarray(np.round(value, 6) < cut)
