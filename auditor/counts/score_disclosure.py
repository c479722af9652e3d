"""What numbers of the score itself give away: means, whose sums bound and may count patients, and ranks, which bound who is misranked."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from auditor.counts.paired import WITH_RACE
from auditor.counts.sheets import Sheets
from auditor.counts.suppression import Counts, Hidden, Layout, complete, small
from auditor.result import CalculatorResult, DecisionCard
from auditor.rows import Metric

AUROC = "auroc"
LOW = "low scores"
WHOLE = ("(boolean)", "({score})")
FEW_LEVELS = 20
THIN = 150


def hidden_means(calculator: CalculatorResult, sheets: Sheets, k: int) -> dict[tuple[str, str], Hidden]:
    """By (output, arm), the groups whose mean scores are hidden, so that their sums tell no count of 1 to k-1.

    A sum of changes counts the patients whom the term is applied to where it changes everyone by the same points; it goes where these
    are few, or where a total would tell how many of them are in hidden groups that are scored with several rows. A sum of scores bounds the
    patients beyond a threshold (as in Markov's inequality); it goes where a hidden decision would be narrowed to a range below k - 1.
    Small sums of points are counts themselves.
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
        hidden, counts = _told_by_sums(calculator, sheets, *key, sums, touched, k)
        hidden = complete(hidden | small(counts, k).any(axis=1), counts, layout, sums[:, 0], k)
        found[key] = hidden if one_amount else _with_totals(hidden, touched > 0, layout)
    return found


def hidden_scores(calculator: CalculatorResult, sheets: Sheets, k: int) -> dict[tuple[str, str], Hidden]:
    """By (output, arm), the groups in which metrics of the score are hidden beyond those whose outcomes may not be counted.

    An area under the curve bounds how many patients with the outcome lie below a threshold while others lie above it: it goes where that
    narrows a hidden decision to a range below k - 1, and, for points of few levels (to which few counts fit an area), with any
    hidden decision on them. What is hidden with race is hidden in every arm, which is given as a change from it.
    """
    found: dict[tuple[str, str], Hidden] = {}
    areas = [row for row in calculator.metrics if not row.decision and row.metric.partition(":")[0] == AUROC and row.value is not None]
    outputs = outputs_of(calculator)
    for output in outputs:
        for arm in sorted(sheets.hidden, key=lambda arm: arm != WITH_RACE):
            hidden = np.zeros(len(sheets.layout.groups), dtype=bool)
            for card in _decisions(calculator, output):
                if _few_levels(calculator, output):
                    hidden |= sheets.by_outcome.get((card.id, arm), False) | sheets.by_outcome.get((card.id, WITH_RACE), False)
            for row in areas:
                if row.arm == arm and output_of(row, outputs[0]) == output:
                    g = sheets.layout.place(row)
                    hidden[g] |= any(_narrowed(row, card, sheets, g, k) for card in _decisions(calculator, output))
            found[output, arm] = hidden | found.get((output, WITH_RACE), False)
    return found


def hidden_curves(
    calculator: CalculatorResult, sheets: Sheets, scores: Mapping[tuple[str, str], Hidden], k: int
) -> dict[tuple[str, str], Hidden]:
    """By (output, arm), the groups whose calibration curve is hidden, beyond those whose other metrics of the score are.

    Percentiles of a score, with its mean, bound how many patients lie beyond a threshold more closely than the mean alone. A curve goes
    with the number of yes at any threshold on its output, where few with (or without) the outcome are among fewer than 150 beyond one (to
    somebody who knew every risk it would confine them), and where any category of the output holds few patients.
    """
    found: dict[tuple[str, str], Hidden] = {}
    bands = {card.id for card in calculator.card.bands}
    for (output, arm), hidden in scores.items():
        gone = hidden.copy()
        for card in _decisions(calculator, output):
            for of in (arm,) if arm != WITH_RACE else (WITH_RACE, first_arm(sheets.margin, card.id)):
                gone |= sheets.margin.get((card.id, of), True)
                if (card.id, of) in sheets.outcomes:
                    gone |= _thin_ends(sheets.outcomes[card.id, of], 1 if arm == WITH_RACE else 2, k)
        for (categories, of), moves in sheets.moves.items():
            outputs = [card.output for card in calculator.card.bands if card.id == categories]
            if (outputs == [output] or categories not in bands) and arm in (of, WITH_RACE):
                gone |= small(moves.sum(axis=2 if arm == WITH_RACE else 1), k).any(axis=1)
        found[output, arm] = gone
    return found


def _thin_ends(parts: Sequence[Counts], column: int, k: int) -> Hidden:
    """Where fewer than 150 patients lie on a side of a threshold and few of them are without, or with, the outcome."""
    yes = np.stack([part[:, column] for part in parts])
    sides = (yes, np.stack([part[:, 0] for part in parts]) - yes)
    return np.asarray(np.any([small(side, k).any(axis=0) & (side.sum(axis=0) < THIN) for side in sides], axis=0))


def output_of(row: Metric, first: str) -> str:
    """The output that a metric of the score is about: the one named after a colon, else the calculator's first."""
    return row.metric.partition(":")[2] or first


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


def _few_levels(calculator: CalculatorResult, output: str) -> bool:
    return whole(calculator, output) and max((card.cutoff for card in _decisions(calculator, output)), default=0) < FEW_LEVELS


def _decisions(calculator: CalculatorResult, output: str) -> Iterator[DecisionCard]:
    return (card for card in calculator.card.decisions if card.output == output)


def _told_by_sums(
    calculator: CalculatorResult, sheets: Sheets, output: str, arm: str, sums: Counts, touched: NDArray[np.float64], k: int
) -> tuple[Hidden, Counts]:
    """The groups whose sums (n, with race, in the arm, change) narrow a hidden decision, and the counts that sums tell or bound."""
    n, with_race, in_arm, change = sums.T
    hidden = sheets.hidden[arm].copy()
    counts = [n, np.abs(sheets.scored[arm] - n), touched, np.where(touched > 0, np.maximum(n - touched, 0.0), 0.0)]
    points = whole(calculator, output)
    if points:
        counts += [np.abs(with_race), np.abs(in_arm), np.abs(change)]
    cards = sorted(_decisions(calculator, output), key=lambda card: card.cutoff)
    cards = [card for card in cards if (card.id, arm) in sheets.change]
    cuts = _Cuts(np.array([card.cutoff for card in cards]), points)
    for total, of, column in ((with_race, WITH_RACE, 1), (in_arm, arm, 2)):
        most = np.zeros((len(n), len(cards)))
        margins = [sheets.margin.get((card.id, of), True) for card in cards]
        shown = np.array([~np.broadcast_to(margin, len(n)) for margin in margins], dtype=bool).reshape(len(cards), len(n)).T
        asked = np.flatnonzero((n > 0) & ~shown.all(axis=1))
        if len(asked):
            above = np.column_stack([_above(card, sheets.paired[card.id, arm][asked], column) for card in cards])
            least, most[asked] = cuts.ranges(above, shown[asked], n[asked], total[asked], k)
            hidden[asked] |= ((most[asked] - least < k - 1) & (most[asked] > 0)).any(axis=1)
        counts += list(most.T)
    return hidden, np.column_stack(counts)


def _above(card: DecisionCard, paired: Counts, column: int) -> NDArray[np.float64]:
    """The patients at or above a cut-off, from rows of a paired table (n, yes with race, yes in the arm, ...)."""
    return np.asarray(paired[:, 0] - paired[:, column] if card.operator.startswith("<") else paired[:, column])


@dataclass(frozen=True, eq=False)
class _Cuts:
    """The ascending cut-offs of a score; `points` are whole numbers."""

    cuts: NDArray[np.float64]
    points: bool

    def ranges(
        self, above: Counts, shown: Hidden, n: NDArray[np.float64], total: NDArray[np.float64], k: int
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """How many patients of each group (row) may lie at or above each hidden cut-off (column), given the sums of their scores; 0 to 0
        where it is shown, or known as closely from what is shown besides.

        `above` are the patients at or above each cut-off, `shown` says which of these numbers are. Scores are taken to be at least 0 (where
        sum and cuts are positive), and at most 1 where all cuts lie below it, or (points) the highest cut. Between two shown cut-offs the
        number of patients is known, so that their scores add up to a known range.
        """
        step = 1.0 if self.points else 0.0
        floor = np.where((total >= 0) & (self.cuts > 0).all(), 0.0, -np.inf)
        top = 1.0 if self.cuts[-1] <= 1 else self.cuts[-1] if self.points else np.inf
        groups, width = shown.shape
        row, place = np.arange(groups), np.arange(width + 1)
        closes = np.column_stack([shown, np.ones(groups, dtype=bool)])
        opened = np.maximum.accumulate(np.column_stack([np.zeros(groups, dtype=np.int64), np.where(shown, place[1:], 0)]), axis=1)
        edge = np.take_along_axis(np.column_stack([floor, np.broadcast_to(self.cuts, shown.shape)]), opened, axis=1)
        end, beyond = np.append(self.cuts - step, top), np.column_stack([above, np.zeros(groups)])
        inside = np.where(closes, np.take_along_axis(np.column_stack([n, above]), opened, axis=1) - beyond, 0.0)
        lowest, highest = _times(inside, edge), _times(inside, np.broadcast_to(end, inside.shape))
        band = np.minimum.accumulate(np.where(closes, place, width)[:, ::-1], axis=1)[:, ::-1]
        least, most = np.zeros(shown.shape), np.zeros(shown.shape)
        for i, cut in enumerate(self.cuts):
            at = band[:, i]
            here, start, stop, over = inside[row, at], edge[row, at], end[at], beyond[row, at]
            others = place != at[:, None]
            high, low = (total - np.where(others, sums, 0.0).sum(axis=1) for sums in (lowest, highest))
            up, down = cut - start, stop - (cut - step)
            with np.errstate(divide="ignore", invalid="ignore"):
                up_to = np.where(np.isfinite(start) & (up > 0), (high - here * start) / up, here)
                down_to = np.where(np.isfinite(stop) & (down > 0), (low - here * (cut - step)) / down, 0.0)
            asked = ~shown[:, i] & (here >= k - 1)
            most[asked, i] = (over + np.floor(np.clip(up_to + 1e-9, 0.0, here)))[asked]
            least[asked, i] = (over + np.ceil(np.clip(down_to - 1e-9, 0.0, here)))[asked]
        return least, most


def _times(patients: NDArray[np.float64], scores: NDArray[np.float64]) -> NDArray[np.float64]:
    """Sums of scores; nobody adds nothing, however far the scores reach."""
    return np.where(patients > 0, patients * np.where(patients > 0, scores, 0.0), 0.0)


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
    yes = event[2] + without[2] if key in sheets.margin and not sheets.margin[key][g] else None
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
