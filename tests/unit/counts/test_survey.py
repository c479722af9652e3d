"""Survey design: variances against a recount patient by patient and against svy, a survey package."""

import numpy as np
import pytest
from simulated import CARE, RACES, Rows, cohort

from auditor.counts.cells import Cells
from auditor.counts.groups import Groups
from auditor.counts.paired import METHODS, Placed, change_intervals, pair
from auditor.counts.scales import ArmTable
from auditor.counts.survey import PSU, STRATUM, Design, korn_graubard, linearise
from auditor.counts.tables import rows
from auditor.result import Options

UNITS = 3


def sampled(n: int = 3000, strata: int = 12, seed: int = 5, lonely: bool = False) -> tuple[Rows, np.ndarray, np.ndarray]:
    """A cohort with strata and units in which patients of a unit resemble each other."""
    patients = cohort(n, seed)
    rng = np.random.default_rng(seed + 1)
    stratum, unit = rng.integers(0, strata, n), rng.integers(0, UNITS, n)
    if lonely:
        unit[stratum == 0] = 0
    like = rng.normal(1, 0.12, (strata, UNITS))[stratum, unit]
    for arm in patients.scores:
        patients.scores[arm] = patients.scores[arm] * like
    return patients, stratum, unit


def table_of(patients: Rows, stratum: np.ndarray, unit: np.ndarray, by: tuple[str, ...] = ("race",)) -> ArmTable:
    keys = {"race": RACES, "sex": ("female", "male")}
    keys = {k: keys[k] for k in by} | {STRATUM: tuple(map(str, range(stratum.max() + 1))), PSU: tuple(map(str, range(UNITS)))}
    keys |= {"outcome": ("0", "1")} | dict.fromkeys(patients.scores, CARE.levels)
    codes = patients.codes() | {STRATUM: stratum, PSU: unit}
    return ArmTable("ckd", CARE, by, tuple(patients.scores), Cells.count(keys, {k: codes[k] for k in keys}, patients.weight))


def recount(value, inside, weight, stratum, unit):
    """A weighted mean among some patients and its variance, patient by patient as in textbooks."""
    mean = np.sum(weight * value * inside) / np.sum(weight * inside)
    z = weight * inside * (value - mean) / np.sum(weight * inside)
    variance = 0.0
    grand = np.mean([z[(stratum == h) & (unit == u)].sum() for h, u in set(zip(stratum.tolist(), unit.tolist(), strict=True))])
    for h in set(stratum.tolist()):
        totals = np.array([z[(stratum == h) & (unit == u)].sum() for u in set(unit[stratum == h].tolist())])
        n = len(totals)
        variance += n / (n - 1) * ((totals - totals.mean()) ** 2).sum() if n > 1 else ((totals - grand) ** 2).sum()
    return mean, variance, z


@pytest.mark.parametrize("lonely", [False, True])
def test_changes_and_their_variances_equal_a_recount_of_patients(lonely):
    patients, stratum, unit = sampled(lonely=lonely)
    found = pair(Placed.of(table_of(patients, stratum, unit)), "without_race").linearised
    groups, _ = Groups.of_cells(table_of(patients, stratum, unit).cells, ("race",))
    with_race, without = patients.scores["with_race"], patients.scores["without_race"]
    known = ~np.isnan(with_race) & ~np.isnan(without)
    changed = np.nan_to_num((without < 60).astype(float) - (with_race < 60).astype(float))
    for g, label in enumerate(groups.label):
        inside = known & ((patients.race == RACES.index(label)) if label in RACES else True)
        mean, variance, _ = recount(changed, inside, patients.weight, stratum, unit)
        assert found.rate[g, 0] == pytest.approx(mean, rel=1e-12, abs=1e-15)
        assert found.variance[g, 0] == pytest.approx(variance, rel=1e-9, abs=1e-18)
        units = {(h, u) for h, u in zip(stratum[inside].tolist(), unit[inside].tolist(), strict=True)}
        assert found.degrees[g, 0] == len(units) - len({h for h, _ in units})


def test_a_disparity_has_the_variance_of_the_difference_of_two_groups_in_the_same_units():
    patients, stratum, unit = sampled()
    placed = Placed.of(table_of(patients, stratum, unit))
    found = pair(placed, "successor:new").linearised
    black, white = placed.groups.label.index("Black or African American"), placed.groups.label.index("White")
    with_race, other = patients.scores["with_race"], patients.scores["successor:new"]
    known = ~np.isnan(with_race) & ~np.isnan(other)
    changed = np.nan_to_num((other < 60).astype(float) - (with_race < 60).astype(float))
    totals = []
    for code in (1, 3):
        _, _, z = recount(changed, known & (patients.race == code), patients.weight, stratum, unit)
        totals.append(z)
    z = totals[0] - totals[1]
    variance = 0.0
    for h in set(stratum.tolist()):
        sums = np.array([z[(stratum == h) & (unit == u)].sum() for u in range(UNITS)])
        variance += UNITS / (UNITS - 1) * ((sums - sums.mean()) ** 2).sum()
    r = found.correlation(np.array([black]), np.array([white]))[0, 0]
    a, b = np.sqrt(found.variance[black, 0]), np.sqrt(found.variance[white, 0])
    assert a**2 + b**2 - 2 * r * a * b == pytest.approx(variance, rel=1e-9)
    assert abs(r) > 0.05


def test_units_without_a_patient_of_the_group_stay_in_its_variance():
    patients, stratum, unit = sampled(400)
    patients.race[(stratum < 6) & (patients.race == 1)] = 3
    placed = Placed.of(table_of(patients, stratum, unit))
    found = pair(placed, "without_race").linearised
    inside = (patients.race == 1) & ~np.isnan(patients.scores["with_race"]) & ~np.isnan(patients.scores["without_race"])
    changed = np.nan_to_num((patients.scores["without_race"] < 60).astype(float) - (patients.scores["with_race"] < 60).astype(float))
    _, variance, _ = recount(changed, inside, patients.weight, stratum, unit)
    assert found.variance[placed.groups.label.index("Black or African American"), 0] == pytest.approx(variance, rel=1e-9)


SVY = {
    "rate": [0.23048327137546468, 0.31, 0.15233415233415235],
    "error": [0.0734236432636019, 0.10314570095258453, 0.04899761679474124],
    "covariance": 0.004342652460926417,
    "korn_graubard": [
        (0.0898996019930495, 0.4354135720884645),
        (0.11073711950128788, 0.5801124686366652),
        (0.06198710573535514, 0.29264797521473646),
    ],
    "lonely": (0.266857962697274, 0.08010700183687941),
}


def small_survey(lonely: bool = False):
    """Ninety patients written out by rule; svy 0.35.0 gave the figures in SVY for them (singleton "center" for the lonely unit)."""
    i = np.arange(90)
    stratum, unit = i % 5, (i // 5) % 3
    weight, group = 1.0 + (i * 7 % 11) / 4, i % 2
    value = (((i % 5) * 3 + (i // 5) % 3 + i // 45) % 4 == 0).astype(float)
    keep = (stratum != 0) | (unit == 0) if lonely else np.ones(90, dtype=bool)
    pairs, cluster = np.unique(np.column_stack([stratum, unit])[keep], axis=0, return_inverse=True)
    member = np.array([[1.0, 1.0], [1.0, 0.0], [0.0, 1.0]])
    design = Design(cluster.reshape(-1), pairs[:, 0])
    return linearise(design, group[keep], member, (weight * value)[keep][None], weight[keep][None])


def test_rates_errors_covariances_and_intervals_equal_those_of_a_survey_package():
    found = small_survey()
    assert found.rate[:, 0] == pytest.approx(SVY["rate"], rel=1e-12)
    assert np.sqrt(found.variance[:, 0]) == pytest.approx(SVY["error"], rel=1e-12)
    assert found.degrees[:, 0].tolist() == [10, 10, 10]
    r = found.correlation(np.array([1]), np.array([2]))[0, 0]
    assert r * SVY["error"][1] * SVY["error"][2] == pytest.approx(SVY["covariance"], rel=1e-12)
    n = np.array([[90.0], [45.0], [45.0]])
    lower, upper = korn_graubard(found.rate, found.rate * (1 - found.rate) / found.variance, n, found.degrees)
    for g, (low, high) in enumerate(SVY["korn_graubard"]):
        assert (lower[g, 0], upper[g, 0]) == (pytest.approx(low, rel=1e-9), pytest.approx(high, rel=1e-9))


def test_a_stratum_with_one_unit_is_centred_at_the_mean_of_all_units():
    found = small_survey(lonely=True)
    assert (found.rate[0, 0], np.sqrt(found.variance[0, 0])) == (
        pytest.approx(SVY["lonely"][0]),
        pytest.approx(SVY["lonely"][1], rel=1e-12),
    )
    assert found.degrees[0, 0] == 8


def test_no_degrees_of_freedom_means_no_interval():
    lower, upper = korn_graubard(np.array([0.5]), np.array([50.0]), np.array([50.0]), np.array([0]))
    assert np.isnan(lower).all()
    assert np.isnan(upper).all()


def test_tables_say_that_their_intervals_came_by_the_design_and_report_no_number_that_is_not_one():
    patients, stratum, unit = sampled()
    found = rows([table_of(patients, stratum, unit)], {}, Options(by=("race",), replicates=10), weighted=True)
    methods = {row.method for row in found.changes} | {row.method for row in found.metrics} | {row.method for row in found.disparities}
    assert methods == {
        "",
        "Korn-Graubard, Taylor linearisation",
        "Bonett-Price on effective n, Taylor linearisation",
        "square-and-add, Taylor linearisation",
    }
    for row in (*found.changes, *found.metrics, *found.disparities):
        assert row.lower is None or row.lower <= row.upper
    for row in found.changes:
        if row.lower is not None:
            assert row.lower <= row.change <= row.upper


def test_few_degrees_of_freedom_are_called_imprecise():
    patients, stratum, unit = sampled(strata=2)
    found = rows([table_of(patients, stratum, unit)], {}, Options(by=("race",)), weighted=True)
    assert {row.status for row in (*found.changes, *found.metrics) if row.lower is not None} == {"imprecise"}


def test_clusters_that_resemble_each_other_widen_the_interval():
    patients, stratum, unit = sampled()
    with_design = table_of(patients, stratum, unit)
    plain = ArmTable("ckd", CARE, ("race",), with_design.arms, with_design.cells.by("race", "outcome", *with_design.arms))
    wide, narrow = (rows([t], {}, Options(by=("race",)), weighted=True).metrics for t in (with_design, plain))
    wider = [
        a.upper - a.lower > b.upper - b.lower
        for a, b in zip(wide, narrow, strict=True)
        if a.by == "overall" and a.metric == "selection_rate"
    ]
    assert all(wider)
    assert [a.value for a in wide] == pytest.approx([b.value for b in narrow], nan_ok=True)


def test_one_way_and_two_way_changes_keep_their_methods():
    patients, stratum, unit = sampled()
    placed = Placed.of(table_of(patients, stratum, unit))
    assert set(
        METHODS[m] for m in change_intervals(pair(placed, "without_race"), True, np.zeros(len(placed.groups), bool)).method.ravel()
    ) >= {"Clopper-Pearson"}
    assert set(
        METHODS[m] for m in change_intervals(pair(placed, "successor:new"), True, np.zeros(len(placed.groups), bool)).method.ravel()
    ) >= {"Bonett-Price"}
