"""Scores of a file of many patients stand in the file's order, whoever reads it."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from auditor.patients.scores import write_scores

ROWS = 250_000


@pytest.fixture(scope="module")
def patients() -> pd.DataFrame:
    return pd.DataFrame({"age": np.linspace(20, 90, ROWS), "sex": ["female", "male"] * (ROWS // 2), "creatinine": np.full(ROWS, 1.1)})


@pytest.mark.parametrize("name", ["patients.csv", "patients.parquet", "text.parquet"])
def test_scores_stand_in_the_order_of_the_file(tmp_path: Path, patients: pd.DataFrame, name: str) -> None:
    path = tmp_path / name
    if name == "patients.csv":
        patients.to_csv(path, index=False)
    else:
        table = patients if name == "patients.parquet" else patients.assign(age=patients["age"].map(repr))
        table.to_parquet(path, row_group_size=20_000)
    write_scores("ckd_epi_cr_2021", path, "without_race", (), tmp_path / "scores.parquet", print)
    scores = pd.read_parquet(tmp_path / "scores.parquet").iloc[:, 0].to_numpy(dtype=float)
    assert len(scores) == ROWS
    for sex in (0, 1):
        assert (np.diff(scores[sex::2]) < 0).all(), "older patients of one sex have lower scores"
