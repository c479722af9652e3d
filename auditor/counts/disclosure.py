"""Disclosure control: a result in which no count of 1 to k-1 is shown or can be worked out from the others.

The rule in two sentences: a row is hidden when it shows or implies fewer than k patients (but not none), among those it counts or
among those it leaves out. Where the hidden row could be found by subtraction, a second row is hidden with it (a group not
recorded, else the smallest that will do, or everyone's row instead of a group of over a twentieth), and everything computed from
a hidden row is hidden too. The rates of two arms stay where only the numbers of patients who moved each way are few.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace
from functools import cache
from typing import Any, TypeVar

import msgspec
import numpy as np
from numpy.typing import NDArray

from auditor.counts.bounds import hidden_bounds
from auditor.counts.conditional import FEWEST
from auditor.counts.coverage_disclosure import hidden_coverages, hidden_sizes
from auditor.counts.dependence import METRIC as DEPENDS
from auditor.counts.dependence import hidden_dependence
from auditor.counts.disparity import BEST
from auditor.counts.events import protect_events
from auditor.counts.group_tests import ANY, DISPARITIES, compared_groups
from auditor.counts.groups import UNKNOWN
from auditor.counts.joint import Joint
from auditor.counts.linked import implied
from auditor.counts.measured_disclosure import hidden_measured
from auditor.counts.one_thread import one_thread
from auditor.counts.paired import WITH_RACE
from auditor.counts.score_disclosure import first_arm, hidden_curves, hidden_means, hidden_scores, output_of
from auditor.counts.scored import AROUND, CHANGE
from auditor.counts.sheets import Sheets, examine
from auditor.counts.significance import TOGETHER, adjust
from auditor.counts.suppression import Hidden, Layout, complete, small
from auditor.counts.years import protect_equivalents
from auditor.result import AuditResult, CalculatorResult, CohortSummary, Provenance
from auditor.rows import (
    Bound,
    CalibrationPoint,
    Change,
    Coverage,
    Disparity,
    GroupSize,
    InputQuality,
    Metric,
    OutcomeChange,
    Proxy,
    Row,
    Shift,
    Shrunken,
    Significance,
    SiteChange,
    Standardised,
    Stratified,
    Transition,
)

AnyRow = TypeVar("AnyRow", bound=Row)
Contrasted = TypeVar("Contrasted", Disparity, Standardised, Bound)
NET_BENEFIT = "net_benefit"
NOT_SHOWN = "not shown"
LEFT_OUT = re.compile(r"(?<![\d,.])\d[\d,]*(?= patients)")
AMONG = {
    "true_positive_rate": ("1",),
    "false_negative_rate": ("1",),
    "false_positive_rate": ("0",),
    "true_negative_rate": ("0",),
}
PIECES = ("n", "scored", "missing_input", "out_of_range", "no_row", "unlisted", "unknown_race", "outside_derivation", "term_applied")


@one_thread()
def protect(result: AuditResult, k: int, sheets: Sequence[Sheets] = ()) -> AuditResult:
    """The result with every number that shows or implies 1 to k-1 patients set to None and its row's status to `suppressed`.

    `sheets` say for each calculator what must be hidden in its tables (`examined`), where that was found before.
    """
    layout = sheets[0].layout if sheets else layout_of(result)
    size = _column(layout, result.cohort.groups, "n")
    sheets = sheets or [examined(calculator, layout, k, size) for calculator in result.calculators]
    sizes = _sizes(layout, size, sheets, k)
    uncovered = _uncovered(result.calculators, sheets, sizes, k)
    reference = result.options.reference
    return msgspec.structs.replace(
        result,
        provenance=_provenance(result.provenance, result.cohort.n, bool(sizes[:1].any()), k),
        cohort=_cohort(result.cohort, layout, sizes, k),
        calculators=tuple(_calculator(c, s, u, reference, k) for c, s, u in zip(result.calculators, sheets, uncovered, strict=True)),
    )


def examined(calculator: CalculatorResult, layout: Layout, k: int, size: NDArray[np.float64], joint: Joint | None = None) -> Sheets:
    """What must be hidden in one calculator's tables; `size` is the groups' patients, `joint` the true counts, with which it is found sooner."""
    sheets = Sheets.of(calculator, layout, k, size, joint)
    examine([sheets], k)
    return replace(sheets, joint=None, free={})


def layout_of(result: AuditResult) -> Layout:
    """The groups of a result."""
    tables = (result.cohort.groups, *(table for c in result.calculators for table in (c.coverage, c.changes, c.shifts)))
    return Layout.of((row.by, row.group) for rows in tables for row in rows)


def hide(row: AnyRow) -> AnyRow:
    """A row without its numbers."""
    return msgspec.structs.replace(row, **_hidden_fields(type(row)))


@cache
def _hidden_fields(kind: type[Row]) -> dict[str, Any]:
    numbers: dict[str, Any] = {f.name: None for f in msgspec.structs.fields(kind) if f.default is None}
    return {**numbers, "status": "suppressed", **({"method": ""} if "method" in kind.__struct_fields__ else {})}


def _sizes(layout: Layout, size: NDArray[np.float64], sheets: Sequence[Sheets], k: int) -> Hidden:
    """Group sizes that are small, within k of the patients whom some arm of a calculator scores, or give a hidden number away."""
    arms = [(s.hidden[arm], n) for s in sheets for arm, n in s.scored.items()]
    unscored = [size - np.where(hidden, 0.0, n) for hidden, n in arms]
    columns = np.unique(np.column_stack([size, *unscored, *(size - n for _, n in arms)]), axis=1)
    start = small(columns, k).any(axis=1)
    for hidden, n in arms:
        start |= hidden & (size - n < k)
    return hidden_sizes(sheets, size, complete(np.asarray(start), columns, layout, size, k), k)


def _cohort(cohort: CohortSummary, layout: Layout, hidden: Hidden, k: int) -> CohortSummary:
    everyone = bool(hidden[:1].any())
    quality = tuple(_quality(row, everyone, k) for row in cohort.quality)
    return msgspec.structs.replace(
        cohort,
        n=None if everyone else cohort.n,
        weighted_n=None if everyone else cohort.weighted_n,
        groups=_hide(cohort.groups, lambda row: hidden[layout.place(row)]),
        quality=quality,
        duplicate_ids=None if _few(cohort.duplicate_ids, k) else cohort.duplicate_ids,
        notes=tuple(_left_out(note, k) for note in cohort.notes),
    )


def _quality(row: InputQuality, everyone: bool, k: int) -> InputQuality:
    known = (row.n or 0) - (row.missing or 0) - (row.unreadable or 0) - (row.implausible or 0)
    if everyone or any(_few(count, k) for count in (row.n, row.missing, row.unreadable, row.implausible, known)):
        return hide(row)
    return row


def _provenance(provenance: Provenance, n: int | None, everyone: bool, k: int) -> Provenance:
    read = sum(count or 0 for _, _, count in provenance.inputs)
    if everyone or _few(abs(read - (n or 0)), k):
        return msgspec.structs.replace(provenance, inputs=tuple((name, digest, None) for name, digest, _ in provenance.inputs))
    return provenance


def _left_out(note: str, k: int) -> str:
    return LEFT_OUT.sub(lambda found: f"fewer than {k}" if _few(int(found[0].replace(",", "")), k) else found[0], note)


def _calculator(calculator: CalculatorResult, sheets: Sheets, uncovered: Hidden, reference: str, k: int) -> CalculatorResult:
    place = sheets.layout.place
    bounds = hidden_bounds(calculator, sheets.change, sheets.layout)
    depends = hidden_dependence(calculator, sheets.change, sheets.layout, k)
    means = hidden_means(calculator, sheets, k)
    scores = hidden_scores(calculator, sheets, k)
    curves = hidden_curves(calculator, sheets, scores, k)

    def change(row: Change) -> bool:
        return bool(sheets.change[row.decision, row.arm][place(row)])

    def outcome_change(row: OutcomeChange) -> bool:
        return bool(sheets.by_outcome[row.decision, row.arm][place(row)])

    def metric(row: Metric) -> bool:
        if row.metric == DEPENDS:
            return bool(depends[row.decision][place(row)])
        if not row.decision:
            return _score_hidden(row, output_of(row, next(iter(scores))[0]), sheets, scores)
        among = AMONG.get(row.metric) or (() if row.metric == "selection_rate" else ("0", "1"))
        table = sheets.by_outcome if among else sheets.margin
        arm = first_arm(table, row.decision) if row.arm == WITH_RACE and row.metric.startswith(NET_BENEFIT) else row.arm
        return bool(table[row.decision, arm][place(row)]) if (row.decision, arm) in table else bool(among)

    def disparity(row: Disparity) -> bool:
        table = sheets.change if row.metric == "selection_rate" else sheets.by_outcome
        hidden = table[row.decision, row.arm]
        return bool(hidden[place(row)] or hidden[sheets.layout.reference(row.by, row.reference)])

    def stratum(row: Stratified) -> bool:
        hidden = sheets.change[row.decision, row.arm]
        return bool(hidden[place(row)] or hidden[sheets.layout.reference(row.by, row.reference)])

    def transition(row: Transition) -> bool:
        return bool(sheets.transition[row.categories, row.arm][place(row), sheets.labels[row.categories].index(row.from_)])

    def shift(row: Shift) -> bool:
        return bool(means[row.output, row.arm][place(row)])

    disparities = _unnamed(_hide(calculator.disparities, disparity), sheets, reference)
    contrasted = {(row.decision, row.arm, row.by, row.group) for row in disparities if row.status != "suppressed"}

    def significance(row: Significance) -> bool:
        if row.arm == TOGETHER:
            return True
        if row.test in DISPARITIES:
            return (row.subject, row.arm, row.by, row.group) not in contrasted
        if row.group == ANY:
            return _any_hidden(row, sheets)
        if row.subject in sheets.labels or (row.subject, row.arm) not in sheets.change:
            found = sheets.transition.get((row.subject, row.arm))
            return found is None or bool(found[place(row)].any())
        return bool(sheets.change[row.subject, row.arm][place(row)])

    def proxy(row: Proxy) -> bool:
        if not row.arm:
            return k > FEWEST
        hidden = sheets.known.get(_population(row.arm, sheets))
        groups = [place(row), sheets.layout.reference(row.by, row.reference)]
        return hidden is None or bool((hidden | scores[row.output, row.arm])[groups].any())

    return msgspec.structs.replace(
        calculator,
        coverage=_coverage(calculator.coverage, sheets, uncovered),
        changes=_hide(calculator.changes, change),
        transitions=_hide(calculator.transitions, transition),
        metrics=_hide(tuple(row for row in calculator.metrics if row.metric.removesuffix(CHANGE) not in AROUND), metric),
        disparities=disparities,
        shifts=_hide(calculator.shifts, shift),
        bounds=_unnamed(_hide(calculator.bounds, lambda row: (row.decision, row.arm, row.by, row.group) in bounds), sheets, reference),
        outcome_changes=_hide(calculator.outcome_changes, outcome_change),
        significance=_readjusted(_hide(calculator.significance, significance)),
        standardised=_unnamed(_standardised(calculator.standardised, sheets), sheets, reference),
        shrunken=_shrunken(calculator.shrunken, sheets),
        proxies=_hide(calculator.proxies, proxy),
        equivalents=protect_equivalents(calculator.equivalents, k),
        measured=_hide(calculator.measured, hidden_measured(calculator.measured, sheets, k)),
        calibration=_hide(calculator.calibration, lambda row: _score_hidden(row, row.output, sheets, curves)),
        event_changes=protect_events(calculator, sheets.layout, k, hide),
        site_changes=_hide(calculator.site_changes, lambda row: _shows_few(row, k)),
        stratified=_hide(calculator.stratified, stratum),
    )


def _score_hidden(row: Metric | CalibrationPoint, output: str, sheets: Sheets, scores: dict[tuple[str, str], Hidden]) -> bool:
    """Whether a metric of an output goes: in its own arm, or (with race) in that on whose patients it was computed."""
    g = sheets.layout.place(row)
    arm = _population(row.arm, sheets)
    if arm not in sheets.known:
        return True
    return bool(sheets.known[arm][g] or sheets.hidden[arm][g] or scores[output, row.arm][g])


def _population(arm: str, sheets: Sheets) -> str:
    """The arm on whose patients a metric of the score was computed: with race, the first compared with it."""
    return arm if arm != WITH_RACE else next((other for other in sheets.known if other != WITH_RACE), WITH_RACE)


def _any_hidden(row: Significance, sheets: Sheets) -> bool:
    """Whether the rate of any group is hidden among which the largest difference was looked for."""
    inside = np.array([by == row.by for by, _ in sheets.layout.groups])
    known = np.array([not any(word.casefold() in UNKNOWN for word in label.split(", ")) for _, label in sheets.layout.groups])
    used = inside & compared_groups(sheets.paired[row.subject, row.arm][:, 0], known)
    return bool((used & (sheets.change[row.subject, row.arm] | sheets.change[row.subject, WITH_RACE])).any())


def _readjusted(rows: tuple[Significance, ...]) -> tuple[Significance, ...]:
    """The tests adjusted again among those that are shown: an adjusted p-value is made of others, which may be hidden."""
    found: dict[int, Significance] = {}
    for family in dict.fromkeys(row.family for row in rows):
        shown = [row for row in rows if row.family == family and row.p is not None]
        adjusted = adjust(np.array([row.p for row in shown], dtype=np.float64), family).tolist()
        found |= {id(row): msgspec.structs.replace(row, adjusted=p, tests=len(shown)) for row, p in zip(shown, adjusted, strict=True)}
    return tuple(found.get(id(row), row) for row in rows)


def _unnamed(rows: tuple[Contrasted, ...], sheets: Sheets, rule: str) -> tuple[Contrasted, ...]:
    """Where the best group is the reference, its name bounds all others' rates: rows of groupings with a hidden rate lose it."""
    if rule != BEST:
        return rows
    layout = sheets.layout
    inside = {by: np.array([other == by for other, _ in layout.groups]) for by in dict.fromkeys(row.by for row in rows)}
    tables = {True: sheets.by_outcome, False: sheets.change}

    def told(row: Contrasted) -> bool:
        among = getattr(row, "metric", "") in AMONG
        hidden = [h for (decision, arm), h in tables[among].items() if decision == row.decision and arm in (row.arm, WITH_RACE)]
        return not hidden or any(h[inside[row.by]].any() for h in hidden)

    return tuple(msgspec.structs.replace(hide(row), reference=NOT_SHOWN) if told(row) else row for row in rows)


def _standardised(rows: tuple[Standardised, ...], sheets: Sheets) -> tuple[Standardised, ...]:
    """Rows that rest on a hidden row: of a group or its reference, alone or crossed with the other attributes.

    The weights are everyone's shares of the other attributes' levels, and follow from a few rows: where these levels are a grouping,
    no such share may be hidden; else no finest group may be.
    """
    groups = sheets.layout.groups
    finest = sheets.layout.finest[0]
    of_grouping = {over: [i for i, (by, _) in enumerate(groups) if by == over] or finest.tolist() for over in {row.over for row in rows}}

    def gone(row: Standardised) -> bool:
        hidden = sheets.change[row.decision, row.arm] | sheets.change[row.decision, WITH_RACE]
        parts = tuple(f"{name}, " for name in (row.group, row.reference))
        rests_on = [label in (row.group, row.reference) or label.startswith(parts) for _, label in groups]
        return bool(hidden[rests_on].any() or sheets.hidden[row.arm][of_grouping[row.over]].any())

    return _hide(rows, gone)


def _shrunken(rows: tuple[Shrunken, ...], sheets: Sheets) -> tuple[Shrunken, ...]:
    """All of a grouping's estimates go with any of its rates: each leans on all the others."""
    layout = sheets.layout
    gone = {
        (row.decision, row.arm, row.by)
        for row in rows
        if sheets.change[row.decision, row.arm][layout.place(row)] or sheets.change[row.decision, WITH_RACE][layout.place(row)]
    }
    return _hide(rows, lambda row: (row.decision, row.arm, row.by) in gone)


def _uncovered(calculators: Sequence[CalculatorResult], sheets: Sequence[Sheets], sizes: Hidden, k: int) -> list[Hidden]:
    """For every calculator the groups whose coverage goes: it shows or implies few patients, or the size of the group is hidden."""
    starts = []
    for calculator, sheet in zip(calculators, sheets, strict=True):
        pieces = np.column_stack([_column(sheet.layout, calculator.coverage, name) for name in PIECES])
        n, scored = pieces[:, :1], pieces[:, 1:2]
        counts = np.column_stack([pieces, n - pieces[:, 1:7], scored - pieces[:, 7:]])
        few = np.asarray(sizes | sheet.hidden[WITH_RACE] | small(counts, k).any(axis=1))
        starts.append(complete(few, counts, sheet.layout, pieces[:, 0], k))
    return hidden_coverages([calculator.coverage for calculator in calculators], sheets, sizes, starts, k)


def _coverage(rows: tuple[Coverage, ...], sheets: Sheets, hidden: Hidden) -> tuple[Coverage, ...]:
    """Hide the rows of these groups.

    Where any row goes, the people whom the term was applied to or does not list go from rows of several groups: they are their sums.
    """
    layout = sheets.layout
    protected = _hide(rows, lambda row: hidden[layout.place(row)])
    if not hidden.any():
        return protected
    sums = {line.total for line in layout.lines}
    blank = dict.fromkeys(PIECES[5:])
    return tuple(msgspec.structs.replace(row, **blank) if layout.place(row) in sums else row for row in protected)


def _hide(rows: tuple[AnyRow, ...], hidden: Any) -> tuple[AnyRow, ...]:
    return tuple(hide(row) if hidden(row) else row for row in rows)


def _column(layout: Layout, rows: Iterable[GroupSize | Coverage], name: str) -> NDArray[np.float64]:
    values = np.zeros(len(layout.groups))
    for row in rows:
        values[layout.place(row)] = getattr(row, name) or 0
    return values


def _shows_few(row: SiteChange, k: int) -> bool:
    """Whether a site's row shows or implies fewer than k patients."""
    counts = [[getattr(row, name) or 0 for name in ("n", "yes_with", "yes_arm", "gained", "lost")]]
    return bool(small(implied(np.array(counts, dtype=np.float64)), k).any())


def _few(count: int | None, k: int) -> bool:
    return count is not None and 0 < count < k
