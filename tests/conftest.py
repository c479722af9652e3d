"""Shared by all tests: where real data are, and the rule that nothing is skipped where everything is installed."""

import os
from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def data() -> Path:
    """The folder with real cohorts (environment variable AUDITOR_DATA)."""
    folder = os.environ.get("AUDITOR_DATA", "")
    if not folder or not Path(folder).is_dir():
        pytest.skip("AUDITOR_DATA does not name a folder with the NHANES extracts")
    return Path(folder)


def pytest_runtest_logreport(report):
    if report.skipped and os.environ.get("AUDITOR_NOTHING_SKIPPED"):
        report.outcome = "failed"
        report.longrepr = f"skipped, where nothing may be skipped: {report.longrepr}"
