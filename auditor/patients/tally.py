"""Tally: one chunk of patients -> cells and moments; the only door between patients and counts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from auditor.counts.cells import Cells
from auditor.counts.moments import Moments
from auditor.counts.scales import ArmTable, Scale
from auditor.patients.arms import Arm, Armed, Scorer
from auditor.patients.cohort import Patients
from auditor.patients.decisions import scales_of, values_of
from auditor.patients.race import SeveralRaces
from calculators.coded import Coded

FATES = ("scored", "missing_input", "out_of_range", "no_row")
STANDINGS = ("listed", "unlisted", "unknown")
OUTCOMES = ("0", "1")


@dataclass(frozen=True, eq=False)
class Plan:
    """What is counted for one calculator: its arms, its scales, and the attributes with their levels."""

    armed: Armed
    scales: tuple[Scale, ...]
    by: Mapping[str, tuple[str, ...]]
    several_races: SeveralRaces

    @classmethod
    def of(cls, armed: Armed, by: Mapping[str, tuple[str, ...]], several_races: SeveralRaces) -> Plan:
        """The plan for a calculator whose arms a cohort can serve."""
        return cls(armed, scales_of(armed.calculator), by, several_races)


@dataclass(frozen=True, eq=False)
class Counted:
    """Everything counted for one calculator: tables of decisions per arm, moments per (output, arm), and coverage; they add."""

    tables: tuple[ArmTable, ...]
    moments: Mapping[tuple[str, str], Moments]
    coverage: Cells

    def __add__(self, other: Counted) -> Counted:
        return Counted(
            tuple(a + b for a, b in zip(self.tables, other.tables, strict=True)),
            {key: self.moments[key] + other.moments[key] for key in self.moments},
            self.coverage + other.coverage,
        )


def count(patients: Patients, plan: Plan) -> Counted:
    """Score a chunk in every arm and count it."""
    scorer = Scorer(plan.armed, patients, plan.several_races)
    calculator = plan.armed.calculator
    groups = {name: patients.groups[name].codes for name in plan.by}
    scores = {arm.id: scorer.scores(arm) for arm in plan.armed.arms}
    tables, moments = [], {}
    for scale in plan.scales:
        values = {
            arm.id: values_of(calculator, scale.output, scores[arm.id], scorer.columns)
            for arm in plan.armed.arms
            if scale.output in scores[arm.id] or scale.output in scorer.columns
        }
        codes = {id: scale.codes(v) for id, v in values.items()}
        for arms in _together(plan.armed.arms, set(values)):
            keys = {**plan.by, "outcome": OUTCOMES, **dict.fromkeys(arms, scale.levels)}
            cells = Cells.count(keys, {**groups, "outcome": patients.outcome, **{a: codes[a] for a in arms}}, patients.weights)
            tables.append(ArmTable(calculator.id, scale, tuple(plan.by), arms, cells))
        if not any(o.name == scale.output and o.kind == "category" for o in calculator.outputs):
            for id in values:
                if id != "with_race":
                    moments[scale.output, id] = _moments(plan, groups, values["with_race"], values[id], patients.weights)
    return Counted(tuple(tables), moments, _coverage(patients, plan, scorer, groups))


def _together(arms: tuple[Arm, ...], available: set[str]) -> list[tuple[str, ...]]:
    """With race, without race and the successor in one table (their joint is needed); every other arm with race alone."""
    main = tuple(a.id for a in arms if a.kind in ("with_race", "without_race", "successor") and a.id in available)
    return [main, *(("with_race", a.id) for a in arms if a.id not in main and a.id in available)]


def _moments(
    plan: Plan,
    groups: Mapping[str, NDArray[np.int8]],
    with_race: NDArray[np.float64],
    other: NDArray[np.float64],
    weights: NDArray[np.float64] | None,
) -> Moments:
    return Moments.count(plan.by, groups, {"with": with_race, "arm": other, "change": other - with_race}, weights)


def _coverage(patients: Patients, plan: Plan, scorer: Scorer, groups: Mapping[str, NDArray[np.int8]]) -> Cells:
    """Cells of what became of each patient: fate, standing with the race term, beyond the derivation, term applied."""
    calculator = plan.armed.calculator
    missing = np.zeros(patients.n, dtype=bool)
    outside = np.zeros(patients.n, dtype=bool)
    beyond = np.zeros(patients.n, dtype=bool)
    for name in calculator.inputs:
        column = scorer.columns[name]
        missing |= ~column.known if isinstance(column, Coded) else np.isnan(column)
        outside |= _beyond(column, calculator.valid.get(name))
        beyond |= _beyond(column, calculator.derived_on.get(name))
    fate = np.where(missing, 1, np.where(outside, 2, 0)).astype(np.int8)
    standing = np.zeros(patients.n, dtype=np.int8)
    applied = np.zeros(patients.n, dtype=np.int8)
    if calculator.race is not None and scorer.selection is not None:
        selection = scorer.selection
        fate[(fate == 0) & (selection.rows < 0)] = 3
        standing[selection.unlisted] = 1
        standing[selection.unknown] = 2
        neutral = np.array([calculator.race.neutral(label) for label in calculator.race.labels] + [True])
        applied = (~neutral[selection.rows]).astype(np.int8)
    keys = {**plan.by, "fate": FATES, "standing": STANDINGS, "beyond": ("no", "yes"), "applied": ("no", "yes")}
    codes = {**groups, "fate": fate, "standing": standing, "beyond": beyond.astype(np.int8), "applied": applied}
    return Cells.count(keys, codes, patients.weights)


def _beyond(column: object, limits: tuple[float | None, float | None] | None) -> NDArray[np.bool_] | np.bool_:
    if limits is None or not isinstance(column, np.ndarray):
        return np.bool_(False)
    with np.errstate(invalid="ignore"):
        low, high = limits
        found = np.zeros(len(column), dtype=bool)
        if low is not None:
            found |= column < low
        if high is not None:
            found |= column > high
    return found
