"""An attacker on the calibration curve who knows every patient's risk: where it is shown, few with the outcome beyond a threshold stay hidden."""

import numpy as np
import pytest
from scipy.optimize import linprog

from auditor.counts.calibration import smoother
from auditor.counts.calibration_curve import PERCENTILES
from auditor.counts.score_disclosure import THIN

K = 11


def confined(risk, outcome, beyond):
    """The least and greatest number of events beyond a threshold that agree with the curve, area, Brier score and number of events."""
    n, events = len(risk), outcome.sum()
    points = np.quantile(risk, np.array(PERCENTILES) / 100)
    rank = np.argsort(np.argsort(risk)) / (events * (n - events))
    told = np.vstack([smoother(risk, np.ones(n), points), rank, (1 - 2 * risk) / n])
    limits = np.concatenate([told @ outcome, -(told @ outcome)]) + 0.5e-4
    ends = []
    for sign in (1, -1):
        found = linprog(
            sign * beyond, A_ub=np.vstack([told, -told]), b_ub=limits, A_eq=np.ones((1, n)), b_eq=[events], bounds=(0, 1), method="highs"
        )
        assert found.status == 0
        ends.append(sign * found.fun)
    return ends


@pytest.mark.parametrize("seed", range(4))
def test_few_events_among_many_beyond_a_threshold_stay_open(seed):
    rng = np.random.default_rng(seed)
    n, tried = int(rng.integers(500, 1400)), 0
    risk = np.sort(1 / (1 + np.exp(-rng.normal(-0.7, 2.4, n))))
    outcome = (rng.random(n) < risk).astype(float)
    for size in (THIN, 180):
        for beyond, of in ((np.arange(n) < size, outcome), (np.arange(n) >= n - size, 1 - outcome)):
            if 0 < of[beyond].sum() < K:
                least, most = confined(risk, outcome, beyond.astype(float))
                assert most - least >= K - 1
                tried += 1
    assert tried


def test_few_events_among_few_would_be_confined():
    rng = np.random.default_rng(2)
    risk = np.sort(1 / (1 + np.exp(-rng.normal(-0.6, 1, 330))))
    outcome = (rng.random(330) < risk).astype(float)
    beyond = np.arange(330) < 17
    assert 0 < outcome[beyond].sum() < K
    least, most = confined(risk, outcome, beyond.astype(float))
    assert most - least < K - 1
