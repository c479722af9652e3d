"""How the score agrees with the recorded outcome, with the race term and without: ranking, calibration, Brier score, net benefit."""

from __future__ import annotations

from collections.abc import Iterator

from auditor.result import AuditResult, CalculatorResult
from auditor.rows import Metric
from reports.blocks import Block, Paragraph, Table
from reports.chapters import View
from reports.findings import methods_of, primary, successor_arm, titles
from reports.thresholds import output_name, written
from reports.wording import arm_name, decimals, everyone, group_name, group_order, kept_apart, several_of, status_word

TITLE = "How the score agrees with the outcome"
MEASURES = {
    "auroc": "Ranking: AUROC (0.5 chance, 1 perfect)",
    "observed_over_expected": "Observed over expected (1 is right)",
    "calibration_in_the_large": "Calibration in the large (0 is right)",
    "calibration_slope": "Calibration slope (1 is right)",
    "integrated_calibration_index": "Mean distance of risk from observed (0 is right)",
    "brier": "Brier score (smaller is better)",
}
NET = "net_benefit"
NOT_ASKED = (
    "This audit was asked (--no-scores) to hold decisions alone against the recorded outcome, and not the scores themselves: "
    "AUROC, calibration and Brier score were left out."
)
Found = dict[tuple[str, str, str, str, str], Metric]


def build(result: AuditResult, calculator: CalculatorResult, view: View) -> Iterator[Block]:
    """Per arm one table of the score's measures and one of net benefit, each with race, in the arm, and the change."""
    if not calculator.card.race_kind:
        return
    if result.cohort.outcome and not result.options.scores:
        yield Paragraph(NOT_ASKED)
    by, names = primary(result), titles(result)
    rows: Found = {(m.metric, m.decision, m.arm, m.by, m.group): m for m in calculator.metrics if m.by == by or everyone(m.by)}
    for arm in ("without_race", *filter(None, (successor_arm(calculator),))):
        for table in (_scores(rows, arm, arm_name(arm, names), result.cohort.outcome), _net(rows, arm, arm_name(arm, names), calculator)):
            if table is not None:
                yield table


def _scores(rows: Found, arm: str, named: str, outcome: str) -> Table | None:
    keys = [k for k in rows if k[2] == arm and not k[1] and k[0].partition(":")[0] in MEASURES]
    shown = [k for k in _ordered(keys) if rows[k].status == "ok"]
    if not shown:
        return None
    return Table(
        caption=f"The score against the recorded outcome ({outcome}), with race and {named}",
        columns=("Measure", "Group", "With race", named[0].upper() + named[1:], "Change"),
        rows=tuple(_line(rows, k, 1.0) for k in shown),
        note=_note(rows, keys, shown),
        text_columns=(0, 1),
        shares=(34, 24, 26, 26, 26),
    )


def _net(rows: Found, arm: str, named: str, calculator: CalculatorResult) -> Table | None:
    decisions = {d.id: written(d, calculator.card) for d in calculator.card.decisions}
    keys = [k for k in rows if k[2] == arm and k[0] == NET and k[1] in decisions]
    shown = [k for k in _ordered(keys) if rows[k].status == "ok"]
    if not shown:
        return None
    return Table(
        caption=f"Net benefit per 1,000 patients at each threshold, with race and {named}",
        columns=("Threshold", "Group", "With race", named[0].upper() + named[1:], "Change", "If everyone had a yes"),
        rows=tuple(
            (
                decisions[k[1]],
                *_line(rows, k, 1000.0)[1:],
                _cell(rows.get((f"{NET}_of_yes_for_all", k[1], "with_race", k[3], k[4])), 1000.0),
            )
            for k in shown
        ),
        note="True yes less false yes, the false ones weighed at the odds of the threshold. " + _note(rows, keys, shown),
        text_columns=(0, 1),
        shares=(34, 24, 26, 26, 26, 26),
    )


def _ordered(keys: list[tuple[str, str, str, str, str]]) -> list[tuple[str, str, str, str, str]]:
    order = {name: place for place, name in enumerate(MEASURES)}
    return sorted(
        keys, key=lambda k: (k[0].partition(":")[2], order.get(k[0].partition(":")[0], 0), k[1], not everyone(k[3]), group_order(k[4]))
    )


def _line(rows: Found, key: tuple[str, str, str, str, str], scale: float) -> tuple[str, ...]:
    metric, decision, arm, by, group = key
    kind, _, output = metric.partition(":")
    change = f"{kind}_change" + (f":{output}" if output else "")
    return (
        MEASURES.get(kind, kind) + (f", {output_name(output)}" if output else ""),
        group_name(by, group),
        _cell(rows.get((metric, decision, "with_race", by, group)), scale),
        _cell(rows[key], scale),
        _cell(rows.get((change, decision, arm, by, group)), scale, signed=True),
    )


def _cell(row: Metric | None, scale: float, signed: bool = False) -> str:
    if row is None:
        return "–"
    if row.status != "ok" or row.value is None:
        return status_word(row.status)
    digits = 1 if scale > 1 else 3
    value, *bounds = (None if v is None else decimals(v * scale, digits, signed) for v in (row.value, row.lower, row.upper))
    return f"{value} ({bounds[0]} to {bounds[1]})" if None not in bounds else str(value)


def _note(rows: Found, keys: list[tuple[str, str, str, str, str]], shown: list[tuple[str, str, str, str, str]]) -> str:
    hidden = len(keys) - len(shown)
    left = (
        f" {several_of(hidden, 'number')} not shown: {kept_apart(rows[k].status for k in keys if rows[k].status != 'ok')}."
        if hidden
        else ""
    )
    return f"In brackets the 95% interval; change = the other minus with race. Methods: {methods_of(rows[k] for k in shown)}.{left}"
