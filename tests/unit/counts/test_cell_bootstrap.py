"""Resampled cells against resampled patients, row by row: the same spread and distribution of every group's change."""

import numpy as np
import pytest
from scipy.stats import ks_2samp
from simulated import CARE, RACES, SEXES, cohort

from auditor.counts import bootstrap
from auditor.counts.cells import Cells
from auditor.counts.paired import Placed
from auditor.counts.scales import ArmTable
from auditor.counts.tables import rows
from auditor.result import Options

ARM = "successor:new"
REPLICATES = 3000
WEIGHTS = np.array([0.5, 1.0, 4.0])


def placed_of(patients, weighted):
    """The patients as cells; weights of a few sizes are a key, as bins of weights are in an audit."""
    if not weighted:
        return Placed.of(patients.table())
    keys = {"race": RACES, "sex": SEXES, "outcome": ("0", "1"), "weight": ("a", "b", "c"), **dict.fromkeys(patients.scores, CARE.levels)}
    codes = patients.codes() | {"weight": np.searchsorted(WEIGHTS, patients.weight)}
    return Placed.of(ArmTable("ckd", CARE, ("race", "sex"), tuple(patients.scores), Cells.count(keys, codes, patients.weight)))


def of_rows(patients, weighted, outcome=None):
    """Changes at a cut of 60 by race in resamples of the rows: (races, replicates)."""
    a, b = patients.scores["with_race"], patients.scores[ARM]
    known = ~np.isnan(a) & ~np.isnan(b)
    if outcome is not None:
        known &= patients.outcome == outcome
    delta = ((b < 60).astype(float) - (a < 60))[known]
    weight = (patients.weight if weighted else np.ones(len(a)))[known]
    race = patients.race[known]
    rng = np.random.default_rng(9)
    found = np.empty((len(RACES), REPLICATES))
    for r in range(REPLICATES):
        drawn = rng.integers(0, len(delta), len(delta))
        sums = [np.bincount(race[drawn], weights=x[drawn], minlength=len(RACES)) for x in (weight * delta, weight)]
        found[:, r] = sums[0] / sums[1]
    return found


@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("outcome", [None, 1])
def test_changes_spread_as_in_resampled_rows(weighted, outcome):
    patients = cohort(1500)
    patients.weight = np.random.default_rng(8).choice(WEIGHTS, size=1500)
    placed = placed_of(patients, weighted)
    chosen = placed if outcome is None else placed.among(outcome)
    (drawn,) = bootstrap.resample([chosen], ARM, weighted, REPLICATES, np.random.default_rng(1))
    place = [cut.decision for cut in placed.scale.cuts].index("ckd_g3a")
    found = bootstrap.changes(drawn, placed.groups)[placed.groups.grouping("race"), place]
    expected = of_rows(patients, weighted, outcome)
    assert found.std(axis=1) == pytest.approx(expected.std(axis=1), rel=0.06)
    noise = expected.std(axis=1) * np.sqrt(2 / REPLICATES)
    assert (np.abs(found.mean(axis=1) - expected.mean(axis=1)) <= 4 * noise).all()
    assert min(ks_2samp(f, e).pvalue for f, e in zip(found, expected, strict=True)) > 1e-3
    both = [group[0] - group[1] for group in (found, expected)]
    assert both[0].std() == pytest.approx(both[1].std(), rel=0.06)


def test_counts_of_a_resample_are_multinomial_counts_of_the_cells():
    placed = Placed.of(cohort(800).table())
    (drawn,) = bootstrap.resample([placed], ARM, False, 20_000, np.random.default_rng(2))
    both = (placed.cells.code("with_race") >= 0) & (placed.cells.code(ARM) >= 0)
    n = np.bincount(placed.place[both], weights=placed.cells.n[both], minlength=len(placed.groups.finest))
    share = n / n.sum()
    assert set(drawn[:, 0].sum(axis=0).tolist()) == {n.sum()}
    assert drawn[:, 0].mean(axis=1) == pytest.approx(n, rel=0.01)
    assert drawn[:, 0].var(axis=1) == pytest.approx(n * (1 - share), rel=0.05)
    np.testing.assert_array_equal(drawn, np.rint(drawn))


def test_parts_are_resampled_together_and_add_to_resamples_of_all():
    patients = cohort(1500)
    placed = placed_of(patients, False)
    parts = bootstrap.resample([placed.among(o) for o in (0, 1, -1)], ARM, False, REPLICATES, np.random.default_rng(4))
    everyone = np.sum(parts, axis=0)
    assert len(set(everyone[:, 0].sum(axis=0).tolist())) == 1
    assert len(set(parts[1][:, 0].sum(axis=0).tolist())) > 100, "how many have the outcome varies"
    place = [cut.decision for cut in placed.scale.cuts].index("ckd_g3a")
    for found, outcome in ((parts[1], 1), (everyone, None)):
        changes = bootstrap.changes(found, placed.groups)[placed.groups.grouping("race"), place]
        expected = of_rows(patients, False, outcome)
        assert changes.std(axis=1) == pytest.approx(expected.std(axis=1), rel=0.06)
        assert min(ks_2samp(f, e).pvalue for f, e in zip(changes, expected, strict=True)) > 1e-3


def test_a_group_without_patients_has_no_change():
    placed = Placed.of(cohort(800).table())
    nobody = placed.where(np.zeros(len(placed.cells), dtype=bool))
    (drawn,) = bootstrap.resample([nobody], ARM, False, 10, np.random.default_rng(3))
    assert not drawn.any()
    assert np.isnan(bootstrap.changes(drawn, placed.groups)).all()


def test_the_patients_of_an_arm_are_resampled_once_for_all_metrics(monkeypatch):
    seen = []
    resample = bootstrap.resample
    monkeypatch.setattr(bootstrap, "resample", lambda parts, arm, *given: seen.append(arm) or resample(parts, arm, *given))
    found = rows([cohort(6000).table()], {}, Options(by=("race",), replicates=20)).disparities
    drawn = {(row.arm, row.metric) for row in found if row.method == bootstrap.METHOD}
    assert len({metric for _, metric in drawn}) == 3
    assert sorted(seen) == sorted({arm for arm, _ in drawn})


def test_intervals_lie_around_the_disparity_of_their_own_metric():
    found = rows([cohort(6000).table()], {}, Options(by=("race",), replicates=400)).disparities
    drawn = [row for row in found if row.method == bootstrap.METHOD]
    assert len({row.metric for row in drawn}) == 3
    for row in drawn:
        width = row.upper - row.lower
        assert (row.lower + row.upper) / 2 == pytest.approx(row.introduced, abs=0.2 * width)
