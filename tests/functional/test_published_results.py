"""Audits of survey extracts give published results, and what a short recount of the file gives."""

from __future__ import annotations

from pathlib import Path

import duckdb
import numpy as np
import pytest

from auditor import audit

MAP = Path(__file__).parents[2] / "examples" / "nhanes_extract.toml"


def test_reclassification_without_the_race_term_as_published_in_2021(data: Path) -> None:
    """Bragg-Gresham and colleagues, JAMA Netw Open 2021: eGFR of 2009 in Black adults of NHANES 1999-2018."""
    result = audit(data / "golden_bragg_gresham_2021.parquet", ["ckd_epi_cr_2009"], mapping=MAP, internal=True, replicates=10)
    (change,) = [c for c in result.rows("changes") if (c.decision, c.arm, c.by) == ("ckd_g3a", "without_race", "race")]
    assert change.group == "Black or African American"
    assert change.n == 9683
    assert round(100 * change.rate_with, 1) == 5.8
    assert round(100 * change.rate_arm, 1) == 10.4
    assert round(change.weighted_gained) == 981_038
    assert change.lost == 0
    moves = {(t.from_, t.to): t.weighted_n for t in result.rows("transitions") if (t.arm, t.by) == ("without_race", "race")}
    stage_3, above, below = ("G3a", "G3b"), ("G1", "G2"), ("G4", "G5")
    assert round(sum(moves.get((a, b), 0) for a in above for b in stage_3)) == 981_038
    assert round(sum(moves.get((a, b), 0) for a in stage_3 for b in below)) == 67_957
    assert sum(moves.get((a, b), 0) for a in (*stage_3, *below) for b in above) == 0


@pytest.mark.parametrize("name", ["nhanes_2017_2018.parquet", "nhanes_1999_2000.parquet"])
def test_counts_equal_a_recount_of_the_file(data: Path, name: str) -> None:
    result = audit(data / name, ["ckd_epi_cr_2009"], mapping=MAP, internal=True, replicates=10)
    found = {c.group: c for c in result.rows("changes") if (c.decision, c.arm, c.by) == ("ckd_g3a", "without_race", "race")}
    frame = duckdb.sql(
        f"SELECT age_years AS age, sex, serum_creatinine_mg_dl AS scr, race_ethnicity AS race FROM '{data / name}' "
        "WHERE exam_weight_2yr > 0 AND age_years BETWEEN 0 AND 120 AND scr BETWEEN 0.1 AND 25 AND sex IS NOT NULL"
    ).df()
    ratio = frame.scr / np.where(frame.sex == "female", 0.7, 0.9)
    power = np.where(ratio <= 1, np.where(frame.sex == "female", -0.329, -0.411), -1.209)
    egfr = 141 * ratio**power * 0.993**frame.age * np.where(frame.sex == "female", 1.018, 1)
    scored = frame.age >= 18
    black = frame.race.str.contains("Black")
    row = found["Black or African American"]
    assert row.n == int((scored & black).sum())
    assert row.yes_with == int((scored & black & (egfr * 1.159 < 60)).sum())
    assert row.yes_arm == int((scored & black & (egfr < 60)).sum())
    white = found["White"]
    assert white.n == int((scored & (frame.race == "Non-Hispanic White")).sum())
    assert white.yes_with == white.yes_arm == int((scored & (frame.race == "Non-Hispanic White") & (egfr < 60)).sum())


def test_pooled_cycles_share_their_weights(data: Path) -> None:
    files = [data / "nhanes_2009_2010.parquet", data / "nhanes_2011_2012.parquet"]

    def weighted_n(source: object) -> float:
        summary = audit(source, ["ckd_epi_cr_2021"], mapping=MAP, internal=True, replicates=10).cohort
        assert summary.weighted_n is not None
        return summary.weighted_n

    assert weighted_n(files) == pytest.approx((weighted_n(files[0]) + weighted_n(files[1])) / 2, rel=1e-9)
