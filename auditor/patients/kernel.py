"""Kernel: the scores of many calculators on one batch, steps that they share done once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from auditor.counts.scales import Scale
from auditor.memory import without_collecting
from auditor.patients.arms import Armed, columns_of, rows_of_everyone
from auditor.patients.batch import SEX, Batch, reader_of
from auditor.patients.cohort import Patients
from calculators.coded import Coded
from calculators.declare import Calculator, RaceTerm
from calculators.evaluate import Column, Scores, results, scorable, score
from calculators.folded import folded
from calculators.inputs import get_input
from calculators.narrowed import narrowed
from calculators.program import Arrays, Program, Run
from calculators.recorded import Recorded, Recording, filled, needed, not_usable, once, scored
from calculators.tabled import Levels, level_of, levels_of, tabled

WRITTEN_UP_TO = 32_768
MANY = 4 * WRITTEN_UP_TO
PROBES = 64
PROBE_SEED = 1


@dataclass(frozen=True)
class Need:
    """One formula to run: the calculator's own or its successor's, with one row's numbers, on everyone or only on those who read this row."""

    of: Literal["own", "successor"]
    row: str | None
    outputs: tuple[str, ...]
    everyone: bool = True


class Kernel:
    """Formulas of many calculators: evaluated as they are written for few patients, recorded once for many.

    Recording takes as long as scoring tens of thousands of patients. What cannot be recorded is always evaluated as it is written;
    the scores are the same to the last bit. Where many patients are `expected`, formulas are recorded at once.
    """

    def __init__(self, parts: Sequence[tuple[Armed, Sequence[Scale]]], expected: int = 0) -> None:
        self.armed = [armed for armed, _ in parts]
        self.needs = [needs_of(armed, scales) for armed, scales in parts]
        self.seen = expected if expected > MANY else 0
        self.programs: dict[int | None, tuple[Program, frozenset[str]]] = {}
        self.levels: dict[str, Levels | None] = {}
        self.arrays: Arrays = {}
        narrow = [reading(armed, need) for armed, needs in zip(self.armed, self.needs, strict=True) for need in needs if not need.everyone]
        self.narrow = {column_of(read): read for read in narrow}

    @cached_property
    @without_collecting()
    def recorded(self) -> tuple[set[tuple[int, Need]], Recording, list[list[Recorded]]]:
        """The formulas that are recorded, and their results with one unit per calculator."""
        recording = Recording()
        recorded: dict[tuple[int, Need], list[Recorded]] = {}
        known: dict[tuple[int, Need], list[Recorded] | None] = {}
        tried: dict[int, dict[int, Any]] = {}
        for number, (armed, needs) in enumerate(zip(self.armed, self.needs, strict=True)):
            for need in needs:
                calculator = calculator_of(armed, need)
                key = id(calculator), Need("own", need.row, need.outputs)
                if key not in known:
                    known[key] = record(recording, calculator, need, tried.setdefault(id(calculator), {}))
                steps = known[key]
                if steps is not None:
                    recorded[number, need] = steps
        everyone = needed(recording, [step for (_, need), steps in recorded.items() if need.everyone for step in steps])
        units: list[list[Recorded]] = [[] for _ in self.needs]
        for (number, need), steps in recorded.items():
            if not need.everyone:
                steps = narrowed(recording, steps, everyone, column_of(reading(self.armed[number], need)))
            units[number] += steps
        return set(recorded), recording, units

    def prepare(self) -> None:
        """Where many patients are expected, record now, once for this process and its copies."""
        if self.seen > WRITTEN_UP_TO:
            _ = self.recorded

    def run(self, columns: Mapping[str, Any], rows: Mapping[str, Any], sex: int | None) -> Run:
        """The recorded formulas on patients of any sex, or of one: `columns` with words as codes, `rows` who reads which row.

        The first patients' values choose a column's levels. Where a later value is none of them, they are chosen anew.
        """
        for name in columns.keys() - self.levels.keys():
            self.levels[name] = levels_of(get_input(name), columns[name])
        program, looked_up = self.program(sex)
        places = {}
        for name in looked_up:
            levels = self.levels[name]
            found = levels.of(columns[name]) if levels is not None else None
            if found is None:
                self.levels[name] = levels_of(get_input(name), columns[name])
                self.programs.clear()
                return self.run(columns, rows, sex)
            places[level_of(name)] = found
        return program.on({**columns, **rows, **places})

    @without_collecting()
    def program(self, sex: int | None) -> tuple[Program, frozenset[str]]:
        """What runs the recorded formulas on patients of any sex, or of one, and the columns of which it wants the places of levels."""
        if sex not in self.programs:
            _, recording, units = self.recorded
            same = {} if sex is None else {SEX: sex}
            if same:
                recording, units = folded(recording, units, same)
            levels = {name: levels for name, levels in self.levels.items() if levels is not None}
            recording, units, columns = tabled(recording, units, levels, same)
            self.programs[sex] = Program(recording, units, self.arrays), columns
        return self.programs[sex]

    def batches(self, patients: Patients) -> list[NDArray[np.intp] | None]:
        """The rows of a chunk to be counted together: all, or those of one sex where formulas are recorded, which spares the other's steps."""
        sexes = patients.columns.get(SEX)
        if self.seen + patients.n <= WRITTEN_UP_TO or not isinstance(sexes, Coded):
            return [None]
        rows = [np.flatnonzero(sexes.codes == code) for code in range(-1, len(sexes.words))]
        return [some for some in rows if len(some)]

    def on(self, batch: Batch) -> KernelRun:
        """The kernel on one batch."""
        patients = batch.patients
        columns: dict[str, Column] = {}
        for armed in self.armed:
            for calculator in (armed.calculator, armed.successor):
                if calculator is not None and not set(columns).issuperset((*calculator.inputs, *calculator.optional_inputs)):
                    columns |= columns_of(calculator, patients)
        self.seen += patients.n
        return KernelRun(self, batch, columns, self.seen > WRITTEN_UP_TO)


class KernelRun:
    """One batch; calculators are asked for in order, each once, and their scores are valid until the next."""

    def __init__(self, kernel: Kernel, batch: Batch, columns: Mapping[str, Column], by_steps: bool) -> None:
        self.kernel = kernel
        self.batch = batch
        self.columns = columns
        self.recorded: set[tuple[int, Need]] = set()
        self.run: Run | None = None
        if by_steps:
            self.recorded = kernel.recorded[0]
            sexes = columns.get(SEX)
            only = int(sexes.codes[0]) if isinstance(sexes, Coded) and bool((sexes.codes == sexes.codes[0]).all()) else None
            given = {n: c.codes if isinstance(c, Coded) else c for n, c in columns.items()}
            self.run = kernel.run(given, {name: batch.reading(*read) for name, read in kernel.narrow.items()}, only)

    def scores(self, number: int) -> dict[tuple[str, str | None], Scores]:
        """For each formula of a calculator ("own" or "successor", row) the outputs that are read, of everyone or of the row's readers."""
        kernel = self.kernel
        values = iter(self.run.unit(number) if self.run is not None else ())
        found: dict[tuple[str, str | None], Scores] = {}
        for need in kernel.needs[number]:
            if (number, need) in self.recorded:
                found[need.of, need.row] = {name: next(values) for name in need.outputs}
            else:
                armed = kernel.armed[number]
                rows = slice(None) if need.everyone else self.batch.reading(*reading(armed, need))
                everything = score(calculator_of(armed, need), {name: c[rows] for name, c in self.columns.items()}, need.row)
                found[need.of, need.row] = {name: everything[name] for name in need.outputs}
        return found


def needs_of(armed: Armed, scales: Sequence[Scale]) -> list[Need]:
    """The rows of the race term, and the successor, with the outputs that scales (and ablations in their place) read.

    Rows in which an arm scores everyone are needed of everyone; the others only of the patients who read them.
    """
    read = {s.output for s in scales}
    read |= {other for a in armed.calculator.ablations for name, other in a.outputs.items() if name in read}
    needs = []
    for of, calculator in (("own", armed.calculator), ("successor", armed.successor)):
        if calculator is not None:
            outputs = tuple(o.name for o in calculator.outputs if o.name in read)
            rows: tuple[str | None, ...] = calculator.race.labels if calculator.race else (None,)
            everyone = rows_of_everyone(armed, of)  # type: ignore[arg-type]
            needs += [Need(of, row, outputs, row is None or row in everyone) for row in rows]  # type: ignore[arg-type]
    return needs


def reading(armed: Armed, need: Need) -> tuple[RaceTerm, str]:
    """The race term and the row of a formula that is needed only of the row's readers."""
    race = calculator_of(armed, need).race
    assert race is not None
    assert need.row is not None
    return race, need.row


def column_of(reading: tuple[RaceTerm, str]) -> str:
    """A name for the column with the readers of a row."""
    race, row = reading
    return f"rows {reader_of(race)} {race.index(row)}"


def calculator_of(armed: Armed, need: Need) -> Calculator:
    """Whose formula a need runs."""
    if need.of == "own":
        return armed.calculator
    assert armed.successor is not None
    return armed.successor


def record(recording: Recording, calculator: Calculator, need: Need, known: dict[int, Any] | None = None) -> list[Recorded] | None:
    """The outputs of a formula as recorded steps; None where it cannot be recorded, or the recording gives other numbers.

    `known` keeps what steps gave on the made-up patients of this calculator, for its other rows.
    """
    names = (*calculator.inputs, *calculator.optional_inputs)
    columns = {n: recording.column(n, get_input(n).categories if get_input(n).kind == "category" else None) for n in names}
    try:
        steps = _steps(recording, calculator, columns, need)
    except (TypeError, ValueError, AttributeError, IndexError):
        return None
    if not all(isinstance(r, Recorded) for r in steps):
        return None
    probes = probe(calculator)
    given = {n: c.codes if isinstance(c, Coded) else c for n, c in probes.items()}
    written = score(calculator, probes, need.row)
    for name, values in zip(need.outputs, once(recording, steps, given, {} if known is None else known), strict=True):
        same = (
            written[name] == values
            if written[name].dtype == object
            else (written[name] == values) | (np.isnan(written[name]) & np.isnan(values))
        )
        if not np.all(same):
            return None
    return steps


def _steps(recording: Recording, calculator: Calculator, columns: dict[str, Any], need: Need) -> list[Any]:
    """The scores as `calculators.evaluate.score` gives them, computed also for patients who cannot be scored, with numbers that stand in."""
    known = {name: _filled(recording, name, column) if name in calculator.inputs else column for name, column in columns.items()}
    found = results(calculator, known, need.row)
    usable = scorable(calculator, columns)
    needed = [
        name
        for name in calculator.optional_inputs
        if isinstance(columns[name], Recorded) and all(recording.missing_with(found[output], columns[name]) for output in need.outputs)
    ]
    if needed:
        found = results(calculator, known | {name: _filled(recording, name, columns[name]) for name in needed}, need.row)
        for name in needed:
            usable = usable & ~np.isnan(columns[name])
    rows = recording.step(not_usable, (usable,))
    words = {o.name for o in calculator.outputs if o.kind == "category"}
    return [
        np.where(usable, found[name], "").astype(object) if name in words else recording.step(scored, (found[name], usable, rows))
        for name in need.outputs
    ]


def _filled(recording: Recording, name: str, column: Any) -> Any:
    """The column with a plausible number where it is missing; words stay as they are."""
    low, high = get_input(name).plausible or (0.0, 1.0)
    return recording.step(filled, (column, (low + high) / 2)) if isinstance(column, Recorded) else column


def probe(calculator: Calculator) -> dict[str, Column]:
    """A few made-up patients over the plausible and valid ranges of a calculator's inputs, some values missing."""
    random = np.random.default_rng(PROBE_SEED)
    columns: dict[str, Column] = {}
    for name in (*calculator.inputs, *calculator.optional_inputs):
        quantity = get_input(name)
        missing = random.random(PROBES) < 1 / 32
        if quantity.kind == "category":
            codes = random.integers(0, len(quantity.categories), PROBES)
            columns[name] = Coded(quantity.categories, np.where(missing, -1, codes).astype(np.int8))
            continue
        values: NDArray[np.float64] = random.integers(0, 2, PROBES).astype(np.float64)
        if quantity.kind == "number":
            low, high = quantity.plausible or (0.0, 100.0)
            least, most = calculator.valid.get(name, (None, None))
            low, high = max(low, least if least is not None else low), min(high, most if most is not None else high)
            values = low + (high - low) * random.random(PROBES) ** 2
        columns[name] = np.where(missing, np.nan, values)
    return columns
