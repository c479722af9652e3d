"""Writes the generated pages: one per calculator, the catalogue, the command line's help, and the tables of a result with their JSON Schema.

usage: python docs/generate.py            write the pages that changed
       python docs/generate.py --check    name the pages that are not current, and end with 1 if there are any
"""

from __future__ import annotations

import csv
import json
import sys
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

import click

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from auditor.cli import main as auditor  # noqa: E402
from auditor.result_file import json_schema  # noqa: E402
from auditor.rows import TABLES  # noqa: E402
from calculators.card import card  # noqa: E402
from calculators.declare import UNDEFINED, Calculator  # noqa: E402
from calculators.inputs import get_input  # noqa: E402
from calculators.registry import registry, unavailable  # noqa: E402

DOCS = ROOT / "docs"
VECTORS = ROOT / "tests" / "spec" / "vectors"
EXAMPLES = 4
YES_MEANS = {"opens_care": "opens care", "closes_care": "closes care", "labels": "is a label"}
CONFIDENCE = {"VERIFIED": "two independent sources agree", "SINGLE-SOURCE": "one source only: confirm before relying on it"}


def pages() -> dict[Path, str]:
    """Every generated page by its path."""
    found = {DOCS / "calculators" / f"{c.id}.md": calculator_page(c) for c in registry()}
    found[DOCS / "catalogue.md"] = catalogue_page()
    found[DOCS / "cli.md"] = cli_page()
    found[DOCS / "tables.md"] = tables_page()
    found[DOCS / "result.schema.json"] = json.dumps(json_schema(), indent=1, ensure_ascii=False) + "\n"
    return found


def table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A Markdown table; nothing where there are no rows."""
    lines = [f"| {' | '.join(cell(x) for x in row)} |" for row in rows]
    return "\n".join([f"| {' | '.join(heads)} |", f"|{'---|' * len(heads)}", *lines]) if lines else ""


def cell(text: Any) -> str:
    """A text as the content of a table's cell."""
    return " ".join(str(text).split()).replace("|", "\\|")


def link(id: str) -> str:
    """A calculator's page as a link from another calculator's page."""
    return f"[{id}]({id}.md)"


def bullets(items: Iterable[str]) -> str:
    """A list."""
    return "\n".join(f"- {' '.join(str(item).split())}" for item in items)


def calculator_page(calculator: Calculator) -> str:
    """One calculator's page: what `auditor show` prints, with worked examples."""
    c = card(calculator)
    parts: list[tuple[str, str]] = [
        (
            "",
            f"`{c['id']}` · {c['specialty']} · {c['year']} · {c['role'].replace('_', ' ')} · {c['confidence']} ({CONFIDENCE[c['confidence']]})",
        ),
        ("What it drives", c["drives"]),
        ("Who it is for", c["population"]),
        ("Equation", f"```text\n{c['equation']}\n```" if c["equation"] else ""),
        ("Numbers", f"```text\n{c['constants']}\n```" if c["constants"] else ""),
        ("Inputs", table(("name", "meaning", "unit", "required", "plausible"), _inputs(calculator))),
        ("Outputs", bullets(c["outputs"])),
        ("Race term", _race(calculator, c)),
        ("Thresholds", table(("id", "yes when", "action", "a yes", "guideline", "confidence"), _decisions(c))),
        (
            "Categories",
            bullets(
                f"`{b['id']}` of {b['output']}: {' < '.join(b['labels'])}{f' ({source})' if (source := b['source']) else ''}"
                for b in c["bands"]
            ),
        ),
        ("Component removals", bullets(f"`{a.name}`: {a.meaning}" for a in calculator.ablations)),
        ("Limits", _limits(calculator, c)),
        ("Successor and race-free peers", bullets(_others(calculator))),
        ("History", c["history"]),
        ("Known wrong implementations", bullets(c["known_wrong"])),
        ("Note", c["note"]),
        ("Confidence", c["confidence_note"]),
        ("Worked examples", _examples(calculator)),
        ("Sources", bullets(_sources(calculator))),
        ("", f"Fingerprint of the declaration: `{c['fingerprint']}`"),
    ]
    body = "\n\n".join(f"## {title}\n\n{text}" if title else text for title, text in parts if text)
    return f"# {c['title']}\n\n{body}\n"


def _inputs(calculator: Calculator) -> Iterator[tuple[str, ...]]:
    for name in (*calculator.inputs, *calculator.optional_inputs):
        quantity = get_input(name)
        unit = ", ".join(quantity.categories) if quantity.categories else "yes or no" if quantity.kind == "boolean" else quantity.unit
        plausible = f"{quantity.plausible[0]:g} to {quantity.plausible[1]:g}" if quantity.plausible and quantity.kind == "number" else ""
        yield f"`{name}`", quantity.meaning, unit, "yes" if name in calculator.inputs else "no", plausible


def _race(calculator: Calculator, c: dict[str, Any]) -> str:
    race = calculator.race
    if race is None:
        return "None: recorded race is not read."
    removed = f"everyone is scored with the row `{race.removed}`"
    if race.removed_source == "catalogue":
        removed += "; no publication names this row, it is this catalogue's choice, to be confirmed by a clinician"
    unlisted = (
        "the original says nothing; they get no score with race" if race.unlisted == UNDEFINED else f"scored with the row `{race.unlisted}`"
    )
    facts = [
        f"How: {race.kind.replace('_', ' ')}; {race.meaning}.",
        f"Reads: {race.reads.replace('_', ' ')}.",
        f"Removed means: {removed}.",
        f"People whom the original does not list, or whose race is unknown: {unlisted}.",
        *(f"Counted in the row `{row}`: people recorded as {', '.join(who)}." for row, who in race.includes.items()),
        *([f"People of mixed race: the row `{race.mixed}`, as the original says."] if race.mixed else []),
        *(f"Another removal, `{r.name}`: {r.meaning}." for r in race.other_removals),
        f"Direction at equal inputs: {c['direction']}",
    ]
    return f"{bullets(facts)}\n\n{table(('row', 'numbers'), c['race_rows'])}"


def _decisions(c: dict[str, Any]) -> Iterator[tuple[str, ...]]:
    for d in c["decisions"]:
        yield (
            f"`{d['id']}`",
            f"{d['output']} {d['operator']} {d['cutoff']:g}",
            d["action"],
            YES_MEANS[d["yes_means"]],
            d["guideline"],
            d["confidence"],
        )


def _limits(calculator: Calculator, c: dict[str, Any]) -> str:
    limits = [f"Scored only: {text}" for text in c["valid"]] + [
        f"Made from people with: {text} (outside it the score is still given, and counted)" for text in c["derived_on"]
    ]
    feeds = [
        f"`{name}` may be filled by {link(source.partition(':')[0])} where the cohort lacks it" for name, source in calculator.feeds.items()
    ]
    return bullets([*limits, *feeds])


def _others(calculator: Calculator) -> list[str]:
    successor = [f"Successor: {link(calculator.replaced_by)}"] if calculator.replaced_by else []
    return successor + [f"Race-free peer: {link(id) if id in registry() else id}" for id in calculator.race_free_peers]


def _sources(calculator: Calculator) -> Iterator[str]:
    for source in calculator.sources:
        doi = f" [doi:{source.doi}](https://doi.org/{source.doi})" if source.doi else ""
        yield f"{source.citation}{doi}{f' ({source.note})' if source.note else ''}"


def _examples(calculator: Calculator) -> str:
    """The first test vectors of different groups and arms, without columns that are empty in all of them."""
    path = VECTORS / f"{calculator.id}.csv"
    if not path.exists():
        return ""
    chosen: dict[tuple[str, str], dict[str, str]] = {}
    with path.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            key = (row.get("race_group", ""), row.get("arm", ""))
            if len(chosen) < EXAMPLES and key not in chosen:
                chosen[key] = row
    rows = list(chosen.values())
    shown = [k for k in rows[0] if k != "source" and any(row[k] for row in rows)]
    heads = [f"expected `{k.removeprefix('expected.')}`" if k.startswith("expected.") else f"`{k}`" for k in shown]
    sources = "; ".join(dict.fromkeys(cell(row["source"]) for row in rows if row.get("source")))
    return table(heads, [[_short(row[k]) for k in shown] for row in rows]) + (f"\n\nFrom: {sources}" if sources else "")


def _short(text: str) -> str:
    try:
        return text if len(text) <= 8 else f"{float(text):.6g}"
    except ValueError:
        return text


def catalogue_page() -> str:
    """All calculators by specialty, and the tools that cannot be computed."""
    calculators = list(registry())
    lines = [
        "# Catalogue",
        f"{len(calculators)} calculators by specialty: how race enters, who the original lists, what happened to the term, and what it does at equal inputs. "
        "VERIFIED: two independent sources agree; SINGLE-SOURCE: one source only.",
    ]
    for specialty in dict.fromkeys(c.specialty for c in calculators):
        rows = [
            (
                f"[{c.title}](calculators/{c.id}.md)<br>`{c.id}`",
                c.race.kind.replace("_", " ") if c.race else "none",
                ", ".join(c.race.labels) if c.race else "",
                _status(c),
                c.direction if c.race else "",
                c.confidence,
            )
            for c in calculators
            if c.specialty == specialty
        ]
        lines += [
            f"## {specialty.capitalize()}",
            table(("calculator", "mechanism", "groups", "status", "direction at equal inputs", "confidence"), rows),
        ]
    tools = [(f"{t.title}<br>`{t.id}`", t.specialty, t.how_race_enters, t.why_not, t.status, t.replacement) for t in unavailable().values()]
    lines += [
        "## Known, but not computable here",
        "Tools that use race and whose numbers are not public. They are in the registry so that an inventory can name them.",
        table(("tool", "specialty", "how race enters", "why not", "status", "instead"), tools),
    ]
    return "\n\n".join(lines) + "\n"


def _status(calculator: Calculator) -> str:
    role = calculator.role.replace("_", " ")
    return f"{role}; replaced by [{calculator.replaced_by}](calculators/{calculator.replaced_by}.md)" if calculator.replaced_by else role


def tables_page() -> str:
    """Every table of a result: what a row says, and its columns."""
    schema = json_schema()["$defs"]
    lines = [
        "# Tables of a result",
        "A result (`audit.json`; its JSON Schema is [result.schema.json](result.schema.json)) holds these tables for every calculator; `auditor audit --out FOLDER` writes "
        'each as CSV too, and in Python `result.table("changes")` gives one as a data frame. Empty cells are numbers that are not given; `status` says why: `ok`, '
        "`not_estimable`, `imprecise` (given, but marked), `suppressed`. How every number comes about: [statistics](statistics.md).",
    ]
    for name, kind in TABLES.items():
        row = schema[kind.__name__]
        columns = [(f"`{column}`", _type(field)) for column, field in row["properties"].items()]
        lines += [f"## {name}", row["description"], table(("column", "holds"), columns)]
    return "\n\n".join(lines) + "\n"


def _type(field: dict[str, Any]) -> str:
    """What a column holds, in words."""
    kinds = {kind.get("type", "") for kind in field.get("anyOf", [field])}
    words = {"integer": "whole number", "number": "number", "string": "text", "boolean": "yes or no"}
    said = next(
        (words[kind] for kind in ("integer", "number", "boolean", "string") if kind in kinds), "one of " + ", ".join(field.get("enum", ()))
    )
    return said + (" or nothing" if "null" in kinds else "")


def cli_page() -> str:
    """The help of every command."""
    context = click.Context(auditor, info_name="auditor", terminal_width=110, help_option_names=["-h", "--help"])
    lines = ["# Command line", "The help of every command, as `auditor COMMAND --help` prints it.", _help(auditor, context)]
    for name in auditor.list_commands(context):
        command = auditor.get_command(context, name)
        assert command is not None
        inner = click.Context(command, info_name=name, parent=context, terminal_width=110)
        lines += [f"## auditor {name}", _help(command, inner)]
    lines += [
        "## Exit codes",
        table(
            ("code", "meaning"),
            [
                ("0", "done"),
                ("1", "a policy gate failed"),
                ("2", "an option or argument is wrong"),
                ("10", "a calculator's declaration contradicts itself"),
                ("11", "a file cannot be read or written"),
                ("12", "a column or unit is missing"),
                ("13", "too few patients to report on"),
            ],
        ),
        "## Completion of ids",
        'bash: `eval "$(_AUDITOR_COMPLETE=bash_source auditor)"`, zsh: `eval "$(_AUDITOR_COMPLETE=zsh_source auditor)"`, fish: `_AUDITOR_COMPLETE=fish_source auditor | source`.',
    ]
    return "\n\n".join(lines) + "\n"


def _help(command: click.Command, context: click.Context) -> str:
    return f"```text\n{command.get_help(context).rstrip()}\n```"


def stale() -> list[Path]:
    """Pages that are missing, out of date, or left over from a calculator that is gone."""
    wanted = pages()
    changed = [path for path, text in wanted.items() if not path.exists() or path.read_text(encoding="utf-8") != text]
    return changed + [path for path in sorted((DOCS / "calculators").glob("*.md")) if path not in wanted]


def main() -> int:
    """Write or check the pages."""
    changed = stale()
    if "--check" in sys.argv:
        for path in changed:
            print(f"{path.relative_to(ROOT)} is not current; run python docs/generate.py")
        return 1 if changed else 0
    wanted = pages()
    for path in changed:
        if path in wanted:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(wanted[path], encoding="utf-8")
        else:
            path.unlink()
    print(f"{len(changed)} of {len(wanted)} pages written")
    return 0


if __name__ == "__main__":
    sys.exit(main())
