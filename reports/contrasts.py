"""Reads disparities for the report: what is claimed, and how large a difference could be missed where nothing is."""

from __future__ import annotations

from auditor.result import CalculatorResult
from auditor.rows import Disparity
from reports.wording import point_interval, points

FROM_95_TO_80 = 0.841621 / 1.959964


def tested(row: Disparity) -> bool:
    """Whether the contrast was estimated at all; where the term touches neither group there is nothing to estimate."""
    return row.status == "ok" and row.lower is not None and row.upper is not None and row.lower < row.upper


def inconclusive(row: Disparity) -> bool:
    """Whether the contrast was estimated and its family's interval reaches across zero."""
    return tested(row) and not row.claimed


def missed(row: Disparity) -> float | None:
    """The true difference that would leave zero out of the family's interval with 80% probability; smaller ones would probably be missed."""
    lower, upper = row.together
    if lower is None or upper is None or row.lower is None or row.upper is None:
        return None
    return (upper - lower) / 2 + (row.upper - row.lower) / 2 * FROM_95_TO_80


def with_interval(row: Disparity) -> str:
    """The disparity introduced, in percentage points, with the interval that holds for its whole family."""
    lower, upper = row.together
    if lower is None or upper is None:
        return f"{points(row.introduced)} percentage points"
    name = "95% interval" if row.joint_lower is None else "95% interval for all together"
    return f"{points(row.introduced)} percentage points ({name} {point_interval(lower, upper)})"


def of_decisions(calculator: CalculatorResult, by: str, arm: str = "without_race") -> list[Disparity]:
    """The contrasts of shares with a yes between the groups of one attribute in one arm."""
    return [r for r in calculator.disparities if r.by == by and r.arm == arm and r.metric == "selection_rate"]


def largest(rows: list[Disparity]) -> Disparity | None:
    """The largest disparity introduced of those claimed, or of those shown where none is."""
    shown = [r for r in rows if r.status == "ok" and r.introduced]
    return max((r for r in shown if r.claimed), key=_size, default=None) or max(shown, key=_size, default=None)


def _size(row: Disparity) -> float:
    return abs(row.introduced or 0.0)
