"""Scales: the ordered categories that one output's thresholds cut it into, shared by its decisions and its bands."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from auditor.counts.cells import Cells

Operator = Literal["<", "<=", ">=", ">"]


@dataclass(frozen=True, order=True)
class Edge:
    """A cut between two categories; `open` is True where a value at the cut still belongs below it."""

    value: float
    open: bool


@dataclass(frozen=True)
class Cut:
    """A decision as counts see it: yes is `output operator value`; `yes_means` as declared (opens_care, closes_care, labels)."""

    decision: str
    operator: Operator
    value: float
    yes_means: str = "labels"

    @property
    def edge(self) -> Edge:
        """Where this decision cuts the scale."""
        return Edge(self.value, self.operator in ("<=", ">"))

    @property
    def yes_above(self) -> bool:
        """Whether the categories above the edge are the yes."""
        return self.operator in (">=", ">")


@dataclass(frozen=True)
class BandCut:
    """Ordered categories as counts see them: `labels[i]` lies between the edges i-1 and i."""

    id: str
    edges: tuple[Edge, ...]
    labels: tuple[str, ...]


@dataclass(frozen=True)
class Scale:
    """One output with all its cuts: patients get the number of edges below them, and every decision is a set of those codes."""

    output: str
    cuts: tuple[Cut, ...]
    bands: tuple[BandCut, ...] = ()

    @cached_property
    def edges(self) -> tuple[Edge, ...]:
        """All edges in ascending order."""
        return tuple(sorted({c.edge for c in self.cuts} | {e for b in self.bands for e in b.edges}))

    @property
    def levels(self) -> tuple[str, ...]:
        """Names of the categories, from the lowest."""
        return tuple(str(i) for i in range(len(self.edges) + 1))

    def codes(self, values: NDArray[np.float64]) -> NDArray[np.int8]:
        """The category of each score (-1 where missing): how many edges it has passed."""
        passed = -np.isnan(values).view(np.int8)
        with np.errstate(invalid="ignore"):
            for edge in self.edges:
                passed += (values > edge.value if edge.open else values >= edge.value).view(np.int8)
        return passed

    @cached_property
    def decides(self) -> NDArray[np.float64]:
        """For every decision and category, 1.0 where the decision says yes: (decisions, categories); not to be changed in place."""
        passed = np.array([self.edges.index(cut.edge) for cut in self.cuts], dtype=np.int64)
        above = np.arange(len(self.edges) + 1) > passed[:, None]
        upwards = np.array([cut.yes_above for cut in self.cuts], dtype=bool).reshape(-1, 1)
        return np.asarray(above == upwards, dtype=np.float64)

    def yes(self, decision: str) -> NDArray[np.bool_]:
        """For every category, whether this decision says yes."""
        place = next(d for d, cut in enumerate(self.cuts) if cut.decision == decision)
        return np.asarray(self.decides[place] > 0)

    def band_of(self, bands: str) -> NDArray[np.int64]:
        """For every category, the position of the band it lies in."""
        band = next(b for b in self.bands if b.id == bands)
        passed = [sum(self.edges.index(e) < category for e in band.edges) for category in range(len(self.edges) + 1)]
        return np.array(passed, dtype=np.int64)


@dataclass(frozen=True)
class ArmTable:
    """Cells of one scale of one calculator in several arms at once.

    The keys of `cells` are the `by` attributes, "outcome" (levels "0", "1"), optionally "weight" (bins of the weight),
    and one key per arm, named by the arm's id, whose levels are the scale's categories; -1 where that arm has no score.
    The first arm is always "with_race". For a category output `scale` has one band and the levels are its words.
    """

    calculator: str
    scale: Scale
    by: tuple[str, ...]
    arms: tuple[str, ...]
    cells: Cells

    def __add__(self, other: ArmTable) -> ArmTable:
        return ArmTable(self.calculator, self.scale, self.by, self.arms, self.cells + other.cells)


def groupings(by: Sequence[str]) -> tuple[tuple[str, ...], ...]:
    """The groupings that are tabulated: everyone, each attribute, and (for two or more) all attributes together."""
    single: tuple[tuple[str, ...], ...] = ((), *((key,) for key in by))
    return (*single, tuple(by)) if len(by) > 1 else single
