"""Directly standardised disparities against a recount of the patients."""

import numpy as np
import pytest
from simulated import RACES, cohort

from auditor.counts.scales import ArmTable
from auditor.counts.standardisation import standardised_rows
from auditor.result import Options

OPTIONS = Options(by=("race", "sex"))


def recount(patients, arm, weight):
    """Standardised rates below 60 of every race with race and in the arm."""
    a, b = patients.scores["with_race"], patients.scores[arm]
    both = ~np.isnan(a) & ~np.isnan(b)
    shares = [weight[both & (patients.sex == s)].sum() / weight[both].sum() for s in (0, 1)]
    return {
        race: [
            sum(
                share * np.average(score[inside] < 60, weights=weight[inside])
                for s, share in enumerate(shares)
                for inside in [both & (patients.race == i) & (patients.sex == s)]
            )
            for score in (a, b)
        ]
        for i, race in enumerate(RACES)
    }


@pytest.mark.parametrize("weighted", [False, True])
def test_rows_are_the_recounted_rates(weighted):
    patients = cohort(5000)
    patients.sex[(patients.race == 1) & (np.arange(5000) % 3 > 0)] = 1
    weight = patients.weight if weighted else np.ones(5000)
    rows = [r for r in standardised_rows([patients.table(weighted)], OPTIONS, (), weighted) if r.decision == "ckd_g3a"]
    assert {(r.by, r.over, r.reference) for r in rows} == {("race", "sex", "White")}
    assert {r.group for r in rows} == {"Asian", "Black or African American", "Unknown"}
    for row in rows:
        rates = recount(patients, row.arm, weight)
        (with_race, other), (base_with, base_other) = rates[row.group], rates["White"]
        assert row.with_ == pytest.approx(with_race - base_with)
        assert row.other == pytest.approx(other - base_other)
        assert row.introduced == pytest.approx(row.with_ - row.other, abs=1e-12)
        assert row.ratio_with == pytest.approx(with_race / base_with)
        assert row.lower <= row.introduced <= row.upper


def test_interval_is_near_the_variance_of_the_strata():
    patients = cohort(40_000)
    row = next(
        r
        for r in standardised_rows([patients.table()], OPTIONS)
        if (r.decision, r.arm, r.group) == ("ckd_g3a", "successor:new", "Black or African American")
    )
    a, b = patients.scores["with_race"], patients.scores["successor:new"]
    both = ~np.isnan(a) & ~np.isnan(b)
    delta = (a < 60).astype(float) - (b < 60)
    variance = 0.0
    for sex in (0, 1):
        share = (both & (patients.sex == sex)).sum() / both.sum()
        for race in (1, 3):
            x = delta[both & (patients.race == race) & (patients.sex == sex)]
            variance += share**2 * x.var() / len(x)
    assert row.upper - row.lower == pytest.approx(2 * 1.96 * np.sqrt(variance), rel=0.03)


def test_a_group_without_a_stratum_is_not_estimable():
    patients = cohort(3000)
    patients.sex[patients.race == 0] = 1
    rows = {r.group: r for r in standardised_rows([patients.table()], OPTIONS) if (r.decision, r.arm) == ("ckd_g3a", "without_race")}
    assert (rows["Asian"].status, rows["Asian"].with_, rows["Asian"].lower) == ("not_estimable", None, None)
    assert (rows["Asian"].ratio_with, rows["Asian"].ratio_other) == (None, None)
    assert rows["Black or African American"].status == "ok"


def test_one_attribute_has_no_standardised_rows():
    table = cohort(500).table(by=("race",))
    assert isinstance(table, ArmTable)
    assert list(standardised_rows([table], Options(by=("race",)))) == []
