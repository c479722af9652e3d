"""Bands of points: where one ends and the next begins."""

import csv
from pathlib import Path

import numpy as np
import pytest

from calculators.points import over, points_from, under
from calculators.registry import get

VECTORS = Path(__file__).parents[2] / "spec" / "vectors"


def test_a_band_holds_its_lower_bound_and_runs_to_the_next():
    assert points_from([9, 9.5, 10, 19.9, 20, 500], 0, {10: 2, 20: 4}).tolist() == [0, 0, 2, 2, 4, 4]


def test_the_last_bit_of_a_unit_conversion_misses_no_bound():
    assert points_from([110 - 1e-12, 109.99], 0, {110: 2}).tolist() == [2, 0]


def test_over_and_under_compare_at_six_decimals():
    last_bit = 1.2 + 2**-52
    assert last_bit > 1.2
    assert over([1.2, last_bit, 1.200001], 1.2).tolist() == [False, False, True]
    assert under([1.2, 1.2 - 2**-52, 1.199999], 1.2).tolist() == [False, False, True]


@pytest.mark.parametrize(
    ("id", "name", "cut", "at_or_below", "above"),
    [
        ("emergency_surgery_score_2016", "creatinine", 1.2, 0, 2),
        ("emergency_surgery_score_2016", "age", 60, 0, 2),
        ("emergency_surgery_score_2016", "white_cell_count", 25, 1, 2),
        ("stone_2014", "pain_duration", 24, 1, 0),
        ("qsofa_2016", "systolic_bp", 100, 1, 0),
        ("same_tt2r2_2013", "age", 60, 0, 0),
        ("timi_ua_nstemi_2000", "age", 65, 1, 1),
        ("warfarin_iwpc_clinical_2009", "age", 70, None, None),
    ],
)
def test_the_last_bit_of_a_conversion_misses_no_cut(id, name, cut, at_or_below, above):
    calculator = get(id)
    with (VECTORS / f"{id}.csv").open(newline="") as file:
        row = next(csv.DictReader(file))
    columns = {k: [row[k]] * 4 for k in (*calculator.inputs, *calculator.optional_inputs)}
    columns[name] = [cut, np.nextafter(cut, 0), np.nextafter(cut, 1000), cut + 0.001]
    scores = calculator.without_race(columns)[calculator.outputs[0].name]
    assert scores[0] == scores[1] == scores[2]
    if above is not None:
        assert scores[3] - scores[0] == above - at_or_below
