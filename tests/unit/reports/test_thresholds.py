"""Thresholds are written as a clinician writes them."""

from __future__ import annotations

import invented
import msgspec
import pytest

from reports.thresholds import written


@pytest.mark.parametrize(
    ("output", "unit", "operator", "cutoff", "said"),
    [
        ("egfr", "mL/min/{1.73_m2}", "<=", 20.0, "eGFR ≤ 20"),
        ("ascvd_10_year", "1", ">=", 0.075, "10-year risk of ASCVD ≥ 7.5%"),
        ("kidney_failure_2_year", "1", ">", 0.4, "2-year risk of kidney failure > 40%"),
        ("breast_cancer", "1", ">=", 0.0167, "breast cancer ≥ 1.67%"),
        ("z_score", "1", "<", -1.645, "z-score < −1.645"),
        ("percent_predicted", "%", "<=", 55.0, "percent predicted ≤ 55%"),
        ("may_start", "boolean", ">=", 1.0, "may start: yes"),
        ("qsofa", "{score}", ">=", 2.0, "qSOFA ≥ 2"),
        ("points", "{score}", ">=", 1.0, "points ≥ 1"),
    ],
)
def test_thresholds_as_a_reader_writes_them(output: str, unit: str, operator: str, cutoff: float, said: str) -> None:
    decision = msgspec.structs.replace(invented.REFERRAL, output=output, operator=operator, cutoff=cutoff)
    card = msgspec.structs.replace(invented.card(), outputs=(f"{output} ({unit})", "other (1)"))
    assert written(decision, card) == said
