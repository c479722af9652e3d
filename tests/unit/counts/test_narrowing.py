"""The range that a hidden count can be narrowed to, against enumeration."""

from itertools import product

import numpy as np
import pytest

from auditor.counts.narrowing import Hidden, feasible_range, too_narrow


def table(cells, rows_known=True):
    """A 2 x 3 table of which the margins are known."""
    truth = np.array(cells, dtype=float).reshape(-1)
    known = [np.kron(np.eye(2), np.ones(3)), np.kron(np.ones(2), np.eye(3))] if rows_known else [np.ones((1, 6))]
    return Hidden.around(truth, np.concatenate(known), np.eye(6))


def enumerated(problem, target):
    sums = problem.values
    top = int(sums[:2].sum())
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
    for target in problem.targets.toarray():
        assert feasible_range(problem, target) == pytest.approx(enumerated(problem, target), abs=1e-6)


def test_too_narrow_agrees_with_the_exact_ranges():
    rng = np.random.default_rng(4)
    found = []
    for i in range(40):
        problem = table(rng.integers(0, 14, 6), rows_known=i % 3 > 0)
        ranges = [feasible_range(problem, target) for target in problem.targets.toarray()]
        found.append([top - low < 10 - 1e-6 for low, top in ranges])
        assert too_narrow(problem, 11).tolist() == found[-1]
        first_table = too_narrow(problem, 11, np.array([0, 0, 0, 1, 1, 1]))
        assert [first_table[:3].any(), first_table[3:].any()] == [any(found[-1][:3]), any(found[-1][3:])]
    assert 20 < np.sum(found) < 220


def test_counts_that_must_be_none_and_counts_told_twice_change_no_answer():
    rng = np.random.default_rng(9)
    for _ in range(30):
        truth = rng.integers(0, 25, 10) * rng.integers(0, 2, 10)
        known = rng.integers(0, 2, (6, 10)).astype(float)
        link = np.zeros((1, 10))
        link[0, [0, 1]], link[0, [2, 3]] = 1, -1
        known = np.concatenate([known, known[:2], link]) if truth[:2].sum() == truth[2:4].sum() else np.concatenate([known, known[:2]])
        problem = Hidden.around(truth.astype(float), known, np.eye(10))
        ranges = [feasible_range(problem, target) for target in np.eye(10)]
        assert too_narrow(problem, 11).tolist() == [top - low < 10 - 1e-6 for low, top in ranges]


def test_a_count_that_subtraction_gives_is_too_narrow_and_a_free_one_is_not():
    given = Hidden.around(np.array([4.0, 50.0]), np.array([[1.0, 1.0], [0.0, 1.0]]), np.array([[1.0, 0.0]]))
    free = Hidden.around(np.array([4.0, 50.0]), np.array([[1.0, 1.0]]), np.array([[1.0, 0.0]]))
    assert [too_narrow(one, 11).tolist() for one in (given, free)] == [[True], [False]]


def test_numbers_that_contradict_each_other_leave_every_target_confined():
    free = Hidden.around(np.array([4.0, 50.0, 7.0]), np.array([[1.0, 1.0, 0.0], [1.0, 1.0, 1.0]]), np.eye(3)[[0]])
    against = Hidden(free.known, np.array([54.0, 30.0]), free.targets, free.small)
    assert (too_narrow(free, 11).tolist(), too_narrow(against, 11).tolist()) == ([False], [True])


@pytest.mark.parametrize("scale", [1, 10**6, 10**10])
def test_small_counts_beside_huge_ones_stay_confined_by_what_is_known_of_them(scale):
    truth = np.array([4.0, 3.0, 5.0 * scale, 8.0 * scale, 40.0, 60.0])
    known = np.array([[1.0, 1, 0, 0, 0, 0], [0, 1, 1, 0, 0, 0], [0, 0, 0, 1, 1, 0], [0, 0, 0, 0, 1, 1]])
    confined, free = np.eye(6)[0], np.eye(6)[5]
    narrow = too_narrow(Hidden.around(truth, known, np.stack([confined, free])), 11)
    assert narrow.tolist() == [True, False]
