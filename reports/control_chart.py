"""The picture of a control chart: shares of a series of audits with centre line and limits, and its finding in words."""

from __future__ import annotations

import copy
from dataclasses import dataclass
from typing import Any

from reports.blocks import Figure
from reports.charts import specification
from reports.wording import joined, percent, several_of

BEYOND = "beyond the limits"
SIGNALS = {"": "no signal", BEYOND: BEYOND}
RUN = "run"


@dataclass(frozen=True)
class Series:
    """What a chart shows, in words, and its points: audit, share, centre line, limits and signal, in order of time."""

    what: str
    points: tuple[tuple[str, float | None, float | None, float | None, float | None, str], ...]


def control_chart(series: Series) -> Figure | None:
    """The chart of a series; None where fewer than two points may be drawn."""
    shown = [p for p in series.points if p[1] is not None]
    if len(shown) < 2:
        return None
    spec: dict[str, Any] = copy.deepcopy(specification("control"))
    names = _unique([p[0] for p in series.points])
    spec["data"] = {
        "values": [
            {"audit": name, "rate": rate, "centre": centre, "lower": lower, "upper": upper, "signal": SIGNALS.get(signal, RUN)}
            for name, (_, rate, centre, lower, upper, signal) in zip(names, series.points, strict=True)
        ]
    }
    for layer in spec["layer"]:
        layer["encoding"]["x"]["sort"] = names
    return Figure(
        chart=spec,
        alt=f"Control chart of {several_of(len(series.points), 'audit')}. {_finding(series)} The table after it holds every number.",
        caption=f"{series.what}. {_finding(series)} Dots: audits; diamonds: signals. Dotted: centre line. Dashed: limits where they can be set.",
    )


def _finding(series: Series) -> str:
    """What the chart says: signals with their shares, or that there are none, and what is not shown."""
    shown = [p for p in series.points if p[1] is not None]
    signals = sorted((p for p in shown if p[5]), key=lambda p: p[5] != BEYOND)
    limited = any(p[3] is not None for p in shown)
    span = f"Shares go from {percent(min(p[1] or 0 for p in shown))} to {percent(max(p[1] or 0 for p in shown))}"
    centre = shown[0][2]
    around = f"{span} around {percent(centre)}" if centre is not None else span
    if signals:
        said = f"{around}; {several_of(len(signals), 'signal')}: {joined([f'{p[0]} at {percent(p[1])} ({p[5]})' for p in signals[:4]])}"
        said += f" and {len(signals) - 4} more." if len(signals) > 4 else "."
    else:
        said = f"{around}; no signal." if limited else f"{around}; too few points or patients for limits, so that no signal can be given."
    hidden = len(series.points) - len(shown)
    return said + (f" {several_of(hidden, 'audit')} not shown." if hidden else "")


def _unique(names: list[str]) -> list[str]:
    """The names, with a number where one stands more than once."""
    found: list[str] = []
    for name in names:
        times = sum(other == name or other.startswith(f"{name} (") for other in found)
        found.append(f"{name} ({times + 1})" if times else name)
    return found
