"""How the charts look, written in Altair; `python -m reports.chart_design` writes the specifications that reports draw from.

A report fills in the values and need not load Altair, which takes a second.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

BLUE, VERMILLION, GREEN, GREY = "#0072B2", "#D55E00", "#009E73", "#767676"
FONT = "Liberation Sans, Arial, Helvetica, sans-serif"
ARMS = ["without", "successor"]
FILE = Path(__file__).with_name("chart_specifications.json")


def arrow() -> dict[str, Any]:
    """Per group an arrow from the share with race (`with`) to the share in the arm (`to`), with the interval of the change.

    `head` is the arrow's: up, down, or successor (a diamond).
    """
    import altair as alt

    y = alt.Y("group:N", title=None, axis=alt.Axis(labelLimit=0, labelPadding=8, domain=False, ticks=False))
    offset = alt.YOffset("arm:N", sort=ARMS, scale=alt.Scale(domain=ARMS))
    colour = alt.Color("arm:N", scale=alt.Scale(domain=ARMS, range=[VERMILLION, GREEN]), legend=None)
    x = alt.X("with:Q", title=None, axis=alt.Axis(format=".1~%", tickCount=3, labelOverlap=False), scale=alt.Scale(zero=True))
    heads = alt.Scale(domain=["up", "down", "successor"], range=["triangle-right", "triangle-left", "diamond"])
    shape = alt.Shape("head:N", scale=heads, legend=None)
    base = alt.Chart()
    shaft = base.mark_rule(strokeWidth=2).encode(x=x, x2="to:Q", y=y, yOffset=offset, color=colour)
    interval = base.mark_rule(strokeWidth=1, color=GREY).encode(x="lower:Q", x2="upper:Q", y=y, yOffset=offset)
    start = base.mark_point(filled=True, size=46, color=BLUE, opacity=1).encode(x="with:Q", y=y, yOffset=offset)
    end = base.mark_point(filled=True, size=70, opacity=1).encode(x="to:Q", y=y, yOffset=offset, color=colour, shape=shape)
    return _panelled(alt.layer(interval, shaft, start, end), 15)


def interval() -> dict[str, Any]:
    """Per group the disparity introduced as dot and interval around a marked zero."""
    import altair as alt

    y = alt.Y("group:N", title=None, axis=alt.Axis(labelLimit=0, labelPadding=8, domain=False, ticks=False))
    in_points = alt.Axis(labelExpr="datum.value == 0 ? '0' : format(datum.value * 100, '+.3~g')", tickCount=3, labelOverlap=False)
    base = alt.Chart()
    zero = base.mark_rule(color=GREY, strokeDash=[3, 3]).encode(x=alt.datum(0))
    bar = base.mark_rule(strokeWidth=2, color=BLUE).encode(x=alt.X("lower:Q", title=None, axis=in_points), x2="upper:Q", y=y)
    dot = base.mark_point(filled=True, size=60, color=BLUE, opacity=1).encode(x="introduced:Q", y=y)
    return _panelled(alt.layer(zero, bar, dot), 24)


def control() -> dict[str, Any]:
    """Per audit of a series the share as a dot (a diamond where it signals), the centre line and the limits."""
    import altair as alt

    x = alt.X("audit:N", title=None, axis=alt.Axis(labelAngle=-45, labelLimit=160, labelOverlap="greedy"), sort=[])

    def y(name: str) -> Any:
        return alt.Y(f"{name}:Q", title=None, axis=alt.Axis(format=".1~%", tickCount=5), scale=alt.Scale(zero=False))

    kinds = ["no signal", "run", "beyond the limits"]
    colour = alt.Color("signal:N", scale=alt.Scale(domain=kinds, range=[BLUE, VERMILLION, VERMILLION]), legend=None)
    shape = alt.Shape("signal:N", scale=alt.Scale(domain=kinds, range=["circle", "diamond", "diamond"]), legend=None)
    size = alt.Size("signal:N", scale=alt.Scale(domain=kinds, range=[50, 130, 130]), legend=None)
    base = alt.Chart()
    limits = [base.mark_line(color=GREY, strokeDash=[6, 3], interpolate="step").encode(x=x, y=y(name)) for name in ("lower", "upper")]
    centre = base.mark_line(color=GREY, strokeDash=[2, 2]).encode(x=x, y=y("centre"))
    line = base.mark_line(color=BLUE, strokeWidth=1).encode(x=x, y=y("rate"))
    dots = base.mark_point(filled=True, opacity=1).encode(x=x, y=y("rate"), color=colour, shape=shape, size=size)
    return _plain(alt.layer(*limits, centre, line, dots, data=alt.Data(values=[])).properties(width=560, height=220))


def calibration() -> dict[str, Any]:
    """Per group observed against predicted risk with one curve for every arm; `arm` is with, without, successor, or even (the line of equality)."""
    import altair as alt

    kinds = ["with", "without", "successor"]
    colour = alt.Color("arm:N", scale=alt.Scale(domain=kinds, range=[BLUE, VERMILLION, GREEN]), legend=None)
    shape = alt.Shape("arm:N", scale=alt.Scale(domain=kinds, range=["circle", "triangle-up", "diamond"]), legend=None)
    axis = alt.Axis(format=".1~%", tickCount=4)
    x, y = (alt.X("risk:Q", title=None, axis=axis), alt.Y("observed:Q", title=None, axis=axis))
    even = alt.Chart().transform_filter("datum.arm == 'even'").mark_line(color=GREY, strokeDash=[4, 3]).encode(x=x, y=y)
    arms = alt.Chart().transform_filter("datum.arm != 'even'")
    line = arms.mark_line(strokeWidth=1.5).encode(x=x, y=y, color=colour)
    dots = arms.mark_point(filled=True, size=50, opacity=1).encode(x=x, y=y, color=colour, shape=shape)
    return _panelled(alt.layer(even, line, dots), 0, height=200)


def specifications() -> dict[str, Any]:
    """Every specification by name, without values."""
    return {"arrow": arrow(), "interval": interval(), "control": control(), "calibration": calibration()}


def _panelled(layers: Any, step: int, height: int = 0) -> dict[str, Any]:
    import altair as alt

    header = alt.Header(
        title=None, labelExpr="split(datum.label, '\\n')", labelAlign="left", labelAnchor="start", labelFontSize=14, labelLimit=0
    )
    panels = alt.Facet("panel:N", header=header, sort=alt.EncodingSortField("place"))
    chart = layers.properties(height=height or alt.Step(step)).facet(data=alt.Data(values=[]), facet=panels, columns=1)
    return _plain(chart if height else chart.resolve_scale(x="independent"))


def _plain(chart: Any) -> dict[str, Any]:
    configured = (
        chart.configure(font=FONT, aria=False, background="transparent")
        .configure_axis(labelFontSize=14, titleFontSize=14, gridColor="#DDDDDD", domainColor=GREY, tickColor=GREY)
        .configure_view(stroke=None)
    )
    specification: dict[str, Any] = configured.to_dict()
    return specification


if __name__ == "__main__":
    FILE.write_text(json.dumps(specifications(), indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
