"""Reclassification: from which category with race to which category in another arm."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from auditor.result import AuditResult, BandsCard, CalculatorResult
from auditor.rows import Transition
from reports.blocks import Block, Table
from reports.chapters import View
from reports.findings import primary, titles
from reports.wording import arm_name, count, group_order, people, status_word

TITLE = "Reclassification"


def build(result: AuditResult, calculator: CalculatorResult, view: View) -> Iterator[Block]:
    """One matrix per arm and group in which somebody changes category, or in which that is hidden."""
    if not calculator.card.race_kind:
        return
    bands = {b.id: b for b in calculator.card.bands}
    by, names = primary(result), titles(result)
    matrices: dict[tuple[str, str, str], list[Transition]] = defaultdict(list)
    for row in calculator.transitions:
        if row.by == by and (row.arm == "without_race" or row.arm.startswith("successor:")):
            matrices[row.categories, row.arm, row.group].append(row)
    for (categories, arm, group), rows in sorted(matrices.items(), key=lambda m: (m[0][0], _arm_order(m[0][1]), group_order(m[0][2]))):
        if any(r.from_ != r.to and r.n for r in rows):
            yield _matrix(rows, _labels(bands.get(categories), rows), f"{arm_name(arm, names)}", people(by, group), categories)


def _arm_order(arm: str) -> tuple[int, str]:
    return (0 if arm == "without_race" else 1, arm)


def _labels(bands: BandsCard | None, rows: list[Transition]) -> list[str]:
    occurring = {r.from_ for r in rows} | {r.to for r in rows}
    declared = list(bands.labels) if bands else sorted(occurring)
    return [label for label in declared if label in occurring]


def _matrix(rows: list[Transition], labels: list[str], arm: str, who: str, categories: str) -> Table:
    cells = {(r.from_, r.to): r for r in rows}
    weighted = any(r.weighted_n is not None for r in rows)
    return Table(
        caption=f"{who[0].upper()}{who[1:]}, by category with race (rows) and {arm} (columns), {categories.replace('_', ' ')}",
        columns=("With race", *labels),
        rows=tuple((start, *(_cell(cells.get((start, end))) for end in labels)) for start in labels),
        note="Patients" + (", with weighted persons in brackets." if weighted else ".") + " The diagonal is unchanged.",
        fixed=True,
    )


def _cell(row: Transition | None) -> str:
    if row is None:
        return "0"
    if row.n is None:
        return status_word(row.status) or "–"
    return count(row.n) if row.weighted_n is None or row.n == 0 else f"{count(row.n)} ({count(row.weighted_n)})"
