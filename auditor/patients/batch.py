"""Batch: one chunk of patients sorted by group, with what every calculator asks of it computed once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from auditor.patients.arms import select
from auditor.patients.cohort import Patients
from auditor.patients.grid import Grid
from auditor.patients.race import Selection, SeveralRaces
from calculators.coded import Coded
from calculators.declare import RaceTerm
from calculators.evaluate import Column

Limits = tuple[float | None, float | None]


class Batch:
    """Sorted patients: `bases` are the codes of group and outcome that occur, `rank` each patient's position among them.

    `starts` is where each base begins. `weights` and `squares` lie on the cohort's grid.
    """

    def __init__(self, patients: Patients, by: Mapping[str, tuple[str, ...]], several_races: SeveralRaces, grid: Grid) -> None:
        base = np.zeros(patients.n, dtype=np.int64)
        for name, levels in by.items():
            base *= len(levels) + 1
            base += patients.groups[name].codes
            base += 1
        base *= 3
        base += patients.outcome
        base += 1
        order = np.argsort(base.astype(np.int16) if base.max() < 1 << 15 else base, kind="stable")
        base = base[order]
        first = np.empty(len(base), dtype=bool)
        first[0] = True
        np.not_equal(base[1:], base[:-1], out=first[1:])
        self.patients = patients[order]
        self.several_races = several_races
        self.starts = np.flatnonzero(first)
        self.bases = base[self.starts]
        self.rank = np.cumsum(first, dtype=np.int64) - 1
        weights = self.patients.weights
        self.weights = None if weights is None else grid.weights(weights)
        self.squares = None if weights is None else grid.squares(weights)
        self._missing: dict[str, NDArray[np.bool_]] = {}
        self._beyond: dict[tuple[str, Limits], NDArray[np.bool_]] = {}
        self._selections: dict[tuple[Any, ...], Selection] = {}
        self._masks: dict[tuple[Any, ...], list[NDArray[np.bool_]]] = {}
        self._nobody = np.zeros(patients.n, dtype=bool)

    def missing(self, name: str, column: Column) -> NDArray[np.bool_]:
        """In whom an input is not known."""
        if name not in self._missing:
            self._missing[name] = ~column.known if isinstance(column, Coded) else np.isnan(column)
        return self._missing[name]

    def beyond(self, name: str, column: Column, limits: Limits | None) -> NDArray[np.bool_]:
        """In whom an input lies outside these limits."""
        if limits is None or isinstance(column, Coded):
            return self._nobody
        if (name, limits) not in self._beyond:
            low, high = limits
            found = self._nobody
            with np.errstate(invalid="ignore"):
                found = found if low is None else found | (column < low)
                found = found if high is None else found | (column > high)
            self._beyond[name, limits] = found
        return self._beyond[name, limits]

    def selection(self, race: RaceTerm) -> Selection:
        """Which row of a race term each patient reads; terms with the same rows and rule share it."""
        key = (race.labels, race.unlisted)
        if key not in self._selections:
            self._selections[key] = select(race, self.patients, self.several_races)
        return self._selections[key]

    def choose(self, race: RaceTerm, by_row: Sequence[NDArray[Any]], otherwise: float) -> NDArray[Any]:
        """For each patient the value of their own row; `otherwise` where the original defines none."""
        key = (race.labels, race.unlisted)
        if key not in self._masks:
            rows = self.selection(race).rows
            self._masks[key] = [rows == i for i in range(-1, len(race.labels))]
        nobody, *masks = self._masks[key]
        chosen = by_row[0].copy()
        for values, mask in zip(by_row[1:], masks[1:], strict=True):
            np.copyto(chosen, values, where=mask)
        np.copyto(chosen, otherwise, where=nobody, casting="unsafe")
        return chosen
