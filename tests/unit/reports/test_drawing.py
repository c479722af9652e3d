"""Charts drawn in a process of their own are those drawn here, whatever happens to that process."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import invented
import pytest

import reports
from reports import drawing
from reports.compose import compose

RESULT = invented.result()
CHARTS = [figure.chart for figure in compose(RESULT, "informatics").figures]
HERE = [drawing.draw(chart) for chart in CHARTS]


@pytest.fixture
def started(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[subprocess.Popen[str]]]:
    """The processes that are started; none is left afterwards."""
    found: list[subprocess.Popen[str]] = []
    popen = subprocess.Popen

    def remember(*given: Any, **options: Any) -> subprocess.Popen[str]:
        found.append(popen(*given, **options))
        return found[-1]

    monkeypatch.setattr(subprocess, "Popen", remember)
    yield found
    assert all(process.returncode is not None for process in found)


def here(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """The charts that this process draws from now on."""
    drawn: list[Any] = []
    draw: Callable[[drawing.Chart], str] = drawing.draw
    monkeypatch.setattr(drawing, "draw", lambda chart: drawn.append(chart) or draw(chart))
    return drawn


def test_another_process_draws_the_same(started: list[subprocess.Popen[str]], monkeypatch: pytest.MonkeyPatch) -> None:
    drawn = here(monkeypatch)
    with drawing.drawing_beside() as draw_all:
        assert list(draw_all(CHARTS * 2)) == HERE * 2
    assert len(HERE) > 1
    assert len(started) == 1
    assert drawn == []


def test_a_process_that_dies_leaves_the_rest_to_this_one(started: list[subprocess.Popen[str]], monkeypatch: pytest.MonkeyPatch) -> None:
    drawn = here(monkeypatch)
    with drawing.drawing_beside() as draw_all:
        first = list(draw_all(CHARTS[:1]))
        started[0].kill()
        started[0].wait()
        assert first + list(draw_all(CHARTS[1:])) == HERE
    assert drawn == CHARTS[1:]


@pytest.mark.parametrize(("executable", "wanted"), [("", True), ("/no/such/python", True), (sys.executable, False)])
def test_without_such_a_process_charts_are_drawn_here(
    executable: str, wanted: bool, started: list[subprocess.Popen[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "executable", executable)
    with drawing.drawing_beside(wanted) as draw_all:
        assert list(draw_all(CHARTS)) == HERE
    assert started == []


def test_no_process_is_left_when_the_work_beside_it_fails(started: list[subprocess.Popen[str]]) -> None:
    def interrupted() -> None:
        with drawing.drawing_beside() as draw_all:
            draw_all(CHARTS)
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert started[0].returncode is not None


def test_reports_are_the_same_whoever_draws(tmp_path: Path) -> None:
    with drawing.drawing_beside() as draw_all:
        reports.write_all(RESULT, {"html": tmp_path / "report.html", "md": tmp_path / "report.md"}, "informatics", draw_all)
    written = (tmp_path / "report.html").read_bytes()
    assert written == reports.to_bytes(RESULT, "informatics", "html")
    assert len(re.findall(rb"<svg ", written)) == len(CHARTS)
