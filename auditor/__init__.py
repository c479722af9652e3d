"""What is measured: patients become counts, counts become a result."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from auditor.patients.cohort import read_cohort
    from auditor.pipeline import audit
    from auditor.result import AuditResult
    from auditor.result_file import load

__all__ = ["AuditResult", "audit", "load", "read_cohort"]

_HOMES = {
    "AuditResult": "auditor.result",
    "audit": "auditor.pipeline",
    "load": "auditor.result_file",
    "read_cohort": "auditor.patients.cohort",
}


def __getattr__(name: str) -> Any:
    """The names that Python users need, loaded when they are first used so that the command line starts fast."""
    if name not in _HOMES:
        raise AttributeError(f"module 'auditor' has no attribute '{name}'")
    from importlib import import_module

    return getattr(import_module(_HOMES[name]), name)
