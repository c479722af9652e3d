"""What two results of one cohort confine together: the audit of a suppression on everything that either shows."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from auditor.counts.paired import WITH_RACE
from auditor.counts.sheets import Sheets
from auditor.counts.suppression import Hidden, Layout
from auditor.result import AuditResult, CalculatorResult


def confined(whole: AuditResult, shown: tuple[AuditResult, ...], k: int) -> tuple[tuple[str, str, str], ...]:
    """The tables, as (calculator, decision or categories, arm), of which some count of 1 to k-1 is confined to a range below k - 1.

    `whole` is the later result with nothing hidden; `shown` are results of the same patients that may all be read. Counts of groups that only an
    earlier one has are not used.
    """
    layout = Layout.of(
        (row.by, row.group)
        for rows in (whole.cohort.groups, *(table for c in whole.calculators for table in (c.coverage, c.changes, c.shifts)))
        for row in rows
    )
    size = np.zeros(len(layout.groups))
    for group in whole.cohort.groups:
        size[layout.place(group)] = group.n or 0
    found: list[tuple[str, str, str]] = []
    for calculator in whole.calculators:
        same = [c for result in shown for c in result.calculators if c.id == calculator.id]
        sheets = Sheets.of(calculator, layout, k, size)
        _show(sheets, same)
        found += [(calculator.id, *one.key) for linked in sheets.problems(k) for one in linked.confined()]
    return tuple(dict.fromkeys(found))


def _show(sheets: Sheets, calculators: list[CalculatorResult]) -> None:
    """Hide in the sheets exactly what none of these shows."""
    place = sheets.layout.places
    for table in (sheets.margin, sheets.change, sheets.by_outcome, sheets.transition, sheets.hidden):
        for hidden in table.values():
            hidden[...] = True

    def show(table: Mapping[Any, Hidden], key: Any, row: Any, *at: int) -> None:
        if key in table and (row.by, row.group) in place:
            table[key][(place[row.by, row.group], *at)] = False

    for calculator in calculators:
        for covered in calculator.coverage:
            if covered.scored is not None:
                show(sheets.hidden, WITH_RACE, covered)
        for change in calculator.changes:
            if change.n is not None:
                show(sheets.change, (change.decision, change.arm), change)
                show(sheets.margin, (change.decision, change.arm), change)
                show(sheets.hidden, change.arm, change)
        for shift in calculator.shifts:
            if shift.n is not None:
                show(sheets.hidden, shift.arm, shift)
        for rate in calculator.metrics:
            if rate.metric == "selection_rate" and rate.value is not None:
                show(sheets.margin, (rate.decision, rate.arm), rate)
                if rate.arm == WITH_RACE:
                    show(sheets.change, (rate.decision, WITH_RACE), rate)
        for outcome in calculator.outcome_changes:
            if outcome.n is not None:
                show(sheets.by_outcome, (outcome.decision, outcome.arm), outcome)
        for move in calculator.transitions:
            if move.n is not None and move.categories in sheets.labels:
                show(sheets.transition, (move.categories, move.arm), move, sheets.labels[move.categories].index(move.from_))
