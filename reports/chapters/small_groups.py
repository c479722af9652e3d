"""Small groups: each group's rate of record beside an estimate that leans on the other groups."""

from __future__ import annotations

from collections.abc import Iterator

from auditor.result import AuditResult, CalculatorResult
from reports.blocks import Block, Paragraph, Table
from reports.chapters import View
from reports.findings import titles
from reports.thresholds import written
from reports.wording import arm_name, attribute_name, count, everyone, group_order, kept_apart, percent, percent_interval, several_of

TITLE = "Small groups, leaning on the others"


def build(result: AuditResult, calculator: CalculatorResult, view: View) -> Iterator[Block]:
    """One table per grouping and threshold answered alike, with race and without."""
    decisions = {d.id: written(d, calculator.card) for d in calculator.card.decisions}
    rows = [
        s
        for s in calculator.shrunken
        if s.decision in decisions and not everyone(s.by) and s.arm in ("with_race", "without_race") and s.metric == "selection_rate"
    ]
    shown = {(s.by, decisions[s.decision], s.arm, s.group): s for s in reversed(rows) if s.status == "ok" and s.raw is not None}
    names, places = titles(result), list(dict.fromkeys(decisions.values()))
    for by in dict.fromkeys(s.by for s in rows):
        told = sorted(
            ((key, s) for key, s in shown.items() if key[0] == by), key=lambda t: (places.index(t[0][1]), t[0][2], group_order(t[0][3]))
        )
        if told:
            yield Table(
                caption=f"Share with a yes by {attribute_name(by)}: the rate of record, and the estimate that leans on the other groups",
                columns=("Threshold", "Arm", "Group", "Patients", "Rate of record", "Leaning on the others", "95% credible interval"),
                rows=tuple(
                    (
                        key[1],
                        arm_name(key[2], names),
                        key[3],
                        count(s.n),
                        percent(s.raw),
                        percent(s.shrunken),
                        percent_interval(s.lower, s.upper),
                    )
                    for key, s in told
                ),
                note="Empirical Bayes, beta-binomial: the smaller a group, the more its estimate leans on the others. The rate of record is the raw one; the "
                "estimate is for reading small groups with less noise."
                + (
                    " Where groups differ by no more than chance, every estimate is nearly everyone's rate."
                    if any(s.pooled for _, s in told)
                    else ""
                ),
                text_columns=(0, 1, 2),
            )
    hidden = len(rows) - sum(s.status == "ok" for s in rows)
    if rows and hidden:
        yield Paragraph(
            f"{several_of(hidden, 'estimate')} of {count(len(rows))} not shown: {kept_apart(s.status for s in rows if s.status != 'ok')}."
        )
