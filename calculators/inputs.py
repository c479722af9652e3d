"""The controlled vocabulary: every clinical quantity once, with its unit, categories and plausible range."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from types import MappingProxyType
from typing import Literal

from calculators.errors import DeclarationError
from calculators.tables import read_table

Kind = Literal["number", "boolean", "category"]


@dataclass(frozen=True, kw_only=True)
class Input:
    """One clinical quantity: the same name and unit in every calculator.

    `plausible` is the range outside which a recorded value is an error of recording, not a patient.
    `other_units` maps a UCUM unit to the factor that turns a value in it into `unit`.
    """

    name: str
    meaning: str
    unit: str
    kind: Kind
    categories: tuple[str, ...] = ()
    plausible: tuple[float, float] | None = None
    loinc: str = ""
    other_units: Mapping[str, float] = field(default_factory=dict)

    def factor(self, unit: str) -> float | None:
        """What a value in `unit` is multiplied by to be in this input's unit; None for an unknown unit."""
        return 1.0 if unit == self.unit else self.other_units.get(unit)


@cache
def vocabulary() -> Mapping[str, Input]:
    """Every input by name, in the order of `inputs.csv`."""
    inputs = [_read(row) for row in read_table("inputs.csv")]
    return MappingProxyType({i.name: i for i in inputs})


def get_input(name: str) -> Input:
    """The input of this name; an unknown name is a DeclarationError."""
    try:
        return vocabulary()[name]
    except KeyError:
        raise DeclarationError(f"'{name}' is not in calculators/inputs.csv; add it there with its unit and range.") from None


def _read(row: dict[str, str]) -> Input:
    low, high = row["plausible_min"], row["plausible_max"]
    return Input(
        name=row["name"],
        meaning=row["meaning"],
        unit=row["unit"],
        kind=row["kind"],  # type: ignore[arg-type]
        categories=tuple(row["categories"].split(";")) if row["categories"] else (),
        plausible=(float(low), float(high)) if low else None,
        loinc=row["loinc"],
        other_units=MappingProxyType(
            {unit: float(factor) for unit, factor in (pair.rsplit("=", 1) for pair in row["other_units"].split(";") if pair)}
        ),
    )
