"""With a survey design no number of an audit has an interval that does without it."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from auditor import audit
from auditor.result import AuditResult
from auditor.rows import TABLES
from calculators.registry import get

EXACT = ("structural zero", "no score changes")


@pytest.fixture(scope="module")
def result() -> AuditResult:
    rng = np.random.default_rng(3)
    n = 4000
    frame = pd.DataFrame(
        {
            "age": rng.integers(40, 80, n),
            "sex": rng.choice(["female", "male"], n),
            "total_cholesterol": rng.normal(200, 35, n).clip(131, 319).round(),
            "hdl_cholesterol": rng.normal(52, 13, n).clip(21, 99).round(),
            "systolic_bp": rng.normal(130, 18, n).clip(91, 199).round(),
            "bp_treated": rng.integers(0, 2, n),
            "smoker": rng.integers(0, 2, n),
            "diabetes": rng.integers(0, 2, n),
            "race": rng.choice(["Asian", "Black or African American", "Unknown", "White"], n, p=[0.1, 0.3, 0.1, 0.5]),
            "stratum": rng.integers(0, 15, n),
            "unit": rng.integers(0, 2, n),
            "persons": rng.gamma(2, 1000, n) + 100,
        }
    )
    coded = frame.assign(race_group=np.where(frame.race == "Black or African American", "Black", "White"))
    scores = get("pce_2013").without_race(coded)["ascvd_10_year"]
    frame["ascvd_10_year"] = (rng.random(n) < scores).astype(int)
    frame["seen"] = scores * rng.lognormal(0, 0.2, n)
    return audit(
        frame,
        ["pce_2013"],
        by=("race", "sex"),
        outcome="ascvd_10_year",
        truth="seen=ascvd_10_year",
        weights="persons",
        strata="stratum",
        psu="unit",
        proxy=True,
        internal=True,
        replicates=20,
    )


def test_every_interval_says_that_it_follows_the_design(result: AuditResult) -> None:
    without: set[tuple[str, str]] = set()
    seen = set()
    for table in TABLES:
        for row in result.rows(table):
            if getattr(row, "lower", None) is None:
                continue
            seen.add(table)
            if "Taylor linearisation" not in row.method and not row.method.startswith(EXACT):  # type: ignore[attr-defined]
                without.add((table, row.method))  # type: ignore[attr-defined]
    assert without == set()
    assert seen >= {"changes", "metrics", "disparities", "standardised", "measured", "calibration", "proxies"}


def test_nothing_takes_sampled_patients_as_independent(result: AuditResult) -> None:
    assert not result.rows("significance")
    assert not result.rows("shrunken")
    assert not [row for table in TABLES for row in result.rows(table) if "without design" in getattr(row, "method", "")]
    assert {row.lower for row in result.rows("proxies") if row.measure == "recorded_race_from_inputs"} == {None}
    assert {row.p is not None for row in result.rows("proxies") if row.measure == "gap_given_outcome"} == {True}
