"""Documents that law, accreditation and other software ask for, made from a result."""

from __future__ import annotations

from collections.abc import Sequence
from importlib import import_module

from auditor.errors import OptionError
from auditor.result import AuditResult, CalculatorResult
from calculators.errors import UnknownCalculator

FORMATS: dict[str, tuple[str, str, str]] = {
    "hti1": ("hti1", "predictive", ".csv"),
    "hti1-evidence": ("hti1", "evidence_based", ".csv"),
    "section1557": ("section_1557", "to_bytes", ".csv"),
    "section1557-page": ("section_1557", "page", ".html"),
    "chai": ("chai", "to_bytes", ".xml"),
    "tripod-ai": ("tripod_ai", "to_bytes", ".csv"),
    "fhir": ("measure_report", "to_bytes", ".json"),
    "fairlearn-csv": ("fairlearn_table", "csv_bytes", ".csv"),
    "fairlearn-parquet": ("fairlearn_table", "parquet_bytes", ".parquet"),
}


def to_bytes(result: AuditResult, format: str, calculators: Sequence[str] = ()) -> bytes:
    """A document about these calculators (all by default) in a format of FORMATS; what is suppressed stays suppressed."""
    if format not in FORMATS:
        raise OptionError(f"'{format}' is no export; choose from {', '.join(FORMATS)}.")
    module, function, _ = FORMATS[format]
    made = getattr(import_module(f"{__name__}.{module}"), function)(result, chosen(result, calculators))
    assert isinstance(made, bytes)
    return made


def chosen(result: AuditResult, calculators: Sequence[str]) -> tuple[CalculatorResult, ...]:
    """The calculators of these ids in the result's order; one that was not audited is an error."""
    known = {c.id: c for c in result.calculators}
    for id in calculators:
        if id not in known:
            reason = next((n.reason for n in result.not_audited if n.id == id), "")
            if reason:
                raise OptionError(f"{id} was not audited: {reason}.")
            raise UnknownCalculator(id, known)
    return tuple(c for c in result.calculators if not calculators or c.id in calculators)
