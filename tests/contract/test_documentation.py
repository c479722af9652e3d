"""Generated pages are current, every command and calculator has one, and links inside the documentation lead somewhere."""

from __future__ import annotations

import importlib.util
import re
from pathlib import Path

import pytest

from auditor.cli import main
from calculators.registry import registry, unavailable

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
PAGES = sorted([*DOCS.rglob("*.md"), *ROOT.glob("*.md")])
LINK = re.compile(r"(?<!!)\[[^\]]*\]\(([^)#\s]+)(#[^)]*)?\)|!\[[^\]]*\]\(([^)\s]+)\)")


def generator():
    spec = importlib.util.spec_from_file_location("generate", DOCS / "generate.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_generated_pages_are_current() -> None:
    stale = [str(path.relative_to(ROOT)) for path in generator().stale()]
    assert stale == [], f"run python docs/generate.py: {', '.join(stale[:5])}"


@pytest.mark.parametrize("calculator", list(registry()), ids=lambda c: c.id)
def test_every_calculator_has_a_page_that_says_it_all(calculator) -> None:
    text = (DOCS / "calculators" / f"{calculator.id}.md").read_text(encoding="utf-8")
    assert calculator.title in text
    for name in (*calculator.inputs, *calculator.optional_inputs):
        assert f"`{name}`" in text
    for decision in calculator.decisions:
        assert f"`{decision.id}`" in text
    for source in calculator.sources:
        assert not source.doi or f"https://doi.org/{source.doi}" in text
    for label in calculator.race.labels if calculator.race else ():
        assert f"| {label} |" in text


def test_the_catalogue_lists_everything() -> None:
    text = (DOCS / "catalogue.md").read_text(encoding="utf-8")
    for id in (*registry().calculators, *unavailable()):
        assert f"`{id}`" in text


def test_every_command_and_option_is_documented() -> None:
    text = (DOCS / "cli.md").read_text(encoding="utf-8")
    for name, command in main.commands.items():
        assert f"## auditor {name}\n" in text
        assert command.help
        part = text.partition(f"## auditor {name}\n")[2].partition("\n## ")[0]
        for parameter in command.params:
            for option in parameter.opts:
                assert option in part or option.upper() in part, f"{name}: {option}"


@pytest.mark.parametrize("path", PAGES, ids=lambda p: str(p.relative_to(ROOT)))
def test_links_lead_somewhere(path: Path) -> None:
    for match in LINK.finditer(path.read_text(encoding="utf-8")):
        where = match.group(1) or match.group(3)
        if not where.startswith(("http:", "https:", "mailto:")):
            assert (path.parent / where).exists(), where


def test_pages_do_not_name_machines() -> None:
    for path in PAGES:
        text = path.read_text(encoding="utf-8")
        assert not re.search(r"/work/|/tmp/|/root/|\.\./shared", text), path
