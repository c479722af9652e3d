"""Bad input ends with a clear message and its exit code: no traceback, nothing half-written, no patient's value."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from auditor import audit

CANARY = "Zebrafink"
HEADER = "patient_id,age,sex,race,creatinine\n"
WHO = "".join(
    f"{CANARY}{i},{30 + i % 50},{('female', 'male')[i % 2]},{('White', 'Black')[i % 2]},{0.7 + i % 40 / 50:.2f}\n" for i in range(200)
)

FILES: dict[str, bytes] = {
    "good.csv": (HEADER + WHO).encode(),
    "empty.csv": b"",
    "header.csv": HEADER.encode(),
    "junk.csv": os.urandom(100) + b"\0" + os.urandom(3000),
    "latin1.csv": (HEADER + WHO + f"{CANARY}\xe9,50,male,White,1\n").encode("latin-1"),
    "doubled.csv": (HEADER.replace("age", "creatinine") + WHO).encode(),
    "no_creatinine.csv": (HEADER.replace("creatinine", "kreatinin") + WHO).encode(),
    "no_race.csv": (HEADER.replace("race", "rasse") + WHO).encode(),
    "ragged.csv": (HEADER + WHO + f"{CANARY},50\n").encode(),
    "headless.csv": WHO.encode(),
    "umol.csv": (HEADER + "".join(f"{CANARY}{i},50,male,White,80\n" for i in range(50))).encode(),
    "commas.csv": (HEADER.replace(",", ";") + WHO.replace(",", ";").replace(".", ",")).encode(),
    "text.csv": (HEADER + "".join(f"{CANARY}{i},50,male,White,{CANARY}\n" for i in range(50))).encode(),
    "blank.csv": (HEADER + "".join(f"{CANARY}{i},50,male,White,\n" for i in range(50))).encode(),
    "one.csv": (HEADER + f"{CANARY},50,male,White,1.0\n").encode(),
    "races.csv": (HEADER + "".join(f"{i},50,male,{CANARY}{i},1.0\n" for i in range(600))).encode(),
}


@pytest.fixture
def files(tmp_path: Path) -> Path:
    folder = tmp_path / "files"
    folder.mkdir()
    for name, content in FILES.items():
        (folder / name).write_bytes(content)
    (folder / "folder").mkdir()
    return folder


AUDITS = [
    ("nothing.csv", (), 11, "there is no such file"),
    ("folder", (), 11, "is a directory"),
    ("empty.csv", (), 11, "is empty"),
    ("junk.csv", (), 11, "neither CSV nor Parquet"),
    ("latin1.csv", (), 11, "is not UTF-8"),
    ("doubled.csv", (), 11, "has the column creatinine more than once"),
    ("ragged.csv", (), 11, "line 202 has more or fewer fields"),
    ("headless.csv", (), 11, "first line seems to hold values"),
    ("no_creatinine.csv", (), 12, "ckd_epi_cr_2009 needs creatinine"),
    ("no_race.csv", (), 12, "ckd_epi_cr_2009 needs recorded race"),
    ("good.csv", ("--by", "ward"), 12, "has no column 'ward' (--by)"),
    ("good.csv", ("--outcome", "death"), 12, "has no column 'death' (--outcome)"),
    ("good.csv", ("--weights", "exam_weight"), 12, "has no column 'exam_weight' (--weights)"),
    ("good.csv", ("--outcome", "sex"), 2, "'sex' says of no patient whether the outcome happened"),
    ("good.csv", ("--weights", "sex"), 13, "Left out: patients without a positive weight"),
    ("good.csv", ("--map", "creatinine=scr"), 12, "has no column 'scr'"),
    ("good.csv", ("--map", "creatinine=creatinine:furlong"), 12, "units known for it"),
    ("good.csv", ("--map", "creatnine=creatinine"), 12, "Did you mean creatinine"),
    ("good.csv", ("--map", "nowhere.toml"), 11, "nowhere.toml"),
    ("good.csv", ("--calculators", "ckd_epi_2009"), 2, "Did you mean"),
    ("good.csv", ("--calculators", ""), 2, "calculator"),
    ("good.csv", ("--by", "patient_id"), 2, "more than 60 different values"),
    ("good.csv", ("--reference", "Martian"), 2, "Martian"),
    ("good.csv", ("--formats", "html,xls"), 2, "'xls' is no format"),
    ("good.csv", ("--minimum-count", "0"), 2, "minimum-count"),
    ("good.csv", ("--several-races", "some"), 2, "several-races"),
    ("races.csv", (), 2, "more than 500 different values"),
    ("header.csv", (), 13, "has no patients"),
    ("one.csv", (), 13, "fewer than 11 patients"),
    ("blank.csv", (), 13, "'creatinine' holds no usable value (most are missing"),
    ("text.csv", (), 13, "'creatinine' holds no usable value (most are unreadable"),
    ("umol.csv", (), 13, "plausible in umol/L"),
    ("commas.csv", (), 13, "decimal comma"),
]


@pytest.mark.parametrize(("name", "options", "code", "says"), AUDITS, ids=[f"{a[0]}-{a[1][-1] if a[1] else ''}" for a in AUDITS])
def test_audit(run, files: Path, name: str, options: tuple[str, ...], code: int, says: str) -> None:
    chosen = () if "--calculators" in options else ("--calculators", "ckd_epi_cr_2009")
    done = run("audit", files / name, *chosen, "--replicates", 20, "--out", "out", *options)
    assert done.exit_code == code, done.output
    assert says in done.output
    assert CANARY not in done.output
    assert done.stdout == ""
    assert not Path("out").exists() or not list(Path("out").iterdir())


@pytest.mark.parametrize(
    ("arguments", "code", "says"),
    [
        (("score", "ckd_epi_2009", "good.csv"), 2, "Did you mean"),
        (("score", "ckd_epi_cr_2009", "nothing.csv"), 11, "no such file"),
        (("score", "ckd_epi_cr_2009", "no_creatinine.csv"), 12, "--map creatinine=COLUMN"),
        (("score", "ckd_epi_cr_2009", "no_race.csv"), 12, "'race' or 'race_group'"),
        (("score", "ckd_epi_cr_2009", "header.csv"), 13, "has no patients"),
        (("score", "ckd_epi_cr_2009", "good.csv", "--arm", "as_if=Martian"), 2, "no group 'Martian'"),
        (("score", "ckd_epi_cr_2009", "good.csv", "--arm", "sideways"), 2, "is not an arm"),
        (("score", "ckd_epi_cr_2009", "good.csv", "-o", "scores.xlsx"), 2, ".csv or a .parquet"),
        (("score", "ckd_epi_cr_2009", "good.csv", "-o", "nowhere/scores.csv"), 11, "cannot be written"),
        (("score", "ckd_epi_cr_2009", "ragged.csv", "-o", "scores.csv"), 11, "line 202"),
        (("score", "ckd_epi_cr_2009", "ragged.csv", "-o", "scores.parquet"), 11, "line 202"),
        (("check", "ragged.csv"), 11, "line 202"),
        (("check", "headless.csv"), 11, "first line seems to hold values"),
        (("show", "nothing"), 2, "There is no calculator 'nothing'"),
        (("show", "kfre_4var_2016_from_meld_3_2022"), 10, "no output of meld_3_2022 is an input"),
        (("report", "nothing.json"), 11, "cannot be read"),
        (("report", "good.csv"), 11, "is not JSON"),
        (("report", "good.csv", "-o", "report.xls"), 2, "'xls' is no format"),
        (("frobnicate",), 2, "No such command"),
        (("list", "--role", "unknown"), 2, "Invalid value"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else "",
)
def test_other_commands(run, files: Path, arguments: tuple[str, ...], code: int, says: str) -> None:
    names = [files / a if a in FILES else a for a in arguments]
    done = run(*names)
    assert done.exit_code == code, done.output
    assert says in done.output
    assert CANARY not in done.output
    assert not list(Path().glob("scores*"))
    assert not list(Path().glob(".*"))


def test_a_result_that_was_changed_is_refused(run, files: Path) -> None:
    run("audit", files / "good.csv", "--calculators", "ckd_epi_cr_2009", "--replicates", 20, "--out", "out", "--formats", "json")
    path = Path("out/audit.json")
    changed = path.read_text().replace('"minimum_count":11', '"minimum_count":5')
    assert changed != path.read_text()
    path.write_text(changed)
    done = run("report", path)
    assert done.exit_code == 11
    assert "was changed after it was written" in done.output
    assert not Path("out/audit.html").exists()


@pytest.mark.skipif(os.geteuid() == 0 and not os.path.exists("/proc/self/mem"), reason="no folder refuses root")
def test_a_folder_that_cannot_be_made(run, files: Path) -> None:
    Path("taken").write_text("a file")
    done = run("audit", files / "good.csv", "--calculators", "ckd_epi_cr_2009", "--out", "taken")
    assert done.exit_code == 11
    assert "taken" in done.output
    assert Path("taken").read_text() == "a file"


def test_implausible_values_are_counted_and_the_audit_goes_on(run, files: Path) -> None:
    path = files / "mixed.csv"
    path.write_text(
        HEADER
        + WHO
        + "".join(f"{CANARY}{i},{a},male,White,{c}\n" for i, (a, c) in enumerate([(999, 1), (50, -1), (50, 80), (50, "high")] * 15))
    )
    done = run("audit", path, "--calculators", "ckd_epi_cr_2009", "--replicates", 20, "--out", "out")
    assert done.exit_code == 0
    from auditor.result_file import load

    result = load("out/audit.json")
    quality = {q.input: q for q in result.cohort.quality}
    assert (quality["age"].n, quality["age"].implausible) == (260, 15)
    assert (quality["creatinine"].implausible, quality["creatinine"].unreadable) == (30, 15)
    for file in Path("out").iterdir():
        assert CANARY.encode() not in file.read_bytes(), file


def test_one_group_and_unknown_race_only(run, files: Path) -> None:
    for race in ("White", "Unknown", ""):
        pd.DataFrame({"age": [50] * 40, "sex": ["male"] * 40, "race": [race] * 40, "creatinine": [1.1] * 40}).to_csv(
            files / "same.csv", index=False
        )
        done = run("audit", files / "same.csv", "--calculators", "ckd_epi_cr_2009", "--replicates", 20, "--out", f"out{race}")
        assert done.exit_code == 0, done.output


def test_a_calculator_that_scores_nobody_does_not_stop_the_audit_of_others() -> None:
    rng = np.random.default_rng(0)
    patients = pd.DataFrame(
        {
            "age": rng.integers(30, 80, 600),
            "sex": rng.choice(["female", "male"], 600),
            "race": rng.choice(["White", "Black or African American"], 600),
            "creatinine": rng.normal(1.2, 0.4, 600).clip(0.4),
            "height": 170.0,
            "fev1": np.nan,
        }
    )
    kidney, lung = audit(patients, ["ckd_epi_cr_2009", "gli_2012_fev1"]).calculators
    assert any(row.p is not None for row in kidney.significance)
    assert {row.status for row in lung.significance} <= {"suppressed", "not_estimable"}
    assert all(row.p is None for row in lung.significance)
