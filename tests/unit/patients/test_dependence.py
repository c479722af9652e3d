"""The share of patients whose decision depends on recorded race alone, against scoring every patient under every row."""

import numpy as np
import pandas as pd
import pytest
from statsmodels.stats.proportion import proportion_confint

from auditor import audit
from calculators.registry import registry

N = 1500


def people(seed: int = 11) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    return pd.DataFrame(
        {
            "age": rng.integers(41, 79, N).astype(float),
            "sex": rng.choice(["female", "male"], N),
            "race": rng.choice(["Black or African American", "White", "Asian"], N, p=[0.3, 0.5, 0.2]),
            "creatinine": np.round(np.clip(rng.normal(1.2, 0.4, N), 0.4, 6), 2),
            "total_cholesterol": rng.integers(131, 319, N).astype(float),
            "hdl_cholesterol": rng.integers(21, 99, N).astype(float),
            "systolic_bp": rng.integers(91, 199, N).astype(float),
            "bp_treated": rng.integers(0, 2, N).astype(float),
            "smoker": rng.integers(0, 2, N).astype(float),
            "diabetes": rng.integers(0, 2, N).astype(float),
            "weight_persons": np.round(rng.gamma(2, 300, N) + 20),
        }
    )


def expected(frame: pd.DataFrame, id: str, decision: str) -> np.ndarray:
    """For every patient whether the decision differs between any two rows of the race term."""
    from auditor.patients.arms import columns_of
    from auditor.patients.cohort import Request, read_cohort
    from calculators.evaluate import score

    calculator = registry()[id]
    (patients,) = read_cohort(frame).read(Request(inputs=(*calculator.inputs, *calculator.optional_inputs)))
    cut = next(d for d in calculator.decisions if d.id == decision)
    said = []
    for label in calculator.race.labels:
        values = score(calculator, columns_of(calculator, patients), label)[cut.reads or cut.output]
        said.append({"<": values < cut.cutoff, ">=": values >= cut.cutoff}[cut.operator])
    return np.ptp(np.stack(said).astype(int), axis=0) == 1


@pytest.mark.parametrize(("id", "decision"), [("ckd_epi_cr_2009", "ckd_g3a"), ("pce_2013", "statin_discussion")])
def test_the_share_equals_scoring_everyone_under_every_row(id, decision):
    frame = people()
    result = audit(frame, id, internal=True, replicates=10)
    found = {m.group: m for m in result[id].metrics if m.metric == "depends_on_recorded_race" and m.decision == decision}
    depends = expected(frame, id, decision)
    assert depends.sum() > 30
    for group, row in found.items():
        inside = np.ones(N, bool) if group == "all" else (frame["race"] == group).to_numpy()
        events = int((depends & inside).sum())
        assert row.arm == "as_if:any"
        assert row.value == pytest.approx(events / inside.sum(), rel=1e-12)
        method = {"Wilson": "wilson", "Clopper-Pearson": "beta"}[row.method]
        low, high = proportion_confint(events, inside.sum(), method=method)
        assert (row.lower, row.upper) == (pytest.approx(low, abs=1e-9), pytest.approx(high, abs=1e-9))
    assert set(found) == {"all", "Asian", "Black or African American", "White"}


def test_weights():
    frame = people()
    depends = expected(frame, "ckd_epi_cr_2009", "ckd_g3a")
    weighted = audit(frame, "ckd_epi_cr_2009", internal=True, weights="weight_persons", replicates=10)
    row = next(m for m in weighted["ckd_epi_cr_2009"].metrics if m.arm == "as_if:any" and (m.decision, m.group) == ("ckd_g3a", "all"))
    w = frame["weight_persons"]
    assert row.value == pytest.approx(w[depends].sum() / w.sum(), rel=1e-9)
    assert "effective n" in row.method


def test_what_is_shown_tells_no_small_count():
    frame = people().iloc[:260].copy()
    frame.loc[frame.index[:3], "race"] = "American Indian or Alaska Native"
    open_, closed = (audit(frame, "ckd_epi_cr_2009", internal=internal, replicates=10) for internal in (True, False))
    key = lambda m: (m.decision, m.by, m.group)  # noqa: E731
    truth = {key(m): m for m in open_["ckd_epi_cr_2009"].metrics if m.arm == "as_if:any"}
    sizes = {(c.by, c.group): c.n for c in open_["ckd_epi_cr_2009"].coverage}
    shown = [m for m in closed["ckd_epi_cr_2009"].metrics if m.arm == "as_if:any" and m.status != "suppressed"]
    hidden = [m for m in closed["ckd_epi_cr_2009"].metrics if m.arm == "as_if:any" and m.status == "suppressed"]
    assert shown
    assert {m.group for m in hidden} >= {"American Indian or Alaska Native"}
    for m in shown:
        n = sizes[m.by, m.group]
        count = round(truth[key(m)].value * n)
        assert m.value == truth[key(m)].value
        assert not 0 < count < 11
        assert not 0 < n - count < 11
    for m in hidden:
        assert m.value is m.lower is m.upper is None


def test_race_free_calculators_have_no_such_row():
    result = audit(people(), "ckd_epi_cr_2021", internal=True, replicates=10)
    assert not [m for m in result["ckd_epi_cr_2021"].metrics if m.arm == "as_if:any"]
