"""Small random cohorts as rows, and the same cohorts as cells: the tests count both ways."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from auditor.counts.cells import Cells
from auditor.counts.scales import ArmTable, BandCut, Cut, Scale

RACES = ("Asian", "Black or African American", "Unknown", "White")
SEXES = ("female", "male")
CARE = Scale(
    "egfr",
    (Cut("ckd_g3a", "<", 60.0), Cut("referral", "<", 30.0, "opens_care"), Cut("sglt2", ">=", 20.0, "opens_care")),
    (BandCut("kdigo", tuple(Cut("", ">=", v).edge for v in (15.0, 30.0, 45.0, 60.0, 90.0)), ("G5", "G4", "G3b", "G3a", "G2", "G1")),),
)


@dataclass
class Rows:
    """Patients as columns."""

    race: np.ndarray
    sex: np.ndarray
    outcome: np.ndarray
    weight: np.ndarray
    scores: dict[str, np.ndarray]

    def codes(self) -> dict[str, np.ndarray]:
        return {"race": self.race, "sex": self.sex, "outcome": self.outcome} | {arm: CARE.codes(s) for arm, s in self.scores.items()}

    def table(self, weighted: bool = False, by: tuple[str, ...] = ("race", "sex")) -> ArmTable:
        levels = {"race": RACES, "sex": SEXES}
        keys = {key: levels[key] for key in by} | {"outcome": ("0", "1")} | dict.fromkeys(self.scores, CARE.levels)
        codes = self.codes()
        cells = Cells.count(keys, {key: codes[key] for key in keys}, self.weight if weighted else None)
        return ArmTable("ckd", CARE, by, tuple(self.scores), cells)


def cohort(n: int, seed: int = 0, missing: float = 0.03, known_outcome: float = 0.9) -> Rows:
    """A cohort in which race multiplies the score by 1.159 in one group, with an unlike successor."""
    rng = np.random.default_rng(seed)
    race = rng.choice(4, size=n, p=[0.1, 0.25, 0.05, 0.6])
    sex = rng.integers(0, 2, size=n)
    without = np.clip(rng.normal(70, 25, size=n), 5, 140)
    without[rng.random(n) < missing] = np.nan
    with_race = without * np.where(race == 1, 1.159, 1.0)
    successor = without * rng.normal(1.03, 0.05, size=n)
    successor[rng.random(n) < missing] = np.nan
    outcome = (rng.random(n) < 1 / (1 + np.exp((np.nan_to_num(without, nan=60) - 50) / 12))).astype(int)
    outcome[rng.random(n) > known_outcome] = -1
    weight = np.round(rng.gamma(2.0, 1.0, size=n) + 0.1, 3)
    return Rows(race, sex, outcome, weight, {"with_race": with_race, "without_race": without, "successor:new": successor})
