"""The smooth calibration curve against other smoothers, its interval against simulation, and the gates of its points."""

import numpy as np
import pytest
import statsmodels.api as sm

from auditor.counts.calibration import curve_at
from auditor.counts.calibration_curve import LEAST_LEVELS, PERCENTILES, curve_rows
from auditor.counts.cells import Cells
from auditor.counts.sample import Sample
from auditor.counts.score_bins import BIN_ARM, BIN_WITH, LEVELS, ScoreTable, bins


def patients(n, seed=5, times=1.0):
    rng = np.random.default_rng(seed)
    logit = rng.normal(-1.2, 1.0, n)
    risk = 1 / (1 + np.exp(-logit))
    return risk, (rng.random(n) < 1 / (1 + np.exp(-times * logit))).astype(float)


def by_least_squares(at, risk, outcome, w):
    """Local linear regression by its definition: a weighted straight line through the nearest three quarters of the patients."""
    found = []
    for x in at:
        distance = np.abs(risk - x)
        order = np.argsort(distance)
        width = distance[order][np.argmax(np.cumsum(w[order]) >= 0.75 * w.sum())]
        kernel = np.clip(1 - (distance / width) ** 3, 0, None) ** 3 * w
        found.append(np.polyval(np.polyfit(risk - x, outcome, 1, w=np.sqrt(kernel)), 0))
    return np.array(found)


def table(risk, other, outcome, group=None, weights=None, output="ascvd_10_year", arm="without_race", probability=1.0):
    group = np.zeros(len(risk), np.int32) if group is None else group
    keys = {"race": ("A", "B"), "outcome": ("0", "1"), BIN_WITH: LEVELS, BIN_ARM: LEVELS}
    codes = {"race": group, "outcome": outcome.astype(np.int32), BIN_WITH: bins(risk), BIN_ARM: bins(other)}
    return ScoreTable("c", output, arm, ("race",), Cells.count(keys, codes, weights), False, probability)


@pytest.mark.parametrize("weighted", [False, True])
def test_the_curve_is_local_linear_regression(weighted):
    risk, outcome = patients(900, times=0.6)
    w = np.random.default_rng(1).gamma(2, 1, len(risk)) if weighted else np.ones(len(risk))
    at = np.quantile(risk, [0.05, 0.3, 0.5, 0.8, 0.95])
    fitted, lower, upper = curve_at(at, risk, outcome, Sample(np.ones(len(w), int), w, w * w))
    assert fitted == pytest.approx(by_least_squares(at, risk, outcome, w), abs=1e-9)
    assert (lower < fitted).all()
    assert (fitted < upper).all()
    if not weighted:
        assert fitted == pytest.approx(sm.nonparametric.lowess(outcome, risk, frac=0.75, it=0, xvals=at), abs=2e-3)


def test_intervals_hold_the_curve_of_calibrated_risks():
    rng = np.random.default_rng(8)
    held = []
    for seed in range(200):
        risk, outcome = patients(500, seed)
        at = np.quantile(risk, [0.1, 0.5, 0.9])
        w = rng.gamma(2, 1, len(risk)) if seed % 2 else np.ones(len(risk))
        _, lower, upper = curve_at(at, risk, outcome, Sample(np.ones(len(w), int), w, w * w))
        held.append((lower <= at) & (at <= upper))
    share = np.mean(held)
    assert 0.92 < share < 0.985
    assert share != 1


def test_rows_are_points_of_every_group_and_arm():
    risk, outcome = patients(4000, times=0.7)
    other = risk**1.2
    group = (np.arange(4000) % 4 == 0).astype(np.int32)
    rows = list(curve_rows([table(risk, other, outcome, group)], False, 11))
    found = {(r.arm, r.group, r.percentile): r for r in rows}
    assert len(found) == len(rows) == 2 * 3 * len(PERCENTILES)
    for name, inside in (("A", group == 0), ("B", group == 1), ("all", group >= 0)):
        for arm, score in (("with_race", risk), ("without_race", other)):
            at = np.quantile(score[inside], np.array(PERCENTILES) / 100)
            expected = by_least_squares(at, score[inside], outcome[inside], np.ones(inside.sum()))
            for percentile, x, y in zip(PERCENTILES, at, expected, strict=True):
                row = found[arm, name, percentile]
                assert row.n == inside.sum()
                assert row.risk == pytest.approx(x, rel=0.01)
                assert row.observed == pytest.approx(y, abs=2e-3)
                assert row.lower < row.observed < row.upper
                assert row.status == "ok"


def test_weights_stand_for_persons():
    risk, outcome = patients(2000)
    times = np.random.default_rng(2).integers(1, 4, len(risk))
    weighted = list(curve_rows([table(risk, risk, outcome, weights=times.astype(float))], True, 11))
    repeated = list(curve_rows([table(*(np.repeat(x, times) for x in (risk, risk, outcome)))], False, 11))
    assert [(r.risk, r.observed) for r in weighted] == [(r.risk, r.observed) for r in repeated]
    assert all(a.upper - a.lower > b.upper - b.lower for a, b in zip(weighted, repeated, strict=True))
    assert weighted[0].n == 2000
    assert weighted[0].method.endswith("weights without design")


def test_few_events_few_levels_and_thin_ends_have_no_point():
    risk, outcome = patients(420, 3)
    assert min(outcome.sum(), (1 - outcome).sum()) >= 100

    def status(rows):
        return [r.status for r in rows if r.group == "all" and r.arm == "with_race"]

    assert status(curve_rows([table(risk, risk, outcome)], False, 11)) == ["ok"] * 7
    assert status(curve_rows([table(risk, risk, outcome)], False, 30)) == ["not_estimable", *["ok"] * 5, "not_estimable"]
    few = outcome * (np.cumsum(outcome) <= 99)
    assert set(status(curve_rows([table(risk, risk, few)], False, 11))) == {"not_estimable"}
    levels = np.quantile(risk, np.linspace(0, 1, LEAST_LEVELS - 1))
    steps = levels[np.abs(risk[:, None] - levels).argmin(axis=1)]
    assert set(status(curve_rows([table(steps, steps, outcome)], False, 11))) == {"not_estimable"}
    assert all(r.n is r.risk is r.observed is None for r in curve_rows([table(steps, steps, outcome)], False, 11))


def test_with_race_stands_once_and_scores_that_are_no_risks_have_no_curve():
    risk, outcome = patients(1000)
    tables = [table(risk, risk, outcome), table(risk, risk, outcome, arm="successor:new")]
    arms = [r.arm for r in curve_rows(tables, False, 11) if r.group == "all"]
    assert [arms.count(arm) for arm in ("with_race", "without_race", "successor:new")] == [7, 7, 7]
    assert not list(curve_rows([table(risk, risk, outcome, probability=0.0)], False, 11))
