"""Coverage: who was scored by a calculator, who was not and why, per group."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from auditor.counts.cells import Cells
from auditor.counts.scales import groupings
from auditor.rows import Coverage, GroupSize


def coverage_rows(calculator: str, cells: Cells, by: tuple[str, ...]) -> tuple[Coverage, ...]:
    """One row per group from cells keyed by the attributes and by fate, standing, beyond and applied."""

    def level(key: str, name: str) -> NDArray[np.bool_]:
        return np.asarray(cells.code(key) == cells.keys[key].index(name))

    scored = level("fate", "scored")
    counted = {
        "n": np.ones(len(cells), dtype=bool),
        "scored": scored,
        "missing_input": level("fate", "missing_input"),
        "out_of_range": level("fate", "out_of_range"),
        "no_row": level("fate", "no_row"),
        "unlisted": level("standing", "unlisted"),
        "unknown_race": level("standing", "unknown"),
        "outside_derivation": scored & level("beyond", "yes"),
        "term_applied": scored & level("applied", "yes"),
    }
    patients = np.stack(list(counted.values()), axis=1) * cells.n[:, None]
    return tuple(
        Coverage(
            calculator=calculator, by=by_name(keys), group=group, **dict(zip(counted, patients[inside].sum(axis=0).tolist(), strict=True))
        )
        for keys in groupings(by)
        for group, inside in split(cells, keys)
    )


def group_sizes(cells: Cells, by: tuple[str, ...], weighted: bool) -> tuple[GroupSize, ...]:
    """Patients (and weighted persons) in every group."""
    return tuple(
        GroupSize(
            by=by_name(keys), group=group, n=int(cells.n[inside].sum()), weighted_n=float(cells.w[inside].sum()) if weighted else None
        )
        for keys in groupings(by)
        for group, inside in split(cells, keys)
    )


def by_name(keys: tuple[str, ...]) -> str:
    """How a grouping is named in a table."""
    return ",".join(keys) or "overall"


def split(cells: Cells, keys: tuple[str, ...]) -> list[tuple[str, NDArray[np.intp]]]:
    """The groups of a grouping that occur, in order of level, each with the positions of its cells."""
    if not keys:
        return [("all", np.arange(len(cells)))] if len(cells) else []
    codes = np.stack([cells.code(k) for k in keys], axis=1)
    different, place = np.unique(codes, axis=0, return_inverse=True)
    return [
        (", ".join(cells.keys[k][c] for k, c in zip(keys, combination, strict=True)), np.flatnonzero(place == g))
        for g, combination in enumerate(different.tolist())
    ]


def untouched(coverage: tuple[Coverage, ...]) -> frozenset[tuple[str, str]]:
    """The (by, group) pairs in which the race term is applied to nobody: removing it cannot change anyone there."""
    return frozenset((row.by, row.group) for row in coverage if not row.term_applied)
