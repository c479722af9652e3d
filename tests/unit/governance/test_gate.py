"""The gate: limits, what cannot be measured, and the files it writes; every number is made up."""

from __future__ import annotations

import sys
from pathlib import Path
from xml.etree import ElementTree

import msgspec
import pytest
from click.testing import CliRunner

sys.path.insert(0, str(Path(__file__).parents[1] / "reports"))
import invented

from auditor.cli import main
from auditor.gate import Policy, PolicyError, gate, read_policy
from auditor.gate_formats import to_junit, to_summary, to_text
from auditor.result import AuditResult
from auditor.rows import Coverage, Disparity


def policy(*rules: dict[str, object], **fields: object) -> Policy:
    return msgspec.convert({"version": 1, "rule": list(rules), **fields}, Policy)


def disparity(**limits: object) -> dict[str, object]:
    return {"name": "disparity", "measure": "disparity_introduced", "most": 0.05, **limits}


def with_disparities(*rows: Disparity) -> AuditResult:
    result = invented.result()
    (calculator,) = result.calculators
    return msgspec.structs.replace(result, calculators=(msgspec.structs.replace(calculator, disparities=rows),))


def row(introduced: float | None, lower: float | None, upper: float | None, status: str = "ok", group: str = "Black") -> Disparity:
    return Disparity(
        calculator="invented_2009",
        decision="referral",
        by="race",
        reference="White",
        group=group,
        metric="selection_rate",
        arm="without_race",
        introduced=introduced,
        lower=lower,
        upper=upper,
        status=status,  # type: ignore[arg-type]
    )


def test_the_interval_that_holds_for_the_whole_family_decides() -> None:
    alone = row(0.08, 0.06, 0.10)
    together = msgspec.structs.replace(alone, joint_lower=0.04, joint_upper=0.12, family_size=5)
    asked = policy(disparity(judged_by="certain"))
    assert not gate(with_disparities(alone), asked).passed
    assert gate(with_disparities(together), asked).passed


@pytest.mark.parametrize("sign", [1, -1])
@pytest.mark.parametrize(
    ("introduced", "low", "high", "estimate", "certain", "possible"),
    [
        (0.04, 0.03, 0.045, True, True, True),
        (0.04, 0.02, 0.060, True, True, False),
        (0.06, 0.04, 0.080, False, True, False),
        (0.08, 0.06, 0.100, False, False, False),
        (0.0, None, None, True, True, True),
    ],
)
def test_three_ways_to_judge_a_limit(
    sign: int, introduced: float, low: float | None, high: float | None, estimate: bool, certain: bool, possible: bool
) -> None:
    bounds = sorted(sign * b for b in (low, high) if b is not None) or [None, None]
    result = with_disparities(row(sign * introduced, *bounds))
    for judged_by, passes in (("estimate", estimate), ("certain", certain), ("possible", possible)):
        assert gate(result, policy(disparity(judged_by=judged_by))).passed == passes


@pytest.mark.parametrize("status", ["not_estimable", "imprecise", "suppressed"])
def test_what_is_not_measurable_is_neither_passed_nor_failed(status: str) -> None:
    report = gate(with_disparities(row(0.01, 0.0, 0.02), row(0.5, 0.4, 0.6, status, "Asian")), policy(disparity()))
    assert [c.verdict for c in report.checks] == ["passed", "not_measurable"]
    assert "50" not in report.checks[1].reason
    assert report.passed


def test_a_rule_that_measures_nothing_fails() -> None:
    report = gate(with_disparities(row(None, None, None, "suppressed")), policy(disparity()))
    assert [c.reason for c in report.failures] == ["nothing that this rule is about could be measured"]
    assert not gate(invented.result(), policy(disparity(groups=["Blakc"]))).passed


def test_a_named_calculator_that_was_not_audited_fails() -> None:
    report = gate(
        invented.result(), policy({"name": "c", "measure": "confidence", "calculators": ["stone_2014"], "least": "SINGLE-SOURCE"})
    )
    assert "the cohort lacks these inputs" in report.failures[0].reason


def test_share_of_comparisons_not_measured() -> None:
    rows = (row(0.0, None, None), row(None, None, None, "suppressed", "Asian"), row(None, None, None, "imprecise", "Other"))
    for most, passes in ((0.66, False), (0.67, True)):
        assert gate(with_disparities(*rows), policy({"name": "n", "measure": "not_measured", "most": most})).passed == passes


def test_share_of_patients_without_a_score() -> None:
    rule = {"name": "s", "measure": "not_scored", "by": ["race"]}
    report = gate(invented.result(), policy(rule | {"most": 0.05}))
    assert [(c.what, c.verdict) for c in report.checks] == [
        (f"{invented.BLACK} (race)", "passed"),
        ("Asian (race)", "not_measurable"),
    ]
    assert not gate(invented.result(), policy(rule | {"most": 0.04})).passed
    empty = Coverage(calculator="invented_2009", by="race", group="Other", n=0, scored=0)
    (calculator,) = invented.result().calculators
    result = msgspec.structs.replace(invented.result(), calculators=(msgspec.structs.replace(calculator, coverage=(empty,)),))
    assert gate(result, policy(rule | {"most": 0.5})).checks[0].verdict == "not_measurable"


def test_confidence_of_numbers_and_thresholds() -> None:
    assert not gate(invented.result(), policy({"name": "c", "measure": "confidence"})).passed
    report = gate(invented.result(), policy({"name": "c", "measure": "confidence", "least": "SINGLE-SOURCE", "decisions": True}))
    assert report.passed
    assert len(report.checks) == 4


def test_race_terms() -> None:
    for only in (True, False):
        report = gate(invented.result(), policy({"name": "r", "measure": "race_term", "only_superseded": only}))
        assert "invented_2021" in report.failures[0].reason


def test_change_reads_the_arm() -> None:
    rule = {"name": "c", "measure": "change", "most": 0.01, "groups": ["White"], "by": ["race"]}
    assert gate(invented.result(), policy(rule)).passed
    report = gate(invented.result(), policy(rule | {"arm": "successor"}))
    assert len(report.failures) == 3


@pytest.mark.parametrize(("flag", "allow"), [("internal", "allow_internal"), ("synthetic", "allow_synthetic")])
def test_results_that_may_not_pass(flag: str, allow: str) -> None:
    result = invented.result(**{flag: True})  # type: ignore[arg-type]
    rule = disparity(most=1.0)
    assert not gate(result, policy(rule)).passed
    allowed = gate(result, policy(rule, **{allow: True}))
    assert allowed.passed
    assert allowed.stamps[0] in to_summary(allowed)


def test_formats_say_the_same() -> None:
    report = gate(invented.result(), policy(disparity(most=0.01), {"name": "pipes | here", "measure": "confidence"}))
    root = ElementTree.fromstring(to_junit(report))
    assert int(root.get("tests", "")) == len(report.checks) == len(root.findall("./testsuite/testcase"))
    assert int(root.get("failures", "")) == len(report.failures) == len(root.findall(".//failure"))
    assert int(root.get("skipped", "")) == len(root.findall(".//skipped")) == 2
    summary = to_summary(report)
    assert "| pipes \\| here | 0 | 1 | 0 |" in summary
    assert all(c.reason in summary and c.reason in to_text(report) for c in report.failures)


def test_long_summaries_are_cut_and_say_so() -> None:
    rows = [row(0.5, 0.4, 0.6, group=f"Group {i}") for i in range(60)]
    summary = to_summary(gate(with_disparities(*rows), policy(disparity())))
    assert "And 10 more" in summary
    assert "Group 49" in summary
    assert "Group 50" not in summary


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("version = 1\n[[rule]]\nname = 'a'\nmeasure = 'disparity_introduced'\nmots = 1", "not a policy"),
        ("version = 1\n[[rule]]\nname = 'a'\nmeasure = 'fairness'", "not a policy"),
        ("version = 2\n[[rule]]\nname = 'a'\nmeasure = 'confidence'", "version 2"),
        ("version = 1\nrule = []", "at least one rule"),
        ("version = 1\n[[rule]]\nname='a'\nmeasure='confidence'\n[[rule]]\nname='a'\nmeasure='confidence'", "a name of its own"),
        ("version =", "is not TOML"),
    ],
)
def test_policies_that_are_refused(tmp_path: Path, text: str, said: str) -> None:
    path = tmp_path / "policy.toml"
    path.write_text(text)
    with pytest.raises(PolicyError, match=said):
        read_policy(path)


def test_documented_policy_is_read(tmp_path: Path) -> None:
    page = (Path(__file__).parents[3] / "docs" / "gate.md").read_text(encoding="utf-8")
    path = tmp_path / "policy.toml"
    path.write_text(page.split("```toml\n")[1].split("```")[0])
    assert [type(r).__name__ for r in read_policy(path).rule] == ["DisparityIntroduced", "NotMeasured", "Confidence", "RaceTerm"]


def test_command(tmp_path: Path) -> None:
    saved = invented.result().save(tmp_path / "audit.json")
    path = tmp_path / "policy.toml"
    path.write_text("version = 1\n[[rule]]\nname = 'd'\nmeasure = 'disparity_introduced'\nmost = 0.01\n")
    summary = tmp_path / "summary.md"
    summary.write_text("before\n")
    arguments = ["gate", str(saved), "--policy", str(path), "--junit", str(tmp_path / "junit.xml"), "--summary", str(summary)]
    run = CliRunner().invoke(main, arguments)
    assert run.exit_code == 1, run.output
    assert "beyond 1.00 percentage points" in run.output
    assert summary.read_text().startswith("before\n## Gate failed")
    ElementTree.parse(tmp_path / "junit.xml")
    path.write_text(path.read_text().replace("0.01", "0.5"))
    assert CliRunner().invoke(main, arguments).exit_code == 0
    assert CliRunner().invoke(main, [*arguments[:3], str(tmp_path / "no.toml")]).exit_code == 2
