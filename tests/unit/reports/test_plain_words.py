"""The committee's report reads easily: short sentences, short words."""

from __future__ import annotations

import re

import invented
import pytest

from reports.blocks import Callout, Items, Paragraph
from reports.compose import compose
from reports.wording import kept_apart

HARDEST_GRADE = 10


def syllables(word: str) -> int:
    """Syllables by groups of vowels, a silent final e not counted."""
    groups = len(re.findall(r"[aeiouy]+", word.lower()))
    return max(groups - (word.lower().endswith("e") and not word.lower().endswith("le") and groups > 1), 1)


def grade(text: str) -> float:
    """Flesch-Kincaid grade level."""
    sentences = [s for s in re.split(r"(?<=[.!?;:])\s+", text) if re.search("[a-z]", s)]
    words = re.findall(r"[A-Za-z']+", text)
    return 0.39 * len(words) / len(sentences) + 11.8 * sum(map(syllables, words)) / len(words) - 15.59


def test_the_measure_tells_plain_from_hard() -> None:
    assert grade("The cat sat on the mat. It was red.") < 2
    assert grade("Institutional heterogeneity necessitates multidimensional characterisation of algorithmic discrimination.") > 20


@pytest.mark.parametrize("section", ["Summary", "One page per calculator", "How to read this, and its limits"])
def test_prose_for_the_committee_is_plain(section: str) -> None:
    texts: list[str] = []
    for block in dict(compose(invented.result(), "committee").sections)[section]:
        texts += [block.text] if isinstance(block, Paragraph | Callout) else block.items if isinstance(block, Items) else []
    assert grade(" ".join(texts)) <= HARDEST_GRADE


def test_what_is_not_shown_is_counted_by_its_reason():
    assert kept_apart(["suppressed", "imprecise", "suppressed", "ok"]) == "1 not estimable, 1 imprecise and 2 suppressed"
    assert kept_apart(["suppressed"] * 1200) == "1,200 suppressed"
