"""The audit of a suppression: how closely can a hidden count be narrowed by everything that is shown? (linear programming)"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

Matrix = NDArray[np.float64]
TOGETHER = 24
SOLVED = 1e-6
SEVERAL = 2000
THEN = {"solver": "simplex", "simplex_strategy": 4, "presolve": "off"}


@dataclass(frozen=True, eq=False)
class Hidden:
    """Counts that nobody is shown, what is known of them, and those sums of them that are too small to be known.

    `known` and `targets` are sparse, a row for every sum over one column per hidden count; a row of `known` adds up to its place in
    `values`, and a row of `targets` truly adds up to its place in `small`. Counts are never negative. `truth` are the hidden counts
    where they are at hand: a solver that starts from them need not look for numbers that agree with what is known.
    """

    known: Any
    values: Matrix
    targets: Any
    small: Matrix
    truth: Matrix | None = None

    @classmethod
    def around(cls, truth: Matrix, known: Matrix, targets: Matrix) -> Hidden:
        """The problem of which the true counts are given, with `known` and `targets` as full matrices."""
        from scipy.sparse import csr_array

        return cls(csr_array(known), known @ truth, csr_array(targets), targets @ truth, truth)


def too_narrow(problem: Hidden, k: int, owner: NDArray[np.int64] | None = None) -> NDArray[np.bool_]:
    """For every target, whether what is known confines it to a range smaller than k - 1 (see `ranges`)."""
    return ranges(problem, k, owner)[0]


def ranges(problem: Hidden, k: int, owner: NDArray[np.int64] | None = None) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """For every target, whether what is known confines it to a range smaller than k - 1, and whether it is seen to have a wider one.

    `owner` says to which table a target belongs: of a table with one confined target the others may be left undecided (neither).
    Where what is known contradicts itself, or cannot be solved, everything counts as confined.
    """
    count = len(problem.small)
    narrow = np.zeros(count, dtype=bool)
    if not count:
        return narrow, narrow
    owner = np.arange(count) if owner is None else owner
    different, same = _different(problem.targets)
    span = _Span(_simplified(problem, different)[0], k)
    for goal in span.together():
        span.towards(goal)
    for i in np.flatnonzero(span.open).tolist():
        mine = same == i
        if span.open[i] and not np.isin(owner[mine], owner[narrow]).all():
            span.ends(i)
            narrow |= mine & span.open[i]
        span.open[i] = False
    return narrow, span.wide[same]


def feasible_range(problem: Hidden, target: Matrix) -> tuple[float, float]:
    """The least and greatest value of a sum of hidden counts that agrees with everything known."""
    from scipy.sparse import csr_array

    span = _Span(Hidden(problem.known, problem.values, csr_array(target[None, :]), np.array([np.nan])), 1 << 60)
    span.ends(0)
    return float(span.lowest[0]), float(span.highest[0])


def confining(problem: Hidden, i: int) -> NDArray[np.int64]:
    """The known sums that hold a target at its greatest and at its least value, by their place."""
    simplified, rows = _simplified(problem, np.array([i]))
    span = _Span(simplified, 1 << 60)
    goal = simplified.targets.toarray()[0]
    prices = [np.abs(np.array(span.solver.getSolution().row_dual)) for sign in (1.0, -1.0) if span.towards(sign * goal)]
    return rows[np.sum(prices, axis=0) > SOLVED] if prices else np.zeros(0, dtype=np.int64)


class _Span:
    """The values that the targets of one problem are seen to take, in the tables at which a solver arrives."""

    def __init__(self, problem: Hidden, k: int) -> None:
        self.problem = problem
        self.needed = k - 1 - SOLVED
        self.lowest = problem.small.copy()
        self.highest = problem.small.copy()
        self.open = np.ones(len(problem.small), dtype=bool)
        self.wide = np.zeros(len(problem.small), dtype=bool)
        self.solver = _solver(problem)
        self.arrived = self._start()

    def together(self) -> Iterator[Matrix]:
        """Goals that move all open targets at once, alike and then each by chance, until that frees none."""
        rng = np.random.default_rng(0)
        before = -1
        for i in range(TOGETHER):
            still = int(self.open.sum())
            if not still or (i % 2 == 0 and still == before):
                return
            before = still if i % 2 == 0 else before
            yield self.problem.targets.T @ (self.open * (rng.uniform(0, 1, len(self.open)) if i % 2 else 1.0))

    def ends(self, i: int) -> None:
        """Find the greatest and the least value of one target."""
        goal = self.problem.targets[[i]].toarray()[0]
        if self.towards(goal) and self.open[i]:
            self.towards(-goal)

    def towards(self, goal: Matrix) -> bool:
        """Note what the targets are in a table that makes the goal greatest; whether one was found."""
        width = len(goal)
        self.solver.changeColsCost(width, np.arange(width, dtype=np.int32), -goal)
        first = not self.arrived
        if not (self._run() or (first and self._run())):
            return False
        values = self.problem.targets @ np.array(self.solver.getSolution().col_value)
        self.lowest, self.highest = np.fmin(self.lowest, values), np.fmax(self.highest, values)
        self.wide |= self.highest - self.lowest >= self.needed
        self.open &= ~self.wide
        return True

    def _start(self) -> bool:
        """Put the solver at a vertex beside the true counts, where these are at hand and agree with what is known; whether that was done."""
        import highspy

        truth = self.problem.truth
        if truth is None or np.abs(self.problem.known @ truth - self.problem.values).max(initial=0) > SOLVED:
            return False
        _ready()
        at = highspy.HighsSolution()
        at.col_value, at.row_value = truth, self.problem.values
        at.col_dual, at.row_dual = np.zeros(len(truth)), np.zeros(len(self.problem.values))
        at.value_valid = at.dual_valid = True
        started: bool = self.solver.crossover(at) == highspy.HighsStatus.kOk
        if started:
            self._change(THEN)
        return started

    def _run(self) -> bool:
        """Solve, the first time (where it is large) by an interior point method, then by primal simplex from where that arrived."""
        import highspy

        self.solver.run()
        if not self.arrived:
            self.arrived = True
            self._change(THEN)
        return bool(self.solver.getModelStatus() == highspy.HighsModelStatus.kOptimal)

    def _change(self, options: dict[str, Any]) -> None:
        for option, value in options.items():
            self.solver.setOptionValue(option, value)


def _solver(problem: Hidden) -> Any:
    """The known sums in a solver that starts from the table at which it last arrived."""
    import highspy

    height, width = problem.known.shape
    model = highspy.HighsLp()
    model.num_row_, model.num_col_ = height, width
    model.row_lower_ = model.row_upper_ = problem.values
    model.col_cost_ = model.col_lower_ = np.zeros(width)
    model.col_upper_ = np.full(width, 2 * problem.values.sum() + np.nansum(problem.small) + 1000)
    model.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
    model.a_matrix_.start_, model.a_matrix_.index_, model.a_matrix_.value_ = problem.known.indptr, problem.known.indices, problem.known.data
    solver = _quiet()
    solver.setOptionValue("solver", "ipm" if height > SEVERAL else "simplex")
    solver.setOptionValue("presolve", "on" if height > SEVERAL else "off")
    solver.passModel(model)
    return solver


def _quiet() -> Any:
    """A solver that prints nothing and runs in one thread."""
    import highspy

    solver: Any = highspy.Highs()  # type: ignore[no-untyped-call]
    solver.setOptionValue("output_flag", False)
    solver.setOptionValue("threads", 1)
    return solver


@cache
def _ready() -> None:
    """Run a solver once in this process: before its first run a crossover crashes."""
    _quiet().run()


def _simplified(problem: Hidden, goals: NDArray[np.int64]) -> tuple[Hidden, NDArray[np.int64]]:
    """The same problem for some of the targets, without counts that must be 0, sums that are known twice, and counts that nothing tells apart.

    With it the positions of the known sums that are left.
    """
    from scipy.sparse import vstack

    alive = ~_none(problem)
    known, targets = problem.known[:, alive], problem.targets[goals][:, alive]
    rows, _ = _different(known)
    known, values = known[rows], problem.values[rows]
    columns, same = _different(vstack([known, targets]).T.tocsr())
    truth = None if problem.truth is None else np.bincount(same, weights=problem.truth[alive], minlength=len(columns)).astype(np.float64)
    return Hidden(known[:, columns], values, targets[:, columns], problem.small[goals], truth), rows


def _none(problem: Hidden) -> NDArray[np.bool_]:
    """The counts that must be 0, because a sum of theirs is."""
    none = np.zeros(problem.known.shape[1], dtype=bool)
    zero = problem.known[problem.values == 0]
    plus, minus = zero.maximum(0), (-zero).maximum(0)
    while True:
        left = (~none).astype(np.float64)
        found = (plus.T @ (minus @ left == 0).astype(np.float64) > 0) | (minus.T @ (plus @ left == 0).astype(np.float64) > 0)
        if not (found & ~none).any():
            return none
        none |= found


def _different(rows: Any) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """The positions of the rows of a sparse matrix that differ, and for every row which of them it is.

    Rows are told apart by a sum of their entries times fixed 64-bit numbers.
    """
    from scipy.sparse import csr_array

    height, width = rows.shape
    keys = np.random.default_rng(0).integers(1, 1 << 62, size=width) * 2 + 1
    entries = np.unique(rows.data, return_inverse=True)[1].reshape(-1) + 1
    marks = csr_array((entries * keys[rows.indices], rows.indices, rows.indptr), shape=(height, width)) @ np.ones(width, dtype=np.int64)
    _, first, same = np.unique(marks, return_index=True, return_inverse=True)
    return first, same.reshape(-1)
