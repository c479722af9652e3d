"""Action plans: a baseline from one audit, a verdict from another; every number is made up."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import msgspec
import pytest
from click.testing import CliRunner
from statsmodels.stats.proportion import proportion_confint

sys.path.insert(0, str(Path(__file__).parents[1] / "reports"))
import invented

from auditor.cli import main
from auditor.plan import Goal, Plan, PlanError, Step, check, new_plan, read, read_plan
from auditor.plan_formats import to_toml
from auditor.result import AuditResult
from auditor.rows import GroupSize
from reports.blocks import Table
from reports.sections.plan import ActionPlan


def goal(**fields: Any) -> Goal:
    place = {"id": "g", "measure": "disparity_introduced", "calculator": "invented_2009", "decision": "referral", "group": invented.BLACK}
    return Goal(**{**place, **fields})


def verdict(target: float | None, result: AuditResult | None = None, **fields: Any) -> tuple[str, bool]:
    (progress,) = check(Plan(version=1, goal=(goal(target=target, **fields),)), result or invented.result())
    return progress.verdict, progress.certain


def test_the_size_of_a_disparity_counts_in_either_direction() -> None:
    reading = read(goal(), invented.result())
    assert (reading.value, reading.lower, reading.upper) == pytest.approx((0.042, 0.032, 0.052))
    row = invented.result().calculators[0].disparities[0]
    around_zero = msgspec.structs.replace(row, introduced=-0.01, lower=-0.03, upper=0.005)
    calculator = msgspec.structs.replace(invented.result().calculators[0], disparities=(around_zero,))
    reading = read(goal(), msgspec.structs.replace(invented.result(), calculators=(calculator,)))
    assert (reading.value, reading.lower, reading.upper) == (0.01, 0.0, 0.03)


@pytest.mark.parametrize(
    ("target", "said"),
    [(0.06, ("met", True)), (0.05, ("met", False)), (0.04, ("missed", False)), (0.03, ("missed", True)), (None, ("no_target", False))],
)
def test_verdicts_by_the_estimate_with_certainty_by_the_interval(target: float | None, said: tuple[str, bool]) -> None:
    assert verdict(target) == said


@pytest.mark.parametrize(
    ("target", "said"), [(0.03, ("met", True)), (0.04, ("met", False)), (0.05, ("missed", False)), (0.06, ("missed", True))]
)
def test_at_least_is_the_mirror_image(target: float, said: tuple[str, bool]) -> None:
    assert verdict(target, direction="at_least") == said


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"group": invented.ASIAN}, "suppressed"),
        ({"group": invented.NATIVE}, "not estimable"),
        ({"group": invented.UNKNOWN, "measure": "change"}, "imprecise"),
        ({"group": "Nobody"}, "no row for this group"),
        ({"calculator": "stone_2014"}, "the cohort lacks these inputs"),
        ({"calculator": "invented_1999"}, "does not hold the calculator"),
    ],
)
def test_what_is_not_measurable_says_why(fields: dict[str, str], said: str) -> None:
    (progress,) = check(Plan(version=1, goal=(goal(target=0.01, **fields),)), invented.result())
    assert progress.verdict == "not_measurable"
    assert said in progress.words
    assert progress.reading.value is None


def test_a_structural_zero_meets_a_goal_for_certain() -> None:
    assert verdict(0.0, measure="change", group=invented.WHITE) == ("met", True)


def test_shares_have_the_exact_interval_of_a_proportion() -> None:
    result = invented.result()
    sizes = (*result.cohort.groups, GroupSize(by="race", group="Unknown", n=400))
    result = msgspec.structs.replace(result, cohort=msgspec.structs.replace(result.cohort, n=7500, groups=sizes))
    unknown = goal(measure="unknown_race", calculator="", decision="", group="Unknown")
    reading = read(unknown, result)
    assert reading.value == 400 / 7500
    assert (reading.lower, reading.upper) == pytest.approx(proportion_confint(400, 7500, method="wilson"))
    assert read(goal(measure="not_scored"), result).value == pytest.approx(100 / 2100)
    assert [g.id for g in new_plan(result).goal][-1] == "unknown_race"


@pytest.mark.parametrize(("today", "words"), [("2026-11-21", "not yet due"), ("2027-07-01", "due 2027-06-30"), ("", "due 2027-06-30")])
def test_a_missed_goal_says_when_it_is_due(today: str, words: str) -> None:
    result = invented.result()
    result = msgspec.structs.replace(result, options=msgspec.structs.replace(result.options, date=today))
    (progress,) = check(Plan(version=1, goal=(goal(target=0.01, due="2027-06-30"),)), result)
    assert words in progress.words
    assert ("not yet" in progress.words) == (today == "2026-11-21")


def test_a_new_plan_proposes_no_target_and_survives_its_file(tmp_path: Path) -> None:
    plan = new_plan(invented.result())
    assert plan.goal
    for made in plan.goal:
        assert made.target is None
        assert made.baseline is not None
        assert made.group != invented.ASIAN
    path = tmp_path / "plan.toml"
    path.write_text(to_toml(plan), encoding="utf-8")
    again = read_plan(path)
    assert [g.id for g in again.goal] == [g.id for g in plan.goal]
    assert [g.baseline for g in again.goal] == pytest.approx([g.baseline for g in plan.goal])
    assert msgspec.structs.replace(again, goal=()) == msgspec.structs.replace(plan, goal=())
    assert {p.verdict for p in check(again, invented.result())} == {"no_target"}
    assert to_toml(again) == to_toml(plan)


def test_one_goal_per_group_at_the_threshold_that_moves_most(tmp_path: Path) -> None:
    (made, *others) = new_plan(invented.result()).goal
    assert (made.decision, made.measure, made.patients_to_contact) == ("stage", "change", 200)
    assert not [g for g in others if g.group == made.group]
    assert new_plan(invented.result(), most=1).goal == (made,)
    assert new_plan(invented.result(), ["other_2000"]).goal == ()


def test_texts_with_quotes_survive(tmp_path: Path) -> None:
    plan = Plan(
        version=1, cohort='A "clinic"\\ in\nÅrhus', goal=(goal(owner="Dr. “O'Hara”", consulted=("patients' council", "lab"), target=0.02),)
    )
    path = tmp_path / "plan.toml"
    path.write_text(to_toml(plan), encoding="utf-8")
    assert read_plan(path) == plan


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("version = 1\n[[goal]]\nid = 'a'\nmeasure = 'fairness'", "not a plan"),
        ("version = 1\n[[goal]]\nid = 'a'\nmeasure = 'change'\ntraget = 1", "not a plan"),
        ("version = 1\n[[goal]]\nid = 'a'\nmeasure = 'change'\n[[goal]]\nid = 'a'\nmeasure = 'change'", "id of its own"),
        ("version = 1\n[[goal]]\nid = 'a'\nmeasure = 'change'\ndue = 'June'", "is no date"),
        ("version = 3", "version 3"),
    ],
)
def test_plans_that_are_refused(tmp_path: Path, text: str, said: str) -> None:
    path = tmp_path / "plan.toml"
    path.write_text(text)
    with pytest.raises(PlanError, match=said):
        read_plan(path)


def test_a_date_without_quotes_is_read(tmp_path: Path) -> None:
    path = tmp_path / "plan.toml"
    path.write_text("version = 1\n[[goal]]\nid = 'a'\nmeasure = 'change'\ndue = 2027-06-30")
    assert read_plan(path).goal[0].due == "2027-06-30"


def test_section_shows_verdicts_and_leaves_fields() -> None:
    progress = check(Plan(version=1, goal=(goal(target=0.05), goal(id="h", group=invented.ASIAN))), invented.result())
    (_, table, work) = ActionPlan(progress).build(invented.result())
    assert isinstance(table, Table)
    assert isinstance(work, Table)
    first, second = table.rows
    assert "met, not certain" in first
    assert "at most 5.0%" in first
    assert "suppressed" in second
    assert second.count("________") == 1
    assert work.rows[0].count("________") == 7
    assert list(ActionPlan(()).build(invented.result())) == []


@pytest.mark.parametrize(("internal", "said"), [(False, "suppressed"), (True, "7")])
def test_a_small_count_in_a_plan_stays_in_the_hospital(internal: bool, said: str) -> None:
    progress = check(Plan(version=1, goal=(goal(patients_to_contact=7), goal(id="h", patients_to_contact="7 "))), invented.result())
    (_, _, work) = ActionPlan(progress).build(invented.result(internal=internal))
    assert isinstance(work, Table)
    assert [row[6] for row in work.rows] == [said, said]


@pytest.mark.parametrize("ending", ["html", "md", "pdf", "docx"])
def test_report_with_plan(tmp_path: Path, ending: str) -> None:
    saved, path, out = invented.result().save(tmp_path / "audit.json"), tmp_path / "plan.toml", tmp_path / f"report.{ending}"
    plan = new_plan(invented.result())
    steps = msgspec.structs.replace(plan.steps, commit=Step(lead="Chief medical officer"))
    path.write_text(to_toml(msgspec.structs.replace(plan, steps=steps)))
    done = CliRunner().invoke(main, ["report", str(saved), "--plan", str(path), "--audience", "committee", "-o", str(out)])
    assert (done.exit_code, done.output.strip()) == (0, str(out))
    plain = tmp_path / f"plain.{ending}"
    CliRunner().invoke(main, ["report", str(saved), "--audience", "committee", "-o", str(plain)])
    assert out.stat().st_size > plain.stat().st_size
    if ending in ("html", "md"):
        text = out.read_text()
        assert text.index("Chief medical officer") < text.rindex("How to read this, and its limits")
        assert "Chief medical officer" not in plain.read_text()


def test_a_plan_is_not_written_into_json(tmp_path: Path) -> None:
    saved, path = invented.result().save(tmp_path / "audit.json"), tmp_path / "plan.toml"
    path.write_text(to_toml(new_plan(invented.result())))
    done = CliRunner().invoke(main, ["report", str(saved), "--plan", str(path), "-o", str(tmp_path / "x.json")])
    assert done.exit_code == 2
    assert "holds no plan" in done.output


def test_commands(tmp_path: Path) -> None:
    saved = str(invented.result(internal=True).save(tmp_path / "audit.json"))
    path = tmp_path / "plan.toml"
    assert CliRunner().invoke(main, ["plan", "new", saved, "-o", str(path)]).exit_code == 0
    printed = CliRunner().invoke(main, ["plan", "new", saved])
    assert printed.output == path.read_text(encoding="utf-8")
    run = CliRunner().invoke(main, ["plan", "check", str(path), saved])
    assert run.exit_code == 0, run.output
    assert "no target is set" in run.output
    assert "do not release" in run.output
    document = msgspec.json.decode(CliRunner().invoke(main, ["plan", "check", str(path), saved, "--format", "json"]).output)
    assert document["goals"][0]["verdict"] == "no_target"
