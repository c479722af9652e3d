"""Thresholds, race terms and ranges as the literature's tables list them; a calculator that is not listed yet is not held to them."""

import csv
from itertools import groupby
from pathlib import Path

import pytest

from calculators.card import range_text
from calculators.registry import get

HERE = Path(__file__).parent


def listed(name):
    """The rows of each calculator in a table."""
    with (HERE / name).open(newline="", encoding="utf-8") as file:
        rows = sorted(csv.DictReader(file), key=lambda row: row["calculator"])
    return [pytest.param(id, list(own), id=id) for id, own in groupby(rows, key=lambda row: row["calculator"])]


@pytest.mark.parametrize(("id", "rows"), listed("thresholds.csv"))
def test_thresholds_are_the_listed_ones_with_what_a_yes_does_to_care(id, rows):
    declared = {(d.id, d.output, d.operator, float(d.cutoff), d.yes_means) for d in get(id).decisions}
    assert declared == {(r["decision"], r["output"], r["operator"], float(r["cutoff"]), r["yes_means"]) for r in rows}


@pytest.mark.parametrize(("id", "rows"), listed("race_terms.csv"))
def test_rows_of_the_race_term_are_the_listed_ones(id, rows):
    (row,) = rows
    calculator = get(id)
    race = calculator.race
    assert race is not None
    assert set(race.labels) == set(row["groups"].split(";"))
    assert (race.reads, race.removed, race.removed_source, race.unlisted) == (
        row["reads"],
        row["removed"],
        row["removed_source"],
        row["unlisted"],
    )
    assert calculator.replaced_by == row["replaced_by"]


@pytest.mark.parametrize(("id", "rows"), listed("ranges.csv"))
def test_ranges_are_the_listed_ones(id, rows):
    ranges = {kind: getattr(get(id), kind) for kind in ("valid", "derived_on")}
    declared = {(kind, name, range_text(name, limits)) for kind, own in ranges.items() for name, limits in own.items()}
    assert declared == {(r["kind"], r["input"], f"{r['input']} {r['range']}") for r in rows}
