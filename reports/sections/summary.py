"""The first page: what was audited, what was found in people, both directions side by side, what cannot be said, options."""

from __future__ import annotations

from collections.abc import Iterator

from auditor.result import AuditResult, CalculatorResult
from reports.blocks import Block, Callout, Items, Paragraph, Table
from reports.findings import (
    FEW,
    Finding,
    by_reach,
    featured,
    findings,
    gates,
    largest,
    moved,
    primary,
    race_based,
    race_free,
    successor_arm,
    titles,
)
from reports.phrases import crossings, largest_change, removal_of, untouched, what_race_does
from reports.sections.options import options
from reports.wording import cohort_size, count, several_of

TITLE = "Summary"


def build(result: AuditResult) -> Iterator[Block]:
    """One page in plain words."""
    yield from _audited(result)
    yield from _found(result)
    yield from _cannot_say(result)
    yield options(result)


def _audited(result: AuditResult) -> Iterator[Block]:
    cohort, chosen = result.cohort, race_based(result)
    weights = f", weighted to {count(cohort.weighted_n)} persons" if cohort.weighted and cohort.weighted_n is not None else ""
    dated = f" on {result.options.date}" if result.options.date else ""
    others = len(race_free(result))
    beside = f", and {others} without a race term beside {'them' if len(chosen) > 1 else 'it'}" if others else ""
    tools = (
        f"{several_of(len(chosen), 'calculator')} with a race term{beside}"
        if chosen
        else f"{others} calculators, none of which has a race term"
    )
    yield Paragraph(
        f"What was audited{dated}: {tools}, on {cohort_size(cohort.n)}{weights}, of {cohort.name} ({_files(cohort.source)}). "
        "Every patient was scored twice, with their recorded race as the calculator reads it and with the race term taken out, "
        "and, where the calculator has an official successor, by that as well."
    )
    if len(chosen) == 1:
        yield Items(tuple(f"{what_race_does(c.card)} {removal_of(c.card)}" for c in chosen))


def _files(source: str) -> str:
    names = source.split(", ")
    return source if len(names) <= 2 else f"{names[0]} and {len(names) - 1} more files"


def _found(result: AuditResult) -> Iterator[Block]:
    chosen = by_reach(result)
    if not chosen:
        yield Paragraph(
            "No calculator in this audit has a race term, so there is nothing to take out. Group figures follow in the chapters."
        )
        return
    by, names = primary(result), titles(result)
    if len(chosen) == 1:
        yield Paragraph(f"What was found for {chosen[0].card.title} when the race term is taken out:")
        yield Items(_said(chosen[0], by, 3))
    elif len(chosen) <= FEW:
        yield Paragraph("How race enters, and the largest change that may be shown when the race term is taken out:")
        yield Items(tuple(" ".join((what_race_does(c.card), removal_of(c.card), *_said(c, by, 1))) for c in chosen))
    listed = featured(result)
    if listed:
        yield _both_directions(result, listed, names)
    if len(chosen) > FEW:
        yield from _others(chosen, by)


def _said(calculator: CalculatorResult, by: str, most: int) -> tuple[str, ...]:
    rows = findings(calculator, "without_race", by)
    unchanged = untouched(rows)
    said = crossings(rows, most)
    if not said and not all(f.untouched for f in rows):
        said = (
            "No change may be shown: the groups are too small, and there may be changes. Inside the hospital, a run with --internal shows them.",
        )
    return (*said, unchanged) if unchanged else said


def _others(chosen: list[CalculatorResult], by: str) -> Iterator[Block]:
    changed = {c.card.id: moved(findings(c, "without_race", by)) for c in chosen}
    labelling = [rows for rows in changed.values() if rows and not any(f.about_care for f in rows)]
    still = [rows for rows in changed.values() if not rows]
    said = [
        f"For {len(labelling)} more, only labels such as stages and grades change." if labelling else "",
        f"For {len(still)} of the {len(chosen)} no change of a decision can be shown; the overview says of each whether nobody changes or the numbers are too small."
        if still
        else "",
    ]
    if any(said):
        yield Paragraph(" ".join(filter(None, said)))


def _both_directions(result: AuditResult, listed: list[CalculatorResult], names: dict[str, str]) -> Table:
    by = primary(result)
    rows = []
    for calculator in listed:
        without = findings(calculator, "without_race", by)
        title = calculator.card.title + (" (illustrative inputs)" if calculator.illustrative else "")
        rows.append((title, f"without race{_unseen(without)}", *_gain_and_loss(without)))
        arm = successor_arm(calculator)
        if arm:
            moving = findings(calculator, arm, by)
            rows.append((title, f"by {names.get(arm.partition(':')[2], arm)}{_unseen(moving)}", *_gain_and_loss(moving)))
    total = len(race_based(result))
    chosen = (
        f" The {len(listed)} of {total} calculators that change most patients' care, of those with one successor the newest."
        if total > len(listed)
        else ""
    )
    return Table(
        caption=f"Who gains and who loses care: the decision and group with most patients in each direction, of those shown.{chosen}",
        columns=("Calculator", "Change", "Most gain care", "Most lose care"),
        rows=tuple(rows),
        note=(
            f"People per 1,000 of the named group{', weighted' if result.cohort.weighted else ''}; in brackets patients, of those whom both calculators can "
            "score. Comparisons not shown may be larger. Different decisions may concern the same patient and are not added up. Whether more or less care is "
            "better is a clinical judgement."
        ),
        text_columns=(0, 1, 2, 3),
        fixed=True,
        shares=(27, 24, 48, 48),
    )


def _unseen(rows: list[Finding]) -> str:
    care = [f for f in rows if f.about_care]
    hidden = [f for f in care if not f.counted and not f.untouched]
    return f" ({count(len(hidden))} of {count(len(care))} not shown)" if hidden else ""


def _gain_and_loss(rows: list[Finding]) -> tuple[str, str]:
    hidden = bool(_unseen(rows))

    def cell(direction: str) -> str:
        end = largest(rows, direction)
        return "none shown" if end is None and hidden else largest_change(end, direction, rows)

    return (cell("gain"), cell("loss"))


def _cannot_say(result: AuditResult) -> Iterator[Block]:
    tally = gates(result)
    total = sum(tally.values())
    outcome = (
        f"Outcomes were read from the column “{result.cohort.outcome}”; care given or withheld in reality was not seen."
        if result.cohort.outcome
        else "Outcomes were not seen: the audit counts decisions that would change, not patients who were harmed or helped."
    )
    lines = [
        "No causal claim: the comparison shows what a formula does to these patients, not why groups differ. Groups are recorded race, a social "
        "category as written in the record; it may differ from how patients describe themselves.",
        outcome,
        f"Of {count(total)} comparisons, {count(tally['not_estimable'])} are not estimable, {count(tally['imprecise'])} imprecise and "
        f"{count(tally['suppressed'])} suppressed because few patients stand behind them; none is a zero.",
    ]
    if result.not_audited:
        lines.append(
            f"{several_of(len(result.not_audited), 'other calculator')} could not be audited on this cohort; the informatics report lists what is missing."
        )
    yield Paragraph("What this audit cannot say:")
    yield Items(tuple(lines))
    if result.cohort.synthetic:
        yield Callout(
            "Synthetic patients",
            "The patients in this report were generated by a program. No number here describes real people or a hospital.",
            "warning",
        )
