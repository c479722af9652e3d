"""Fates: what became of each patient in one calculator (scored or why not), and where they stand with its race term."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from auditor.patients.batch import Batch
from calculators.coded import Coded
from calculators.declare import Calculator, RaceTerm, Range
from calculators.evaluate import Column

FATES = ("scored", "missing_input", "out_of_range", "no_row")
STANDINGS = ("listed", "unlisted", "unknown")
COVERAGE = {"fate": FATES, "standing": STANDINGS, "beyond": ("no", "yes"), "applied": ("no", "yes")}
SPACE = (len(FATES) + 1) * (len(STANDINGS) + 1) * 3 * 3
OF_FATE, OF_STANDING, OF_BEYOND = 36, 9, 3
FIRST = OF_FATE + OF_STANDING + OF_BEYOND + 1
FLAGS = 6
OF_FLAGS = FIRST + np.add.outer(OF_FATE * np.arange(3), OF_BEYOND * np.arange(2)).ravel()

Limits = tuple[tuple[str, Any, Any], ...]
Parts = list[NDArray[Any]]


class Fates:
    """What became of the patients of one batch, in every run: what several calculators ask of it is found once."""

    def __init__(self, batch: Batch, columns: Mapping[str, Column]) -> None:
        self.batch = batch
        self.columns = columns
        self._nobody = np.zeros(batch.patients.n, dtype=bool)
        self._missing: dict[str, NDArray[np.bool_]] = {}
        self._beyond: dict[tuple[str, Any], NDArray[np.bool_]] = {}
        self._by_run: dict[Limits, Parts] = {}

    def codes(self, race: RaceTerm | None) -> NDArray[np.int64]:
        """The joint codes of fate, standing with the race term, beyond the derivation and term applied: (runs, flags)."""
        if race is None:
            return OF_FLAGS + np.zeros((len(self.batch.starts), 1), dtype=np.int64)
        selection = self.batch.selection(race)
        applied = np.array([not race.neutral(label) for label in race.labels] + [False])
        standing = np.where(selection.unknown, STANDINGS.index("unknown"), selection.unlisted)
        codes: NDArray[np.int64] = OF_FLAGS + (OF_STANDING * standing + applied[selection.rows])[:, None]
        codes[selection.rows < 0, :2] += OF_FATE * FATES.index("no_row")
        return codes

    def by_run(self, calculator: Calculator) -> Parts:
        """How many patients of every run have which flags, with weights also the sums of weights and squares: (runs, flags)."""
        limits = limits_of(calculator)
        if limits not in self._by_run:
            self._by_run[limits] = self._counted(self._flagged(limits))
        return self._by_run[limits]

    def _counted(self, flagged: Iterable[tuple[int, NDArray[np.bool_]]]) -> Parts:
        starts = self.batch.starts
        parts = [np.zeros((len(starts), FLAGS), dtype=total.dtype) for total in self.batch.run_totals]
        for flag, some in flagged:
            parts[0][:, flag] = np.add.reduceat(some.view(np.uint8), starts, dtype=np.int32)
            for part, weights in zip(parts[1:], self.batch.weighing, strict=True):
                part[:, flag] = np.add.reduceat(weights * some, starts)
        for part, total in zip(parts, self.batch.run_totals, strict=True):
            part[:, 0] = total - part[:, 1:].sum(axis=1)
        return parts

    def _flagged(self, limits: Limits) -> Iterator[tuple[int, NDArray[np.bool_]]]:
        """Who has a flag: twice the fate (scored, missing input, out of range), and one more beyond the derivation."""
        missing = self._any(self._missing_in(name) for name, _, _ in limits)
        outside = self._any(self._outside(name, valid) for name, valid, _ in limits)
        beyond = self._any(self._outside(name, derived_on) for name, _, derived_on in limits)
        if outside is not self._nobody:
            outside = outside & ~missing
        for fate, some in enumerate((missing, outside), start=1):
            if some is not self._nobody and beyond is not self._nobody:
                yield 2 * fate, some & ~beyond
                yield 2 * fate + 1, some & beyond
            elif some is not self._nobody:
                yield 2 * fate, some
        if beyond is not self._nobody:
            yield 1, beyond & ~(missing | outside)

    def _any(self, masks: Iterable[NDArray[np.bool_]]) -> NDArray[np.bool_]:
        found = self._nobody
        for mask in masks:
            if mask is not self._nobody:
                found = found | mask
        return found

    def _missing_in(self, name: str) -> NDArray[np.bool_]:
        """In whom an input is not known."""
        if name not in self._missing:
            column = self.columns[name]
            missing = ~column.known if isinstance(column, Coded) else np.isnan(column)
            self._missing[name] = missing if missing.any() else self._nobody
        return self._missing[name]

    def _outside(self, name: str, limits: Range | None) -> NDArray[np.bool_]:
        """In whom an input lies outside these limits."""
        column = self.columns[name]
        if limits is None or isinstance(column, Coded):
            return self._nobody
        if (name, limits) not in self._beyond:
            low, high = limits
            with np.errstate(invalid="ignore"):
                below = self._nobody if low is None else column < low
                found = self._any((below, self._nobody if high is None else column > high))
            self._beyond[name, limits] = found if found.any() else self._nobody
        return self._beyond[name, limits]


def limits_of(calculator: Calculator) -> Limits:
    """What flags depend on: the inputs, with the limits of the valid and the derived range."""
    return tuple((name, calculator.valid.get(name), calculator.derived_on.get(name)) for name in sorted(calculator.inputs))


def likeness(calculator: Calculator) -> Any:
    """What the fates depend on: calculators that are alike in it share them."""
    return limits_of(calculator), id(calculator.race) if calculator.race is not None else None
