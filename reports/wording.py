"""Numbers and groups as words: counts, percentages, people per 1,000, intervals, and what a status means."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from functools import cache

from auditor.rows import Change, Status

GATES: tuple[Status, ...] = ("not_estimable", "imprecise", "suppressed")

RACE = ("race", "recorded_race")
NOT_RECORDED = ("Unknown", "Declined", "Not collected", "Not recorded")
MEANINGS: dict[Status, str] = {
    "ok": "",
    "not_estimable": "not estimable",
    "imprecise": "imprecise",
    "suppressed": "suppressed",
}


def count(value: float | None) -> str:
    """A count in full with separators; an empty cell is said to be empty."""
    return "–" if value is None else f"{value:,.0f}"


def several_of(number: int, noun: str) -> str:
    """A number of things: `1 calculator`, `2 calculators`."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def cohort_size(n: int | None) -> str:
    """How many patients a cohort has, or that their number is suppressed."""
    return "patients whose number is suppressed" if n is None else f"{n:,} patients"


def percent(value: float | None) -> str:
    """A fraction as a percentage with one decimal."""
    return "–" if value is None else f"{100 * value:.1f}%"


def points(value: float | None) -> str:
    """A difference of fractions in percentage points, with its sign."""
    if value is None:
        return "–"
    text = f"{100 * value:+.1f}"
    return "0.0" if text in ("+0.0", "-0.0") else text.replace("-", "−")


def number(value: float | None) -> str:
    """A mean or a score with three significant figures."""
    return "–" if value is None else f"{value:,.3g}".replace("-", "−")


def signed(value: float | None) -> str:
    """A difference of scores with its sign and three significant figures."""
    return "–" if value is None else ("0" if value == 0 else f"{value:+,.3g}".replace("-", "−"))


def decimals(value: float, digits: int, signed: bool = False) -> str:
    """A number with so many decimals; a zero has no sign."""
    text = f"{value:{'+' if signed else ''}.{digits}f}"
    return (text.lstrip("+-") if float(text) == 0 else text).replace("-", "−")


def per_thousand(value: float | None) -> str:
    """A fraction as people per 1,000."""
    if value is None:
        return "–"
    rate = 1000 * value
    if 0 < rate < 0.05:
        return "under 0.1"
    return f"{rate:,.1f}" if 0 < rate < 9.95 else f"{rate:,.0f}"


def point_interval(lower: float | None, upper: float | None) -> str:
    """An interval of a difference of fractions, in percentage points."""
    return "" if lower is None or upper is None else f"{points(lower)} to {points(upper)}"


def percent_interval(lower: float | None, upper: float | None) -> str:
    """An interval of a fraction, ascending, in per cent."""
    return "" if lower is None or upper is None else f"{100 * lower:.1f}% to {100 * upper:.1f}%"


def everyone(by: str) -> bool:
    """Whether a row counts all patients together."""
    return by in ("", "overall")


def attribute_name(by: str) -> str:
    """An attribute, or several together, in words."""
    return joined(by.replace("_", " ").split(","))


def people(by: str, group: str) -> str:
    """A group of patients as a sentence names it."""
    if everyone(by):
        return "all patients"
    if by in RACE:
        if group == "Unknown":
            return "patients whose race is unknown"
        if group == "Declined":
            return "patients who declined to state their race"
        if group == "Not collected":
            return "patients whose race was not collected"
        if group == "Not recorded":
            return "patients without an entry for race"
        return f"patients recorded as {group}"
    if "," in by:
        return f"patients recorded as {group}"
    if by == "sex" and group in ("female", "male"):
        return f"{group} patients"
    return f"patients with {by.replace('_', ' ')} {group}"


def several(groups: list[tuple[str, str]]) -> str:
    """Several groups of patients as a sentence names them, given as (attribute, group)."""
    recorded = [group for by, group in groups if people(by, group) == f"patients recorded as {group}"]
    others = [people(by, group) for by, group in groups if people(by, group) != f"patients recorded as {group}"]
    first = [f"patients recorded as {joined(recorded)}"] if recorded else []
    return ", and ".join([*first, *([joined(others)] if others else [])])


def group_name(by: str, group: str) -> str:
    """A group as a table names it."""
    return "All patients" if everyone(by) else group


@cache
def group_order(group: str) -> tuple[int, str]:
    """Alphabetical, with what was not recorded last."""
    return (int(any(part in NOT_RECORDED for part in group.split(", "))), group)


def arm_name(arm: str, titles: dict[str, str] | None = None) -> str:
    """An arm as a table names it."""
    kind, _, name = arm.partition(":")
    if arm == "with_race":
        return "with race"
    if arm == "without_race":
        return "without race"
    if kind == "successor":
        return f"successor {(titles or {}).get(name, name)}"
    if kind == "as_if":
        return f"as if {name}"
    if kind in ("removed", "ablation"):
        return f"{name.replace('_', ' ')} (another way of removing)" if kind == "removed" else f"without {name.replace('_', ' ')}"
    return arm.replace("_", " ").replace(":", ": ")


def status_word(status: Status) -> str:
    """A status in words; nothing where the number stands."""
    return MEANINGS[status]


def kept_apart(statuses: Iterable[Status]) -> str:
    """How many numbers are not estimable, imprecise and suppressed, each by itself; one that is missing though it passed is not estimable."""
    counted: Counter[Status] = Counter("not_estimable" if status == "ok" else status for status in statuses)
    return joined([f"{count(counted[gate])} {status_word(gate)}" for gate in GATES if counted[gate]])


def structural_zero(row: Change) -> bool:
    """Whether no patient of the group could change, because the term is not applied to it."""
    return row.method == "structural zero"


def sentence(text: str) -> str:
    """The text as one sentence: capital first, full stop last."""
    text = text.strip()
    if not text:
        return ""
    return text[0].upper() + text[1:] + ("" if text[-1] in ".?!" else ".")


def joined(names: list[str]) -> str:
    """A list in running text."""
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}" if names else ""


def slug(text: str) -> str:
    """A text as an anchor."""
    return re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-")
