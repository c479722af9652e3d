"""One picture of the finding: the share with a yes with race, without, and by the successor."""

from __future__ import annotations

from collections.abc import Iterator

from auditor.result import AuditResult, CalculatorResult
from reports.blocks import Block
from reports.chapters import View
from reports.charts import arrow_plot
from reports.findings import findings, moved, primary, successor_arm, titles

TITLE = "The change as a picture"


def build(result: AuditResult, calculator: CalculatorResult, view: View) -> Iterator[Block]:
    """The arrow plot, where a row may be drawn."""
    arms = ["without_race", *filter(None, (successor_arm(calculator),))]
    rows = [f for arm in arms for f in findings(calculator, arm, primary(result))]
    if view.arrows and (figure := arrow_plot(moved(rows), titles(result))):
        yield figure
