"""The cohort: who is in it, how race was recorded and read, and what the data lack."""

from __future__ import annotations

from collections.abc import Iterator

from auditor.result import AuditResult
from auditor.rows import GroupSize, InputQuality
from reports.blocks import Block, Items, Paragraph, Table
from reports.wording import attribute_name, count, everyone, group_name, group_order, status_word

TITLE = "The cohort"


def build(result: AuditResult) -> Iterator[Block]:
    """Groups, the policy for recorded race, and the quality of every input."""
    cohort = result.cohort
    groups = sorted(cohort.groups, key=lambda g: (not everyone(g.by), g.by, group_order(g.group)))
    if groups:
        weighted = cohort.weighted
        yield Table(
            caption=f"Patients by group in {cohort.name}" + (", with the persons they stand for" if weighted else ""),
            columns=("Group", "Attribute", "Patients", *(("Weighted persons",) if weighted else ())),
            rows=tuple(_group(g, weighted) for g in groups),
            text_columns=(0, 1),
        )
    if cohort.race_policy:
        yield Paragraph("How recorded race was read:")
        yield Items(cohort.race_policy)
    if cohort.duplicate_ids:
        yield Paragraph(
            f"{count(cohort.duplicate_ids)} rows carry an identifier that occurs more than once; each row was counted as a patient."
        )
    faulty = [q for q in cohort.quality if _faulty(q)]
    if faulty:
        yield Table(
            caption="Inputs with missing, unreadable or implausible values, in patients; implausible values were left out",
            columns=("Input", "Column", "Unit", "Patients", "Missing", "Unreadable", "Implausible", "Hint"),
            rows=tuple(_quality(q) for q in faulty),
            text_columns=(0, 1, 2, 7),
        )
    clean = len(cohort.quality) - len(faulty)
    if clean:
        yield Paragraph(f"{count(clean)} input columns have no missing, unreadable or implausible value.")
    if cohort.notes:
        yield Items(cohort.notes)


def _group(group: GroupSize, weighted: bool) -> tuple[str, ...]:
    n = count(group.n) if group.n is not None else status_word(group.status) or "–"
    return (
        group_name(group.by, group.group),
        "everyone" if everyone(group.by) else attribute_name(group.by),
        n,
        *((count(group.weighted_n),) if weighted else ()),
    )


def _faulty(quality: InputQuality) -> bool:
    return any(value is None or value > 0 for value in (quality.missing, quality.unreadable, quality.implausible)) or bool(quality.hint)


def _quality(quality: InputQuality) -> tuple[str, ...]:
    hidden = status_word(quality.status) or "–"
    numbers = (quality.n, quality.missing, quality.unreadable, quality.implausible)
    name = quality.input if quality.group == "all" else f"{quality.input} ({quality.group})"
    return (name, quality.column, quality.unit, *(hidden if v is None else count(v) for v in numbers), quality.hint)
