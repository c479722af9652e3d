"""Moments add and give the means of the rows."""

import numpy as np
import pytest
from statsmodels.stats.weightstats import DescrStatsW

from auditor.counts.moments import Moments

KEYS = {"race": ("a", "b", "c"), "sex": ("f", "m")}


def sample(n=500, seed=1):
    rng = np.random.default_rng(seed)
    codes = {"race": rng.integers(-1, 3, n), "sex": rng.integers(0, 2, n)}
    x = rng.normal(60, 20, n)
    x[::17] = np.nan
    return codes, {"with": x, "arm": x * 0.9, "change": -0.1 * x}, rng.gamma(2, 1, n)


def test_means_equal_the_rows():
    codes, values, weights = sample()
    found = Moments.count(KEYS, codes, values, weights).by("race")
    for i, race in enumerate(found.cells.code("race")):
        rows = (codes["race"] == race) & ~np.isnan(values["with"])
        described = DescrStatsW(values["with"][rows], weights=weights[rows])
        assert found.cells.n[i] == rows.sum()
        assert found.mean("with")[i] == pytest.approx(described.mean)


def test_chunks_add_to_the_whole_even_when_a_chunk_lacks_a_group():
    codes, values, weights = sample()
    first = codes["race"] != 2
    parts = [
        Moments.count(KEYS, {k: c[part] for k, c in codes.items()}, {k: v[part] for k, v in values.items()}, weights[part])
        for part in (first, ~first)
    ]
    whole, added = Moments.count(KEYS, codes, values, weights), parts[0] + parts[1]
    assert (whole.cells.codes == added.cells.codes).all()
    for name in whole.sums:
        assert added.sums[name] == pytest.approx(whole.sums[name])


def test_without_keys_there_is_one_cell_and_without_patients_none():
    _, values, _ = sample()
    assert Moments.count({}, {}, values).cells.n.tolist() == [int((~np.isnan(values["with"])).sum())]
    empty = Moments.count(KEYS, {"race": np.empty(0, int), "sex": np.empty(0, int)}, {"with": np.empty(0)})
    assert len(empty.cells) == 0
    assert len(empty.by().cells) == 0
