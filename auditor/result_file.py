"""A saved result read back: another schema version, a broken file or a changed one is refused with the reason."""

from __future__ import annotations

import hashlib
import inspect
import os
from pathlib import Path
from typing import Any

import msgspec

from auditor.errors import ResultError
from auditor.result import SCHEMA_VERSION, AuditResult


def load(path: str | os.PathLike[str]) -> AuditResult:
    """Read a saved result; another schema version, a broken file or a changed one is refused with the reason."""
    try:
        data = Path(path).read_bytes()
    except OSError as error:
        raise ResultError(f"{path}: cannot be read ({error.strerror}).") from None
    try:
        document = msgspec.json.decode(data, type=dict[str, Any])
    except (msgspec.DecodeError, UnicodeDecodeError):
        raise ResultError(f"{path}: is not JSON. Give the audit.json that `auditor audit` wrote.") from None
    _check_version(path, document)
    try:
        result = msgspec.json.decode(data, type=AuditResult)
    except msgspec.ValidationError as error:
        if "unknown field" in str(error):
            raise ResultError(
                f"{path}: holds what this auditor does not know ({error}). It comes from a newer auditor{_writer(document)}; read it with that one."
            ) from None
        raise ResultError(f"{path}: is not an audit result ({error}).") from None
    unsealed = msgspec.json.encode({**document, "digest": ""})
    if result.digest != hashlib.sha256(unsealed).hexdigest():
        raise ResultError(f"{path}: was changed after it was written (its digest does not match). Run the audit again.")
    return result


def _check_version(path: str | os.PathLike[str], document: dict[str, Any]) -> None:
    """Refuse a document of another schema version, with the reason and what to do."""
    version = document.get("schema_version")
    if not isinstance(version, int) or isinstance(version, bool):
        raise ResultError(f"{path}: is not an audit result (it has no schema version). Give the audit.json that `auditor audit` wrote.")
    if version > SCHEMA_VERSION:
        raise ResultError(
            f"{path}: has schema version {version}, from a newer auditor{_writer(document)}; this one reads version {SCHEMA_VERSION}. Read it with that one."
        )
    if version < SCHEMA_VERSION:
        raise ResultError(
            f"{path}: has schema version {version}, from an older auditor{_writer(document)}; this one reads version {SCHEMA_VERSION}. Run the audit again."
        )


def _writer(document: dict[str, Any]) -> str:
    """The version of the auditor that wrote a document, in brackets, where it says so."""
    made = document.get("provenance")
    version = made.get("auditor") if isinstance(made, dict) else None
    return f" ({version})" if isinstance(version, str) and len(version) < 40 else ""


def json_schema() -> dict[str, Any]:
    """The JSON Schema of an AuditResult, with every row's meaning as its description."""
    schema = msgspec.json.schema(AuditResult)
    for definition in schema["$defs"].values():
        if "description" in definition:
            definition["description"] = inspect.cleandoc(definition["description"])
    return schema
