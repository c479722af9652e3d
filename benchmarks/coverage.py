"""How often 95% intervals hold the truth: audits of simulated groups, through the same code as real ones.

usage: python benchmarks/coverage.py [AUDITS] [PAGE]

AUDITS is the number of simulated audits per cell of the table (1,000 by default); PAGE is the Markdown file whose part between
the markers is replaced (docs/statistics.md by default).
"""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from scipy.special import ndtr

from auditor.counts.cells import Cells
from auditor.counts.measured import BIAS, ERROR, KEYS, MeasuredTable, joint_code, measured_rows
from auditor.counts.scales import ArmTable, Cut, Scale
from auditor.counts.score_bins import BIN_ARM, BIN_WITH, LEVELS, ScoreTable, bins
from auditor.counts.scored import AUROC, CHANGE, score_rows
from auditor.counts.survey import PSU, STRATUM
from auditor.counts.tables import rows
from auditor.result import Options
from auditor.rows import Change, Disparity, Measured, Metric

SIZES = (20, 50, 100, 300, 1000, 3000, 20000)
RATES = (0.01, 0.05, 0.1, 0.3, 0.5)
REFERENCE = 2000
UNLIKE = {"A": 0.25, "B": 0.5, "C": 0.75, "D": 1.0}
PERSONS = (1.0, 2.0, 6.0)
STRATA, UNITS, ALIKE, UNIT_SHIFT = 15, 2, 0.02, 0.3
DESIGN_SIZES, DESIGN_RATES = (300, 1000, 3000), (0.05, 0.1, 0.3)
DESIGNED = ("rate", "change", "disparity introduced", "AUROC")
EQUAL_GROUPS, EQUAL_SIZES = (3, 6), (20, 100, 300, 1000, 20000)
SHIFT, NOISE = 1.0, 0.8
AGREEMENT = (BIAS, "p30", ERROR)
SCALE = Scale("score", (Cut("care", ">=", 1.0),))
ARMS = ("with_race", "without_race")
PATTERNS = ((0, 0), (0, 1), (1, 0), (1, 1))
START, END = "<!-- coverage: start -->", "<!-- coverage: end -->"


@dataclass
class Tally:
    """Simulated intervals of one kind: how many, how many hold the truth, and the same among those reported as precise."""

    seen: Counter[str] = field(default_factory=Counter)

    def add(self, row: Change | Metric | Disparity | Measured, truth: float) -> None:
        """Count one interval; a row without one is refused."""
        self.seen["audits"] += 1
        if row.lower is None or row.upper is None:
            self.seen["refused"] += 1
            return
        held = row.lower <= truth + 1e-12 and truth - 1e-12 <= row.upper
        self.seen["held"] += held
        if row.status == "ok":
            self.seen["precise"] += 1
            self.seen["precise and held"] += held

    def text(self) -> str:
        """Percent that hold the truth, with the share of audits that call the number imprecise or refuse it."""
        audits, given = self.seen["audits"], self.seen["audits"] - self.seen["refused"]
        if not given:
            return "not estimable"
        if given < audits / 4:
            return "seldom estimable"
        imprecise = 1 - self.seen["precise"] / audits
        return f"{100 * self.seen['held'] / given:.1f}" + (f" ({100 * imprecise:.0f})" if imprecise >= 0.005 else "")


def audit(
    groups: dict[str, np.ndarray], seed: int, replicates: int = 1000, weights: Sequence[float] = ()
) -> tuple[list[Change], list[Metric], list[Disparity]]:
    """The rows of an audit of groups given by their counts of the four patterns (no and yes, with race and without).

    With weights, counts are (weights, patterns): so many patients stand for so many persons each.
    """
    names = tuple(groups)
    of_weight = np.stack(list(groups.values())).reshape(len(groups), -1, len(PATTERNS))
    persons = np.array(weights or (1.0,))[:, None]
    counts = of_weight.sum(axis=1)
    group, pattern = np.nonzero(counts)
    codes = np.column_stack([group, np.zeros(len(group)), np.array(PATTERNS)[pattern]]).astype(np.int32)
    n = counts[group, pattern].astype(np.int64)
    keys = {"race": names, "outcome": ("0", "1"), **dict.fromkeys(ARMS, SCALE.levels)}
    codes[:, 1] = -1
    w, w2 = ((of_weight * persons**power).sum(axis=1)[group, pattern] for power in (1, 2))
    table = ArmTable("simulated", SCALE, ("race",), ARMS, Cells(keys, codes, n, w, w2))
    options = Options(by=("race",), reference=names[-1], seed=seed, replicates=replicates)
    found = rows([table], {}, options, weighted=bool(weights))
    return list(found.changes), list(found.metrics), list(found.disparities)


def shares(rate: float, both_ways: bool) -> np.ndarray:
    """The share of each pattern: the rate says yes with race, and the same share changes (three fifths of it gain, if both ways)."""
    gained = 0.6 * rate if both_ways else rate
    lost = 0.4 * rate if both_ways else 0.0
    return np.array([1 - gained - rate, gained, lost, rate - lost])


def simulate(n: int, rate: float, both_ways: bool, audits: int) -> dict[str, Tally]:
    """Coverage of the rate, the change and the disparity introduced in one group of n against a reference of 2,000."""
    rng = np.random.default_rng([n, round(1000 * rate), both_ways])
    own, other = shares(rate, both_ways), shares(rate, both_ways).copy()
    other[:2] += [own[1] / 2, -own[1] / 2]
    change, change_other = own[1] - own[2], other[1] - other[2]
    found = {name: Tally() for name in ("rate", "change", "disparity introduced")}
    for seed in range(audits):
        changes, metrics, disparities = audit({"group": rng.multinomial(n, own), "reference": rng.multinomial(REFERENCE, other)}, seed)
        found["rate"].add(next(m for m in metrics if m.group == "group" and m.arm == ARMS[0]), rate)
        found["change"].add(next(c for c in changes if c.group == "group"), change)
        found["disparity introduced"].add(next(d for d in disparities if d.group == "group"), change_other - change)
    return found


def away_from_zero(lower: float | None, upper: float | None) -> bool:
    """Whether an interval leaves 0 out; one that is not given claims nothing."""
    return lower is not None and upper is not None and (lower > 0 or upper < 0)


def false_claims(groups: int, n: int, rate: float, both_ways: bool, audits: int) -> tuple[float, float]:
    """Equal groups: the share of audits in which any contrast's own interval leaves 0 out, and in which any joint one does."""
    rng = np.random.default_rng([7, groups, n, round(1000 * rate), both_ways])
    share = shares(rate, both_ways)
    alone = together = 0
    for seed in range(audits):
        _, _, found = audit({f"group {i}": rng.multinomial(n, share) for i in range(groups)}, seed, replicates=200)
        alone += any(away_from_zero(d.lower, d.upper) for d in found)
        together += any(away_from_zero(d.joint_lower, d.joint_upper) for d in found)
    return alone / audits, together / audits


def fewer(share: np.ndarray, times: float) -> np.ndarray:
    """The shares of the patterns where only so many of those who change do."""
    moved = share[1:3] * (1 - times)
    return share + np.array([moved[0], -moved[0], -moved[1], moved[1]])


def held_together(n: int, rate: float, both_ways: bool, audits: int) -> float:
    """The share of audits of four unlike groups (a quarter to all of the share change) in which all joint intervals hold the truth."""
    rng = np.random.default_rng([11, n, round(1000 * rate), both_ways])
    pattern = {name: fewer(shares(rate, both_ways), times) for name, times in UNLIKE.items()}
    change = {name: share[1] - share[2] for name, share in pattern.items()}
    held = 0
    for seed in range(audits):
        _, _, found = audit({name: rng.multinomial(n, share) for name, share in pattern.items()}, seed, replicates=200)
        truth = [change[d.reference] - change[d.group] for d in found]
        bounds = [(d.joint_lower, d.joint_upper) for d in found]
        held += all(low is not None and up is not None and low <= t <= up for t, (low, up) in zip(truth, bounds, strict=True))
    return held / audits


def weighted(n: int, rate: float, both_ways: bool, audits: int) -> tuple[float, float, float]:
    """Four unlike groups of weighted patients, of whom more change the more persons they stand for.

    The share of intervals of changes, the share of disparities' own intervals, and the share of audits with all their joint intervals
    that hold the truth, which is that of the persons.
    """
    rng = np.random.default_rng([19, n, round(1000 * rate), both_ways])
    persons = np.array(PERSONS)
    pattern = {
        name: np.stack([fewer(shares(rate, both_ways), times * part) for part in persons / persons.max()]) for name, times in UNLIKE.items()
    }
    change = {name: float(persons @ (share[:, 1] - share[:, 2]) / persons.sum()) for name, share in pattern.items()}
    seen: Counter[str] = Counter()
    for seed in range(audits):
        patients = {name: rng.multinomial(n, (share / len(persons)).ravel()).reshape(share.shape) for name, share in pattern.items()}
        changes, _, found = audit(patients, seed, 200, PERSONS)
        seen["changes"] += sum(_holds(c.lower, c.upper, change[c.group]) for c in changes if c.group in change)
        truth = [change[d.reference] - change[d.group] for d in found]
        seen["alone"] += sum(_holds(d.lower, d.upper, t) for d, t in zip(found, truth, strict=True))
        seen["together"] += all(_holds(d.joint_lower, d.joint_upper, t) for d, t in zip(found, truth, strict=True))
    contrasts = len(UNLIKE) - 1
    return seen["changes"] / audits / len(UNLIKE), seen["alone"] / audits / contrasts, seen["together"] / audits


def _holds(lower: float | None, upper: float | None, truth: float) -> bool:
    return lower is not None and upper is not None and lower - 1e-12 <= truth <= upper + 1e-12


def designed(n: int, rate: float, audits: int) -> dict[str, Tally]:
    """Coverage by survey design: 15 strata of 2 units whose patients are alike, n patients of a group and of the reference in the same units.

    A unit's rates vary by beta distributions (correlation within units 0.02), its scores by a normal one; patients stand for 1, 2 or 6 persons.
    """
    rng = np.random.default_rng([23, n, round(1000 * rate)])
    units, persons = STRATA * UNITS, np.array(PERSONS)
    found = {name: Tally() for name in DESIGNED}
    spread = 1 / ALIKE - 1
    area = float(ndtr(SHIFT / np.sqrt(2 * (1 + UNIT_SHIFT**2))))
    for seed in range(audits):
        unit, weight = rng.integers(0, units, 2 * n), persons[rng.integers(0, len(persons), 2 * n)]
        group = np.repeat([0, 1], n)
        says, gains = (rng.beta(rate * spread, (1 - rate) * spread, units) for _ in range(2))
        before = rng.random(2 * n) < says[unit]
        after = before | (rng.random(2 * n) < gains[unit] * np.where(group, 0.5, 1.0) / (1 - says[unit]))
        sick = (rng.random(2 * n) < rng.beta(rate * spread, (1 - rate) * spread, units)[unit]).astype(np.int32)
        score = 8 + SHIFT * sick + rng.normal(0, UNIT_SHIFT, units)[unit] + rng.normal(size=2 * n)
        place = {"race": group, STRATUM: unit // UNITS, PSU: unit % UNITS}
        levels = {"race": ("group", "reference"), STRATUM: tuple(map(str, range(STRATA))), PSU: tuple(map(str, range(UNITS)))}
        keys = {**levels, "outcome": ("0", "1"), **dict.fromkeys(ARMS, SCALE.levels)}
        codes = {**place, "outcome": np.full(2 * n, -1), ARMS[0]: before.astype(int), ARMS[1]: after.astype(int)}
        table = ArmTable("simulated", SCALE, ("race",), ARMS, Cells.count(keys, codes, weight))
        made = rows([table], {}, Options(by=("race",), reference="reference", seed=seed), weighted=True)
        found["rate"].add(next(m for m in made.metrics if m.group == "group" and m.arm == ARMS[0]), rate)
        found["change"].add(next(c for c in made.changes if c.group == "group"), rate)
        found["disparity introduced"].add(next(d for d in made.disparities if d.group == "group"), -rate / 2)
        keys = {**levels, "outcome": ("0", "1"), BIN_WITH: LEVELS, BIN_ARM: LEVELS}
        cells = Cells.count(keys, {**place, "outcome": sick, BIN_WITH: bins(score), BIN_ARM: bins(score)}, weight)
        scored = score_rows([ScoreTable("simulated", "score", ARMS[0], ("race",), cells)], True)
        found["AUROC"].add(next(m for m in scored if m.group == "group" and m.metric == AUROC), area)
    return found


def areas(n: int, rate: float, audits: int) -> dict[str, Tally]:
    """Coverage of the area under the ROC curve with race, and of its change, in one group; few events are not estimable."""
    rng = np.random.default_rng([13, n, round(1000 * rate)])
    found = {AUROC: Tally(), AUROC + CHANGE: Tally()}
    middle = SHIFT / np.sqrt(2), SHIFT / np.sqrt(2 * (1 + NOISE**2))
    truth = [float(ndtr(x)) for x in middle]
    for _ in range(audits):
        outcome = (rng.random(n) < rate).astype(np.int32)
        with_race = 8 + SHIFT * outcome + rng.normal(size=n)
        codes = {"race": np.zeros(n, np.int32), "outcome": outcome}
        codes |= {BIN_WITH: bins(with_race), BIN_ARM: bins(with_race + NOISE * rng.normal(size=n))}
        cells = Cells.count({"race": ("group",), "outcome": ("0", "1"), BIN_WITH: LEVELS, BIN_ARM: LEVELS}, codes)
        table = ScoreTable("simulated", "score", ARMS[1], ("race",), cells)
        rows_ = {(m.metric, m.arm): m for m in score_rows([table], False) if m.group == "group"}
        found[AUROC].add(rows_[AUROC, ARMS[0]], truth[0])
        found[AUROC + CHANGE].add(rows_[AUROC + CHANGE, ARMS[1]], truth[1] - truth[0])
    return found


def measured(n: int, audits: int) -> dict[tuple[str, str], Tally]:
    """Coverage of agreement with measured values in one group, whose scores err by a fifth of the value (so that errors are skewed)."""
    rng = np.random.default_rng([17, n])

    def sample(size: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        value = rng.lognormal(np.log(60), 0.35, size)
        with_race = value * np.exp(rng.normal(0.05, 0.2, size))
        return value, with_race, with_race / 1.159 * np.exp(rng.normal(0, 0.03, size))

    value, with_race, other = sample(4_000_000)
    numbers = {}
    for arm, score in zip(ARMS, (with_race, other), strict=True):
        error = score - value
        numbers[arm] = np.median(error), np.mean(np.abs(error) <= 0.3 * value), np.sqrt(np.mean(error**2))
    truth = {(metric, ARMS[0]): x for metric, x in zip(AGREEMENT, numbers[ARMS[0]], strict=True)}
    truth |= {(m + CHANGE, ARMS[1]): b - a for m, a, b in zip(AGREEMENT, numbers[ARMS[0]], numbers[ARMS[1]], strict=True)}
    found = {key: Tally() for key in truth}
    for _ in range(audits):
        value, with_race, other = sample(n)
        cells = Cells.from_flat(KEYS, joint_code(with_race, other, value), None, None, None)
        for row in measured_rows([MeasuredTable("simulated", "score", ARMS[1], (), cells)], False):
            if (row.metric, row.arm) in truth:
                found[row.metric, row.arm].add(row, truth[row.metric, row.arm])
    return found


def grid(first: str, rows_: Mapping[str, Sequence[str]]) -> list[str]:
    """A table with a column for every rate."""
    head = [f"| {first} | {' | '.join(f'{rate:.0%}' for rate in RATES)} |", "|---|" + "---|" * len(RATES)]
    return [*head, *(f"| {name} | {' | '.join(cells)} |" for name, cells in rows_.items()), ""]


def intervals_part(audits: int) -> list[str]:
    """Rates, changes and disparities by size and rate."""
    lines = []
    for both_ways in (False, True):
        found = {(n, rate): simulate(n, rate, both_ways, audits) for n in SIZES for rate in RATES}
        way = "both ways (three fifths gain a yes, two fifths lose it)" if both_ways else "one way"
        for name in ("rate", "change", "disparity introduced") if not both_ways else ("change", "disparity introduced"):
            title = "Rate with race" if name == "rate" else f"{name.capitalize()}, patients change {way}"
            lines += [
                f"**{title}.** Percent of intervals that hold the truth (in parentheses: percent of audits that call the number imprecise)",
                "",
                *grid("n", {f"{n:,}": [found[n, rate][name].text() for rate in RATES] for n in SIZES}),
            ]
    return lines


def areas_part(audits: int) -> list[str]:
    """Areas under the ROC curve by size and rate."""
    lines = []
    found = {(n, rate): areas(n, rate, audits) for n in SIZES for rate in RATES}
    for metric, title in ((AUROC, "AUROC with race (0.76)"), (AUROC + CHANGE, "AUROC, other arm (0.71) minus with race")):
        lines += [
            f"**{title}.** Percent of intervals that hold the truth (in parentheses: percent of audits that call it imprecise or not estimable); "
            "the rate is that of the outcome",
            "",
            *grid("n", {f"{n:,}": [found[n, rate][metric].text() for rate in RATES] for n in SIZES}),
        ]
    return lines


def measured_part(audits: int) -> list[str]:
    """Agreement with measured values by size."""
    found = {n: measured(n, audits) for n in SIZES}
    names = [metric.replace("_", " ") for metric, _ in found[SIZES[0]]]
    return [
        "**Measured values.** Percent of intervals that hold the truth (in parentheses: percent of audits that call the number imprecise)",
        "",
        f"| patients measured | {' | '.join(names)} |",
        "|---|" + "---|" * len(names),
        *(f"| {n:,} | {' | '.join(tally.text() for tally in tallies.values())} |" for n, tallies in found.items()),
        "",
    ]


def together_part(audits: int) -> list[str]:
    """Equal groups told apart, and unlike groups whose joint intervals hold."""
    lines = [
        "**Equal groups.** Percent of audits in which any contrast's own interval leaves 0 out / in which any joint interval does",
        "",
    ]
    cells = {
        f"{groups} of {n:,}, {'both ways' if both_ways else 'one way'}": [
            "{:.1f} / {:.1f}".format(*(100 * x for x in false_claims(groups, n, rate, both_ways, audits))) for rate in RATES
        ]
        for groups in EQUAL_GROUPS
        for both_ways in (False, True)
        for n in EQUAL_SIZES
    }
    lines += [*grid("groups, change", cells)]
    lines += ["**Four unlike groups.** Percent of audits in which all three joint intervals hold the truth", ""]
    held = {
        f"4 of {n:,}, {'both ways' if both_ways else 'one way'}": [
            f"{100 * held_together(n, rate, both_ways, audits):.1f}" for rate in RATES
        ]
        for both_ways in (False, True)
        for n in EQUAL_SIZES
    }
    return [*lines, *grid("groups, change", held)]


def weighted_part(audits: int) -> list[str]:
    """Weighted patients: intervals of changes, of disparities, and joint ones."""
    cells = {
        f"4 of {n:,}, {'both ways' if both_ways else 'one way'}": [
            " / ".join(f"{100 * x:.1f}" for x in weighted(n, rate, both_ways, audits)) for rate in RATES
        ]
        for both_ways in (False, True)
        for n in EQUAL_SIZES
    }
    return [
        "**Four unlike groups with weights.** Patients stand for 1, 2 or 6 persons, and more change the more they stand for. Percent of intervals of "
        "changes that hold the truth / of disparities' own intervals / of audits in which all three joint intervals do",
        "",
        *grid("groups, change", cells),
    ]


def designed_part(audits: int) -> list[str]:
    """Intervals by survey design."""
    found = {(n, rate): designed(n, rate, audits) for n in DESIGN_SIZES for rate in DESIGN_RATES}
    return [
        "**Survey design.** 15 strata of 2 units, weights of 1, 2 or 6, correlation within units 0.02; n patients of a group and of the reference in the same units. "
        "Percent of intervals that hold the truth (in parentheses: percent of audits that call the number imprecise)",
        "",
        f"| n, rate | {' | '.join(DESIGNED)} |",
        "|---|" + "---|" * len(DESIGNED),
        *(f"| {n:,}, {rate:.0%} | {' | '.join(tally.text() for tally in tallies.values())} |" for (n, rate), tallies in found.items()),
        "",
    ]


def page(audits: int) -> str:
    """The tables as Markdown."""
    error = 100 * np.sqrt(0.05 * 0.95 / audits)
    lines = [f"{audits:,} simulated audits per cell; the standard error of a cell is {error:.1f} points.", ""]
    return (
        "\n".join(
            [*lines, *intervals_part(audits), *areas_part(audits), *measured_part(audits), *together_part(audits), *weighted_part(audits)]
        ).rstrip()
        + "\n"
    )


def main() -> None:
    """Replace the tables of the page."""
    audits = int(sys.argv[1]) if len(sys.argv) > 1 else 1000
    target = Path(sys.argv[2]) if len(sys.argv) > 2 else Path(__file__).resolve().parent.parent / "docs" / "statistics.md"
    text = target.read_text(encoding="utf-8")
    before, rest = text.split(START)
    after = rest.split(END)[1]
    target.write_text(f"{before}{START}\n{page(audits)}{END}{after}", encoding="utf-8")


if __name__ == "__main__":
    main()
