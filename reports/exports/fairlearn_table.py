"""Group metrics in the shape of Fairlearn's MetricFrame.by_group: one row per group, one column per metric."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from auditor.result import AuditResult, CalculatorResult
from auditor.rows import Status
from reports.exports.standards import to_csv

KEYS = ("calculator", "decision", "arm", "by", "sensitive_feature_0")
ORDER: tuple[Status, ...] = ("ok", "imprecise", "not_estimable", "suppressed")


def frame_rows(result: AuditResult, calculators: Sequence[CalculatorResult]) -> tuple[tuple[str, ...], list[dict[str, Any]]]:
    """Columns and rows; a value that may not be shown is missing and `status` names the worst reason of the row."""
    metrics = tuple(dict.fromkeys(m.metric for c in calculators for m in c.metrics))
    rows: dict[tuple[str, ...], dict[str, Any]] = {}
    for calculator in calculators:
        for m in calculator.metrics:
            key = (m.calculator, m.decision, m.arm, m.by, m.group)
            row = rows.setdefault(
                key, dict(zip(KEYS, key, strict=True)) | dict.fromkeys(metrics) | {"status": "ok", "stamps": "; ".join(result.stamps)}
            )
            if m.status == "ok":
                row[m.metric] = m.value
            row["status"] = max(row["status"], m.status, key=ORDER.index)
    return (*KEYS, *metrics, "status", "stamps"), list(rows.values())


def csv_bytes(result: AuditResult, calculators: Sequence[CalculatorResult]) -> bytes:
    """The table as CSV."""
    columns, rows = frame_rows(result, calculators)
    return to_csv(columns, ({k: "" if v is None else str(v) for k, v in row.items()} for row in rows))


def parquet_bytes(result: AuditResult, calculators: Sequence[CalculatorResult]) -> bytes:
    """The table as Parquet."""
    import duckdb
    import pandas as pd

    columns, rows = frame_rows(result, calculators)
    table = pd.DataFrame(rows, columns=list(columns))
    numbers = [c for c in columns if c not in (*KEYS, "status", "stamps")]
    table = table.astype({**dict.fromkeys(numbers, "float64"), **dict.fromkeys((*KEYS, "status", "stamps"), "string")})
    with tempfile.TemporaryDirectory() as folder, duckdb.connect() as connection:
        path = Path(folder) / "table.parquet"
        connection.register("by_group", table)
        connection.execute(f"COPY (SELECT * FROM by_group) TO '{path}' (FORMAT parquet)")
        return path.read_bytes()
