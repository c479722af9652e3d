"""Parquet files and Arrow tables that are read without SQL give what SQL gives, to the last bit; what only SQL can read stays with DuckDB."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from auditor.errors import CohortError, OptionError
from auditor.patients.cohort import Patients, Request, read_cohort
from auditor.patients.sources import arrow, parquet
from auditor.patients.sources import files as files_of
from auditor.patients.sources.arrow import ArrowTable
from auditor.patients.sources.files import Rows, Table, reading_in_one_thread, relation
from auditor.patients.sources.mapping import CohortMap, ColumnMap
from auditor.patients.sources.parquet import ParquetFiles
from auditor.patients.sources.reads import ByWord, Constant, Direct, Number, OneOrZero, Read, Word, folded
from auditor.patients.sources.tables import Reading

pa = pytest.importorskip("pyarrow")
pq = pytest.importorskip("pyarrow.parquet")

FLOATS = st.one_of(st.floats(width=32), st.sampled_from([0.0, -0.0, 1.0, 2.0, 1e16, 1e-5, 0.1]))
WORDS = [
    "White",
    " white ",
    "BLACK\t",
    "Black",
    "\u00a0Asian\u2003",
    "İ",
    "ΑΣ",
    "Été",
    "",
    " ",
    "NA",
    "nan",
    "1",
    "1.0",
    "true",
    "O'Brien",
    "a;b",
]
KINDS: dict[str, Any] = {
    **{f"int{bits}": st.integers(-(2 ** (bits - 1)), 2 ** (bits - 1) - 1) | st.integers(-2, 2) for bits in (8, 16, 32, 64)},
    **{f"uint{bits}": st.integers(0, 2**bits - 1) | st.integers(0, 2) for bits in (8, 16, 32, 64)},
    "float32": FLOATS,
    "float64": st.floats() | FLOATS,
    "bool": st.booleans(),
    "decimal128(18, 3)": st.decimals(min_value=-(10**14), max_value=10**14, places=3),
    "decimal128(18, 15)": st.decimals(min_value=-999, max_value=999, places=15),
    "decimal128(17, 0)": st.integers(-(10**17) + 1, 10**17 - 1).map(Decimal),
    "decimal128(2, 1)": st.sampled_from([Decimal("0.0"), Decimal("1.0"), Decimal("-9.9")]),
    "string": st.sampled_from(WORDS) | st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=3),
}
AS_NUMBERS = [kind for kind in KINDS if kind != "string"]
AS_WORDS = [kind for kind in KINDS if kind.startswith(("int", "uint", "string", "bool", "float64"))]
AS_FLAGS = [kind for kind in KINDS if kind.startswith(("int", "uint", "bool"))]


def arrow_type(kind: str) -> Any:
    if kind.startswith("decimal"):
        return pa.decimal128(*map(int, kind.removeprefix("decimal128(").rstrip(")").split(",")))
    return {"bool": pa.bool_(), "string": pa.string()}.get(kind) or getattr(pa, kind)()


@st.composite
def written(draw: Any) -> tuple[list[Any], list[int]]:
    """One to three tables with the same kinds of columns, one of which may be lacking, and the size of row groups of each."""
    kinds = {"x": draw(st.sampled_from(AS_NUMBERS)), "w": draw(st.sampled_from(AS_WORDS)), "f": draw(st.sampled_from(AS_FLAGS))}
    tables, groups = [], []
    for _ in range(draw(st.integers(1, 3))):
        rows = draw(st.integers(0, 30))
        columns = {
            name: pa.array(draw(st.lists(st.none() | KINDS[k], min_size=rows, max_size=rows)), arrow_type(k)) for name, k in kinds.items()
        }
        columns["row"] = pa.array(range(rows), pa.int64())
        if tables and draw(st.booleans()):
            columns.pop(draw(st.sampled_from(["x", "w", "f"])))
        tables.append(pa.table(columns))
        groups.append(draw(st.integers(1, 31)))
    return tables, groups


@pytest.fixture(autouse=True)
def in_order() -> Iterator[None]:
    """Several threads of DuckDB hand over chunks in the order in which they get done."""
    with reading_in_one_thread():
        yield


READS: list[Read] = [
    Constant("one", "2.5"),
    Constant("code", "3", "TINYINT"),
    Number("plain", "x"),
    Number("some", "x", factor=88.42, only_where="f"),
    Number("shared", "x", divided_by=3),
    OneOrZero("outcome", "x"),
    ByWord("place", "w", {"White": 0, "Black": 1, "1": 2, "true": 3, "1.0": 4, "O'Brien": 5, "": 6}, -1, -2),
    ByWord("lower", "w", {"white": 7, "i": 8, "ασ": 9, "été": 10, "asian": 11, "false": 12}, -1, -2, lower=True, only_where="f"),
    ByWord("bits", "w", {"Asian": 1 << 40, "0": 1}, 0, 0, type="BIGINT"),
    Word("word", "w"),
]


def table_of(paths: list[Path], map: CohortMap | None = None) -> Table:
    table = Table(relation(tuple(paths)), tuple(paths), map or CohortMap(), arrow=ParquetFiles.find(tuple(paths)))
    assert table.arrow is not None
    return table


def together(chunks: list[dict[str, Any]]) -> dict[str, Any]:
    return {name: np.concatenate([chunk[name] for chunk in chunks]) for name in (chunks[0] if chunks else ())}


def assert_same(direct: list[dict[str, Any]], sql: list[dict[str, Any]]) -> None:
    ours, theirs = together(direct), together(sql)
    assert ours.keys() == theirs.keys()
    for name, values in ours.items():
        assert values.dtype == theirs[name].dtype, name
        if values.dtype == np.float64:
            for both in (values, theirs[name]):
                assert both.shape == values.shape
            known = ~np.isnan(values)
            assert np.array_equal(known, ~np.isnan(theirs[name])), name
            assert values[known].tobytes() == theirs[name][known].tobytes(), name
        else:
            assert values.tolist() == theirs[name].tolist(), name


@given(written(), st.integers(2, 40), st.integers(1, 20), st.integers(3, 17), st.data())
@settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_what_pyarrow_reads_is_what_sql_reads(made: tuple[list[Any], list[int]], chunk: int, batch: int, part: int, data: Any) -> None:
    import tempfile

    tables, groups = made
    with tempfile.TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
        patch.setattr(parquet, "ROWS_PER_CHUNK", chunk)
        patch.setattr(arrow, "ROWS_PER_CHUNK", chunk)
        patch.setattr(parquet, "BATCH", batch)
        patch.setattr(files_of, "ROWS_PER_CHUNK", chunk)
        paths = [Path(folder) / f"{i}.parquet" for i in range(len(tables))]
        for path, table, size in zip(paths, tables, groups, strict=True):
            pq.write_table(table, path, row_group_size=size)
        direct = table_of(paths)
        sql = replace(direct, arrow=None)
        assert direct.types == sql.types
        assert direct.rows == sql.rows
        assert direct.rows_of_files() == sql.rows_of_files()
        assert direct.distinct("w", 1000, "test") == sql.distinct("w", 1000, "test")
        there = list(direct.raw(READS))
        assert_same(there, list(sql.raw(READS)))
        assert all(0 < len(raw["one"]) <= chunk for raw in there)
        whole = together(there)
        firsts = np.cumsum([0, *(rows for _, rows in direct.rows_of_files())]).tolist()
        parts = [
            (first + i, Rows(name, i, min(i + part, rows)))
            for first, (name, rows) in zip(firsts, direct.rows_of_files(), strict=False)
            for i in range(0, rows, part)
        ]
        for first, rows in data.draw(st.permutations(parts) if data.draw(st.booleans()) else st.just(parts)):
            expected = {name: values[first : first + rows.stop - rows.start] for name, values in whole.items()}
            assert_same(list(direct.raw(READS, rows)), [expected])
            if first == 0:
                assert_same(list(sql.raw(READS, rows)), [expected])


@given(written(), st.integers(2, 40), st.integers(0, 5), st.booleans())
@settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_tables_in_memory_are_read_as_sql_reads_them(made: tuple[list[Any], list[int]], chunk: int, skip: int, coded: bool) -> None:
    some, (size, *_) = made
    table = pa.concat_tables([one for one in some if one.schema == some[0].schema]).combine_chunks()
    if coded and str(table.schema.field("w").type) == "string":
        table = table.set_column(table.schema.get_field_index("w"), "w", table["w"].dictionary_encode())
    table = pa.Table.from_batches(table.to_batches(max_chunksize=size), table.schema).slice(skip)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(arrow, "ROWS_PER_CHUNK", chunk)
        direct = Table("frame", (), CohortMap(), table, ArrowTable.find(table))
        assert direct.arrow is not None
        sql = replace(direct, arrow=None)
        assert direct.rows == sql.rows
        assert direct.types == sql.types
        assert direct.distinct("w", 1000, "test") == sql.distinct("w", 1000, "test")
        numbers_and_codes = [read for read in READS if not isinstance(read, Word)]
        assert_same(list(direct.raw(numbers_and_codes)), list(sql.raw(numbers_and_codes)))


def test_a_word_that_is_nothing_is_nothing() -> None:
    words = pa.DictionaryArray.from_arrays(pa.array([0, 1, None, 2], pa.int8()), pa.array(["White", None, "Black"]))
    table = pa.table({"w": words})
    raw = next(Table("frame", (), CohortMap(), table, ArrowTable.find(table)).raw([Word("word", "w")]))
    assert raw["word"].tolist() == ["White", None, None, "Black"]


def test_letters_and_spaces_change_as_in_sql() -> None:
    letters = [chr(i) for i in range(1, 0x3100) if not 0xD800 <= i < 0xE000]
    table = Table("frame", (), CohortMap(), pd.DataFrame({"letter": [f"{letter}A{letter}" for letter in letters]}))
    found = table.query("SELECT trim(letter), lower(trim(letter)) FROM frame").fetchall()
    assert [(folded(f"{x}A{x}"), folded(f"{x}A{x}", lower=True)) for x in letters] == found


ADULTS = {
    "age": [50.0, None, 61.5, 200.0, 44.0, 39.0],
    "sex": ["F", " male", "Woman ", "x", None, "M"],
    "race": ["White", None, "Black or African American ", "black;white", "Martian", "n/a"],
    "ethnicity": ["Hispanic", "no", None, "Not Hispanic", "", "Hispanic"],
    "smoker": [True, False, None, True, False, True],
    "diabetes": ["yes", "0", "?", "", None, "TRUE"],
    "mg": [88, 100, 120, 99999, None, 80],
    "measured": [True, True, False, True, None, True],
    "ward": ["A", "B ", "A", None, "", "unknown"],
    "race_group": ["Black", "White", " Black", None, "", "White"],
    "died": [1, 0, None, 1, 2, 0],
    "alive": ["no", "yes", "", "NO ", None, "perhaps"],
    "share": [1.5, 0.0, None, 2.0, float("nan"), float("inf")],
    "stratum": ["s1", "s1 ", "s2", "s2", None, "s2"],
    "unit": [1, 2, 1, 2, 1, 1],
    "gfr": [60.0, float("nan"), None, 80.0, 90.0, float("inf")],
}
MAP = CohortMap(
    columns={
        "creatinine": ColumnMap(column="MG", factor=1 / 88.42, only_where="measured"),
        "hdl_cholesterol": ColumnMap(column="always", value="50.0"),
    },
    outcome=ColumnMap(column="alive", words={"1": ("no",), "0": ("yes",)}),
    truth=ColumnMap(column="gfr", only_where="measured"),
)
REQUESTS = {
    "inputs": Request(inputs=("age", "sex", "smoker", "diabetes", "creatinine", "hdl_cholesterol")),
    "groups": Request(inputs=("age",), by=("race", "ethnicity", "age_band", "sex", "smoker", "ward")),
    "outcome": Request(inputs=(), outcome="died", weights="share"),
    "outcome in words": Request(inputs=("sex",), outcome="alive", measured=(("mL/min", "gfr"),)),
    "survey": Request(inputs=("age",), by=("race",), weights="share", strata="stratum", psu="unit"),
}


@pytest.mark.parametrize("name", REQUESTS)
def test_requests_are_declared_once_for_both(tmp_path: Path, name: str) -> None:
    columns = {column: pa.array(values, from_pandas=False) for column, values in ADULTS.items()}
    pq.write_table(pa.table(columns), tmp_path / "cohort.parquet", row_group_size=4)
    direct = table_of([tmp_path / "cohort.parquet"], MAP)
    sql = replace(direct, arrow=None)
    ours, theirs = Reading.of(direct, REQUESTS[name]), Reading.of(sql, REQUESTS[name])
    assert ours == theirs
    assert all(isinstance(read, Direct) for read in ours.reads)
    assert_same(list(direct.raw(ours.reads)), list(sql.raw(ours.reads)))
    (raw,) = direct.raw(ours.reads)
    assert as_text(ours.patients(raw)) == as_text(theirs.patients(next(iter(sql.raw(ours.reads)))))


def as_text(patients: Patients) -> str:
    words = {name: group.to_words() for name, group in patients.groups.items()}
    columns = {name: getattr(column, "codes", column).tolist() for name, column in patients.columns.items()}
    return str(
        (patients.n, columns, patients.race.bits.tolist(), words, patients.outcome, patients.weights, patients.quality, patients.measured)
    )


def direct(tmp_path: Path, columns: dict[str, Any], name: str = "cohort.parquet") -> ParquetFiles | None:
    path = tmp_path / name
    path.parent.mkdir(parents=True, exist_ok=True)
    pq.write_table(pa.table(columns), path)
    return ParquetFiles.find((path,))


def test_columns_that_duckdb_might_see_otherwise_are_left_to_it(tmp_path: Path) -> None:
    assert direct(tmp_path, {"age": [1.0]}) is not None
    assert direct(tmp_path, {"age": [1.0], "Age": [2.0]}) is None, "DuckDB renames one"
    assert direct(tmp_path, {"age": [1.0]}, "region=North/cohort.parquet") is None, "DuckDB reads a column from the path"
    assert direct(tmp_path, {"age": pa.array([1], pa.duration("s"))}) is None, "a number to DuckDB"
    path = tmp_path / "other.parquet"
    pq.write_table(pa.table({"age": ["40"]}), path)
    assert direct(tmp_path, {"age": [1.0]}) is not None
    assert ParquetFiles.find((tmp_path / "cohort.parquet", path)) is None, "one file has numbers, the other text"
    (tmp_path / "broken.parquet").write_bytes(b"PAR1" + b"\0" * 100)
    assert ParquetFiles.find((tmp_path / "broken.parquet",)) is None, "DuckDB says what is wrong"


ONLY_SQL = {
    "text": (["40", "n/a", "50 "], [40.0, np.nan, 50.0]),
    "many digits": (pa.array([Decimal("40.5"), None, Decimal("50")], pa.decimal128(30, 3)), [40.5, np.nan, 50.0]),
    "a date": (pa.array([1, 2, None], pa.date32()), [np.nan, np.nan, np.nan]),
}


@pytest.mark.parametrize("name", ONLY_SQL)
def test_what_pyarrow_cannot_give_alike_is_read_by_sql(tmp_path: Path, name: str) -> None:
    column, expected = ONLY_SQL[name]
    files = direct(tmp_path, {"age": column, "creatinine": [1.0, 2.0, None], "race": ["White", "Black", None]})
    assert files is not None
    assert not files.gives("age", "number")
    (patients,) = read_cohort(tmp_path / "cohort.parquet").read(Request(inputs=("age", "creatinine"), by=("race",)))
    assert np.array_equal(patients.columns["age"], expected, equal_nan=True)
    assert np.array_equal(patients.columns["creatinine"], [1.0, 2.0, np.nan], equal_nan=True)
    assert patients.groups["race"].to_words().tolist() == ["White", "Black or African American", "Not collected"]


def test_conditions_and_one_row_of_each_patient_stay_with_sql(tmp_path: Path) -> None:
    direct(tmp_path, {"age": [40.0, 50.0, 60.0], "patient_id": [1, 1, 2], "race": ["White"] * 3})
    path = tmp_path / "cohort.parquet"
    (once,) = read_cohort(path, one_per_patient="last").read(Request(inputs=("age",)))
    assert once.columns["age"].tolist() == [50.0, 60.0]
    (older,) = read_cohort(path, mapping=CohortMap(where="age > 45")).read(Request(inputs=("age",)))
    assert older.columns["age"].tolist() == [50.0, 60.0]


def test_categories_that_nobody_has_are_no_words_of_a_column(tmp_path: Path) -> None:
    ward = pa.DictionaryArray.from_arrays(pa.array([0, 2, None, 0], pa.int8()), ["North", "Nowhere", "South"])
    files = direct(tmp_path, {"age": [40.0, 50.0, 60.0, 70.0], "ward": ward})
    assert files is not None
    assert read_cohort(tmp_path / "cohort.parquet").levels("ward") == ("North", "South", "Unknown")
    assert table_of([tmp_path / "cohort.parquet"]).distinct("ward", 2, "test") == ["North", "South"]
    with pytest.raises(OptionError, match="more than 1 different values"):
        table_of([tmp_path / "cohort.parquet"]).distinct("ward", 1, "test")


def test_two_readers_of_the_same_parts_do_not_disturb_each_other(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parquet, "ROWS_PER_CHUNK", 70)
    monkeypatch.setattr(parquet, "BATCH", 32)
    ages = np.arange(1_000, dtype=np.float64)
    pq.write_table(pa.table({"age": ages, "race": ["White"] * 1_000}), tmp_path / "cohort.parquet", row_group_size=300)
    files = ParquetFiles.find((tmp_path / "cohort.parquet",))
    assert files is not None
    name = str(tmp_path / "cohort.parquet")
    one, two = (files.read_part(name, start, stop, ("age",), ()) for start, stop in ((100, 950), (0, 1_000)))
    mine: list[float] = []
    others: list[float] = []
    for reader, found in ((one, mine), (two, others)) * 20:
        for columns in reader:
            found += columns.numbers("age").tolist()
            break
    assert mine == ages[100:950].tolist()
    assert others == ages.tolist()


def test_a_file_broken_in_the_middle_is_an_error_without_any_value(tmp_path: Path) -> None:
    random = np.random.default_rng(1)
    path = tmp_path / "cohort.parquet"
    names = [f"Wojciechowska {i}" for i in random.integers(0, 50, 20_000)]
    pq.write_table(pa.table({"age": random.uniform(20, 90, 20_000), "race": names}), path, row_group_size=5_000, compression="zstd")
    content = bytearray(path.read_bytes())
    middle = len(content) // 2
    content[middle : middle + 20_000] = bytes(20_000)
    path.write_bytes(content)
    cohort = read_cohort(path)
    assert cohort.rows == 20_000
    with pytest.raises(CohortError, match="cannot be read as Parquet") as refused:
        list(cohort.read(Request(inputs=("age",))))
    assert "Wojciechowska" not in str(refused.value)
    assert refused.value.__cause__ is None
    assert refused.value.__suppress_context__


@pytest.mark.parametrize("later", [{"age": ["young", "old"]}, {"age": [40.0]}, {"years": [40.0, 50.0]}])
def test_a_file_that_has_become_another_is_an_error(tmp_path: Path, later: dict[str, Any]) -> None:
    direct(tmp_path, {"age": [40.0, 50.0]})
    cohort = read_cohort(tmp_path / "cohort.parquet")
    direct(tmp_path, later)
    with pytest.raises(CohortError, match="cannot be read as Parquet"):
        list(cohort.read(Request(inputs=("age",))))


def test_text_that_is_no_utf8_is_an_error_without_any_value(tmp_path: Path) -> None:
    path = tmp_path / "cohort.parquet"
    race = pa.Array.from_buffers(pa.string(), 2, [None, pa.py_buffer(np.array([0, 5, 9], np.int32)), pa.py_buffer(b"White\xff\xfe\xfdZ")])
    pq.write_table(pa.table({"age": [40.0, 50.0], "race": race}), path)
    with pytest.raises(CohortError, match="cannot be read as Parquet") as refused:
        list(read_cohort(path).read(Request(inputs=("age",), by=("race",))))
    assert "xff" not in str(refused.value)


@pytest.mark.parametrize("name", ["nhanes_2015_2016", "dig_trial_teaching", "nhefs", "omop_synthea27nj/measurement"])
def test_real_files_are_read_alike(data: Path, name: str) -> None:
    table = table_of([data / f"{name}.parquet"])
    assert table.arrow is not None
    ways = [(how, column) for column in table.types for how in ("number", "words") if table.arrow.gives(column, how)]
    reads: list[Read] = [Number(f"number {c}", c, factor=88.42) if how == "number" else Word(f"word {c}", c) for how, c in ways]
    assert_same(list(table.raw(reads)), list(replace(table, arrow=None).raw(reads)))


def test_names_with_dots_are_names_of_columns(tmp_path: Path) -> None:
    direct(tmp_path, {"a": [1.0, 2.0], "a.b": ["White", "Black"], "race": ["Black", "White"], "b c'\"": ["x", "y"]})
    table = table_of([tmp_path / "cohort.parquet"])
    reads = [Number("n", "a"), Word("w", "a.b"), Word("r", "race"), Word("q", "b c'\"")]
    assert_same(list(table.raw(reads)), list(replace(table, arrow=None).raw(reads)))
    (raw,) = table.raw(reads)
    assert raw["w"].tolist() == ["White", "Black"]


def test_without_pyarrow_duckdb_reads_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    direct(tmp_path, {column: pa.array(values, from_pandas=False) for column, values in ADULTS.items()})
    for request in REQUESTS.values():
        (expected,) = read_cohort(tmp_path / "cohort.parquet", mapping=MAP).read(request)
        with monkeypatch.context() as without:
            without.setitem(sys.modules, "pyarrow.parquet", None)
            without.setattr(files_of, "find_spec", lambda name: None)
            cohort = read_cohort(tmp_path / "cohort.parquet", mapping=MAP)
            (found,) = cohort.read(request)
        assert as_text(found) == as_text(expected)
        assert len(cohort.parts(4)) == 2


def test_duckdb_is_not_loaded_for_a_plain_file(tmp_path: Path) -> None:
    direct(tmp_path, {"age": [40.0, 50.0], "race": ["White", "Black"], "sex": ["f", "m"], "died": [0, 1]})
    script = (
        "import sys; from auditor.patients.cohort import Request, read_cohort; "
        f"cohort = read_cohort({str(tmp_path / 'cohort.parquet')!r}); cohort.digests(), cohort.levels('sex'), cohort.duplicate_ids(); "
        "request = Request(inputs=('age',), by=('race', 'sex'), outcome='died'); "
        "print([p.n for part in cohort.parts(1) for p in cohort.read_part(request, part)], [p.n for p in cohort.read(request)]); "
        "print(*({'duckdb', 'pandas', 'pyarrow.compute', 'pyarrow.dataset'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True, cwd=Path(__file__).parents[3])
    assert done.stdout.splitlines() == ["[1, 1] [2]", ""]
