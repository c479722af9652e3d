"""HL7 FHIR R4 MeasureReports: the rate of every decision with race and in the other arms, stratified by group."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from auditor.result import AuditResult, CalculatorResult
from auditor.rows import Status
from reports.exports.facts import digest
from reports.wording import everyone

ABSENT = "http://hl7.org/fhir/StructureDefinition/data-absent-reason"
POPULATION = "http://terminology.hl7.org/CodeSystem/measure-population"
RACE_AND_ETHNICITY = "urn:oid:2.16.840.1.113883.6.238"
PERSONAL = "http://terminology.hl7.org/CodeSystem/v3-ActReason"
CONFIDENTIALITY = "http://terminology.hl7.org/CodeSystem/v3-Confidentiality"
OMB_CODES = {
    "American Indian or Alaska Native": "1002-5",
    "Asian": "2028-9",
    "Black or African American": "2054-5",
    "Hispanic or Latino": "2135-2",
    "Native Hawaiian or Pacific Islander": "2076-8",
    "Not Hispanic or Latino": "2186-5",
    "White": "2106-3",
}
REASONS: dict[Status, str] = {"suppressed": "masked", "imprecise": "unknown", "not_estimable": "not-a-number"}


def to_bytes(result: AuditResult, calculators: Sequence[CalculatorResult]) -> bytes:
    """One MeasureReport as JSON, or a Bundle (collection) of them for several calculators."""
    reports = [measure_report(result, c) for c in calculators]
    resource = (
        reports[0] if len(reports) == 1 else {"resourceType": "Bundle", "type": "collection", "entry": [{"resource": r} for r in reports]}
    )
    return (json.dumps(resource, indent=1, ensure_ascii=False) + "\n").encode()


def measure_report(result: AuditResult, calculator: CalculatorResult) -> dict[str, Any]:
    """The MeasureReport of one calculator; what may not be shown is absent, with the reason."""
    report: dict[str, Any] = {
        "resourceType": "MeasureReport",
        "identifier": [{"system": "urn:race-algorithm-auditor:audit", "value": f"{digest(result)}.{calculator.id}"}],
        "status": "complete",
        "type": "summary",
        "measure": f"urn:race-algorithm-auditor:measure:{calculator.id}|{calculator.card.fingerprint}",
        "period": {"start": result.options.date, "end": result.options.date}
        if result.options.date
        else {"extension": [{"url": ABSENT, "valueCode": "unknown"}]},
    }
    groups = list(_groups(calculator))
    if groups:
        report["group"] = groups
    if result.options.date:
        report["date"] = result.options.date
    meta = _meta(result)
    return report | ({"meta": meta} if meta else {})


def _meta(result: AuditResult) -> dict[str, Any]:
    meta: dict[str, Any] = {}
    if result.cohort.synthetic:
        meta["tag"] = [{"system": PERSONAL, "code": "HTEST", "display": "Synthetic patients: not real people"}]
    if result.options.internal:
        meta["security"] = [{"system": CONFIDENTIALITY, "code": "R", "display": "contains small cells - do not release"}]
    return meta


@dataclass(frozen=True)
class _Rate:
    """A decision's rate in one group and arm, with its patients where they may be shown."""

    by: str
    group: str
    status: Status
    rate: float | None
    n: int | None = None
    yes: int | None = None


def _groups(calculator: CalculatorResult) -> Iterator[dict[str, Any]]:
    arms = [a.id for a in calculator.arms if a.id == "without_race" or a.id.startswith(("successor:", "removed:", "ablation:"))]
    for decision in calculator.card.decisions:
        compared = {arm: [r for r in calculator.changes if r.decision == decision.id and r.arm == arm] for arm in arms}
        compared = {arm: rows for arm, rows in compared.items() if rows}
        if not compared:
            alone = [m for m in calculator.metrics if (m.decision, m.metric, m.arm) == (decision.id, "selection_rate", "with_race")]
            if alone:
                yield _group(decision.action, "as published", [_Rate(m.by, m.group, m.status, m.value) for m in alone])
        for place, (arm, rows) in enumerate(compared.items()):
            weighted = ", weighted score" if any(row.weighted_n is not None for row in rows) else ""
            if place == 0:
                before = [_Rate(r.by, r.group, r.status, r.rate_with, r.n, r.yes_with) for r in rows]
                yield _group(decision.action, f"with race{weighted}", before)
            after = [_Rate(r.by, r.group, r.status, r.rate_arm, r.n, r.yes_arm) for r in rows]
            yield _group(decision.action, f"{arm.replace('_', ' ')}{weighted}", after)


def _group(action: str, arm: str, rates: Sequence[_Rate]) -> dict[str, Any]:
    """One decision in one arm: everyone, and a stratifier per attribute."""
    group: dict[str, Any] = {"code": {"text": f"{action} ({arm})"}}
    for rate in rates:
        if everyone(rate.by):
            group |= _measured(rate)
    attributes = dict.fromkeys(rate.by for rate in rates if not everyone(rate.by))
    if attributes:
        group["stratifier"] = [_stratifier(by, [r for r in rates if r.by == by]) for by in attributes]
    return group


def _stratifier(by: str, rates: Sequence[_Rate]) -> dict[str, Any]:
    names = by.split(",")
    strata = []
    for rate in rates:
        values = rate.group.split(", ")
        if len(names) > 1 and len(values) == len(names):
            place: dict[str, Any] = {"component": [{"code": {"text": n}, "value": _concept(v)} for n, v in zip(names, values, strict=True)]}
        else:
            place = {"value": _concept(rate.group)}
        strata.append(place | _measured(rate))
    return {"code": [{"text": " and ".join(names).replace("_", " ")}], "stratum": strata}


def _concept(level: str) -> dict[str, Any]:
    concept: dict[str, Any] = {"text": level}
    if level in OMB_CODES:
        concept["coding"] = [{"system": RACE_AND_ETHNICITY, "code": OMB_CODES[level], "display": level}]
    return concept


def _measured(rate: _Rate) -> dict[str, Any]:
    """Populations in patients and the rate; each only where it may be shown."""
    found: dict[str, Any] = {}
    if rate.status in ("ok", "imprecise") and rate.n is not None and rate.yes is not None:
        found["population"] = [_population("denominator", rate.n), _population("numerator", rate.yes)]
    if rate.status == "ok" and rate.rate is not None:
        found["measureScore"] = {"value": round(rate.rate, 6), "unit": "1", "system": "http://unitsofmeasure.org", "code": "1"}
    else:
        found["measureScore"] = {"extension": [{"url": ABSENT, "valueCode": REASONS.get(rate.status, "unknown")}]}
    return found


def _population(code: str, number: int) -> dict[str, Any]:
    return {"code": {"coding": [{"system": POPULATION, "code": code}]}, "count": number}
