"""The range that a hidden count can be narrowed to, against enumeration."""

from itertools import product

import numpy as np
import pytest

from auditor.counts.narrowing import Hidden, _straight, feasible_range, too_narrow


def table(cells, rows_known=True):
    """A 2 x 3 table of which the margins are known."""
    truth = np.array(cells, dtype=float).reshape(-1)
    known = [np.kron(np.eye(2), np.ones(3)), np.kron(np.ones(2), np.eye(3))] if rows_known else [np.ones((1, 6))]
    return Hidden(truth, np.concatenate(known), np.eye(6))


def enumerated(problem, target):
    sums = problem.known @ problem.truth
    top = int(problem.truth.sum())
    values = []
    for a, b in product(range(top + 1), repeat=2):
        rows = [int(sums[0]), int(sums[1])]
        columns = [int(s) for s in sums[2:]]
        first = [a, b, rows[0] - a - b]
        second = [c - x for c, x in zip(columns, first, strict=True)]
        if min(first + second) >= 0 and sum(second) == rows[1]:
            values.append(float(target @ np.array(first + second)))
    return min(values), max(values)


@pytest.mark.parametrize("cells", [[3, 0, 5, 2, 7, 1], [1, 1, 1, 1, 1, 1], [0, 0, 9, 4, 0, 0], [12, 3, 8, 4, 15, 2]])
def test_range_equals_enumeration(cells):
    problem = table(cells)
    for target in problem.targets:
        assert feasible_range(problem, target) == pytest.approx(enumerated(problem, target), abs=1e-6)


def test_too_narrow_agrees_with_the_exact_ranges_side_by_side():
    rng = np.random.default_rng(4)
    problems = [table(rng.integers(0, 30, 6), rows_known=i % 3 > 0) for i in range(40)]
    for problem, narrow in zip(problems, too_narrow(problems, 11, every=True), strict=True):
        ranges = [feasible_range(problem, target) for target in problem.targets]
        assert narrow.tolist() == [top - low < 10 - 1e-6 for low, top in ranges]
    quick = too_narrow(problems, 11)
    full = too_narrow(problems, 11, every=True)
    assert [q.any() for q in quick] == [f.any() for f in full]


def test_a_count_that_subtraction_gives_is_too_narrow_and_a_free_one_is_not():
    given = Hidden(np.array([4.0, 50.0]), np.array([[1.0, 1.0], [0.0, 1.0]]), np.array([[1.0, 0.0]]))
    free = Hidden(np.array([4.0, 50.0]), np.array([[1.0, 1.0]]), np.array([[1.0, 0.0]]))
    assert [n.tolist() for n in too_narrow([given, free], 11)] == [[True], [False]]
    assert too_narrow([], 11) == []


@pytest.mark.parametrize("scale", [1, 10**6, 10**10])
def test_small_counts_beside_huge_ones_stay_confined_by_what_is_known_of_them(scale):
    truth = np.array([4.0, 3.0, 5.0 * scale, 8.0 * scale, 40.0, 60.0])
    known = np.array([[1.0, 1, 0, 0, 0, 0], [0, 1, 1, 0, 0, 0], [0, 0, 0, 1, 1, 0], [0, 0, 0, 0, 1, 1]])
    confined, free = np.eye(6)[0], np.eye(6)[5]
    (narrow,) = too_narrow([Hidden(truth, known, np.stack([confined, free]))], 11, every=True)
    assert narrow.tolist() == [True, False]


def test_the_line_through_the_truth_keeps_to_what_is_known():
    rng = np.random.default_rng(8)
    for _ in range(30):
        truth = rng.integers(0, 40, 12) * 10.0 ** rng.integers(0, 6, 12)
        problem = Hidden(truth, rng.integers(0, 2, (5, 12)).astype(float), np.eye(12))
        tables = _straight(problem)
        assert (tables >= 0).all()
        np.testing.assert_allclose(tables @ problem.known.T, np.broadcast_to(problem.known @ truth, (len(tables), 5)), atol=1e-6, rtol=0)
        assert (tables[0] == truth).all()
        assert len(tables) > 1
