"""TRIPOD+AI items of an evaluation: what the audit addresses, what it does not include, and what the authors must write."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from auditor.result import AuditResult, CalculatorResult
from reports.exports.facts import fact, filled
from reports.exports.standards import definitions, framework, to_csv

COLUMNS = ("calculator", "item", "section", "topic", "status", "value", "source", "as_of", "stamps")


def items(result: AuditResult, calculator: CalculatorResult) -> list[Mapping[str, str]]:
    """One row per item of the checklist; none is blank."""
    guideline = framework("tripod_ai")
    rows: list[Mapping[str, str]] = []
    for row in definitions("tripod_ai"):
        status, value = filled(fact(row["filled_by"], result, calculator), row["to_do"], not row["to_do"])
        rows.append(
            {
                "calculator": calculator.id,
                "item": row["item"],
                "section": row["section"],
                "topic": row["topic"],
                "status": status,
                "value": value,
                "source": guideline.source,
                "as_of": guideline.as_of,
                "stamps": "; ".join(result.stamps),
            }
        )
    return rows


def to_bytes(result: AuditResult, calculators: Sequence[CalculatorResult]) -> bytes:
    """The checklist of every calculator as CSV."""
    return to_csv(COLUMNS, (row for c in calculators for row in items(result, c)))
