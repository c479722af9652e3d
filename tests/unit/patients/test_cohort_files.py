"""Which files are read, how, and which are refused with what they should be."""

from __future__ import annotations

import gzip
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from auditor.errors import CohortError
from auditor.patients.cohort import Request, read_cohort

HEADER = "age,sex,race,creatinine\n"
CANARY = "Wojciechowska"


def lines(n: int) -> str:
    return HEADER + "".join(
        f"{40 + i % 30},{('male', 'female')[i % 2]},{('White', 'Black')[i % 2]},{0.8 + 0.01 * (i % 50):.2f}\n" for i in range(n)
    )


def read_whole(path: Path) -> None:
    for _ in read_cohort(path).read(Request(inputs=("age", "creatinine"))):
        pass


GOOD = lines(200)
READABLE = {
    "plain.csv": GOOD.encode(),
    "no_last_newline.csv": GOOD.rstrip("\n").encode(),
    "upper.csv": GOOD.replace("age,sex,race,creatinine", "AGE,Sex,RACE,Creatinine").encode(),
    "spaces.csv": GOOD.replace("age,sex,race,creatinine", " age , sex , race , creatinine ").encode(),
    "bom.csv": b"\xef\xbb\xbf" + GOOD.encode(),
    "crlf.csv": GOOD.replace("\n", "\r\n").encode(),
    "cr.csv": GOOD.replace("\n", "\r").encode(),
    "semicolons.csv": GOOD.replace(",", ";").encode(),
    "tabs.tsv": GOOD.replace(",", "\t").encode(),
    "bars.txt": GOOD.replace(",", "|").encode(),
    "packed.csv.gz": gzip.compress(GOOD.encode()),
    "blank_lines.csv": GOOD.replace("\n", "\n\n").encode(),
    "quoted.csv": "\n".join(",".join(f'"{field}"' for field in line.split(",")) for line in GOOD.splitlines()).encode(),
    "noted.csv": ('"a ""note"",\nin two lines",' + GOOD.replace("\n", '\n"x\ny, z",').removesuffix('"x\ny, z",')).encode(),
    "apostrophe's [1].csv": GOOD.encode(),
}


@pytest.mark.parametrize("name", READABLE)
def test_every_dialect_reads_the_same(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    path.write_bytes(READABLE[name])
    cohort = read_cohort(path)
    chunks = list(cohort.read(Request(inputs=("age", "sex", "creatinine"), by=("race",))))
    assert cohort.rows == 200
    assert np.concatenate([c.columns["age"] for c in chunks]).tolist() == [40 + i % 30 for i in range(200)]
    assert np.concatenate([c.columns["creatinine"] for c in chunks]).tolist() == [float(f"{0.8 + 0.01 * (i % 50):.2f}") for i in range(200)]
    assert np.concatenate([c.groups["race"].to_words() for c in chunks]).tolist() == ["White", "Black or African American"] * 100


REFUSED = {
    "empty.csv": (b"", "is empty"),
    "blank.csv": (b"\n\n\n", "no column names"),
    "junk.csv": (b"age\0" + os.urandom(4000), "binary data"),
    "junk.parquet": (b"PAR1" + os.urandom(4000), "cannot be read as Parquet"),
    "text.parquet": (GOOD.encode(), "not a Parquet file"),
    "latin1.csv": ((HEADER + f"50,male,White,{CANARY}\xe9\n").encode("latin-1"), "not UTF-8"),
    "latin1_late.csv": ((lines(4000) + f"50,male,White,{CANARY}\xe9\n").encode("latin-1"), "not UTF-8"),
    "utf16.csv": (GOOD.encode("utf-16"), "UTF-16"),
    "doubled.csv": (b"age,sex,creatinine,creatinine\n50,male,1,1\n", "creatinine more than once"),
    "doubled_case.csv": (b"age,sex,creatinine,Creatinine\n50,male,1,1\n", "more than once"),
    "no_header.csv": (f"50,male,{CANARY},1.0\n60,female,{CANARY},1.0\n".encode(), "seems to hold values"),
    "dates_first.csv": (f"{CANARY},1961-02-03,male\n".encode(), "seems to hold values"),
    "short_line.csv": ((lines(100) + f"50,{CANARY}\n").encode(), "line 102 has more or fewer fields"),
    "long_line.csv": ((lines(100) + f"50,male,White,1.0,{CANARY},7\n").encode(), "line 102 has more or fewer fields"),
    "long_line_late.csv": ((lines(100_000) + f"50,male,White,1.0,{CANARY},7\n").encode(), "more or fewer fields"),
    "open_quote.csv": ((lines(100) + f'50,male,"{CANARY},1.0\n').encode(), "never closed"),
    "cut.csv.gz": (gzip.compress(lines(5000).encode())[:-9], "Is it complete"),
    "not_packed.csv.gz": (GOOD.encode(), "Is it complete"),
    "packed.csv": (gzip.compress(GOOD.encode()), "ends in .csv.gz"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_cannot_be_read_is_named_without_any_value(tmp_path: Path, name: str) -> None:
    content, expected = REFUSED[name]
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(CohortError) as refused:
        read_whole(path)
    assert expected in str(refused.value)
    assert name in str(refused.value)
    assert CANARY not in str(refused.value)
    assert refused.value.exit_code == 11


def test_cut_parquet_is_refused(tmp_path: Path) -> None:
    pd = pytest.importorskip("pandas")
    import duckdb

    frame = pd.DataFrame({"age": range(1000), "note": [CANARY] * 1000})
    path = tmp_path / "cut.parquet"
    duckdb.sql("SELECT * FROM frame").write_parquet(str(path))
    assert len(frame) == 1000
    path.write_bytes(path.read_bytes()[:-40])
    with pytest.raises(CohortError, match="cannot be read as Parquet") as refused:
        read_cohort(path)
    assert CANARY not in str(refused.value)


@pytest.mark.parametrize(
    ("source", "expected"), [("nothing.csv", "no such file"), ("*.nothing", "no file matches"), ("", "is a directory")]
)
def test_files_that_are_not_there(tmp_path: Path, source: str, expected: str) -> None:
    with pytest.raises(CohortError, match=expected):
        read_cohort(tmp_path / source)


def test_several_files_are_one_cohort_by_column_name(tmp_path: Path) -> None:
    (tmp_path / "a_1.csv").write_text("age,creatinine\n50,1.0\n51,1.1\n")
    (tmp_path / "a_2.csv").write_text("creatinine;age;note\n1.2;52;x\n")
    cohort = read_cohort(str(tmp_path / "a_*.csv"))
    (chunk,) = cohort.read(Request(inputs=("age", "creatinine")))
    assert chunk.columns["age"].tolist() == [50, 51, 52]
    assert chunk.columns["creatinine"].tolist() == [1.0, 1.1, 1.2]
    assert [(name, rows) for name, _, rows in cohort.digests()] == [("a_1.csv", 2), ("a_2.csv", 1)]


def test_csv_and_parquet_are_not_mixed(tmp_path: Path) -> None:
    import duckdb

    (tmp_path / "a.csv").write_text(GOOD)
    duckdb.sql("SELECT 1 AS age").write_parquet(str(tmp_path / "b.parquet"))
    with pytest.raises(CohortError, match="cannot be read together"):
        read_cohort([tmp_path / "a.csv", tmp_path / "b.parquet"])


def test_numbers_of_parquet_files_are_read_where_they_lie_and_without_pandas(tmp_path: Path) -> None:
    pytest.importorskip("pyarrow")
    path = tmp_path / "cohort.parquet"
    pd.DataFrame({"age": [50.0, np.nan, 61.5], "egfr": [1, 2, 3], "race": ["White", None, "Black"]}).to_parquet(path)
    script = (
        "import sys; from auditor.patients.cohort import Request, read_cohort; "
        f"(some,) = read_cohort({str(path)!r}).read(Request(inputs=('age', 'egfr'), by=('race',))); "
        "print(some.columns['age'].tolist(), some.columns['egfr'].tolist(), 'pandas' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True, cwd=Path(__file__).parents[3])
    assert done.stdout.strip() == "[50.0, nan, 61.5] [1.0, 2.0, 3.0] False"
