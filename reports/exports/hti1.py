"""HTI-1 source attributes of a calculator: all 31 of a predictive intervention, or the 13 of an evidence-based one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from auditor.result import AuditResult, CalculatorResult
from reports.exports.facts import digest, fact, filled
from reports.exports.standards import definitions, framework, to_csv

COLUMNS = (
    "calculator",
    "number",
    "paragraph",
    "attribute",
    "status",
    "value",
    "not_available_allowed",
    "source",
    "as_of",
    "regulation",
    "stamps",
)


def attributes(result: AuditResult, calculator: CalculatorResult, kind: str = "predictive") -> list[Mapping[str, str]]:
    """One row per source attribute of a calculator (`kind`: predictive or evidence_based); none is blank."""
    rule = framework("hti1")
    rows: list[Mapping[str, str]] = []
    for row in definitions(f"hti1_{kind}"):
        allowed = row.get("not_available_allowed", "no")
        status, value = filled(fact(row["filled_by"], result, calculator), row["to_do"], allowed == "yes")
        rows.append(
            {
                "calculator": calculator.id,
                "number": row["number"],
                "paragraph": row["paragraph"],
                "attribute": row["attribute"],
                "status": status,
                "value": value,
                "not_available_allowed": allowed,
                "source": f"registry entry {calculator.card.fingerprint}, audit {digest(result)[:16]}",
                "as_of": rule.as_of,
                "regulation": rule.status,
                "stamps": "; ".join(result.stamps),
            }
        )
    return rows


def predictive(result: AuditResult, calculators: Sequence[CalculatorResult]) -> bytes:
    """The 31 attributes of every calculator as CSV."""
    return to_csv(COLUMNS, (row for c in calculators for row in attributes(result, c)))


def evidence_based(result: AuditResult, calculators: Sequence[CalculatorResult]) -> bytes:
    """The 13 attributes of every calculator as CSV."""
    return to_csv(COLUMNS, (row for c in calculators for row in attributes(result, c, "evidence_based")))
