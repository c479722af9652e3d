"""How the patients of some cells were drawn: what the variance of any number made of them rests on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from auditor.counts.cells import MISSING, Cells
from auditor.counts.survey import FEWEST_DEGREES, Design, deviations, student
from auditor.counts.uncertainty import LEVEL

BY_DESIGN, BY_WEIGHTS = ", Taylor linearisation", ", weights without design"

Vector = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Sample:
    """The patients of some cells: their number, their weights and squared weights (both the number where there are none), and the survey design.

    Variances are those of sums of influence: what one patient more, of weight 1, adds to a number (Binder 1983).
    """

    n: NDArray[np.int64]
    w: Vector
    w2: Vector
    weighted: bool = False
    design: Design | None = None

    @classmethod
    def of(cls, cells: Cells, weighted: bool, *known: str) -> Sample:
        """The patients of the cells in which these keys are known; sampled units without any stay in the design."""
        keep = np.all([cells.code(key) != MISSING for key in known], axis=0) if known else np.ones(len(cells), dtype=bool)
        design, n = Design.of_cells(cells), cells.n.astype(np.float64)
        w, w2 = (cells.w, cells.w2) if weighted else (n, n)
        return cls(cells.n, w, w2, weighted, design).where(keep)

    @classmethod
    def alone(cls, patients: int) -> Sample:
        """Patients with a cell each, without weights or design."""
        ones = np.ones(patients)
        return cls(np.ones(patients, dtype=np.int64), ones, ones)

    def where(self, keep: NDArray[Any] | slice) -> Sample:
        """The patients of some of the cells (a mask, positions or a slice), from the same sampled units."""
        design = None if self.design is None else self.design.where(keep)
        return Sample(self.n[keep], self.w[keep], self.w2[keep], self.weighted, design)

    @property
    def said(self) -> str:
        """What a method says of the variance."""
        return BY_DESIGN if self.design is not None else BY_WEIGHTS if self.weighted else ""

    @property
    def degrees(self) -> float:
        """The degrees of freedom of a design: sampled units less strata in which these patients are; without one there is no limit."""
        if self.design is None:
            return np.inf
        units = np.unique(self.design.cluster)
        return float(len(units) - len(np.unique(self.design.stratum[units])))

    @property
    def few(self) -> bool:
        """Whether there are too few degrees of freedom for a number to be called precise."""
        return self.degrees < FEWEST_DEGREES

    def covariance(self, influence: NDArray[np.float64]) -> NDArray[np.float64]:
        """The covariance matrix of numbers from what each patient adds to them: (numbers, cells)."""
        if self.design is None:
            return np.asarray((influence * self.w2) @ influence.T)
        units = len(self.design.stratum)
        sums = np.stack([np.bincount(self.design.cluster, weights=self.w * x, minlength=units).astype(np.float64) for x in influence])
        spread = deviations(sums.T[:, :, None], self.design.stratum)[:, :, 0]
        return np.asarray(spread.T @ spread)

    def error(self, influence: Vector) -> float:
        """The standard error of one number."""
        return float(np.sqrt(self.covariance(influence[None, :])[0, 0]))

    def quantile(self, level: float = LEVEL) -> float:
        """How many standard errors an interval reaches: the normal's, or Student's with the design's degrees of freedom (NaN without any)."""
        from scipy.special import ndtri

        return float(ndtri(0.5 + level / 2)) if self.design is None else float(student(np.array(self.degrees), level))
