"""Inputs that follow from others by definition, for cohorts that record only the parts."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[np.float64]


@dataclass(frozen=True)
class Derivation:
    """How an input is computed from others; `text` is what reports print."""

    needs: tuple[str, ...]
    compute: Callable[..., Numbers]
    text: str


DERIVATIONS: Mapping[str, Derivation] = {
    "body_mass_index": Derivation(("weight", "height"), lambda weight, height: weight / (height / 100) ** 2, "weight / height^2"),
    "fev1_fvc": Derivation(("fev1", "fvc"), lambda fev1, fvc: fev1 / fvc, "FEV1 / FVC"),
    "fev1_fev6": Derivation(("fev1", "fev6"), lambda fev1, fev6: fev1 / fev6, "FEV1 / FEV6"),
    "cholesterol_hdl_ratio": Derivation(
        ("total_cholesterol", "hdl_cholesterol"), lambda total, hdl: total / hdl, "total cholesterol / HDL cholesterol"
    ),
    "pao2_fio2_ratio": Derivation(("pao2", "fio2"), lambda pao2, fio2: pao2 / fio2, "PaO2 / FiO2"),
}


def derivable(offered: set[str]) -> dict[str, Derivation]:
    """The derivations that apply to a cohort which offers these inputs and lacks the result."""
    return {name: d for name, d in DERIVATIONS.items() if name not in offered and offered.issuperset(d.needs)}
