"""Arms: the things compared for one calculator (with race, without, successor, other removals, as if, ablations)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np

from auditor.patients.cohort import Patients
from auditor.patients.derive import derivable
from auditor.patients.race import Selection, SeveralRaces, select_labels, select_rows
from calculators.chain import feed
from calculators.declare import Calculator, RaceTerm
from calculators.evaluate import Column, Scores, read_column, score, score_rows
from calculators.registry import Registry

Kind = Literal["with_race", "without_race", "successor", "removed", "as_if", "ablation"]


@dataclass(frozen=True)
class Arm:
    """One way of scoring every patient; `detail` is a row, a removal's or an ablation's name, or the successor's id."""

    id: str
    kind: Kind
    meaning: str
    detail: str = ""


@dataclass(frozen=True, eq=False)
class Armed:
    """A calculator ready for a cohort: its arms, and the successor with its own inputs resolved."""

    calculator: Calculator
    arms: tuple[Arm, ...]
    successor: Calculator | None

    @property
    def inputs(self) -> tuple[str, ...]:
        """Every input that any arm reads."""
        calculators = [self.calculator, *([self.successor] if self.successor else [])]
        return tuple(dict.fromkeys(n for c in calculators for n in (*c.inputs, *c.optional_inputs)))


def lacking(calculator: Calculator, offered: set[str]) -> set[str]:
    """The inputs, required and optional, that a cohort neither has nor can derive."""
    have = offered | set(derivable(offered))
    return {n for n in (*calculator.inputs, *calculator.optional_inputs) if n not in have}


def resolve(calculator: Calculator, offered: set[str], registry: Registry) -> tuple[Calculator, tuple[str, ...]]:
    """The calculator with declared feeds for what the cohort lacks, and the required inputs that are still missing."""
    fed = feed(calculator, lacking(calculator, offered), registry.__getitem__)
    have = offered | set(derivable(offered))
    return fed, tuple(n for n in fed.inputs if n not in have)


def arm(calculator: Calculator, offered: set[str], registry: Registry) -> Armed:
    """The arms that a cohort with these inputs can serve; the first is always with_race."""
    arms = [
        Arm("with_race", "with_race", "as published" if calculator.race is None else "each patient by their own group's row, as published")
    ]
    successor = None
    if calculator.race is not None:
        race = calculator.race
        arms.append(Arm("without_race", "without_race", f"everyone scored with the row '{race.removed}'", race.removed))
        if calculator.replaced_by:
            found, missing = resolve(registry[calculator.replaced_by], offered, registry)
            if not missing:
                successor = found
                arms.append(Arm(f"successor:{calculator.replaced_by}", "successor", f"scored with {found.title}", calculator.replaced_by))
        arms += [Arm(f"removed:{r.name}", "removed", r.meaning, r.name) for r in race.other_removals]
        arms += [Arm(f"as_if:{label}", "as_if", f"everyone scored with the row '{label}'", label) for label in race.labels]
    arms += [Arm(f"ablation:{a.name}", "ablation", a.meaning, a.name) for a in calculator.ablations]
    return Armed(calculator, tuple(arms), successor)


class Scorer:
    """Scores of one chunk of patients in every arm of one calculator; each row of the race term is computed once."""

    def __init__(self, armed: Armed, patients: Patients, several_races: SeveralRaces) -> None:
        self.armed = armed
        self.patients = patients
        self.several_races = several_races
        self._rows: dict[str | None, Scores] = {}
        self.columns = columns_of(armed.calculator, patients)
        race = armed.calculator.race
        self.selection = select(race, patients, several_races) if race else None

    def scores(self, arm: Arm) -> Scores:
        """Every output for every patient of the chunk in this arm."""
        calculator = self.armed.calculator
        if arm.kind == "successor":
            assert self.armed.successor is not None
            successor = self.armed.successor
            columns = columns_of(successor, self.patients)
            if successor.race is None:
                return score(successor, columns)
            return score_rows(successor, columns, select(successor.race, self.patients, self.several_races).rows)
        if calculator.race is None or arm.kind == "ablation":
            with_race = self._row(None) if calculator.race is None else self._with_race(calculator.race)
            if arm.kind != "ablation":
                return with_race
            swaps = next(a for a in calculator.ablations if a.name == arm.detail).outputs
            return {name: with_race[swaps.get(name, name)] for name in with_race}
        if arm.kind == "with_race":
            return self._with_race(calculator.race)
        if arm.kind == "removed":
            removal = next(r for r in calculator.race.other_removals if r.name == arm.detail)
            return self._row(removal.row) if removal.row else self._mean(removal.weights)
        return self._row(arm.detail)

    def _row(self, label: str | None) -> Scores:
        if label not in self._rows:
            self._rows[label] = score(self.armed.calculator, self.columns, label)
        return self._rows[label]

    def _with_race(self, race: RaceTerm) -> Scores:
        assert self.selection is not None
        rows = self.selection.rows
        gathered: Scores = {}
        for output in self.armed.calculator.outputs:
            values = np.full(len(rows), "", dtype=object) if output.kind == "category" else np.full(len(rows), np.nan)
            for index, label in enumerate(race.labels):
                chosen = rows == index
                if chosen.any():
                    values[chosen] = self._row(label)[output.name][chosen]
            gathered[output.name] = values
        return gathered

    def _mean(self, weights: Mapping[str, float]) -> Scores:
        numbers = [o.name for o in self.armed.calculator.outputs if o.kind == "number"]
        return {name: np.asarray(sum(w * self._row(label)[name] for label, w in weights.items())) for name in numbers}


def select(race: RaceTerm, patients: Patients, several_races: SeveralRaces) -> Selection:
    """Which row each patient reads: by the calculator's own labels where the cohort holds them, else by recorded race."""
    if patients.race_group is not None and set(patients.race_group.words) <= set(race.labels):
        return select_labels(race, patients.race_group)
    return select_rows(race, patients.race, several_races)


def columns_of(calculator: Calculator, patients: Patients) -> dict[str, Column]:
    """The calculator's columns from a chunk; an input that the cohort does not have is all missing."""
    return {
        n: patients.columns[n] if n in patients.columns else read_column(n, None, patients.n)
        for n in (*calculator.inputs, *calculator.optional_inputs)
    }
