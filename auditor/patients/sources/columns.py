"""Patients from columns in memory that are as clean as the vocabulary writes them: floats with NaN, booleans as 0 or 1, and words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from auditor.patients.cohort import Patients, Request
from auditor.patients.sources.files import trimmed
from auditor.patients.sources.mapping import ColumnMap
from auditor.patients.sources.reads import ByWord, Direct, Number, OneOrZero, evaluated
from auditor.patients.sources.tables import UNREADABLE, category_codes, patients_of, race_reads, wanted_inputs
from auditor.patients.sources.visits import place_in_design
from calculators.coded import MISSING
from calculators.inputs import vocabulary

Columns = Mapping[str, NDArray[Any]]


class MemoryColumns:
    """Columns of numbers and of words as `Read` looks at them."""

    def __init__(self, columns: Columns, rows: int) -> None:
        self._columns = columns
        self.rows = rows
        self._words: dict[str, tuple[list[str], NDArray[np.integer]]] = {}

    def numbers(self, column: str) -> NDArray[np.float64]:
        """The numbers of a column."""
        return self._columns[column]

    def words(self, column: str) -> tuple[list[str], NDArray[np.integer]]:
        """Every different word once, and which of them stands in each row."""
        if column not in self._words:
            words = list(map(str, self._columns[column].tolist()))
            places = {word: place for place, word in enumerate(dict.fromkeys(words))}
            self._words[column] = list(places), np.array([places[word] for word in words], dtype=np.int32)
        return self._words[column]


def offered(columns: Columns) -> tuple[str, ...]:
    """The inputs among the columns, in the vocabulary's order."""
    return tuple(name for name in vocabulary() if name in columns)


def read_columns(columns: Columns, request: Request) -> Patients:
    """All patients in one chunk, the same as `read_table` reads from a frame of these columns.

    The request may group by race, ethnicity, age band and inputs; outcome and weights are columns of numbers; no survey design, events or
    measured values.
    """
    inputs, derived = wanted_inputs(request, offered(columns))
    reads: list[Direct] = [
        ByWord(name, name, category_codes(quantity, ColumnMap(column=name)), MISSING, UNREADABLE, lower=True)
        if quantity.kind == "category"
        else Number(name, name)
        for name, quantity in inputs.items()
    ]
    memory = MemoryColumns(columns, len(columns["race"]))
    reads += race_reads(0, "race", map(trimmed, memory.words("race")[0]), {}, ";")
    reads += [OneOrZero("outcome#", request.outcome)] if request.outcome else []
    reads += [Number("weight#", request.weights)] if request.weights else []
    raw = evaluated(reads, memory)
    return place_in_design(patients_of(memory.rows, raw, request, inputs, derived), raw, {})
