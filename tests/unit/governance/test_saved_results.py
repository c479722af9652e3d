"""A saved result is read back, also one written before a column was added; a changed one is refused."""

from __future__ import annotations

import hashlib
import sys
from pathlib import Path

import msgspec
import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "reports"))
import invented

from auditor.result import ResultError, load


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


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        (b'"minimum_count": 11', b'"minimum_count": 10', "was changed"),
        (b'"schema_version": 1', b'"schema_version": 9', "schema version 9"),
        (b"{", b"", "not JSON"),
    ],
)
def test_changed_and_foreign_files_are_refused(tmp_path: Path, old: bytes, new: bytes, said: str) -> None:
    path = tmp_path / "audit.json"
    path.write_bytes(invented.result().to_json().replace(old, new, 1))
    with pytest.raises(ResultError, match=said):
        load(path)
