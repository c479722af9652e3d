"""The list of what a result holds is complete, and finds what should not be in it."""

from __future__ import annotations

import getpass
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, get_args, get_type_hints

import msgspec
import pytest
from click.testing import CliRunner

sys.path.insert(0, str(Path(__file__).parents[1] / "reports"))
import invented

from auditor.cli import main
from auditor.result import (
    Arm,
    AuditResult,
    BandsCard,
    CalculatorResult,
    Card,
    CohortSummary,
    DecisionCard,
    NotAudited,
    Options,
    Provenance,
    Site,
)
from auditor.rows import TABLES, GroupSize, InputQuality, Row
from auditor.what_leaves import to_text, what_leaves

CODES = {"ok", "suppressed", "imprecise", "not_estimable"}


def strings(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for part in value.values():
            yield from strings(part)
    elif isinstance(value, list):
        for part in value:
            yield from strings(part)


def noted(**fields: object) -> AuditResult:
    result = invented.result()
    return msgspec.structs.replace(result, cohort=msgspec.structs.replace(result.cohort, **fields))


def test_every_number_of_every_table_is_counted() -> None:
    result = invented.result()
    found = {t.table: t for t in what_leaves(result).tables}
    document = msgspec.json.decode(result.to_json())
    for table in ("changes", "transitions", "disparities", "shifts", "coverage"):
        rows = [row for calculator in document["calculators"] for row in calculator[table]]
        numbers = [v for row in rows for v in row.values() if isinstance(v, (int, float)) and not isinstance(v, bool)]
        assert (found[table].rows, found[table].numbers) == (len(rows), len(numbers))
        assert set(found[table].columns) == set(rows[0])
        assert found[table].suppressed == sum(row["status"] == "suppressed" for row in rows)
    assert {name for name, t in found.items() if t.rows} >= {"cohort", "groups", "quality", "not_audited"}


def reachable(kind: Any) -> Iterator[type]:
    if isinstance(kind, type) and issubclass(kind, Row):
        yield kind
        for hint in get_type_hints(kind).values():
            yield from reachable(hint)
    for part in get_args(kind):
        yield from reachable(part)


def test_every_kind_of_row_is_listed() -> None:
    cards = {AuditResult, CalculatorResult, Card, DecisionCard, BandsCard, Arm, Options, Provenance}
    listed = {CohortSummary, GroupSize, InputQuality, NotAudited, Site, *TABLES.values()}
    assert set(reachable(AuditResult)) == cards | listed


def test_every_word_outside_the_cards_is_listed() -> None:
    result = noted(notes=("Zebrafink Clinic, ward 7.",), outcome="sepsis_code")
    text = to_text(what_leaves(result))
    document = msgspec.json.decode(result.to_json())
    for part in ("cohort", "options", "provenance"):
        for word in strings(document[part]):
            assert word in CODES or word in text, word
    for calculator in document["calculators"]:
        for table in ("changes", "coverage", "transitions"):
            assert all(row["group"] in text and row["by"] in text for row in calculator[table])


@pytest.mark.parametrize(
    ("note", "what"),
    [
        ("Read from /home/amara/export/cohort.csv.", "path"),
        (r"Read from C:\Users\amara\cohort.csv.", "path"),
        (r"Read from \\server\share.", "path"),
        ("Questions to amara@hospital.example.", "e-mail"),
        ("Without patient 40923381.", "long number"),
        ("Born 1954-03-07.", "date"),
        ("Seen 07.03.1954.", "date"),
        (f"Run by {getpass.getuser()}.", "name of this user"),
    ],
)
def test_signs_of_a_person_or_a_machine_are_found(note: str, what: str) -> None:
    found = what_leaves(noted(notes=(note,))).signs
    assert any(sign.what.removeprefix("name of ").startswith(what.removeprefix("name of ")) for sign in found), found
    assert {sign.where for sign in found} == {"cohort.notes"}


def test_no_signs_in_an_ordinary_result() -> None:
    assert what_leaves(noted(notes=("1,200 patients and/or 3.5 mg/dL, 2013/2017 guideline.",))).signs == ()


def test_small_counts_and_internal_results_must_not_be_sent() -> None:
    assert not what_leaves(invented.result(internal=True)).within_rule
    assert "DO NOT SEND" in to_text(what_leaves(invented.result(internal=True)))
    small = noted(duplicate_ids=3)
    assert not what_leaves(small).within_rule
    assert "smallest count above 0: 3" in to_text(what_leaves(small))


def test_command(tmp_path: Path) -> None:
    path = invented.result().save(tmp_path / "audit.json")
    done = CliRunner().invoke(main, ["report", str(path), "--what-leaves", "--format", "json"])
    assert done.exit_code == 0
    assert json.loads(done.output)["fingerprint"] == json.loads(path.read_bytes())["digest"]
    written = tmp_path / "list.txt"
    CliRunner().invoke(main, ["report", str(path), "--what-leaves", "-o", str(written)])
    assert written.read_text().startswith("Result ")
    assert {p.name for p in tmp_path.iterdir()} == {"audit.json", "list.txt"}
