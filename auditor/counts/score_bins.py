"""Bins of a score: two arms' scores jointly by group and outcome, fine enough for discrimination and calibration; they add.

A bin is the sign, the exponent and the first eight binary digits of a score, so that its width is at most 1/256 of the score; there
are no edges to choose, and whole numbers up to 511 each have a bin of their own.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from auditor.counts.cells import MISSING, Cells

DIGITS = 8
SMALLEST, LARGEST = -14, 11
PER_SIGN = ((LARGEST - SMALLEST) << DIGITS) + 1
BINS = 2 * PER_SIGN - 1
LEVELS = tuple(str(i) for i in range(BINS))
BIN_WITH, BIN_ARM = "bin:with_race", "bin:arm"


def bins(scores: NDArray[np.float64]) -> NDArray[np.int32]:
    """The bin of every score, in ascending order of score; -1 where the score is missing. Scores below 2^-14 and beyond 2^11 share a bin.

    The sign, the exponent and the first digits are read off the bits of the number (IEEE 754: one bit, 11 bits plus 1023, 52 bits).
    """
    bits = (scores.view(np.int64) >> (52 - DIGITS)).astype(np.int32)
    sign = bits >> 31
    place = bits & ((1 << (11 + DIGITS)) - 1)
    place -= ((SMALLEST + 1023) << DIGITS) - 1
    np.clip(place, 0, PER_SIGN - 1, out=place)
    place ^= sign
    place -= sign
    place += PER_SIGN - 1
    missing = np.isnan(scores)
    if missing.any():
        np.copyto(place, MISSING, where=missing)
    return place


@cache
def values() -> NDArray[np.float64]:
    """The score that every bin stands for: a whole number that begins it, else its middle; not to be changed in place."""
    place = np.arange(1, PER_SIGN) - 1
    exponent, digits = SMALLEST + (place >> DIGITS), place & ((1 << DIGITS) - 1)
    start = (1 + digits / (1 << DIGITS)) * 2.0**exponent
    width = 2.0 ** (exponent - DIGITS)
    positive = np.where((start == np.floor(start)) & (width <= 1), start, start + width / 2)
    return np.concatenate([-positive[::-1], [0.0], positive])


@dataclass(frozen=True, eq=False)
class ScoreTable:
    """Patients of one output whom with race and one arm both score: cells keyed by the attributes, "outcome" and both bins.

    `lower` says that low scores go with the outcome; `probability` is what a score is divided by to be a risk (0: it is none).
    """

    calculator: str
    output: str
    arm: str
    by: tuple[str, ...]
    cells: Cells
    lower: bool = False
    probability: float = 0.0

    def __add__(self, other: ScoreTable) -> ScoreTable:
        return ScoreTable(self.calculator, self.output, self.arm, self.by, self.cells + other.cells, self.lower, self.probability)
