"""Charts as SVG, drawn without a browser: in this process, or in one of its own while the report is written."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from functools import partial
from typing import Any

Chart = dict[str, Any]
DrawAll = Callable[[Iterable[Chart]], Iterator[str]]
EMPTY: Chart = {"mark": "point", "data": {"values": []}}


def draw(chart: Chart) -> str:
    """A Vega-Lite specification as SVG text; roles of single marks are left out, because the figure's alt text speaks for them."""
    import vl_convert

    svg: str = vl_convert.vegalite_to_svg(chart)
    return re.sub(r' (?:role|aria-[a-z]+|pointer-events)="[^"]*"', "", svg)


def draw_here(charts: Iterable[Chart]) -> Iterator[str]:
    """Charts as SVG, each drawn when it is asked for."""
    return map(draw, charts)


@contextmanager
def drawing_beside(wanted: bool = True) -> Iterator[DrawAll]:
    """A function that has charts drawn in another process and gives their SVG in order, waiting only when asked for the next.

    Where none is `wanted`, it cannot be started or it ends early, charts are drawn here.
    """
    process = _started() if wanted else None
    if process is None:
        yield draw_here
        return
    with process, ThreadPoolExecutor(1) as turns:
        try:
            yield partial(turns.map, partial(_ask, process))
        finally:
            turns.shutdown(cancel_futures=True)
            process.kill()
            with suppress(OSError):
                process.stdin.close()  # type: ignore[union-attr]


def _started() -> subprocess.Popen[str] | None:
    if not sys.executable or getattr(sys, "frozen", False):
        return None
    command = [sys.executable, "-P", __file__]
    try:
        return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    except OSError:
        return None


def _ask(process: subprocess.Popen[str], chart: Chart) -> str:
    assert process.stdin is not None
    assert process.stdout is not None
    try:
        process.stdin.write(json.dumps(chart) + "\n")
        process.stdin.flush()
        answer = process.stdout.readline()
    except OSError:
        answer = ""
    return str(json.loads(answer)) if answer.endswith("\n") else draw(chart)


def _answer() -> None:
    """Draw the charts that come in, one a line, until there are no more; the first, empty one takes longest and is nobody's."""
    draw(EMPTY)
    for line in sys.stdin:
        print(json.dumps(draw(json.loads(line))), flush=True)


if __name__ == "__main__":
    _answer()
