"""The decision sheet of one calculator, after the GRADE Evidence to Decision frameworks: figures filled, judgements left to people."""

from __future__ import annotations

from collections.abc import Iterator

from auditor.result import AuditResult, CalculatorResult
from reports.blocks import Block, Table
from reports.chapters import View
from reports.contrasts import largest as largest_of
from reports.contrasts import of_decisions, with_interval
from reports.findings import Finding, findings, gates_of, largest, primary, successor_arm, titles
from reports.phrases import largest_change, share_of
from reports.thresholds import output_name
from reports.wording import GATES, count, joined, people, points, status_word

TITLE = "The decision"
BLANK = ""
UNKNOWN = "not known to the software"
SOURCES = {
    "VERIFIED": "Two independent sources agree on the calculator's numbers.",
    "SINGLE-SOURCE": "One source for the calculator's numbers.",
}


def build(result: AuditResult, calculator: CalculatorResult, view: View) -> Iterator[Block]:
    """One table: criterion, what this audit shows, and an empty field for the judgement."""
    if not calculator.card.race_kind:
        return
    by, arm = primary(result), successor_arm(calculator)
    removal = findings(calculator, "without_race", by)
    moving = findings(calculator, arm, by) if arm else []
    successor = titles(result).get(arm.partition(":")[2], "")
    rows = (
        ("Desirable effects", _effects(removal, moving, successor, "gain")),
        ("Undesirable effects", _effects(removal, moving, successor, "loss")),
        ("Equity: largest disparity shown", _disparity(calculator, by) or "none that may be shown"),
        ("Certainty of the evidence", _certainty(result, calculator)),
        ("What patients value, and who was asked", UNKNOWN),
        ("Resources; acceptability", "not known; the patients counted above may need notice, tests or visits"),
        ("Feasibility", _feasibility(calculator, moving, successor)),
        ("Decision and reasons", BLANK),
        ("Who does what, when; who is contacted", BLANK),
        ("Monitoring", "this audit, repeated on new data; date and owner"),
    )
    yield Table(
        caption=f"Evidence to decision: keep the race term of {calculator.card.title}, take it out, or move to {successor or 'another tool'}?",
        columns=("Criterion", "What this audit shows", "Judgement of the committee"),
        rows=tuple((*row, BLANK) for row in rows),
        text_columns=(0, 1, 2),
        fixed=True,
        shares=(24, 68, 36),
    )


def _effects(removal: list[Finding], moving: list[Finding], successor: str, direction: str) -> str:
    verb = "gain" if direction == "gain" else "loss"
    said = [f"Largest {verb} of care shown: without race, {_largest(removal, direction)}"]
    if moving:
        said.append(f"by {successor}, {_largest(moving, direction)}")
    return "; ".join(said) + "."


def _largest(rows: list[Finding], direction: str) -> str:
    """The group with the largest gain or loss of care and its size; the decision stands in the table of gains and losses."""
    finding = largest(rows, direction)
    if finding is None:
        return largest_change(None, direction, rows).replace(";", ",")
    return f"{share_of(finding, direction)} of {people(finding.row.by, finding.row.group)}"


def _disparity(calculator: CalculatorResult, by: str) -> str:
    """The largest disparity that the term introduces into a decision, care before labels, with the interval that holds for all together."""
    actions = {d.id: d.action for d in calculator.card.decisions}
    care = {d.id for d in calculator.card.decisions if d.yes_means != "labels"}
    rows = [r for r in of_decisions(calculator, by) if r.decision in actions]
    row = largest_of([r for r in rows if r.decision in care]) or largest_of(rows)
    if row is None:
        return ""
    return (
        f"Share with a yes to “{actions[row.decision]}”, {row.group} minus {row.reference}: {points(row.with_)} points with race, "
        f"{points(row.other)} without; the term introduces {with_interval(row)}."
    )


def _certainty(result: AuditResult, calculator: CalculatorResult) -> str:
    status = gates_of(calculator)
    gates = ", ".join(f"{count(status[gate])} {status_word(gate)}" for gate in GATES if status[gate])
    total = count(sum(status.values()))
    return " ".join(
        (
            SOURCES.get(calculator.card.confidence, ""),
            f"Of {total} comparisons, {gates}." if gates else f"All {total} comparisons are shown.",
            f"Outcomes: column “{result.cohort.outcome}”." if result.cohort.outcome else "Outcomes not seen.",
        )
    ).strip()


def _feasibility(calculator: CalculatorResult, moving: list[Finding], successor: str) -> str:
    if not moving:
        return f"no successor was computed; this tool needs {joined([output_name(i.partition(' ')[0]) for i in calculator.card.inputs])}"
    most = max((f.row.n or 0 for f in moving), default=0)
    return f"{successor} could be computed here" + (f", in the largest group for {count(most)} patients" if most else "")
