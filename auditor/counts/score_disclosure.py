"""What numbers of the score itself give away: means, whose sums bound and may count patients, and ranks, which bound who is misranked."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np
from numpy.typing import NDArray

from auditor.counts.paired import WITH_RACE
from auditor.counts.sheets import Sheets
from auditor.counts.suppression import Counts, Hidden, Layout, complete, small
from auditor.result import CalculatorResult, DecisionCard, Metric

AUROC = "auroc"
LOW = "low scores"
WHOLE = ("(boolean)", "({score})")


def hidden_means(calculator: CalculatorResult, sheets: Sheets, k: int) -> dict[tuple[str, str], Hidden]:
    """By (output, arm), the groups whose mean scores are hidden, so that their sums tell no count of 1 to k-1.

    A sum of changes counts the patients whom the term is applied to where it changes everyone by the same points; it goes where these
    are few, or where a total would tell how many of them are in hidden groups that are scored with several rows. A sum of scores bounds the
    patients beyond a threshold (Markov's inequality); it goes where a hidden decision would be narrowed below k. Sums of points
    are counts themselves: they go with any hidden decision on them, and where they are small.
    """
    layout = sheets.layout
    applied = np.zeros(len(layout.groups))
    for covered in calculator.coverage:
        applied[layout.place(covered)] = covered.term_applied or 0
    one_amount = len(calculator.card.race_rows) - len(calculator.card.neutral_rows) <= 1
    found: dict[tuple[str, str], Hidden] = {}
    for key in dict.fromkeys((row.output, row.arm) for row in calculator.shifts):
        touched = applied * (whole(calculator, key[0]) or not key[1].startswith("successor:"))
        sums = np.zeros((len(layout.groups), 4))
        for row in calculator.shifts:
            if (row.output, row.arm) == key:
                n = row.n or 0
                sums[layout.place(row)] = [n, *(n * (mean or 0.0) for mean in (row.mean_with, row.mean_arm, row.mean_change))]
        hidden, counts = _told_by_sums(calculator, sheets, *key, sums, touched)
        hidden = complete(hidden | small(counts, k).any(axis=1), counts, layout, sums[:, 0], k)
        found[key] = hidden if one_amount else _with_totals(hidden, touched > 0, layout)
    return found


def hidden_scores(calculator: CalculatorResult, sheets: Sheets, k: int) -> dict[tuple[str, str], Hidden]:
    """By (output, arm), the groups in which metrics of the score are hidden beyond those whose outcomes may not be counted.

    An area under the curve bounds how many patients with the outcome lie below a threshold while others lie above it: it goes where that
    narrows a hidden decision to a range below k - 1, and, for points (of which a few areas fit a few counts), with any
    hidden decision on them. What is hidden with race is hidden in every arm, which is given as a change from it.
    """
    found: dict[tuple[str, str], Hidden] = {}
    areas = [row for row in calculator.metrics if not row.decision and row.metric.partition(":")[0] == AUROC and row.value is not None]
    for output in outputs_of(calculator):
        for arm in sorted(sheets.hidden, key=lambda arm: arm != WITH_RACE):
            hidden = np.zeros(len(sheets.layout.groups), dtype=bool)
            for card in _decisions(calculator, output):
                if whole(calculator, output):
                    hidden |= sheets.by_outcome.get((card.id, arm), False) | sheets.by_outcome.get((card.id, WITH_RACE), False)
            for row in areas:
                if row.arm == arm and output_of(calculator, row) == output:
                    g = sheets.layout.place(row)
                    hidden[g] |= any(_narrowed(row, card, sheets, g, k) for card in _decisions(calculator, output))
            found[output, arm] = hidden | found.get((output, WITH_RACE), False)
    return found


def output_of(calculator: CalculatorResult, row: Metric) -> str:
    """The output that a metric of the score is about: the one named after a colon, else the first."""
    return row.metric.partition(":")[2] or outputs_of(calculator)[0]


def outputs_of(calculator: CalculatorResult) -> tuple[str, ...]:
    """The outputs that decisions, means and metrics of the score are about; the one that metrics do not name comes first."""
    cards = tuple(text.partition(" ")[0] for text in calculator.card.outputs)
    used = dict.fromkeys((*(d.output for d in calculator.card.decisions), *(s.output for s in calculator.shifts)))
    named = {row.metric.partition(":")[2] for row in calculator.metrics}
    every = dict.fromkeys((*cards, *used, *named))
    return tuple(sorted((name for name in every if name), key=lambda name: name in named)) or ("",)


def whole(calculator: CalculatorResult, output: str) -> bool:
    """Whether an output is points or a yes and no, so that its sums are counts."""
    return any(text.partition(" ")[0] == output and text.endswith(WHOLE) for text in calculator.card.outputs)


def _decisions(calculator: CalculatorResult, output: str) -> Iterator[DecisionCard]:
    return (card for card in calculator.card.decisions if card.output == output)


def _told_by_sums(
    calculator: CalculatorResult, sheets: Sheets, output: str, arm: str, sums: Counts, touched: NDArray[np.float64]
) -> tuple[Hidden, Counts]:
    """The groups whose sums (n, with race, in the arm, change) go with a hidden decision, and the counts that sums tell or bound."""
    n, with_race, in_arm, change = sums.T
    hidden = sheets.hidden[arm].copy()
    counts = [n, np.abs(sheets.scored[arm] - n), touched, np.where(touched > 0, np.maximum(n - touched, 0.0), 0.0)]
    if whole(calculator, output):
        counts += [np.abs(with_race), np.abs(in_arm), np.abs(change)]
    for card in _decisions(calculator, output):
        unknown = np.zeros(len(n), dtype=bool)
        for of in (arm, WITH_RACE):
            unknown |= sheets.change.get((card.id, of), False)
        if whole(calculator, output):
            hidden |= unknown
        for total in (with_race, in_arm):
            if card.cutoff > 0:
                counts.append(_bound(total / card.cutoff, n, unknown))
            if 0 < card.cutoff < 1:
                counts.append(_bound((n - total) / (1 - card.cutoff), n, unknown))
    return hidden, np.column_stack(counts)


def _bound(most: NDArray[np.float64], n: NDArray[np.float64], unknown: Hidden) -> NDArray[np.float64]:
    """At most so many patients lie beyond a threshold, where that is fewer than all and their number is hidden; else 0."""
    return np.where(unknown & (most >= 1) & (most < n), np.floor(most), 0.0)


def _with_totals(hidden: Hidden, touched: NDArray[np.bool_], layout: Layout) -> Hidden:
    """Hide every total of which a hidden part is touched by the term."""
    hidden = hidden.copy()
    for line in sorted(layout.lines, key=lambda line: -len(layout.groups[line.members[0]][0].split(","))):
        members = np.array(line.members)
        hidden[line.total] |= bool((hidden[members] & touched[members]).any())
    return hidden


def _narrowed(row: Metric, card: DecisionCard, sheets: Sheets, g: int, k: int) -> bool:
    """Whether an area, with all else that is shown, confines a hidden decision among patients with the outcome to a range below k - 1."""
    key = (card.id, row.arm)
    if key not in sheets.outcomes or not sheets.by_outcome[key][g] or row.value is None:
        return False
    without, event = (part[g] for part in sheets.outcomes[key])
    yes = event[2] + without[2] if key in sheets.change and not sheets.change[key][g] else None
    return _range_of_true_yes(float(event[0]), float(without[0]), yes, _area(row, card), 0.5e-4) < k - 1


def _area(row: Metric, card: DecisionCard) -> float:
    """The area with a yes as the side that goes with the outcome."""
    value = row.value or 0.0
    return value if (LOW in row.method) == card.operator.startswith("<") else 1 - value


def _range_of_true_yes(events: float, others: float, yes: float | None, area: float, rounding: float) -> float:
    """How far apart the least and the greatest number of true yes are that agree with the area; `yes` is their number if it is shown."""
    if yes is None:
        return events if rounding < area < 1 - rounding else 0.0
    true = np.arange(max(0.0, yes - others), min(events, yes) + 1)
    false = yes - true
    pairs = events * others
    fits = (events - true) * false <= (1 - area + rounding) * pairs + 1e-9
    fits &= true * (others - false) <= (area + rounding) * pairs + 1e-9
    return float(np.ptp(true[fits])) if fits.any() else 0.0


def first_arm(keys: Mapping[tuple[str, str], object], decision: str) -> str:
    """The arm on whose patients numbers with race are computed for a decision: the first compared with it, if any."""
    return next((arm for of, arm in keys if of == decision and arm != WITH_RACE and not arm.startswith("as_if:")), WITH_RACE)
