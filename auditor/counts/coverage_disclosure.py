"""Disclosure control of coverage: no group's few unscored patients can be worked out from group sizes and numbers scored."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from functools import cached_property, lru_cache

import numpy as np
from numpy.typing import NDArray

from auditor.counts.narrowing import Hidden as Problem
from auditor.counts.narrowing import too_narrow
from auditor.counts.paired import WITH_RACE
from auditor.counts.sheets import Sheets
from auditor.counts.suppression import Counts, Hidden, small
from auditor.rows import Coverage

FATES = ("scored", "missing_input", "out_of_range", "no_row")


def hidden_sizes(sheets: Sequence[Sheets], size: NDArray[np.float64], start: Hidden, k: int) -> Hidden:
    """The groups whose number of patients goes: those of `start`, and more while a few unscored patients of some calculator can be worked out."""
    hidden = start.copy()
    for sheet in sheets:
        unscored = size - sheet.scored[WITH_RACE]
        for where in (sheet.further, np.ones_like(hidden)):
            counts = np.column_stack([sheet.scored[WITH_RACE], unscored])
            if _narrow(counts, sheet, hidden, np.ones_like(hidden), k):
                hidden |= where
    return hidden


def hidden_coverage(rows: Sequence[Coverage], sheets: Sheets, sizes: Hidden, start: Hidden, k: int) -> Hidden:
    """The groups whose row goes: those of `start`, and more while a small count is confined to a range below k - 1.

    `sizes` are the groups whose number of patients is hidden. The groups of further attributes go before those of the first.
    """
    hidden = start.copy()
    counts = np.zeros((len(sheets.layout.groups), len(FATES) + 1))
    for row in rows:
        fates = [getattr(row, fate) or 0 for fate in FATES]
        counts[sheets.layout.place(row)] = [*fates, max((row.n or 0) - sum(fates), 0)]
    for where in (sheets.further, np.ones_like(hidden)):
        if _narrow(counts, sheets, sizes, hidden, k):
            hidden |= where
    return hidden


def _narrow(counts: Counts, sheets: Sheets, sizes: Hidden, hidden: Hidden, k: int) -> bool:
    """Whether a small count is confined; unknown are every finest group's patients by what became of them, the scored first."""
    if not (hidden | sizes | sheets.hidden[WITH_RACE]).any():
        return False
    finest, member = sheets.layout.finest
    every, fates = np.ones((1, counts.shape[1])), np.eye(counts.shape[1])
    parts = np.concatenate([every, fates, 1 - fates])
    sums = member @ counts[finest] @ parts.T
    shown = np.zeros(sums.shape, dtype=bool)
    shown[:, 0], shown[:, 1] = ~sizes, ~sheets.hidden[WITH_RACE] | ~hidden
    shown[:, 2 : 1 + len(fates)] = ~hidden[:, None]
    wanted = ~shown & small(sums, k)
    if not wanted.any():
        return False
    return _confined(_Table(counts[finest], member, parts, shown, wanted), k)


@dataclass(frozen=True, eq=False)
class _Table:
    """Patients of every finest group by what became of them (`counts`), and which sums of them are shown, or small and hidden.

    A sum is of one group's row of `member` and one row of `parts`; tables with equal arrays are equal: calculators that need the same
    columns have the same coverage, and the same answer.
    """

    counts: Counts
    member: NDArray[np.float64]
    parts: NDArray[np.float64]
    shown: Hidden
    wanted: Hidden

    @cached_property
    def _key(self) -> tuple[bytes, ...]:
        return tuple(getattr(self, each.name).tobytes() for each in fields(self))

    def __hash__(self) -> int:
        return hash(self._key)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Table) and self._key == other._key


@lru_cache(maxsize=512)
def _confined(table: _Table, k: int) -> bool:
    """Whether what is shown confines one of the wanted sums to a range below k - 1."""
    rows = (table.member[:, None, :, None] * table.parts[None, :, None, :]).reshape(*table.shown.shape, -1)
    problem = Problem.around(table.counts.reshape(-1), rows[table.shown], rows[table.wanted])
    return bool(too_narrow(problem, k, np.zeros(int(table.wanted.sum()), dtype=np.int64)).any())
