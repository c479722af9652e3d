"""Intervals that hold for all contrasts of a family together: recounted by hand, nested, and seldom wrong in equal groups."""

import numpy as np
import pytest
from scipy import stats
from simulated import RACES, cohort
from statsmodels.stats.proportion import proportion_confint

from auditor.counts.cells import Cells
from auditor.counts.disclosure import hide
from auditor.counts.scales import ArmTable, Cut, Scale
from auditor.counts.tables import rows
from auditor.result import Options
from auditor.rows import Disparity

SCALE = Scale("score", (Cut("care", ">=", 1.0),))
OPTIONS = Options(by=("race", "sex"), replicates=200)
STRUCTURAL = {("race", r) for r in RACES if r != RACES[1]}


def one_way(groups: dict[str, tuple[int, int]], arms: tuple[str, ...] = ("without_race",), **options: str) -> list[Disparity]:
    """The disparities of groups of (patients, patients who gain a yes in every arm)."""
    names = tuple(groups)
    codes, n = [], []
    for i, (size, gained) in enumerate(groups.values()):
        codes += [[i, -1, 0, *(0 for _ in arms)], [i, -1, 0, *(1 for _ in arms)]]
        n += [size - gained, gained]
    keys = {"race": names, "outcome": ("0", "1"), "with_race": SCALE.levels} | dict.fromkeys(arms, SCALE.levels)
    count = np.array(n)
    cells = Cells(keys, np.array(codes, dtype=np.int32), count, count.astype(float), count.astype(float))
    table = ArmTable("simulated", SCALE, ("race",), ("with_race", *arms), cells)
    return list(rows([table], {}, Options(**{"by": ("race",), "reference": names[-1], **options})).disparities)


def by_hand(own: tuple[int, int], reference: tuple[int, int], contrasts: int) -> tuple[float, float]:
    """Square-and-add of two exact intervals at the level that Bonferroni leaves each contrast."""
    (n, x), (m, y) = own, reference
    (l1, u1), (l0, u0) = (proportion_confint(k, size, alpha=0.05 / contrasts, method="beta") for k, size in ((x, n), (y, m)))
    p, q = x / n, y / m
    return q - p - np.hypot(q - l0, u1 - p), q - p + np.hypot(u0 - q, p - l1)


@pytest.mark.parametrize("arms", [("without_race",), ("without_race", "successor:new")])
def test_joint_bounds_are_exact_intervals_at_bonferronis_level(arms):
    groups = {"A": (60, 20), "B": (45, 6), "C": (2000, 25), "D": (300, 9)}
    found = one_way(groups, arms)
    assert len(found) == 3 * len(arms)
    for row in found:
        assert row.family_size == 3 * len(arms)
        expected = by_hand(groups[row.group], groups["D"], 3 * len(arms))
        assert (row.joint_lower, row.joint_upper) == pytest.approx(expected)


def test_a_single_contrast_has_a_family_of_one():
    (row,) = one_way({"A": (80, 12), "B": (90, 30)})
    assert row.family_size == 1
    assert (row.joint_lower, row.joint_upper) == pytest.approx(by_hand((80, 12), (90, 30), 1))


def test_against_everyone_a_group_is_compared_with_all_others():
    groups = {"A": (60, 20), "B": (100, 6), "C": (200, 25)}
    for row in one_way(groups, reference="overall"):
        rest = tuple(int(x) for x in np.sum([v for k, v in groups.items() if k != row.group], axis=0))
        share = rest[0] / 360
        lower, upper = by_hand(groups[row.group], rest, 3)
        assert (row.joint_lower, row.joint_upper) == pytest.approx((lower * share, upper * share))


@pytest.mark.parametrize("weighted", [False, True])
def test_joint_bounds_hold_the_contrasts_own(weighted):
    found = rows([cohort(4000).table(weighted)], {}, OPTIONS, STRUCTURAL, weighted).disparities
    bounded = [r for r in found if r.lower is not None]
    assert len(bounded) > 50
    for row in bounded:
        assert row.joint_lower <= row.lower < row.upper <= row.joint_upper
        assert row.claimed <= (row.lower > 0 or row.upper < 0)
    assert any(r.claimed for r in bounded)


def test_contrasts_that_are_zero_by_construction_do_not_count():
    found = rows([cohort(4000).table()], {}, OPTIONS, STRUCTURAL).disparities
    sizes = {(r.by, r.family_size) for r in found if r.decision == "ckd_g3a" and r.family_size is not None}
    # one group with the term against White without it, and three under the successor; two sexes; eight intersections, both arms
    assert sizes == {("race", 4), ("sex", 2), ("race,sex", 14)}
    assert all(r.joint_lower is None and r.family_size is None for r in found if r.method == "structural zero")


def test_the_size_of_a_family_does_not_tell_who_has_too_few_patients():
    patients = cohort(4000)
    patients.outcome[(patients.race == 0) & (patients.outcome == 1)] = -1
    found = [
        r for r in rows([patients.table()], {}, OPTIONS, STRUCTURAL).disparities if r.metric == "true_positive_rate" and r.by == "race"
    ]
    assert {r.status for r in found if r.group == "Asian"} == {"not_estimable"}
    assert {r.family_size for r in found if r.family_size is not None} == {4}


def test_a_hidden_row_keeps_no_bound():
    row = hide(one_way({"A": (80, 12), "B": (90, 30)})[0])
    assert (row.joint_lower, row.joint_upper, row.family_size, row.claimed) == (None, None, None, False)


def test_a_result_without_joint_bounds_is_read_by_its_own():
    row = Disparity(
        calculator="c", decision="d", by="race", reference="A", group="B", metric="selection_rate", arm="x", lower=0.1, upper=0.2
    )
    assert row.together == (0.1, 0.2)
    assert row.claimed


def test_what_is_detectable_lies_beyond_the_joint_interval():
    (row,) = one_way({"A": (4000, 400), "B": (4000, 400)})
    joint, alone = (row.joint_upper - row.joint_lower) / 2, (row.upper - row.lower) / 2
    assert row.detectable == pytest.approx(joint + alone * stats.norm.ppf(0.8) / stats.norm.ppf(0.975), rel=1e-5)
