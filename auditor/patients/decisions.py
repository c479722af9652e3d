"""Decisions: a calculator's declared thresholds and ordered categories as scales, and its scores as their codes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from auditor.counts.scales import BandCut, Cut, Edge, Scale
from calculators.declare import Calculator
from calculators.evaluate import Column, Scores


def scales_of(calculator: Calculator) -> tuple[Scale, ...]:
    """One scale per output that a decision or ordered categories read; a word output is a scale of its words.

    A calculator with a race term and no published threshold gets an uncut scale per output: its score still shifts.
    """
    cuts: dict[str, list[Cut]] = {}
    bands: dict[str, list[BandCut]] = {}
    for decision in calculator.decisions:
        cuts.setdefault(decision.reads or decision.output, []).append(
            Cut(decision.id, decision.operator, decision.cutoff, decision.yes_means)
        )
    for band in calculator.bands:
        edges = tuple(Edge(cut, not band.lower_closed) for cut in band.cuts)
        bands.setdefault(band.output, []).append(BandCut(band.id, edges, band.labels))
    for output in calculator.outputs:
        if output.kind == "category" and output.categories:
            edges = tuple(Edge(i + 0.5, False) for i in range(len(output.categories) - 1))
            bands.setdefault(output.name, []).append(BandCut(output.name, edges, output.categories))
    if not cuts and not bands and calculator.race is not None:
        return tuple(Scale(o.name, ()) for o in calculator.outputs if o.kind == "number")
    return tuple(Scale(name, tuple(cuts.get(name, ())), tuple(bands.get(name, ()))) for name in dict.fromkeys((*cuts, *bands)))


def values_of(calculator: Calculator, name: str, scores: Scores, columns: Mapping[str, Column]) -> NDArray[np.float64]:
    """The numbers that a scale cuts: an output's values, a word output's positions, or an input that a decision reads."""
    output = next((o for o in calculator.outputs if o.name == name), None)
    if output is None:
        column = columns[name]
        assert isinstance(column, np.ndarray)
        return column
    values: NDArray[Any] = scores[name]
    if output.kind != "category":
        return values
    positions = np.full(len(values), np.nan)
    for i, word in enumerate(output.categories):
        positions[values == word] = i
    return positions
