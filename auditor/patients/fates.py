"""Fates: what became of each patient in one calculator (scored or why not), and where they stand with its race term."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from auditor.patients.batch import Batch
from calculators.declare import Calculator
from calculators.evaluate import Column

FATES = ("scored", "missing_input", "out_of_range", "no_row")
STANDINGS = ("listed", "unlisted", "unknown")
COVERAGE = {"fate": FATES, "standing": STANDINGS, "beyond": ("no", "yes"), "applied": ("no", "yes")}
SPACE = (len(FATES) + 1) * (len(STANDINGS) + 1) * 3 * 3
OF_FATE, OF_STANDING, OF_BEYOND = 36, 9, 3
FIRST = OF_FATE + OF_STANDING + OF_BEYOND + 1


def fates(calculator: Calculator, batch: Batch, columns: Mapping[str, Column]) -> NDArray[np.uint8]:
    """The joint code of what became of each patient: fate, standing with the race term, beyond the derivation, term applied."""
    missing = outside = beyond = np.zeros(batch.patients.n, dtype=bool)
    for name in calculator.inputs:
        column = columns[name]
        missing = missing | batch.missing(name, column)
        outside = outside | batch.beyond(name, column, calculator.valid.get(name))
        beyond = beyond | batch.beyond(name, column, calculator.derived_on.get(name))
    outside = outside & ~missing
    joint = OF_BEYOND * beyond.view(np.uint8)
    joint += OF_FATE * FATES.index("missing_input") * missing.view(np.uint8)
    joint += OF_FATE * FATES.index("out_of_range") * outside.view(np.uint8)
    joint += FIRST
    if calculator.race is not None:
        selection = batch.selection(calculator.race)
        neutral = np.array([calculator.race.neutral(label) for label in calculator.race.labels] + [True])
        standing = np.where(selection.unknown, STANDINGS.index("unknown"), selection.unlisted)
        joint += batch.each((OF_STANDING * standing + ~neutral[selection.rows]).astype(np.uint8))
        if (selection.rows < 0).any():
            without = batch.each(selection.rows < 0) & ~(missing | outside)
            joint += OF_FATE * FATES.index("no_row") * without.view(np.uint8)
    return joint


def likeness(calculator: Calculator) -> Any:
    """What the fates depend on: calculators that are alike in it share them."""
    limits = tuple((name, calculator.valid.get(name), calculator.derived_on.get(name)) for name in calculator.inputs)
    return frozenset(limits), id(calculator.race) if calculator.race is not None else None
