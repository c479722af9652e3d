"""What the detailed tables say, in plain words and one sentence each: dependence on recorded race, outcomes, unknown race."""

from __future__ import annotations

from collections.abc import Iterator

from auditor.result import AuditResult, CalculatorResult
from auditor.rows import OutcomeChange
from reports.blocks import Block, Paragraph
from reports.chapters import View, dependence
from reports.findings import primary
from reports.thresholds import written
from reports.wording import count, decimals, everyone, people, percent, percent_interval, points

TITLE = "In plain words"


def build(result: AuditResult, calculator: CalculatorResult, view: View) -> Iterator[Block]:
    """One paragraph of those sentences for which the result has numbers that may be shown."""
    if not calculator.card.race_kind:
        return
    said = (_dependence(calculator), _ranking(result, calculator), _missed(result, calculator), _unknown(result, calculator))
    if any(said):
        yield Paragraph(" ".join(filter(None, said)))


def _threshold(calculator: CalculatorResult, decision: str) -> str:
    return next(written(d, calculator.card) for d in calculator.card.decisions if d.id == decision)


def _dependence(calculator: CalculatorResult) -> str:
    share = dependence.largest(calculator)
    if share is None or share.lower is None:
        return ""
    return (
        f"All else equal, {percent(share.value)} of all patients (95% interval {percent_interval(share.lower, share.upper)}) would get another answer at "
        f"{_threshold(calculator, share.decision)} if another race were recorded."
    )


def _ranking(result: AuditResult, calculator: CalculatorResult) -> str:
    """Ranking of all patients, only where the outcome is the one that the score predicts."""
    rows = {(m.metric, m.arm): m for m in calculator.metrics if everyone(m.by) and not m.decision and m.status == "ok"}
    before, after, change = (rows.get(key) for key in (("auroc", "with_race"), ("auroc", "without_race"), ("auroc_change", "without_race")))
    if (
        ("brier", "with_race") not in rows
        or before is None
        or after is None
        or change is None
        or None in (before.value, after.value, change.value, change.lower, change.upper)
    ):
        return ""
    moved, low, high = (decimals(value or 0.0, 3, signed=True) for value in (change.value, change.lower, change.upper))
    return (
        f"Of two patients of whom one had the outcome ({result.cohort.outcome}), the score ranks the right one higher in {percent(before.value)} of pairs with "
        f"race and {percent(after.value)} without; the change in AUROC is {moved} (95% interval {low} to {high})."
    )


def _missed(result: AuditResult, calculator: CalculatorResult) -> str:
    """Missed and needless for the decision on care and group in which most answers change; "" where a count would be small."""
    care = {d.id for d in calculator.card.decisions if d.yes_means == "opens_care"}
    rows: dict[tuple[str, str], dict[str, OutcomeChange]] = {}
    for row in calculator.outcome_changes:
        if row.arm == "without_race" and row.by == primary(result) and row.decision in care and row.status == "ok" and row.n:
            rows.setdefault((row.decision, row.group), {})[row.outcome] = row
    whole = {place: found for place, found in rows.items() if set(found) == {"0", "1"}}
    if not whole:
        return ""
    (decision, group), found = max(whole.items(), key=lambda item: sum((r.gained or 0) + (r.lost or 0) for r in item[1].values()))
    with_, without = found["1"], found["0"]
    if not any(r.gained or r.lost for r in found.values()):
        return ""
    counts = [(with_.n or 0) - (with_.yes_with or 0), (with_.n or 0) - (with_.yes_arm or 0), without.yes_with or 0, without.yes_arm or 0]
    smallest = 1 if result.options.internal else result.options.minimum_count
    if any(0 < c < smallest for c in counts):
        return ""
    return (
        f"At {_threshold(calculator, decision)}, of {count(with_.n)} {people(primary(result), group)} who had the outcome, {count(counts[0])} get a no with race "
        f"and {count(counts[1])} without; of {count(without.n)} who did not, {count(counts[2])} get a yes with race and {count(counts[3])} without."
    )


def _unknown(result: AuditResult, calculator: CalculatorResult) -> str:
    rows = [
        b
        for b in calculator.bounds
        if b.by == primary(result)
        and b.arm == "without_race"
        and b.metric == "change"
        and b.status == "ok"
        and b.unknown
        and b.lowest != b.highest
    ]
    top = max(rows, key=lambda b: abs(b.value or 0), default=None)
    if top is None:
        return ""
    return (
        f"Race is not recorded for {percent(top.unknown)}: were they {top.group}, the change at {_threshold(calculator, top.decision)} could lie anywhere "
        f"from {points(top.lowest)} to {points(top.highest)} points instead of {points(top.value)}."
    )
