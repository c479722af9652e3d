"""An audit that leaves the scores themselves out tells what the whole audit tells of decisions, in every report and export."""

import json
import math
import sys

import msgspec
import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner

import reports
from auditor.cli import main
from auditor.compare import compare
from auditor.errors import OptionError
from auditor.gate import DisparityIntroduced, Policy, gate
from auditor.merge import merge
from auditor.patients.arms import arm, resolve
from auditor.patients.cohort import Request, read_cohort
from auditor.patients.engines import local
from auditor.patients.sources import tables
from auditor.patients.sources.synthetic import GENERAL, generate_setting
from auditor.patients.tally import Plan, count
from auditor.pipeline import NO_GAPS, audit
from auditor.plan import check, new_plan
from auditor.result import AuditResult, Options
from auditor.result_file import load
from auditor.rows import TABLES
from calculators.registry import registry
from reports.audiences import AUDIENCES
from reports.chapters.performance import NOT_ASKED
from reports.exports import FORMATS, to_bytes

IDS = ["ckd_epi_cr_2009", "hankinson_1999_pef", "kdigo_ga_2024", "pce_2013"]
OF_SCORES = ("auroc", "brier", "calibration_", "integrated_calibration_index", "observed_over_expected", "net_benefit_at_")


def patients(seed: int = 0, n: int = 2_500) -> pd.DataFrame:
    """Invented patients with an outcome that a risk predicts, and measured values of another output for some."""
    frame = pd.DataFrame(generate_setting(GENERAL, n, seed)).rename(columns={"died_10_years": "ascvd_10_year"})
    rng = np.random.default_rng(seed)
    frame["measured_gfr"] = np.where(rng.random(n) < 0.4, rng.normal(75, 20, n).clip(5).round(1), np.nan)
    return frame


def run(scores: bool, internal: bool = False, cohort: object = None, **options: object) -> AuditResult:
    given = {"outcome": "ascvd_10_year", "truth": "measured_gfr=egfr", "replicates": 50} | options
    return audit(patients() if cohort is None else cohort, IDS, ("race",), scores=scores, internal=internal, **given)


@pytest.fixture(scope="module")
def decisions_alone() -> AuditResult:
    return run(scores=False)


def number(value: object) -> object:
    return None if isinstance(value, float) and math.isnan(value) else value


def fields(row: object) -> tuple[object, ...]:
    return tuple(number(getattr(row, name)) for name in row.__struct_fields__)


def of_scores(row: object) -> bool:
    return getattr(row, "metric", "").startswith(OF_SCORES)


def assert_the_rest_is_equal(whole: AuditResult, less: AuditResult) -> None:
    dropped = [row for row in whole.rows("metrics") if of_scores(row)]
    assert len(dropped) > 20
    assert not less.rows("calibration")
    assert not any(map(of_scores, less.rows("metrics")))
    for table in TABLES:
        if table != "calibration":
            rows = [fields(row) for row in whole.rows(table) if not of_scores(row)]
            assert rows == [fields(row) for row in less.rows(table)], table
    assert fields(whole.cohort) == fields(less.cohort)


@pytest.mark.parametrize("internal", [True, False])
def test_what_is_left_is_what_the_whole_audit_tells(internal: bool) -> None:
    whole, less = run(True, internal), run(False, internal)
    assert_the_rest_is_equal(whole, less)
    assert whole.rows("calibration")
    kept = {row.metric for row in less.rows("metrics")}
    assert {"net_benefit", "net_benefit_change", "true_positive_rate", "false_positive_rate"} <= kept
    assert less.rows("measured")
    assert less.rows("outcome_changes")
    assert less.rows("shifts")


def test_the_embedded_cohort_keeps_the_rest_too() -> None:
    whole, less = (audit(None, IDS, scores=s, outcome="died_10_years", replicates=20) for s in (True, False))
    assert_the_rest_is_equal(whole, less)


def test_nothing_is_counted_in_bins_of_scores() -> None:
    known = registry()
    frame = patients(n=400)
    cohort = read_cohort(frame)
    armed = arm(resolve(known["pce_2013"], set(cohort.offers), known)[0], set(cohort.offers), known)
    request = Request(inputs=armed.inputs, by=("race",), outcome="ascvd_10_year")
    (chunk,) = cohort.read(request)
    levels = {"race": cohort.levels("race")}
    assert count(chunk, Plan.of(armed, levels, "any_mention")).scored
    less = count(chunk, Plan.of(armed, levels, "any_mention", scores=False))
    assert not less.scored
    assert all(table.cells.known("outcome").total > 300 for table in less.tables)


@pytest.fixture
def parquet(tmp_path, monkeypatch):
    path = tmp_path / "cohort.parquet"
    patients(seed=3).to_parquet(path)
    monkeypatch.setattr(tables, "ROWS_PER_PART", 900)
    monkeypatch.setattr(local, "PIECE", 250)
    return path


@pytest.mark.skipif(sys.platform != "linux", reason="a process can be copied on Linux alone")
@pytest.mark.parametrize("processes", [None, 2])
def test_a_parquet_file_in_one_process_and_two(parquet, monkeypatch, processes: int | None) -> None:
    monkeypatch.setattr(local, "possible", lambda: True)
    one, more = run(False, cohort=parquet, processes=1), run(False, cohort=parquet, processes=processes)
    assert one.to_json() == more.to_json()
    assert_the_rest_is_equal(run(True, cohort=parquet, processes=1), more)


@pytest.mark.parametrize("audience", AUDIENCES)
def test_every_report_is_written_and_says_what_was_not_asked(decisions_alone: AuditResult, audience: str) -> None:
    text = reports.to_bytes(decisions_alone, audience, "md").decode()
    assert NOT_ASKED in text or audience == "committee"
    assert "Ranking: AUROC" not in text
    assert "Predicted and observed risk" not in text
    assert "in AUROC" not in text
    assert reports.to_bytes(decisions_alone, audience, "html")


def test_net_benefit_is_still_reported() -> None:
    text = reports.to_bytes(run(False, internal=True), "informatics", "md").decode()
    assert text.index(NOT_ASKED) < text.index("Net benefit per 1,000 patients")


def test_a_report_without_an_outcome_does_not_speak_of_scores_left_out() -> None:
    text = reports.to_bytes(run(False, outcome="", truth=()), "informatics", "md").decode()
    assert NOT_ASKED not in text


@pytest.mark.parametrize("name", FORMATS)
def test_every_export_is_written(decisions_alone: AuditResult, name: str) -> None:
    assert to_bytes(decisions_alone, name, IDS[:1])


def test_gates_and_plans_work(decisions_alone: AuditResult) -> None:
    rules = tuple(DisparityIntroduced(name=m, most=1.0, metric=m) for m in ("selection_rate", "true_positive_rate"))
    found = gate(run(False, internal=True), Policy(version=1, allow_internal=True, rule=rules))
    assert found.passed
    assert all(any(c.verdict == "passed" for c in found.of(rule.name)) for rule in rules)
    plan = new_plan(decisions_alone)
    assert plan.goal
    assert all(progress.reading.value is not None for progress in check(plan, decisions_alone))


def test_gaps_given_the_outcome_are_left_out_and_it_is_said() -> None:
    whole, less = run(True, internal=True, proxy=True), run(False, internal=True, proxy=True)
    inputs = [fields(row) for row in whole.rows("proxies") if row.measure != "gap_given_outcome"]
    assert inputs == [fields(row) for row in less.rows("proxies")]
    assert len(inputs) < len(whole.rows("proxies"))
    assert NO_GAPS in less.cohort.notes
    assert NO_GAPS not in whole.cohort.notes
    assert "--no-scores leaves it out" in reports.to_bytes(less, "informatics", "md").decode()
    assert NO_GAPS not in run(False, outcome="", truth=(), proxy=True).cohort.notes


def test_the_option_is_kept_and_an_older_result_had_scores(decisions_alone: AuditResult, tmp_path) -> None:
    path = decisions_alone.save(tmp_path / "decisions.json")
    assert load(path).options.scores is False
    document = json.loads(path.read_text())
    del document["options"]["scores"]
    assert Options().scores is True
    assert msgspec.convert(document, AuditResult).options.scores is True


def test_results_with_and_without_scores_are_not_merged_and_a_comparison_says_so(decisions_alone: AuditResult) -> None:
    other = run(True, cohort=patients(seed=1))
    with pytest.raises(OptionError, match="differ in scores"):
        merge([decisions_alone, other], ["one", "two"])
    assert "The audits differ in scores: no before, yes now." in compare(decisions_alone, other).notes
    pooled = merge([decisions_alone, run(False, cohort=patients(seed=1))], ["one", "two"])
    assert pooled.options.scores is False
    assert reports.to_bytes(pooled, "informatics", "md")


def test_the_command_line_has_the_option(tmp_path) -> None:
    cohort = tmp_path / "cohort.csv"
    patients(n=800).to_csv(cohort, index=False)
    arguments = ["audit", str(cohort), "--calculators", "pce_2013", "--outcome", "ascvd_10_year", "--replicates", "20"]
    done = CliRunner().invoke(main, [*arguments, "--no-scores", "--formats", "md,json", "--out", str(tmp_path / "out")])
    assert done.exit_code == 0, done.output
    assert json.loads((tmp_path / "out" / "audit.json").read_text())["options"]["scores"] is False
    text = (tmp_path / "out" / "report.md").read_text()
    assert NOT_ASKED in text
    assert "left out, as asked (--no-scores)" in text
