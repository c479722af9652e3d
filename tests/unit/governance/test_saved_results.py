"""A saved result is read back, also one written before a column was added; a changed one is refused."""

from __future__ import annotations

import hashlib
import inspect
import json
import sys
from pathlib import Path

import msgspec
import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "reports"))
import invented

from auditor.errors import ResultError
from auditor.result_file import json_schema, load
from auditor.rows import TABLES


def test_round_trip(tmp_path: Path) -> None:
    result = invented.result()
    path = result.save(tmp_path / "audit.json")
    assert load(path).calculators == result.calculators
    assert load(path).digest == result.compute_digest()


def test_a_result_from_before_a_column_was_added_is_read(tmp_path: Path) -> None:
    document = msgspec.json.decode(invented.result().to_json())
    del document["calculators"][0]["outcome_changes"]
    document["digest"] = ""
    document["digest"] = hashlib.sha256(msgspec.json.encode(document)).hexdigest()
    path = tmp_path / "audit.json"
    path.write_bytes(msgspec.json.encode(document))
    assert load(path).calculators[0].outcome_changes == ()


@pytest.mark.parametrize(("field", "value", "said"), [("schema_version", 9, "schema version 9"), ("not_audited", [], "was changed")])
def test_changed_and_foreign_results_are_refused(tmp_path: Path, field: str, value: object, said: str) -> None:
    path = tmp_path / "audit.json"
    document = msgspec.json.decode(invented.result().to_json())
    assert document[field] != value
    path.write_bytes(msgspec.json.encode({**document, field: value}))
    with pytest.raises(ResultError, match=said):
        load(path)


def test_what_is_not_json_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "audit.json"
    path.write_bytes(invented.result().to_json()[1:])
    with pytest.raises(ResultError, match="not JSON"):
        load(path)


def test_the_schema_in_the_documentation_describes_what_is_saved(tmp_path: Path) -> None:
    jsonschema = pytest.importorskip("jsonschema")
    schema = json.loads((Path(__file__).parents[3] / "docs" / "result.schema.json").read_text(encoding="utf-8"))
    checks = jsonschema.Draft202012Validator(schema)
    document = json.loads(invented.result(weighted=True).save(tmp_path / "audit.json").read_bytes())
    checks.validate(document)
    document["calculators"][0]["changes"][0]["n"] = "many"
    assert not checks.is_valid(document)


def test_the_schema_holds_every_table_and_says_what_its_rows_mean() -> None:
    found = json_schema()["$defs"]
    assert set(TABLES) <= set(found["CalculatorResult"]["properties"])
    for kind in TABLES.values():
        assert found[kind.__name__]["description"] == inspect.cleandoc(kind.__doc__ or "")
        assert not found[kind.__name__]["additionalProperties"]
