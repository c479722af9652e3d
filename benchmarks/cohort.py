"""Parquet cohorts of any size for benchmarks: rows of the synthetic cohort, drawn again and again in blocks."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

DISTINCT = 100_000
ROW_GROUP = 131_072
SEED = 5


def write_cohort(path: Path, rows: int) -> Path:
    """Write a Parquet file of so many synthetic patients in row groups of 131,072; the same rows for the same number."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    pool = {name: _compact(values) for name, values in pool_of(DISTINCT).items()}
    random = np.random.default_rng(SEED)
    writer = None
    for start in range(0, rows, ROW_GROUP):
        chosen = random.integers(0, DISTINCT, min(ROW_GROUP, rows - start))
        block = pa.table({name: column.take(pa.array(chosen)) for name, column in pool.items()})
        writer = writer or pq.ParquetWriter(path, block.schema, compression="snappy")
        writer.write_table(block, row_group_size=ROW_GROUP)
    assert writer is not None
    writer.close()
    return path


def pool_of(n: int) -> dict[str, NDArray[Any]]:
    """Synthetic adults in primary care, from whom blocks are drawn."""
    from auditor.patients.sources import synthetic

    return synthetic.generate_setting(synthetic.GENERAL, n, SEED)


def _compact(values: NDArray[Any]) -> Any:
    import pyarrow as pa

    if values.dtype == object:
        return pa.array(values.astype(str)).dictionary_encode()
    return pa.array(values, from_pandas=True)


if __name__ == "__main__":
    print(write_cohort(Path(sys.argv[1]), int(float(sys.argv[2]))))
