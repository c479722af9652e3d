"""Provenance: what made a result, so that it can be made again."""

from __future__ import annotations

import hashlib
import platform
from collections.abc import Iterable
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from auditor.result import Provenance
from calculators.card import fingerprint
from calculators.declare import Calculator

LIBRARIES = ("numpy", "scipy", "scikit-learn", "fairlearn", "duckdb")


@cache
def auditor_version() -> str:
    """The installed version, or the checkout's."""
    try:
        return version("race-algorithm-auditor")
    except PackageNotFoundError:
        import tomllib

        project = Path(__file__).parents[1] / "pyproject.toml"
        return str(tomllib.loads(project.read_text(encoding="utf-8"))["project"]["version"]) if project.exists() else "unknown"


def library_versions() -> tuple[tuple[str, str], ...]:
    """The versions of Python and of the libraries that numbers rest on."""
    return (("python", platform.python_version()), *((name, version(name)) for name in LIBRARIES))


def provenance(calculators: Iterable[Calculator], inputs: tuple[tuple[str, str, int], ...]) -> Provenance:
    """Versions, input digests with row counts, and one hash over every declaration that was used."""
    declarations = "\n".join(f"{c.id} {fingerprint(c)}" for c in calculators)
    return Provenance(
        auditor=auditor_version(),
        versions=library_versions(),
        inputs=inputs,
        declarations=hashlib.sha256(declarations.encode()).hexdigest(),
    )
