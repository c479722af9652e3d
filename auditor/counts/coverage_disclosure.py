"""Disclosure control of coverage: no group's few unscored patients can be worked out from group sizes and numbers scored."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from auditor.counts.narrowing import Hidden as Problem
from auditor.counts.narrowing import too_narrow
from auditor.counts.paired import WITH_RACE
from auditor.counts.sheets import Sheets
from auditor.counts.suppression import Counts, Hidden, small
from auditor.rows import Coverage

FATES = ("scored", "missing_input", "out_of_range", "no_row")
AT_ONCE = 8


def hidden_sizes(sheets: Sequence[Sheets], size: NDArray[np.float64], start: Hidden, k: int) -> Hidden:
    """The groups whose number of patients goes: those of `start`, and more while a few unscored patients of some calculator can be worked out."""
    hidden = start.copy()
    every = np.ones_like(hidden)
    answers = _Answers(k)

    def ask(sheets: Sequence[Sheets]) -> list[bool]:
        counts = (np.column_stack([sheet.scored[WITH_RACE], size - sheet.scored[WITH_RACE]]) for sheet in sheets)
        return answers.to([_table(count, sheet, hidden, every, k) for count, sheet in zip(counts, sheets, strict=True)])

    ask(sheets)
    for sheet in sheets:
        for where in (sheet.further, every):
            if ask([sheet])[0]:
                hidden |= where
    return hidden


def hidden_coverages(
    coverages: Sequence[Sequence[Coverage]], sheets: Sequence[Sheets], sizes: Hidden, starts: Sequence[Hidden], k: int
) -> list[Hidden]:
    """For every calculator the groups whose row goes: those of `starts`, and more while a small count is confined to a range below k - 1.

    `sizes` are the groups whose number of patients is hidden. The groups of further attributes go before those of the first.
    """
    hidden, answers = [start.copy() for start in starts], _Answers(k)
    counts = [np.zeros((len(sheet.layout.groups), len(FATES) + 1)) for sheet in sheets]
    for rows, count, sheet in zip(coverages, counts, sheets, strict=True):
        for row in rows:
            fates = [getattr(row, fate) or 0 for fate in FATES]
            count[sheet.layout.place(row)] = [*fates, max((row.n or 0) - sum(fates), 0)]
    for everywhere in (False, True):
        tables = [_table(c, sheet, sizes, h, k) for c, sheet, h in zip(counts, sheets, hidden, strict=True)]
        for h, sheet, confined in zip(hidden, sheets, answers.to(tables), strict=True):
            if confined:
                h |= everywhere | sheet.further
    return hidden


def _table(counts: Counts, sheets: Sheets, sizes: Hidden, hidden: Hidden, k: int) -> _Table | None:
    """What is shown of every finest group's patients by what became of them, the scored first; None where no small count is hidden."""
    if not (hidden | sizes | sheets.hidden[WITH_RACE]).any():
        return None
    finest, member = sheets.layout.finest
    every, fates = np.ones((1, counts.shape[1])), np.eye(counts.shape[1])
    parts = np.concatenate([every, fates, 1 - fates])
    sums = member @ counts[finest] @ parts.T
    shown = np.zeros(sums.shape, dtype=bool)
    shown[:, 0], shown[:, 1] = ~sizes, ~sheets.hidden[WITH_RACE] | ~hidden
    shown[:, 2 : 1 + len(fates)] = ~hidden[:, None]
    wanted = ~shown & small(sums, k)
    return _Table(counts[finest], member, parts, shown, wanted) if wanted.any() else None


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


class _Answers:
    """Whether what is shown of tables confines one of the wanted sums to a range below k - 1; asked once of equal tables."""

    def __init__(self, k: int) -> None:
        self.k = k
        self.known: dict[_Table, bool] = {}

    def to(self, tables: Sequence[_Table | None]) -> list[bool]:
        """The answer for every table; None has nothing to confine."""
        new = [table for table in dict.fromkeys(tables) if table is not None and table not in self.known]
        for i in range(0, len(new), AT_ONCE):
            self._find(new[i : i + AT_ONCE])
        return [table is not None and self.known[table] for table in tables]

    def _find(self, tables: Sequence[_Table]) -> None:
        """Solve several tables as one problem, in which they have nothing in common."""
        from scipy.sparse import block_diag

        truths = [table.counts.reshape(-1) for table in tables]
        rows = [(t.member[:, None, :, None] * t.parts[None, :, None, :]).reshape(*t.shown.shape, -1) for t in tables]
        known, targets = (
            [row[which] for row, which in zip(rows, chosen, strict=True)]
            for chosen in ([table.shown for table in tables], [table.wanted for table in tables])
        )
        values, small_sums = (np.concatenate([x @ truth for x, truth in zip(part, truths, strict=True)]) for part in (known, targets))
        problem = Problem(block_diag(known, "csr"), values, block_diag(targets, "csr"), small_sums, np.concatenate(truths))
        owner = np.repeat(np.arange(len(tables)), [len(part) for part in targets])
        narrow = too_narrow(problem, self.k, owner)
        self.known.update((table, bool(narrow[owner == i].any())) for i, table in enumerate(tables))
