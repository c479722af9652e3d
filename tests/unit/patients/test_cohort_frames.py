"""The same patients as a file or as a data frame of any library give the same result."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pandas as pd
import pytest

from auditor import audit
from auditor.errors import CohortError
from auditor.patients.cohort import Request, read_cohort
from auditor.result import AuditResult, Provenance


@pytest.fixture(scope="module")
def patients() -> pd.DataFrame:
    rng = np.random.default_rng(11)
    n = 3000
    frame = pd.DataFrame(
        {
            "age": rng.integers(20, 90, n),
            "sex": rng.choice(["female", "male", ""], n, p=[0.5, 0.48, 0.02]),
            "race": rng.choice(["White", "Black", "Asian;White", "Unknown"], n, p=[0.5, 0.3, 0.1, 0.1]),
            "creatinine": np.exp(rng.normal(0.1, 0.4, n)),
            "diabetes": rng.integers(0, 2, n),
            "died": rng.integers(0, 2, n),
            "w": rng.uniform(0.5, 2.0, n),
        }
    )
    frame.loc[::50, "creatinine"] = np.nan
    return frame


def as_polars(frame: pd.DataFrame) -> Any:
    polars = pytest.importorskip("polars")
    return polars.DataFrame({name: frame[name].to_list() for name in frame}, nan_to_null=True)


def as_arrow(frame: pd.DataFrame) -> Any:
    arrow = pytest.importorskip("pyarrow")
    return arrow.Table.from_pandas(frame, preserve_index=False)


def as_duckdb(frame: pd.DataFrame) -> Any:
    import duckdb

    return duckdb.from_df(frame)


def as_categories(frame: pd.DataFrame) -> Any:
    return frame.astype({"sex": "category", "race": "category", "creatinine": "Float64", "age": "Int16", "diabetes": "boolean"})


def as_objects(frame: pd.DataFrame) -> Any:
    return frame.astype(object).where(frame.notna(), None)


def shuffled_columns(frame: pd.DataFrame) -> Any:
    return frame[frame.columns[::-1]].set_index(np.arange(len(frame))[::-1])


FRAMES: dict[str, Callable[[pd.DataFrame], Any]] = {
    "pandas": lambda frame: frame,
    "pandas with categories and missing types": as_categories,
    "pandas objects": as_objects,
    "pandas with another order of columns": shuffled_columns,
    "polars": as_polars,
    "polars lazy": lambda frame: as_polars(frame).lazy(),
    "pyarrow": as_arrow,
    "duckdb": as_duckdb,
}


def same(result: AuditResult) -> AuditResult:
    """The result without what names its source."""
    cohort = msgspec.structs.replace(result.cohort, name="", source="", quality=tuple(sorted(result.cohort.quality, key=lambda q: q.input)))
    return msgspec.structs.replace(result, provenance=Provenance(auditor="", versions=(), inputs=(), declarations=""), cohort=cohort)


def run(source: Any) -> AuditResult:
    return same(audit(source, ["ckd_epi_cr_2009"], ["race", "sex"], outcome="died", weights="w", replicates=20))


@pytest.fixture(scope="module")
def from_file(patients: pd.DataFrame, tmp_path_factory: pytest.TempPathFactory) -> AuditResult:
    path = tmp_path_factory.mktemp("frames") / "cohort.csv"
    patients.to_csv(path, index=False)
    return run(path)


def test_parquet_equals_csv(patients: pd.DataFrame, from_file: AuditResult, tmp_path: Path) -> None:
    import duckdb

    duckdb.from_df(patients).write_parquet(str(tmp_path / "cohort.parquet"), row_group_size=1000)
    assert run(tmp_path / "cohort.parquet") == from_file


@pytest.mark.parametrize("name", FRAMES)
def test_a_frame_equals_the_file(name: str, patients: pd.DataFrame, from_file: AuditResult) -> None:
    assert run(FRAMES[name](patients)) == from_file


def test_the_frame_is_left_alone(patients: pd.DataFrame) -> None:
    before = patients.copy()
    run(patients)
    pd.testing.assert_frame_equal(patients, before)


@pytest.mark.parametrize("source", [{"age": [1]}, 3, object()])
def test_other_things_are_no_cohort(source: Any) -> None:
    with pytest.raises(CohortError, match="A cohort is a path"):
        read_cohort(source)


def test_doubled_columns_are_refused() -> None:
    with pytest.raises(CohortError, match="more than once"):
        read_cohort(pd.DataFrame([[1, 2]], columns=["age", "age"]))
    with pytest.raises(CohortError, match="more than once"):
        read_cohort(pd.DataFrame([[1, 2]], columns=["age", "Age"]))


def test_a_mixed_column_is_read_value_by_value() -> None:
    frame = pd.DataFrame({"creatinine": [1.0, "1.5", None, "high", np.nan, 2], "age": [50] * 6})
    (chunk,) = read_cohort(frame).read(Request(inputs=("creatinine",)))
    np.testing.assert_equal(chunk.columns["creatinine"], np.array([1.0, 1.5, np.nan, np.nan, np.nan, 2.0]))
    assert chunk.quality.columns["creatinine"].unreadable == 1
    assert chunk.quality.columns["creatinine"].missing == 2
