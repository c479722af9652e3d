"""KDIGO categories: every limit, the whole risk grid, and the boundary faults of public packages."""

import pytest

from calculators.nephrology.kdigo import kdigo_ga_2024


def category(name, egfr=100, urine_acr=5):
    return kdigo_ga_2024.with_race({"egfr": egfr, "urine_acr": urine_acr})[name][0]


@pytest.mark.parametrize(
    ("limit", "at", "below"), [(90, "G1", "G2"), (60, "G2", "G3a"), (45, "G3a", "G3b"), (30, "G3b", "G4"), (15, "G4", "G5")]
)
def test_gfr_limits_belong_to_the_milder_category(limit, at, below):
    assert (category("gfr_category", egfr=limit), category("gfr_category", egfr=limit - 1e-9)) == (at, below)


@pytest.mark.parametrize(("acr", "expected"), [(29.999, "A1"), (30, "A2"), (300, "A2"), (300.001, "A3")])
def test_albuminuria_limits(acr, expected):
    assert category("albuminuria_category", urine_acr=acr) == expected


def test_the_risk_grid():
    grid = {
        100: ["low", "moderate", "high"],
        75: ["low", "moderate", "high"],
        50: ["moderate", "high", "very_high"],
        35: ["high", "very_high", "very_high"],
        20: ["very_high"] * 3,
        10: ["very_high"] * 3,
    }
    for egfr, row in grid.items():
        assert [category("risk_category", egfr=egfr, urine_acr=acr) for acr in (10, 100, 1000)] == row


def test_an_unknown_ratio_gives_no_category():
    assert category("risk_category", urine_acr=float("nan")) == ""
