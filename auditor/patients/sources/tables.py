"""Cohorts from CSV and Parquet files and data frames of any size, read in chunks by DuckDB."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Collection, Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import reduce
from pathlib import Path
from types import MappingProxyType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from auditor.errors import CohortError
from auditor.patients.cohort import AGE_BANDS, Cohort, Patients, Request, age_band, stated
from auditor.patients.derive import Derivation, derivable
from auditor.patients.quality import ColumnQuality, Quality, check_number
from auditor.patients.race import ETHNICITIES, LEVELS, RecordedRace, bits_of, known_words
from auditor.patients.sources.arrow import ArrowTable
from auditor.patients.sources.files import Rows, Table, find_files, quoted, refuse_doubles, relation
from auditor.patients.sources.mapping import CohortMap, ColumnMap, read_mapping
from auditor.patients.sources.parquet import ParquetFiles
from auditor.patients.sources.reads import ByWord, Constant, Direct, Expressions, Number, OneOrZero, Raw, Read, TextNumber, Word, meaning
from auditor.patients.sources.visits import MISSING_WORDS, count_repeats, identifier, one_visit_each, place_in_design, units_of
from calculators.coded import MISSING, Coded
from calculators.evaluate import Column
from calculators.inputs import Input, vocabulary

ROWS_PER_PART = 8 * 131_072
MOST_LEVELS = 60
UNREADABLE = -2
MOST_RACE_WORDS = 500
YES_WORDS = ("1", "1.0", "true", "t", "yes", "y")
NO_WORDS = ("0", "0.0", "false", "f", "no", "n")
SEX_WORDS = {"female": ("f", "female", "woman"), "male": ("m", "male", "man")}
NUMBER_TYPES = {u + i for i in ("TINYINT", "SMALLINT", "INTEGER", "BIGINT", "HUGEINT") for u in ("", "U")} | {
    "FLOAT",
    "DOUBLE",
    "DECIMAL",
    "BOOLEAN",
}
DECIMAL_COMMA = re.compile(r"[-+]?\d{1,3}(\.\d{3})*,\d+", re.ASCII)


@dataclass(frozen=True)
class Reopen:
    """How another process opens the same cohort again."""

    files: tuple[str, ...]
    map: CohortMap

    def __call__(self) -> Cohort:
        return read_table(list(self.files), mapping=self.map)


def read_table(
    source: Any, *, mapping: Any = None, name: str = "", outcome: str = "", weights: str = "", one_per_patient: str = ""
) -> Cohort:
    """A Cohort over CSV or Parquet files (path, pattern, list) or a data frame; see `read_cohort`."""
    cohort_map = read_mapping(mapping)
    if isinstance(source, str | Path) or (isinstance(source, Sequence) and all(isinstance(s, str | Path) for s in source)):
        files = find_files([source] if isinstance(source, str | Path) else list(source))
        found = relation(files)
        direct = found.startswith("read_parquet") and not cohort_map.where
        table = Table(found, files, cohort_map, arrow=ParquetFiles.find(files) if direct else None)
        label = name or cohort_map.name or files[0].stem
    else:
        files = ()
        frame = _as_frame(source)
        table = Table("frame", files, cohort_map, frame, None if cohort_map.where else ArrowTable.find(frame))
        label = name or cohort_map.name or "data frame"
    if not table.types:
        raise CohortError(f"{table.label}: has no columns.")
    visits = one_per_patient or cohort_map.one_per_patient
    cohort_map = replace(cohort_map, one_per_patient=visits)
    if visits:
        table = one_visit_each(table, visits)
    offers = {key: (column.column, column.unit) for key, column in _offered(table).items()}
    race = _race_columns(table)
    readings = Readings(table)
    return Cohort(
        name=label,
        source=", ".join(f.name for f in table.files) or "data frame",
        offers=offers,
        rows=table.rows,
        read=readings.read,
        levels=lambda attribute: _levels(table, attribute),
        digests=lambda: _digests(table),
        has_race=bool(race),
        asked_apart=_ethnicity_column(table) is not None,
        has_race_group=table.find("race_group") is not None,
        outcome=outcome or (cohort_map.outcome.column if cohort_map.outcome else ""),
        measured=((cohort_map.truth_output, cohort_map.truth.column),) if cohort_map.truth else (),
        weights=weights or cohort_map.weights,
        largest=lambda column: _largest(table, column),
        parts=lambda rows=None: _parts(table, rows or ROWS_PER_PART),
        read_part=readings.read,
        reopen=Reopen(tuple(map(str, files)), cohort_map) if files else None,
        strata=cohort_map.strata,
        psu=cohort_map.psu,
        units=lambda column: units_of(table, column),
        duplicate_ids=lambda: count_repeats(table),
        notes=(f"Of every patient the {visits} row of the file was kept; rows without an identifier count as patients.",) if visits else (),
    )


def _as_frame(source: Any) -> Any:
    import narwhals as nw
    from narwhals.exceptions import DuplicateError

    try:
        frame = nw.from_native(source)
    except DuplicateError:
        raise CohortError("data frame: has a column more than once. Rename or remove the copies.") from None
    except TypeError:
        raise CohortError(f"A cohort is a path, a list of paths or a data frame, not {type(source).__name__}.") from None
    if isinstance(frame, nw.LazyFrame):
        frame = frame.collect()
    refuse_doubles([str(c) for c in frame.columns], "data frame")
    return nw.to_native(frame)


def _offered(table: Table) -> dict[str, ColumnMap]:
    """For every input that the files have, mapped or by its own name, where it is."""
    offered: dict[str, ColumnMap] = {}
    for name, quantity in vocabulary().items():
        entry = table.map.columns.get(name)
        if entry is not None and entry.value is not None:
            offered[name] = entry
            continue
        if entry is not None:
            found = table.need(entry.column, f"mapped to {name}") if entry.required else table.find(entry.column)
        else:
            entry = ColumnMap(column=name, unit=quantity.unit)
            found = table.find(name)
        if found is not None:
            offered[name] = ColumnMap(**{**vars(entry), "column": found})
    return offered


def _read_of(table: Table, quantity: Input, entry: ColumnMap) -> Read:
    """How one input is read: its value or code as `name`, and for numbers in a column of text the words that are none as `name?`."""
    name = quantity.name
    if entry.value is not None:
        return Constant(name, entry.value, "TINYINT" if quantity.kind == "category" else "DOUBLE")
    text = table.types[entry.column].partition("(")[0] not in NUMBER_TYPES
    only_where = table.need(entry.only_where, f"only_where of {name}") if entry.only_where else ""
    if quantity.kind == "number" or (quantity.kind == "boolean" and not text and not entry.words):
        return (TextNumber if text else Number)(name, entry.column, entry.factor, only_where)
    return ByWord(name, entry.column, category_codes(quantity, entry), MISSING, UNREADABLE, lower=True, only_where=only_where)


def category_codes(quantity: Input, entry: ColumnMap) -> dict[str, int]:
    """What lower-case words mean for an input in words: the position of a category, no or yes, or that nothing is known."""
    return meaning([(MISSING, blank_words(quantity)), *enumerate(spellings(quantity, entry))])


def blank_words(quantity: Input) -> tuple[str, ...]:
    """The lower-case words that mean missing, unless they are one of the input's categories."""
    return tuple(w for w in MISSING_WORDS if w not in {c.lower() for c in quantity.categories})


def spellings(quantity: Input, entry: ColumnMap) -> list[tuple[str, ...]]:
    """For each code, the lower-case words that mean it."""
    if quantity.kind == "boolean":
        if entry.words:
            return [tuple(w.strip().lower() for w in entry.words.get(word, ())) for word in ("0", "1")]
        return [NO_WORDS, YES_WORDS]
    if entry.words:
        return [tuple(w.strip().lower() for w in entry.words.get(word, ())) for word in quantity.categories]
    if quantity.name == "sex":
        return [SEX_WORDS[word] for word in quantity.categories]
    return [(word.lower(), f"{word}.0") if word.isdigit() else (word.lower(),) for word in quantity.categories]


def _race_columns(table: Table) -> tuple[str, ...]:
    if table.map.race_columns:
        return tuple(table.need(c, "[race] column") for c in table.map.race_columns)
    found = table.find("race") or table.find("recorded_race") or table.find("race_and_ethnicity")
    return (found,) if found else ()


def _ethnicity_column(table: Table) -> str | None:
    if table.map.ethnicity_column:
        return table.need(table.map.ethnicity_column, "[ethnicity] column")
    return table.find("ethnicity")


def _race_reads(table: Table) -> tuple[list[Read], bool]:
    """Recorded race, and whether nothing stands there, for each column of the file; words are learnt once."""
    columns = [(c, table.map.race_words) for c in _race_columns(table)]
    ethnicity = _ethnicity_column(table)
    if ethnicity:
        columns.append((ethnicity, table.map.ethnicity_words))
    reads: list[Read] = []
    for i, (column, own) in enumerate(columns):
        words = table.distinct(column, MOST_RACE_WORDS, "recorded race")
        reads += race_reads(i, column, words, own, table.map.race_separator)
    return reads, ethnicity is not None


def race_reads(i: int, column: str, words: Iterable[str], own: Mapping[str, tuple[str, ...]], separator: str) -> list[Direct]:
    """The bits that the words of a column mean as `race#i`, and whether nothing stands there as `race?i`."""
    known = known_words()
    bits = {word: word_bits(word, own, known, separator) for word in words}
    return [
        ByWord(f"race#{i}", column, {word: bit for word, bit in bits.items() if bit}, 0, 0, type="BIGINT"),
        ByWord(f"race?{i}", column, dict.fromkeys(MISSING_WORDS, 1), 1, 0, lower=True),
    ]


def word_bits(word: str, own: Mapping[str, tuple[str, ...]], known: Mapping[str, int], separator: str) -> int:
    """The bits of one recorded entry: the mapping's words first, then known words, then each part at the separator; 0 if none."""
    text = word.strip().lower()
    if text in own:
        return bits_of(own[text])
    if text in known:
        return known[text]
    parts = [p.strip() for p in text.replace("|", separator).split(separator) if p.strip()]
    if len(parts) < 2:
        return 0
    bits = [word_bits(part, own, known, separator) for part in parts]
    return int(np.bitwise_or.reduce(bits)) if all(bits) else 0


def declared_levels(attribute: str, offered: Container[str]) -> tuple[str, ...] | None:
    """The levels of recorded race, ethnicity, age, or an input in words, which no file needs to be read for; None for others."""
    if attribute == "race":
        return LEVELS
    if attribute == "ethnicity":
        return ETHNICITIES
    if attribute == "age_band":
        return (*AGE_BANDS, "Unknown")
    quantity = vocabulary().get(attribute)
    if quantity is not None and attribute in offered and quantity.kind != "number":
        return (*(quantity.categories or ("no", "yes")), "Unknown")
    return None


def _levels(table: Table, attribute: str) -> tuple[str, ...]:
    """The levels of an attribute to group by; an unknown one is a MissingColumn."""
    declared = declared_levels(attribute, _offered(table))
    if declared is not None:
        return declared
    column = table.need(attribute, "--by")
    words = [w for w in table.distinct(column, MOST_LEVELS, "--by") if w.lower() not in MISSING_WORDS]
    return (*words, "Unknown") if "Unknown" not in words else tuple(words)


def _parts(table: Table, at_most: int) -> tuple[Rows, ...]:
    """Parquet files in pieces of so many rows, which can be read alone; none for other sources."""
    if not table.relation.startswith("read_parquet") or {"filename", "file_row_number"} & {name.lower() for name in table.types}:
        return ()
    return tuple(Rows(name, start, min(start + at_most, rows)) for name, rows in table.rows_of_files() for start in range(0, rows, at_most))


def wanted_inputs(request: Request, offered: Collection[str]) -> tuple[dict[str, Input], dict[str, Derivation]]:
    """The inputs to read for a request, and the derivations of those that the cohort lacks."""
    derived = derivable(set(offered))
    wanted = set(request.inputs) | ({"age"} if "age_band" in request.by else set()) | {b for b in request.by if b in offered}
    wanted |= {part for name in wanted & set(derived) for part in derived[name].needs}
    return {name: vocabulary()[name] for name in offered if name in wanted}, derived


@dataclass(frozen=True)
class Reading:
    """What is read of a table for one request, and what its chunks are made patients with."""

    request: Request
    reads: tuple[Read, ...]
    inputs: Mapping[str, Input]
    derived: Mapping[str, Derivation]
    asked_apart: bool
    group_words: tuple[str, ...]
    own_levels: Mapping[str, tuple[str, ...]]
    units: Mapping[str, tuple[str, ...]]

    @classmethod
    def of(cls, table: Table, request: Request) -> Reading:
        """The reading of a table; what it lacks is a MissingColumn."""
        offered = _offered(table)
        inputs, derived = wanted_inputs(request, offered)
        reads = [_read_of(table, quantity, offered[name]) for name, quantity in inputs.items()]
        race, asked_apart = _race_reads(table)
        reads += race
        own_columns = {a: table.need(a, "--by") for a in request.by if a not in ("race", "ethnicity", "age_band") and a not in offered}
        own_levels = {attribute: _levels(table, attribute) for attribute in own_columns}
        reads += [_place_of("by#" + attribute, column, own_levels[attribute]) for attribute, column in own_columns.items()]
        race_group = table.find("race_group")
        group_words = tuple(w for w in table.distinct(race_group, MOST_LEVELS, "race_group") if w) if race_group else ()
        if race_group:
            reads.append(_place_of("race_group", race_group, group_words))
        if request.outcome:
            reads.append(_outcome(table, request.outcome))
        reads += [_truth(table, "truth#" + output, column) for output, column in request.measured]
        if request.weights:
            reads.append(_weights(table, request.weights))
        units = {key: units_of(table, column) for key, column in request.design.items()}
        reads += [Word(key, table.need(column, "survey design")) for key, column in request.design.items()]
        if request.events:
            reads.append(Expressions(tuple(request.events.expressions(identifier(table)))))
        reads = reads or [Constant("nothing", "1")]
        return cls(request, tuple(reads), inputs, derived, asked_apart, group_words, own_levels, units)

    def patients(self, raw: Raw) -> Patients:
        """A chunk cleaned, without those whom the survey design or weights leave out."""
        n = len(next(iter(raw.values())))
        made = patients_of(n, raw, self.request, self.inputs, self.derived, self.asked_apart, self.group_words, self.own_levels)
        return place_in_design(made, raw, self.units)


class Readings:
    """The readings of a table, the last of which is kept: parts are read one after another for the same request."""

    def __init__(self, table: Table) -> None:
        self.table = table
        self._last: Reading | None = None

    def read(self, request: Request, rows: Rows | None = None) -> Iterator[Patients]:
        """The chunks of a cohort, or of some rows of it, cleaned; quality is counted per chunk."""
        if self._last is None or self._last.request != request:
            self._last = Reading.of(self.table, request)
        return map(self._last.patients, self.table.raw(self._last.reads, rows))


def patients_of(
    n: int,
    raw: Mapping[str, NDArray[Any]],
    request: Request,
    inputs: Mapping[str, Input],
    derived: Mapping[str, Derivation],
    asked_apart: bool = False,
    group_words: tuple[str, ...] = (),
    own_levels: Mapping[str, tuple[str, ...]] = MappingProxyType({}),
) -> Patients:
    """A chunk of patients from raw columns, checked for what is plausible: values or codes by input, bits of recorded race, outcome and weights."""
    quality = Quality()
    columns: dict[str, Column] = {}
    for name, quantity in inputs.items():
        columns[name], quality.columns[name] = _clean(quantity, raw[name], raw.get(name + "?"))
    for name, derivation in derived.items():
        if name in request.inputs and all(part in columns for part in derivation.needs):
            with np.errstate(all="ignore"):
                values = derivation.compute(*(columns[part] for part in derivation.needs))
            columns[name], _ = check_number(vocabulary()[name], np.asarray(values, dtype=np.float64))
    recorded, quality_of_race = _recorded(n, raw, asked_apart)
    if quality_of_race is not None:
        quality.columns["race"] = quality_of_race
    groups: dict[str, Coded] = {}
    for attribute in request.by:
        if attribute == "race":
            groups[attribute] = recorded.levels()
        elif attribute == "ethnicity":
            groups[attribute] = recorded.ethnicity()
        elif attribute == "age_band":
            age = columns.get("age")
            groups[attribute] = stated(age_band(age if isinstance(age, np.ndarray) else np.full(n, np.nan)))
        elif attribute in own_levels:
            groups[attribute] = stated(Coded(own_levels[attribute], raw["by#" + attribute].astype(np.int8, copy=False)))
        else:
            groups[attribute] = stated(_as_coded(inputs[attribute], columns[attribute]))
    return Patients(
        n=n,
        columns=columns,
        race=recorded,
        race_group=Coded(group_words, raw["race_group"].astype(np.int8, copy=False)) if "race_group" in raw else None,
        groups=groups,
        outcome=raw["outcome#"].astype(np.int8, copy=False) if request.outcome else np.full(n, -1, np.int8),
        weights=raw["weight#"].astype(np.float64, copy=False) if request.weights else None,
        quality=quality,
        events={kind: raw[f"event#{i}"] == 1 for i, kind in enumerate(request.events.kinds)} if request.events else {},
        measured={output: _finite(raw["truth#" + output]) for output, _ in request.measured},
    )


def _clean(quantity: Input, values: NDArray[Any], unread: NDArray[Any] | None) -> tuple[Column, ColumnQuality]:
    if np.issubdtype(values.dtype, np.integer) and quantity.kind != "number":
        codes = values.astype(np.int8, copy=False)
        missing, unreadable = (int(np.count_nonzero(codes == code)) for code in (MISSING, UNREADABLE))
        counts = ColumnQuality(n=len(codes), missing=missing, unreadable=unreadable)
        codes = np.maximum(codes, np.int8(MISSING))
        if quantity.kind == "category":
            return Coded(quantity.categories, codes), counts
        return np.where(codes < 0, np.nan, codes.astype(np.float64)), counts
    return check_number(quantity, values.astype(np.float64, copy=False), None if unread is None else _unreadable(unread))


def _unreadable(words: NDArray[Any]) -> NDArray[np.int8]:
    """For lower-case words that are no number (blank elsewhere): 0 where they mean missing, 2 for a decimal comma, else 1."""
    import pandas as pd

    codes = np.zeros(len(words), dtype=np.int8)
    stated = np.flatnonzero(pd.notna(words))
    means = {word: 0 if word in MISSING_WORDS else 2 if DECIMAL_COMMA.fullmatch(word) else 1 for word in set(words[stated].tolist())}
    codes[stated] = [means[word] for word in words[stated].tolist()]
    return codes


def _recorded(n: int, raw: Mapping[str, NDArray[Any]], asked_apart: bool) -> tuple[RecordedRace, ColumnQuality | None]:
    """Recorded race, and how often nothing stands there (missing) or words that nobody declared (unreadable: Unknown)."""
    columns = [name.removeprefix("race#") for name in raw if name.startswith("race#")]
    if not columns:
        return RecordedRace(np.zeros(n, dtype=np.int64), asked_apart), None
    bits = reduce(np.bitwise_or, (raw["race#" + i] for i in columns)).astype(np.int64, copy=False)
    blank = reduce(np.logical_and, (raw["race?" + i] == 1 for i in columns))
    unread = (bits == 0) & ~blank
    counts = ColumnQuality(n=n, missing=int(np.count_nonzero(blank)), unreadable=int(np.count_nonzero(unread)))
    if counts.unreadable:
        bits = np.where(unread, bits_of(("Unknown",)), bits)
    return RecordedRace(bits, asked_apart), counts


def _as_coded(quantity: Input, column: Column) -> Coded:
    if isinstance(column, Coded):
        return column
    return Coded(("no", "yes"), np.where(np.isnan(column), -1, column).astype(np.int8))


def _place_of(name: str, column: str, words: Sequence[str]) -> ByWord:
    """Where the words of a column stand among these; -1 for others."""
    return ByWord(name, column, meaning(enumerate([word] for word in words)), MISSING, MISSING)


def _outcome(table: Table, outcome: str) -> Read:
    entry = table.map.outcome if table.map.outcome and outcome == table.map.outcome.column else ColumnMap(column=outcome)
    column = table.need(entry.column, "--outcome")
    if not entry.words and table.types[column] in ("DOUBLE", "TINYINT", "SMALLINT", "INTEGER", "BIGINT"):
        return OneOrZero("outcome#", column)
    yes = [w.strip().lower() for w in entry.words.get("1", ())] or YES_WORDS
    no = [w.strip().lower() for w in entry.words.get("0", ())] or NO_WORDS
    return ByWord("outcome#", column, meaning([(1, yes), (0, no)]), MISSING, MISSING, lower=True)


def _truth(table: Table, name: str, truth: str) -> Number:
    """A measured value; what is no number is missing."""
    entry = table.map.truth if table.map.truth and truth == table.map.truth.column else ColumnMap(column=truth)
    only_where = table.need(entry.only_where, "only_where of the measured value") if entry.only_where else ""
    return Number(name, table.need(entry.column, "--truth"), entry.factor, only_where)


def _finite(values: NDArray[Any]) -> NDArray[np.float64]:
    numbers = values.astype(np.float64)
    return np.where(np.isfinite(numbers), numbers, np.nan)


def _largest(table: Table, weights: str) -> float | None:
    finite = (raw["weight#"][np.isfinite(raw["weight#"])] for raw in table.raw([_weights(table, weights)]))
    return max((float(values.max()) for values in finite if len(values)), default=None)


def _weights(table: Table, weights: str) -> Number:
    column = table.need(weights, "--weights")
    distinct = 1
    if table.map.weights_divided_by_distinct and weights == table.map.weights:
        by = quoted(table.need(table.map.weights_divided_by_distinct, "weights divided_by_distinct"))
        distinct = int(table.query(f"SELECT count(DISTINCT {by}) FROM {table.relation}{table.condition}").fetchone()[0])
    return Number("weight#", column, divided_by=max(distinct, 1))


def _digests(table: Table) -> tuple[tuple[str, str, int], ...]:
    if not table.files:
        return (("data frame", "", table.rows),)
    digests = []
    for path, (_, rows) in zip(table.files, table.rows_of_files(), strict=True):
        with path.open("rb") as file:
            digests.append((path.name, hashlib.file_digest(file, "sha256").hexdigest(), rows))
    return tuple(digests)
