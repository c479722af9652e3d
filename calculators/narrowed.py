"""Recorded steps that only some patients need, run on these patients alone."""

from __future__ import annotations

import operator
from collections.abc import Sequence
from typing import Any

import numpy as np

from calculators.coded import Coded
from calculators.recorded import (
    ARITHMETIC,
    COMPARISONS,
    ELEMENTWISE,
    LOGIC,
    Recorded,
    Recording,
    as_type,
    filled,
    needed,
    pick_number,
    scored,
    taken,
)

PER_PATIENT = ARITHMETIC | COMPARISONS | LOGIC | ELEMENTWISE | {np.isnan, operator.getitem, as_type, filled, needed, pick_number, scored}


def narrowed(recording: Recording, results: Sequence[Recorded], everyone: set[int], rows: str) -> list[Recorded]:
    """The results for the patients whose rows an input column of this name will give.

    What is computed for `everyone` all the same is taken from there; the other steps run on these patients only.
    """
    chosen = recording.column(rows)
    known: dict[int, Recorded] = {}

    def narrow(value: Any) -> Any:
        if isinstance(value, Recorded):
            return known[value.place]
        if isinstance(value, tuple | list):
            return type(value)(narrow(part) for part in value)
        if isinstance(value, Coded) and isinstance(value.codes, Recorded):
            return Coded(value.words, narrow(value.codes))
        return value

    for place in sorted(needed(recording, results)):
        step = recording.steps[place]
        if step.operation is None or (place in everyone and step.operation in PER_PATIENT):
            known[place] = recording.step(taken, (Recorded(recording, place), chosen))
        else:
            keywords = {name: narrow(value) for name, value in step.keywords.items()}
            known[place] = recording.step(step.operation, [narrow(argument) for argument in step.arguments], keywords)
    return [known[result.place] for result in results]
