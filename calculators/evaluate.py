"""Calculator and patients' columns in, scores out: missing in, missing out, and never a number for an impossible input."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from calculators.coded import MISSING, Coded
from calculators.declare import UNDEFINED, Calculator, Removal
from calculators.errors import MissingInput, UnknownGroup
from calculators.inputs import Input, get_input
from calculators.recorded import Recorded

Column = NDArray[np.float64] | Coded
Scores = dict[str, NDArray[Any]]


def with_race(calculator: Calculator, patients: Mapping[str, Any]) -> Scores:
    """Scores with each patient's own row; a calculator without a race term gives the same in every arm."""
    columns = read_columns(calculator, patients)
    if calculator.race is None:
        return score(calculator, columns)
    if "race_group" not in patients:
        raise MissingInput(f"{calculator.id} with race needs the column 'race_group' ({', '.join(calculator.race.labels)}).")
    return score_rows(calculator, columns, rows_of(calculator, patients["race_group"]))


def without_race(calculator: Calculator, patients: Mapping[str, Any]) -> Scores:
    """Scores with everyone in the removed row."""
    columns = read_columns(calculator, patients)
    return score(calculator, columns, calculator.race.removed if calculator.race else None)


def as_if(calculator: Calculator, patients: Mapping[str, Any], group: str) -> Scores:
    """Scores with everyone in the row of `group`."""
    if calculator.race is None or group not in calculator.race.groups:
        known = ", ".join(calculator.race.labels) if calculator.race else "none: it has no race term"
        raise UnknownGroup(f"{calculator.id} has no group '{group}' (groups: {known}).")
    return score(calculator, read_columns(calculator, patients), group)


def removed_otherwise(calculator: Calculator, columns: Mapping[str, Column], removal: Removal) -> Scores:
    """Scores under another declared removal: one row for everyone, or a mean of the rows' outputs."""
    if removal.row:
        return score(calculator, columns, removal.row)
    parts = [(weight, score(calculator, columns, row)) for row, weight in removal.weights.items()]
    mixed: Scores = {}
    for output in calculator.outputs:
        if output.kind == "number":
            mixed[output.name] = np.asarray(sum(weight * scores[output.name] for weight, scores in parts))
    return mixed


def rows_of(calculator: Calculator, race_group: Any) -> NDArray[np.int8]:
    """The row index of each patient's label; blank is the unlisted row, or -1 where the original defines none."""
    race = calculator.race
    assert race is not None
    if isinstance(race_group, Coded):
        table = np.array([race.index(w) if w in race.labels else -2 for w in race_group.words] + [MISSING], dtype=np.int8)
        rows = table[race_group.codes]
        if (rows == -2).any():
            raise UnknownGroup(_unknown_group(calculator, int((rows == -2).sum())))
    else:
        try:
            rows = Coded.from_words(race_group, race.labels).codes.copy()
        except ValueError:
            unknown = sum(1 for label in race_group if label and str(label) not in race.labels)
            raise UnknownGroup(_unknown_group(calculator, unknown)) from None
    if race.unlisted != UNDEFINED:
        rows[rows == MISSING] = race.index(race.unlisted)
    return rows


def _unknown_group(calculator: Calculator, count: int) -> str:
    assert calculator.race is not None
    return (
        f"{calculator.id}: {count} patients have a race_group that is none of its labels ({', '.join(calculator.race.labels)}, or blank)."
    )


def read_columns(calculator: Calculator, patients: Mapping[str, Any]) -> dict[str, Column]:
    """The calculator's columns as float64 arrays and Coded; values outside the plausible range become missing.

    A missing required column is a MissingInput; an absent optional column is all missing.
    """
    absent = [name for name in calculator.inputs if name not in patients]
    if absent:
        raise MissingInput(f"{calculator.id} needs the columns {', '.join(absent)}.")
    length = max(
        (np.size(patients[name]) if not isinstance(patients[name], Coded) else len(patients[name]) for name in calculator.inputs), default=0
    )
    return {name: read_column(name, patients.get(name), length) for name in (*calculator.inputs, *calculator.optional_inputs)}


def read_column(name: str, values: Any, length: int) -> Column:
    """One column in the vocabulary's terms; None gives `length` missing values."""
    quantity = get_input(name)
    if quantity.kind == "category":
        if values is None:
            return Coded(quantity.categories, np.full(length, MISSING, np.int8))
        if isinstance(values, Coded) and values.words == quantity.categories:
            return values
        return Coded.from_words(values.to_words() if isinstance(values, Coded) else np.atleast_1d(values), quantity.categories)
    if values is None:
        return np.full(length, np.nan)
    if isinstance(values, Recorded):
        return np.where(_possible(quantity, values), values, np.nan)
    column = np.atleast_1d(np.asarray(values, dtype=np.float64))
    possible = _possible(quantity, column)
    return column if possible.all() else np.where(possible, column, np.nan)


def _possible(quantity: Input, column: Any) -> Any:
    possible = np.isfinite(column)
    with np.errstate(invalid="ignore"):
        if quantity.plausible:
            possible = possible & (column >= quantity.plausible[0]) & (column <= quantity.plausible[1])
        if quantity.kind == "boolean":
            possible = possible & ((column == 0) | (column == 1))
    return possible


def score_rows(calculator: Calculator, columns: Mapping[str, Column], rows: NDArray[np.int8]) -> Scores:
    """Scores with each patient's own row of the race term: the formula runs once per row, on that row's patients."""
    assert calculator.race is not None
    scores = _empty(calculator, len(rows))
    for index, label in enumerate(calculator.race.labels):
        chosen = np.flatnonzero(rows == index)
        if len(chosen):
            part = score(calculator, {name: column[chosen] for name, column in columns.items()}, label)
            for name, values in part.items():
                scores[name][chosen] = values
    return scores


def score(calculator: Calculator, columns: Mapping[str, Column], row: str | None = None) -> Scores:
    """The formula on these patients with one row's numbers; unknown, out-of-range or non-finite gives missing."""
    with np.errstate(all="ignore"):
        result = results(calculator, columns, row)
        usable = scorable(calculator, columns)
        scores: Scores = {}
        for output in calculator.outputs:
            values = result[output.name]
            if output.kind == "category":
                scores[output.name] = np.where(usable, values, "").astype(object)
            else:
                scores[output.name] = np.where(usable & np.isfinite(values), values, np.nan)
    return scores


def results(calculator: Calculator, columns: Mapping[str, Column], row: str | None = None) -> Mapping[str, Any]:
    """What the formula gives by output, for patients who can be scored and others alike."""
    numbers = dict(calculator.constants)
    if calculator.race is not None:
        numbers |= calculator.race.groups[row if row is not None else calculator.race.removed]
    found = calculator.formula(*(columns[name] for name in (*calculator.inputs, *calculator.optional_inputs)), **numbers)
    return found if isinstance(found, Mapping) else {calculator.outputs[0].name: found}


def scorable(calculator: Calculator, columns: Mapping[str, Column]) -> NDArray[np.bool_]:
    """Which patients have every required input, inside the range in which the original gives a score."""
    usable: Any = True
    for name in (*calculator.inputs, *calculator.optional_inputs):
        column = columns[name]
        required = name in calculator.inputs
        if isinstance(column, Coded):
            usable = usable & column.known if required else usable
            continue
        low, high = calculator.valid.get(name, (None, None))
        with np.errstate(invalid="ignore"):
            if required:
                usable = usable & ~np.isnan(column)
            if low is not None:
                usable = usable & ~(column < low)
            if high is not None:
                usable = usable & ~(column > high)
    return np.ones(len(columns[calculator.optional_inputs[0]]), dtype=bool) if usable is True else usable


def _empty(calculator: Calculator, length: int) -> Scores:
    return {o.name: np.full(length, "", dtype=object) if o.kind == "category" else np.full(length, np.nan) for o in calculator.outputs}
