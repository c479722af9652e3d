"""No patient's value stands in a result, a table, a report, an error or a log, whatever the command and its options."""

from __future__ import annotations

import logging
import warnings
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner

from auditor.cli import main

WORDS = ("Zebrafink", "1954-03-07", "Kreuzberg 17")
NUMBERS = ("1.7351913", "47.318297", "0.91735137")


@pytest.fixture
def cohort(tmp_path: Path) -> Path:
    """Invented patients; some values of single patients are marked so that they can be found again."""
    rng = np.random.default_rng(3)
    n = 400
    frame = pd.DataFrame(
        {
            "patient_id": [f"{WORDS[0]}{i}" for i in range(n)],
            "born": WORDS[1],
            "street": WORDS[2],
            "age": rng.integers(20, 90, n).astype(str),
            "sex": rng.choice(["female", "male"], n),
            "race": rng.choice(["White", "Black", "Asian"], n, p=[0.6, 0.37, 0.03]),
            "creatinine": [f"{x:.3f}" for x in np.exp(rng.normal(0.1, 0.4, n))],
            "died": rng.integers(0, 2, n),
            "w": [f"{x:.3f}" for x in rng.uniform(0.5, 2, n)],
        }
    )
    frame.loc[0, "creatinine"] = NUMBERS[0]
    frame.loc[1, "age"] = NUMBERS[1]
    frame.loc[2, "w"] = NUMBERS[2]
    frame.loc[3, "race"] = WORDS[0]
    frame.loc[4, "creatinine"] = WORDS[0]
    frame.loc[5, "sex"] = WORDS[0]
    path = tmp_path / "cohort.csv"
    frame.to_csv(path, index=False)
    return path


COMMANDS = {
    "audit": ("audit", "{}", "--calculators", "ckd_epi_cr_2009,ckd_epi_cr_2021", "--by", "race,sex", "--outcome", "died", "--weights", "w"),
    "audit internal": ("audit", "{}", "--calculators", "ckd_epi_cr_2009", "--internal"),
    "audit by age": ("audit", "{}", "--calculators", "mdrd4_175_2006", "--by", "race,age_band"),
    "check": ("check", "{}"),
    "check as json": ("check", "{}", "--format", "json"),
    "missing column": ("audit", "{}", "--calculators", "pce_2013"),
    "wrong column": ("audit", "{}", "--map", "creatinine=scr"),
    "wrong group": ("audit", "{}", "--by", "street,patient_id"),
    "wrong outcome": ("audit", "{}", "--outcome", "patient_id", "--calculators", "ckd_epi_cr_2009"),
    "text as weights": ("audit", "{}", "--weights", "patient_id", "--calculators", "ckd_epi_cr_2009"),
    "text as number": ("audit", "{}", "--map", "creatinine=patient_id", "--calculators", "ckd_epi_cr_2009"),
    "date as number": ("audit", "{}", "--map", "age=born", "--calculators", "ckd_epi_cr_2009"),
    "number as race": ("audit", "{}", "--map", "race.toml", "--calculators", "ckd_epi_cr_2009"),
    "wrong condition": ("audit", "{}", "--map", "where.toml", "--calculators", "ckd_epi_cr_2009"),
}


@pytest.mark.parametrize("name", COMMANDS)
def test_canaries_stay_inside(
    name: str, cohort: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("race.toml").write_text('[race]\ncolumn = "patient_id"\n')
    Path("where.toml").write_text('[cohort]\nwhere = "CAST(patient_id AS INTEGER) > 3"\n')
    arguments = [a.format(cohort) for a in COMMANDS[name]]
    if arguments[0] == "audit":
        arguments += ["--out", "out", "--replicates", "20"]
    with warnings.catch_warnings(record=True) as warned, caplog.at_level(logging.DEBUG):
        warnings.simplefilter("always")
        done = CliRunner().invoke(main, arguments)
    assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
    said = {"output": done.output, "log": caplog.text, "warnings": " ".join(str(w.message) for w in warned)}
    said |= {file.name: file.read_text(encoding="utf-8", errors="replace") for file in Path("out").glob("*")}
    for where, text in said.items():
        for canary in (*WORDS, *NUMBERS):
            assert canary not in text, f"{canary} in {where}"
