"""Do the changes hold when several recorded races are read by the other policy, or when scores are rounded as they are reported?"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from typing import Any, Literal, get_args

import msgspec

from auditor.counts.coverage import coverage_rows, untouched
from auditor.counts.scales import Cut, Scale
from auditor.counts.tables import rows
from auditor.patients.cohort import Cohort, Request, read_cohort
from auditor.patients.engines.local import tally
from auditor.patients.race import SeveralRaces
from auditor.patients.tally import Plan
from auditor.pipeline import audit, keys_of, serve
from auditor.result import AuditResult
from auditor.rows import Change
from calculators.declare import Calculator
from calculators.registry import registry

Verdict = Literal["holds", "beyond the interval", "turns the sign", "not shown"]
ROUNDED = "scores rounded as reported"
Key = tuple[str, str, str, str, str]


class Sensitivity(msgspec.Struct, frozen=True, kw_only=True):
    """One change of an audit under another choice: `holds` where it stays within the audit's interval.

    Only the verdict is given: two versions of a number, a few patients apart, would tell of those patients.
    """

    calculator: str
    decision: str
    arm: str
    by: str
    group: str
    choice: str
    verdict: Verdict


def sensitivity(
    cohort: Any = None, calculators: Sequence[str] | str = "all", by: Sequence[str] = ("race",), **options: Any
) -> tuple[Sensitivity, ...]:
    """Every change without the race term and under the successor, judged under each other choice; `options` are those of `audit`."""
    reading = {name: options.pop(name) for name in ("mapping", "one_per_patient") if name in options}
    patients = cohort if isinstance(cohort, Cohort) else read_cohort(cohort, **reading)
    result = audit(patients, calculators, by, **options)
    policy: SeveralRaces = options.get("several_races", "any_mention")
    (other,) = set(get_args(SeveralRaces)) - {policy}
    choices = {f"several races by {other.replace('_', ' ')}": (other, False), ROUNDED: (policy, True)}
    request = Request(
        inputs=tuple(dict.fromkeys(n for a in serve(patients, result.options.calculators or "all", registry()).armed for n in a.inputs)),
        by=result.options.by,
        weights=options.get("weights", "") or patients.weights,
        strata=options.get("strata", "") or patients.strata,
        psu=options.get("psu", "") or patients.psu,
    )
    found: list[Sensitivity] = []
    for choice, (races, whole) in choices.items():
        changed = dict(_changes(patients, result, request, races, whole))
        for calculator in result.calculators:
            for change in calculator.changes:
                if change.arm == "without_race" or change.arm.startswith("successor:"):
                    found.append(
                        Sensitivity(
                            calculator=change.calculator,
                            decision=change.decision,
                            arm=change.arm,
                            by=change.by,
                            group=change.group,
                            choice=choice,
                            verdict=verdict(change, changed.get(_key(change))),
                        )
                    )
    return tuple(found)


def verdict(change: Change, other: float | None) -> Verdict:
    """A change against the same change under another choice; a change of exactly 0 holds only as 0."""
    if change.status == "suppressed" or change.change is None or other is None:
        return "not shown"
    if change.change * other < 0:
        return "turns the sign"
    low, high = (change.change if bound is None else bound for bound in (change.lower, change.upper))
    return "holds" if low <= other <= high else "beyond the interval"


def rounded(scale: Scale, decimals: int) -> Scale:
    """The scale on which an unrounded score falls where its value rounded half up to so many decimals falls on this one."""
    unit = Decimal(1).scaleb(-decimals)
    cuts = []
    for cut in scale.cuts:
        value = Decimal(repr(cut.value))
        if cut.operator in (">=", "<"):
            moved = Cut(cut.decision, cut.operator, float(value.quantize(unit, ROUND_CEILING) - unit / 2), cut.yes_means)
        else:
            edge = float(value.quantize(unit, ROUND_FLOOR) + unit / 2)
            moved = Cut(cut.decision, ">=" if cut.operator == ">" else "<", edge, cut.yes_means)
        cuts.append(moved)
    return Scale(scale.output, tuple(cuts))


def decimals_of(calculator: Calculator, output: str) -> int | None:
    """To how many decimals an output is commonly reported: whole mL/min, z-scores to 2, risks to a tenth of a percent; None: as it is."""
    found = next((o for o in calculator.outputs if o.name == output), None)
    if found is None or found.kind != "number" or output in calculator.printed_decimals:
        return None
    if found.unit in ("mL/min/{1.73_m2}", "mL/min"):
        return 0
    return None if found.unit != "1" else 2 if "z_score" in output else 3


def _changes(cohort: Cohort, result: AuditResult, request: Request, races: SeveralRaces, whole: bool) -> Iterator[tuple[Key, float | None]]:
    armed = serve(cohort, result.options.calculators or "all", registry()).armed
    plans = [Plan.of(a, keys_of(cohort, request), races) for a in armed]
    if whole:
        plans = [replace(p, scales=tuple(_reported(p.armed.calculator, s) for s in p.scales)) for p in plans]
    counted, _, _ = tally(cohort, request, plans, processes=1)
    for plan, one in zip(plans, counted, strict=True):
        calculator = plan.armed.calculator
        tables = [replace(table, by=request.by) for table in one.tables]
        zero = untouched(coverage_rows(calculator.id, one.coverage, request.by)) if calculator.race else frozenset()
        options = msgspec.structs.replace(result.options, replicates=1)
        for change in rows(tables, {}, options, zero, bool(request.weights)).changes:
            yield _key(change), change.change


def _reported(calculator: Calculator, scale: Scale) -> Scale:
    decimals = decimals_of(calculator, scale.output)
    return scale if decimals is None else rounded(scale, decimals)


def _key(change: Change) -> Key:
    return change.calculator, change.decision, change.arm, change.by, change.group


def to_text(found: Sequence[Sensitivity]) -> str:
    """The verdicts as text: how many changes hold under each choice, and every one that does not."""
    lines = []
    for choice in dict.fromkeys(row.choice for row in found):
        rows_ = [row for row in found if row.choice == choice]
        held, hidden = (sum(row.verdict == v for row in rows_) for v in ("holds", "not shown"))
        lines.append(f"{choice}: {held} of {len(rows_) - hidden} changes hold; {hidden} are not shown")
        for row in rows_:
            if row.verdict not in ("holds", "not shown"):
                lines.append(f"  {row.calculator} {row.decision}, {row.arm}, {row.by} {row.group}: {row.verdict}")
    return "\n".join(lines) + "\n"


def to_json(found: Sequence[Sensitivity]) -> str:
    """The verdicts as JSON."""
    return msgspec.json.format(msgspec.json.encode(found), indent=2).decode() + "\n"
