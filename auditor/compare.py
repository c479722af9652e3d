"""Two audits compared: what changed between them, beyond chance, per group and decision."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import Literal

import msgspec
import numpy as np
from numpy.typing import NDArray

from auditor.counts.uncertainty import Bounds, square_and_add
from auditor.result import AuditResult, CalculatorResult
from auditor.rows import Change, Disparity, Metric, Status

Measure = Literal["rate_with_race", "change", "disparity_introduced"]
FALSE_DISCOVERY_RATE = 0.05
NORMAL_QUANTILE = 1.959963984540054
ORDER: tuple[Status, ...] = ("ok", "imprecise", "not_estimable", "suppressed")

Key = tuple[str, str, str, str, str, str]


class Difference(msgspec.Struct, frozen=True, kw_only=True):
    """One measure in the old and the new audit, as fractions; `difference` is new - old, bounded by `lower` and `upper` (95%).

    `adjusted` is the p-value after Benjamini and Hochberg within a calculator and measure. `beyond_chance` is None where
    chance cannot be judged: a number is not shown, or both audits read the same patients.
    """

    calculator: str
    decision: str
    arm: str
    by: str
    group: str
    measure: str
    old: float | None = None
    new: float | None = None
    difference: float | None = None
    lower: float | None = None
    upper: float | None = None
    adjusted: float | None = None
    beyond_chance: bool | None = None
    status: Status = "ok"


class Comparison(msgspec.Struct, frozen=True, kw_only=True):
    """The differences between two audits, and what a reader must know before reading them."""

    old: str
    new: str
    old_date: str
    new_date: str
    same_patients: bool
    notes: tuple[str, ...]
    stamps: tuple[str, ...]
    differences: tuple[Difference, ...]

    @property
    def beyond_chance(self) -> tuple[Difference, ...]:
        """The differences larger than chance gives, the largest first."""
        found = (d for d in self.differences if d.beyond_chance)
        return tuple(sorted(found, key=lambda d: -abs(d.difference or 0)))


class _Value(msgspec.Struct, frozen=True):
    value: float | None
    lower: float | None
    upper: float | None
    status: Status
    reference: str = ""


def compare(old: AuditResult, new: AuditResult) -> Comparison:
    """Compare the calculators, decisions and groups that both audits hold.

    The interval of a difference is the square-and-add of both audits' intervals, which takes their patients as different
    people. Where both read the same files there is no chance between them, and none is judged.
    """
    same = _same_patients(old, new)
    before, after = _by_id(old), _by_id(new)
    differences: list[Difference] = []
    for id in [i for i in before if i in after]:
        values_old, values_new = dict(_values(before[id])), dict(_values(after[id]))
        found = [_difference(key, values_old[key], values_new[key], same) for key in values_old if key in values_new]
        differences += _adjusted([f for f in found if f is not None])
    return Comparison(
        old=old.fingerprint,
        new=new.fingerprint,
        old_date=old.options.date,
        new_date=new.options.date,
        same_patients=same,
        notes=tuple(_notes(old, new, same)),
        stamps=tuple(dict.fromkeys((*old.stamps, *new.stamps))),
        differences=tuple(differences),
    )


def _by_id(result: AuditResult) -> dict[str, CalculatorResult]:
    return {c.id: c for c in result.calculators}


def _values(calculator: CalculatorResult) -> Iterator[tuple[Key, _Value]]:
    for m in calculator.metrics:
        if m.arm == "with_race" and m.metric == "selection_rate":
            yield _key(m, "rate_with_race"), _Value(m.value, m.lower, m.upper, m.status)
    for c in calculator.changes:
        if _compared(c.arm):
            yield _key(c, "change"), _Value(c.change, c.lower, c.upper, c.status)
    for d in calculator.disparities:
        if _compared(d.arm) and d.metric == "selection_rate":
            yield _key(d, "disparity_introduced"), _Value(d.introduced, d.lower, d.upper, d.status, d.reference)


def _compared(arm: str) -> bool:
    return arm == "without_race" or arm.startswith("successor:")


def _key(row: Metric | Change | Disparity, measure: Measure) -> Key:
    return (row.calculator, row.decision, row.arm, row.by, row.group, measure)


def _difference(key: Key, old: _Value, new: _Value, same: bool) -> Difference | None:
    """One difference; None where the two disparities have other reference groups."""
    if old.reference != new.reference:
        return None
    calculator, decision, arm, by, group, measure = key
    row = Difference(calculator=calculator, decision=decision, arm=arm, by=by, group=group, measure=measure)
    status = max(old.status, new.status, key=ORDER.index)
    if status != "ok" or old.value is None or new.value is None:
        return msgspec.structs.replace(row, status=status if status != "ok" else "not_estimable")
    difference = new.value - old.value
    if same:
        return msgspec.structs.replace(row, old=old.value, new=new.value, difference=difference)
    lower, upper = square_and_add(*_bounded(new), *_bounded(old))
    return msgspec.structs.replace(row, old=old.value, new=new.value, difference=difference, lower=float(lower[0]), upper=float(upper[0]))


def _bounded(v: _Value) -> tuple[NDArray[np.float64], Bounds]:
    """The value and its bounds as arrays; a value known exactly bounds itself."""
    value, lower, upper = (np.array([v.value if x is None else x], dtype=np.float64) for x in (v.value, v.lower, v.upper))
    return value, (lower, upper)


def p_value(difference: float, lower: float, upper: float) -> float:
    """The two-sided p-value that belongs to a 95% interval: by the width between the estimate and the bound nearer zero."""
    half = difference - lower if difference > 0 else upper - difference
    if half <= 0:
        return 0.0 if difference else 1.0
    return math.erfc(NORMAL_QUANTILE * abs(difference) / half / math.sqrt(2))


def benjamini_hochberg(p_values: Sequence[float]) -> list[float]:
    """p-values adjusted for the false discovery rate (Benjamini and Hochberg 1995), in the order given."""
    p = np.asarray(p_values, dtype=np.float64)
    order = np.argsort(p)[::-1]
    ranks = np.arange(len(p), 0, -1)
    adjusted = np.empty_like(p)
    adjusted[order] = np.minimum(np.minimum.accumulate(p[order] * len(p) / ranks), 1.0)
    return [float(x) for x in adjusted]


def _adjusted(differences: Sequence[Difference]) -> list[Difference]:
    """Adjusted p-values within each measure of one calculator; a difference that is zero by construction is no test."""
    result = list(differences)
    for measure in dict.fromkeys(d.measure for d in differences):
        tested = [
            (i, p_value(d.difference, d.lower, d.upper))
            for i, d in enumerate(differences)
            if d.measure == measure and d.difference is not None and d.lower is not None and d.upper is not None and d.lower != d.upper
        ]
        if tested:
            for (i, _), p in zip(tested, benjamini_hochberg([p for _, p in tested]), strict=True):
                result[i] = msgspec.structs.replace(result[i], adjusted=p, beyond_chance=p <= FALSE_DISCOVERY_RATE)
    return [
        msgspec.structs.replace(d, beyond_chance=d.difference != 0) if d.lower is not None and d.lower == d.upper else d for d in result
    ]


def _same_patients(old: AuditResult, new: AuditResult) -> bool:
    if old.cohort.synthetic and new.cohort.synthetic:
        return (old.cohort.name, old.cohort.n) == (new.cohort.name, new.cohort.n)
    before, after = _files(old), _files(new)
    return bool(before) and before == after


def _files(result: AuditResult) -> set[str]:
    return {digest for _, digest, _ in result.provenance.inputs if digest}


def _notes(old: AuditResult, new: AuditResult, same: bool) -> Iterator[str]:
    if same:
        yield (
            "Both audits read the same patients: every difference comes from the calculators, the software or the options, and none from chance."
        )
    elif _files(old) & _files(new):
        yield "Some files are in both audits: part of the patients are the same people, and the intervals do not allow for it."
    elif not _files(old) or not _files(new):
        yield "Whether the same people are in both audits is not known; the intervals take them as different people."
    else:
        yield "The intervals take the patients of the two audits as different people."
    for what in ("by", "reference", "several_races", "arms", "scores", "minimum_count"):
        a, b = getattr(old.options, what), getattr(new.options, what)
        if a != b:
            yield f"The audits differ in {what.replace('_', ' ')}: {_words(a)} before, {_words(b)} now."
    for what in ("outcome", "weighted"):
        a, b = getattr(old.cohort, what), getattr(new.cohort, what)
        if a != b:
            yield f"The cohorts differ in {what}: {_words(a)} before, {_words(b)} now."
    before, after = _by_id(old), _by_id(new)
    changed = [i for i in before if i in after and before[i].card.fingerprint != after[i].card.fingerprint]
    if changed:
        yield f"The numbers of these calculators differ between the audits, so that a difference need not come from the patients: {', '.join(changed)}."
    for gone, where in ((sorted(set(before) - set(after)), "old"), (sorted(set(after) - set(before)), "new")):
        if gone:
            yield f"Only in the {where} audit: {', '.join(gone)}."


def _words(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return ", ".join(value) if isinstance(value, tuple) else str(value) or "none"
