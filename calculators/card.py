"""One calculator as prose: serves `auditor show`, the documentation page and the report's appendix."""

from __future__ import annotations

import hashlib
import math
import re
from collections.abc import Iterator, Mapping
from importlib.resources import files
from typing import Any

from calculators.declare import UNDEFINED, Calculator, Range
from calculators.inputs import get_input

READABLE, EXACT = 10, 17


def fingerprint(calculator: Calculator) -> str:
    """A short hash of everything in the declaration and its tables that changes a number; it changes when they do.

    Numbers that the formula itself holds are hashed as its docstring and the printed equation give them.
    """
    race = calculator.race
    parts = [
        calculator.id,
        calculator.formula.__doc__ or "",
        calculator.equation,
        *_tables(calculator),
        numbers_text(calculator.constants, EXACT),
        *(f"{label}: {numbers_text(row, EXACT)}" for label, row in (race.groups if race else {}).items()),
        *((race.removed, race.unlisted, race.reads) if race else ()),
        *(f"{d.id} {d.output} {d.reads} {d.operator} {d.cutoff!r} {d.yes_means}" for d in calculator.decisions),
        *(f"{b.id} {b.output} {b.cuts!r} {b.lower_closed}" for b in calculator.bands),
        repr(sorted(calculator.valid.items())),
        repr(sorted(calculator.printed_decimals.items())),
    ]
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:16]


def _tables(calculator: Calculator) -> Iterator[str]:
    """The text of the CSV files beside the formula that the equation names."""
    package, _, _ = calculator.formula.__module__.rpartition(".")
    for name in sorted(set(re.findall(r"\w+\.csv", calculator.equation))):
        file = files(package).joinpath(name)
        if file.is_file():
            yield file.read_text(encoding="utf-8")


def numbers_text(numbers: Mapping[str, Any], digits: int = READABLE) -> str:
    """Numbers by name, nested mappings in brackets."""
    return ", ".join(f"{name} = {number_text(value, digits)}" for name, value in numbers.items())


def number_text(value: Any, digits: int = READABLE) -> str:
    """One number, or a table of them, as text."""
    if isinstance(value, Mapping):
        return "{" + numbers_text(value, digits) + "}"
    if isinstance(value, tuple | list):
        return "(" + ", ".join(number_text(v, digits) for v in value) + ")"
    if isinstance(value, float):
        return f"{value:.{digits}g}"
    return str(value)


def range_text(name: str, limits: Range) -> str:
    """A range of one input in words."""
    low, high = limits
    unit = get_input(name).unit
    unit = "" if unit == "1" else f" {unit}"
    if low is not None and high is not None:
        following = math.ceil(high)
        upper = f"under {following}" if math.nextafter(following, 0) == high else f"{high:g}"
        return f"{name} {low:g} to {upper}{unit}"
    return f"{name} {low:g}{unit} and over" if low is not None else f"{name} up to {high:g}{unit}"


def unlisted_text(calculator: Calculator) -> str:
    """What the original does with people whom it does not list, or whose race is unknown."""
    if calculator.race is None:
        return ""
    included = "".join(
        f"People recorded as {', '.join(who)} are scored with the row '{row}'. " for row, who in calculator.race.includes.items()
    )
    if calculator.race.unlisted == UNDEFINED:
        return (
            f"{included}The original says nothing about people whom it does not list or whose race is unknown: with race they get no score."
        )
    return (
        f"{included}People whom the original does not list, or whose race is unknown, are scored with the row '{calculator.race.unlisted}'."
    )


def removed_text(calculator: Calculator) -> str:
    """What removing the race term means here."""
    if calculator.race is None:
        return ""
    text = f"Everyone is scored with the row '{calculator.race.removed}'."
    if calculator.race.removed_source == "catalogue":
        text += " No publication names this row; it is this catalogue's choice, to be confirmed by a clinician."
    return text


def card(calculator: Calculator) -> dict[str, Any]:
    """Every field of a card, as plain values."""
    race = calculator.race
    return {
        "id": calculator.id,
        "title": calculator.title,
        "specialty": calculator.specialty,
        "year": calculator.year,
        "role": calculator.role,
        "confidence": calculator.confidence,
        "confidence_note": calculator.confidence_note,
        "drives": calculator.drives,
        "population": calculator.population,
        "equation": calculator.equation,
        "inputs": tuple(_input_text(n) for n in calculator.inputs)
        + tuple(f"{_input_text(n)}, optional" for n in calculator.optional_inputs),
        "outputs": tuple(f"{o.name} ({o.unit})" for o in calculator.outputs),
        "constants": numbers_text(calculator.constants),
        "race_kind": race.kind if race else "",
        "race_reads": race.reads if race else "",
        "race_meaning": race.meaning if race else "",
        "race_rows": tuple((label, numbers_text(row)) for label, row in race.groups.items()) if race else (),
        "race_removed": race.removed if race else "",
        "race_removed_source": race.removed_source if race else "",
        "race_unlisted": race.unlisted if race else "",
        "race_includes": tuple(race.includes.items()) if race else (),
        "neutral_rows": tuple(label for label in race.labels if race.neutral(label)) if race else (),
        "other_removals": tuple((r.name, r.meaning) for r in race.other_removals) if race else (),
        "direction": calculator.direction,
        "history": calculator.history,
        "replaced_by": calculator.replaced_by,
        "race_free_peers": calculator.race_free_peers,
        "decisions": tuple(
            {f: getattr(d, f) for f in ("id", "output", "operator", "cutoff", "action", "guideline", "confidence", "yes_means")}
            for d in calculator.decisions
        ),
        "bands": tuple(
            {"id": b.id, "output": b.output, "labels": b.labels, "source": b.source, "cuts": b.cuts, "lower_closed": b.lower_closed}
            for b in calculator.bands
        ),
        "valid": tuple(range_text(n, r) for n, r in calculator.valid.items()),
        "derived_on": tuple(range_text(n, r) for n, r in calculator.derived_on.items()),
        "known_wrong": calculator.known_wrong,
        "sources": tuple(f"{s.citation}{f' doi:{s.doi}' if s.doi else ''}{f' ({s.note})' if s.note else ''}" for s in calculator.sources),
        "note": calculator.note,
        "fingerprint": fingerprint(calculator),
    }


def card_text(calculator: Calculator) -> str:
    """The card as plain text for a terminal."""
    c = card(calculator)
    lines = [f"{c['title']}  [{c['id']}]", f"{c['specialty']}, {c['year']}; {c['role'].replace('_', ' ')}; {c['confidence']}", ""]
    sections: list[tuple[str, Any]] = [
        ("Drives", c["drives"]),
        ("Who", c["population"]),
        ("Inputs", c["inputs"]),
        ("Outputs", c["outputs"]),
        ("Equation", c["equation"]),
        ("Numbers", c["constants"]),
    ]
    if calculator.race is not None:
        sections += [
            ("Race term", f"{c['race_meaning']} (reads {c['race_reads'].replace('_', ' ')}; {c['race_kind'].replace('_', ' ')})"),
            ("Rows", tuple(f"{label}: {numbers}" for label, numbers in c["race_rows"])),
            ("Removed means", removed_text(calculator)),
            ("Other removals", tuple(f"{name}: {meaning}" for name, meaning in c["other_removals"])),
            ("Unlisted, unknown", unlisted_text(calculator)),
            ("Direction", c["direction"]),
        ]
    else:
        sections.append(("Race term", "none"))
    sections += [
        ("Thresholds", tuple(_decision_text(d) for d in c["decisions"])),
        ("Categories", tuple(f"{b['id']}: {' < '.join(b['labels'])} ({b['output']})" for b in c["bands"])),
        ("Scored only", c["valid"]),
        ("Derived on", c["derived_on"]),
        ("Successor", c["replaced_by"]),
        ("Race-free peers", c["race_free_peers"]),
        ("History", c["history"]),
        ("Known errors", c["known_wrong"]),
        ("Note", c["note"]),
        ("Confidence", f"{c['confidence']} {c['confidence_note']}".strip()),
        ("Sources", c["sources"]),
        ("Fingerprint", c["fingerprint"]),
    ]
    for title, content in sections:
        items = [content] if isinstance(content, str) else list(content)
        for i, item in enumerate(line for text in items if text for line in str(text).split("\n")):
            lines.append(f"{title if i == 0 else '':<18}{item}")
    return "\n".join(lines) + "\n"


def _decision_text(decision: Mapping[str, Any]) -> str:
    means = {"opens_care": "opens care", "closes_care": "closes care", "labels": "a label"}[decision["yes_means"]]
    guideline = f" [{decision['guideline']}]" if decision["guideline"] else ""
    return f"{decision['id']}: {decision['output']} {decision['operator']} {decision['cutoff']:g} -> {decision['action']}{guideline} ({means}; {decision['confidence']})"


def _input_text(name: str) -> str:
    quantity = get_input(name)
    unit = "" if quantity.unit == "1" else f" ({quantity.unit})"
    return f"{name}{unit}: {quantity.meaning}"
