"""Whether changes hold under another policy for several races, or on rounded scores."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from auditor import audit
from auditor.counts.scales import Cut, Scale
from auditor.rows import Change
from auditor.sensitivity import ROUNDED, rounded, sensitivity, to_text, verdict


def half_up(values: np.ndarray, decimals: int) -> np.ndarray:
    return np.floor(values * 10**decimals + 0.5) / 10**decimals


@settings(max_examples=200, deadline=None)
@given(
    operator=st.sampled_from(["<", "<=", ">=", ">"]),
    cut=st.integers(-40, 1000).map(lambda x: x / 10),
    values=st.lists(st.floats(-10, 120).map(lambda x: round(x, 3)), min_size=1, max_size=30),
)
def test_a_moved_cut_says_of_a_score_what_the_cut_says_of_the_rounded_score(operator, cut, values):
    scores = np.array([v for v in values if abs((v % 1) - 0.5) > 1e-9] or [1.0])
    scale = Scale("egfr", (Cut("care", operator, cut),))
    moved = rounded(scale, 0)
    said = moved.yes("care")[moved.codes(scores)]
    whole = half_up(scores, 0)
    expected = {"<": whole < cut, "<=": whole <= cut, ">=": whole >= cut, ">": whole > cut}[operator]
    assert (said == expected).all()


def people(several: bool) -> pd.DataFrame:
    rng = np.random.default_rng(8)
    n = 2000
    race = rng.choice(
        ["Black or African American", "White", "Black or African American;White"], n, p=[0.25, 0.6, 0.15] if several else [0.4, 0.6, 0]
    )
    return pd.DataFrame(
        {
            "creatinine": np.round(np.clip(rng.normal(1.2, 0.4, n), 0.4, 6), 2),
            "age": rng.integers(40, 90, n),
            "sex": rng.choice(["female", "male"], n),
            "race": race,
        }
    )


def test_a_policy_matters_only_where_several_races_are_recorded():
    alone = sensitivity(people(False), "ckd_epi_cr_2009", replicates=10)
    assert {row.verdict for row in alone if row.choice == "several races by sole mention"} <= {"holds", "not shown"}
    mixed = {
        (row.decision, row.arm, row.group): row.verdict
        for row in sensitivity(people(True), "ckd_epi_cr_2009", replicates=10)
        if row.choice == "several races by sole mention"
    }
    assert mixed["ckd_g3a", "without_race", "Multiracial or multiethnic"] == "beyond the interval"
    assert mixed["ckd_g3a", "without_race", "Black or African American"] == "holds"


def test_verdicts_follow_a_recount_on_rounded_scores():
    frame = people(False)
    result = audit(frame, "ckd_epi_cr_2009", replicates=10, internal=True)
    found = {
        (r.decision, r.group): r.verdict
        for r in sensitivity(frame, "ckd_epi_cr_2009", replicates=10, internal=True)
        if r.choice == ROUNDED and r.arm == "without_race"
    }
    female, black = (frame["sex"] == "female").to_numpy(), (frame["race"] == "Black or African American").to_numpy()
    ratio = frame["creatinine"].to_numpy() / np.where(female, 0.7, 0.9)
    egfr = (
        141
        * np.where(ratio <= 1, ratio ** np.where(female, -0.329, -0.411), ratio**-1.209)
        * 0.993 ** frame["age"].to_numpy()
        * np.where(female, 1.018, 1)
    )
    before, after = half_up(egfr * np.where(black, 1.159, 1), 0) < 60, half_up(egfr, 0) < 60
    other = float((after.astype(float) - before)[black].mean())
    (change,) = [
        c
        for c in result["ckd_epi_cr_2009"].changes
        if (c.decision, c.arm, c.group) == ("ckd_g3a", "without_race", "Black or African American")
    ]
    assert change.change != other
    assert found["ckd_g3a", "Black or African American"] == ("holds" if change.lower <= other <= change.upper else "beyond the interval")


@pytest.mark.parametrize(
    ("change", "other", "expected"),
    [
        (Change(calculator="", decision="", arm="", by="", group="", change=0.1, lower=0.05, upper=0.15), 0.14, "holds"),
        (Change(calculator="", decision="", arm="", by="", group="", change=0.1, lower=0.05, upper=0.15), 0.16, "beyond the interval"),
        (Change(calculator="", decision="", arm="", by="", group="", change=0.1, lower=-0.05, upper=0.25), -0.01, "turns the sign"),
        (Change(calculator="", decision="", arm="", by="", group="", change=0.0), 0.01, "beyond the interval"),
        (Change(calculator="", decision="", arm="", by="", group="", status="suppressed"), 0.01, "not shown"),
    ],
)
def test_verdicts(change, other, expected):
    assert verdict(change, other) == expected


def test_the_text_counts_and_names_what_does_not_hold():
    text = to_text(sensitivity(people(True), "ckd_epi_cr_2009", replicates=10))
    assert "several races by sole mention" in text
    assert "Multiracial or multiethnic: beyond the interval" in text
