"""Findings as sentences: how many patients of which group cross a threshold, in which direction, with the interval."""

from __future__ import annotations

from collections.abc import Sequence

from auditor.result import Card
from reports.findings import Finding, merged, moved, withheld
from reports.thresholds import written
from reports.wording import (
    count,
    group_name,
    group_order,
    joined,
    kept_apart,
    people,
    per_thousand,
    percent,
    percent_interval,
    point_interval,
    points,
    several,
)

GAINED = {
    "opens_care": "newly qualify for “{}”",
    "closes_care": "newly fall under “{}”, which closes care",
    "labels": "newly carry the label “{}”",
}
LOST = {
    "opens_care": "no longer qualify for “{}”",
    "closes_care": "no longer fall under “{}”, which opens care",
    "labels": "no longer carry the label “{}”",
}


def condition(finding: Finding) -> str:
    """The threshold of a finding as a reader writes it."""
    return written(finding.decision, finding.card)


def crossing(fact: Sequence[Finding]) -> str:
    """One fact as a sentence: who crosses a threshold in which direction, with the denominator, the interval and what it means for care."""
    finding = fact[0]
    row = finding.row
    share = "weighted share" if row.weighted_n is not None else "share"
    one_way = not row.gained or not row.lost
    parts = []
    for patients, persons, meets, words in (
        (row.gained, row.weighted_gained, "newly meet", GAINED),
        (row.lost, row.weighted_lost, "no longer meet", LOST),
    ):
        if not patients:
            continue
        rate = persons / row.weighted_n if persons is not None and row.weighted_n else patients / (row.n or 1)
        lower, upper = (row.lower, row.upper) if words is GAINED else (_negative(row.upper), _negative(row.lower))
        interval = f"; 95% interval {percent_interval(lower, upper)}" if one_way and lower is not None else ""
        said = f"{share} {percent(rate)}{interval}" if finding.precise else "too few for a precise share"
        meaning = joined([words[f.decision.yes_means].format(f.decision.action) for f in fact])
        parts.append(f"{count(patients)} ({said}) {meets} {condition(finding)}: they {meaning}")
    if one_way:
        rest = "Nobody crosses the other way."
    elif finding.precise and row.lower is not None:
        rest = f"The net change is {points(row.change)} percentage points (95% interval {point_interval(row.lower, row.upper)})."
    else:
        rest = ""
    return f"Of {count(row.n)} {people(row.by, row.group)}, {'; '.join(parts)}. {rest}".strip()


def share_of(finding: Finding, direction: str) -> str:
    """Patients who gain or lose, per 1,000 of their group, with the count and the denominator."""
    patients, rate = (finding.gain, finding.gain_rate) if direction == "gain" else (finding.loss, finding.loss_rate)
    if patients == 0:
        return "nobody"
    counted = f"{count(patients)} of {count(finding.row.n)}"
    if not finding.precise:
        return f"{counted}, too few for a precise rate"
    return f"{per_thousand(rate)} per 1,000 ({counted})"


def largest_change(finding: Finding | None, direction: str, seen: Sequence[Finding]) -> str:
    """The largest gain or loss of care as a cell: what, for whom, how many; or why there is none to show."""
    if finding is not None:
        who = group_name(finding.row.by, finding.row.group)
        return f"{who}: {share_of(finding, direction)}; {finding.decision.action}"
    care = [f for f in seen if f.about_care]
    if not care:
        return "no decision on care was compared"
    hidden = len(withheld(care))
    if hidden:
        return f"none shown; {hidden} of {len(care)} comparisons are not ({kept_apart(f.row.status for f in withheld(care))})"
    return "nobody"


def untouched(rows: Sequence[Finding]) -> str:
    """One sentence on the groups and decisions in which it is known that nobody changes; "" where there are none."""
    if not rows:
        return ""
    still = [f for f in rows if f.untouched]
    groups = {(f.row.by, f.row.group) for f in rows}
    whole = sorted((g for g in groups if all(f.untouched for f in rows if (f.row.by, f.row.group) == g)), key=lambda g: group_order(g[1]))
    if len(still) == len(rows):
        return "No decision of any patient changes in any group."
    if not whole:
        return ""
    return f"No decision changes for {several(whole)}."


def what_race_does(card: Card) -> str:
    """The race term in one sentence, after the calculator's name."""
    return f"{card.title} ({card.id}): the race term {_meaning(card)}."


def race_term_of(card: Card) -> str:
    """The race term in one sentence that does not name the calculator."""
    return f"The race term {_meaning(card)}."


def _meaning(card: Card) -> str:
    return (card.race_meaning or f"reads race as {card.race_kind.replace('_', ' ')}").strip().rstrip(".")


def removal_of(card: Card) -> str:
    """What taking the race term out means for this calculator."""
    if not card.race_removed:
        return ""
    confirmed = (
        "" if card.race_removed_source == "literature" else " No publication names this row; the choice is to be confirmed by a clinician."
    )
    return f"Without race, everyone is scored as “{card.race_removed}”.{confirmed}"


def unlisted_by(card: Card) -> str:
    """What the original does with people whom it does not list or whose race is unknown."""
    if not card.race_unlisted:
        return ""
    included = "".join(f"People recorded as {', '.join(who)} are scored as “{row}”. " for row, who in card.race_includes)
    if card.race_unlisted == "undefined":
        return (
            f"{included}The original says nothing about people whom it does not list or whose race is unknown; they get no score with race."
        )
    return f"{included}People whom the original does not list, or whose race is unknown, are scored as “{card.race_unlisted}”."


def crossings(rows: Sequence[Finding], most: int) -> tuple[str, ...]:
    """The largest changes as sentences, care before labels; of two or more one is a gain and one a loss of care, so that no direction is left out.

    A label that moves more than twice as many patients as any decision on care is told beside it.
    """
    facts = sorted(merged(moved(rows)), key=lambda fact: (not fact[0].precise, not _on_care(fact), -(fact[0].changed or 0)))
    label = next((fact for fact in facts if not _on_care(fact)), None)
    gain = next((fact for fact in facts if any(f.about_care and f.gain for f in fact)), None)
    loss = next((fact for fact in facts if any(f.about_care and f.loss for f in fact)), None)
    first = [fact for fact in (gain, loss) if fact is not None]
    chosen = list(dict.fromkeys([*(first if most > 1 else ()), *facts]))[:most]
    if label and label not in chosen and all((label[0].changed or 0) > 2 * (fact[0].changed or 0) for fact in chosen):
        chosen.append(label)
    return tuple(crossing(fact) for fact in sorted(chosen, key=lambda fact: -(fact[0].changed or 0)))


def _on_care(fact: Sequence[Finding]) -> bool:
    return any(f.about_care for f in fact)


def _negative(value: float | None) -> float | None:
    return None if value is None else -value
