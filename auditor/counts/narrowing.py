"""The audit of a suppression: how closely can a hidden count be narrowed by everything that is shown? (linear programming)"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

Matrix = NDArray[np.float64]
MIXED = 3
TINY = 1e-9
AGREES = 1e-6


@dataclass(frozen=True, eq=False)
class Hidden:
    """Counts that nobody is shown, what is known of them, and those among them that are too small to be known.

    `truth` holds the (non-negative) counts, `known` one row per number that is shown or implied (a sum of counts), and
    `targets` one row per small number that must stay unknown.
    """

    truth: Matrix
    known: Matrix
    targets: Matrix

    @cached_property
    def key(self) -> tuple[bytes, bytes, bytes]:
        """Equal for equal problems."""
        return self.truth.tobytes(), self.known.tobytes(), self.targets.tobytes()


def too_narrow(problems: Sequence[Hidden], k: int, every: bool = False) -> list[NDArray[np.bool_]]:
    """For every target, whether what is known confines it to a range smaller than k - 1.

    A table that agrees with everything known proves the values it takes. First every target is moved up and down from the truth
    on a straight line that keeps what is known; what that leaves open is solved side by side, in mixed directions and then one
    by one to the exact ends. A problem with one confined target is left there, unless `every` target is asked for.
    """
    spans = [_Span(problem, k) for problem in problems]
    for span in spans:
        span.see(_straight(span.problem))
    rng = np.random.default_rng(0)
    for _ in range(MIXED):
        todo = [s for s in spans if s.open.any()]
        _solve(todo, [(rng.uniform(-1, 1, len(s.open)) * s.open) @ s.problem.targets for s in todo])
    while True:
        todo = [s for s in spans if s.open.any()]
        if not todo:
            return [s.narrow for s in spans]
        chosen = [int(np.argmax(s.open)) for s in todo]
        for sign in (1.0, -1.0):
            _solve(todo, [sign * s.problem.targets[i] for s, i in zip(todo, chosen, strict=True)])
        for s, i in zip(todo, chosen, strict=True):
            s.narrow[i] = s.open[i]
            s.open[i] = False
            if s.narrow[i] and not every:
                s.open[:] = False


class _Span:
    """The values that the targets of one problem are seen to take."""

    def __init__(self, problem: Hidden, k: int) -> None:
        self.problem = problem
        self.known = _Sparse.of(problem.known)
        self.needed = k - 1 - 1e-6
        self.lowest = problem.targets @ problem.truth
        self.highest = self.lowest.copy()
        self.narrow = np.zeros(len(problem.targets), dtype=bool)
        self.open = np.ones(len(problem.targets), dtype=bool)

    def see(self, tables: Matrix) -> None:
        """Note what the targets are in one or more tables that agree with everything known."""
        values = np.atleast_2d(tables) @ self.problem.targets.T
        self.lowest, self.highest = np.minimum(self.lowest, values.min(axis=0)), np.maximum(self.highest, values.max(axis=0))
        self.open &= self.highest - self.lowest < self.needed


def feasible_range(problem: Hidden, target: Matrix) -> tuple[float, float]:
    """The least and greatest value of a sum of hidden counts that agrees with everything known."""
    span = _Span(Hidden(problem.truth, problem.known, target[None, :]), 1 << 60)
    for sign in (1.0, -1.0):
        _solve([span], [sign * target])
    return float(span.lowest[0]), float(span.highest[0])


def _straight(problem: Hidden) -> Matrix:
    """The tables in which lines through the truth end, two per target: steepest in counts relative to the truth (Dikin's direction).

    Tables that do not agree with what is known to 1e-6 of a patient are left out.
    """
    truth = problem.truth
    some = truth > TINY
    known, targets = problem.known[:, some] * truth[some], problem.targets[:, some] * truth[some]
    known = known / np.maximum(np.linalg.norm(known, axis=1, keepdims=True), TINY)
    square, axes = np.linalg.eigh(known @ known.T)
    held = (axes[:, square > TINY].T @ known) / np.sqrt(square[square > TINY])[:, None]
    line = targets - (targets @ held.T) @ held
    line[np.abs(line) < TINY] = 0.0
    steepest_down, steepest_up = line.min(axis=1, initial=0.0), line.max(axis=1, initial=0.0)
    bounded = (steepest_down < 0) & (steepest_up > 0)
    up = np.where(bounded, -1 / np.where(bounded, steepest_down, -1.0), 0.0)
    down = np.where(bounded, 1 / np.where(bounded, steepest_up, 1.0), 0.0)
    tables = np.zeros((2 * len(line), len(truth)))
    tables[:, some] = np.maximum(np.concatenate([1 + up[:, None] * line, 1 - down[:, None] * line]), 0.0) * truth[some]
    agrees = (np.abs((tables - truth) @ problem.known.T) <= AGREES).all(axis=1)
    return np.concatenate([truth[None, :], tables[agrees]])


def _solve(spans: Sequence[_Span], goals: Sequence[Matrix]) -> None:
    """Find the table of every problem that makes its goal greatest."""
    if spans:
        _side_by_side(spans, np.concatenate(goals))


def _side_by_side(spans: Sequence[_Span], goal: Matrix) -> None:
    from scipy.optimize import linprog

    known = _diagonal([s.known for s in spans])
    truth = np.concatenate([s.problem.truth for s in spans])
    bounds = np.column_stack([np.zeros(len(goal)), np.full(len(goal), 2 * truth.sum())])
    solved = linprog(-goal, A_eq=known, b_eq=known @ truth, bounds=bounds, method="highs")
    if solved.status != 0:
        return
    for span, table in zip(spans, np.split(solved.x, np.cumsum([len(s.problem.truth) for s in spans])[:-1]), strict=True):
        span.see(table)


@dataclass(frozen=True, eq=False)
class _Sparse:
    """A sparse matrix by rows, ready to stand beside others on a diagonal."""

    values: Matrix
    columns: NDArray[np.int64]
    ends: NDArray[np.int64]
    width: int

    @classmethod
    def of(cls, matrix: Matrix) -> _Sparse:
        rows, columns = np.nonzero(matrix)
        return cls(matrix[rows, columns], columns, np.cumsum(np.bincount(rows, minlength=len(matrix))), matrix.shape[1])


def _diagonal(blocks: Sequence[_Sparse]) -> Any:
    from scipy import sparse

    across = np.cumsum([0, *(b.width for b in blocks)])
    down = np.cumsum([0, *(len(b.values) for b in blocks)])
    columns = np.concatenate([b.columns + offset for b, offset in zip(blocks, across, strict=False)])
    ends = np.concatenate([[0], *(b.ends + offset for b, offset in zip(blocks, down, strict=False))])
    return sparse.csr_matrix((np.concatenate([b.values for b in blocks]), columns, ends), shape=(len(ends) - 1, across[-1]))
