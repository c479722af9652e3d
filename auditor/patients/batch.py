"""Batch: one chunk of patients in an order that makes counting cheap, with what every calculator asks of it computed once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from auditor.counts.cells import MISSING
from auditor.patients.arms import select
from auditor.patients.cohort import Patients
from auditor.patients.grid import Grid
from auditor.patients.race import Selection, SeveralRaces
from calculators.coded import Coded
from calculators.declare import RaceTerm

Reader = tuple[Any, ...]
SEX = "sex"
OUTCOMES = 3
SHORTER = 15
SCATTERING = np.uint64(0x9E3779B97F4A7C15)
_NONE = np.empty(0, dtype=np.intp)


class Places:
    """The groups and outcomes that occurred so far, each at its own place; and the entries of recorded race."""

    def __init__(self, by: Mapping[str, tuple[str, ...]]) -> None:
        self.by = by
        self.codes: NDArray[np.int64] = np.empty(0, dtype=np.int64)
        self.kinds: NDArray[np.int64] = np.zeros(1, dtype=np.int64)
        self._by_shorter = np.zeros(1 << SHORTER, dtype=np.int64)
        self._place: dict[int, int] = {}

    def __len__(self) -> int:
        return len(self._place)

    def of(self, codes: NDArray[np.int64]) -> NDArray[np.int64]:
        """The places of these codes of group and outcome; those that are new get the next."""
        new = [code for code in dict.fromkeys(codes.tolist()) if code not in self._place]
        if new:
            self._place |= {code: len(self._place) + i for i, code in enumerate(new)}
            self.codes = np.concatenate([self.codes, np.array(new, dtype=np.int64)])
        return np.array([self._place[code] for code in codes.tolist()], dtype=np.int64)

    def flat(self, flat: NDArray[np.int64], space: int) -> NDArray[np.int64]:
        """Codes after a place, as codes after the group and outcome that are there."""
        place, code = np.divmod(flat, space)
        return self.codes[place] * space + code

    def kind(self, bits: NDArray[np.int64]) -> NDArray[np.int64]:
        """A small number for every different entry of recorded race, looked up by some of its bits where no other entry shares these."""
        found = self._by_shorter[_shorter(bits)]
        if (self.kinds[found] != bits).any():
            if not np.isin(bits, self.kinds).all():
                self.kinds = np.union1d(self.kinds, bits)
                self._by_shorter[_shorter(self.kinds)] = np.arange(len(self.kinds))
            found = np.searchsorted(self.kinds, bits)
        return np.asarray(found, dtype=np.int64)


class Batch:
    """Patients, or those in some rows, sorted by recorded race, sex, group and outcome.

    A run are neighbours alike in all of these: `starts` where each begins, `run_places` where its patients are
    counted, `run_totals` how many they are (with weights also the sums of weights and squares). `known` says whose outcome is known.
    `weights` and `squares` lie on the cohort's grid; `weighing` has both, or nothing. `span` has all places that occur; `slot` is each
    patient's place in it, and for every other patient as many more as there are: neighbours often have one code, and adding to a number
    that was just added to takes twice as long.
    """

    def __init__(
        self, patients: Patients, places: Places, several_races: SeveralRaces, grid: Grid, rows: NDArray[np.intp] | None = None
    ) -> None:
        some = slice(None) if rows is None else rows
        base = np.zeros(patients.n if rows is None else len(rows), dtype=np.int64)
        for name, levels in places.by.items():
            base *= len(levels) + 1
            base += patients.groups[name].codes[some]
            base += 1
        base *= OUTCOMES
        base += patients.outcome[some]
        base += 1
        size = int(base.max()) + 1
        key = _likeness(patients, places, some) * size + base
        few = key.max() < 1 << 16
        order = np.argsort(key.astype(np.uint16), kind="stable") if few else np.argsort(key)
        key = key[order]
        self.patients = patients = patients[order if rows is None else rows[order]]
        self.places = places
        self.several_races = several_races
        self.known = patients.outcome != MISSING
        self.starts = _changes(key)
        self.lengths = np.diff(self.starts, append=patients.n)
        self.run_places = places.of(key[self.starts] % size)
        first, last = int(self.run_places.min()), int(self.run_places.max())
        self.span = slice(first, last + 1)
        self.slot = self.each((self.run_places - first).astype(np.int32))
        self.slot[1::2] += last + 1 - first
        self._examples = patients[self.starts]
        weights = patients.weights
        self.weights = None if weights is None else grid.weights(weights)
        self.squares = None if weights is None else grid.squares(weights)
        self.weighing = [w for w in (self.weights, self.squares) if w is not None]
        self.run_totals = [self.lengths, *(np.add.reduceat(w, self.starts) for w in self.weighing)]
        self._some: dict[tuple[bytes, int], tuple[NDArray[np.intp], NDArray[np.integer]]] = {}
        self._selections: dict[Reader, Selection] = {}
        self._stretches: dict[Reader, list[tuple[int, int, int]]] = {}
        self._reading: dict[tuple[Reader, str], NDArray[np.intp]] = {}

    def each(self, of_runs: NDArray[Any]) -> NDArray[Any]:
        """What runs have, for each patient."""
        return np.repeat(of_runs, self.lengths)

    def offsets(self, space: int) -> NDArray[np.int64]:
        """Every patient's place times `space`."""
        return self.each(self.run_places * space)

    def some(self, chosen: NDArray[np.bool_], space: int) -> tuple[NDArray[np.intp], NDArray[np.integer]]:
        """The rows of some patients, and their places times `space` in as few bytes as hold any code after them."""
        key = chosen.tobytes(), space
        if key not in self._some:
            rows = np.flatnonzero(chosen)
            after = (self.run_places * space).astype(np.int32 if len(self.places) * space < 1 << 31 else np.int64)
            self._some[key] = rows, self.each(after)[rows]
        return self._some[key]

    def by_place(self, of_runs: NDArray[np.float64]) -> NDArray[np.float64]:
        """Sums of runs added by place."""
        return np.bincount(self.run_places, weights=of_runs, minlength=len(self.places)).astype(np.float64, copy=False)

    def selection(self, race: RaceTerm) -> Selection:
        """Which row of a race term each run of patients reads (see `each`)."""
        reader = reader_of(race)
        if reader not in self._selections:
            self._selections[reader] = select(race, self._examples, self.several_races)
        return self._selections[reader]

    def choose(self, race: RaceTerm, by_row: Sequence[NDArray[Any]], otherwise: float) -> NDArray[Any]:
        """For each patient the value of their own row; `otherwise` where the original defines none."""
        chosen = np.empty_like(by_row[0])
        for row, start, stop in self.stretches(race):
            chosen[start:stop] = by_row[row][start:stop] if row != MISSING else otherwise
        return chosen

    def stretches(self, race: RaceTerm) -> list[tuple[int, int, int]]:
        """(row, start, stop) of neighbours who read the same row of a race term."""
        reader = reader_of(race)
        if reader not in self._stretches:
            rows = self.selection(race).rows
            first = _changes(rows)
            starts = self.starts[first]
            stops = np.append(starts[1:], self.patients.n)
            self._stretches[reader] = list(zip(rows[first].tolist(), starts.tolist(), stops.tolist(), strict=True))
        return self._stretches[reader]

    def reading(self, race: RaceTerm, label: str) -> NDArray[np.intp]:
        """The patients who read a row of a race term."""
        key = reader_of(race), label
        if key not in self._reading:
            row = race.index(label)
            self._reading[key] = np.concatenate([_NONE, *(np.arange(a, b) for of, a, b in self.stretches(race) if of == row)])
        return self._reading[key]

    def undefined(self, race: RaceTerm) -> list[slice]:
        """The patients for whom the original defines no row."""
        return [slice(start, stop) for row, start, stop in self.stretches(race) if row == MISSING]


def reader_of(race: RaceTerm) -> Reader:
    """What decides which row of a race term a patient reads; terms that are alike in it are read by the same patients."""
    return race.labels, race.unlisted, race.reads, race.mixed, tuple(race.includes.items())


def _likeness(patients: Patients, places: Places, some: slice | NDArray[np.intp]) -> NDArray[np.int64]:
    """One number for sex and the record of race of each patient in some rows."""
    alike = places.kind(patients.race.bits[some])
    for column in (patients.columns.get(SEX), patients.race_group):
        if isinstance(column, Coded):
            alike *= len(column.words) + 1
            alike += column.codes[some]
            alike += 1
    return alike


def _shorter(bits: NDArray[np.int64]) -> NDArray[np.uint64]:
    """Few bits made of many (by multiplication); different ones mostly stay different."""
    return (bits.view(np.uint64) * SCATTERING) >> np.uint64(64 - SHORTER)


def _changes(values: NDArray[Any]) -> NDArray[np.intp]:
    """Where a run of equal values begins."""
    return np.flatnonzero(np.concatenate([[True], values[1:] != values[:-1]]))
