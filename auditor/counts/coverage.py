"""Coverage: who was scored by a calculator, who was not and why, per group."""

from __future__ import annotations

import numpy as np

from auditor.counts.cells import Cells
from auditor.counts.scales import groupings
from auditor.rows import Coverage, GroupSize


def coverage_rows(calculator: str, cells: Cells, by: tuple[str, ...]) -> tuple[Coverage, ...]:
    """One row per group from cells keyed by the attributes and by fate, standing, beyond and applied."""
    rows = []
    for keys in groupings(by):
        for group, part in split(cells, keys):

            def number(chosen: Cells, **at: str) -> int:
                for key, level in at.items():
                    chosen = chosen.at(key, level)
                return chosen.total

            rows.append(
                Coverage(
                    calculator=calculator,
                    by=by_name(keys),
                    group=group,
                    n=part.total,
                    scored=number(part, fate="scored"),
                    missing_input=number(part, fate="missing_input"),
                    out_of_range=number(part, fate="out_of_range"),
                    no_row=number(part, fate="no_row"),
                    unlisted=number(part, standing="unlisted"),
                    unknown_race=number(part, standing="unknown"),
                    outside_derivation=number(part, fate="scored", beyond="yes"),
                    term_applied=number(part, fate="scored", applied="yes"),
                )
            )
    return tuple(rows)


def group_sizes(cells: Cells, by: tuple[str, ...], weighted: bool) -> tuple[GroupSize, ...]:
    """Patients (and weighted persons) in every group."""
    return tuple(
        GroupSize(by=by_name(keys), group=group, n=part.total, weighted_n=part.weight if weighted else None)
        for keys in groupings(by)
        for group, part in split(cells, keys)
    )


def by_name(keys: tuple[str, ...]) -> str:
    """How a grouping is named in a table."""
    return ",".join(keys) or "overall"


def split(cells: Cells, keys: tuple[str, ...]) -> list[tuple[str, Cells]]:
    """The groups of a grouping that occur, in order of level, each with its cells."""
    if not keys:
        return [("all", cells)] if len(cells) else []
    codes = np.stack([cells.code(k) for k in keys], axis=1)
    found = []
    for combination in np.unique(codes, axis=0):
        name = ", ".join(cells.keys[k][c] for k, c in zip(keys, combination, strict=True))
        found.append((name, cells.where((codes == combination).all(axis=1))))
    return found


def untouched(coverage: tuple[Coverage, ...]) -> frozenset[tuple[str, str]]:
    """The (by, group) pairs in which the race term is applied to nobody: removing it cannot change anyone there."""
    return frozenset((row.by, row.group) for row in coverage if not row.term_applied)
