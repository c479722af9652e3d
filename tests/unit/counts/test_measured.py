"""Scores against measured values: counted in bins, recounted on the patients, added over parts, and protected."""

import numpy as np
import pytest
from scipy import stats
from statsmodels.stats.proportion import proportion_confint

from auditor.counts.cells import Cells
from auditor.counts.measured import (
    BIAS,
    CHANGE,
    ERROR,
    KEYS,
    SHARES,
    SPREAD,
    WITHIN,
    MeasuredTable,
    joint_code,
    measured_rows,
    nearness,
    quantile,
)
from auditor.counts.measured_disclosure import hidden_measured
from auditor.counts.score_bins import BIN_ARM, BIN_WITH, BINS
from auditor.counts.sheets import Sheets
from auditor.counts.suppression import Layout, small

RACES = ("A", "B", "C")


class Patients:
    """Measured values and two scores of patients of three groups."""

    def __init__(self, n: int, seed: int = 0, shares: tuple[float, ...] = (0.5, 0.3, 0.2)) -> None:
        rng = np.random.default_rng(seed)
        self.race = rng.choice(3, n, p=shares)
        self.measured = rng.normal(65, 18, n).clip(8)
        self.arm = self.measured * rng.normal(1.03, 0.2, n)
        self.with_race = self.arm * np.where(self.race == 1, 1.159, 1.0)
        self.weight = rng.gamma(2.0, 1.0, n)
        self.measured[rng.random(n) < 0.1] = np.nan

    def table(self, keep: np.ndarray | None = None, weighted: bool = False) -> MeasuredTable:
        keep = np.ones(len(self.race), bool) if keep is None else keep
        flat = joint_code(self.with_race[keep], self.arm[keep], self.measured[keep])
        flat = flat + (self.race[keep] + 1) * (BINS + 1) ** 2 * (len(WITHIN) + 1) ** 2
        w = self.weight[keep] if weighted else None
        cells = Cells.from_flat({"race": RACES, **KEYS}, flat, None, w, None if w is None else w * w)
        return MeasuredTable("c", "egfr", "without_race", ("race",), cells.known(*KEYS))

    def inside(self, group: str) -> np.ndarray:
        return ~np.isnan(self.measured) & ((self.race == RACES.index(group)) if group in RACES else True)


def by_metric(table: MeasuredTable, weighted: bool = False) -> dict:
    return {(r.group, r.arm, r.metric): r for r in measured_rows([table], weighted)}


def test_numbers_are_those_of_the_patients():
    patients = Patients(3000)
    found = by_metric(patients.table())
    assert len(found) == 4 * 3 * 5
    for group in ("all", *RACES):
        chosen = patients.inside(group)
        m = patients.measured[chosen]
        d = {"with_race": patients.with_race[chosen] - m, "without_race": patients.arm[chosen] - m}
        near = {arm: {"p10": np.abs(x) / m <= 0.1, "p30": np.abs(x) / m <= 0.3} for arm, x in d.items()}
        for arm, x in d.items():
            quartiles = np.quantile(x, [0.25, 0.75], method="averaged_inverted_cdf")
            assert found[group, arm, BIAS].n == chosen.sum()
            assert found[group, arm, BIAS].value == pytest.approx(np.median(x), rel=1 / 256)
            assert found[group, arm, SPREAD].value == pytest.approx(quartiles[1] - quartiles[0], rel=0.01)
            assert found[group, arm, ERROR].value == pytest.approx(np.sqrt((x**2).mean()), rel=0.002)
            for metric, inside in near[arm].items():
                row = found[group, arm, metric]
                assert row.within == inside.sum()
                assert row.value == pytest.approx(inside.mean(), rel=1e-4)
                assert (row.lower, row.upper) == pytest.approx(proportion_confint(inside.sum(), len(m), method="wilson"), rel=1e-3)
        for metric in SHARES:
            row = found[group, "without_race", metric + CHANGE]
            before, after = near["with_race"][metric], near["without_race"][metric]
            assert (row.gained, row.lost) == ((after & ~before).sum(), (before & ~after).sum())
            if group in "AC":
                assert (row.value, row.lower, row.method) == (0.0, None, "no score changes")
            else:
                assert row.lower < row.value < row.upper
        change = found[group, "without_race", BIAS + CHANGE].value
        assert change == pytest.approx(np.median(d["without_race"]) - np.median(d["with_race"]), abs=0.05)


def test_the_interval_of_the_median_is_the_sign_tests():
    patients = Patients(400)
    row = by_metric(patients.table())["A", "with_race", BIAS]
    x = np.sort((patients.with_race - patients.measured)[patients.inside("A")])
    rank = int(stats.binom.ppf(0.025, len(x), 0.5))
    assert row.lower == pytest.approx(x[rank - 1], abs=abs(x[rank] - x[rank - 2]) + 0.05)
    assert row.upper == pytest.approx(x[len(x) - rank], abs=abs(x[len(x) - rank] - x[len(x) - rank - 2]) + 0.05)


def test_weighted_numbers_are_those_of_patients_counted_several_times():
    patients = Patients(600)
    times = np.random.default_rng(2).integers(1, 4, 600)
    patients.weight = times.astype(float)
    weighted = by_metric(patients.table(weighted=True), True)
    for name in ("race", "measured", "arm", "with_race"):
        setattr(patients, name, np.repeat(getattr(patients, name), times))
    repeated = by_metric(patients.table())
    for key, row in weighted.items():
        assert row.value == pytest.approx(repeated[key].value, rel=1e-4), key
        if row.lower is not None:
            assert row.upper - row.lower > repeated[key].upper - repeated[key].lower
            assert row.method.endswith(", weights without design")


def test_quantiles_are_numpys():
    rng = np.random.default_rng(5)
    for n in (1, 2, 7, 8, 50):
        x, w = rng.normal(size=n).round(1), rng.integers(1, 5, n)
        for p in (0.25, 0.5, 0.8):
            assert quantile(x, np.ones(n), p) == pytest.approx(np.quantile(x, p, method="averaged_inverted_cdf"))
            assert quantile(x, w.astype(float), p) == pytest.approx(np.quantile(np.repeat(x, w), p, method="averaged_inverted_cdf"))


def test_parts_add_to_the_whole():
    patients = Patients(2000)
    keep = np.random.default_rng(1).random(2000) < 0.3
    whole, sum_ = patients.table(), patients.table(keep) + patients.table(~keep)
    np.testing.assert_array_equal(whole.cells.codes, sum_.cells.codes)
    np.testing.assert_array_equal(whole.cells.n, sum_.cells.n)


def test_a_score_exactly_at_the_limit_is_within_it():
    assert nearness(np.array([10.0, -10.5, 30.0, 30.5, 1.0]), np.array([100.0, 100.0, 100.0, 100.0, -5.0])).tolist() == [0, 1, 1, 2, 3]


def test_measured_values_that_are_not_above_zero_have_no_share():
    patients = Patients(500)
    patients.measured[np.flatnonzero(patients.inside("B"))[0]] = -1.0
    found = by_metric(patients.table())
    assert {found[g, "with_race", "p30"].status for g in ("all", "B")} == {"not_estimable"}
    assert found["B", "with_race", BIAS].value is not None
    assert found["A", "with_race", "p30"].value is not None


def test_fewer_than_ten_patients_are_not_estimable():
    patients = Patients(400)
    few = np.flatnonzero(patients.inside("C"))[9:]
    patients.measured[few] = np.nan
    rows = [r for key, r in by_metric(patients.table()).items() if key[0] == "C"]
    assert {(r.n, r.value, r.status) for r in rows} == {(9, None, "not_estimable")}


def test_intervals_hold_the_truth():
    def sample(n, rng):
        m = rng.normal(65, 15, n).clip(10)
        score = m * rng.normal(1.1, 0.15, n)
        return m, score, score / 1.159 * rng.normal(1, 0.02, n)

    rng = np.random.default_rng(8)
    m, a, b = sample(1_000_000, rng)
    root = [np.sqrt(((x - m) ** 2).mean()) for x in (a, b)]
    truth = {
        ("with_race", BIAS): np.median(a - m),
        ("without_race", BIAS + CHANGE): np.median(b - m) - np.median(a - m),
        ("without_race", "p30" + CHANGE): (np.abs(b - m) <= 0.3 * m).mean() - (np.abs(a - m) <= 0.3 * m).mean(),
        ("with_race", ERROR): root[0],
        ("without_race", ERROR + CHANGE): root[1] - root[0],
    }
    held = dict.fromkeys(truth, 0)
    for _ in range(200):
        m, a, b = sample(300, rng)
        cells = Cells.from_flat(KEYS, joint_code(a, b, m), None, None, None)
        for row in measured_rows([MeasuredTable("c", "o", "without_race", (), cells)], False):
            key = row.arm, row.metric
            if key in truth:
                held[key] += row.lower <= truth[key] <= row.upper
    assert min(held.values()) >= 0.9 * 200, held


@pytest.mark.parametrize("seed", range(30))
def test_no_small_count_is_shown_or_found_by_subtraction(seed):
    rng = np.random.default_rng(seed)
    patients = Patients(int(rng.integers(60, 600)), seed, tuple(rng.dirichlet([3, 1, 0.4])))
    rows = list(measured_rows([patients.table()], False))
    layout = Layout.of((r.by, r.group) for r in rows)
    scored = np.array([len(patients.race), *(np.sum(patients.race == i) for i in range(3) if (patients.race == i).any())], dtype=float)
    scored = scored[: len(layout.groups)]
    arms = ("with_race", "without_race")
    none = np.zeros(len(layout.groups), dtype=bool)
    must_go = hidden_measured(rows, Sheets(layout, dict.fromkeys(arms, scored), dict.fromkeys(arms, none), untouched=none), 11)
    shown = [r for r in rows if not must_go(r)]
    for r in shown:
        counts = [r.n, scored[layout.place(r)] - r.n]
        counts += [r.within, r.n - r.within] if r.within is not None else []
        counts += [r.gained, r.lost] if r.gained is not None else []
        assert not small(np.array(counts, float), 11).any()
    both = {(r.group, r.arm, r.metric): r for r in shown}
    for (group, arm, metric), r in both.items():
        if metric in SHARES and arm != "with_race" and (group, "with_race", metric) in both:
            assert not small(np.array([abs(r.within - both[group, "with_race", metric].within)], float), 11).any()
    totals = {(r.arm, r.metric): r for r in shown if r.group == "all"}
    for key, total in totals.items():
        groups = [r for r in shown if (r.arm, r.metric) == key and r.group != "all"]
        rest = [(getattr(total, c) or 0) - sum(getattr(r, c) or 0 for r in groups) for c in ("n", "within", "gained", "lost")]
        rest += [rest[0] - rest[1]]
        assert not small(np.array(rest, float), 11).any(), key


def test_bins_are_the_keys_of_the_cells():
    table = Patients(50).table()
    assert {BIN_WITH, BIN_ARM} < set(table.cells.keys)


def test_counts_behind_numbers_that_are_not_estimable_still_add():
    patients = Patients(400)
    few = np.flatnonzero(patients.inside("C"))[9:]
    patients.measured[few] = np.nan
    found = by_metric(patients.table())
    for arm, metric, fields in (("with_race", "p30", ("within",)), ("without_race", "p10_change", ("gained", "lost"))):
        for name in fields:
            assert sum(getattr(found[g, arm, metric], name) for g in RACES) == getattr(found["all", arm, metric], name)
    assert found["C", "with_race", "p30"].value is None
