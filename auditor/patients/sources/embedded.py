"""The embedded cohort: synthetic patients that come with the auditor, for trying it out and for tests."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from auditor.counts.one_thread import one_thread
from auditor.patients.cohort import Cohort, Patients, Request
from auditor.patients.sources.columns import offered, read_columns
from auditor.patients.sources.synthetic import GENERAL, SEED, SIZE, SUB_COHORT, generate_setting, illustrative_for, setting_of, settings
from auditor.patients.sources.synthetic_survey import Columns
from auditor.patients.sources.tables import declared_levels, read_table
from calculators.coded import MISSING, Coded
from calculators.inputs import vocabulary

OUTCOME = "died_10_years"
WEIGHT = "sample_weight"
NAME = "embedded synthetic cohort"
NOTES = (
    f"No patient of this cohort exists. {SIZE:,} adults in primary care follow measurements of NHANES 1999-2018; {round(SIZE * SUB_COHORT):,} "
    "patients were added for each other setting in which calculators are used.",
    "Each calculator is audited on the patients of one setting. Weights mean persons among the adults in primary care, and are 1 elsewhere.",
    "Inputs named as illustrative were drawn from stated ranges, without regard to recorded race. Results that rest on them show how "
    "a calculator behaves, not how often something happens.",
)


@dataclass(frozen=True, eq=False)
class Setting:
    """The synthetic patients of one setting, and the same as a table for what is not read from columns."""

    columns: Columns

    @cached_property
    def table(self) -> Cohort:
        """The patients as a data frame that DuckDB reads."""
        import pandas as pd

        return read_table(pd.DataFrame(self.columns), outcome=OUTCOME, weights=WEIGHT)

    @property
    def rows(self) -> int:
        """Number of patients."""
        return len(self.columns["race"])

    @cached_property
    def offers(self) -> dict[str, tuple[str, str]]:
        """Each input with its column and unit."""
        return {name: (name, vocabulary()[name].unit) for name in offered(self.columns)}

    def levels(self, attribute: str) -> tuple[str, ...]:
        """The levels of an attribute to group by."""
        return declared_levels(attribute, self.offers) or self.table.levels(attribute)

    def largest(self, column: str) -> float | None:
        """The largest weight of a column."""
        return float(self.columns[column].max()) if column == WEIGHT else self.table.largest(column)

    def read(self, request: Request) -> Iterator[Patients]:
        """The patients with what is asked for."""
        usual = request.outcome in ("", OUTCOME) and request.weights in ("", WEIGHT)
        usual = usual and not (request.design or request.measured or request.events)
        if usual and all(declared_levels(attribute, self.offers) for attribute in request.by):
            return iter([read_columns(self.columns, request)])
        return self.table.read(request)


@one_thread()
def embedded_cohort() -> Cohort:
    """The synthetic cohort as a Cohort of several settings, labelled synthetic."""
    found = {name: Setting(generate_setting(name, SIZE if name == GENERAL else round(SIZE * SUB_COHORT))) for name in settings()}
    offers: dict[str, tuple[str, str]] = {}
    for setting in found.values():
        offers = {**setting.offers, **offers}
    return Cohort(
        name=NAME,
        source="made by the auditor",
        offers=offers,
        rows=sum(setting.rows for setting in found.values()),
        read=lambda request: _read(found, request),
        levels=lambda attribute: _offering(found, attribute).levels(attribute),
        digests=lambda: tuple((f"synthetic patients, {name}, seed {SEED}", "", setting.rows) for name, setting in found.items()),
        synthetic=True,
        outcome=OUTCOME,
        weights=WEIGHT,
        largest=lambda column: max((setting.largest(column) or 0.0 for setting in found.values()), default=None),
        setting_of=setting_of,
        setting_meaning=lambda name: settings()[name]["meaning"],
        illustrative=illustrative_for,
        notes=NOTES,
    )


def _offering(found: Mapping[str, Setting], attribute: str) -> Setting:
    """The first setting that records an attribute; the general one if none does (and names what is there)."""
    return next((setting for setting in found.values() if attribute in setting.offers), found[GENERAL])


def _read(found: Mapping[str, Setting], request: Request) -> Iterator[Patients]:
    """Chunks of one setting each; an attribute to group by that a setting does not record is Unknown there."""
    for name, setting in found.items():
        lacking = [a for a in request.by if a in _offering(found, a).offers and a not in setting.offers]
        for patients in setting.read(replace(request, by=tuple(a for a in request.by if a not in lacking))):
            unknown = {a: _unknown(_offering(found, a).levels(a), patients.n) for a in lacking}
            groups = {a: unknown.get(a) or patients.groups[a] for a in request.by}
            yield replace(patients, groups=groups, setting=name)


def _unknown(levels: tuple[str, ...], n: int) -> Coded:
    """Everyone at the level Unknown."""
    return Coded(levels, np.full(n, levels.index("Unknown") if "Unknown" in levels else MISSING, dtype=np.int8))
