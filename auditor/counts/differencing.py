"""The attack of differencing: two results of one cohort may together tell of a few patients of whom neither tells alone.

What the earlier result hides is not in it, so that no choice of rows to hide in the later one can be proved safe for both; the
check therefore counts what the two tell and hides nothing.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from auditor.counts.jointly import confined
from auditor.counts.paired import WITH_RACE
from auditor.counts.suppression import Counts, Layout, Line, small
from auditor.errors import TooFewPatients
from auditor.result import AuditResult
from auditor.rows import Change, Coverage, EventChange, Measured, OutcomeChange, Row

PAIRED = ("n", "yes_with", "no_with", "yes_arm", "no_arm", "gained", "lost", "yes_in_both", "no_in_both")
FATES = ("scored", "missing_input", "out_of_range", "no_row", "unlisted", "unknown_race")
AMONG_SCORED = ("outside_derivation", "term_applied")
NUMBER = re.compile(r"(?<![\d,.])\d[\d,]*(?= (?:patients|rows))")
TOLERANCE = 1e-9

Key = tuple[str, ...]
Group = tuple[str, str]
Sheet = dict[Group, NDArray[np.float64]]


@dataclass(frozen=True)
class Told:
    """1 to k-1 patients of whom two results tell: the table, what and where, and the count; `group` "the hidden groups of" a total or a group."""

    table: str
    where: Key
    group: str
    column: str


def told(previous: AuditResult, result: AuditResult, k: int, whole: AuditResult | None = None) -> tuple[Told, ...]:
    """Every count of 1 to k-1 patients that two results tell together, by subtracting one from the other or by filling each other's gaps.

    Compared are all counts that both show, and those that follow from them (no from yes, totals from their parts, what totals
    leave for hidden parts). Where nothing differs, the two are taken as one cohort under different options, and numbers that
    one hides are looked for among those that the other shows; given the `whole` later result with nothing hidden, also by linear
    programming. Mean scores that differ between the same number of patients count too.
    """
    before, after = dict(_sheets(previous)), dict(_sheets(result))
    groups = dict.fromkeys(group for sheets in (before, after) for sheet, _ in sheets.values() for group in sheet)
    layout = Layout.of(groups)
    found: list[Told] = []
    keys = [key for key in before if key in after]
    common = [(key, _whole(before[key][0], layout, groups), _whole(after[key][0], layout, groups)) for key in keys]
    for key, old, new in common:
        columns = after[key][1]
        found += _subtracted(key, columns, old, new, layout, k)
    if not any((np.abs(old - new) > TOLERANCE).any() for _, old, new in common):
        for key, old, new in common:
            found += _together(key, after[key][1], old, new, layout, k)
        if whole is not None:
            found += [Told("linked tables", table, "", "") for table in confined(whole, (previous, result), k)]
    return tuple(dict.fromkeys((*found, *_means(previous, result))))


def beside(previous: AuditResult, result: AuditResult, k: int, whole: AuditResult | None = None) -> AuditResult:
    """The protected result where it tells nothing of 1 to k-1 patients beside an earlier one; otherwise TooFewPatients says how much."""
    found = told(previous, result, k, whole)
    if found:
        raise TooFewPatients(
            f"{told_text(found, k)}. Publish one of the two, wait until {k} or more patients have come or gone in every group, "
            "or keep this result inside the institution (--internal)."
        )
    return result


def told_text(found: Sequence[Told], k: int) -> str:
    """How many numbers tell of few patients, and where most of them stand; no number itself."""
    tables = Counter(one.table for one in found).most_common(3)
    where = ", ".join(f"{n} in {table}" for table, n in tables)
    return f"Together with the earlier result, {len(found)} numbers tell of 1 to {k - 1} patients ({where})"


def _subtracted(key: Key, columns: Sequence[str], old: Counts, new: Counts, layout: Layout, k: int) -> Iterator[Told]:
    """Counts that differ by few, and totals that differ from their shown parts by few."""
    difference = new - old
    for g, c in np.argwhere(small(np.abs(difference), k)).tolist():
        yield Told(key[0], key[1:], ": ".join(layout.groups[g]), columns[c])
    yield from _left(key, columns, difference, layout, k)


def _together(key: Key, columns: Sequence[str], old: Counts, new: Counts, layout: Layout, k: int) -> Iterator[Told]:
    """Few patients in what one result hides and the other completes."""
    both = _closed(np.where(np.isnan(new), old, new), layout.lines)
    fresh = small(both, k) & np.isnan(old) & np.isnan(new)
    for g, c in np.argwhere(fresh).tolist():
        yield Told(key[0], key[1:], ": ".join(layout.groups[g]), columns[c])
    yield from _left(key, columns, both, layout, k)


def _left(key: Key, columns: Sequence[str], values: Counts, layout: Layout, k: int) -> Iterator[Told]:
    """Few patients in what a total leaves for the parts of it that are not known."""
    for line in layout.lines:
        members = values[list(line.members)]
        unknown = np.isnan(members).any(axis=0) & ~np.isnan(values[line.total])
        rest = np.where(unknown, values[line.total] - np.nansum(members, axis=0), 0.0)
        for c in np.flatnonzero(small(np.abs(rest), k)).tolist():
            by = layout.groups[line.members[0]][0]
            yield Told(key[0], key[1:], f"the hidden groups of {': '.join(layout.groups[line.total])} by {by}", columns[c])


def _whole(sheet: Sheet, layout: Layout, groups: Iterable[Group]) -> Counts:
    """A sheet as (groups, columns), NaN where nothing is known; a group that does not occur in a grouping that does has nobody."""
    width = len(next(iter(sheet.values())))
    groupings = {by for by, _ in sheet}
    values = np.array([sheet.get(g, np.zeros(width) if g[0] in groupings else np.full(width, np.nan)) for g in groups])
    return _closed(values, layout.lines)


def _closed(values: Counts, lines: Sequence[Line]) -> Counts:
    """Totals from all their parts, and single parts from their total, until nothing more follows."""
    values = values.copy()
    known = -1
    while known != (known := int((~np.isnan(values)).sum())):
        for line in lines:
            members = np.array(line.members)
            missing = np.isnan(values[members]).sum(axis=0)
            total = np.isnan(values[line.total])
            values[line.total] = np.where(total & (missing == 0), values[members].sum(axis=0), values[line.total])
            for c in np.flatnonzero((missing == 1) & ~total):
                gap = members[np.isnan(values[members, c])][0]
                values[gap, c] = values[line.total, c] - np.nansum(values[members, c])
    return values


def _sheets(result: AuditResult) -> Iterator[tuple[Key, tuple[Sheet, tuple[str, ...]]]]:
    """Every table of counts by group, and the names of its columns."""
    yield ("groups",), ({(r.by, r.group): _numbers(r.n) for r in result.cohort.groups}, ("n",))
    everyone = ("overall", "all")
    read = sum(n or 0 for _, _, n in result.provenance.inputs) if all(n is not None for _, _, n in result.provenance.inputs) else None
    yield ("cohort",), ({everyone: _numbers(result.cohort.n, result.cohort.duplicate_ids, read)}, ("n", "duplicate_ids", "rows read"))
    for note in result.cohort.notes:
        counts = [float(number.replace(",", "")) for number in NUMBER.findall(note)]
        if counts:
            yield ("notes", NUMBER.sub("#", note)), ({everyone: np.array(counts)}, ("patients",) * len(counts))
    for q in result.cohort.quality:
        known = None if q.n is None else q.n - (q.missing or 0) - (q.unreadable or 0) - (q.implausible or 0)
        columns = ("n", "missing", "unreadable", "implausible", "known")
        yield ("quality", q.input, q.column, q.group), ({everyone: _numbers(q.n, q.missing, q.unreadable, q.implausible, known)}, columns)
    gathered: dict[Key, Sheet] = {}
    scored: dict[tuple[str, str, Group], int | None] = {}
    for calculator in result.calculators:
        for covered in calculator.coverage:
            group = (covered.by, covered.group)
            scored[calculator.id, WITH_RACE, group] = covered.scored
            gathered.setdefault(("coverage", calculator.id), {})[group] = _coverage(covered)
        for table in ("changes", "outcome_changes", "event_changes"):
            for row in getattr(calculator, table):
                gathered.setdefault((table, *_where(row)), {})[row.by, row.group] = _paired(row)
        for move in calculator.transitions:
            gathered.setdefault(("transitions", *_where(move)), {})[move.by, move.group] = _numbers(move.n)
        for shift in calculator.shifts:
            gathered.setdefault(("shifts", *_where(shift)), {})[shift.by, shift.group] = _numbers(shift.n)
            scored[calculator.id, shift.arm, (shift.by, shift.group)] = shift.n
        for near in calculator.measured:
            gathered.setdefault(("measured", *_where(near)), {})[near.by, near.group] = _near(near)
        for point in calculator.calibration:
            gathered.setdefault(("calibration", *_where(point)), {})[point.by, point.group] = _numbers(point.n)
        for rate in calculator.metrics:
            n, yes = rate.n, rate.yes
            if n is None and rate.value is not None and not result.cohort.weighted:
                n = scored.get((calculator.id, rate.arm, (rate.by, rate.group)))
                yes = None if n is None else round(rate.value * n)
            if rate.metric == "selection_rate" and (n is not None or not result.cohort.weighted):
                numbers = _numbers(n, yes, None if yes is None or n is None else n - yes)
                gathered.setdefault(("metrics", *_where(rate)), {})[rate.by, rate.group] = numbers
    names = {"coverage": (*("n", *FATES), *AMONG_SCORED, *(f"not {name}" for name in (*FATES, *AMONG_SCORED)))}
    names |= dict.fromkeys(("changes", "outcome_changes", "event_changes"), PAIRED)
    names["measured"] = ("n", "within", "not within", "gained", "lost")
    names |= {"transitions": ("n",), "shifts": ("n",), "calibration": ("n",), "metrics": ("n", "yes", "no")}
    for key, sheet in gathered.items():
        yield key, (sheet, names[key[0]])


def _where(row: Row) -> Key:
    """What tells the rows of a table apart besides the group."""
    names = ("calculator", "decision", "categories", "output", "arm", "outcome", "event", "metric", "from_", "to")
    return tuple(str(getattr(row, name)) for name in names if name in row.__struct_fields__)


def _paired(row: Change | OutcomeChange | EventChange) -> NDArray[np.float64]:
    n, yes_with, yes_arm, gained, lost = _numbers(row.n, row.yes_with, row.yes_arm, row.gained, row.lost)
    return np.array([n, yes_with, n - yes_with, yes_arm, n - yes_arm, gained, lost, yes_with - lost, n - yes_with - gained])


def _near(row: Measured) -> NDArray[np.float64]:
    n, within, gained, lost = _numbers(row.n, row.within, row.gained, row.lost)
    return np.array([n, within, n - within, gained, lost])


def _coverage(row: Coverage) -> NDArray[np.float64]:
    n, scored = _numbers(row.n, row.scored)
    fates, among = (_numbers(*(getattr(row, name) for name in names)) for names in (FATES, AMONG_SCORED))
    return np.concatenate([[n], fates, among, n - fates, scored - among])


def _numbers(*counts: float | None) -> NDArray[np.float64]:
    return np.array([np.nan if x is None else x for x in counts], dtype=np.float64)


def _means(previous: AuditResult, result: AuditResult) -> Iterator[Told]:
    """Mean scores with race that differ between the same number of patients under the same formula: few patients' scores were changed."""
    earlier = {(c.card.fingerprint, _where(s), s.by, s.group): s for c in previous.calculators for s in c.shifts}
    for calculator in result.calculators:
        for shift in calculator.shifts:
            other = earlier.get((calculator.card.fingerprint, _where(shift), shift.by, shift.group))
            if other is None or other.n != shift.n or other.mean_with is None or shift.mean_with is None:
                continue
            if abs(other.mean_with - shift.mean_with) > TOLERANCE * max(1.0, abs(shift.mean_with)):
                yield Told("shifts", _where(shift), f"{shift.by}: {shift.group}", "mean_with")
