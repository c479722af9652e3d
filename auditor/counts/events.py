"""Events of harm in counts: one table per kind, and what must be hidden so that no small number of patients can be found."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import msgspec
import numpy as np
from numpy.typing import NDArray

from auditor.counts.groups import Groups
from auditor.counts.paired import Paired, Placed, pair
from auditor.counts.scales import ArmTable
from auditor.counts.sheets import Sheets, examine
from auditor.counts.suppression import Layout, complete, small, spaced
from auditor.result import CalculatorResult, Options
from auditor.rows import Change, EventChange, OutcomeChange

WITHOUT_RACE = "without_race"
WITH_EVENT, WITHOUT_EVENT = "1", "0"


def event_rows(tables: Mapping[str, Sequence[ArmTable]], options: Options) -> tuple[EventChange, ...]:
    """Decisions with race and without it among the patients with each kind of event, in every group that has some."""
    found: list[EventChange] = []
    for kind, of_kind in tables.items():
        for table in of_kind:
            if WITHOUT_RACE in table.arms and table.scale.cuts:
                placed = Placed.of(table)
                found += _rows(table, kind, placed.groups, pair(placed, WITHOUT_RACE))
    return tuple(found)


def _rows(table: ArmTable, kind: str, groups: Groups, paired: Paired) -> list[EventChange]:
    n, yes_with, yes_arm, gained, lost = (
        x[0].astype(np.int64).tolist() for x in (paired.total, paired.yes_with, paired.yes_arm, paired.gained, paired.lost)
    )
    return [
        EventChange(
            calculator=table.calculator,
            decision=cut.decision,
            arm=WITHOUT_RACE,
            by=groups.by[g],
            group=groups.label[g],
            event=kind,
            n=n[g][d],
            yes_with=yes_with[g][d],
            yes_arm=yes_arm[g][d],
            gained=gained[g][d],
            lost=lost[g][d],
            status="ok" if n[g][d] else "not_estimable",
        )
        for d, cut in enumerate(table.scale.cuts)
        for g in range(len(groups))
    ]


def protect_events(
    calculator: CalculatorResult, layout: Layout, k: int, hide: Callable[[EventChange], EventChange]
) -> tuple[EventChange, ...]:
    """The event rows without those that show or imply 1 to k-1 patients with or without the event."""
    hidden = {kind: _hidden(calculator, kind, layout, k) for kind in dict.fromkeys(row.event for row in calculator.event_changes)}
    return tuple(hide(row) if hidden[row.event][row.decision][layout.place(row)] else row for row in calculator.event_changes)


def _hidden(calculator: CalculatorResult, kind: str, layout: Layout, k: int) -> dict[str, NDArray[np.bool_]]:
    """By decision, the groups to hide for one kind: the rule of tables by outcome, then thresholds with few patients between them."""
    events = {(r.decision, r.by, r.group): r for r in calculator.event_changes if r.event == kind}
    whole = [c for c in calculator.changes if c.arm == WITHOUT_RACE]
    split = tuple(row for change in whole for row in _split(change, events.get((change.decision, change.by, change.group))))
    sheets = Sheets.of(msgspec.structs.replace(calculator, outcome_changes=split, transitions=()), layout, k)
    examine([sheets], k)
    found = {decision: hidden.copy() for (decision, arm), hidden in sheets.by_outcome.items() if arm == WITHOUT_RACE}
    counts = {decision: np.zeros((len(layout.groups), 5)) for decision in found}
    for (decision, *_), row in events.items():
        counts[decision][layout.place(row)] = _counts(row)
    for g in range(len(layout.groups)):
        _thin({decision: counts[decision][g] for decision in found}, found, g, k)
    for decision, table in counts.items():
        implied = np.column_stack([table, table[:, :1] - table[:, 1:], table[:, 1] - table[:, 4]])
        start = found[decision] | small(implied, k).any(axis=1)
        found[decision] = complete(start, implied, layout, table[:, 0], k)
    return found


def _thin(rows: Mapping[str, NDArray[np.float64]], hidden: Mapping[str, NDArray[np.bool_]], g: int, k: int) -> None:
    """Hide the decisions of one group whose counts lie within k patients of a decision already shown, read either way."""
    shown: list[tuple[float, ...]] = []
    for decision, (n, yes_with, yes_arm, *_) in rows.items():
        if hidden[decision][g] or not n:
            continue
        same = (yes_with, yes_arm, n)
        turned = (n - yes_with, n - yes_arm, n)
        if all(spaced([a, b], k)[1] for other in shown for mine in (same, turned) for a, b in zip(other, mine, strict=True)):
            shown.append(same)
        else:
            hidden[decision][g] = True


def _split(change: Change, event: EventChange | None) -> tuple[OutcomeChange, OutcomeChange]:
    """A row of changes as two: patients with the event and patients without it."""
    had = _counts(event)
    rest = [a - b for a, b in zip(_counts(change), had, strict=True)]
    return _half(change, WITH_EVENT, had), _half(change, WITHOUT_EVENT, rest)


def _half(change: Change, outcome: str, counts: Sequence[int]) -> OutcomeChange:
    n, yes_with, yes_arm, gained, lost = counts
    return OutcomeChange(
        calculator=change.calculator,
        decision=change.decision,
        arm=change.arm,
        by=change.by,
        group=change.group,
        outcome=outcome,
        n=n,
        yes_with=yes_with,
        yes_arm=yes_arm,
        gained=gained,
        lost=lost,
    )


def _counts(row: Change | EventChange | None) -> list[int]:
    return [0] * 5 if row is None else [row.n or 0, row.yes_with or 0, row.yes_arm or 0, row.gained or 0, row.lost or 0]
