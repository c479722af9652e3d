"""A plan as a TOML file for people to edit, and progress as text and JSON."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence

import msgspec

from auditor.plan import Goal, Plan, Progress

STEPS = {
    "commit": "Commit to the work: who answers for it, and what the organisation has promised.",
    "learn": "Shift norms by learning: what staff and leaders learn about racism in medicine and about race terms.",
    "data": "Get a handle on data: how race is recorded, by whom, what is missing, and who keeps this audit up to date.",
    "vision": "Develop a shared vision and goals: with whom the goals below were agreed, patients included.",
    "launch": "Launch improvement efforts: what changes in the laboratory, the record, the order sets, and when.",
}
HEAD = """# Action plan from an audit of race terms. People edit this file; `auditor plan check` reads it.
# The steps are the five of the American Medical Association's toolkit "Racial and Health Equity: Concrete STEPS for Health
# Systems" (edhub.ama-assn.org/steps-forward/module/2788862), in the words of this software.
# Goals are SMART: specific (calculator, decision, group), measurable (measure, baseline, target), achievable, relevant, and
# timed (due). Fractions: 0.02 is two percentage points. The software proposes no target.
"""
BLANK = ("achievable_because", "relevant_because", "contact_plan")


def to_toml(plan: Plan) -> str:
    """The plan as TOML, with what people must fill in left blank."""
    lines = [HEAD, f"version = {plan.version}", *(f"{k} = {_text(getattr(plan, k))}" for k in ("result", "cohort", "date")), ""]
    for name, meaning in STEPS.items():
        step = getattr(plan.steps, name)
        lines += [f"# {meaning}", f"[steps.{name}]", *(f"{k} = {_text(getattr(step, k))}" for k in ("lead", "agreed", "done")), ""]
    for goal in plan.goal:
        lines += [*_goal(goal), ""]
    return "\n".join(lines).rstrip() + "\n"


def _goal(goal: Goal) -> Iterator[str]:
    yield "[[goal]]"
    places = ("id", "measure", "calculator", "decision", "by", "group", "arm")
    yield from (f"{k} = {_text(getattr(goal, k))}" for k in places if getattr(goal, k) and (goal.calculator or k not in ("arm",)))
    for name in ("baseline", "baseline_lower", "baseline_upper"):
        value = getattr(goal, name)
        if value is not None:
            yield f"{name} = {round(value, 6)!r}"
    yield f"target = {goal.target!r}" if goal.target is not None else "# target ="
    yield f"direction = {_text(goal.direction)}"
    yield f"owner = {_text(goal.owner)}"
    yield f'due = {_text(goal.due)}  # "YYYY-MM-DD"'
    yield f"consulted = [{', '.join(_text(c) for c in goal.consulted)}]  # patients, clinicians, laboratory, community"
    if goal.patients_to_contact != "":
        number = goal.patients_to_contact if isinstance(goal.patients_to_contact, int) else _text(goal.patients_to_contact)
        yield f"patients_to_contact = {number}  # patients of the audited cohort whose decision changes here"
    yield from (f"{k} = {_text(getattr(goal, k))}" for k in BLANK)


def _text(value: str) -> str:
    return json.dumps(value, ensure_ascii=False)


def progress_text(progress: Sequence[Progress], stamps: Sequence[str]) -> str:
    """Progress as lines, one per goal, and the number of each verdict."""
    lines = [*stamps, *(f"{p.goal.id}: {p.words}" for p in progress)]
    counts = {verdict: sum(p.verdict == verdict for p in progress) for verdict in ("met", "missed", "not_measurable", "no_target")}
    lines.append("Goals: " + ", ".join(f"{n} {verdict.replace('_', ' ')}" for verdict, n in counts.items()) + ".")
    return "\n".join(lines) + "\n"


def progress_json(progress: Sequence[Progress], stamps: Sequence[str]) -> str:
    """Progress as JSON."""
    document = {"stamps": list(stamps), "goals": [msgspec.to_builtins(p) for p in progress]}
    return json.dumps(document, indent=1, ensure_ascii=False) + "\n"
