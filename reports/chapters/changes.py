"""What changes: per decision and group the share with a yes, with race, without, and by the successor."""

from __future__ import annotations

from collections.abc import Iterator

from auditor.result import AuditResult, CalculatorResult, Card
from reports.blocks import Block, Paragraph, Table
from reports.chapters import View
from reports.charts import arrow_plot
from reports.findings import Finding, findings, merged, methods_of, moved, other_attributes, primary, successor_arm, titles, withheld
from reports.phrases import condition, untouched
from reports.thresholds import MEANS, written
from reports.wording import arm_name, attribute_name, count, group_name, joined, percent, point_interval, points, status_word

TITLE = "Change per decision and group"


def build(result: AuditResult, calculator: CalculatorResult, view: View) -> Iterator[Block]:
    """Chart, then one table of the thresholds and groups in which somebody changes; the rest in plain sentences."""
    by, names = primary(result), titles(result)
    if not calculator.card.race_kind:
        ablations = [arm.id for arm in calculator.arms if arm.id.startswith("ablation:")]
        rows = [f for arm in ablations for f in findings(calculator, arm, by)]
        if rows:
            yield _thresholds(calculator.card)
            yield from _tables(rows, ablations, names, "group")
        return
    without = findings(calculator, "without_race", by)
    if not without:
        yield Paragraph(_nothing_compared(calculator))
        return
    arms = ["without_race", *filter(None, (successor_arm(calculator),))]
    rows = [f for arm in arms for f in findings(calculator, arm, by)]
    if view.arrows and (figure := arrow_plot(moved(rows), names)):
        yield figure
    yield _thresholds(calculator.card)
    yield from _tables(rows, arms if view.everything else arms[:1], names, "group")
    said = untouched(without)
    if said:
        yield Paragraph(f"When the term is taken out: {said[0].lower()}{said[1:]}")
    if view.everything:
        for attribute in other_attributes(result, calculator):
            yield from _tables([f for arm in arms for f in findings(calculator, arm, attribute)], arms, names, attribute)
    hidden = withheld(rows)
    if hidden:
        yield Paragraph(_hidden(hidden))


def _nothing_compared(calculator: CalculatorResult) -> str:
    if not calculator.card.decisions:
        return "No published threshold was found for this calculator, so there is no decision to compare; the scores are compared below."
    return "No decision was compared between arms."


def _thresholds(card: Card) -> Table:
    return Table(
        caption="Thresholds and what they decide",
        columns=("Threshold", "A yes means", "For care, it", "Guideline"),
        rows=tuple(
            (
                written(d, card),
                d.action,
                MEANS[d.yes_means],
                d.guideline + (" (one source)" if d.confidence == "SINGLE-SOURCE" and "SINGLE-SOURCE" not in d.guideline else ""),
            )
            for d in card.decisions
        ),
        text_columns=(0, 1, 2, 3),
        fixed=True,
    )


def _tables(rows: list[Finding], arms: list[str], names: dict[str, str], attribute: str) -> Iterator[Table]:
    for arm in arms:
        chosen = merged(f for f in moved(rows) if f.row.arm == arm)
        if not chosen:
            continue
        weighted = any(fact[0].row.weighted_n is not None for fact in chosen)
        what = _compared(arm, names)
        by = "" if attribute == "group" else f", by {attribute_name(attribute)}"
        yield Table(
            caption=f"Patients whose decision is yes {what}{by}: thresholds and groups in which somebody changes",
            columns=(
                "Threshold",
                "Group",
                "Patients",
                "Yes with race",
                "Yes by successor" if arm.startswith("successor:") else "Yes without",
                "No to yes",
                "Yes to no",
                "Change, points",
                "95% interval",
            ),
            rows=tuple(_row(fact, _alike(chosen, fact)) for fact in chosen),
            note=("Shares and changes are weighted; counts are patients. " if weighted else "")
            + f"Change in percentage points of the group's patients whom both can score. Intervals: {methods_of(fact[0].row for fact in chosen)}.",
            text_columns=(0, 1),
        )


def _compared(arm: str, names: dict[str, str]) -> str:
    if arm == "without_race":
        return "with race and without"
    return f"with race and by the {arm_name(arm, names)}" if arm.startswith("successor:") else f"as published and {arm_name(arm, names)}"


def _alike(facts: list[tuple[Finding, ...]], fact: tuple[Finding, ...]) -> bool:
    """Whether this threshold answers in one way for this group, so that its name needs no action beside it."""
    return sum(condition(f[0]) == condition(fact[0]) and f[0].row.group == fact[0].row.group for f in facts) == 1


def _row(fact: tuple[Finding, ...], alike: bool) -> tuple[str, ...]:
    finding = fact[0]
    row = finding.row
    return (
        condition(finding) if alike else f"{condition(finding)}: {joined([f.decision.action for f in fact])}",
        group_name(row.by, row.group),
        count(row.n),
        _share(row.yes_with, row.rate_with if finding.precise else None),
        _share(row.yes_arm, row.rate_arm if finding.precise else None),
        count(row.gained),
        count(row.lost),
        points(row.change) if finding.precise else "imprecise",
        point_interval(row.lower, row.upper) if finding.precise else "imprecise",
    )


def _share(patients: int | None, rate: float | None) -> str:
    return count(patients) if rate is None else f"{count(patients)} ({percent(rate)})"


def _hidden(hidden: list[Finding]) -> str:
    by_status = {s: [f for f in hidden if f.row.status == s] for s in ("not_estimable", "imprecise", "suppressed")}
    parts = [
        f"{len(found)} {status_word(status)} ({joined(sorted({group_name(f.row.by, f.row.group) for f in found}))})"  # type: ignore[arg-type]
        for status, found in by_status.items()
        if found
    ]
    return f"Rates not shown, which does not mean zero: {joined(parts)}."
