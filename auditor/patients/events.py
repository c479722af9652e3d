"""Events of harm: a file of patients and what happened to them, joined to the calculators' decisions and kept as counts only."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from auditor.errors import CohortError, MissingColumn, OptionError
from auditor.patients.cohort import Cohort, Request
from auditor.patients.grid import Grid
from auditor.patients.sources.files import find_files, quoted, relation, string
from auditor.patients.tally import Counted, Plan, Tally, kernel_of

PATIENT = ("patient_id", "person_id")
KIND = "event"
MOST_KINDS = 20


@dataclass(frozen=True)
class Events:
    """A file of events as SQL sees it: `patient` names the person, `kind` the kind of event; `kinds` are those that occur."""

    path: Path
    relation: str
    patient: str
    kind: str
    kinds: tuple[str, ...]

    def expressions(self, id_column: str) -> list[str]:
        """One yes or no per kind: whether the row's patient has such an event."""
        return [
            f"CAST(coalesce({_trimmed(id_column)} IN (SELECT {_trimmed(self.patient)} FROM {self.relation} "
            f"WHERE {_trimmed(self.kind)} = {string(kind)} AND {_trimmed(self.patient)} IS NOT NULL), false) AS TINYINT) AS {quoted(f'event#{i}')}"
            for i, kind in enumerate(self.kinds)
        ]


def read_events(path: str | Path) -> Events:
    """Open a CSV or Parquet file with the columns `patient_id` (or `person_id`) and `event`.

    Errors: CohortError (unreadable, or no event in it), MissingColumn, OptionError (more than 20 kinds: not kinds but texts).
    """
    files = find_files([path])
    found = relation(files)
    columns = [row[0] for row in _query(f"DESCRIBE SELECT * FROM {found}", path)]
    patient = next((c for c in columns if c.lower() in PATIENT), None)
    kind = next((c for c in columns if c.lower() == KIND), None)
    if patient is None or kind is None:
        lacking = " and ".join(w for w, c in (("'patient_id'", patient), ("'event'", kind)) if c is None)
        raise MissingColumn(f"{path}: has no column {lacking}. A file of events needs both, one row per event.")
    rows = _query(f"SELECT DISTINCT {_trimmed(kind)} AS k FROM {found} WHERE k <> '' ORDER BY k LIMIT {MOST_KINDS + 1}", path)
    if not rows:
        raise CohortError(f"{path}: holds no event.")
    if len(rows) > MOST_KINDS:
        raise OptionError(f"{path}: column '{kind}' has more than {MOST_KINDS} different entries. Sort the events into kinds first.")
    return Events(Path(path), found, patient, kind, tuple(str(row[0]) for row in rows))


def count_events(cohort: Cohort, request: Request, plans: Sequence[Plan], events: Events) -> dict[str, tuple[int, list[Counted]]]:
    """For every kind that occurs in the cohort: its patients, and what every plan counts among them (without weights)."""
    tallies: dict[str, Tally] = {}
    grid = Grid.of(cohort.rows, None)
    kernel = kernel_of(plans, grid)
    patients_with = dict.fromkeys(events.kinds, 0)
    for patients in cohort.read(replace(request, events=events)):
        for kind in events.kinds:
            some = patients[np.flatnonzero(patients.events[kind])]
            if some.n:
                patients_with[kind] += some.n
                tally = tallies.setdefault(kind, Tally(plans, plans[0].by, plans[0].several_races, grid, kernel))
                tally.add(replace(some, weights=None))
    if not tallies:
        raise CohortError(f"{events.path}: none of its patients is in the cohort. Are the identifiers written in the same way?")
    return {kind: (patients_with[kind], tallies[kind].total()) for kind in events.kinds if kind in tallies}


def _trimmed(column: str) -> str:
    return f"trim(CAST({quoted(column)} AS VARCHAR))"


def _query(sql: str, path: str | Path) -> list[Any]:
    import duckdb

    try:
        with duckdb.connect() as connection:
            return list(connection.execute(sql).fetchall())
    except duckdb.Error:
        raise CohortError(f"{path}: cannot be read as CSV or Parquet. Is it complete, and of that kind?") from None
