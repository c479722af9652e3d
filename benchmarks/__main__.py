"""Measures the audit: python -m benchmarks [rows ...] [--processes N] [--spark] [--out FOLDER].

Writes results.json and table.md. Seconds depend on the machine and on what else runs on it; CPU time and ratios
within one run are what to compare.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import resource
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from benchmarks.cohort import write_cohort

CALCULATORS = [
    "pce_2013",
    "pce_2013_extended",
    "pce_revised_2018",
    "ckd_epi_cr_2009",
    "ckd_epi_crcys_2012",
    "ekfc_cr_2023_black_q",
    "mdrd4_175_2006",
    "mdrd4_186_1999",
    "mdrd6_161_5_2006",
    "mdrd6_170_1999",
    "gli_2012_fef2575",
    "gli_2012_fef75",
    "gli_2012_fev1",
    "gli_2012_fev1fvc",
    "gli_2012_fvc",
    "hankinson_1999_fef2575",
    "hankinson_1999_fev1",
    "hankinson_1999_fev1fev6",
    "hankinson_1999_fev1fvc",
    "hankinson_1999_fev6",
    "hankinson_1999_fvc",
    "hankinson_1999_pef",
    "prevent_2023_base",
    "prevent_2023_full",
    "prevent_2023_hba1c",
    "prevent_2023_sdi",
    "prevent_2023_uacr",
    "ckd_epi_cr_2021",
    "ckd_epi_crcys_2021",
    "ckd_epi_cys_2012",
    "ekfc_cr_2021",
    "ekfc_cys_2023",
    "lund_malmo_revised_2011",
    "mdrd_cn_2006",
    "gli_global_2022_fev1",
    "gli_global_2022_fev1fvc",
    "gli_global_2022_fvc",
    "ckid_u25_cr_2021",
    "jsn_egfr_2009",
    "xiangya_2019",
]
BY = ("race", "sex")
OUTCOME = "died_10_years"
NAMES = {
    "embedded": "The default audit of the embedded cohort",
    "cells": "Parquet to cells four times over, {rows:,} rows, processes: {processes}",
    "audit": "Audit of 40 calculators with JSON, {rows:,} rows, processes: {processes}",
    "main_audit": "Audit of 40 calculators with JSON, without as-if arms, {rows:,} rows, processes: {processes}",
    "decisions_audit": "Audit of 40 calculators with JSON, without as-if arms and scores in bins, {rows:,} rows, processes: {processes}",
    "spark": "Parquet to cells on local Spark, {rows:,} rows",
    "ratio": "One decision with a bootstrap, rows against cells",
}


def main() -> None:
    """Run every task in a process of its own, so that time and memory are its own."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("rows", nargs="*", type=float, default=[1e5, 1e6])
    parser.add_argument("--processes", type=int, help="by default one for cells, and for audits as many as an audit takes")
    parser.add_argument("--spark", action="store_true", help="also on local Spark")
    parser.add_argument("--out", type=Path, default=Path("benchmark-results"))
    parser.add_argument("--task", choices=RUNS, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.task:
        print(json.dumps(run(arguments.task, int(arguments.rows[0]), arguments.out, arguments.processes)))
        return
    arguments.out.mkdir(parents=True, exist_ok=True)
    found: list[dict[str, Any]] = [{"machine": machine(), "load_before": os.getloadavg()[0]}, start_time(), embedded(arguments.out)]
    for number, rows in enumerate(int(r) for r in arguments.rows):
        cohort_file(arguments.out, rows)
        for task in (
            "cells",
            "audit",
            "main_audit",
            "decisions_audit",
            *(("spark",) if arguments.spark else ()),
            *(("ratio",) if not number else ()),
        ):
            found.append(in_process(task, rows, arguments.out, arguments.processes))
            print(json.dumps(found[-1]), flush=True)
    found[0]["load_after"] = os.getloadavg()[0]
    (arguments.out / "results.json").write_text(json.dumps(found, indent=1) + "\n")
    (arguments.out / "table.md").write_text(table(found))
    print(table(found))


def in_process(task: str, rows: int, out: Path, processes: int | None) -> dict[str, Any]:
    """One task in a new Python."""
    command = [sys.executable, "-m", "benchmarks", str(rows), "--task", task, "--out", str(out)]
    command += ["--processes", str(processes)] if processes else []
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    return dict(json.loads(done.stdout.splitlines()[-1]))


def run(task: str, rows: int, out: Path, processes: int | None) -> dict[str, Any]:
    """One task: its wall and CPU seconds (workers included) and the peak memory of this process and of the largest worker."""
    path = cohort_file(out, rows)
    started, cpu = time.perf_counter(), cpu_seconds()
    details = RUNS[task](path, processes)
    used = cpu_seconds() - cpu
    own, workers = (resource.getrusage(who).ru_maxrss // 1024 for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return {
        "task": task,
        "rows": rows,
        "processes": processes,
        "seconds": round(time.perf_counter() - started, 2),
        "cpu_seconds": round(used, 2),
        "peak_mib": own,
        "worker_peak_mib": workers,
        **details,
    }


def prepare(path: Path, every_arm: bool, scores: bool = True) -> tuple[Any, Any, list[Any]]:
    """The cohort, what is read of it, and a plan per calculator: with, without and successor, or every arm; `scores` in bins or not."""
    from dataclasses import replace

    from auditor.patients.cohort import Request, read_cohort
    from auditor.patients.tally import Plan
    from auditor.pipeline import serve
    from calculators.registry import registry

    cohort = read_cohort(path)
    served = serve(cohort, CALCULATORS, registry())
    levels = {name: cohort.levels(name) for name in BY}
    main_arms = ("with_race", "without_race", "successor")
    armed = [a if every_arm else replace(a, arms=tuple(arm for arm in a.arms if arm.kind in main_arms)) for a in served.armed]
    inputs = tuple(dict.fromkeys(n for a in armed for n in a.inputs))
    return cohort, Request(inputs=inputs, by=BY, outcome=OUTCOME), [Plan.of(a, levels, "any_mention", scores) for a in armed]


def cells(path: Path, processes: int | None) -> dict[str, Any]:
    """Parquet to cells: CPU microseconds per row for reading alone, for the three main arms, with every as-if arm, and for the main arms without scores in bins."""
    from auditor.patients.engines.local import tally

    per_row = {}
    for name, every_arm, scores in (("main_arms", False, True), ("every_arm", True, True), ("decisions", False, False)):
        cohort, request, plans = prepare(path, every_arm, scores)
        cpu, wall = cpu_seconds(), time.perf_counter()
        tally(cohort, request, plans, processes=processes or 1)
        per_row[f"{name}_us_per_row"] = round((cpu_seconds() - cpu) / cohort.rows * 1e6, 2)
        per_row[f"{name}_seconds"] = round(time.perf_counter() - wall, 2)
    cpu = cpu_seconds()
    rows = sum(patients.n for patients in cohort.read(request))
    return {**per_row, "reading_us_per_row": round((cpu_seconds() - cpu) / rows * 1e6, 2)}


def audit(path: Path, processes: int | None) -> dict[str, Any]:
    """The whole audit of 40 calculators: every arm, every threshold, race x sex, 1,000 replicates, JSON written."""
    from auditor.pipeline import audit as run_audit

    result = run_audit(path, CALCULATORS, BY, outcome=OUTCOME, processes=processes)
    written = result.save(path.with_suffix(".json"))
    return {"json_mib": round(written.stat().st_size / 2**20, 1)}


def main_audit(path: Path, processes: int | None) -> dict[str, Any]:
    """The same without as-if arms: with race, without, successor, other removals and ablations."""
    from auditor.pipeline import audit as run_audit

    result = run_audit(path, CALCULATORS, BY, outcome=OUTCOME, arms="main", processes=processes)
    written = result.save(path.with_suffix(".main.json"))
    return {"json_mib": round(written.stat().st_size / 2**20, 1)}


def decisions_audit(path: Path, processes: int | None) -> dict[str, Any]:
    """The same without the scores in bins."""
    from auditor.pipeline import audit as run_audit

    result = run_audit(path, CALCULATORS, BY, outcome=OUTCOME, arms="main", scores=False, processes=processes)
    written = result.save(path.with_suffix(".decisions.json"))
    return {"json_mib": round(written.stat().st_size / 2**20, 1)}


def spark(path: Path, processes: int | None) -> dict[str, Any]:
    """Parquet to cells on local Spark with two cores, row groups read by the workers."""
    from pyspark.sql import SparkSession

    from auditor.patients.engines.local import tally
    from auditor.patients.engines.spark import on_spark

    os.environ["PYSPARK_PYTHON"] = sys.executable
    os.environ["PYTHONPATH"] = os.getcwd()
    session = SparkSession.builder.master("local[2]").config("spark.ui.enabled", "false").getOrCreate()
    cohort, request, plans = prepare(path, True)
    wall = time.perf_counter()
    tally(on_spark(cohort, session), request, plans)
    seconds = time.perf_counter() - wall
    session.stop()
    return {"cells_seconds": round(seconds, 2)}


def ratio(path: Path, processes: int | None) -> dict[str, Any]:
    """One decision, three groupings: MetricFrame on rows with a row bootstrap against the same numbers from cells."""
    from benchmarks.ratio import compare

    return compare(path)


RUNS = {"cells": cells, "audit": audit, "main_audit": main_audit, "decisions_audit": decisions_audit, "spark": spark, "ratio": ratio}


def start_time() -> dict[str, Any]:
    """The fastest of three starts of the command line."""
    best = {}
    for command in ("--help", "list"):
        times = []
        for _ in range(3):
            started = time.perf_counter()
            subprocess.run([sys.executable, "-m", "auditor", command], check=True, capture_output=True)
            times.append(time.perf_counter() - started)
        best[f"auditor {command}"] = round(min(times), 2)
    return best


def embedded(out: Path) -> dict[str, Any]:
    """The default audit of the embedded cohort with its report, as a user starts it, the second time (compiled modules are there)."""
    command = [sys.executable, "-m", "auditor", "audit", "--out", str(out / "embedded")]
    for _ in range(2):
        started, cpu = time.perf_counter(), cpu_seconds()
        subprocess.run(command, check=True, capture_output=True)
        found = {"task": "embedded", "seconds": round(time.perf_counter() - started, 2), "cpu_seconds": round(cpu_seconds() - cpu, 2)}
    return found


def table(found: list[dict[str, Any]]) -> str:
    """What was found as a Markdown table."""
    about, starts, *tasks = found
    lines = [f"{about['machine']}; load average {about['load_before']:.1f} before and {about['load_after']:.1f} after.", ""]
    lines += ["| What | Seconds | CPU seconds | Peak memory, MiB |", "|---|---|---|---|"]
    lines += [f"| `{command}` | {seconds} | | |" for command, seconds in starts.items()]
    for task in tasks:
        name = NAMES[task["task"]].format(**{"rows": 0, **task, "processes": task.get("processes") or "default"})
        memory = f"{task['peak_mib']} + {task['worker_peak_mib']}" if task.get("worker_peak_mib") else task.get("peak_mib", "")
        lines.append(f"| {name} | {task['seconds']} | {task['cpu_seconds']} | {memory} |")
        known = {"task", "rows", "processes", "seconds", "cpu_seconds", "peak_mib", "worker_peak_mib"}
        lines += [
            f"| … {key.replace('_us_per_row', ', µs per row').replace('_', ' ')}: {task[key]} | | | |" for key in task if key not in known
        ]
    return "\n".join(lines) + "\n"


def cohort_file(out: Path, rows: int) -> Path:
    """The Parquet file of so many rows, made once."""
    path = out / f"cohort-{rows}.parquet"
    return path if path.exists() else write_cohort(path, rows)


def cpu_seconds() -> float:
    """User and system time of this process and its finished children."""
    used = os.times()
    return used.user + used.system + used.children_user + used.children_system


def machine() -> str:
    """What the numbers were measured on."""
    model = Path("/proc/cpuinfo")
    names = (
        [line.partition(":")[2].strip() for line in model.read_text().splitlines() if line.startswith("model name")]
        if model.exists()
        else []
    )
    return f"{os.cpu_count()} CPUs{f' ({names[0]})' if names else ''}, {platform.machine()}, {platform.system()}, Python {platform.python_version()}"


if __name__ == "__main__":
    main()
