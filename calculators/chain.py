"""Chains: a calculator that takes another's output as input, as one calculator with the upstream race term."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from calculators.declare import Calculator, Output, RaceTerm
from calculators.errors import DeclarationError
from calculators.evaluate import read_column, score
from calculators.inputs import get_input

FROM = "_from_"
AND = "_and_"


def chained(downstream: Calculator, upstream: Mapping[str, tuple[Calculator, str]], id: str = "") -> Calculator:
    """One calculator that feeds `downstream`'s inputs from other calculators' outputs.

    `upstream` maps an input of `downstream` to (calculator, output). The race terms of all of them are read from the same
    group: they must have the same labels. The fed values are outputs too, after the calculator's own.
    """
    sources = list(dict.fromkeys(c.id for c, _ in upstream.values()))
    calculators = {c.id: c for c, _ in upstream.values()} | {downstream.id: downstream}
    parts = [calculators[source] for source in (*sources, downstream.id)]
    fed = tuple(upstream)
    inputs = _union([*(c.inputs for c in parts[:-1]), tuple(n for n in downstream.inputs if n not in fed)])
    fed_optional = [n for n in fed if n in downstream.optional_inputs]
    optional = tuple(
        n
        for n in _union([*(c.optional_inputs for c in parts[:-1]), tuple(n for n in downstream.optional_inputs if n not in fed_optional)])
        if n not in inputs
    )
    race = _joint_race(parts)

    def formula(*columns: Any, **numbers: Any) -> dict[str, Any]:
        given = dict(zip((*inputs, *optional), columns, strict=True))
        values: dict[str, Any] = {}
        for name, (source, output) in upstream.items():
            scores = score(_with_numbers(source, numbers), {n: given[n] for n in (*source.inputs, *source.optional_inputs)})
            values[name] = read_column(name, scores[output], 0)
        result = score(_with_numbers(downstream, numbers), {**given, **values})
        return {**result, **values}

    formula.__signature__ = _signature((*inputs, *optional), race.numbers if race else ())  # type: ignore[attr-defined]
    formula.__name__ = downstream.formula.__name__
    outputs = (*downstream.outputs, *(Output(name=n, unit=get_input(n).unit) for n in fed if n not in {o.name for o in downstream.outputs}))
    names = ", ".join(calculators[s].title for s in sources)
    return replace(
        downstream,
        id=id or downstream.id + FROM + AND.join(sources),
        title=f"{downstream.title}, fed by {names}",
        inputs=inputs,
        optional_inputs=optional,
        outputs=outputs,
        formula=formula,
        constants={},
        race=race,
        role="race_based" if race else downstream.role,
        feeds={},
        valid=_ranges(parts, "valid", (*inputs, *optional)),
        derived_on=_ranges(parts, "derived_on", (*inputs, *optional)),
        confidence="VERIFIED" if all(c.confidence == "VERIFIED" for c in parts) else "SINGLE-SOURCE",
        replaced_by=_successor(downstream, upstream) if race else downstream.replaced_by,
        equation=f"{downstream.equation}\nwhere " + "; ".join(f"{n} is the output {o} of {c.title}" for n, (c, o) in upstream.items()),
        direction=" ".join(c.direction for c in parts if c.direction),
    )


def from_id(id: str, get: Callable[[str], Calculator]) -> Calculator:
    """The chain named `downstream_from_upstream[_and_upstream]`: each fed input takes the upstream output of that name or as declared."""
    name, _, sources = id.partition(FROM)
    downstream = get(name)
    upstream: dict[str, tuple[Calculator, str]] = {}
    everything = (*downstream.inputs, *downstream.optional_inputs)
    for source in sources.split(AND):
        calculator = get(source)
        outputs = {o.name for o in calculator.outputs}
        for fed in everything:
            declared, _, output = downstream.feeds.get(fed, "").partition(":")
            if fed in outputs:
                upstream[fed] = (calculator, fed)
            elif output and output in outputs and declared and _same_quantity(get(declared), calculator):
                upstream[fed] = (calculator, output)
    if not upstream:
        raise DeclarationError(f"'{id}': no output of {sources} is an input of {name}")
    return chained(downstream, upstream, id)


def feed(calculator: Calculator, lacking: set[str], get: Callable[[str], Calculator]) -> Calculator:
    """The calculator with those lacking inputs that it declares a feed for filled by it; the id stays."""
    upstream = {}
    for name in (*calculator.inputs, *calculator.optional_inputs):
        if name in lacking and name in calculator.feeds:
            source, _, output = calculator.feeds[name].partition(":")
            upstream[name] = (get(source), output or get(source).outputs[0].name)
    return chained(calculator, upstream, calculator.id) if upstream else calculator


def _same_quantity(declared: Calculator, other: Calculator) -> bool:
    return declared.id == other.id or declared.replaced_by == other.id or declared.optional_inputs == other.optional_inputs


def _successor(downstream: Calculator, upstream: Mapping[str, tuple[Calculator, str]]) -> str:
    """The same chain on the upstream successors, where each race-based one has a successor."""
    sources = list(dict.fromkeys((c.replaced_by if c.race else c.id) for c, _ in upstream.values()))
    return downstream.id + FROM + AND.join(sources) if all(sources) else ""


def _with_numbers(calculator: Calculator, numbers: Mapping[str, Any]) -> Calculator:
    """The calculator with one row's numbers as constants and no race term."""
    if calculator.race is None:
        return calculator
    own = {n: numbers[f"{calculator.id}__{n}"] for n in calculator.race.numbers}
    return replace(calculator, race=None, constants={**calculator.constants, **own})


def _joint_race(parts: list[Calculator]) -> RaceTerm | None:
    terms = [(c.id, c.race) for c in parts if c.race is not None]
    if not terms:
        return None
    _, first = terms[0]
    for id, term in terms[1:]:
        if _rows(term) != _rows(first):
            raise DeclarationError(f"the race terms of {terms[0][0]} and {id} do not have the same rows, so they cannot be chained")
    groups = {label: {f"{id}__{n}": v for id, term in terms for n, v in term.groups[label].items()} for label in first.labels}
    meaning = "; ".join(dict.fromkeys(f"through {id}: {term.meaning}" for id, term in terms))
    return replace(first, groups=groups, meaning=meaning, other_removals=tuple(r for r in first.other_removals if r.row))


def _rows(term: RaceTerm) -> tuple[object, ...]:
    """What must be the same where several terms are read from one patient's row."""
    return term.labels, term.removed, term.unlisted, term.reads, term.mixed, term.includes


def _ranges(parts: list[Calculator], kind: str, names: tuple[str, ...]) -> dict[str, tuple[float | None, float | None]]:
    ranges: dict[str, tuple[float | None, float | None]] = {}
    for calculator in parts:
        for name, (low, high) in getattr(calculator, kind).items():
            if name in names:
                before = ranges.get(name, (None, None))
                lows = [x for x in (before[0], low) if x is not None]
                highs = [x for x in (before[1], high) if x is not None]
                ranges[name] = (float(np.max(lows)) if lows else None, float(np.min(highs)) if highs else None)
    return ranges


def _union(names: list[tuple[str, ...]]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(n for group in names for n in group))


def _signature(columns: tuple[str, ...], numbers: tuple[str, ...]) -> inspect.Signature:
    return inspect.Signature(
        [inspect.Parameter(n, inspect.Parameter.POSITIONAL_OR_KEYWORD) for n in columns]
        + [inspect.Parameter(n, inspect.Parameter.KEYWORD_ONLY) for n in numbers]
    )
