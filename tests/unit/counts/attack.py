"""An attacker on a protected result: every linear relation between the numbers shown and the patients behind them."""

from __future__ import annotations

from itertools import product

import numpy as np

from auditor.counts.cells import Cells
from auditor.counts.group_tests import group_tests
from auditor.counts.joint import Joint
from auditor.counts.moments import Moments
from auditor.counts.narrowing import Hidden
from auditor.counts.scales import ArmTable, BandCut, Cut, Scale
from auditor.counts.significance import significance
from auditor.counts.standardisation import standardised_rows
from auditor.counts.tables import rows
from auditor.result import AuditResult, BandsCard, CalculatorResult, Card, CohortSummary, DecisionCard, Options, Provenance
from auditor.rows import Coverage, GroupSize

RACES, SEXES = ("Asian", "Black or African American", "Unknown", "White"), ("female", "male")
SCALE = Scale(
    "egfr",
    (Cut("ckd", "<", 60.0), Cut("hold", "<", 60.0), Cut("refer", "<", 30.0), Cut("start", ">=", 20.0)),
    (BandCut("stage", tuple(Cut("", ">=", v).edge for v in (30.0, 45.0, 60.0)), ("G4", "G3b", "G3a", "G1")),),
)
ARMS = ("with_race", "without_race", "successor:new")
FATES = ("scored", "missing_input", "out_of_range")
YES = {"ckd": lambda x: x < 60, "hold": lambda x: x < 60, "refer": lambda x: x < 30, "start": lambda x: x >= 20}


class Cohort:
    """Random patients: group, fate, outcome and a category in every arm (-1: no score)."""

    def __init__(self, n, seed, by=("race", "sex")):
        rng = np.random.default_rng(seed)
        self.by = by
        self.race = rng.choice(4, size=n, p=rng.dirichlet([1, 2, 0.3, 4]))
        self.sex = rng.integers(0, 2, size=n)
        self.fate = rng.choice(3, size=n, p=[0.97, 0.02, 0.01] if rng.random() < 0.7 else [1, 0, 0])
        without = np.clip(rng.normal(70, rng.uniform(10, 30), size=n), 5, 140)
        self.scores = {
            "with_race": without * np.where(self.race == 1, 1.159, 1.0),
            "without_race": without,
            "successor:new": without * rng.normal(1.03, 0.08, size=n),
        }
        gone = rng.random(n) < (0.02 if rng.random() < 0.5 else 0)
        for arm, s in self.scores.items():
            s[(self.fate > 0) | (gone & (arm == "successor:new"))] = np.nan
        self.outcome = np.where(rng.random(n) < (0.05 if rng.random() < 0.5 else 0), -1, (rng.random(n) < 0.3).astype(int))
        if rng.random() < 0.4:
            self.outcome[:] = -1
        self.codes = {arm: SCALE.codes(s) for arm, s in self.scores.items()}

    def members(self, by, group):
        chosen = np.ones(len(self.race), bool)
        if by != "overall":
            for key, level in zip(by.split(","), group.split(", "), strict=True):
                chosen &= (self.race == RACES.index(level)) if key == "race" else (self.sex == SEXES.index(level))
        return chosen

    def table(self):
        keys = {key: {"race": RACES, "sex": SEXES}[key] for key in self.by} | {"outcome": ("0", "1")} | dict.fromkeys(ARMS, SCALE.levels)
        cells = Cells.count(keys, {key: getattr(self, key) for key in self.by} | {"outcome": self.outcome} | self.codes)
        return ArmTable("ckd_2009", SCALE, self.by, ARMS, cells)

    def joint(self):
        return Joint.of([self.table()], self.by)

    def result(self):
        levels = {key: {"race": RACES, "sex": SEXES}[key] for key in self.by}
        groups = {key: getattr(self, key) for key in self.by}
        table = self.table()
        moments = {
            ("egfr", arm): Moments.count(
                levels,
                groups,
                {"with": self.scores["with_race"], "arm": self.scores[arm], "change": self.scores[arm] - self.scores["with_race"]},
            )
            for arm in ARMS[1:]
        }
        untouched = {("race", r) for r in RACES if r != RACES[1]}
        found = rows([table], moments, Options(by=self.by, replicates=20), untouched)
        names = dict.fromkeys((r.by, r.group) for r in found.changes)
        sizes = tuple(GroupSize(by=by, group=group, n=int(self.members(by, group).sum())) for by, group in names)
        coverage = tuple(self._coverage(by, group) for by, group in names)
        card = Card(
            **dict.fromkeys(
                ("title", "specialty", "role", "confidence", "confidence_note", "drives", "population", "equation", "constants"), ""
            ),
            id="ckd_2009",
            year=2009,
            inputs=(),
            outputs=(),
            decisions=tuple(
                DecisionCard(
                    id=c.decision,
                    output="egfr",
                    operator=c.operator,
                    cutoff=c.value,
                    action="",
                    guideline="",
                    confidence="VERIFIED",
                    yes_means="labels",
                )
                for c in SCALE.cuts
            ),
            bands=(BandsCard(id="stage", output="egfr", labels=SCALE.bands[0].labels, cuts=(30.0, 45.0, 60.0)),),
        )
        calculator = CalculatorResult(
            card=card,
            arms=(),
            coverage=coverage,
            significance=(*significance([table], untouched), *group_tests([table], Options(by=self.by, replicates=20), untouched)),
            standardised=tuple(standardised_rows([table], Options(by=self.by), untouched)),
            **found._asdict(),
        )
        n = len(self.race)
        return AuditResult(
            provenance=Provenance(auditor="", versions=(), inputs=(("file", "", n),), declarations=""),
            options=Options(by=self.by),
            cohort=CohortSummary(name="", source="", synthetic=True, n=n, weighted=False, groups=sizes),
            calculators=(calculator,),
        )

    def _coverage(self, by, group):
        inside = self.members(by, group)
        count = {fate: int((inside & (self.fate == i)).sum()) for i, fate in enumerate(FATES)}
        return Coverage(
            calculator="ckd_2009",
            by=by,
            group=group,
            n=int(inside.sum()),
            no_row=0,
            unlisted=0,
            unknown_race=int((inside & (self.race == 2)).sum()),
            outside_derivation=0,
            term_applied=int((inside & (self.race == 1) & (self.fate == 0)).sum()),
            **count,
        )


class Attacker:
    """Unknowns are patients by finest group, fate, outcome and category in every arm; what is shown are equations on them.

    The attacker knows the formula: the race term touches one group, and there moves scores one way.
    """

    def __init__(self, cohort):
        size = len(SCALE.levels)
        self.cohort = cohort
        levels = [range({"race": 4, "sex": 2}[key]) for key in cohort.by]
        atoms = []
        for finest in product(*levels):
            race = finest[cohort.by.index("race")]
            for fate in (1, 2):
                atoms.append((finest, fate, -1, -1, -1, -1))
            for outcome, a, b, c in product((-1, 0, 1), range(size), range(size), range(-1, size)):
                if (race != 1 and a == b) or (race == 1 and b <= a):
                    atoms.append((finest, 0, outcome, a, b, c))
        self.atoms = {atom: i for i, atom in enumerate(atoms)}
        self.race = np.array([dict(zip(cohort.by, a[0], strict=True)).get("race", 0) for a in atoms])
        self.sex = np.array([dict(zip(cohort.by, a[0], strict=True)).get("sex", 0) for a in atoms])
        self.fate = np.array([a[1] for a in atoms])
        self.outcome = np.array([a[2] for a in atoms])
        self.category = {arm: np.array([a[3 + i] for a in atoms]) for i, arm in enumerate(ARMS)}
        self.truth = np.zeros(len(atoms))
        for i in range(len(cohort.race)):
            finest = tuple(int(getattr(cohort, key)[i]) for key in cohort.by)
            scored = cohort.fate[i] == 0
            atom = (finest, int(cohort.fate[i]), int(cohort.outcome[i]) if scored else -1, *(int(cohort.codes[arm][i]) for arm in ARMS))
            self.truth[self.atoms[atom]] += 1

    def inside(self, row):
        chosen = np.ones(len(self.truth), bool)
        if row.by != "overall":
            for key, level in zip(row.by.split(","), row.group.split(", "), strict=True):
                chosen &= self.race == RACES.index(level) if key == "race" else self.sex == SEXES.index(level)
        return chosen

    def functionals(self, result):
        """(name, value shown or None, coefficients) of every number in a result, and of everything that a row implies."""
        yes = {c.decision: SCALE.yes(c.decision) for c in SCALE.cuts}
        says = {(d, arm): np.where(self.category[arm] < 0, False, yes[d][self.category[arm]]) for d in yes for arm in ARMS}
        calculator = result.calculators[0]
        for row in result.cohort.groups:
            yield row, "n", self.inside(row)
        for row in calculator.coverage:
            g = self.inside(row)
            yield row, "n", g
            for i, fate in enumerate(FATES):
                yield row, fate, g & (self.fate == i)
            yield row, "unknown_race", g & (self.race == 2)
            yield row, "term_applied", g & (self.fate == 0) & (self.race == 1)
        for row in (*calculator.changes, *calculator.outcome_changes):
            g = self.inside(row) & (self.category["with_race"] >= 0) & (self.category[row.arm] >= 0)
            if hasattr(row, "outcome"):
                g &= self.outcome == int(row.outcome)
            a, b = says[row.decision, "with_race"], says[row.decision, row.arm]
            for name, part in (("n", g), ("yes_with", g & a), ("yes_arm", g & b), ("gained", g & ~a & b), ("lost", g & a & ~b)):
                yield row, name, part
            for part in (g & ~a, g & ~b, g & a & b, g & ~a & ~b):
                yield row, "", part
        band = SCALE.band_of("stage")
        labels = SCALE.bands[0].labels
        for row in calculator.transitions:
            g = self.inside(row) & (self.category["with_race"] >= 0) & (self.category[row.arm] >= 0)
            origin, target = band[self.category["with_race"]], band[self.category[row.arm]]
            yield row, "n", g & (origin == labels.index(row.from_)) & (target == labels.index(row.to))
        for row in calculator.shifts:
            yield row, "n", self.inside(row) & (self.category["with_race"] >= 0) & (self.category[row.arm] >= 0)
        for row in calculator.metrics:
            g = self.inside(row) & (self.category["with_race"] >= 0) & (self.category[row.arm] >= 0)
            a = says[row.decision, row.arm]
            known, event = self.outcome >= 0, self.outcome == 1
            top, bottom = {
                "selection_rate": (g & a, g),
                "true_positive_rate": (g & event & a, g & event),
                "false_negative_rate": (g & event & ~a, g & event),
                "false_positive_rate": (g & known & ~event & a, g & known & ~event),
                "true_negative_rate": (g & known & ~event & ~a, g & known & ~event),
                "positive_predictive_value": (g & event & a, g & known & a),
                "negative_predictive_value": (g & known & ~event & ~a, g & known & ~a),
            }[row.metric]
            if row.value is not None:
                yield row, "value", top - row.value * bottom
            if row.metric == "selection_rate":
                yield row, "n", bottom
                yield row, "yes", top

    def problem(self, internal, protected, k):
        """What is known, and the small counts that must not be."""
        known, targets, names = [], [], []
        for row, name, coefficients in self.functionals(protected):
            if name == "value":
                known.append(coefficients.astype(float))
            elif name and getattr(row, name) is not None:
                assert coefficients @ self.truth == getattr(row, name), (row, name)
                known.append(coefficients.astype(float))
        for row, name, coefficients in self.functionals(internal):
            if name != "value" and 0 < coefficients @ self.truth < k:
                targets.append(coefficients.astype(float))
                names.append((row, name))
        known = np.unique(np.array(known), axis=0) if known else np.zeros((0, len(self.truth)))
        unique, index = np.unique(np.array(targets), axis=0, return_index=True) if targets else (np.zeros((0, len(self.truth))), [])
        return Hidden.around(self.truth, known, unique), [names[i] for i in index]
