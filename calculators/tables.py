"""Reads the CSV tables that lie beside the calculators, when they are first needed."""

from __future__ import annotations

import csv
import io
from functools import cache
from importlib.resources import files


@cache
def read_table(name: str, package: str = "calculators") -> tuple[dict[str, str], ...]:
    """The rows of a CSV file in a package folder, such as `read_table("gli_2012_splines.csv", "calculators.pulmonology")`."""
    text = files(package).joinpath(name).read_text(encoding="utf-8")
    return tuple(csv.DictReader(io.StringIO(text, newline="")))
