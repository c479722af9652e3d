"""Every command that reads a saved result: one from before columns were added works, a changed or foreign one is refused with the reason."""

from __future__ import annotations

import hashlib
import sys
from pathlib import Path
from typing import Any

import msgspec
import pytest
from click.testing import CliRunner, Result

sys.path.insert(0, str(Path(__file__).parents[1] / "reports"))
import invented

from auditor.cli import main
from auditor.result import AuditResult
from auditor.result_file import load

POLICY = 'version = 1\nname = "Policy"\n\n[[rule]]\nname = "Comparisons"\nmeasure = "not_measured"\nmost = 0.5\n'
LATER = ("joint_lower", "joint_upper", "family_size")
COMMANDS = {
    "report html": ("report", "{}", "-o", "written.html"),
    "report md committee": ("report", "{}", "--audience", "committee", "-o", "written.md"),
    "report json": ("report", "{}", "-o", "written.json"),
    "what leaves": ("report", "{}", "--what-leaves", "-o", "written.txt"),
    "gate": ("gate", "{}", "--policy", "policy.toml", "--junit", "written.xml"),
    "compare old": ("compare", "{}", "good.json", "-o", "written.csv"),
    "compare new": ("compare", "good.json", "{}", "-o", "written.json"),
    "plan new": ("plan", "new", "{}", "-o", "written.toml"),
    "plan check": ("plan", "check", "plan.toml", "{}"),
    "merge first": ("merge", "{}", "good.json", "--names", "a,b", "-o", "written.json"),
    "merge second": ("merge", "good.json", "{}", "--names", "a,b", "-o", "written.json"),
    "export hti1": ("export", "{}", "--format", "hti1", "-o", "written.csv"),
    "export section1557": ("export", "{}", "--format", "section1557", "-o", "written.csv"),
    "export chai": ("export", "{}", "--format", "chai", "-o", "written.xml"),
    "export fhir": ("export", "{}", "--format", "fhir", "-o", "written.json"),
    "export tripod-ai": ("export", "{}", "--format", "tripod-ai", "-o", "written.md"),
    "export fairlearn-csv": ("export", "{}", "--format", "fairlearn-csv", "-o", "written.csv"),
}


def early(value: Any) -> Any:
    """A result as the first auditor of this schema wrote it: no later columns, and no field that holds its default."""
    if isinstance(value, msgspec.Struct):
        fields = [f for f in msgspec.structs.fields(value) if f.name not in LATER]
        return {
            f.encode_name: early(getattr(value, f.name))
            for f in fields
            if f.name == "schema_version" or getattr(value, f.name) != f.default
        }
    return [early(part) for part in value] if isinstance(value, tuple) else value


def sealed(document: dict[str, Any]) -> bytes:
    unsealed = {**document, "digest": ""}
    return msgspec.json.encode({**unsealed, "digest": hashlib.sha256(msgspec.json.encode(unsealed)).hexdigest()})


def other_site() -> AuditResult:
    """The invented result as another hospital's."""
    found = invented.result()
    (calculator,) = found.calculators
    changes = tuple(
        c if c.n is None or c.method == "structural zero" else msgspec.structs.replace(c, n=c.n + 100) for c in calculator.changes
    )
    return msgspec.structs.replace(
        found,
        cohort=msgspec.structs.replace(found.cohort, name="Other clinic"),
        provenance=msgspec.structs.replace(found.provenance, inputs=(("other.csv", "b" * 64, 7500),)),
        calculators=(msgspec.structs.replace(calculator, changes=changes),),
    )


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.chdir(tmp_path)
    other_site().save("good.json")
    runner = CliRunner()
    assert runner.invoke(main, ["plan", "new", "good.json", "-o", "plan.toml"]).exit_code == 0
    Path("policy.toml").write_text(POLICY)

    def invoke(command: str, data: bytes) -> Result:
        Path("given.json").write_bytes(data)
        return runner.invoke(main, [part.format("given.json") for part in COMMANDS[command]])

    return invoke


@pytest.mark.parametrize("command", COMMANDS)
def test_a_result_from_before_columns_were_added(command: str, run: Any) -> None:
    document = early(invented.result())
    assert "sites" not in document
    assert "stratified" not in document["calculators"][0]
    assert "joint_lower" not in document["calculators"][0]["disparities"][0]
    data = sealed(document)
    done = run(command, data)
    assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
    assert done.exit_code in ((0, 1) if command == "gate" else (0,)), done.output
    if command in ("report html", "report md committee", "what leaves"):
        digest = msgspec.json.decode(data)["digest"]
        assert digest[:16] in next(Path().glob("written.*")).read_text()
        assert load("given.json").fingerprint == digest


@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize("kind", ["changed", "newer schema", "older schema", "newer columns", "no result", "not JSON"])
def test_what_is_no_result_of_this_schema_is_refused(command: str, kind: str, run: Any) -> None:
    document = msgspec.json.decode(invented.result().to_json())
    first = document["calculators"][0]["changes"][0]
    data, said = {
        "changed": (
            msgspec.json.encode(document).replace(b'"gained":%d' % first["gained"], b'"gained":%d' % (first["gained"] + 1), 1),
            "was changed",
        ),
        "newer schema": (sealed({**document, "schema_version": 2}), "schema version 2, from a newer auditor (0.1.0)"),
        "older schema": (sealed({**document, "schema_version": 0}), "schema version 0, from an older auditor (0.1.0)"),
        "newer columns": (sealed({**document, "moods": []}), "unknown field `moods`"),
        "no result": (b'{"limits": {}}', "no schema version"),
        "not JSON": (b"PK\x03\x04", "is not JSON"),
    }[kind]
    done = run(command, data)
    assert done.exit_code == 11, done.output
    assert said in done.output
    assert "given.json" in done.output
    assert list(Path().glob("written.*")) == []
