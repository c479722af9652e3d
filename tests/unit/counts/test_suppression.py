"""Complementary suppression of one table, and sizes that may be shown together."""

import numpy as np
import pytest

from auditor.counts.suppression import Layout, complete, small, spaced

RACES = [("overall", "all"), ("race", "Asian"), ("race", "Black"), ("race", "Unknown"), ("race", "White")]


def hide(counts, groups=RACES, k=11):
    counts = np.array(counts, dtype=float)[:, None]
    layout = Layout.of(groups)
    hidden = complete(small(counts, k).any(axis=1), counts, layout, counts[:, 0], k)
    return [group for (_, group), h in zip(groups, hidden, strict=True) if h]


def test_small_is_one_to_k_minus_one():
    assert small(np.array([0.0, 1, 10, 11]), 11).tolist() == [False, True, True, False]


def test_nothing_small_hides_nothing():
    assert hide([500, 100, 100, 100, 200]) == []


def test_one_small_group_takes_the_unknown_with_it():
    assert hide([507, 7, 100, 150, 250]) == ["Asian", "Unknown"]


def test_then_the_smallest_recorded_group_or_everyone_instead_of_a_large_one():
    assert hide([4107, 7, 100, 0, 4000]) == ["Asian", "Black"]
    assert hide([357, 7, 100, 0, 250]) == ["all", "Asian"]


def test_hidden_groups_together_are_at_least_k():
    assert hide([362, 4, 5, 3, 350]) == ["Asian", "Black", "Unknown"]
    assert hide([359, 4, 5, 0, 350]) == ["all", "Asian", "Black"]


def test_where_everyone_goes_a_row_of_every_other_sum_goes_too():
    groups = [("overall", "all"), ("race", "A"), ("race", "B"), ("race", "C"), ("sex", "f"), ("sex", "m")]
    assert hide([4107, 7, 100, 4000, 2000, 2107], groups) == ["A", "B"]
    assert hide([4507, 7, 500, 4000, 2000, 2507], groups) == ["all", "A", "f"]


def test_the_row_given_up_is_the_smallest_that_closes_the_gap():
    counts = np.array([[700, 27], [100, 7], [150, 0], [200, 20], [250, 0]], dtype=float)
    layout = Layout.of(RACES)
    hidden = complete(small(counts, 11).any(axis=1), counts, layout, counts[:, 0], 11)
    assert [group for (_, group), h in zip(RACES, hidden, strict=True) if h] == ["Asian", "Unknown"]


def test_where_no_group_is_left_the_total_goes():
    assert hide([5, 5, 0, 0, 0]) == ["all", "Asian"]
    assert hide([12, 5, 0, 0, 7]) == ["Asian", "White"]


def test_crossed_groups_need_two_hidden_in_every_row_and_column():
    groups = [("overall", "all"), ("race", "A"), ("race", "B"), ("race", "C"), ("sex", "f"), ("sex", "m")]
    groups += [("race,sex", f"{r}, {s}") for r in "ABC" for s in "fm"]
    cells = {"A, f": 5, "A, m": 95, "B, f": 40, "B, m": 60, "C, f": 200, "C, m": 300}
    counts = [700, 100, 100, 500, 245, 455, *cells.values()]
    assert hide(counts, groups) == ["A, f", "A, m", "B, f", "B, m"]


def test_labels_with_commas_do_not_confuse_the_lines():
    groups = [("overall", "all"), ("race", "x"), ("race", "y, z"), ("sex", "f"), ("race,sex", "x, f"), ("race,sex", "y, z, f")]
    layout = Layout.of(groups)
    assert {(line.total, line.members) for line in layout.lines} >= {(1, (4,)), (2, (5,)), (3, (4, 5))}


@pytest.mark.parametrize(
    ("values", "allowed"), [([2000, 1996, 1980], [True, False, True]), ([50, 50, 39], [True, True, True]), ([50, 40], [True, False])]
)
def test_sizes_are_shown_together_only_equal_or_k_apart(values, allowed):
    assert spaced(values, 11) == allowed
