"""Action plans: measures and baselines from an audit, targets and people from the readers, progress from the next audit."""

from __future__ import annotations

import os
import tomllib
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any, Literal

import msgspec

from auditor.errors import UserError
from auditor.result import AuditResult
from auditor.rows import Status

Measure = Literal["disparity_introduced", "change", "selection_rate", "not_scored", "unknown_race"]
Direction = Literal["at_most", "at_least"]
Verdict = Literal["met", "missed", "not_measurable", "no_target"]
PLAN_VERSION = 1
SIZES: frozenset[Measure] = frozenset({"disparity_introduced", "change"})


class PlanError(UserError):
    """A plan file cannot be used; the message says where and what to do."""


class Step(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One of the five steps: who leads it, what was agreed, what was done; people write it."""

    lead: str = ""
    agreed: str = ""
    done: str = ""


class Steps(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The five steps of the American Medical Association's toolkit for health systems, in order."""

    commit: Step = Step()
    learn: Step = Step()
    data: Step = Step()
    vision: Step = Step()
    launch: Step = Step()


class Goal(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One SMART goal. Measure, place and baseline come from the audit; target, owner, date and reasons from people.

    `target` and `baseline` are fractions; for `disparity_introduced` and `change` the size counts, in either direction.
    `patients_to_contact` is a count of patients whose decision changes at this threshold.
    """

    id: str
    measure: Measure
    calculator: str = ""
    decision: str = ""
    by: str = "race"
    group: str = ""
    arm: str = "without_race"
    baseline: float | None = None
    baseline_lower: float | None = None
    baseline_upper: float | None = None
    target: float | None = None
    direction: Direction = "at_most"
    owner: str = ""
    due: str = ""
    achievable_because: str = ""
    relevant_because: str = ""
    consulted: tuple[str, ...] = ()
    patients_to_contact: int | str = ""
    contact_plan: str = ""


class Plan(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A plan file: the audit that it starts from, the five steps, and the goals."""

    version: int
    result: str = ""
    cohort: str = ""
    date: str = ""
    steps: Steps = Steps()
    goal: tuple[Goal, ...] = ()


class Reading(msgspec.Struct, frozen=True, kw_only=True):
    """A measure in one result: its value with the interval, or the reason why there is none."""

    value: float | None = None
    lower: float | None = None
    upper: float | None = None
    status: Status = "ok"
    reason: str = ""


class Progress(msgspec.Struct, frozen=True, kw_only=True):
    """A goal beside its reading; `certain` says whether the whole 95% interval lies on the verdict's side of the target."""

    goal: Goal
    reading: Reading
    verdict: Verdict
    certain: bool
    words: str


def read_plan(path: str | os.PathLike[str]) -> Plan:
    """Read a plan file (TOML); a field that it does not know, a date that is none and doubled ids are errors."""
    try:
        plan = msgspec.convert(_plain(tomllib.loads(Path(path).read_text(encoding="utf-8"))), Plan)
    except OSError as error:
        raise PlanError(f"{path}: cannot be read ({error.strerror}).") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise PlanError(f"{path}: is not TOML ({error}).") from None
    except msgspec.ValidationError as error:
        raise PlanError(f"{path}: is not a plan ({error}). docs/action_plan.md lists every field.") from None
    if plan.version != PLAN_VERSION:
        raise PlanError(f"{path}: has version {plan.version}; this auditor reads version {PLAN_VERSION}.")
    ids = [goal.id for goal in plan.goal]
    if len(set(ids)) != len(ids):
        raise PlanError(f"{path}: every goal needs an id of its own.")
    for goal in plan.goal:
        if goal.due:
            _day(goal.due, f"{path}: goal {goal.id}: due")
    return plan


def _plain(document: dict[str, Any]) -> dict[str, Any]:
    """The file's content with dates that TOML knows as text, as where they stand in quotes."""
    goals = document.get("goal", [])
    for goal in goals if isinstance(goals, list) else []:
        if isinstance(goal, dict) and isinstance(goal.get("due"), date):
            goal["due"] = goal["due"].isoformat()
    return document


def check(plan: Plan, result: AuditResult) -> tuple[Progress, ...]:
    """Which goals a result meets or misses, and which cannot be measured in it."""
    return tuple(_progress(goal, read(goal, result), result.options.date) for goal in plan.goal)


def read(goal: Goal, result: AuditResult) -> Reading:
    """A goal's measure in a result."""
    if goal.measure == "unknown_race":
        return _unknown_race(goal, result)
    calculator = next((c for c in result.calculators if c.id == goal.calculator), None)
    if calculator is None:
        reason = next((n.reason for n in result.not_audited if n.id == goal.calculator), "the result does not hold the calculator")
        return Reading(status="not_estimable", reason=f"{goal.calculator} was not audited: {reason}")
    place = (goal.by, goal.group)
    if goal.measure == "not_scored":
        for row in calculator.coverage:
            if (row.by, row.group) == place:
                return _share(None if row.n is None or row.scored is None else row.n - row.scored, row.n, row.status)
    elif goal.measure == "disparity_introduced":
        for d in calculator.disparities:
            if (d.by, d.group) == place and (d.decision, d.arm, d.metric) == (goal.decision, goal.arm, "selection_rate"):
                return _size(d.introduced, d.lower, d.upper, d.status)
    elif goal.measure == "change":
        for c in calculator.changes:
            if (c.by, c.group) == place and (c.decision, c.arm) == (goal.decision, goal.arm):
                return _size(c.change, c.lower, c.upper, c.status)
    else:
        for m in calculator.metrics:
            if (m.by, m.group) == place and (m.decision, m.arm, m.metric) == (goal.decision, goal.arm, "selection_rate"):
                return _reading(m.value, m.lower, m.upper, m.status)
    return Reading(status="not_estimable", reason="the result has no row for this group and threshold")


def _progress(goal: Goal, reading: Reading, today: str) -> Progress:
    if reading.value is None:
        words = f"not measurable now: {reading.reason or reading.status.replace('_', ' ')}"
        return Progress(goal=goal, reading=reading, verdict="not_measurable", certain=False, words=words)
    low = reading.value if reading.lower is None else reading.lower
    high = reading.value if reading.upper is None else reading.upper
    said = f"{reading.value:.2%} (95% interval {low:.2%} to {high:.2%})" if reading.lower is not None else f"{reading.value:.2%}"
    if goal.target is None:
        return Progress(goal=goal, reading=reading, verdict="no_target", certain=False, words=f"{said}; no target is set")
    at_most = goal.direction == "at_most"
    met = reading.value <= goal.target if at_most else reading.value >= goal.target
    certain = (high <= goal.target if at_most else low >= goal.target) if met else (low > goal.target if at_most else high < goal.target)
    doubt = "" if certain else ", not certain: the interval reaches across the target"
    due = _due(goal, today) if not met else ""
    words = f"{'met' if met else 'missed'}{doubt}: {said}, {goal.direction.replace('_', ' ')} {goal.target:.2%} was the goal{due}"
    return Progress(goal=goal, reading=reading, verdict="met" if met else "missed", certain=certain, words=words)


def _due(goal: Goal, today: str) -> str:
    if not goal.due:
        return ", without a due date"
    due = _day(goal.due, f"goal {goal.id}: due")
    if not today:
        return f", due {due.isoformat()}"
    return f", due {due.isoformat()}" + (", not yet due" if due > _day(today, "the audit's date") else "")


def _day(value: str, what: str) -> date:
    try:
        return date.fromisoformat(value)
    except ValueError:
        raise PlanError(f"{what} '{value}' is no date; write YYYY-MM-DD.") from None


def _reading(value: float | None, lower: float | None, upper: float | None, status: Status) -> Reading:
    if status != "ok" or value is None:
        return Reading(status=status, reason=status.replace("_", " ") if status != "ok" else "the result holds no value")
    return Reading(value=value, lower=lower, upper=upper)


def _size(value: float | None, lower: float | None, upper: float | None, status: Status) -> Reading:
    """The size of a signed difference, with the interval of its size."""
    signed = _reading(value, lower, upper, status)
    if signed.value is None or signed.lower is None or signed.upper is None:
        return signed if signed.value is None else Reading(value=abs(signed.value))
    ends = sorted((abs(signed.lower), abs(signed.upper)))
    return Reading(value=abs(signed.value), lower=0.0 if signed.lower <= 0 <= signed.upper else ends[0], upper=ends[1])


def _share(part: int | None, whole: int | None, status: Status) -> Reading:
    if status != "ok" or part is None or not whole:
        return _reading(None, None, None, status)
    from auditor.counts.uncertainty import rate_interval

    lower, upper, _ = rate_interval([part], [whole])
    return Reading(value=part / whole, lower=float(lower[0]), upper=float(upper[0]))


def _unknown_race(goal: Goal, result: AuditResult) -> Reading:
    for group in result.cohort.groups:
        if (group.by, group.group) == (goal.by, goal.group):
            return _share(group.n, result.cohort.n, group.status)
    return Reading(status="not_estimable", reason="the result has no such group")


def new_plan(result: AuditResult, calculators: Sequence[str] = (), most: int = 10) -> Plan:
    """A plan with goals for the disparities that the race terms introduce, those that move most patients first.

    One goal per calculator and group, at the threshold where most patients' decisions change; and one for patients whose
    race is unknown where they are at least one in twenty. Targets are left to people.
    """
    found: list[tuple[int, Goal]] = []
    by = result.options.by[0] if result.options.by else ""
    for calculator in result.calculators:
        if not calculator.card.race_kind or (calculators and calculator.id not in calculators):
            continue
        largest: dict[str, tuple[int, Goal]] = {}
        for row in calculator.changes:
            if row.arm != "without_race" or row.by != by or row.status != "ok" or (not row.gained and not row.lost):
                continue
            moved = (row.gained or 0) + (row.lost or 0)
            goal = _goal(result, calculator.id, row.decision, by, row.group, moved)
            if goal is not None and moved > largest.get(row.group, (0, goal))[0]:
                largest[row.group] = (moved, goal)
        found += largest.values()
    found.sort(key=lambda f: (-f[0], f[1].id))
    goals = [goal for _, goal in found[:most]] + _unknown_goal(result)
    return Plan(
        version=PLAN_VERSION,
        result=result.fingerprint,
        cohort=result.cohort.name,
        date=result.options.date,
        goal=tuple(goals),
    )


def _goal(result: AuditResult, calculator: str, decision: str, by: str, group: str, moved: int) -> Goal | None:
    """A goal on the disparity introduced, or on the group's own change where the group is the reference or has no contrast."""
    for measure in ("disparity_introduced", "change"):
        goal = Goal(
            id=f"{calculator}.{decision}.{_slug(group)}",
            measure=measure,
            calculator=calculator,
            decision=decision,
            by=by,
            group=group,
            patients_to_contact=moved,
        )
        reading = read(goal, result)
        if reading.value:
            return msgspec.structs.replace(goal, baseline=reading.value, baseline_lower=reading.lower, baseline_upper=reading.upper)
    return None


def _unknown_goal(result: AuditResult) -> list[Goal]:
    goal = Goal(id="unknown_race", measure="unknown_race", by="race", group="Unknown")
    reading = _unknown_race(goal, result)
    if reading.value is None or reading.value < 0.05:
        return []
    return [msgspec.structs.replace(goal, baseline=reading.value, baseline_lower=reading.lower, baseline_upper=reading.upper)]


def _slug(text: str) -> str:
    return "-".join("".join(c if c.isalnum() else " " for c in text.lower()).split())
