"""What the sum of a group's points tells of a hidden cut-off is what all ways to spread the points would allow."""

from itertools import combinations_with_replacement

import numpy as np
import pytest

from auditor.counts.score_disclosure import _Cuts

CUTS = np.array([2.0, 4.0, 5.0])
SHOWN = [(False, False, False), (True, False, False), (False, True, False), (False, False, True), (True, False, True), (True, True, False)]
PATIENTS = 7


def above(points):
    return [sum(point >= cut for point in points) for cut in CUTS]


@pytest.mark.parametrize("shown", SHOWN)
def test_no_way_to_spread_the_points_lies_outside_the_range(shown):
    everyone = list(combinations_with_replacement(range(6), PATIENTS))
    ways = {}
    for points in everyone:
        told = (sum(points), *(count for count, seen in zip(above(points), shown, strict=True) if seen))
        ways.setdefault(told, []).append(above(points))
    truths = np.array([above(points) for points in everyone], dtype=float)
    totals = np.array([sum(points) for points in everyone], dtype=float)
    n, seen = np.full(len(everyone), float(PATIENTS)), np.tile(shown, (len(everyone), 1))
    least, most = _Cuts(CUTS, True).ranges(truths, seen, n, totals, 1)
    exact = 0
    for i, (points, truth) in enumerate(zip(everyone, truths, strict=True)):
        told = (sum(points), *(int(count) for count, known in zip(truth, shown, strict=True) if known))
        possible = np.array(ways[told])
        hidden = ~np.array(shown)
        assert (least[i][hidden] <= possible.min(axis=0)[hidden]).all()
        assert (most[i][hidden] >= possible.max(axis=0)[hidden]).all()
        assert not np.concatenate([least[i][~hidden], most[i][~hidden]]).any()
        exact += (most[i][hidden] == possible.max(axis=0)[hidden]).sum()
    assert exact > 0.5 * len(everyone)


def test_groups_are_bounded_one_by_one():
    rng = np.random.default_rng(1)
    points = rng.integers(0, 9, size=(40, 60))
    truth = np.stack([(points >= cut).sum(axis=1) for cut in CUTS], axis=1).astype(float)
    shown, n, total = rng.random(truth.shape) < 0.5, np.full(40, 60.0), points.sum(axis=1).astype(float)
    together = _Cuts(CUTS, False).ranges(truth, shown, n, total, 11)
    for i in range(40):
        one = _Cuts(CUTS, False).ranges(truth[[i]], shown[[i]], n[[i]], total[[i]], 11)
        assert [x[i].tolist() for x in together] == [x[0].tolist() for x in one]
    hidden = ~shown
    assert (together[0] <= truth)[hidden].all()
    assert ((together[1] >= truth) | (together[1] == 0))[hidden].all()
    assert (together[1][hidden] > 0).any()
