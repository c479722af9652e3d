"""What agreement with measured values gives away: which of its rows are hidden, so that no count of 1 to k-1 can be found."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import product

import numpy as np
from numpy.typing import NDArray

from auditor.counts.measured import CHANGE, SHARES
from auditor.counts.narrowing import Hidden as Problem
from auditor.counts.narrowing import too_narrow
from auditor.counts.paired import WITH_RACE
from auditor.counts.sheets import Sheets
from auditor.counts.suppression import Counts, Hidden, complete, small
from auditor.rows import Measured

NEAR = tuple(product(range(3), range(3)))
MEASURED = np.array([0.0] + [1.0] * len(NEAR))
PATIENTS = np.ones(len(MEASURED))

Vector = NDArray[np.float64]


def hidden_measured(rows: Sequence[Measured], sheets: Sheets, k: int) -> Callable[[Measured], bool]:
    """Whether a row must be hidden, so that no count behind these rows is 1 to k-1, could be found by subtraction, or confined.

    A group loses all rows where few have (or lack) a measured value or where two arms differ by few; a share and its change in an arm
    where few are near, are not, come near or no longer are. Where a share with race is hidden, it is in every arm. Then linear programming
    asks of every small count how closely all that is shown of an arm confines it.
    """
    outputs = {output: _Output.of([row for row in rows if row.output == output], sheets, k) for output in {row.output for row in rows}}
    for one in outputs.values():
        one.examine(k)

    def must_go(row: Measured) -> bool:
        return outputs[row.output].hides(row)

    return must_go


@dataclass(frozen=True, eq=False)
class _Output:
    """The counts behind one output's rows by group, and what is hidden of them: whole groups (`gone`), and shares by (metric, arm).

    `n[arm]` have a measured value and both scores; `near[metric, arm]` of them lie as near, `moves[metric, arm]` (2, groups) come near or
    no longer are; `stated` says in which groups shares are given at all.
    """

    sheets: Sheets
    n: dict[str, Vector]
    near: dict[tuple[str, str], Vector]
    moves: dict[tuple[str, str], Vector]
    stated: dict[str, Hidden]
    gone: Hidden
    shares: dict[tuple[str, str], Hidden] = field(default_factory=dict)

    @classmethod
    def of(cls, rows: Sequence[Measured], sheets: Sheets, k: int) -> _Output:
        """Hide what shows or implies few patients, or could be found by subtraction."""
        layout, groups = sheets.layout, len(sheets.layout.groups)
        arms = list(dict.fromkeys(row.arm for row in rows))
        n = {arm: np.zeros(groups) for arm in arms}
        stated = {arm: np.zeros(groups, dtype=bool) for arm in arms}
        near = {(metric, arm): np.zeros(groups) for metric in SHARES for arm in arms}
        moves = {(metric, arm): np.zeros((2, groups)) for metric in SHARES for arm in arms}
        for row in rows:
            g, metric = layout.place(row), row.metric.removesuffix(CHANGE)
            n[row.arm][g] = row.n or 0
            if metric in SHARES:
                near[metric, row.arm][g] += row.within or 0
                moves[metric, row.arm][:, g] += [row.gained or 0, row.lost or 0]
                stated[row.arm][g] |= row.within is not None and row.value is not None
        start = np.zeros(groups, dtype=bool)
        for row in rows:
            start[layout.place(row)] |= row.arm in sheets.hidden and bool(sheets.hidden[row.arm][layout.place(row)])
        sizes = [x for a in n.values() for x in (a, *(np.abs(a - b) for b in n.values()))]
        sizes += [sheets.scored[arm] - x for arm, x in n.items() if arm in sheets.scored]
        found = cls(sheets, n, near, moves, stated, found_by_subtraction(start, sizes, sheets, n[arms[0]], k))
        for arm in sorted(arms, key=lambda arm: arm != WITH_RACE):
            for metric in SHARES:
                known = found.gone | found.shares.get((metric, WITH_RACE), False)
                found.shares[metric, arm] = found_by_subtraction(known, found._implied(metric, arm), sheets, n[arms[0]], k)
        return found

    def hides(self, row: Measured) -> bool:
        """Whether a row must go."""
        g, key = self.sheets.layout.place(row), (row.metric.removesuffix(CHANGE), row.arm)
        return bool(self.gone[g] or (key in self.shares and self.shares[key][g]))

    def examine(self, k: int) -> None:
        """Hide more of every arm in which a hidden count is confined to a range below k - 1, until there is none."""
        while self.gone.any() or any(hidden.any() for hidden in self.shares.values()):
            problems = {arm: self._problem(arm, k) for arm in ([arm for arm in self.n if arm != WITH_RACE] or list(self.n))}
            confined = [
                arm for arm, problem in problems.items() if too_narrow(problem, k, np.zeros(len(problem.small), dtype=np.int64)).any()
            ]
            if not any([self._hide_more(arm) for arm in confined]):
                return

    def _hide_more(self, arm: str) -> bool:
        """Hide shares in the arm, then with race and so in every arm, then whole groups; whether there was anything left to hide.

        Shares within 10% go before those within 30%, and the groups of further attributes before those of the first.
        """
        everywhere = np.ones(len(self.gone), dtype=bool)
        for of in dict.fromkeys((arm, WITH_RACE)):
            for metric, where in product(SHARES, (self.sheets.further, everywhere)):
                follows = [other for other in self.n if of in (other, WITH_RACE)]
                if any((where & ~self.shares[metric, other]).any() for other in follows):
                    for other in follows:
                        self.shares[metric, other] |= where
                    return True
        for where in (self.sheets.further, everywhere):
            if (where & ~self.gone).any():
                self.gone[where] = True
                return True
        return False

    def _implied(self, metric: str, arm: str) -> list[Vector]:
        """Every count of patients that a share and its change in an arm show or imply."""
        total, x = self.n[arm], self.near[metric, arm]
        gained, lost = self.moves[metric, arm]
        before = x - gained + lost
        columns = [x, total - x, gained, lost, x - gained, total - x - lost, before, total - before]
        columns += [self.near["p30", arm] - x] if metric == "p10" else []
        columns += [np.abs(self.near[metric, WITH_RACE] - before)] if WITH_RACE in self.n and arm != WITH_RACE else []
        return columns

    def _problem(self, arm: str, k: int) -> Problem:
        """What is known of an arm, and the small counts behind its rows and those with race.

        The hidden counts are a group's patients without a measured value, and those with one by nearness with race and in the arm.
        """
        finest, member = self.sheets.layout.finest
        truth = np.stack([self._nearness(arm, g) for g in finest])
        still = self.sheets.still(arm)[finest] | (arm == WITH_RACE)
        possible = np.array([[not (moves and fixed) for moves in (False, *(a != b for a, b in NEAR))] for fixed in still]).ravel()
        known, targets = [], []
        for g in np.flatnonzero(member.any(axis=1)):
            for counts, shown in self._counts(arm, int(g)):
                row = np.outer(member[g], counts).ravel()[possible]
                total = row @ truth.ravel()[possible]
                if shown:
                    known.append(row)
                elif 0.5 < total < k - 0.5:
                    targets.append(row)
        width = int(possible.sum())
        return Problem.around(truth.ravel()[possible], _different(known, width), _different(targets, width))

    def _counts(self, arm: str, g: int) -> Iterator[tuple[Vector, bool]]:
        """(what a number counts, whether it is shown) of every number of a group; what follows from several is never shown itself."""
        yield PATIENTS, arm in self.sheets.scored and not self.sheets.hidden[arm][g]
        yield MEASURED, not self.gone[g]
        yield PATIENTS - MEASURED, False
        same = WITH_RACE in self.n and bool((self.n[arm] == self.n[WITH_RACE]).all())
        within: dict[tuple[str, int], Vector] = {}
        for metric, most in SHARES.items():
            before, after = (np.array([0.0, *(float(pair[i] <= most) for pair in NEAR)]) for i in (0, 1))
            told = bool(self.stated[arm][g] and not self.gone[g] and not self.shares[metric, arm][g])
            gained, lost = after * (1 - before), before * (1 - after)
            for counts in (after, gained, lost):
                yield counts, told
            with_race = same and self.stated[WITH_RACE][g] and not self.gone[g] and not self.shares[metric, WITH_RACE][g]
            yield before, bool(with_race)
            for counts in (MEASURED - before, MEASURED - after, before * after, MEASURED - np.maximum(before, after)):
                yield counts, False
            within[metric, 0], within[metric, 1] = before, after
        for i in (0, 1):
            yield within["p30", i] - within["p10", i], False

    def _nearness(self, arm: str, g: int) -> Vector:
        """A group's patients without a measured value, then by nearness with race and in the arm: one table that agrees with its counts."""
        total = self.n[arm][g]
        stay = {metric: self.near[metric, arm][g] - self.moves[metric, arm][0, g] for metric in SHARES}
        out = {metric: total - stay[metric] - self.moves[metric, arm][:, g].sum() for metric in SHARES}
        far = self.moves["p10", arm][:, g], self.moves["p30", arm][:, g]
        up, down = np.minimum(*far)
        table = np.zeros((3, 3))
        table[0, 0], table[2, 2] = stay["p10"], out["p30"]
        table[2, 0], table[1, 0], table[2, 1] = up, far[0][0] - up, far[1][0] - up
        table[0, 2], table[0, 1], table[1, 2] = down, far[0][1] - down, far[1][1] - down
        table[1, 1] = total - table.sum()
        return np.array([self.sheets.scored.get(arm, self.n[arm])[g] - total, *table.ravel()])


def found_by_subtraction(start: Hidden, columns: Sequence[Counts], sheets: Sheets, size: Vector, k: int) -> Hidden:
    """Rows that start hidden or hold a small count, with those that must be hidden beside them."""
    counts = np.column_stack([np.zeros(len(start)), *columns])
    return complete(np.asarray(start | small(counts, k).any(axis=1)), counts, sheets.layout, size, k)


def _different(rows: list[Vector], width: int) -> NDArray[np.float64]:
    return np.unique(np.array(rows), axis=0) if rows else np.zeros((0, width))
