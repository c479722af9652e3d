"""Finds every calculator, here and in plug-ins, and knows the tools that cannot be implemented."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.metadata import entry_points
from types import MappingProxyType, ModuleType

from calculators.chain import AND, FROM, from_id
from calculators.declare import Calculator
from calculators.errors import DeclarationError, UnknownCalculator
from calculators.tables import read_table

GROUP = "auditor.calculators"
BUILT_IN = "calculators"


@dataclass(frozen=True, kw_only=True)
class Unavailable:
    """A tool whose numbers are not public: in the registry so that an inventory can name it, but not computable."""

    id: str
    title: str
    specialty: str
    how_race_enters: str
    why_not: str
    status: str
    replacement: str


@dataclass(frozen=True)
class Registry:
    """Calculators by id, in order of specialty and id; plug-ins that could not be read, with the reason."""

    calculators: Mapping[str, Calculator]
    broken: Mapping[str, str]

    def __getitem__(self, id: str) -> Calculator:
        """The calculator of this id, or the chain named `downstream_from_upstream`."""
        if id in self.calculators:
            return self.calculators[id]
        downstream, chain, upstream = id.partition(FROM)
        if chain and downstream in self.calculators and all(u in self.calculators for u in upstream.split(AND)):
            return from_id(id, self.calculators.__getitem__)
        raise UnknownCalculator(id, self.calculators)

    def __iter__(self) -> Iterator[Calculator]:
        return iter(self.calculators.values())

    def __len__(self) -> int:
        return len(self.calculators)

    def __contains__(self, id: object) -> bool:
        return id in self.calculators


@cache
def registry() -> Registry:
    """The registry of this installation. A broken plug-in is set aside and named; it hides nothing else."""
    found = {c.id: c for c in read_package(importlib.import_module(BUILT_IN))}
    broken: dict[str, str] = {}
    for entry in sorted(entry_points(group=GROUP), key=lambda e: e.name):
        if entry.value == BUILT_IN:
            continue
        try:
            added = list(read_package(entry.load()))
            _refuse_duplicates([*found.values(), *added])
        except Exception as error:
            broken[entry.name] = f"{type(error).__name__}: {error}"
        else:
            found |= {c.id: c for c in added}
    ordered = sorted(found.values(), key=lambda c: (c.specialty, c.id))
    return Registry(MappingProxyType({c.id: c for c in ordered}), MappingProxyType(broken))


def get(id: str) -> Calculator:
    """The calculator of this id; an unknown id names the nearest ones."""
    return registry()[id]


def read_package(package: ModuleType) -> list[Calculator]:
    """Every Calculator in a module or in all modules below a package; the same id twice is a DeclarationError."""
    modules = [package]
    for info in pkgutil.walk_packages(getattr(package, "__path__", []), package.__name__ + "."):
        modules.append(importlib.import_module(info.name))
    found: list[Calculator] = []
    for module in modules:
        for value in vars(module).values():
            for item in value if isinstance(value, tuple) else (value,):
                if isinstance(item, Calculator) and not any(item is seen for seen in found):
                    found.append(item)
    _refuse_duplicates(found)
    return found


def _refuse_duplicates(calculators: list[Calculator]) -> None:
    seen: set[str] = set()
    for calculator in calculators:
        if calculator.id in seen:
            raise DeclarationError(f"two calculators have the id '{calculator.id}'; ids are unique and never change")
        seen.add(calculator.id)


@cache
def unavailable() -> Mapping[str, Unavailable]:
    """Tools that use race but cannot be computed here, by id, with the reason and what to do instead."""
    tools = [Unavailable(**row) for row in read_table("unavailable.csv")]
    return MappingProxyType({t.id: t for t in tools})
