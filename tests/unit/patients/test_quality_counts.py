"""What a column of numbers holds, against a count value by value."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from auditor.patients.quality import check_number
from calculators.inputs import vocabulary

NUMBERS = [quantity for quantity in vocabulary().values() if quantity.kind != "category"]
VALUES = st.lists(st.sampled_from([0.0, -0.0, 1.0, 0.5, 2.0, 70.0, 1e9, -1.0, math.nan, math.inf, -math.inf]) | st.floats(), max_size=6)


@pytest.mark.filterwarnings("error")
@given(st.sampled_from(NUMBERS), VALUES)
def test_what_is_missing_or_implausible_is_counted_and_left_out(quantity, values) -> None:
    low, high = quantity.plausible or (-math.inf, math.inf)

    def usable(value: float) -> bool:
        return math.isfinite(value) and low <= value <= high and (quantity.kind != "boolean" or value in (0, 1))

    cleaned, counts = check_number(quantity, np.array(values))
    missing = sum(map(math.isnan, values))
    assert np.array_equal(cleaned, [value if usable(value) else math.nan for value in values], equal_nan=True)
    assert (counts.n, counts.missing, counts.usable) == (len(values), missing, sum(map(usable, values)))
    assert counts.implausible == len(values) - missing - counts.usable
