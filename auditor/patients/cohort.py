"""Cohort: patients of one hospital or study, readable in chunks of cleaned columns."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from auditor.counts.survey import PSU, STRATUM
from auditor.errors import OptionError
from auditor.patients.quality import Quality
from auditor.patients.race import RecordedRace
from calculators.coded import Coded
from calculators.declare import Calculator
from calculators.evaluate import Column

if TYPE_CHECKING:
    from auditor.patients.events import Events

FETCHED_AT_ONCE = 8
AGE_BANDS = ("under 18", "18-39", "40-64", "65-74", "75 and over")


@dataclass(frozen=True, eq=False)
class Patients:
    """One chunk of a cohort: as many rows in every column; `outcome` is 1, 0 or -1 (unknown).

    `setting` is where all of them were seen, if the cohort tells its settings apart; `events` says for every kind of event
    that was asked for who had one; `measured` holds for every output that was measured its values (NaN: unknown).
    """

    n: int
    columns: Mapping[str, Column]
    race: RecordedRace
    race_group: Coded | None
    groups: Mapping[str, Coded]
    outcome: NDArray[np.int8]
    weights: NDArray[np.float64] | None
    quality: Quality
    setting: str = ""
    events: Mapping[str, NDArray[np.bool_]] = field(default_factory=dict)
    measured: Mapping[str, NDArray[np.float64]] = field(default_factory=dict)

    def none(self) -> Patients:
        """The same columns without a patient."""
        return self[np.empty(0, dtype=np.intp)]

    def __getitem__(self, rows: NDArray[np.intp]) -> Patients:
        """These rows, in this order; the quality stays that of the whole chunk."""
        return replace(
            self,
            n=len(rows),
            columns={name: _taken(column, rows) for name, column in self.columns.items()},
            race=self.race[rows],
            race_group=None if self.race_group is None else self.race_group[rows],
            groups={name: group[rows] for name, group in self.groups.items()},
            outcome=self.outcome[rows],
            weights=None if self.weights is None else self.weights[rows],
            events={kind: had[rows] for kind, had in self.events.items()},
            measured={output: values[rows] for output, values in self.measured.items()},
        )


def _taken(column: Column, rows: NDArray[np.intp]) -> Column:
    """Rows of a column, in any order.

    Where they are many, all numbers are read once before in their own order: processors fetch those that follow each other ahead of
    time, and wait for each that lies elsewhere.
    """
    if isinstance(column, np.ndarray) and len(rows) > len(column) // FETCHED_AT_ONCE:
        column[::FETCHED_AT_ONCE].max()
    return column[rows]


@dataclass(frozen=True)
class Request:
    """What an audit reads of a cohort: inputs, attributes, where outcome, weights and survey design are, and events of harm.

    `measured` names outputs with the column of their measured values.
    """

    inputs: tuple[str, ...]
    by: tuple[str, ...] = ()
    outcome: str = ""
    weights: str = ""
    strata: str = ""
    psu: str = ""
    events: Events | None = None
    measured: tuple[tuple[str, str], ...] = ()

    @property
    def design(self) -> dict[str, str]:
        """The keys of the survey design with their columns; none without sampling units."""
        return {key: column for key, column in ((STRATUM, self.strata), (PSU, self.psu)) if column and self.psu}


@dataclass(frozen=True, eq=False)
class Cohort:
    """A readable cohort. `offers` maps each input it has to the file's column and unit; `read` yields its chunks.

    A cohort of several settings says which one a calculator is audited on (`setting_of`; "" is all patients) and which of
    the calculator's inputs are illustrative there. `digests` lists (name, SHA-256, rows) per file. `levels` gives the
    levels of an attribute to group by, `largest` the largest weight of a column, `units` the strata or sampling units of one.
    `parts` are pieces (of so many rows at most) that `read_part` reads alone; `reopen` (which can be pickled) opens the cohort in another process;
    `engine` counts it elsewhere than on this machine (Spark).
    """

    name: str
    source: str
    offers: Mapping[str, tuple[str, str]]
    rows: int
    read: Callable[[Request], Iterator[Patients]]
    levels: Callable[[str], tuple[str, ...]]
    digests: Callable[[], tuple[tuple[str, str, int], ...]]
    synthetic: bool = False
    has_race: bool = True
    asked_apart: bool = False
    has_race_group: bool = False
    outcome: str = ""
    measured: tuple[tuple[str, str], ...] = ()
    weights: str = ""
    largest: Callable[[str], float | None] = lambda column: None
    parts: Callable[..., Sequence[Any]] = lambda rows=None: ()
    read_part: Callable[[Request, Any], Iterator[Patients]] = lambda request, part: iter(())
    reopen: Callable[[], Cohort] | None = None
    strata: str = ""
    psu: str = ""
    units: Callable[[str], tuple[str, ...]] = lambda column: ()
    engine: Callable[[Request, Any, Any], tuple[Any, Any, Quality]] | None = None
    duplicate_ids: Callable[[], int | None] = lambda: None
    setting_of: Callable[[Calculator], str] = lambda calculator: ""
    setting_meaning: Callable[[str], str] = lambda setting: ""
    illustrative: Callable[[Calculator], tuple[str, ...]] = lambda calculator: ()
    notes: tuple[str, ...] = field(default_factory=tuple)


def age_band(age: NDArray[np.float64]) -> Coded:
    """Ages in five bands; a missing age is missing."""
    codes = np.searchsorted(np.array([18.0, 40.0, 65.0, 75.0]), age, side="right").astype(np.int8)
    codes[np.isnan(age)] = -1
    return Coded(AGE_BANDS, codes)


def stated(column: Coded, missing: str = "Unknown") -> Coded:
    """The column with a level of its own for patients in whom it is not recorded."""
    words = column.words if missing in column.words else (*column.words, missing)
    return Coded(words, np.where(column.codes < 0, words.index(missing), column.codes).astype(np.int8))


def read_cohort(source: Any = None, *, mapping: Any = None, one_per_patient: str = "", **options: Any) -> Cohort:
    """A cohort from CSV or Parquet files (a path, a pattern or a list), a data frame, or, without a source, the embedded one.

    `mapping` is a TOML file or a sequence of "input=column" or "input=column:unit"; `one_per_patient` ("first" or "last") keeps
    one row of each patient, in the file's order. Errors are CohortError (unreadable)
    and MissingColumn (a column or unit that is not there).
    """
    if source is None:
        from auditor.patients.sources.embedded import embedded_cohort

        return embedded_cohort()
    if type(source).__module__.startswith("pyspark."):
        from auditor.patients.engines.spark import spark_cohort

        if one_per_patient:
            raise OptionError("A Spark data frame is counted in batches; keep one row of each patient before the audit.")
        return spark_cohort(source, mapping, **options)
    from auditor.patients.sources.tables import read_table

    return read_table(source, mapping=mapping, one_per_patient=one_per_patient, **options)
