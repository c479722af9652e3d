"""Survey design and repeated visits in files: strata and sampling units of patients, and one row of each patient."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from auditor.errors import MissingColumn, OptionError
from auditor.patients.cohort import Patients
from auditor.patients.sources.files import Table, quoted
from calculators.coded import Coded

MISSING_WORDS = ("", "na", "n/a", "null", "none", "nan", ".")
MOST_UNITS = 5000
VISITS = {"first": "min", "last": "max"}


def one_visit_each(table: Table, visits: str) -> Table:
    """The first or last row of every patient, in the file's order; rows without an identifier stay."""
    if visits not in VISITS:
        raise OptionError(f"One row of each patient is either {' or '.join(VISITS)}, not '{visits}'.")
    column = id_column(table)
    if column is None:
        raise MissingColumn(f"{table.label}: no column tells patients apart. Name it as id in a mapping file, or person_id or patient_id.")
    numbered = f'SELECT *, row_number() OVER () AS "visit#" FROM {table.relation}{table.condition}'
    best = f'{VISITS[visits]}("visit#") OVER (PARTITION BY {quoted(column)})'
    kept = f'SELECT * EXCLUDE ("visit#") FROM ({numbered}) QUALIFY {quoted(column)} IS NULL OR "visit#" = {best} ORDER BY "visit#"'
    return replace(table, relation=f"({kept})", map=replace(table.map, where=""), arrow=None)


def units_of(table: Table, column: str) -> tuple[str, ...]:
    """The strata or sampling units of a column, by their words."""
    words = table.distinct(table.need(column, "survey design"), MOST_UNITS, "strata or sampling units")
    return tuple(w for w in words if w.lower() not in MISSING_WORDS)


def place_in_design(patients: Patients, raw: Mapping[str, NDArray[Any]], units: Mapping[str, tuple[str, ...]]) -> Patients:
    """Place patients in strata and sampling units; those without are left out, and patients without a positive weight."""
    if units:
        import pandas as pd

        places = {key: Coded(words, pd.Index(words).get_indexer(raw[key]).astype(np.int32)) for key, words in units.items()}
        patients = replace(patients, groups={**patients.groups, **places})
        patients = _only(patients, np.logical_and.reduce([place.known for place in places.values()]), "without a sampling unit")
    if patients.weights is None:
        return patients
    with np.errstate(invalid="ignore"):
        return _only(patients, (patients.weights > 0) & np.isfinite(patients.weights), "without a positive weight")


def _only(patients: Patients, chosen: NDArray[np.bool_], what: str) -> Patients:
    """The chosen patients; the others are counted as left out."""
    keep = np.flatnonzero(chosen)
    if len(keep) == patients.n:
        return patients
    patients.quality.left_out[what] = patients.n - len(keep)
    return patients[keep]


def id_column(table: Table) -> str | None:
    """The column that tells patients apart: the mapping's id, else person_id or patient_id."""
    return table.find(table.map.id) if table.map.id else table.find("person_id") or table.find("patient_id")


def identifier(table: Table) -> str:
    """The column by which another file is joined; without one, a MissingColumn."""
    column = id_column(table)
    if column is None:
        raise MissingColumn(
            f"{table.label}: has no column 'patient_id' or 'person_id' to join events by. Name it with `id` in [cohort] of a mapping file."
        )
    return column


def count_repeats(table: Table) -> int | None:
    """How many rows are further visits of a patient; None where no column tells patients apart."""
    column = id_column(table)
    if column is None:
        return None
    rows = table.query(f"SELECT count({quoted(column)}) - count(DISTINCT {quoted(column)}) FROM {table.relation}{table.condition}")
    return int(rows.fetchone()[0])
