"""Recorded race and ethnicity: what the record says, the group a report shows, and the row a calculator reads.

Recorded race is a set of categories per patient (OMB Statistical Policy Directive 15, 2024: seven categories, select all
that apply), held as bits. Unknown, Declined and Not collected are kept apart and never read as a category.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from calculators.coded import MISSING, Coded
from calculators.declare import UNDEFINED, RaceTerm
from calculators.tables import read_table

CATEGORIES = (
    "American Indian or Alaska Native",
    "Asian",
    "Black or African American",
    "Hispanic or Latino",
    "Middle Eastern or North African",
    "Native Hawaiian or Pacific Islander",
    "White",
)
SEVERAL = "Multiracial or multiethnic"
UNSTATED = ("Unknown", "Declined", "Not collected")
LEVELS = (*CATEGORIES, SEVERAL, "Other", *UNSTATED)
NOT_HISPANIC = "Not Hispanic or Latino"
ETHNICITIES = ("Hispanic or Latino", NOT_HISPANIC, *UNSTATED)

DETAILS: Mapping[str, str] = {
    "Asian Indian": "Asian",
    "Bangladeshi": "Asian",
    "Chinese": "Asian",
    "Filipino": "Asian",
    "Japanese": "Asian",
    "Korean": "Asian",
    "North East Asian": "Asian",
    "Pakistani": "Asian",
    "South East Asian": "Asian",
    "Vietnamese": "Asian",
    "Other Asian": "Asian",
    "Foreign-born Hispanic": "Hispanic or Latino",
    "Mexican American": "Hispanic or Latino",
    "US-born Hispanic": "Hispanic or Latino",
    "Hawaiian": "Native Hawaiian or Pacific Islander",
    "Maori": "Native Hawaiian or Pacific Islander",
    "Other Pacific Islander": "Native Hawaiian or Pacific Islander",
    "Aboriginal or Torres Strait Islander": "Other",
}

WORDS = (*CATEGORIES, "Other", *UNSTATED, NOT_HISPANIC, *DETAILS)
BIT: Mapping[str, int] = {word: 1 << i for i, word in enumerate(WORDS)}
_CATEGORY_BITS = sum(BIT[c] for c in CATEGORIES)
_RACE_BITS = _CATEGORY_BITS | BIT["Other"]
_LOOKED_AT = (1 << len(WORDS) - len(DETAILS)) - 1

SeveralRaces = Literal["any_mention", "sole_mention"]

LABELS: Mapping[str, tuple[str, ...]] = {
    "Aboriginal or Torres Strait Islander": ("Aboriginal or Torres Strait Islander",),
    "Afro-Caribbean": ("Black or African American",),
    "American Indian or Alaska Native": ("American Indian or Alaska Native",),
    "Asian": ("Asian",),
    "Black": ("Black or African American",),
    "Chinese": ("Chinese",),
    "Filipino": ("Filipino",),
    "Foreign-born Hispanic": ("Foreign-born Hispanic",),
    "Hawaiian": ("Hawaiian",),
    "Hispanic": ("Hispanic or Latino",),
    "Japanese": ("Japanese",),
    "Latino": ("Hispanic or Latino",),
    "Mexican American": ("Mexican American",),
    "Native Hawaiian or Pacific Islander": ("Native Hawaiian or Pacific Islander",),
    "North East Asian": ("North East Asian",),
    "Other Asian": ("Other Asian", "Asian Indian", "Bangladeshi", "Korean", "Pakistani", "Vietnamese"),
    "Other Pacific Islander": ("Other Pacific Islander",),
    "Pacific Islander or Maori": ("Native Hawaiian or Pacific Islander",),
    "South Asian": ("Asian Indian", "Bangladeshi", "Pakistani"),
    "South East Asian": ("South East Asian",),
    "US-born Hispanic": ("US-born Hispanic",),
    "White": ("White",),
}
REST = ("not Black", "not White", "not Asian", "White or other", "Other", "Other or unknown", "Mixed or missing")


@dataclass(frozen=True, eq=False)
class RecordedRace:
    """What the record says, one integer of bits per patient; `asked_apart`: ethnicity was a question of its own."""

    bits: NDArray[np.int64]
    asked_apart: bool = False

    def __len__(self) -> int:
        return len(self.bits)

    def __getitem__(self, rows: NDArray[np.intp]) -> RecordedRace:
        return RecordedRace(self.bits[rows], self.asked_apart)

    @property
    def stated(self) -> NDArray[np.bool_]:
        """Whether any race or ethnicity category (Other included) is recorded."""
        return np.asarray((self.bits & _RACE_BITS) != 0)

    @property
    def race_stated(self) -> NDArray[np.bool_]:
        """Whether a race is recorded; Hispanic or Latino from its own question is none."""
        counted = _RACE_BITS & ~BIT["Hispanic or Latino"] if self.asked_apart else _RACE_BITS
        return np.asarray((self.bits & counted) != 0)

    @property
    def several(self) -> NDArray[np.bool_]:
        """Whether more than one race is recorded (Hispanic or Latino from its own question does not count as one)."""
        counted = self.bits & (_CATEGORY_BITS & ~BIT["Hispanic or Latino"] if self.asked_apart else _CATEGORY_BITS)
        return np.asarray((counted & (counted - 1)) != 0)

    def has(self, *words: str) -> NDArray[np.bool_]:
        """Whether any of these categories or details is recorded."""
        return np.asarray((self.bits & sum(BIT[word] for word in words)) != 0)

    def levels(self) -> Coded:
        """The one group per patient that tables show, one category each (`policy_text` says which)."""
        return Coded(LEVELS, _looked_up(RecordedRace._levels, self.asked_apart)[self.bits & _LOOKED_AT])

    def _levels(self) -> NDArray[np.int8]:
        codes = np.full(len(self.bits), LEVELS.index("Not collected"), dtype=np.int8)
        for word in ("Unknown", "Declined"):
            codes[self.has(word)] = LEVELS.index(word)
        codes[self.has("Other")] = LEVELS.index("Other")
        for category in CATEGORIES:
            codes[self.has(category)] = LEVELS.index(category)
        codes[self.several | (self.has("Other") & self.has(*CATEGORIES) & ~self._only_hispanic)] = LEVELS.index(SEVERAL)
        if self.asked_apart:
            codes[self.has("Hispanic or Latino")] = LEVELS.index("Hispanic or Latino")
        return codes

    @property
    def _only_hispanic(self) -> NDArray[np.bool_]:
        return np.asarray((self.bits & _CATEGORY_BITS) == BIT["Hispanic or Latino"])

    def ethnicity(self) -> Coded:
        """Hispanic or Latino, not, or which kind of not stated."""
        return Coded(ETHNICITIES, _looked_up(RecordedRace._ethnicity, self.asked_apart)[self.bits & _LOOKED_AT])

    def _ethnicity(self) -> NDArray[np.int8]:
        codes = np.full(len(self.bits), ETHNICITIES.index("Not collected"), dtype=np.int8)
        for word in ("Unknown", "Declined"):
            codes[self.has(word)] = ETHNICITIES.index(word)
        codes[self.has(NOT_HISPANIC) | (self.stated & (not self.asked_apart))] = ETHNICITIES.index(NOT_HISPANIC)
        codes[self.has("Hispanic or Latino")] = ETHNICITIES.index("Hispanic or Latino")
        return codes


@cache
def _looked_up(rule: Callable[[RecordedRace], NDArray[np.int8]], asked_apart: bool) -> NDArray[np.int8]:
    """What a rule that asks for no detail of recorded race gives for each possible entry."""
    return rule(RecordedRace(np.arange(_LOOKED_AT + 1), asked_apart))


@dataclass(frozen=True, eq=False)
class Selection:
    """Which row of a race term each patient reads, and why: -1 where the original defines none."""

    rows: NDArray[np.int8]
    unlisted: NDArray[np.bool_]
    unknown: NDArray[np.bool_]


def select_rows(race: RaceTerm, recorded: RecordedRace, several_races: SeveralRaces = "any_mention") -> Selection:
    """The calculator's row for each patient by the declared policy (`policy_text` prints it)."""
    rows = np.full(len(recorded), MISSING, dtype=np.int8)
    several = recorded.several & ~_within_one_row(race, recorded)
    usable = recorded.stated if several_races == "any_mention" else recorded.stated & ~several
    for label in reversed(_precedence(race.labels)):
        rows[usable & recorded.has(*_read_by(race, label))] = race.index(label)
    if race.mixed:
        rows[several] = race.index(race.mixed)
    listed = rows != MISSING
    rest = [label for label in race.labels if label in REST]
    if rest:
        rows[recorded.stated & ~listed] = race.index(rest[0])
        listed |= recorded.stated
    if race.unlisted != UNDEFINED:
        rows[~listed] = race.index(race.unlisted)
    stated = recorded.race_stated if race.reads == "race" else recorded.stated
    return Selection(rows, stated & ~listed, ~stated)


def select_labels(race: RaceTerm, race_group: Coded) -> Selection:
    """The rows where the cohort already holds the calculator's own labels; a blank is an unknown race."""
    table = np.array([race.index(w) if w in race.labels else MISSING for w in race_group.words] + [MISSING], dtype=np.int8)
    rows = table[race_group.codes]
    foreign = race_group.known & (rows == MISSING)
    if race.unlisted != UNDEFINED:
        rows[rows == MISSING] = race.index(race.unlisted)
    return Selection(rows, foreign, ~race_group.known)


def _read_by(race: RaceTerm, label: str) -> tuple[str, ...]:
    """The recorded words that lead to a row: those of its own name, and those that the original counts in it."""
    return (*LABELS[label], *race.includes.get(label, ()))


def _within_one_row(race: RaceTerm, recorded: RecordedRace) -> NDArray[np.bool_]:
    """Whether all categories recorded of a patient belong to one row that counts several."""
    within = np.zeros(len(recorded), dtype=bool)
    for label in race.includes:
        own = sum(BIT[word] for word in _read_by(race, label))
        within |= (recorded.bits & (_CATEGORY_BITS | BIT["Other"]) & ~own) == 0
    return within


def _precedence(labels: Iterable[str]) -> list[str]:
    """Labels that name a group, first the one that wins when several match: Hispanic, then the others, White last."""
    named = [label for label in labels if label in LABELS]
    return sorted(named, key=lambda label: (label == "White", "Hispanic" not in label and label not in ("Latino", "Mexican American")))


def policy_text(several_races: SeveralRaces, asked_apart: bool) -> tuple[str, ...]:
    """The declared policy in sentences, as reports print it."""
    matching = (
        "A patient with several recorded races reads a calculator's row if any of them matches"
        if several_races == "any_mention"
        else "A patient with several recorded races is treated as not listed by the calculator"
    )
    return (
        f"{matching}; where more than one row matches, a Hispanic or Latino row comes first, White last, and otherwise the original's order holds.",
        "Where the original has a row of its own for mixed race, patients with several recorded races read that row.",
        "Asian, Hispanic or Pacific Islander rows that need a detail (such as Chinese, or US-born) are read only where the record has it.",
        "Patients whose race is unknown, declined or not collected, or whom a calculator does not list, fall under the original's own rule; they are counted.",
        "Groups in tables: one category each; Hispanic or Latino of any race where ethnicity was a separate question."
        if asked_apart
        else f"Groups in tables: one category each; patients with more than one are shown as {SEVERAL}.",
    )


def known_words() -> Mapping[str, int]:
    """Words that records use for race and ethnicity (lower case) and the bits they mean."""
    return {row["word"]: sum(BIT[w] for w in row["means"].split(";")) for row in read_table("race_words.csv", "auditor.patients")}


def bits_of(words: Iterable[str]) -> int:
    """The bits of categories and details given by their own names; a detail brings its category."""
    bits = 0
    for word in words:
        bits |= BIT[word]
        if word in DETAILS:
            bits |= BIT[DETAILS[word]]
    return bits
