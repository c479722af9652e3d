"""Published thresholds as a reader writes them: what is measured, how it is compared, and with what."""

from __future__ import annotations

import re
from functools import cache

from auditor.result import Card, DecisionCard

SIGNS = {"<=": "≤", ">=": "≥"}
MEANS = {"opens_care": "opens care", "closes_care": "closes care", "labels": "names a condition"}
ACRONYMS = {
    "ace": "ACE",
    "arb": "ARB",
    "ascvd": "ASCVD",
    "egfr": "eGFR",
    "gold": "GOLD",
    "gwtg": "GWTG",
    "hf": "HF",
    "impede": "IMPEDE",
    "kdpi": "KDPI",
    "orai": "ORAI",
    "ost": "OST",
    "qsofa": "qSOFA",
    "stone": "STONE",
    "vte": "VTE",
}
HORIZON = re.compile(r"(.+)_(\d+)_year")
UNIT = re.compile(r"(\w+) \((.*)\)")


def output_name(output: str) -> str:
    """An output in words: `egfr` is eGFR, `kidney_failure_2_year` is the 2-year risk of kidney failure."""
    horizon = HORIZON.fullmatch(output)
    name, lead = (horizon[1], f"{horizon[2]}-year risk of ") if horizon else (output, "")
    words = " ".join(ACRONYMS.get(word, word) for word in name.split("_"))
    return lead + words.replace("z score", "z-score")


def written(decision: DecisionCard, card: Card) -> str:
    """A threshold as a reader writes it: probabilities in per cent, a rule that is met or not by its name alone."""
    return _written(decision.output, decision.operator, decision.cutoff, card.outputs)


@cache
def _written(output: str, operator: str, cut: float, outputs: tuple[str, ...]) -> str:
    unit = {found[1]: found[2] for text in outputs if (found := UNIT.match(text))}.get(output, "")
    name = output_name(output)
    if unit == "boolean" and operator == ">=" and cut == 1:
        return f"{name}: yes"
    probability = unit == "1" and 0 < cut < 1
    value = f"{100 * cut:g}%" if probability else f"{cut:g}%" if unit == "%" else f"{cut:g}"
    return f"{name} {SIGNS.get(operator, operator)} {value}".replace(" -", " −")
