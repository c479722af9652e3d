"""Every calculator against the outputs of independent implementations, in both arms, for every group."""

import csv
from pathlib import Path

import numpy as np
import pytest

from calculators.registry import registry

VECTORS = Path(__file__).parent / "vectors"


def tolerance(calculator, rounding, expected):
    """Half a unit of the reference's last printed digit, or the calculator's relative tolerance."""
    absolute = 0.0 if rounding is None else 0.51 * 10.0**-rounding
    return absolute + calculator.tolerance * np.maximum(np.abs(expected), 1e-12)


@pytest.mark.parametrize("calculator", registry(), ids=lambda c: c.id)
def test_calculator_reproduces_its_vectors(calculator):
    path = VECTORS / f"{calculator.id}.csv"
    assert path.exists(), f"put the vectors of {calculator.id} into {path}"
    rows = list(csv.DictReader(path.open(newline="", encoding="utf-8")))
    names = (*calculator.inputs, *calculator.optional_inputs)
    compared = 0
    for arm in sorted({row["arm"] for row in rows}):
        chosen = [row for row in rows if row["arm"] == arm]
        patients = {name: column(calculator, name, chosen) for name in names}
        patients["race_group"] = [row["race_group"] for row in chosen]
        scores = calculator.with_race(patients) if arm == "with_race" else calculator.without_race(patients)
        for output in calculator.outputs:
            expected = [row.get(f"expected.{output.name}", "") for row in chosen]
            given = np.array([text != "" for text in expected])
            got = scores[output.name][given]
            compared += len(got)
            if output.kind == "category":
                assert list(got) == [text for text in expected if text]
                continue
            want = np.array([float(text) for text in expected if text])
            limit = tolerance(calculator, calculator.printed_decimals.get(output.name), want)
            if output.name.endswith("z_score"):
                limit = np.maximum(limit, 1e-9)
            wrong = ~(np.abs(got - want) <= limit)
            first = np.flatnonzero(given)[np.argmax(wrong)] if wrong.any() else None
            assert not wrong.any(), (
                f"{output.name} in {arm}: {wrong.sum()} of {len(want)} differ, first {got[wrong][0]} instead of {want[wrong][0]} for {chosen[first]}"
            )
    assert compared


def column(calculator, name, rows):
    values = [row.get(name, "") for row in rows]
    if calculator.input(name).kind == "category":
        return values
    return [float(v) if v != "" else np.nan for v in values]
