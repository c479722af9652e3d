"""The tables of every calculator from what was counted, and what of them must be hidden."""

from __future__ import annotations

import pickle
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import NamedTuple, get_args

import msgspec
import numpy as np
from msgspec.structs import astuple
from numpy.typing import NDArray

from auditor.counts.bounds import bound_rows
from auditor.counts.calibration_curve import curve_rows
from auditor.counts.coverage import coverage_rows, untouched
from auditor.counts.dependence import dependence_rows
from auditor.counts.disclosure import examined
from auditor.counts.group_tests import group_tests
from auditor.counts.joint import Joint
from auditor.counts.measured import measured_rows
from auditor.counts.scored import net_benefit_around, net_benefit_rows, probability_scale, score_rows
from auditor.counts.sheets import Sheets
from auditor.counts.shrinkage import shrink
from auditor.counts.significance import significance
from auditor.counts.standardisation import standardised_rows
from auditor.counts.suppression import Layout
from auditor.counts.tables import rows
from auditor.memory import give_back
from auditor.patients.cohort import Cohort
from auditor.patients.tally import Counted, Plan
from auditor.result import Arm, BandsCard, CalculatorResult, Card, DecisionCard, Options
from auditor.rows import GroupSize, Row
from calculators.card import card
from calculators.declare import Calculator
from calculators.registry import Registry

MANY_CELLS = 50_000
ROWS = {
    field.name: kind
    for field in msgspec.structs.fields(CalculatorResult)
    for kind in get_args(field.type)[:1]
    if isinstance(kind, type) and issubclass(kind, Row)
}


def load_tools(hides: bool) -> None:
    """Load what tables are made with, before a second process is a copy of this one."""
    import fairlearn.metrics  # noqa: F401

    if hides:
        import highspy  # noqa: F401
        import scipy.sparse  # noqa: F401


class Made(NamedTuple):
    """The tables of one calculator, and what of them must be hidden."""

    result: CalculatorResult
    sheets: Sheets | None


@dataclass(frozen=True, eq=False)
class Tabling:
    """The tables of every calculator from what was counted, which is given up on the way; the same in whichever process."""

    plans: Sequence[Plan]
    counted: list[Counted | None]
    options: Options
    weighted: bool
    outcome: str
    known: Registry
    cohort: Cohort
    groups: tuple[GroupSize, ...]
    hides: bool

    @cached_property
    def layout(self) -> Layout:
        """The groups of all tables."""
        return Layout.of((row.by, row.group) for row in self.groups)

    @cached_property
    def size(self) -> NDArray[np.float64]:
        """The patients of every group."""
        return np.array([row.n or 0 for row in self.groups], dtype=np.float64)

    def make(self, number: int) -> Made:
        """The tables of one calculator."""
        counted, self.counted[number] = self.counted[number], None
        assert counted is not None
        result = _result(self.plans[number], counted, self.options, self.weighted, self.outcome, self.known, self.cohort)
        if not self.hides:
            return Made(result, None)
        joint = Joint.of(counted.tables, self.options.by)
        return Made(result, examined(result, self.layout, self.options.minimum_count, self.size, joint))

    def pack(self, made: Made) -> bytes:
        """As bytes for another process. A word that many rows hold is written once, so that it is in memory once there too."""
        rows = {name: [astuple(row) for row in getattr(made.result, name)] for name in ROWS}
        return pickle.dumps((msgspec.structs.replace(made.result, **dict.fromkeys(ROWS, ())), rows, made.sheets))

    def unpack(self, number: int, packed: bytes) -> Made:
        """From the bytes of another process; what was counted for them is given up here too."""
        self.counted[number] = None
        result, rows, sheets = pickle.loads(packed)
        tables = {
            name: tuple([kind(**dict(zip(kind.__struct_fields__, row, strict=True))) for row in rows[name]]) for name, kind in ROWS.items()
        }
        return Made(msgspec.structs.replace(result, **tables), sheets and replace(sheets, layout=self.layout))


def _result(
    plan: Plan, counted: Counted, options: Options, weighted: bool, outcome: str, known: Registry, cohort: Cohort
) -> CalculatorResult:
    """The tables of one calculator. Risks are held against the outcome only where it has the name of the output that predicts it.

    Before scores that fill many cells, the memory that the calculators before have left is given back.
    """
    if sum(len(table.cells) for table in counted.scored) > MANY_CELLS:
        give_back()
    calculator = plan.armed.calculator
    coverage = coverage_rows(calculator.id, counted.coverage, options.by)
    tables = tuple(replace(table, by=options.by) for table in counted.tables)
    extremes = [replace(table, by=options.by) for table in counted.extremes]
    zero = untouched(coverage) if calculator.race else frozenset()
    units = {o.name: o.unit for o in calculator.outputs if o.kind == "number"}
    predicts = {t.scale.output: probability_scale(t.scale, units.get(outcome, "")) for t in tables if t.scale.output == outcome}
    scored = [replace(table, by=options.by, probability=predicts.get(table.output, 0.0)) for table in counted.scored]
    found = rows(tables, counted.moments, options, zero, weighted)
    return CalculatorResult(
        card=_card(calculator, known),
        arms=tuple(Arm(id=a.id, meaning=a.meaning) for a in plan.armed.arms),
        coverage=coverage,
        changes=found.changes,
        transitions=found.transitions,
        metrics=(
            *found.metrics,
            *dependence_rows(extremes, weighted),
            *score_rows(scored, weighted),
            *net_benefit_rows(tables, predicts, weighted),
            *(net_benefit_around(scored, {table.scale.output: table.scale for table in tables}, weighted) if options.internal else ()),
        ),
        disparities=found.disparities,
        shifts=found.shifts,
        outcome_changes=found.outcome_changes,
        bounds=tuple(bound_rows(tables, options, zero, weighted)),
        significance=(*significance(tables, zero), *(() if weighted else group_tests(tables, options, zero))),
        measured=tuple(measured_rows([replace(table, by=options.by) for table in counted.measured], weighted)),
        calibration=tuple(curve_rows(scored, weighted, options.minimum_count)),
        standardised=tuple(standardised_rows(tables, options, zero, weighted)),
        shrunken=() if weighted else tuple(shrink(tables)),
        setting=cohort.setting_meaning(cohort.setting_of(calculator)),
        illustrative=cohort.illustrative(calculator),
    )


def _card(calculator: Calculator, known: Registry) -> Card:
    fields = card(calculator)
    fields["decisions"] = tuple(DecisionCard(**d) for d in fields["decisions"])
    fields["bands"] = tuple(BandsCard(**b) for b in fields["bands"])
    successor = known[calculator.replaced_by].title if calculator.replaced_by else ""
    return msgspec.convert({**msgspec.to_builtins(fields), "replaced_by_title": successor}, Card)
