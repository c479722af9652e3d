"""How values become numbers and categories, what is missing, unreadable or implausible, and what is never guessed."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from auditor.check import check_cohort, check_text, masked, masked_parts
from auditor.errors import CohortError, MissingColumn, OptionError
from auditor.patients.cohort import Patients, Request, read_cohort
from auditor.patients.quality import quality_rows
from calculators.coded import Coded


def read(columns: dict[str, list[object]], mapping: object = None, **request: object) -> Patients:
    cohort = read_cohort(pd.DataFrame(columns), mapping=mapping)
    (chunk,) = cohort.read(Request(inputs=tuple(cohort.offers), **request))
    return chunk


def read_text(tmp_path: Path, name: str, values: list[str], mapping: object = None) -> Patients:
    path = tmp_path / "cohort.csv"
    path.write_text(f"{name};note\n" + "".join(f"{value};x\n" for value in values))
    cohort = read_cohort(path, mapping=mapping)
    (chunk,) = cohort.read(Request(inputs=tuple(cohort.offers)))
    return chunk


NAN = float("nan")


@pytest.mark.parametrize(
    ("text", "value", "kind"),
    [
        ("1.25", 1.25, ""),
        (" 1.25 ", 1.25, ""),
        ("1e0", 1.0, ""),
        ("+1", 1.0, ""),
        (".5", 0.5, ""),
        ("", NAN, "missing"),
        ("NA", NAN, "missing"),
        ("n/a", NAN, "missing"),
        ("NULL", NAN, "missing"),
        (".", NAN, "missing"),
        ("nan", NAN, "missing"),
        ("high", NAN, "unreadable"),
        ("<0.5", NAN, "unreadable"),
        ("1.2 mg/dL", NAN, "unreadable"),
        ("1,25", NAN, "unreadable"),
        ("1.000,5", NAN, "unreadable"),
        ("inf", NAN, "implausible"),
        ("-inf", NAN, "implausible"),
        ("1e400", NAN, "implausible"),
        ("-1", NAN, "implausible"),
        ("999", NAN, "implausible"),
        ("99999999999999999999999999", NAN, "implausible"),
    ],
)
def test_text_as_creatinine(tmp_path: Path, text: str, value: float, kind: str) -> None:
    chunk = read_text(tmp_path, "creatinine", [text, "1.0"])
    np.testing.assert_equal(chunk.columns["creatinine"], np.array([value, 1.0]))
    counts = chunk.quality.columns["creatinine"]
    assert {k: getattr(counts, k) for k in ("missing", "unreadable", "implausible") if getattr(counts, k)} == ({kind: 1} if kind else {})
    assert counts.n == 2
    assert counts.usable == (1 if kind else 2)


@pytest.mark.parametrize("kind", ["csv", "parquet", "frame"])
def test_entries_that_are_no_number_are_counted_where_the_value_counts(kind: str, tmp_path: Path) -> None:
    frame = pd.DataFrame(
        {
            "creatinine": ["1.0", "1,2", " 1.234,5 ", "HIGH", "NA", None, "nan", "1,2", "high", "2.0"],
            "measured": ["1", "1", "true", "1", "1", "1", "1", "0", "false", "0"],
        }
    )
    source = frame if kind == "frame" else tmp_path / f"cohort.{kind}"
    if kind != "frame":
        frame.to_csv(source, index=False) if kind == "csv" else frame.to_parquet(source)
    mapping = tmp_path / "map.toml"
    mapping.write_text('[columns]\ncreatinine = { column = "creatinine", only_where = "measured" }\n')
    for where, counts, values in (
        (None, {"missing": 3, "unreadable": 5, "commas": 3}, [1.0, *[NAN] * 8, 2.0]),
        (mapping, {"missing": 6, "unreadable": 3, "commas": 2}, [1.0, *[NAN] * 9]),
    ):
        cohort = read_cohort(source, mapping=where)
        (chunk,) = cohort.read(Request(inputs=("creatinine",)))
        np.testing.assert_equal(chunk.columns["creatinine"], np.array(values))
        assert {name: getattr(chunk.quality.columns["creatinine"], name) for name in counts} == counts


@pytest.mark.parametrize(
    ("words", "codes"),
    [
        (["F", "female", "FEMALE", " Woman "], [0, 0, 0, 0]),
        (["M", "male", "Man"], [1, 1, 1]),
        (["1", "2", "0"], [-1, -1, -1]),
        (["intersex", "other", "X", "unknown", "U"], [-1] * 5),
        (["", None], [-1, -1]),
    ],
)
def test_sex_is_read_leniently_and_never_guessed(words: list[object], codes: list[int]) -> None:
    chunk = read({"sex": [*words, "female"]})
    column = chunk.columns["sex"]
    assert isinstance(column, Coded)
    assert column.words == ("female", "male")
    assert column.codes.tolist() == [*codes, 0]
    counts = chunk.quality.columns["sex"]
    assert counts.missing + counts.unreadable == codes.count(-1)
    assert counts.missing == sum(word in ("", None) for word in words)


def test_sex_in_codes_when_the_mapping_says_so(tmp_path: Path) -> None:
    path = tmp_path / "map.toml"
    path.write_text('[columns]\nsex = { column = "gender", words = { female = ["2"], male = ["1"] } }\n')
    for values in (["1", "2", "3"], [1, 2, 3]):
        chunk = read({"gender": values}, path)
        assert chunk.columns["sex"].codes.tolist() == [1, 0, -1]
        assert chunk.quality.columns["sex"].unreadable == 1


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        (["yes", "No", "TRUE", "f", "1", "0.0", "Y", "n"], [1, 0, 1, 0, 1, 0, 1, 0]),
        ([1, 0, 1], [1, 0, 1]),
        ([True, False], [1, 0]),
        (["maybe", "2", ""], [NAN, NAN, NAN]),
        ([2.0, 1.0], [NAN, 1]),
    ],
)
def test_yes_and_no(values: list[object], expected: list[float]) -> None:
    np.testing.assert_equal(read({"diabetes": values}).columns["diabetes"], np.array(expected, dtype=float))


def test_a_category_called_none_is_a_category() -> None:
    chunk = read({"pregnancy_trimester": ["none", "first", "", "NA"]})
    assert chunk.columns["pregnancy_trimester"].to_words().tolist() == ["none", "first", "", ""]


def test_units_are_converted_by_declared_factors() -> None:
    frame = pd.DataFrame({"scr": [88.4, 176.8], "age": [50, 60]})
    (chunk,) = read_cohort(frame, mapping=["creatinine=scr:umol/L"]).read(Request(inputs=("creatinine",)))
    np.testing.assert_allclose(chunk.columns["creatinine"], [1.0, 2.0], rtol=1e-3)


@pytest.mark.parametrize(
    ("mapping", "error", "says"),
    [
        (["creatinine=scr:furlong"], MissingColumn, "units known for it: mg/dL"),
        (["creatinin=scr"], MissingColumn, "Did you mean creatinine"),
        (["creatinine=scrr"], MissingColumn, "Near names: scr"),
        (["creatinine"], MissingColumn, "is not a mapping"),
        (["nowhere.toml"], CohortError, "nowhere.toml"),
    ],
)
def test_mappings_that_cannot_be_followed(mapping: list[str], error: type[Exception], says: str) -> None:
    with pytest.raises(error, match=says):
        read_cohort(pd.DataFrame({"scr": [1.0]}), mapping=mapping)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("[columns\n", "TOML"),
        ('[colums]\nage = "x"\n', "colums"),
        ('[columns]\ncreatinine = { colum = "scr" }\n', "colum"),
        ('[columns]\nsex = { column = "scr", words = { woman = ["f"] } }\n', "is no category of sex"),
        ('[race]\ncolumn = "scr"\n[race.words]\nB = "Blackish"\n', "no category or detail of recorded race"),
        ('[cohort]\nwhere = "nothing > 1"\n', "where"),
        ("[columns]\ncreatinine = { }\n", "column"),
        ("[columns]\ncreatinine = 3\n", "creatinine"),
        ('[columns]\ncreatinine = { column = "scr", factor = "x" }\n', "factor"),
        ("[cohort]\nweights = 3\n", "weights"),
    ],
)
def test_mapping_files_that_are_wrong(tmp_path: Path, text: str, says: str) -> None:
    path = tmp_path / "map.toml"
    path.write_text(text)
    with pytest.raises((CohortError, MissingColumn)) as refused:
        read_cohort(pd.DataFrame({"scr": [1.0]}), mapping=path)
    assert says in str(refused.value)


def test_hints_at_units_and_decimal_commas() -> None:
    chunk = read({"creatinine": ["80", "95", "110", "0,9", "1,1", "x", "1.0"]})
    (row,) = quality_rows(chunk.quality, {"creatinine": ("scr", "mg/dL")})
    assert (row.missing, row.unreadable, row.implausible) == (0, 3, 3)
    assert "umol/L" in row.hint
    assert "decimal comma" in row.hint
    (row,) = quality_rows(read({"creatinine": ["0.9", "1.0"]}).quality, {})
    assert row.hint == ""


def test_race_that_nobody_can_read_is_counted() -> None:
    chunk = read({"race": ["White", "", "something else", "NA", "Unknown"], "age": [50] * 5})
    counts = chunk.quality.columns["race"]
    assert (counts.n, counts.missing, counts.unreadable) == (5, 2, 1)


def test_columns_of_dates_and_lists_are_unreadable_not_fatal() -> None:
    chunk = read({"age": list(pd.date_range("2020-01-01", periods=3)), "creatinine": [[1.0], [2.0], [3.0]], "weight": [70, 80, 90]})
    assert chunk.quality.columns["age"].unreadable == 3
    assert chunk.quality.columns["creatinine"].unreadable == 3
    assert chunk.columns["weight"].tolist() == [70, 80, 90]


def test_patients_without_a_positive_weight_are_left_out_and_counted() -> None:
    weights = [1.0, 0.0, -2.0, NAN, float("inf"), 2.5]
    chunk = read({"age": [10, 20, 30, 40, 50, 60], "w": weights}, weights="w")
    assert chunk.columns["age"].tolist() == [10, 60]
    assert chunk.weights is not None
    assert chunk.weights.tolist() == [1.0, 2.5]
    assert dict(chunk.quality.left_out) == {"without a positive weight": 4}


def test_outcome_is_yes_no_or_unknown() -> None:
    chunk = read({"age": [50] * 7, "died": ["1", "yes", "0", "No", "", "perhaps", None]}, outcome="died")
    assert chunk.outcome.tolist() == [1, 1, 0, 0, -1, -1, -1]


def test_groups_by_other_columns() -> None:
    chunk = read(
        {"age": [10.0, 18, 40, 65, 75, NAN], "ward": ["b", "a", "", None, "NA", "a "], "sex": ["f", "m", "x", "f", "m", "f"]},
        by=("age_band", "ward", "sex"),
    )
    assert chunk.groups["age_band"].to_words().tolist() == ["under 18", "18-39", "40-64", "65-74", "75 and over", "Unknown"]
    assert chunk.groups["ward"].to_words().tolist() == ["b", "a", "Unknown", "Unknown", "Unknown", "a"]
    assert chunk.groups["sex"].to_words().tolist() == ["female", "male", "Unknown", "female", "male", "female"]


def test_too_many_groups_are_refused() -> None:
    cohort = read_cohort(pd.DataFrame({"age": [50] * 100, "street": [f"street {i}" for i in range(100)]}))
    with pytest.raises(OptionError, match="more than 60 different values"):
        cohort.levels("street")


def test_duplicate_ids_are_counted() -> None:
    assert read_cohort(pd.DataFrame({"patient_id": ["a", "b", "a", "a"], "age": [1, 2, 3, 4]})).duplicate_ids() == 2
    assert read_cohort(pd.DataFrame({"age": [1, 2]})).duplicate_ids() is None


@pytest.mark.parametrize(
    ("number", "of", "shown"), [(0, 50, 0), (1, 50, "1-10"), (10, 50, "1-10"), (11, 50, 11), (45, 50, "all but 1-10"), (50, 50, 50)]
)
def test_small_numbers_are_masked(number: int, of: int, shown: object) -> None:
    assert masked(number, of) == shown


@pytest.mark.parametrize(
    ("counts", "shown"),
    [
        ({"a": 100, "b": 40}, {"a": 100, "b": 40}),
        ({"a": 100, "b": 40, "c": 3}, {"a": 100, "b": "11 or more", "c": "1-10"}),
        ({"a": 100, "b": 40, "c": 3, "d": 4}, {"a": 100, "b": "11 or more", "c": "1-10", "d": "1-10"}),
        ({"a": 100, "b": 40, "c": 8, "d": 9}, {"a": 100, "b": 40, "c": "1-10", "d": "1-10"}),
        ({"a": 5}, {"a": "1-10"}),
    ],
)
def test_small_numbers_cannot_be_found_by_subtraction(counts: dict[str, int], shown: dict[str, object]) -> None:
    assert masked_parts(counts) == shown


def test_check_shows_no_small_number() -> None:
    frame = pd.DataFrame(
        {
            "age": [50.0] * 96 + [NAN, 999, 999, 999],
            "creatinine": [1.0] * 100,
            "sex": ["f"] * 99 + ["?"],
            "race": ["White"] * 97 + ["Black"] * 3,
        }
    )
    found = check_cohort(read_cohort(frame))
    by_name = {column["input"]: column for column in found["columns"]}
    assert by_name["age"]["missing"] == "1-10"
    assert by_name["age"]["implausible"] == "1-10"
    assert by_name["sex"]["unreadable"] == "1-10"
    assert found["recorded_race"] == {"White": "11 or more", "Black or African American": "1-10"}
    assert "3" not in check_text(found).partition("Recorded race")[2].partition("Calculators")[0]
