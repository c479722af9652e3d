"""Patients from columns in memory that are as clean as the vocabulary writes them: floats with NaN, booleans as 0 or 1, and words."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from auditor.patients.cohort import Patients, Request
from auditor.patients.race import known_words
from auditor.patients.sources.mapping import ColumnMap
from auditor.patients.sources.tables import blank_words, patients_of, spellings, wanted_inputs, word_bits
from auditor.patients.sources.visits import MISSING_WORDS, place_in_design
from calculators.inputs import Input, vocabulary

Columns = Mapping[str, NDArray[Any]]


def offered(columns: Columns) -> tuple[str, ...]:
    """The inputs among the columns, in the vocabulary's order."""
    return tuple(name for name in vocabulary() if name in columns)


def read_columns(columns: Columns, request: Request) -> Patients:
    """All patients in one chunk, the same as `read_table` reads from a frame of these columns.

    The request may group by race, ethnicity, age band and inputs; outcome and weights are columns of numbers; no survey design, events or
    measured values.
    """
    inputs, derived = wanted_inputs(request, offered(columns))
    raw = {name: _codes(quantity, columns[name]) if quantity.kind == "category" else columns[name] for name, quantity in inputs.items()}
    known = known_words()
    raw["race#0"] = _by_word(columns["race"], lambda word: word_bits(word, {}, known, ";"), np.int64)
    raw["race?0"] = _by_word(columns["race"], lambda word: word.strip().lower() in MISSING_WORDS, np.int8)
    if request.outcome:
        outcome = columns[request.outcome]
        raw["outcome#"] = np.where(outcome == 1, 1, np.where(outcome == 0, 0, -1))
    if request.weights:
        raw["weight#"] = np.nan_to_num(columns[request.weights])
    return place_in_design(patients_of(len(columns["race"]), raw, request, inputs, derived), raw, {})


def _codes(quantity: Input, values: NDArray[Any]) -> NDArray[np.int8]:
    """The position of each word among the categories; -1 where nothing stands, -2 for other words."""
    meaning = dict.fromkeys(blank_words(quantity), -1)
    for code, words in enumerate(spellings(quantity, ColumnMap(column=quantity.name))):
        meaning |= dict.fromkeys(words, code)
    return _by_word(values, lambda word: meaning.get(word.strip().lower(), -2), np.int8)


def _by_word(values: NDArray[Any], meaning: Callable[[str], int], dtype: type) -> NDArray[Any]:
    """What each word means, found once for every different word."""
    words = list(map(str, values.tolist()))
    means = {word: meaning(word) for word in set(words)}
    return np.array([means[word] for word in words], dtype=dtype)
