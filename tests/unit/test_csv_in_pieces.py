"""A table that is written in pieces is the CSV that it would be in one."""

import csv
import io

from msgspec.structs import astuple

from auditor import outputs
from auditor.rows import Change, Shift, columns


def test_pieces_add_up_to_the_whole_table(monkeypatch):
    rows = tuple(Shift(calculator="a", output="b", arm='c "d"', by="race", group=f"Ä, {i}", n=i or None, mean_with=i / 3) for i in range(7))
    whole = io.StringIO(newline="")
    csv.writer(whole, lineterminator="\n").writerows([columns("shifts"), *map(astuple, rows)])
    monkeypatch.setattr(outputs, "ROWS_AT_ONCE", 3)
    pieces = list(outputs.to_csv("shifts", rows))
    assert len(pieces) == 3
    assert b"".join(pieces).decode() == whole.getvalue()
    assert list(csv.reader(io.StringIO(whole.getvalue())))[1][4:6] == ["Ä, 0", ""]


def test_an_empty_table_has_its_columns_alone():
    assert b"".join(outputs.to_csv("changes", ())).decode() == ",".join(columns("changes")) + "\n"
    assert len(columns("changes")) == len(Change.__struct_fields__)
