"""The 45 CFR 92.210 inventory and mitigation worksheet: what the audit knows of each tool, and fields for people."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from auditor.result import AuditResult, CalculatorResult
from reports.blocks import Block, Document, Heading, Items, Paragraph, Table
from reports.exports.facts import digest, introduced
from reports.exports.personal import bases
from reports.exports.standards import definitions, framework, to_csv
from reports.findings import findings, made_by, primary, withheld
from reports.phrases import crossings, what_race_does
from reports.wording import count, kept_apart, people

MOST_RISKS = 6
LABELS = {
    "tool": "Tool",
    "title": "Title",
    "where_used": "Where it is used",
    "automated": "Automated",
    "race_or_color": "Measures race or color",
    "national_origin": "Measures national origin",
    "sex": "Measures sex",
    "age": "Measures age",
    "disability": "Measures disability",
    "how_it_enters": "How race or ethnicity enters",
    "date_identified": "Date identified",
    "evidence": "Evidence",
    "risk_found": "Risk found in this audit",
    "mitigation": "Mitigation chosen",
    "mitigation_reason": "Reason for the choice",
    "owner": "Owner",
    "due": "Due",
    "next_review": "Next review",
    "patients_to_contact_again": "Patients whose decision changes",
    "contact_plan": "Plan to contact patients again",
}


def fields() -> tuple[str, ...]:
    """The worksheet's columns, then the rule's status and the stamps."""
    return (*(row["field"] for row in definitions("worksheet_1557")), "status", "as_of", "source", "stamps")


def worksheet(result: AuditResult, calculator: CalculatorResult) -> dict[str, str]:
    """One tool's row: filled where the audit knows, blank where people must decide."""
    rule = framework("section_1557")
    values = {
        row["field"]: FILLED[row["filled_by"]](result, calculator) if row["filled_by"] else "" for row in definitions("worksheet_1557")
    }
    return values | _rule(result) | {"status": rule.status}


def inventory(result: AuditResult, calculators: Sequence[CalculatorResult]) -> list[Mapping[str, str]]:
    """A row per tool; tools that the cohort could not serve follow with the reason in place of a finding."""
    rows: list[Mapping[str, str]] = [worksheet(result, c) for c in calculators]
    if len(calculators) < len(result.calculators):
        return rows
    rule = framework("section_1557")
    for tool in result.not_audited:
        known = {"tool": tool.id, "title": tool.title, "risk_found": f"not audited: {tool.reason}"}
        rows.append(dict.fromkeys(fields(), "") | known | _rule(result) | {"status": rule.status})
    return rows


def to_bytes(result: AuditResult, calculators: Sequence[CalculatorResult]) -> bytes:
    """The worksheet as CSV, one row per tool."""
    return to_csv(fields(), inventory(result, calculators))


def page(result: AuditResult, calculators: Sequence[CalculatorResult]) -> bytes:
    """The worksheet as an HTML page to be filled in and signed."""
    from reports.render.html import to_html

    return to_html(document(result, calculators))


def document(result: AuditResult, calculators: Sequence[CalculatorResult]) -> Document:
    """The worksheet as blocks: the rule, then a table of fields per tool."""
    rule = framework("section_1557")
    start = (
        Paragraph(f"{rule.title}. {rule.status} As of {rule.as_of}; {rule.source}."),
        Items(
            (
                "The rule covers automated tools and paper ones. It asks for reasonable efforts to identify tools whose inputs measure race, color, "
                "national origin, sex, age or disability, and to mitigate the risk of discrimination from their use.",
                "Figures are filled from the audit. Blank fields are judgements and duties of people; the software recommends none.",
                "This worksheet is no legal advice.",
            )
        ),
    )
    sections: list[tuple[str, tuple[Block, ...]]] = [("About this worksheet", start)]
    blocks: list[Block] = []
    choices = {row["field"]: row["choices"] for row in definitions("worksheet_1557")}
    for calculator in calculators:
        row = worksheet(result, calculator)
        blocks.append(Heading(calculator.card.title, 3, f"tool-{calculator.id}"))
        blocks.append(
            Table(
                caption=f"Worksheet for {calculator.card.title}",
                columns=("Field", "Entry"),
                rows=tuple((LABELS[f], row[f] or _blank(choices[f])) for f in LABELS),
                text_columns=(0, 1),
                fixed=True,
            )
        )
    sections.append(("Tools", tuple(blocks)))
    if result.not_audited and len(calculators) == len(result.calculators):
        lacking = Items(tuple(f"{tool.title} ({tool.id}): {tool.reason}" for tool in result.not_audited))
        sections.append(("Tools not audited", (lacking,)))
    return Document(
        title="Inventory and mitigation worksheet, 45 CFR 92.210",
        subtitle=result.cohort.name,
        stamps=result.stamps,
        fingerprint=digest(result),
        date=result.options.date,
        author=made_by(result),
        sections=tuple(sections),
    )


def _blank(choices: str) -> str:
    return f"________ ({choices})" if choices else "________"


def _rule(result: AuditResult) -> dict[str, str]:
    rule = framework("section_1557")
    return {"as_of": rule.as_of, "source": rule.source, "stamps": "; ".join(result.stamps)}


def _basis(name: str) -> Callable[[AuditResult, CalculatorResult], str]:
    def read(_result: AuditResult, calculator: CalculatorResult) -> str:
        found = bases(calculator.card)[name]
        return f"yes: {'; '.join(found)}" if found else "no"

    return read


def _evidence(result: AuditResult, calculator: CalculatorResult) -> str:
    return f"audit {digest(result)[:16]} of {result.cohort.name}, declaration {calculator.card.fingerprint}"


def _risk_found(result: AuditResult, calculator: CalculatorResult) -> str:
    if not calculator.card.race_kind:
        return "no race term; differences between groups are in the audit"
    rows = findings(calculator, "without_race", primary(result))
    if not rows:
        return "no published threshold is declared, so that no decision could be compared"
    found = [*crossings(rows, MOST_RISKS), *(f"Disparity introduced: {text}." for text in introduced(result, calculator)[:MOST_RISKS])]
    hidden = len(withheld(rows))
    if hidden:
        found.append(
            f"{count(hidden)} of {count(len(rows))} comparisons are not shown: {kept_apart(f.row.status for f in withheld(rows))}."
        )
    return " ".join(found) or "no decision changes when the race term is removed"


def _patients(result: AuditResult, calculator: CalculatorResult) -> str:
    """Per group, the most patients whose decision changes at any one threshold; a patient may cross several."""
    if not calculator.card.race_kind:
        return "none: no race term"
    most: dict[tuple[str, str], int] = {}
    hidden: set[tuple[str, str]] = set()
    for finding in findings(calculator, "without_race", primary(result)):
        if finding.untouched:
            continue
        group = (finding.row.by, finding.row.group)
        if finding.counted and finding.changed is not None:
            most[group] = max(most.get(group, 0), finding.changed)
        else:
            hidden.add(group)
    shown = [f"{people(*group)}: at least {count(n)}" for group, n in most.items() if n]
    if hidden:
        shown.append("not shown in full for " + ", ".join(sorted(people(*g) for g in hidden)))
    return "; ".join(shown) or "none"


FILLED: dict[str, Callable[[AuditResult, CalculatorResult], str]] = {
    "tool": lambda _, c: c.id,
    "title": lambda _, c: c.card.title,
    "race_or_color": _basis("race or color"),
    "national_origin": _basis("national origin"),
    "sex": _basis("sex"),
    "age": _basis("age"),
    "disability": _basis("disability"),
    "how_it_enters": lambda _, c: what_race_does(c.card) if c.card.race_kind else "no race term",
    "date_identified": lambda r, _: r.options.date,
    "evidence": _evidence,
    "risk_found": _risk_found,
    "patients_to_contact_again": _patients,
}
