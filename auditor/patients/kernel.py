"""Kernel: the scores of many calculators on one batch, steps that they share done once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from auditor.counts.scales import Scale
from auditor.patients.arms import Armed, columns_of
from auditor.patients.cohort import Patients
from calculators.coded import Coded
from calculators.declare import Calculator
from calculators.evaluate import Column, Scores, results, scorable, score
from calculators.inputs import get_input
from calculators.recorded import Program, Recorded, Recording, Run, filled, not_usable, scored

WRITTEN_UP_TO = 32_768
MANY = 4 * WRITTEN_UP_TO
PROBES = 64
PROBE_SEED = 1


@dataclass(frozen=True)
class Need:
    """One formula to run on everyone: the calculator's own or its successor's, with one row's numbers."""

    of: Literal["own", "successor"]
    row: str | None
    outputs: tuple[str, ...]


class Kernel:
    """Formulas of many calculators: evaluated as they are written for few patients, recorded once for many.

    Recording takes as long as scoring tens of thousands of patients. What cannot be recorded is always evaluated as it is written;
    the scores are the same to the last bit. Where many patients are `expected`, formulas are recorded at once.
    """

    def __init__(self, parts: Sequence[tuple[Armed, Sequence[Scale]]], expected: int = 0) -> None:
        self.armed = [armed for armed, _ in parts]
        self.needs = [needs_of(armed, scales) for armed, scales in parts]
        self.seen = expected if expected > MANY else 0

    @cached_property
    def recorded(self) -> tuple[set[tuple[int, Need]], Program]:
        """The formulas that are recorded, and the program that runs them with one unit per calculator."""
        recording = Recording()
        recorded: set[tuple[int, Need]] = set()
        units: list[list[Recorded]] = []
        known: dict[tuple[int, Need], list[Recorded] | None] = {}
        for number, (armed, needs) in enumerate(zip(self.armed, self.needs, strict=True)):
            unit: list[Recorded] = []
            for need in needs:
                calculator = calculator_of(armed, need)
                key = id(calculator), Need("own", need.row, need.outputs)
                steps = known[key] = known[key] if key in known else record(recording, calculator, need)
                if steps is not None:
                    recorded.add((number, need))
                    unit += steps
            units.append(unit)
        return recorded, Program(recording, units)

    def on(self, patients: Patients) -> KernelRun:
        """The kernel on one batch."""
        columns: dict[str, Column] = {}
        for armed in self.armed:
            for calculator in (armed.calculator, armed.successor):
                if calculator is not None and not set(columns).issuperset((*calculator.inputs, *calculator.optional_inputs)):
                    columns |= columns_of(calculator, patients)
        self.seen += patients.n
        return KernelRun(self, columns, self.seen > WRITTEN_UP_TO)


class KernelRun:
    """One batch; calculators are asked for in order, each once, and their scores are valid until the next."""

    def __init__(self, kernel: Kernel, columns: Mapping[str, Column], by_steps: bool) -> None:
        self.kernel = kernel
        self.columns = columns
        self.recorded: set[tuple[int, Need]] = set()
        self.run: Run | None = None
        if by_steps:
            self.recorded, program = kernel.recorded
            self.run = program.on({n: c.codes if isinstance(c, Coded) else c for n, c in columns.items()})

    def scores(self, number: int) -> dict[tuple[str, str | None], Scores]:
        """For each formula of a calculator ("own" or "successor", row) the outputs that are read."""
        kernel = self.kernel
        values = iter(self.run.unit(number) if self.run is not None else ())
        found: dict[tuple[str, str | None], Scores] = {}
        for need in kernel.needs[number]:
            if (number, need) in self.recorded:
                found[need.of, need.row] = {name: next(values) for name in need.outputs}
            else:
                everything = score(calculator_of(kernel.armed[number], need), self.columns, need.row)
                found[need.of, need.row] = {name: everything[name] for name in need.outputs}
        return found


def needs_of(armed: Armed, scales: Sequence[Scale]) -> list[Need]:
    """Every row of the race term, and the successor, with the outputs that scales (and ablations in their place) read."""
    read = {s.output for s in scales}
    read |= {other for a in armed.calculator.ablations for name, other in a.outputs.items() if name in read}
    needs = []
    for of, calculator in (("own", armed.calculator), ("successor", armed.successor)):
        if calculator is not None:
            outputs = tuple(o.name for o in calculator.outputs if o.name in read)
            rows: tuple[str | None, ...] = calculator.race.labels if calculator.race else (None,)
            needs += [Need(of, row, outputs) for row in rows]  # type: ignore[arg-type]
    return needs


def calculator_of(armed: Armed, need: Need) -> Calculator:
    """Whose formula a need runs."""
    if need.of == "own":
        return armed.calculator
    assert armed.successor is not None
    return armed.successor


def record(recording: Recording, calculator: Calculator, need: Need) -> list[Recorded] | None:
    """The outputs of a formula as recorded steps; None where it cannot be recorded, or the recording gives other numbers."""
    names = (*calculator.inputs, *calculator.optional_inputs)
    columns = {n: recording.column(n, get_input(n).categories if get_input(n).kind == "category" else None) for n in names}
    try:
        steps = _steps(recording, calculator, columns, need)
    except (TypeError, ValueError, AttributeError, IndexError):
        return None
    if not all(isinstance(r, Recorded) for r in steps):
        return None
    probes = probe(calculator)
    run = Program(recording, [steps]).on({n: c.codes if isinstance(c, Coded) else c for n, c in probes.items()})
    written = score(calculator, probes, need.row)
    for name, values in zip(need.outputs, run.unit(0), strict=True):
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
