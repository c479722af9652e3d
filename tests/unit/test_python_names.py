"""The names that Python users import."""

import sys

import pytest

import auditor


def test_audit_stays_a_function_after_its_module_is_loaded() -> None:
    import auditor.pipeline
    from auditor import audit

    assert audit is auditor.pipeline.audit
    assert callable(auditor.audit)
    assert set(auditor.__all__) == {"AuditResult", "audit", "load", "read_cohort"}
    assert auditor.load is sys.modules["auditor.result_file"].load


def test_other_names_are_refused() -> None:
    with pytest.raises(AttributeError, match="no attribute 'audits'"):
        _ = auditor.audits
