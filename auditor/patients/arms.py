"""Arms: the things compared for one calculator (with race, without, successor, other removals, as if, ablations)."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

from auditor.patients.cohort import Patients
from auditor.patients.derive import derivable
from auditor.patients.race import Selection, SeveralRaces, select_labels, select_rows
from calculators.chain import feed
from calculators.declare import Calculator, RaceTerm
from calculators.evaluate import Column, read_column
from calculators.registry import Registry

Kind = Literal["with_race", "without_race", "successor", "removed", "as_if", "ablation"]
Arms = Literal["all", "main"]


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


def chosen(armed: Armed, arms: Arms) -> Armed:
    """The calculator with every arm, or ("main") without those that score everyone as if they belonged to one group."""
    return armed if arms == "all" else replace(armed, arms=tuple(a for a in armed.arms if a.kind != "as_if"))


def rows_of_everyone(armed: Armed, of: Literal["own", "successor"]) -> set[str]:
    """The rows of the calculator's own race term, or of its successor's, in which some arm scores everyone; none without a race term."""
    calculator = armed.calculator if of == "own" else armed.successor
    if calculator is None or calculator.race is None:
        return set()
    rows = {calculator.race.removed}
    for arm in armed.arms if of == "own" else ():
        if arm.kind == "as_if":
            rows.add(arm.detail)
        elif arm.kind == "removed":
            removal = next(r for r in calculator.race.other_removals if r.name == arm.detail)
            rows |= {removal.row} if removal.row else set(removal.weights)
    return rows


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
