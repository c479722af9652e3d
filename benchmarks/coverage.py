"""How often 95% intervals hold the truth: audits of simulated groups, through the same code as real ones.

usage: python benchmarks/coverage.py [AUDITS] [PAGE]

AUDITS is the number of simulated audits per cell of the table (1,000 by default); PAGE is the Markdown file whose part between
the markers is replaced (docs/statistics.md by default).
"""

from __future__ import annotations

import sys
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from auditor.counts.cells import Cells
from auditor.counts.scales import ArmTable, Cut, Scale
from auditor.counts.tables import rows
from auditor.result import Change, Disparity, Metric, Options

SIZES = (20, 50, 100, 300, 1000, 3000, 20000)
RATES = (0.01, 0.05, 0.1, 0.3, 0.5)
REFERENCE = 2000
EQUAL_GROUPS = 4
QUANTILE, QUANTILE_OF_THREE = 1.959964, 2.393980
SCALE = Scale("score", (Cut("care", ">=", 1.0),))
ARMS = ("with_race", "without_race")
PATTERNS = ((0, 0), (0, 1), (1, 0), (1, 1))
START, END = "<!-- coverage: start -->", "<!-- coverage: end -->"


@dataclass
class Tally:
    """Simulated intervals of one kind: how many, how many hold the truth, and the same among those reported as precise."""

    seen: Counter[str] = field(default_factory=Counter)

    def add(self, row: Change | Metric | Disparity, truth: float) -> None:
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
            return "refused"
        imprecise = 1 - self.seen["precise"] / audits
        return f"{100 * self.seen['held'] / given:.1f}" + (f" ({100 * imprecise:.0f})" if imprecise >= 0.005 else "")


def audit(groups: dict[str, np.ndarray], seed: int, replicates: int = 1000) -> tuple[list[Change], list[Metric], list[Disparity]]:
    """The rows of an audit of groups given by their counts of the four patterns (no and yes, with race and without)."""
    names = tuple(groups)
    counts = np.stack(list(groups.values()))
    group, pattern = np.nonzero(counts)
    codes = np.column_stack([group, np.zeros(len(group)), np.array(PATTERNS)[pattern]]).astype(np.int32)
    n = counts[group, pattern].astype(np.int64)
    keys = {"race": names, "outcome": ("0", "1"), **dict.fromkeys(ARMS, SCALE.levels)}
    codes[:, 1] = -1
    table = ArmTable("simulated", SCALE, ("race",), ARMS, Cells(keys, codes, n, n.astype(float), n.astype(float)))
    found = rows([table], {}, Options(by=("race",), reference=names[-1], seed=seed, replicates=replicates))
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


def away_from_zero(row: Disparity) -> float:
    """How many standard errors the disparity lies from 0, by the half of its interval that points there."""
    if row.introduced is None or row.lower is None or row.upper is None or row.introduced == 0:
        return 0.0
    half = row.introduced - row.lower if row.introduced > 0 else row.upper - row.introduced
    return abs(row.introduced) / (half / QUANTILE) if half > 0 else np.inf


def false_claims(n: int, rate: float, both_ways: bool, audits: int) -> tuple[float, float, float]:
    """Equal groups: the share of contrasts, and of audits with three of them, that leave 0 out; of audits also after Holm."""
    rng = np.random.default_rng([7, n, round(1000 * rate), both_ways])
    share = shares(rate, both_ways)
    contrasts = claims = audits_with = after_holm = 0
    for seed in range(audits):
        _, _, disparities = audit({f"group {i}": rng.multinomial(n, share) for i in range(EQUAL_GROUPS)}, seed)
        wrong = [d for d in disparities if d.lower is not None and d.upper is not None and (d.lower > 0 or d.upper < 0)]
        contrasts += len(disparities)
        claims += len(wrong)
        audits_with += bool(wrong)
        after_holm += max(away_from_zero(d) for d in disparities) > QUANTILE_OF_THREE
    return claims / contrasts, audits_with / audits, after_holm / audits


def page(audits: int) -> str:
    """The tables as Markdown."""
    lines = [f"{audits:,} simulated audits per cell; the standard error of a cell is {100 * np.sqrt(0.05 * 0.95 / audits):.1f} points.", ""]
    for both_ways in (False, True):
        found = {(n, rate): simulate(n, rate, both_ways, audits) for n in SIZES for rate in RATES}
        way = "both ways (three fifths gain a yes, two fifths lose it)" if both_ways else "one way"
        for name in ("rate", "change", "disparity introduced") if not both_ways else ("change", "disparity introduced"):
            title = "Rate with race" if name == "rate" else f"{name.capitalize()}, patients change {way}"
            lines += [
                f"**{title}.** Percent of intervals that hold the truth (in parentheses: percent of audits that call the number imprecise)",
                "",
            ]
            lines += [f"| n | {' | '.join(f'{rate:.0%}' for rate in RATES)} |", "|---|" + "---|" * len(RATES)]
            lines += [f"| {n:,} | {' | '.join(found[n, rate][name].text() for rate in RATES)} |" for n in SIZES]
            lines += [""]
    lines += [
        "**Equal groups.** Percent of contrasts whose interval leaves 0 out / percent of audits with three contrasts in which any does / the same after Holm's correction",
        "",
    ]
    lines += [f"| n per group, change | {' | '.join(f'{rate:.0%}' for rate in RATES)} |", "|---|" + "---|" * len(RATES)]
    for both_ways in (False, True):
        for n in (100, 1000, 3000):
            cells = [false_claims(n, rate, both_ways, audits) for rate in RATES]
            text = " | ".join(f"{100 * one:.1f} / {100 * three:.1f} / {100 * holm:.1f}" for one, three, holm in cells)
            lines.append(f"| {n:,}, {'both ways' if both_ways else 'one way'} | {text} |")
    return "\n".join(lines) + "\n"


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
