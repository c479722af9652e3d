"""The Spark engine: the same counting on a cluster's workers; only counts come back to the driver."""

from __future__ import annotations

import pickle
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any
from uuid import uuid4

from auditor.counts.cells import Cells
from auditor.errors import OptionError
from auditor.patients.cohort import Cohort, Patients, Request
from auditor.patients.engines.local import Progress, Sum, Work, Worker, count_patients, grid_of
from auditor.patients.quality import Quality
from auditor.patients.sources.files import read_in_one_thread
from auditor.patients.sources.mapping import CohortMap, read_mapping
from auditor.patients.sources.tables import read_table
from auditor.patients.tally import Counted, Plan, kernel_of
from calculators.coded import Coded

TASKS_PER_CORE = 2
SCHEMA = "counts binary"
Counts = tuple[list[Counted], Cells, Quality]


def on_spark(cohort: Cohort, spark: Any) -> Cohort:
    """A Parquet cohort on storage that all workers see, to be counted by them: each task reads its own rows of a file.

    `spark` is a SparkSession. The result equals the local engine's to the last bit.
    """

    def engine(request: Request, plans: Sequence[Plan], progress: Progress | None) -> Counts:
        parts = list(cohort.parts())
        if not parts or cohort.reopen is None:
            raise OptionError(
                f"'{cohort.name}' cannot be read in parts: Spark takes Parquet files with one row per patient, or a data frame."
            )
        work = Work.of(cohort, request, plans, grid_of(cohort, request))
        count, total = _CountParts(work, uuid4().hex), Sum(plans, work)
        context = _context(spark)
        number = len(parts) if context is None else min(len(parts), TASKS_PER_CORE * context.defaultParallelism)
        tasks = [pickle.dumps(parts[i::number]) for i in range(number)]
        if context is None:
            frame = spark.createDataFrame([(task,) for task in tasks], "parts binary").coalesce(1).repartition(number)
            return _sum(_each(frame.mapInArrow(count.batches, SCHEMA), number), total, cohort.rows, progress)
        counted = context.parallelize(tasks, number).map(count).persist()
        counted.count()
        try:
            return _sum(counted.toLocalIterator(), total, cohort.rows, progress)
        finally:
            counted.unpersist()

    return replace(cohort, engine=engine)


def spark_cohort(frame: Any, mapping: Any = None, name: str = "", outcome: str = "", weights: str = "") -> Cohort:
    """A Spark data frame as a cohort: its rows go to Python on the workers in Arrow batches and are counted there."""
    cohort_map = read_mapping(mapping)
    like = read_table(
        _empty(frame), mapping=cohort_map, name=name or cohort_map.name or "Spark data frame", outcome=outcome, weights=weights
    )

    def levels(attribute: str) -> tuple[str, ...]:
        if attribute not in frame.columns or attribute in (*like.offers, "race", "ethnicity"):
            return like.levels(attribute)
        words = frame.selectExpr(f"trim(cast(`{attribute}` as string)) as v").distinct().limit(61)
        return read_table(_frame_of(words, attribute)).levels(attribute)

    def largest(column: str) -> float | None:
        value = frame.selectExpr(f"max(cast(`{column}` as double))").first()[0]
        return None if value is None else float(value)

    def engine(request: Request, plans: Sequence[Plan], progress: Progress | None) -> Counts:
        if request.design or cohort_map.weights_divided_by_distinct or cohort_map.one_per_patient:
            raise OptionError(
                "A Spark data frame is counted in batches: give it without a survey design, one row per patient, weights undivided."
            )
        grid = grid_of(cohort, request)
        work = _FrameWork(cohort_map, Work.of(replace(cohort, reopen=_nothing), request, plans, grid))
        tasks = frame.sparkSession.sparkContext.defaultParallelism
        return _sum(_each(frame.mapInArrow(_CountBatches(work), SCHEMA), tasks), Sum(plans, work.work), cohort.rows, progress)

    cohort = replace(
        like,
        source="Spark data frame",
        rows=int(frame.count()),
        levels=levels,
        largest=largest,
        digests=lambda: (("Spark data frame", "", cohort.rows),),
        duplicate_ids=lambda: None,
        engine=engine,
    )
    return cohort


@dataclass(frozen=True)
class _CountParts:
    """On a worker: the counts of all parts that a task names."""

    work: Work
    token: str

    def __call__(self, task: bytes) -> bytes:
        return pickle.dumps(_worker(self.token, self.work).count(*pickle.loads(task)))

    def batches(self, batches: Iterator[Any]) -> Iterator[Any]:
        """The same of tasks in Arrow batches."""
        for batch in batches:
            for task in batch.column(0).to_pylist():
                yield _batch_of(self(task))


def _context(spark: Any) -> Any:
    """What hands out tasks without planning a query, which costs the JVM a few seconds; None over Spark Connect."""
    from pyspark.errors import PySparkException

    try:
        return spark.sparkContext
    except PySparkException:
        return None


_kept: list[tuple[str, Worker]] = []


def _worker(token: str, work: Work) -> Worker:
    """The worker of this Python process, which Spark uses for many tasks: formulas are recorded once for all of them."""
    if not _kept or _kept[0][0] != token:
        read_in_one_thread()
        _kept[:] = [(token, Worker(work))]
    return _kept[0][1]


@dataclass(frozen=True)
class _FrameWork:
    map: CohortMap
    work: Work


@dataclass(frozen=True)
class _CountBatches:
    """On a worker: the counts of all its batches of patients."""

    frame: _FrameWork

    def __call__(self, batches: Iterator[Any]) -> Iterator[Any]:

        work = self.frame.work
        plans = work.plans()
        counted = count_patients(self._chunks(batches), plans, work, kernel_of(plans, work.grid))
        if counted[-1]:
            yield _batch_of(pickle.dumps(counted))

    def _chunks(self, batches: Iterator[Any]) -> Iterator[Patients]:
        import pyarrow as pa

        for batch in batches:
            if batch.num_rows:
                for patients in read_table(pa.Table.from_batches([batch]), mapping=self.frame.map).read(self.frame.work.request):
                    yield _at_levels(patients, self.frame.work.by)


def _at_levels(patients: Patients, by: Mapping[str, tuple[str, ...]]) -> Patients:
    """Groups coded by the levels of the whole cohort: a batch knows its own words alone."""
    groups = {
        name: group if group.words == by[name] else Coded.from_words(group.to_words(), by[name]) for name, group in patients.groups.items()
    }
    return replace(patients, groups=groups)


def _batch_of(counts: bytes) -> Any:
    import pyarrow as pa

    return pa.record_batch([pa.array([counts], pa.binary())], names=["counts"])


def _each(counted: Any, parts: int) -> Iterator[bytes]:
    """All counts, fetched a part at a time. Spark computes what it repartitions at once, and what it iterates over one after another."""
    return (bytes(row[0]) for row in counted.repartition(parts).toLocalIterator())


def _sum(counted: Iterable[bytes], total: Sum, rows: int, progress: Progress | None) -> Counts:
    for counts in counted:
        total.add(pickle.loads(counts))
        if progress is not None:
            progress(total.done, rows)
    return total.total()


def _empty(frame: Any) -> Any:
    """A table without rows and with the frame's columns: text stays text, everything else is a number."""
    import pyarrow as pa

    text = {field.name for field in frame.schema.fields if field.dataType.typeName() in ("string", "varchar", "char")}
    return pa.table({name: pa.array([], pa.string() if name in text else pa.float64()) for name in frame.columns})


def _frame_of(words: Any, name: str) -> Any:
    import pyarrow as pa

    return pa.table({name: pa.array([row[0] for row in words.collect()], pa.string())})


def _nothing() -> Cohort:
    raise AssertionError("a Spark data frame is read in batches")
