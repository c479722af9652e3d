"""Years of age in bins: how many years older a patient would give the same score; they add, and give quartiles."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from auditor.rows import Equivalent

TENTHS = 1200
BINS = 2 * TENTHS + 3
QUARTERS = (0.25, 0.5, 0.75)
FEWEST = 11


@dataclass(frozen=True, eq=False)
class Years:
    """Patients of one output and one row of the race term by years, in tenths from -120 to 120.

    The first and the last bin hold patients whom no age in the calculator's range serves: none so young, none so old.
    """

    output: str
    row: str
    counts: NDArray[np.int64]

    @classmethod
    def of(cls, output: str, row: str, years: NDArray[np.float64]) -> Years:
        """Count years; -inf and inf are beyond the range, NaN (no score) is left out."""
        known = years[~np.isnan(years)]
        inside = np.clip(np.rint(np.clip(known, -200, 200) * 10), -TENTHS, TENTHS) + TENTHS + 1
        place = np.where(np.isneginf(known), 0, np.where(np.isposinf(known), BINS - 1, inside))
        return cls(output, row, np.bincount(place.astype(np.int64), minlength=BINS))

    def __add__(self, other: Years) -> Years:
        return Years(self.output, self.row, self.counts + other.counts)

    @property
    def quartiles(self) -> tuple[float | None, float | None, float | None]:
        """The lower quartile, the median and the upper quartile (the lower of two middle values); None beyond the range."""
        up_to = np.cumsum(self.counts)
        found = [int(np.searchsorted(up_to, share * up_to[-1])) for share in QUARTERS]
        lower, median, upper = (None if place in (0, BINS - 1) else (place - TENTHS - 1) / 10 for place in found)
        return lower, median, upper


def equivalent_rows(calculator: str, found: list[Years]) -> tuple[Equivalent, ...]:
    """One row per output and row of the term; a median needs 11 patients, quartiles four times as many."""
    rows = []
    for years in found:
        n = int(years.counts.sum())
        lower, median, upper = years.quartiles if n else (None, None, None)
        rows.append(
            Equivalent(
                calculator=calculator,
                output=years.output,
                row=years.row,
                n=n,
                median=median if n >= FEWEST else None,
                lower_quartile=lower if n >= 4 * FEWEST else None,
                upper_quartile=upper if n >= 4 * FEWEST else None,
                status="ok" if n >= FEWEST else "not_estimable",
            )
        )
    return tuple(rows)


def protect_equivalents(rows: tuple[Equivalent, ...], k: int) -> tuple[Equivalent, ...]:
    """The rows without numbers of patients, which would tell who reads which row; no quartile with fewer than k patients beyond it."""

    def kept(row: Equivalent) -> Equivalent:
        n = row.n or 0
        blank = Equivalent(calculator=row.calculator, output=row.output, row=row.row, status="suppressed")
        if n < k:
            return blank
        wide = n >= 4 * k
        return Equivalent(
            calculator=row.calculator,
            output=row.output,
            row=row.row,
            median=row.median if n >= 2 * k else None,
            lower_quartile=row.lower_quartile if wide else None,
            upper_quartile=row.upper_quartile if wide else None,
            status=row.status if n >= 2 * k else "suppressed",
        )

    return tuple(kept(row) for row in rows)
