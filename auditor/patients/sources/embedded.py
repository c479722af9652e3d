"""The embedded cohort: synthetic patients that come with the auditor, for trying it out and for tests."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

import numpy as np

from auditor.patients.cohort import Cohort, Patients, Request
from auditor.patients.sources.synthetic import GENERAL, SEED, SIZE, SUB_COHORT, generate_setting, illustrative_for, setting_of, settings
from auditor.patients.sources.tables import read_table
from calculators.coded import MISSING, Coded

NAME = "embedded synthetic cohort"
NOTES = (
    f"No patient of this cohort exists. {SIZE:,} adults in primary care follow measurements of NHANES 1999-2018; {round(SIZE * SUB_COHORT):,} "
    "patients were added for each other setting in which calculators are used.",
    "Each calculator is audited on the patients of one setting. Weights mean persons among the adults in primary care, and are 1 elsewhere.",
    "Inputs named as illustrative were drawn from stated ranges, without regard to recorded race. Results that rest on them show how "
    "a calculator behaves, not how often something happens.",
)


def embedded_cohort() -> Cohort:
    """The synthetic cohort as a Cohort of several settings, labelled synthetic."""
    import pandas as pd

    cohorts = {
        name: read_table(
            pd.DataFrame(generate_setting(name, SIZE if name == GENERAL else round(SIZE * SUB_COHORT))),
            outcome="died_10_years",
            weights="sample_weight",
        )
        for name in settings()
    }
    offers: dict[str, tuple[str, str]] = {}
    for cohort in cohorts.values():
        offers = {**cohort.offers, **offers}
    return Cohort(
        name=NAME,
        source="made by the auditor",
        offers=offers,
        rows=sum(cohort.rows for cohort in cohorts.values()),
        read=lambda request: _read(cohorts, request),
        levels=lambda attribute: _offering(cohorts, attribute).levels(attribute),
        digests=lambda: tuple((f"synthetic patients, {name}, seed {SEED}", "", cohort.rows) for name, cohort in cohorts.items()),
        synthetic=True,
        outcome="died_10_years",
        weights="sample_weight",
        largest=lambda column: max((cohort.largest(column) or 0.0 for cohort in cohorts.values()), default=None),
        setting_of=setting_of,
        setting_meaning=lambda name: settings()[name]["meaning"],
        illustrative=illustrative_for,
        notes=NOTES,
    )


def _offering(cohorts: Mapping[str, Cohort], attribute: str) -> Cohort:
    """The first setting that records an attribute; the general one if none does (and names what is there)."""
    return next((cohort for cohort in cohorts.values() if attribute in cohort.offers), cohorts[GENERAL])


def _read(cohorts: Mapping[str, Cohort], request: Request) -> Iterator[Patients]:
    """Chunks of one setting each; an attribute to group by that a setting does not record is Unknown there."""
    for name, cohort in cohorts.items():
        lacking = [a for a in request.by if a in _offering(cohorts, a).offers and a not in cohort.offers]
        for patients in cohort.read(replace(request, by=tuple(a for a in request.by if a not in lacking))):
            unknown = {a: _unknown(_offering(cohorts, a).levels(a), patients.n) for a in lacking}
            groups = {a: unknown.get(a) or patients.groups[a] for a in request.by}
            yield replace(patients, groups=groups, setting=name)


def _unknown(levels: tuple[str, ...], n: int) -> Coded:
    """Everyone at the level Unknown."""
    return Coded(levels, np.full(n, levels.index("Unknown") if "Unknown" in levels else MISSING, dtype=np.int8))
