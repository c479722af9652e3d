"""Every calculator with a race term on one line: whose decisions change, and what could not be estimated."""

from __future__ import annotations

from collections.abc import Iterator

from auditor.result import AuditResult, CalculatorResult
from reports.blocks import Block, Paragraph, Table
from reports.charts import forest_plot
from reports.findings import FEW, Finding, findings, moved, primary, race_based, race_free, withheld
from reports.phrases import condition
from reports.wording import count, everyone, group_name, joined, point_interval, points, status_word

TITLE = "All calculators at a glance"


def build(result: AuditResult) -> Iterator[Block]:
    """A picture of the largest change of each, one table by specialty; calculators without a race term are named below it."""
    chosen = sorted(race_based(result), key=lambda c: (c.card.specialty, c.card.title))
    if len(chosen) > FEW:
        leading = {c.card.id: _leading(result, c) for c in chosen}
        if figure := forest_plot([f for c in chosen if not c.illustrative and (f := leading[c.card.id]) is not None]):
            yield figure
        yield Table(
            caption="Calculators with a race term: what changes when it is taken out, over every decision and group",
            columns=(
                "Calculator",
                "Specialty",
                "Patients scored",
                "Decisions that change",
                "Groups that change",
                "Most patients change",
                "Not shown",
            ),
            rows=tuple(_line(result, c, leading[c.card.id]) for c in chosen),
            note="Most patients change: the decision and group in which most do, care before labels, with the change of the share with a yes in percentage "
            "points and its 95% interval. Not shown: comparisons that are not estimable, imprecise or suppressed. A calculator without a published "
            "threshold has no decision to change.",
            text_columns=(0, 1, 3, 4, 5),
            shares=(34, 18, 12, 15, 12, 44, 10),
        )
    free = race_free(result)
    if free:
        yield Paragraph(f"Without a race term, audited for comparison: {joined([c.card.title for c in free])}.")


def _leading(result: AuditResult, calculator: CalculatorResult) -> Finding | None:
    """The decision and group in which most patients change, care before labels; those with a rate before those without."""
    changed = moved(findings(calculator, "without_race", primary(result)))
    return max(changed, key=lambda f: (f.precise, f.about_care, f.changed or 0), default=None)


def _line(result: AuditResult, calculator: CalculatorResult, leading: Finding | None) -> tuple[str, ...]:
    rows = findings(calculator, "without_race", primary(result))
    changed = moved(rows)
    if not rows:
        what = "no published threshold" if not calculator.card.decisions else "none compared"
    elif not changed:
        what = "none" if all(f.untouched for f in rows) else "none that may be shown"
    else:
        what = f"{len({f.decision.id for f in changed})} of {len({f.decision.id for f in rows})}"
    groups = len({f.row.group for f in changed})
    return (
        calculator.card.title + (" (illustrative inputs)" if calculator.illustrative else ""),
        calculator.card.specialty,
        _scored(result, calculator),
        what,
        f"{groups} of {len({f.row.group for f in rows})}" if rows else "–",
        _change(leading),
        count(len(withheld(rows))),
    )


def _change(leading: Finding | None) -> str:
    if leading is None:
        return "–"
    row = leading.row
    where = f"{condition(leading)}, {group_name(row.by, row.group)}: {count(leading.changed)} of {count(row.n)}"
    if not leading.precise:
        return f"{where}, too few for a precise rate"
    return f"{where}; {points(row.change)}" + (f" ({point_interval(row.lower, row.upper)})" if row.lower is not None else "")


def _scored(result: AuditResult, calculator: CalculatorResult) -> str:
    """Patients scored in all; where that is hidden, the groups' sum if every group is shown."""
    everybody = next((r for r in calculator.coverage if everyone(r.by)), None)
    if everybody is not None and everybody.scored is not None:
        return count(everybody.scored)
    rows = [r for r in calculator.coverage if r.by == primary(result)]
    if not rows or any(r.scored is None for r in rows):
        return status_word("suppressed")
    return count(sum(r.scored or 0 for r in rows))
