"""Reports in headless Chromium: axe finds nothing, no page scrolls sideways, nothing is fetched, nothing needs JavaScript.

Needs Chromium and the npm packages playwright-core and axe-core; NODE_PATH names the folder they are installed in.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "unit" / "reports"))
import invented

import reports
from reports.audiences import AUDIENCES

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
NODE = shutil.which("node")
MODULES = Path(os.environ.get("NODE_PATH", "")) / "axe-core"

pytestmark = [
    pytest.mark.skipif(CHROMIUM is None, reason="Chromium is not installed"),
    pytest.mark.skipif(NODE is None, reason="node is not installed"),
    pytest.mark.skipif(not MODULES.is_dir(), reason="NODE_PATH does not hold axe-core and playwright-core"),
]


@pytest.fixture(scope="module", params=AUDIENCES)
def seen(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Any:
    page = tmp_path_factory.mktemp("pages") / f"{request.param}.html"
    reports.write(invented.result(synthetic=True, internal=True, weighted=True), page, request.param)
    assert CHROMIUM
    assert NODE
    done = subprocess.run(
        [NODE, str(Path(__file__).with_name("inspect.cjs")), CHROMIUM, str(page)], capture_output=True, text=True, timeout=300, check=False
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_axe_finds_nothing(seen: Any) -> None:
    assert {v["view"]: v["violations"] for v in seen["views"]} == {v["view"]: [] for v in seen["views"]}
    assert all(v["passes"] > 20 for v in seen["views"])


def test_no_page_scrolls_sideways(seen: Any) -> None:
    assert {v["view"]: v["overflow"] for v in seen["views"] if v["overflow"] > 0} == {}


def test_nothing_is_fetched_and_nothing_fails(seen: Any) -> None:
    assert [v["requests"] + v["errors"] for v in seen["views"]] == [[]] * len(seen["views"])


def test_the_keyboard_starts_at_the_skip_link(seen: Any) -> None:
    assert {v["first"] for v in seen["views"]} == {"Skip to the summary"}


def test_everything_is_there_without_javascript(seen: Any) -> None:
    assert seen["plain"]["words"] > 5000
    assert seen["plain"]["buttons"] == 0


def test_tables_sort_and_filter_where_scripts_run(seen: Any, request: pytest.FixtureRequest) -> None:
    ordered, filtered = seen["used"]["sorted"], seen["used"]["filtered"]
    if "[committee]" in request.node.name:  # one chapter, and tables whose order is the argument
        assert ordered is None
        assert filtered is None
        return
    numbers = [int(text.replace(",", "")) for text in ordered["up"] if text[0].isdigit()]
    assert sorted(ordered["before"]) == sorted(ordered["up"]) == sorted(ordered["down"])
    assert numbers == sorted(numbers)
    assert ordered["down"] == ordered["up"][::-1]
    assert ordered["said"] == "descending"
    assert filtered["some"] < filtered["all"]
    assert filtered["chapters"] == 0
    assert filtered["said"].startswith("0 of ")


def test_tables_download_where_scripts_run(seen: Any) -> None:
    csv = seen["used"]["csv"]
    assert csv.startswith("\ufeff")
    assert "Synthetic patients: not real people" in csv
