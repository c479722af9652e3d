"""An audit of the main arms tells what the whole audit tells, without as-if arms, in every report and export."""

import json
import math

import pandas as pd
import pytest
from click.testing import CliRunner

import reports
from auditor.cli import main
from auditor.compare import compare
from auditor.errors import OptionError
from auditor.merge import merge
from auditor.patients.sources.synthetic import GENERAL, generate_setting
from auditor.pipeline import audit
from auditor.result import AuditResult, Options
from auditor.result_file import load
from auditor.rows import TABLES
from reports.audiences import AUDIENCES
from reports.chapters import View, as_if
from reports.exports import FORMATS, to_bytes

IDS = ["ckd_epi_cr_2009", "hankinson_1999_pef", "kdigo_ga_2024", "pce_2013"]
NOT_ASKED = "This audit was asked not to score everyone as if they belonged to one group"


def run(arms: str, internal: bool, seed: int = 0) -> AuditResult:
    frame = pd.DataFrame(generate_setting(GENERAL, 2_500, seed))
    return audit(frame, IDS, ("race",), outcome="died_10_years", arms=arms, internal=internal, replicates=50)


@pytest.fixture(scope="module")
def main_arms() -> AuditResult:
    return run("main", internal=False)


def number(value: object) -> object:
    return None if isinstance(value, float) and math.isnan(value) else value


def fields(row: object) -> tuple[object, ...]:
    return tuple(number(getattr(row, name)) for name in row.__struct_fields__)


def test_a_share_as_if_everyone_were_in_one_group_comes_with_its_patients() -> None:
    whole = run("all", internal=True)
    calculator = whole["ckd_epi_cr_2009"]
    (table,) = as_if.build(whole, calculator, View(everything=True))
    shown = dict(zip(table.columns, table.rows[0], strict=True))
    arm = next(arm.id for arm in calculator.arms if arm.id.startswith(("as_if:", "removed:")))
    row = next(c for c in calculator.changes if (c.arm, c.decision, c.by) == (arm, "ckd_g3a", "overall"))
    assert f"{100 * row.yes_arm / row.n:.1f}% of {row.n:,}" in shown.values()


def test_what_is_left_is_what_the_whole_audit_tells() -> None:
    whole, less = run("all", internal=True), run("main", internal=True)
    dropped = 0
    for table in TABLES:
        rows = [row for row in whole.rows(table) if not str(getattr(row, "arm", "")).startswith("as_if:")]
        dropped += len(whole.rows(table)) - len(rows)
        assert [fields(row) for row in rows] == [fields(row) for row in less.rows(table)], table
    assert dropped > 400
    assert {arm.id.partition(":")[0] for c in less.calculators for arm in c.arms} <= {
        "with_race",
        "without_race",
        "successor",
        "removed",
        "ablation",
    }


@pytest.mark.parametrize("audience", AUDIENCES)
def test_every_report_is_written_and_says_so(main_arms: AuditResult, audience: str) -> None:
    text = reports.to_bytes(main_arms, audience, "md").decode()
    assert "as if they belonged to one group" in text or audience == "committee"
    assert "| as if " not in text
    assert reports.to_bytes(main_arms, audience, "html")


@pytest.mark.parametrize("name", FORMATS)
def test_every_export_is_written(main_arms: AuditResult, name: str) -> None:
    assert to_bytes(main_arms, name, IDS[:1])


def test_the_option_is_kept_and_an_older_result_had_every_arm(main_arms: AuditResult, tmp_path) -> None:
    path = main_arms.save(tmp_path / "main.json")
    assert load(path).options.arms == "main"
    assert Options().arms == "all"


def test_results_with_other_arms_are_not_merged_and_a_comparison_says_so(main_arms: AuditResult) -> None:
    other = run("all", internal=False, seed=1)
    with pytest.raises(OptionError, match="arms"):
        merge([main_arms, other], ["one", "two"])
    assert "The audits differ in arms: main before, all now." in compare(main_arms, other).notes


def test_the_command_line_has_the_option_and_python_refuses_other_words(tmp_path) -> None:
    cohort = tmp_path / "cohort.csv"
    pd.DataFrame(generate_setting(GENERAL, 800)).to_csv(cohort, index=False)
    arguments = ["audit", str(cohort), "--calculators", "ckd_epi_cr_2009", "--arms", "main", "--replicates", "20", "--formats", "md,json"]
    done = CliRunner().invoke(main, [*arguments, "--out", str(tmp_path / "out")])
    assert done.exit_code == 0, done.output
    assert json.loads((tmp_path / "out" / "audit.json").read_text())["options"]["arms"] == "main"
    assert NOT_ASKED in (tmp_path / "out" / "report.md").read_text()
    with pytest.raises(OptionError, match="arms is one of all, main"):
        audit(cohort, ["ckd_epi_cr_2009"], arms="few")
