"""Spark's workers count the same cells as this machine, from Parquet parts and from a data frame, also when one is killed."""

import os
import shutil
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from auditor.patients.cohort import read_cohort
from auditor.patients.engines import local
from auditor.patients.sources import tables

sys.path.insert(0, str(Path(__file__).parent))
from test_local_engine import KilledOnce, assert_same, prepared

pytest.importorskip("pyspark", reason="pyspark is not installed (pip install '.[spark]')")
if shutil.which("java") is None:
    pytest.skip("Spark needs Java", allow_module_level=True)

ROOT = Path(__file__).parents[3]
__all__ = ["prepared"]


@pytest.fixture(scope="module")
def spark(tmp_path_factory):
    from pyspark.sql import SparkSession

    os.environ["PYTHONPATH"] = os.pathsep.join((str(ROOT), str(Path(__file__).parent)))
    os.environ["PYSPARK_PYTHON"] = sys.executable
    session = (
        SparkSession.builder.master("local[2,4]")
        .config("spark.ui.enabled", "false")
        .config("spark.driver.host", "127.0.0.1")
        .config("spark.sql.execution.arrow.maxRecordsPerBatch", "900")
        .config("spark.sql.warehouse.dir", str(tmp_path_factory.mktemp("warehouse")))
        .getOrCreate()
    )
    session.sparkContext.setLogLevel("OFF")
    yield session
    session.stop()


def test_parquet_parts_on_spark_equal_the_local_engine(spark, prepared, monkeypatch):
    from auditor.patients.engines.spark import on_spark

    cohort, request, plans, expected = prepared
    monkeypatch.setattr(tables, "ROWS_PER_PART", 800)
    assert_same(local.tally(on_spark(cohort, spark), request, plans), expected)


def test_scores_that_are_left_out_are_left_out_on_spark(spark, prepared, monkeypatch):
    from auditor.patients.engines.spark import on_spark

    cohort, request, plans, expected = prepared
    monkeypatch.setattr(tables, "ROWS_PER_PART", 800)
    counted, everyone, quality = expected
    without = [replace(one, of_scores=tuple) for one in counted]
    found = local.tally(on_spark(cohort, spark), request, [replace(plan, scores=False) for plan in plans])
    assert_same(found, (without, everyone, quality))
    assert any(one.scored for one in counted)


class Connected:
    """A session as over Spark Connect: data frames alone, no context."""

    def __init__(self, session):
        self.createDataFrame = session.createDataFrame

    @property
    def sparkContext(self):
        from pyspark.errors import PySparkAttributeError

        raise PySparkAttributeError(errorClass="JVM_ATTRIBUTE_NOT_SUPPORTED", messageParameters={"attr_name": "sparkContext"})


def test_parquet_parts_are_counted_over_spark_connect_too(spark, prepared, monkeypatch):
    from auditor.patients.engines.spark import on_spark

    cohort, request, plans, expected = prepared
    monkeypatch.setattr(tables, "ROWS_PER_PART", 800)
    assert_same(local.tally(on_spark(cohort, Connected(spark)), request, plans), expected)


def test_a_spark_data_frame_equals_the_local_engine(spark, prepared):
    cohort, request, plans, expected = prepared
    frame = spark.read.parquet(cohort.reopen.files[0]).repartition(3)
    found = read_cohort(frame)
    assert found.rows == cohort.rows
    assert dict(found.offers) == dict(cohort.offers)
    assert_same(local.tally(found, request, plans), expected)


def test_a_killed_spark_worker_changes_nothing(spark, prepared, monkeypatch, tmp_path):
    from auditor.patients.engines.spark import on_spark

    cohort, request, plans, expected = prepared
    monkeypatch.setattr(tables, "ROWS_PER_PART", 1_000)
    marker = tmp_path / "killed"
    fragile = replace(cohort, reopen=KilledOnce(cohort.reopen, marker))
    assert_same(local.tally(on_spark(fragile, spark), request, plans), expected)
    assert marker.exists()
