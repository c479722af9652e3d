"""Worst cases for patients whose group is not recorded, against trying every way in which they could belong to it."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from simulated import CARE, RACES, cohort

from auditor import audit
from auditor.counts.bounds import bound_rows, tipping, worst_cases
from auditor.counts.cells import Cells
from auditor.counts.scales import ArmTable
from auditor.result import Options

few = st.integers(0, 6)


def ways(up, down, n, more, fewer, still):
    """Every number of patients of each kind who may join, with the change that results."""
    for a in range(more + 1):
        for b in range(fewer + 1):
            for c in range(still + 1):
                if n + a + b + c:
                    yield a + b + c, (up - down + a - b) / (n + a + b + c)


@settings(max_examples=200, deadline=None)
@given(up=few, down=few, rest=few, more=few, fewer=few, still=few)
def test_bounds_are_the_extremes_of_every_way_to_belong(up, down, rest, more, fewer, still):
    n = up + down + rest
    if not n:
        return
    numbers = [np.array([float(x)]) for x in (up, down, n, more, fewer, more + fewer + still)]
    lowest, highest = worst_cases(*numbers)
    changes = [change for _, change in ways(up, down, n, more, fewer, still)]
    assert lowest[0] == pytest.approx(min(changes), abs=1e-12)
    assert highest[0] == pytest.approx(max(changes), abs=1e-12)


@settings(max_examples=200, deadline=None)
@given(up=few, down=few, rest=few, more=few, fewer=few, still=few, reference=st.sampled_from([-0.5, -0.2, 0.0, 0.1, 0.4]))
def test_no_smaller_share_than_the_tipping_point_turns_the_sign(up, down, rest, more, fewer, still, reference):
    n = up + down + rest
    if not n or (up - down) / n == reference:
        return
    found = tipping(up, down, n, (more, fewer, more + fewer + still), reference)
    above = (up - down) / n > reference
    turning = [
        m for m, change in ways(up, down, n, more, fewer, still) if (change <= reference + 1e-12 if above else change >= reference - 1e-12)
    ]
    if not turning:
        assert np.isnan(found) or found * (more + fewer + still) > more + fewer + still - 1
    else:
        assert min(turning) - 1 < found * (more + fewer + still) <= min(turning) + 1e-9


def test_rates_follow_the_formula_of_the_textbook():
    lowest, highest = worst_cases(*(np.array([x]) for x in (30.0, 0.0, 100.0, 4.0, 0.0, 20.0)))
    assert (lowest[0], highest[0]) == (30 / (100 + 20 - 4), (30 + 4) / (100 + 4))


def table(unknown: float) -> ArmTable:
    patients = cohort(4000, seed=2)
    rng = np.random.default_rng(0)
    patients.race = np.where(patients.race == 2, 3, patients.race)
    patients.race[rng.random(4000) < unknown] = 2
    levels = {"race": RACES, "outcome": ("0", "1")} | dict.fromkeys(patients.scores, CARE.levels)
    codes = patients.codes()
    return ArmTable("ckd", CARE, ("race",), tuple(patients.scores), Cells.count(levels, {k: codes[k] for k in levels}))


def test_rows_come_where_more_than_five_percent_are_unknown():
    options = Options(by=("race",))
    assert list(bound_rows([table(0.03)], options)) == []
    found = list(bound_rows([table(0.15)], options))
    assert {(b.arm, b.metric) for b in found} == {
        ("with_race", "selection_rate"),
        ("without_race", "change"),
        ("successor:new", "change"),
    }
    assert "Unknown" not in {b.group for b in found}
    for b in found:
        assert b.lowest <= b.value <= b.highest
        assert 0.13 < b.unknown < 0.17
        assert b.reference == "White"
        assert b.tipping is None or (0 < b.tipping <= 1 and b.group != "White")
    black = next(b for b in found if (b.group, b.arm, b.decision) == ("Black or African American", "without_race", "ckd_g3a"))
    assert black.highest > black.value > 0


@pytest.mark.parametrize("few", [False, True])
def test_a_protected_result_keeps_bounds_only_of_what_it_shows(few):
    rng = np.random.default_rng(4)
    n = 3000
    share = [0.3, 0.498, 0.002, 0.2] if few else [0.3, 0.3, 0.2, 0.2]
    frame = pd.DataFrame(
        {
            "creatinine": np.round(np.clip(rng.normal(1.25, 0.4, n), 0.4, 6), 2),
            "age": rng.integers(40, 90, n),
            "sex": rng.choice(["female", "male"], n),
            "race": rng.choice(["Black or African American", "White", "Asian", ""], n, p=share),
        }
    )
    closed, whole = (audit(frame, "ckd_epi_cr_2009", internal=i, replicates=10)["ckd_epi_cr_2009"] for i in (False, True))
    assert {b.group for b in whole.bounds} == {"Asian", "Black or African American", "White"}
    hidden = {(c.decision, c.arm, c.group) for c in closed.changes if c.status == "suppressed"}
    for b in closed.bounds:
        if b.metric == "change" and any((b.decision, b.arm, g) in hidden for g in (b.group, b.reference, "Not collected")):
            assert b.status == "suppressed"
        if b.status == "suppressed":
            assert b.value is b.lowest is b.highest is b.tipping is b.unknown is None
    assert any(b.status == "ok" for b in closed.bounds) is not few
