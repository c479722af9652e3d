"""Ranges printed in whole years or weeks hold to the day before the next one is completed."""

import csv
from pathlib import Path

import numpy as np
import pytest

from calculators.card import range_text
from calculators.declare import completed
from calculators.registry import get

VECTORS = Path(__file__).parents[2] / "spec" / "vectors"


def patient(id):
    with (VECTORS / f"{id}.csv").open(newline="") as file:
        return {name: [value or "nan"] for name, value in next(csv.DictReader(file)).items()}


@pytest.mark.parametrize(
    ("id", "name", "last"),
    [
        ("pce_2013", "age", 79),
        ("pce_2013_extended", "age", 79),
        ("pce_revised_2018", "age", 79),
        ("prevent_2023_base", "age", 79),
        ("prevent_2023_full", "age", 79),
        ("framingham_general_cvd_2008", "age", 74),
        ("crc_pro_2014", "age", 85),
        ("pbcg_2018", "age", 90),
        ("uticalc_v1_2018", "age", 1),
        ("uticalc_v3_2022", "age", 1),
        ("nichd_efw_race_2015", "gestational_age", 42),
        ("hadlock_efw_centile_1991", "gestational_age", 41),
    ],
)
def test_the_last_year_or_week_counts_until_the_next_is_completed(id, name, last):
    calculator = get(id)
    columns = {k: v * 3 for k, v in patient(id).items() if k in (*calculator.inputs, *calculator.optional_inputs)}
    scores = calculator.without_race({**columns, name: [last, last + 0.999, last + 1]})
    assert list(np.isnan(scores[calculator.outputs[0].name])) == [False, False, True]


def test_the_card_says_under():
    assert range_text("age", completed(40, 79)) == "age 40 to under 80 a"
    assert range_text("age", (40, 79)) == "age 40 to 79 a"
    assert range_text("age", (18, None)) == "age 18 a and over"
    assert range_text("psa", (2, 50)) == "psa 2 to 50 ng/mL"
