"""The gate: a policy of limits, checked against a saved result; what cannot be measured never passes unseen."""

from __future__ import annotations

import os
import tomllib
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Literal

import msgspec

from auditor.errors import UserError
from auditor.result import AuditResult, CalculatorResult
from auditor.rows import Change, Coverage, Disparity

Verdict = Literal["passed", "failed", "not_measurable"]
Judged = Literal["estimate", "certain", "possible"]
POLICY_VERSION = 1
STRENGTH = {"SINGLE-SOURCE": 0, "VERIFIED": 1}


class PolicyError(UserError):
    """A policy file cannot be used; the message says where and what to do."""


class _Rule(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="measure"):
    """What every rule has: a name and the calculators it is about (none: all of the result)."""

    name: str
    calculators: tuple[str, ...] = ()


class _RowRule(_Rule, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A rule on rows of a table; empty choices mean all. `most` is a fraction (0.02: two percentage points)."""

    most: float
    groups: tuple[str, ...] = ()
    by: tuple[str, ...] = ()

    def about(self, row: Disparity | Change | Coverage) -> bool:
        """Whether the rule is about this row's group."""
        return (not self.groups or row.group in self.groups) and (not self.by or row.by in self.by)


class DisparityIntroduced(_RowRule, frozen=True, kw_only=True, forbid_unknown_fields=True, tag="disparity_introduced"):
    """The disparity that the race term introduces is at most `most`, in either direction.

    `estimate`: the estimate is within the limit; `certain`: fails only where the whole 95% interval lies beyond it;
    `possible`: fails wherever the interval reaches beyond it. The interval is the one that holds for all groups and arms together.
    """

    decisions: tuple[str, ...] = ()
    metric: str = "selection_rate"
    arm: str = "without_race"
    judged_by: Judged = "estimate"


class ChangeLimit(_RowRule, frozen=True, kw_only=True, forbid_unknown_fields=True, tag="change"):
    """The share of a group's patients whose answer is a yes moves by at most `most` between with race and the arm."""

    decisions: tuple[str, ...] = ()
    arm: str = "without_race"
    judged_by: Judged = "estimate"


class NotMeasured(_RowRule, frozen=True, kw_only=True, forbid_unknown_fields=True, tag="not_measured"):
    """At most this share of a calculator's disparities is not estimable, imprecise or suppressed."""

    metric: str = "selection_rate"
    arm: str = "without_race"


class NotScored(_RowRule, frozen=True, kw_only=True, forbid_unknown_fields=True, tag="not_scored"):
    """At most this share of a group's patients gets no score (input missing or out of range, or no row for them)."""


class Confidence(_Rule, frozen=True, kw_only=True, forbid_unknown_fields=True, tag="confidence"):
    """The numbers of every calculator (and, with `decisions`, its thresholds) are confirmed at least this well."""

    least: Literal["SINGLE-SOURCE", "VERIFIED"] = "VERIFIED"
    decisions: bool = False


class RaceTerm(_Rule, frozen=True, kw_only=True, forbid_unknown_fields=True, tag="race_term"):
    """No calculator has a race term; with `only_superseded`, none for which a successor is named."""

    only_superseded: bool = False


Rule = DisparityIntroduced | ChangeLimit | NotMeasured | NotScored | Confidence | RaceTerm


class Policy(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Rules, and which results may pass the gate at all."""

    version: int
    name: str = ""
    allow_internal: bool = False
    allow_synthetic: bool = False
    rule: tuple[Rule, ...]


class Check(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that was checked: what, the verdict, and the reason in words."""

    rule: str
    calculator: str
    what: str
    verdict: Verdict
    reason: str


class GateReport(msgspec.Struct, frozen=True, kw_only=True):
    """All checks of a policy against one result."""

    policy: str
    cohort: str
    date: str
    digest: str
    stamps: tuple[str, ...]
    checks: tuple[Check, ...]

    @property
    def passed(self) -> bool:
        """Whether nothing failed."""
        return not self.failures

    @property
    def failures(self) -> tuple[Check, ...]:
        """The checks that failed."""
        return tuple(c for c in self.checks if c.verdict == "failed")

    def of(self, rule: str) -> tuple[Check, ...]:
        """The checks of one rule."""
        return tuple(c for c in self.checks if c.rule == rule)

    @property
    def rules(self) -> tuple[str, ...]:
        """The rules in the policy's order."""
        return tuple(dict.fromkeys(c.rule for c in self.checks))


def read_policy(path: str | os.PathLike[str]) -> Policy:
    """Read a policy file (TOML); what it does not understand is an error, never ignored."""
    try:
        policy = msgspec.convert(tomllib.loads(Path(path).read_text(encoding="utf-8")), Policy)
    except OSError as error:
        raise PolicyError(f"{path}: cannot be read ({error.strerror}).") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise PolicyError(f"{path}: is not TOML ({error}).") from None
    except msgspec.ValidationError as error:
        raise PolicyError(f"{path}: is not a policy ({error}). docs/gate.md lists every rule and its fields.") from None
    if policy.version != POLICY_VERSION:
        raise PolicyError(f"{path}: has version {policy.version}; this auditor reads version {POLICY_VERSION}.")
    names = [rule.name for rule in policy.rule]
    if not names or len(set(names)) != len(names):
        raise PolicyError(f"{path}: a policy needs at least one rule, and every rule a name of its own.")
    return policy


def gate(result: AuditResult, policy: Policy) -> GateReport:
    """Check every rule of a policy against a result; a rule that finds nothing to measure fails."""
    checks = [*_release(result, policy)]
    for rule in policy.rule:
        found = [*_missing(rule, result)]
        for calculator in _chosen(rule, result):
            found += _checks(rule, calculator)
        if not any(c.verdict != "not_measurable" for c in found):
            found.append(_check(rule.name, "", "the whole rule", "failed", "nothing that this rule is about could be measured"))
        checks += found
    return GateReport(
        policy=policy.name,
        cohort=result.cohort.name,
        date=result.options.date,
        digest=result.fingerprint,
        stamps=result.stamps,
        checks=tuple(checks),
    )


def _release(result: AuditResult, policy: Policy) -> Iterator[Check]:
    for found, allowed, reason in (
        (result.options.internal, policy.allow_internal, "small numbers are not suppressed in this result"),
        (result.cohort.synthetic, policy.allow_synthetic, "the patients are synthetic, so that nothing is known about real ones"),
    ):
        if found and not allowed:
            yield _check("The result may be used", "", "the result", "failed", reason)


def _chosen(rule: Rule, result: AuditResult) -> Iterator[CalculatorResult]:
    for calculator in result.calculators:
        if not rule.calculators or calculator.id in rule.calculators:
            yield calculator


def _missing(rule: Rule, result: AuditResult) -> Iterator[Check]:
    """A calculator that a rule names and that was not audited fails the rule."""
    there = {c.id for c in result.calculators}
    reasons = {n.id: n.reason for n in result.not_audited}
    for id in rule.calculators:
        if id not in there:
            yield _check(rule.name, id, "the calculator", "failed", f"was not audited: {reasons.get(id, 'the result does not hold it')}")


def _checks(rule: Rule, calculator: CalculatorResult) -> Iterable[Check]:
    match rule:
        case DisparityIntroduced():
            return (_judge_disparity(rule, row) for row in _disparities(rule, calculator))
        case ChangeLimit():
            return (_judge_change(rule, row) for row in _changes(rule, calculator))
        case NotMeasured():
            return _judge_unmeasured(rule, calculator)
        case NotScored():
            return (_judge_not_scored(rule, row) for row in calculator.coverage if rule.about(row))
        case Confidence():
            return _judge_confidence(rule, calculator)
        case RaceTerm():
            return _judge_race_term(rule, calculator)


def _disparities(rule: DisparityIntroduced, calculator: CalculatorResult) -> Iterator[Disparity]:
    for row in calculator.disparities:
        chosen = not rule.decisions or row.decision in rule.decisions
        if chosen and row.metric == rule.metric and _arm(row.arm, rule.arm) and rule.about(row):
            yield row


def _changes(rule: ChangeLimit, calculator: CalculatorResult) -> Iterator[Change]:
    for row in calculator.changes:
        if (not rule.decisions or row.decision in rule.decisions) and _arm(row.arm, rule.arm) and rule.about(row):
            yield row


def _arm(arm: str, wanted: str) -> bool:
    return arm == wanted or (wanted == "successor" and arm.startswith("successor:"))


def _judge_disparity(rule: DisparityIntroduced, row: Disparity) -> Check:
    what = f"{row.decision or 'the score'}: {row.group} against {row.reference} ({row.by})"
    if row.status != "ok" or row.introduced is None:
        return _check(rule.name, row.calculator, what, "not_measurable", row.status.replace("_", " "))
    said = f"introduced {_points(row.introduced)}{_interval(*row.together)}"
    return _limit(rule.name, row.calculator, what, said, rule.most, rule.judged_by, row.introduced, *row.together)


def _judge_change(rule: ChangeLimit, row: Change) -> Check:
    what = f"{row.decision}: {row.group} ({row.by})"
    if row.status != "ok" or row.change is None:
        return _check(rule.name, row.calculator, what, "not_measurable", row.status.replace("_", " "))
    said = f"change {_points(row.change)}{_interval(row.lower, row.upper)}"
    return _limit(rule.name, row.calculator, what, said, rule.most, rule.judged_by, row.change, row.lower, row.upper)


def _limit(
    rule: str,
    calculator: str,
    what: str,
    said: str,
    most: float,
    judged_by: Judged,
    value: float,
    lower: float | None,
    upper: float | None,
) -> Check:
    low, high = value if lower is None else lower, value if upper is None else upper
    beyond = {"estimate": abs(value) > most, "certain": low > most or high < -most, "possible": high > most or low < -most}[judged_by]
    how = {"estimate": "the estimate", "certain": "the whole interval", "possible": "part of the interval"}[judged_by]
    if beyond:
        return _check(rule, calculator, what, "failed", f"{said}; {how} is beyond {_points(most).lstrip('+')}")
    return _check(rule, calculator, what, "passed", f"{said}; the limit is {_points(most).lstrip('+')}")


def _judge_unmeasured(rule: NotMeasured, calculator: CalculatorResult) -> Iterator[Check]:
    rows = [r for r in calculator.disparities if r.metric == rule.metric and _arm(r.arm, rule.arm) and rule.about(r)]
    if not rows:
        return
    hidden = [r for r in rows if r.status != "ok"]
    groups = sorted({r.group for r in hidden})
    said = f"{len(hidden)} of {len(rows)} comparisons are not estimable, imprecise or suppressed"
    if len(hidden) > rule.most * len(rows):
        yield _check(rule.name, calculator.id, "the comparisons", "failed", f"{said}, at most {rule.most:.0%} may be ({'; '.join(groups)})")
    else:
        yield _check(rule.name, calculator.id, "the comparisons", "passed", said)


def _judge_not_scored(rule: NotScored, row: Coverage) -> Check:
    what = f"{row.group} ({row.by})"
    if row.status != "ok" or not row.n or row.scored is None:
        return _check(rule.name, row.calculator, what, "not_measurable", "nobody" if row.n == 0 else row.status.replace("_", " "))
    share = 1 - row.scored / row.n
    said = f"{share:.1%} of {row.n:,} patients have no score"
    if share > rule.most:
        return _check(rule.name, row.calculator, what, "failed", f"{said}, at most {rule.most:.1%} may lack one")
    return _check(rule.name, row.calculator, what, "passed", said)


def _judge_confidence(rule: Confidence, calculator: CalculatorResult) -> Iterator[Check]:
    stated = [("its numbers", calculator.card.confidence)]
    if rule.decisions:
        stated += [(f"threshold {d.id}", d.confidence) for d in calculator.card.decisions]
    for what, confidence in stated:
        enough = STRENGTH.get(confidence, -1) >= STRENGTH[rule.least]
        yield _check(rule.name, calculator.id, what, "passed" if enough else "failed", f"{confidence}; {rule.least} is asked for")


def _judge_race_term(rule: RaceTerm, calculator: CalculatorResult) -> Iterator[Check]:
    card = calculator.card
    successor = f"; {card.replaced_by} is named in its place" if card.replaced_by else ""
    if card.race_kind and (card.replaced_by or not rule.only_superseded):
        yield _check(rule.name, calculator.id, "race term", "failed", f"has a race term ({card.race_kind.replace('_', ' ')}){successor}")
    else:
        said = "has a race term, and no successor is named" if card.race_kind else "has no race term"
        yield _check(rule.name, calculator.id, "race term", "passed", said)


def _check(rule: str, calculator: str, what: str, verdict: Verdict, reason: str) -> Check:
    return Check(rule=rule, calculator=calculator, what=what, verdict=verdict, reason=reason)


def _points(value: float) -> str:
    return f"{100 * value:+.2f} percentage points"


def _interval(lower: float | None, upper: float | None) -> str:
    return "" if lower is None or upper is None else f" (95% interval {100 * lower:+.2f} to {100 * upper:+.2f})"
