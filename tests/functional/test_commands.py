"""Every command does what its help says, on files."""

from __future__ import annotations

import csv
import io
import json
import re
from pathlib import Path

import duckdb
import numpy as np
import pandas as pd
import pytest

from auditor.result_file import load
from auditor.rows import TABLES, columns
from calculators.registry import registry, unavailable

AUDIT = ("audit", "--calculators", "ckd_epi_cr_2009", "--replicates", 50)


def test_version_and_help(run) -> None:
    assert re.fullmatch(r"auditor \d+\.\d+\.\d+\n", run("--version").output)
    help_ = run("--help").output
    for command in ("list", "show", "score", "audit", "report", "check"):
        assert re.search(rf"^  {command} ", help_, re.MULTILINE)


def test_list(run) -> None:
    rows = json.loads(run("list", "--format", "json").output)
    assert {r["id"] for r in rows} == set(registry().calculators)
    as_csv = list(csv.DictReader(io.StringIO(run("list", "--format", "csv").output)))
    assert [r["id"] for r in as_csv] == [r["id"] for r in rows]
    nephrology = json.loads(run("list", "--specialty", "nephrology", "--role", "race_based", "--format", "json").output)
    assert {r["specialty"] for r in nephrology} == {"nephrology"}
    assert "ckd_epi_cr_2009" in {r["id"] for r in nephrology}
    assert "ckd_epi_cr_2021" not in {r["id"] for r in nephrology}
    missing = json.loads(run("list", "--role", "unavailable", "--format", "json").output)
    assert {r["id"] for r in missing} == set(unavailable())
    assert all(r["status"].startswith("not computable: ") for r in missing)
    assert "ckd_epi_cr_2009" in run("list").output
    assert "creatinine" in run("list", "--inputs").output
    assert run("list", "--specialty", "astrology").output == "No calculator matches.\n"


@pytest.mark.parametrize("id", ["ckd_epi_cr_2009", "ckd_epi_cr_2021", "prevent_2023_base_from_ckd_epi_cr_2009"])
def test_show(run, id: str) -> None:
    text = run("show", id)
    assert text.exit_code == 0
    assert id in text.output
    fields = json.loads(run("show", id, "--format", "json").output)
    assert fields["id"] == id
    assert fields["fingerprint"] in text.output


def test_show_what_cannot_be_computed(run) -> None:
    tool = next(iter(unavailable().values()))
    assert tool.why_not in run("show", tool.id).output
    assert json.loads(run("show", tool.id, "--format", "json").output)["why_not"] == tool.why_not


def test_score_keeps_the_order_of_the_file(run, cohort: Path, patients: pd.DataFrame) -> None:
    scores = pd.read_csv(io.StringIO(run("score", "ckd_epi_cr_2009", cohort, "--arm", "all").output))
    assert list(scores) == ["egfr.with_race", "egfr.without_race", "egfr.as_if=Black", "egfr.as_if=not Black"]
    female = patients["sex"].eq("female").to_numpy()
    kappa, alpha = np.where(female, 0.7, 0.9), np.where(female, -0.329, -0.411)
    ratio = patients["creatinine"].to_numpy() / kappa
    egfr = 141 * np.minimum(ratio, 1) ** alpha * np.maximum(ratio, 1) ** -1.209 * 0.993 ** patients["age"].to_numpy()
    egfr *= np.where(female, 1.018, 1)
    np.testing.assert_allclose(scores["egfr.without_race"], egfr, rtol=1e-12)
    black = patients["race"].str.contains("Black").to_numpy()
    np.testing.assert_allclose(scores["egfr.with_race"], np.where(black, 1.159, 1) * egfr, rtol=1e-12)
    np.testing.assert_allclose(scores["egfr.as_if=Black"], 1.159 * egfr, rtol=1e-12)


def test_score_writes_csv_and_parquet_alike(run, cohort: Path) -> None:
    for name in ("scores.csv", "scores.parquet"):
        assert run("score", "ckd_epi_cr_2009", cohort, "-o", name).exit_code == 0
        assert Path(name).stat().st_mode & 0o077 == 0
    one, two = pd.read_csv("scores.csv"), duckdb.sql("SELECT * FROM 'scores.parquet'").df()
    pd.testing.assert_frame_equal(one, two)
    assert sorted(p.name for p in Path().iterdir()) == ["scores.csv", "scores.parquet"]


def test_score_does_not_overwrite_the_cohort(run, cohort: Path, tmp_path: Path) -> None:
    copy = tmp_path / "copy.csv"
    copy.write_bytes(cohort.read_bytes())
    refused = run("score", "ckd_epi_cr_2009", copy, "-o", copy)
    assert refused.exit_code == 2
    assert copy.read_bytes() == cohort.read_bytes()


def test_audit_writes_result_tables_and_report(run, cohort: Path) -> None:
    done = run(*AUDIT, cohort, "--by", "race,sex", "--outcome", "died", "--weights", "w", "--out", "out")
    assert done.exit_code == 0
    assert done.output.strip().splitlines()[-1] == str(Path("out") / "report.html")
    assert {p.name for p in Path("out").iterdir()} == {"audit.json", "report.html", "report.md", *(f"{t}.csv" for t in TABLES)}
    result = load("out/audit.json")
    assert result.options.by == ("race", "sex")
    for table in TABLES:
        with open(f"out/{table}.csv", encoding="utf-8", newline="") as file:
            written = list(csv.reader(file))
        assert tuple(written[0]) == columns(table)
        assert len(written) - 1 == len(result.rows(table))
    assert result.cohort.weighted
    assert result.cohort.outcome == "died"


def test_any_number_of_processes_gives_the_same_bytes(run, patients: pd.DataFrame, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("auditor.patients.sources.tables.ROWS_PER_PART", len(patients) // 2 + 1)
    patients.to_parquet("cohort.parquet")
    for folder, processes in (("one", "1"), ("two", "2")):
        done = run(*AUDIT, "cohort.parquet", "--calculators", "ckd_epi_cr_2009", "--processes", processes, "--out", folder)
        assert done.exit_code == 0, done.output
    assert Path("one/audit.json").read_bytes() == Path("two/audit.json").read_bytes()
    assert run(*AUDIT, "cohort.parquet", "--processes", "0", "--out", "three").exit_code == 2


def test_the_same_audit_gives_the_same_bytes(run, cohort: Path) -> None:
    for folder in ("one", "two"):
        run(*AUDIT, cohort, "--outcome", "died", "--out", folder)
    files = sorted(p.name for p in Path("one").iterdir())
    assert files == sorted(p.name for p in Path("two").iterdir())
    for name in files:
        assert Path("one", name).read_bytes() == Path("two", name).read_bytes(), name


def test_report_renders_a_saved_result_again(run, cohort: Path) -> None:
    run(*AUDIT, cohort, "--out", "out")
    assert run("report", "out/audit.json", "-o", "again.html").output == "again.html\n"
    assert Path("again.html").read_bytes() == Path("out/report.html").read_bytes()
    assert run("report", "out/audit.json", "--audience", "informatics", "-o", "again.md").exit_code == 0
    assert run("report", "out/audit.json").output.strip() == str(Path("out") / "audit.html")


def test_check_says_what_is_offered_and_lacking(run, cohort: Path) -> None:
    text = run("check", cohort).output
    assert "600 patients" in text
    found = json.loads(run("check", cohort, "--format", "json").output)
    serves = {c["id"]: c for c in found["calculators"]}
    assert serves["ckd_epi_cr_2009"]["serves"]
    assert "systolic_bp" in serves["pce_2013"]["lacks"]
    assert found["recorded_race"]["White"] > 200


def test_audit_of_all_lists_what_cannot_be_audited(run, cohort: Path) -> None:
    done = run("audit", cohort, "--replicates", 20, "--formats", "json", "--out", "out")
    assert done.exit_code == 0
    result = load("out/audit.json")
    lacking = {n.id: n.missing for n in result.not_audited}
    assert "systolic_bp" in lacking["pce_2013"]
    served = {c.id for c in result.calculators}
    assert {"ckd_epi_cr_2009", "ckd_epi_cr_2021", "mdrd4_175_2006"} <= served
    assert not served & set(lacking)
    assert {c for c in {*served, *lacking} if "_from_" not in c} == set(registry().calculators)
    assert f"{len(lacking)} calculators could not be audited" in done.stderr


def test_the_embedded_cohort_needs_no_argument(run) -> None:
    done = run("audit", "--calculators", "ckd_epi_cr_2009", "--replicates", 20, "--formats", "json")
    assert done.exit_code == 0
    result = load("audit-report/audit.json")
    assert result.cohort.synthetic
    assert (result.cohort.n or 0) > 10_000


def test_without_suppression_the_result_is_stamped(run, cohort: Path) -> None:
    run(*AUDIT, cohort, "--internal", "--out", "out")
    assert load("out/audit.json").options.internal
    assert re.search("(?i)internal", Path("out/report.html").read_text())
    (changes,) = [p for p in Path("out").iterdir() if p.name == "changes.csv"]
    assert ",suppressed" not in changes.read_text()


def test_completion_knows_the_ids(run, monkeypatch: pytest.MonkeyPatch) -> None:
    from click.shell_completion import ShellComplete

    from auditor.cli import main

    completions = ShellComplete(main, {}, "auditor", "_AUDITOR_COMPLETE").get_completions(["show"], "ckd_epi_cr_2")
    assert [c.value for c in completions] == ["ckd_epi_cr_2009", "ckd_epi_cr_2021"]
    several = ShellComplete(main, {}, "auditor", "_AUDITOR_COMPLETE").get_completions(["audit", "--calculators"], "pce_2013,meld_n")
    assert [c.value for c in several] == ["pce_2013,meld_na_2016"]
