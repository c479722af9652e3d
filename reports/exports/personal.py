"""Which characteristics of a person a calculator reads: race, sex, age, social determinants and others."""

from __future__ import annotations

from collections.abc import Mapping

from auditor.result import Card
from reports.exports.standards import definitions

ATTRIBUTES: Mapping[str, str] = {
    "race": "race",
    "ethnicity": "ethnicity",
    "language": "language",
    "sexual_orientation": "sexual orientation",
    "gender_identity": "gender identity",
    "sex": "sex",
    "date_of_birth": "date of birth",
    "social_determinants": "social determinants of health",
    "health_status": "health status assessments",
}
READS: Mapping[str, tuple[str, ...]] = {
    "race": ("race",),
    "donor_race": ("race",),
    "ethnicity": ("ethnicity",),
    "race_and_ethnicity": ("race", "ethnicity"),
}
BASES = ("race or color", "national origin", "sex", "age", "disability")


def input_names(card: Card) -> tuple[str, ...]:
    """The names of a calculator's inputs."""
    return tuple(text.partition(":")[0].partition(" (")[0] for text in card.inputs)


def uses(card: Card) -> dict[str, tuple[str, ...]]:
    """For every characteristic, how it is read: the race term in words, and the names of inputs."""
    found: dict[str, list[str]] = {attribute: [] for attribute in ATTRIBUTES}
    for attribute in READS.get(card.race_reads, ()):
        found[attribute].append(race_term(card))
    for name in input_names(card):
        for row in definitions("personal_inputs"):
            if row["input"] == name:
                found[row["attribute"]].append(f"{name} ({row['note']})")
    return {attribute: tuple(texts) for attribute, texts in found.items()}


def bases(card: Card) -> dict[str, tuple[str, ...]]:
    """For every basis named in 45 CFR 92.210, what the calculator reads that measures it."""
    found: dict[str, list[str]] = {basis: [] for basis in BASES}
    if card.race_kind:
        found["race or color"].append(race_term(card))
        if card.race_reads in ("ethnicity", "race_and_ethnicity"):
            found["national origin"].append("race term reads ethnicity")
    for name in input_names(card):
        for row in definitions("personal_inputs"):
            if row["input"] == name and row["basis"]:
                found[row["basis"]].append(f"{name} ({row['note']})")
    return {basis: tuple(texts) for basis, texts in found.items()}


def race_term(card: Card) -> str:
    """Where recorded race or ethnicity enters, as an entry of a list."""
    donor = " of the donor" if card.race_reads == "donor_race" else ""
    reads = {"race_and_ethnicity": "race and ethnicity", "donor_race": "race"}.get(card.race_reads, card.race_reads)
    return f"recorded {reads}{donor} ({card.race_kind.replace('_', ' ')})"
