"""Bands of points: where one ends and the next begins."""

from calculators.points import points_from


def test_a_band_holds_its_lower_bound_and_runs_to_the_next():
    assert points_from([9, 9.5, 10, 19.9, 20, 500], 0, {10: 2, 20: 4}).tolist() == [0, 0, 2, 2, 4, 4]


def test_the_last_bit_of_a_unit_conversion_misses_no_bound():
    assert points_from([110 - 1e-12, 109.99], 0, {110: 2}).tolist() == [2, 0]
