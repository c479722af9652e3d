"""The decision page, after the GRADE Evidence to Decision frameworks: figures filled from the audit, judgements left to people."""

from __future__ import annotations

from collections.abc import Iterator

from auditor.result import AuditResult, CalculatorResult
from reports.blocks import Block, Heading, Paragraph, Table
from reports.findings import (
    FEW,
    Finding,
    featured,
    findings,
    gates_of,
    largest,
    primary,
    race_based,
    successor_arm,
    titles,
)
from reports.phrases import largest_change, untouched, what_race_does
from reports.wording import cohort_size, count, joined, several, slug

TITLE = "The decision"
BLANK = ""


def build(result: AuditResult) -> Iterator[Block]:
    """One sheet per calculator where they are few, one blank sheet otherwise; five principles; names and dates."""
    chosen = race_based(result)
    if not chosen:
        return
    yield Paragraph(
        "One sheet per calculator. The middle column holds what this audit shows; the right column is for the committee, and is empty because software cannot judge."
    )
    if len(chosen) <= FEW:
        for calculator in chosen:
            yield Heading(f"Decision on {calculator.card.title}", 3, slug(f"decision {calculator.card.id}"))
            yield _sheet(result, calculator)
    else:
        names = joined([c.card.title for c in featured(result)]) or "the calculators in use"
        yield Paragraph(
            f"This audit holds {count(len(chosen))} calculators with a race term. Decide on them one by one: an audit of one calculator fills this sheet. "
            f"Those that change most patients' care here: {names}."
        )
    yield Table(
        caption="Five principles for health care algorithms (expert panel convened by AHRQ and NIMHD, Chin and others, JAMA Network Open 2023;6(12):e2345050), as questions",
        columns=("Question", "In this report", "The committee's answer"),
        rows=(
            (
                "Is equity sought at every stage, from the choice of the problem to monitoring?",
                "what removal and succession do to each group",
                BLANK,
            ),
            ("Can people see and understand what the tool does?", "equation, numbers, sources in the card of each calculator", BLANK),
            ("Were patients and communities part of it, and have they reason to trust it?", "not known to the software", BLANK),
            ("Are fairness issues and trade-offs named?", "gains and losses side by side; what is not estimable", BLANK),
            ("Who answers for equity in the results?", "not known to the software", BLANK),
        ),
        text_columns=(0, 1, 2),
        fixed=True,
    )
    yield Table(
        caption="Sign-off",
        columns=("Role", "Name", "Date", "Signature"),
        rows=tuple(
            (role, BLANK, BLANK, BLANK)
            for role in ("Chair", "Clinical lead", "Health equity lead", "Informatics lead", "Patient representative")
        ),
        text_columns=(0, 1, 2, 3),
        fixed=True,
    )


def _sheet(result: AuditResult, calculator: CalculatorResult) -> Table:
    by, arm = primary(result), successor_arm(calculator)
    removal = findings(calculator, "without_race", by)
    moving = findings(calculator, arm, by) if arm else []
    successor = titles(result).get(arm.partition(":")[2], "")
    card, cohort = calculator.card, result.cohort
    reached = [f for f in removal if f.counted and f.changed]
    groups = several(sorted({(f.row.by, f.row.group) for f in reached}))
    reaches = f"Decisions change for {groups}, among {cohort_size(cohort.n)}." if groups else "No change of a decision is shown."
    status = gates_of(calculator)
    rows = (
        (
            "Question",
            f"Should {card.title} go on being used with its race term, without it, or give way to {successor or 'another tool'}?",
            BLANK,
        ),
        (
            "How large is the problem?",
            f"{what_race_does(card)} {reaches}",
            BLANK,
        ),
        ("Desirable effects", _effects(removal, moving, successor, "gain"), BLANK),
        ("Undesirable effects", _effects(removal, moving, successor, "loss"), BLANK),
        (
            "Certainty of the evidence",
            f"{card.confidence.lower().replace('-', ' ')} numbers; {count(status['ok'])} comparisons shown, {count(status['not_estimable'])} not estimable, "
            f"{count(status['imprecise'])} imprecise, {count(status['suppressed'])} suppressed; "
            + ("outcomes read from one column" if cohort.outcome else "outcomes not seen"),
            BLANK,
        ),
        ("What patients value, and with whom it was discussed", "not known to the software", BLANK),
        ("Equity", untouched(removal) or "who changes stands in the chapter, by group", BLANK),
        ("Resources", "not known to the software; patients whose care changes are counted above", BLANK),
        ("Acceptability", "not known to the software", BLANK),
        (
            "Feasibility",
            f"the successor needs: {', '.join(card.inputs)}"
            if not arm
            else f"{successor} could be computed on the patients counted in its column",
            BLANK,
        ),
        ("Judgement", "", BLANK),
        ("Decision and reasons", "", BLANK),
        ("Implementation: who, what, when; who is told; who is contacted again", "", BLANK),
        ("Monitoring: measure, date, owner", "this audit, repeated on new data", BLANK),
    )
    return Table(
        caption=f"Evidence to decision: {card.title}",
        columns=("Criterion", "What this audit shows", "Judgement of the committee"),
        rows=rows,
        text_columns=(0, 1, 2),
        fixed=True,
    )


def _effects(removal: list[Finding], moving: list[Finding], successor: str, direction: str) -> str:
    verb = "gain" if direction == "gain" else "loss"
    said = [f"Largest {verb} of care shown without race: {largest_change(largest(removal, direction), direction, removal)}."]
    if moving:
        said.append(f"By {successor}: {largest_change(largest(moving, direction), direction, moving)}.")
    return " ".join(said)
