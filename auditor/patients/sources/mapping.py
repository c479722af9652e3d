"""Mapping: how a file's columns, units and words become the vocabulary's; read from TOML or from `input=column:unit`."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from auditor.errors import CohortError, MissingColumn
from auditor.patients.race import BIT
from calculators.inputs import Input, vocabulary

_TEXT = (str, "text in quotation marks")
_SECTION = (Mapping, "a section of its own")
TYPES: Mapping[str, tuple[Any, str]] = {
    **dict.fromkeys(
        (
            "column",
            "unit",
            "only_where",
            "name",
            "id",
            "where",
            "strata",
            "psu",
            "one_per_patient",
            "separator",
            "divided_by_distinct",
            "output",
        ),
        _TEXT,
    ),
    **dict.fromkeys(("cohort", "columns", "race", "ethnicity", "words", "truth"), _SECTION),
    **dict.fromkeys(("weights", "outcome"), ((str, Mapping), "a column's name in quotation marks, or a table with it")),
    **dict.fromkeys(("yes", "no"), ((str, int, list), "a word, or a list of words")),
    "factor": ((int, float), "a number"),
    "value": ((str, int, float), "one value"),
}


@dataclass(frozen=True, kw_only=True)
class ColumnMap:
    """Where one input comes from: the file's column, a factor into our unit, and words for categories or yes and no.

    `value` is the same for every patient and stands in place of a column (such as the region of the whole hospital).
    """

    column: str
    factor: float = 1.0
    unit: str = ""
    words: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    only_where: str = ""
    value: str | None = None
    required: bool = False


@dataclass(frozen=True, kw_only=True)
class CohortMap:
    """A whole mapping file."""

    name: str = ""
    columns: Mapping[str, ColumnMap] = field(default_factory=dict)
    race_columns: tuple[str, ...] = ()
    race_separator: str = ";"
    race_words: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    ethnicity_column: str = ""
    ethnicity_words: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    weights: str = ""
    weights_divided_by_distinct: str = ""
    strata: str = ""
    psu: str = ""
    one_per_patient: str = ""
    outcome: ColumnMap | None = None
    truth: ColumnMap | None = None
    truth_output: str = ""
    id: str = ""
    where: str = ""


def read_mapping(mapping: str | Path | Sequence[str] | CohortMap | None) -> CohortMap:
    """A TOML file, or a sequence of `input=column[:unit]` in which a `.toml` path may stand too."""
    if isinstance(mapping, CohortMap):
        return mapping
    parts = [mapping] if isinstance(mapping, str | Path) else list(mapping or ())
    read = CohortMap()
    columns: dict[str, ColumnMap] = {}
    for part in parts:
        text = str(part)
        if text.endswith(".toml"):
            read = read_toml(Path(text))
            columns = {**read.columns, **columns}
        else:
            name, equals, rest = text.partition("=")
            if not equals or not rest:
                raise MissingColumn(f"'{text}' is not a mapping. Write input=column, input=column:unit, or the path of a .toml file.")
            column, _, unit = rest.rpartition(":") if ":" in rest else (rest, "", "")
            columns[name] = replace(_column(name, {"column": column, "unit": unit} if unit else column, "--map"), required=True)
    return CohortMap(**{**vars(read), "columns": columns})


def read_toml(path: Path) -> CohortMap:
    """Read a mapping file; anything it does not know is an error that names it."""
    try:
        data = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise CohortError(f"{path}: the mapping file cannot be read ({error.strerror}).") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise CohortError(f"{path}: is not TOML ({error}).") from None
    where = str(path)
    _only(data, {"cohort", "columns", "race", "ethnicity"}, where)
    cohort, race, ethnicity = data.get("cohort", {}), data.get("race", {}), data.get("ethnicity", {})
    _only(cohort, {"name", "weights", "strata", "psu", "outcome", "truth", "id", "one_per_patient", "where"}, f"{where} [cohort]")
    _only({k: v for k, v in race.items() if k != "columns"}, {"column", "separator", "words"}, f"{where} [race]")
    _only(ethnicity, {"column", "words"}, f"{where} [ethnicity]")
    weights = cohort.get("weights", "")
    divided = ""
    if isinstance(weights, dict):
        _only(weights, {"column", "divided_by_distinct"}, f"{where} weights", "column")
        divided = weights.get("divided_by_distinct", "")
        weights = weights["column"]
    outcome, truth = cohort.get("outcome"), cohort.get("truth")
    if truth is not None:
        _only(truth, {"column", "output", "factor", "only_where"}, f"{where} truth", "column", "output")
    return CohortMap(
        name=cohort.get("name", ""),
        columns={name: _column(name, entry, where) for name, entry in data.get("columns", {}).items()},
        race_columns=_words(race["columns"]) if "columns" in race else _words(race["column"]) if "column" in race else (),
        race_separator=race.get("separator", ";"),
        race_words=_race_words(race.get("words", {}), f"{where} [race.words]"),
        ethnicity_column=ethnicity.get("column", ""),
        ethnicity_words=_race_words(ethnicity.get("words", {}), f"{where} [ethnicity.words]"),
        weights=weights,
        weights_divided_by_distinct=divided,
        strata=cohort.get("strata", ""),
        psu=cohort.get("psu", ""),
        one_per_patient=cohort.get("one_per_patient", ""),
        outcome=_yes_no({"column": outcome} if isinstance(outcome, str) else outcome, f"{where} outcome") if outcome else None,
        truth=ColumnMap(**{k: v for k, v in truth.items() if k != "output"}) if truth else None,
        truth_output=truth["output"] if truth else "",
        id=cohort.get("id", ""),
        where=cohort.get("where", ""),
    )


def _only(table: Any, known: set[str], where: str, *needed: str) -> None:
    """Refuse what is no table, holds an unknown or wrongly typed key, or lacks a needed one."""
    if not isinstance(table, Mapping):
        raise CohortError(f'{where}: write a table such as {{ column = "..." }}.')
    for key, value in table.items():
        if key not in known:
            raise CohortError(f"{where}: '{key}' is not known here; it may hold {', '.join(sorted(known))}.")
        kind, says = TYPES.get(key, (object, ""))
        if not isinstance(value, kind):
            raise CohortError(f"{where}: '{key}' is {says}.")
    for key in needed:
        if key not in table:
            raise CohortError(f"{where}: '{key}' is missing.")


def _words(given: Any) -> tuple[str, ...]:
    return tuple(map(str, given)) if isinstance(given, list) else (str(given),)


def _race_words(words: Mapping[str, Any], where: str) -> dict[str, tuple[str, ...]]:
    read = {}
    for word, means in words.items():
        names = _words(means)
        for name in names:
            if name not in BIT:
                raise CohortError(f"{where}: '{name}' is no category or detail of recorded race; they are {', '.join(BIT)}.")
        read[word.strip().lower()] = names
    return read


def _yes_no(entry: Mapping[str, Any], where: str) -> ColumnMap:
    _only(entry, {"column", "yes", "no", "only_where"}, where, "column")
    words = {"1": _words(entry["yes"]), "0": _words(entry.get("no", []))} if "yes" in entry else {}
    return ColumnMap(column=entry["column"], words=words, only_where=entry.get("only_where", ""))


def _column(name: str, entry: str | Mapping[str, Any], where: str) -> ColumnMap:
    quantity = vocabulary().get(name)
    if quantity is None:
        from difflib import get_close_matches

        near = get_close_matches(name, list(vocabulary()), n=3, cutoff=0.5)
        hint = f" Did you mean {', '.join(near)}?" if near else ""
        raise MissingColumn(f"{where}: '{name}' is not the name of an input.{hint} `auditor list --inputs` shows all.")
    if isinstance(entry, str):
        return ColumnMap(column=entry, unit=quantity.unit)
    _only(entry, {"column", "unit", "factor", "words", "yes", "no", "value", "only_where"}, f"{where}: {name}")
    if "value" in entry:
        _only(entry, {"value"}, f"{where}: {name}")
        return ColumnMap(column=f"always {entry['value']}", unit=quantity.unit, value=_constant(quantity, str(entry["value"]), where))
    if quantity.kind == "boolean":
        return _yes_no(entry, f"{where}: {name}")
    if quantity.kind == "category":
        _only(entry, {"column", "words", "only_where"}, f"{where}: {name}", "column")
        words = {word: _words(given) for word, given in entry.get("words", {}).items()}
        for word in words:
            if word not in quantity.categories:
                raise MissingColumn(f"{where}: '{word}' is no category of {name}; they are {', '.join(quantity.categories)}.")
        return ColumnMap(column=entry["column"], words=words, only_where=entry.get("only_where", ""))
    _only(entry, {"column", "unit", "factor", "only_where"}, f"{where}: {name}", "column")
    factor = entry.get("factor", _factor(quantity, entry.get("unit", quantity.unit), where))
    return ColumnMap(
        column=entry["column"], factor=float(factor), unit=entry.get("unit", quantity.unit), only_where=entry.get("only_where", "")
    )


def _constant(quantity: Input, text: str, where: str) -> str:
    if quantity.kind == "category" and text in quantity.categories:
        return str(quantity.categories.index(text))
    try:
        return repr(float(text)) if quantity.kind != "category" else _no_constant(quantity, where)
    except ValueError:
        return _no_constant(quantity, where)


def _no_constant(quantity: Input, where: str) -> str:
    raise MissingColumn(
        f"{where}: the value given for {quantity.name} is not one it can have ({', '.join(quantity.categories) or quantity.unit})."
    )


def _factor(quantity: Input, unit: str, where: str) -> float:
    factor = quantity.factor(unit)
    if factor is None:
        known = ", ".join((quantity.unit, *quantity.other_units))
        raise MissingColumn(f"{where}: {quantity.name} cannot be read in '{unit}'; units known for it: {known}. Or give a factor.")
    return factor
