"""Tools that cannot be computed here: each says why, and what to do instead."""

from dataclasses import asdict

import pytest

from calculators.registry import registry, unavailable
from calculators.tables import read_table


@pytest.mark.parametrize("tool", unavailable().values(), ids=lambda tool: tool.id)
def test_every_field_is_filled(tool):
    for name, value in asdict(tool).items():
        assert len(value.strip()) > 2, f"{tool.id}: {name} is empty"


def test_ids_are_unique_and_no_calculator_has_them():
    ids = [row["id"] for row in read_table("unavailable.csv")]
    assert len(ids) == len(set(ids)) >= 36
    assert not set(ids) & set(registry().calculators)
