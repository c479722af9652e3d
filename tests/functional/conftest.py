"""A small hospital's file, and the command line as a function."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner, Result

from auditor.cli import main

Run = Callable[..., Result]


@pytest.fixture(scope="session")
def patients() -> pd.DataFrame:
    """Six hundred invented patients with what eGFR equations need, and an outcome."""
    rng = np.random.default_rng(7)
    n = 600
    race = rng.choice(["White", "Black or African American", "Asian", "White;Asian", "Unknown"], n, p=[0.45, 0.3, 0.13, 0.07, 0.05])
    return pd.DataFrame(
        {
            "patient_id": [f"P{i:04d}" for i in range(n)],
            "age": rng.integers(20, 90, n),
            "sex": rng.choice(["female", "male"], n),
            "race": race,
            "creatinine": np.round(np.exp(rng.normal(0.15, 0.4, n)), 2),
            "died": rng.integers(0, 2, n),
            "w": np.round(rng.uniform(0.5, 2.0, n), 2),
        }
    )


@pytest.fixture(scope="session")
def cohort(patients: pd.DataFrame, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The patients as a CSV file."""
    path = tmp_path_factory.mktemp("cohort") / "cohort.csv"
    patients.to_csv(path, index=False)
    return path


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Run a command in an empty folder; anything but an orderly end fails the test."""
    monkeypatch.chdir(tmp_path)

    def invoke(*args: object) -> Result:
        result = CliRunner().invoke(main, [str(a) for a in args])
        assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
        assert "Traceback" not in result.output
        return result

    return invoke
