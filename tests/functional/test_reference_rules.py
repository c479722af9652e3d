"""Reference rules on a survey extract: who is the reference, and intervals against everyone held to a bootstrap of the rows."""

from __future__ import annotations

from pathlib import Path

import duckdb
import numpy as np
import pandas as pd
import pytest

from auditor import audit

NAMES = {"Non-Hispanic White": "White", "Non-Hispanic Black": "Black or African American", "Non-Hispanic Asian": "Asian"}
RESAMPLES = 1000


@pytest.fixture(scope="module")
def adults(data: Path) -> pd.DataFrame:
    """Adults of one cycle, taken as rows without weights."""
    frame = duckdb.sql(
        "SELECT age_years AS age, sex, serum_creatinine_mg_dl AS creatinine, race_ethnicity AS race "
        f"FROM '{data / 'nhanes_2017_2018.parquet'}' WHERE age_years BETWEEN 18 AND 120 AND creatinine BETWEEN 0.1 AND 25 AND sex IS NOT NULL"
    ).df()
    return frame.assign(race=frame.race.map(NAMES).fillna("Other"))


def below(frame: pd.DataFrame, cut: float) -> dict[str, np.ndarray]:
    """Whether CKD-EPI 2009 lies below a cut-off with and without its race term, and CKD-EPI 2021, recomputed."""
    female = frame.sex == "female"
    ratio = frame.creatinine / np.where(female, 0.7, 0.9)
    old = 141 * ratio ** np.where(ratio <= 1, np.where(female, -0.329, -0.411), -1.209) * 0.993**frame.age * np.where(female, 1.018, 1)
    new = 142 * ratio ** np.where(ratio <= 1, np.where(female, -0.241, -0.302), -1.2) * 0.9938**frame.age * np.where(female, 1.012, 1)
    black = frame.race == "Black or African American"
    scores = {"with_race": old * np.where(black, 1.159, 1), "without_race": old, "successor:ckd_epi_cr_2021": new}
    return {arm: (score < cut).to_numpy(dtype=float) for arm, score in scores.items()}


def disparities(frame: pd.DataFrame, reference: str, arm: str = "without_race"):
    result = audit(frame, ["ckd_epi_cr_2009"], reference=reference, internal=True, replicates=2000)
    return {d.group: d for d in result.rows("disparities") if (d.decision, d.arm, d.by) == ("ckd_g3a", arm, "race")}


@pytest.mark.parametrize(
    ("size", "arm", "method"),
    [
        (None, "successor:ckd_epi_cr_2021", "percentile cell bootstrap"),
        (1400, "without_race", "square-and-add of the paired intervals"),
        (1400, "successor:ckd_epi_cr_2021", "square-and-add of the paired intervals"),
    ],
)
def test_intervals_against_everyone_are_those_of_resampled_rows(adults: pd.DataFrame, size: int | None, arm: str, method: str) -> None:
    frame = adults if size is None else adults.sample(size, random_state=1).reset_index(drop=True)
    found = disparities(frame, "overall", arm)
    assert {d.reference for d in found.values()} == {"all"}
    yes = below(frame, 60)
    delta = yes[arm] - yes["with_race"]
    codes = frame.race.astype("category").cat
    rng = np.random.default_rng(5)
    drawn = rng.integers(0, len(frame), size=(RESAMPLES, len(frame)))
    place = codes.codes.to_numpy()[drawn] + len(codes.categories) * np.arange(RESAMPLES)[:, None]
    n = np.bincount(place.ravel(), minlength=RESAMPLES * len(codes.categories)).reshape(RESAMPLES, -1)
    changed = np.bincount(place.ravel(), weights=delta[drawn].ravel(), minlength=n.size).reshape(n.shape)
    introduced = changed.sum(axis=1, keepdims=True) / n.sum(axis=1, keepdims=True) - changed / n
    assert found["Black or African American"].method == method
    for i, group in enumerate(codes.categories):
        low, high = np.quantile(introduced[:, i], [0.025, 0.975])
        inside = (frame.race == group).to_numpy()
        assert found[group].with_ == pytest.approx(yes["with_race"][inside].mean() - yes["with_race"].mean())
        assert found[group].introduced == pytest.approx(delta.mean() - delta[inside].mean())
        assert found[group].lower == pytest.approx(low, abs=0.25 * (high - low))
        assert found[group].upper == pytest.approx(high, abs=0.25 * (high - low))


def test_the_reference_is_the_largest_the_named_or_the_best_by_decision(adults: pd.DataFrame) -> None:
    sizes = adults.race.value_counts()
    assert {d.reference for d in disparities(adults, "largest").values()} == {sizes.idxmax()}
    assert {d.reference for d in disparities(adults, "Asian").values()} == {"Asian"}
    result = audit(adults, ["ckd_epi_cr_2009"], reference="best", internal=True, replicates=20)
    closes = {c.id: c.yes_means == "closes_care" for c in result["ckd_epi_cr_2009"].card.decisions}
    rates = {(m.decision, m.group): m.value for m in result.rows("metrics") if (m.arm, m.by) == ("with_race", "race")}
    chosen = {}
    for d in result.rows("disparities"):
        if d.by == "race" and d.metric == "selection_rate":
            of_decision = {group: rate for (decision, group), rate in rates.items() if decision == d.decision and rate is not None}
            best = min(of_decision.values()) if closes[d.decision] else max(of_decision.values())
            assert of_decision[d.reference] == best, (d, of_decision)
            assert d.method in ("", "structural zero") or d.method.endswith("best group chosen from these patients")
            chosen[d.decision] = d.reference
    assert len(set(chosen.values())) > 1
