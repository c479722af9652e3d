"""Every group metric of an audit of 100,000 NHANES-like patients is Fairlearn's on the patients themselves, to the last bit."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from fairlearn.metrics import (
    MetricFrame,
    false_negative_rate,
    false_positive_rate,
    selection_rate,
    true_negative_rate,
    true_positive_rate,
)

from auditor import audit
from auditor.counts.metrics import metric_frame
from auditor.patients.arms import arm
from auditor.patients.cohort import Request, read_cohort
from auditor.patients.sources.synthetic import generate_setting
from auditor.patients.tally import Plan, count
from auditor.result import AuditResult
from calculators.registry import registry

IDS = ("ckd_epi_cr_2009", "pce_2013")
WITH_OUTCOME = (true_positive_rate, true_negative_rate, false_positive_rate, false_negative_rate)


@pytest.fixture(scope="module")
def patients() -> pd.DataFrame:
    frame = pd.DataFrame(generate_setting("general", 100_000, seed=20))
    assert len(frame) == 100_000
    return frame


@pytest.fixture(scope="module")
def recorded(patients: pd.DataFrame) -> pd.DataFrame:
    """Race and sex as the audit shows them."""
    (chunk_groups,) = (pd.concat([_groups(c) for c in read_cohort(patients).read(Request(inputs=("age",), by=("race", "sex")))]),)
    return chunk_groups.reset_index(drop=True)


def _groups(chunk: Any) -> pd.DataFrame:
    return pd.DataFrame({name: coded.to_words() for name, coded in chunk.groups.items()})


def scores_of(id: str, patients: pd.DataFrame) -> dict[str, np.ndarray]:
    """Scores by the calculator itself; Black is whoever's record mentions it, as the printed policy says."""
    calculator = registry()[id]
    label = np.where(patients["race"].str.contains("Black or African American"), "Black", "")
    columns = {name: patients[name].to_numpy() for name in calculator.inputs}
    output = calculator.outputs[0].name
    return {
        "with_race": calculator.with_race({**columns, "race_group": label})[output],
        "without_race": calculator.without_race(columns)[output],
    }


def run(patients: pd.DataFrame, weights: str = "") -> AuditResult:
    return audit(patients, list(IDS), ["race", "sex"], outcome="died_10_years", weights=weights, replicates=10, internal=True)


@pytest.mark.parametrize(("weights", "most"), [("", 3), ("sample_weight", 1)], ids=["unweighted", "weighted"])
def test_every_metric_is_fairlearns(patients: pd.DataFrame, recorded: pd.DataFrame, weights: str, most: int) -> None:
    """Of each calculator the first decisions: MetricFrame on patients takes a second or two for each."""
    result = run(patients, weights)
    outcome = patients["died_10_years"].to_numpy()
    compared = 0
    for id in IDS:
        found = {(m.arm, m.decision, m.by, m.group, m.metric): m for m in result[id].metrics}
        for arm_id, scores in scores_of(id, patients).items():
            for decision in registry()[id].decisions[:most]:
                yes = decision.apply(scores)
                for metrics, among in (((selection_rate,), ~np.isnan(scores)), (WITH_OUTCOME, ~np.isnan(scores) & ~np.isnan(outcome))):
                    weight = {"sample_weight": patients[weights].to_numpy()[among]} if weights else {}
                    frame = MetricFrame(
                        metrics={f.__name__: f for f in metrics},
                        y_true=(outcome[among] == 1).astype(int),
                        y_pred=yes[among].astype(int),
                        sensitive_features=recorded[among],
                        sample_params={f.__name__: weight for f in metrics},
                    )
                    for (race, sex), line in frame.by_group.iterrows():
                        for name, value in line.items():
                            row = found.get((arm_id, decision.id, "race,sex", f"{race}, {sex}", name))
                            if row is not None and row.status != "not_estimable":
                                compared += 1
                                if weights:
                                    assert row.value == pytest.approx(value, rel=1e-8)
                                else:
                                    assert row.value == value, (id, arm_id, decision.id, race, sex, name)
                    for name, value in frame.overall.items():
                        assert found[arm_id, decision.id, "overall", "all", name].value == pytest.approx(value, rel=1e-8 if weights else 0)
    assert compared > 150 * most


def test_disparities_are_differences_of_fairlearns_rates(patients: pd.DataFrame, recorded: pd.DataFrame) -> None:
    result = run(patients)["ckd_epi_cr_2009"]
    scores = scores_of("ckd_epi_cr_2009", patients)
    checked = 0
    for row in result.disparities:
        if (
            row.decision not in ("ckd_g3a", "nephrology_referral")
            or row.arm != "without_race"
            or row.by != "race"
            or row.metric != "selection_rate"
            or row.introduced is None
        ):
            continue
        rates = {}
        for arm_id in ("with_race", "without_race"):
            known = ~np.isnan(scores[arm_id])
            yes = registry()["ckd_epi_cr_2009"].decision(row.decision).apply(scores[arm_id])[known].astype(int)
            frame = MetricFrame(metrics=selection_rate, y_true=yes, y_pred=yes, sensitive_features=recorded["race"][known])
            rates[arm_id] = frame.by_group[row.group] - frame.by_group[row.reference]
        assert row.with_ == pytest.approx(rates["with_race"], abs=1e-15)
        assert row.other == pytest.approx(rates["without_race"], abs=1e-15)
        assert row.introduced == pytest.approx(rates["with_race"] - rates["without_race"], abs=1e-15)
        checked += 1
    assert checked >= 10


def test_fairlearns_aggregates_on_cells_equal_those_on_patients(patients: pd.DataFrame, recorded: pd.DataFrame) -> None:
    cohort = read_cohort(patients)
    calculator = registry()["ckd_epi_cr_2009"]
    plan = Plan.of(arm(calculator, set(cohort.offers), registry()), {"race": cohort.levels("race")}, "any_mention")
    request = Request(inputs=plan.armed.inputs, by=("race",), outcome="died_10_years")
    counted = [count(chunk, plan) for chunk in cohort.read(request)]
    table = sum(counted[1:], counted[0]).tables[0]
    scores = scores_of("ckd_epi_cr_2009", patients)
    outcome = patients["died_10_years"].to_numpy()
    for arm_id in ("with_race", "without_race"):
        on_cells = metric_frame(table, "ckd_g3a", arm_id)
        known = ~np.isnan(scores[arm_id])
        measured = known & ~np.isnan(outcome)
        for names, among in (((selection_rate,), known), (WITH_OUTCOME, measured)):
            on_patients = MetricFrame(
                metrics={f.__name__: f for f in names},
                y_true=(outcome[among] == 1).astype(int),
                y_pred=(scores[arm_id][among] < 60).astype(int),
                sensitive_features=recorded["race"][among],
            )
            for f in names:
                name = f.__name__
                assert (on_cells.by_group[name].loc[on_patients.by_group.index] == on_patients.by_group[name]).all()
                for aggregate in ("difference", "ratio", "group_min", "group_max"):
                    for method in (
                        ({"method": "between_groups"}, {"method": "to_overall"}) if aggregate in ("difference", "ratio") else ({},)
                    ):
                        one, two = getattr(on_cells, aggregate)(**method)[name], getattr(on_patients, aggregate)(**method)[name]
                        assert one == two, (name, aggregate, method)
