"""Scores per patient: what `auditor score` writes, in the order of the file."""

from __future__ import annotations

import csv
import os
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, TextIO

import numpy as np
from numpy.typing import NDArray

from auditor.errors import CohortError, MissingColumn, OptionError, TooFewPatients
from auditor.patients.arms import columns_of, resolve
from auditor.patients.cohort import Cohort, Patients, Request, read_cohort
from auditor.patients.race import Selection, select_labels, select_rows
from auditor.patients.sources.files import find_files, reading_in_one_thread
from calculators.declare import Calculator
from calculators.errors import UnknownGroup
from calculators.evaluate import Scores, score, score_rows
from calculators.registry import registry

Say = Callable[[str], None]


def write_scores(id: str, path: Path, arm: str, mapping: Sequence[str], output: Path | None, say: Say) -> None:
    """Score a file's patients into a CSV or Parquet file (whole or not at all), or as CSV on stdout."""
    known = registry()
    calculator = known[id]
    cohort = read_cohort(path, mapping=list(mapping) or None)
    fed, missing = resolve(calculator, set(cohort.offers), known)
    if missing:
        raise MissingColumn(
            f"{path}: {id} needs {', '.join(missing)}. Rename the columns, or say where they are with --map {missing[0]}=COLUMN."
        )
    if not cohort.rows:
        raise TooFewPatients(f"{path}: has no patients.")
    arms = _arms(fed, arm)
    if fed.race and "with_race" in arms and not (cohort.has_race or cohort.has_race_group):
        raise MissingColumn(f"{path}: {id} with race needs a column 'race' or 'race_group' ({', '.join(fed.race.labels)}).")
    names = [o.name for o in fed.outputs] if len(arms) == 1 else [f"{o.name}.{a}" for a in arms for o in fed.outputs]
    if output is None:
        _write_csv(sys.stdout, names, _columns(cohort, fed, arms, say))
        return
    if output.suffix not in (".csv", ".parquet"):
        raise OptionError(f"{output}: scores are written to a .csv or a .parquet file.")
    if output.exists() and any(output.samefile(file) for file in find_files([path])):
        raise OptionError(f"{output}: is the cohort itself. Write the scores to another file.")
    try:
        handle, temporary = tempfile.mkstemp(dir=output.parent, prefix=f".{output.name}.")
    except OSError as error:
        raise CohortError(f"{output}: cannot be written ({error.strerror}).") from None
    os.close(handle)
    try:
        if output.suffix == ".csv":
            with open(temporary, "w", newline="", encoding="utf-8") as file:
                _write_csv(file, names, _columns(cohort, fed, arms, say))
        else:
            _write_parquet(temporary, names, _columns(cohort, fed, arms, say))
        os.chmod(temporary, 0o600)
        os.replace(temporary, output)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise


def _arms(calculator: Calculator, arm: str) -> tuple[str, ...]:
    labels = calculator.race.labels if calculator.race else ()
    if arm == "all":
        return ("with_race", "without_race", *(f"as_if={label}" for label in labels))
    group = arm.removeprefix("as_if=") if arm.startswith("as_if=") else None
    if group is not None and group not in labels:
        raise UnknownGroup(f"{calculator.id} has no group '{group}' (groups: {', '.join(labels) or 'none'}).")
    if group is None and arm not in ("with_race", "without_race"):
        raise OptionError(f"'{arm}' is not an arm; they are with_race, without_race, as_if=GROUP and all.")
    return (arm,)


def _columns(cohort: Cohort, calculator: Calculator, arms: tuple[str, ...], say: Say) -> Iterator[list[NDArray[Any]]]:
    """For each chunk, one array per output and arm; words as str, numbers as float64.

    Several threads of DuckDB would hand over chunks in the order in which they get done.
    """
    foreign = 0
    with reading_in_one_thread():
        for patients in cohort.read(Request(inputs=(*calculator.inputs, *calculator.optional_inputs))):
            columns = columns_of(calculator, patients)
            chunk: list[NDArray[Any]] = []
            for arm in arms:
                scores: Scores
                if calculator.race is None or arm == "without_race":
                    scores = score(calculator, columns)
                elif arm == "with_race":
                    selection = _select(calculator, patients)
                    foreign += int(selection.unlisted.sum()) if patients.race_group is not None else 0
                    scores = score_rows(calculator, columns, selection.rows)
                else:
                    scores = score(calculator, columns, arm.removeprefix("as_if="))
                chunk += [_printed(calculator, name, scores[name]) for name in scores]
            yield chunk
    if foreign:
        labels = ", ".join(calculator.race.labels) if calculator.race else ""
        say(
            f"{foreign} patients have a race_group that is none of the labels ({labels}); the original's rule for unlisted people was applied."
        )


def _select(calculator: Calculator, patients: Patients) -> Selection:
    assert calculator.race is not None
    if patients.race_group is not None:
        return select_labels(calculator.race, patients.race_group)
    return select_rows(calculator.race, patients.race)


def _printed(calculator: Calculator, name: str, values: NDArray[Any]) -> NDArray[Any]:
    whole = calculator.output(name).kind == "boolean" or calculator.printed_decimals.get(name) == 0
    if not whole:
        return values
    return np.array([None if v != v else int(v) for v in values.tolist()], dtype=object)


def _write_csv(file: TextIO, names: list[str], chunks: Iterator[list[NDArray[Any]]]) -> None:
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow(names)
    for chunk in chunks:
        lists = [["" if v is None or v != v else v for v in column.tolist()] for column in chunk]
        writer.writerows([[v] if v != "" else [""] for v in lists[0]] if len(lists) == 1 else zip(*lists, strict=True))


def _write_parquet(path: str, names: list[str], chunks: Iterator[list[NDArray[Any]]]) -> None:
    import duckdb
    import pandas as pd

    with duckdb.connect() as connection:
        created = False
        for chunk in chunks:
            frame = pd.DataFrame(dict(zip(names, chunk, strict=True))).convert_dtypes(convert_string=False, convert_floating=False)
            connection.register("chunk", frame)
            connection.execute("INSERT INTO scores SELECT * FROM chunk" if created else "CREATE TABLE scores AS SELECT * FROM chunk")
            created = True
        connection.execute(f"COPY scores TO '{path}' (FORMAT parquet)")
