"""What the race term is worth in years of age: how much older (or younger) a patient without it would give the score that they have with it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from auditor.counts.years import Years
from auditor.errors import OptionError
from auditor.patients.arms import columns_of, select
from auditor.patients.cohort import Cohort, Patients, Request
from auditor.patients.race import SeveralRaces
from auditor.patients.tally import Plan
from calculators.declare import Calculator
from calculators.evaluate import Column, score
from calculators.inputs import get_input

AGE = "age"
MOST = 20_000
REACH, STEP = 80.0, 4.0
HALVINGS = 7

Numbers = NDArray[np.float64]


def count_equivalents(cohort: Cohort, request: Request, plans: Sequence[Plan]) -> tuple[dict[str, list[Years]], int]:
    """Years by calculator, output and row of the term, of every s-th patient of the cohort, and s (at most 20,000 patients are taken).

    Calculators are those whose race term changes a number that age enters. Error: OptionError (a cohort that cannot be read here).
    """
    if cohort.engine is not None:
        raise OptionError("Equivalent ages are counted where the patients are read; a Spark data frame is not.")
    step = max(1, -(-cohort.rows // MOST))
    found: dict[str, dict[tuple[str, str], Years]] = {}
    done = 0
    for patients in cohort.read(request):
        taken = patients[np.arange(-done % step, patients.n, step)]
        done += patients.n
        for plan in plans:
            calculator = plan.armed.calculator
            if taken.n and calculator.race is not None and cohort.setting_of(calculator) in ("", patients.setting):
                of_calculator = found.setdefault(calculator.id, {})
                for years in of_patients(calculator, taken, plan.several_races, outputs_of(plan)):
                    key = (years.output, years.row)
                    of_calculator[key] = of_calculator[key] + years if key in of_calculator else years
    return {id: list(rows.values()) for id, rows in found.items() if rows}, step


def outputs_of(plan: Plan) -> tuple[str, ...]:
    """The numbers that the calculator is audited on and that age enters."""
    calculator = plan.armed.calculator
    if AGE not in calculator.inputs:
        return ()
    numbers = {o.name for o in calculator.outputs if o.kind == "number" and o.unit != "{score}"}
    return tuple(scale.output for scale in plan.scales if scale.output in numbers)


def of_patients(calculator: Calculator, patients: Patients, several_races: SeveralRaces, outputs: Sequence[str]) -> Iterator[Years]:
    """Years of these patients for every output and every row of the term that differs from the removed one."""
    race = calculator.race
    assert race is not None
    columns = columns_of(calculator, patients)
    rows = select(race, patients, several_races).rows
    for index, label in enumerate(race.labels):
        chosen = np.flatnonzero(rows == index)
        if race.neutral(label) or not len(chosen):
            continue
        part = {name: column[chosen] for name, column in columns.items()}
        for output in outputs:
            yield Years.of(output, label, years_older(calculator, part, label, output))


def years_older(calculator: Calculator, columns: Mapping[str, Column], row: str, output: str) -> Numbers:
    """For every patient the years by which age must rise so that the score without the term is theirs with `row`; other inputs stay.

    The nearest such age is taken: it is looked for in steps of four years to either side, and found by bisection, all patients at once,
    to a tenth of a year. Infinite where no age in the calculator's range will do (older or younger, as the score comes nearer);
    NaN where the patient has no score, or age does not change it.
    """
    age = columns[AGE]
    assert isinstance(age, np.ndarray)
    target = score(calculator, columns, row)[output]
    youngest, oldest = _ages(calculator)

    def off(years: Numbers) -> Numbers:
        at = np.clip(age + years, youngest, oldest)
        return np.asarray(score(calculator, {**columns, AGE: at})[output] - target)

    steps = np.arange(-REACH, REACH + STEP, STEP)
    table = np.stack([off(np.full(len(age), years)) for years in steps])
    centre = len(steps) // 2
    older, younger = (_nearest(table[centre:]), steps[centre:]), (_nearest(table[centre::-1]), steps[centre::-1])
    up, down = (_root(off, first, along) for first, along in (older, younger))
    nearest = np.where(np.isnan(up) | (np.abs(down) < np.abs(up)), down, up)
    scored = ~np.isnan(table[centre])
    with np.errstate(invalid="ignore"):
        still = np.nanmax(np.where(scored, table, 0), axis=0) == np.nanmin(np.where(scored, table, 0), axis=0)
    closest = np.nanargmin(np.where(scored & ~np.isnan(table), np.abs(table), np.inf), axis=0)
    nearest = np.clip(nearest, youngest - age, oldest - age)
    years = np.where(np.isnan(nearest), np.where(closest < centre, -np.inf, np.inf), nearest)
    return np.where(~scored | (still & (table[centre] != 0)), np.nan, np.where(table[centre] == 0, 0.0, years))


def _nearest(table: Numbers) -> NDArray[np.int64]:
    """For every patient the first step along which the sign changes; -1 where it does not."""
    with np.errstate(invalid="ignore"):
        changes = table[:-1] * table[1:] <= 0
    return np.where(changes.any(axis=0), changes.argmax(axis=0), -1)


def _root(off: Callable[[Numbers], Numbers], step: NDArray[np.int64], along: Numbers) -> Numbers:
    """The years within a step at which `off` is 0, by bisection; NaN where there is no step."""
    found = step >= 0
    near, far = along[np.maximum(step, 0)], along[np.maximum(step, 0) + 1]
    sign = np.sign(off(near))
    for _ in range(HALVINGS):
        middle = (near + far) / 2
        same = np.sign(off(middle)) == sign
        near, far = np.where(same, middle, near), np.where(same, far, middle)
    return np.where(found, (near + far) / 2, np.nan)


def _ages(calculator: Calculator) -> tuple[float, float]:
    """The youngest and oldest age for which the original gives a score, else what is plausible."""
    low, high = calculator.valid.get(AGE, (None, None))
    plausible = get_input(AGE).plausible or (0.0, 120.0)
    return float(plausible[0] if low is None else low), float(plausible[1] if high is None else high)
