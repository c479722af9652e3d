"""What stays once the race term is out: how well the inputs tell recorded race, and how far the score separates groups with the same outcome."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from auditor.result import AuditResult, CalculatorResult
from auditor.rows import Proxy
from reports.blocks import Block, Paragraph, Table
from reports.chapters import View
from reports.findings import methods_of, primary, successor_arm, titles
from reports.thresholds import output_name
from reports.wording import arm_name, count, decimals, everyone, group_order, kept_apart, several_of, signed

TITLE = "What stays without the race term"
INPUTS, GAP = "recorded_race_from_inputs", "gap_given_outcome"


def build(result: AuditResult, calculator: CalculatorResult, view: View) -> Iterator[Block]:
    """One table per measure, of those that may be shown."""
    rows = [p for p in calculator.proxies if everyone(p.by) or p.by == primary(result)]
    arms = ("with_race", "without_race", successor_arm(calculator))
    shown = [p for p in rows if p.status == "ok" and p.value is not None]
    told = [p for p in shown if p.measure == INPUTS]
    if told:
        yield Table(
            caption="How well the calculator's other inputs tell patients of a recorded race from all others (0.5 chance, 1 perfect)",
            columns=("Group", "Area under the curve", "95% interval"),
            rows=tuple((p.group, _area(p.value), _between(p, _area)) for p in sorted(told, key=lambda p: group_order(p.group))),
            note="A high area alone is no fault: people differ in what is measured. It says that leaving the term out does not leave out all that goes "
            f"with it. Method: {methods_of(told) if any(r.lower is not None for r in told) else told[0].method}.",
        )
    gaps = sorted(
        (p for p in shown if p.measure == GAP and p.arm in arms), key=lambda p: (p.output, arms.index(p.arm), group_order(p.group))
    )
    if gaps:
        names = titles(result)
        yield Table(
            caption=f"How far a group's score lies from the reference's among patients with the same outcome ({result.cohort.outcome})",
            columns=("Output", "Arm", "Group", "Reference", "Gap", "95% interval", "p, all groups"),
            rows=tuple(
                (output_name(p.output), arm_name(p.arm, names), p.group, p.reference, signed(p.value), _between(p, signed), _p(p.p))
                for p in gaps
            ),
            note="In the score's unit. A gap says that the score still separates groups whose outcomes are alike; an outcome that is recorded or treated "
            f"differently makes such a gap too. Method: {methods_of(gaps)}.",
            text_columns=(0, 1, 2, 3),
        )
    elif told and result.cohort.outcome and not result.options.scores:
        yield Paragraph("How far scores separate groups given the outcome was not asked for: --no-scores leaves it out.")
    hidden = len(rows) - len(shown)
    if hidden:
        yield Paragraph(
            f"{several_of(hidden, 'number')} of {count(len(rows))} not shown: {kept_apart(p.status for p in rows if p not in shown)}."
        )


def _area(value: float | None) -> str:
    return "–" if value is None else decimals(value, 2)


def _between(row: Proxy, show: Callable[[float | None], str]) -> str:
    return "" if row.lower is None or row.upper is None else f"{show(row.lower)} to {show(row.upper)}"


def _p(value: float | None) -> str:
    return "–" if value is None else "< 0.001" if value < 0.001 else f"{value:.3f}"
