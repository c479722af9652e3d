"""Quality: what a cohort's columns hold, in counts that add over chunks."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from auditor.rows import InputQuality
from calculators.inputs import Input

LARGEST = float(np.finfo(np.float64).max)


@dataclass
class ColumnQuality:
    """Counts for one column: values seen, missing, unreadable (of those, with a decimal comma), implausible (of those, by the unit that fits)."""

    n: int = 0
    missing: int = 0
    unreadable: int = 0
    commas: int = 0
    implausible: int = 0
    explained: Counter[str] = field(default_factory=Counter)

    def add(self, other: ColumnQuality) -> None:
        """Add another chunk's counts."""
        self.n += other.n
        self.missing += other.missing
        self.unreadable += other.unreadable
        self.commas += other.commas
        self.implausible += other.implausible
        self.explained += other.explained

    @property
    def usable(self) -> int:
        """Values that can be scored."""
        return self.n - self.missing - self.unreadable - self.implausible


@dataclass
class Quality:
    """A cohort's quality: one entry per input, and counts of patients left out before anything was scored."""

    columns: dict[str, ColumnQuality] = field(default_factory=dict)
    left_out: Counter[str] = field(default_factory=Counter)

    def add(self, other: Quality) -> None:
        """Add another chunk's counts."""
        for name, column in other.columns.items():
            self.columns.setdefault(name, ColumnQuality()).add(column)
        self.left_out += other.left_out


def check_number(
    quantity: Input, values: NDArray[np.float64], unreadable: NDArray[Any] | None = None
) -> tuple[NDArray[np.float64], ColumnQuality]:
    """Values outside the plausible range become missing; they are counted, with the units that would explain them.

    `unreadable` is 1 where text stands in place of a number, and 2 where that text is a number with a decimal comma.
    """
    quality = ColumnQuality(n=len(values), missing=int(np.count_nonzero(np.isnan(values))))
    low, high = quantity.plausible or (-LARGEST, LARGEST)
    within = quality.missing == len(values) or bool(
        np.fmin.reduce(values, initial=np.nan) >= low and np.fmax.reduce(values, initial=np.nan) <= high
    )
    if unreadable is not None:
        quality.unreadable, quality.commas = int((unreadable > 0).sum()), int((unreadable == 2).sum())
        quality.missing -= quality.unreadable
    if within and quantity.kind != "boolean":
        return values, quality
    with np.errstate(invalid="ignore"):
        wrong = (values < low) | (values > high)
    if quantity.kind == "boolean":
        wrong |= ~np.isnan(values) & (values != 0) & (values != 1)
    if not wrong.any():
        return values, quality
    quality.implausible = int(wrong.sum())
    for unit, factor in quantity.other_units.items():
        if quantity.plausible:
            converted = values[wrong] * factor
            quality.explained[unit] = int(((converted >= quantity.plausible[0]) & (converted <= quantity.plausible[1])).sum())
    return np.where(wrong, np.nan, values), quality


def quality_rows(quality: Quality, columns: dict[str, tuple[str, str]]) -> tuple[InputQuality, ...]:
    """Rows for the result; `columns` gives each input's file column and unit."""
    rows = []
    for name, counts in quality.columns.items():
        column, unit = columns.get(name, (name, ""))
        rows.append(
            InputQuality(
                input=name,
                column=column,
                unit=unit,
                n=counts.n,
                missing=counts.missing,
                unreadable=counts.unreadable,
                implausible=counts.implausible,
                hint=hint(counts, column),
            )
        )
    return tuple(rows)


def hint(counts: ColumnQuality, column: str) -> str:
    """What most unusable values of a column have in common, or nothing."""
    hints = []
    if counts.commas > counts.unreadable / 2:
        hints.append(f"most unreadable values of '{column}' have a decimal comma; save the file with decimal points")
    unit, explained = max(counts.explained.items(), key=lambda item: item[1], default=("", 0))
    if explained > counts.implausible / 2:
        hints.append(f"most implausible values would be plausible in {unit}; is that the unit of '{column}'?")
    return "; ".join(hints)


def nobody_scored(quality: Quality, columns: dict[str, tuple[str, str]]) -> str:
    """Which columns hold nothing that can be scored, and why, without any count."""
    empty = []
    for name, counts in quality.columns.items():
        if name != "race" and not counts.usable:
            worst = max(("missing", "unreadable", "implausible"), key=lambda kind: int(getattr(counts, kind)))
            column = columns.get(name, (name, ""))[0]
            clue = hint(counts, column)
            empty.append(f"'{column}' holds no usable value (most are {worst}{'; ' + clue if clue else ''})")
    return "; ".join(empty) or "every patient lacks some input"
