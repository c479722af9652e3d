"""No template, generated text, docs page or calculator uses words that the glossary rules out."""

from __future__ import annotations

import ast
import dataclasses
import re
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from calculators.registry import registry

sys.path.insert(0, str(Path(__file__).parents[1] / "unit" / "reports"))
import invented

import reports
from reports.audiences import AUDIENCES

ROOT = Path(__file__).parents[2]
RULED_OUT = {
    "race and ethnicity are two words": r"(?i)race/ethnicity",
    "say White": r"(?i)\bcaucasians?\b",
    "name the groups (non-white)": r"(?i)\bnon-?white",
    "name the groups (minority)": r"(?i)(?<!racial and ethnic )\bminorit(?:y|ies)\b",
    "a group is never a noun": r"\b(?:Blacks|Whites|Asians|Hispanics)\b",
    "race is no cause": r"(?i)\brace (?:causes|explains|drives)\b",
    "race is not biological": r"(?i)\bbiological(?:ly)? race",
    "say difference associated with the race term": r"(?i)\bracial effect",
    "say non-adherence": r"(?i)\bnon-?complian(?:t|ce)\b",
    "people are not vulnerable by nature": r"(?i)\bvulnerable (?:groups?|populations?|patients?)\b",
    "patients are not targets": r"(?i)\btarget(?:ing|ed|s)? [^.\n]{0,40}patients\b",
    "say recorded race, disparity": r"(?i)\bprotected class\b|\bbias score\b|\bethnicity-adjusted\b",
}


def faults(text: str) -> list[str]:
    """The rules that a text breaks, with the words."""
    matches = {rule: re.search(pattern, text) for rule, pattern in RULED_OUT.items()}
    return [f"{rule}: “{match.group()}”" for rule, match in matches.items() if match]


def strings(path: Path) -> Iterator[str]:
    """The string literals of a module, docstrings included."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value


def texts(value: Any) -> Iterator[str]:
    """Every text in a declaration except citations, which are quoted as published."""
    if isinstance(value, str):
        yield value
    elif dataclasses.is_dataclass(value) and not isinstance(value, type):
        for field in dataclasses.fields(value):
            if field.name not in ("sources", "formula", "inputs", "optional_inputs"):
                yield from texts(getattr(value, field.name))
    elif isinstance(value, Mapping):
        for key, item in value.items():
            yield from (*texts(key), *texts(item))
    elif isinstance(value, (tuple, list)):
        for item in value:
            yield from texts(item)


@pytest.mark.parametrize(
    ("text", "bad"),
    [
        ("patients recorded as Black or African American", False),
        ("Caucasian men", True),
        ("non-white patients", True),
        ("nonwhite", True),
        ("Blacks have", True),
        ("White patients; the whites of eggs", False),
        ("minority patients", True),
        ("racial and ethnic minority groups", False),
        ("race explains", True),
        ("race/ethnicity", True),
        ("non-compliant", True),
        ("vulnerable populations", True),
        ("targets uninsured patients", True),
        ("target value", False),
    ],
)
def test_the_lint_bites(text: str, bad: bool) -> None:
    assert bool(faults(text)) == bad


@pytest.mark.parametrize("path", sorted((ROOT / "reports").rglob("*.py")), ids=lambda p: p.name)
def test_modules_of_reports(path: Path) -> None:
    assert [f for text in strings(path) for f in faults(text)] == []


@pytest.mark.parametrize(
    "path",
    [
        p
        for pattern in (
            "reports/**/*.html",
            "reports/**/*.css",
            "reports/**/*.js",
            "reports/**/*.typ",
            "reports/**/*.csv",
            "docs/**/*.md",
            "*.md",
            "examples/**/*.md",
        )
        for p in sorted(ROOT.glob(pattern))
    ],
    ids=lambda p: p.name,
)
def test_templates_and_pages(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    if path.name == "glossary.md":
        text = text.partition("## Words that are not used")[0]
    assert faults(text) == []


@pytest.mark.parametrize("calculator", list(registry()), ids=lambda c: c.id)
def test_calculators(calculator: Any) -> None:
    assert [f for text in texts(calculator) for f in faults(text)] == []


@pytest.mark.parametrize("audience", AUDIENCES)
@pytest.mark.parametrize("weighted", [False, True])
def test_generated_reports(audience: str, weighted: bool) -> None:
    result = invented.result(synthetic=True, internal=True, weighted=weighted)
    for format in ("html", "md"):
        assert faults(reports.to_bytes(result, audience, format).decode()) == []
