"""The LMS method: limits of normal and z-scores from a skewness L, a median M and a spread S, and the splines behind them."""

from functools import cache

import numpy as np

from calculators.recorded import recorded_whole
from calculators.tables import read_table


def reference_values(skewness, median, spread):
    """predicted = M; lln and uln = the values with a z-score of -1.645 and 1.645."""
    return {
        "predicted": median,
        "lln": value_at(-1.645, skewness, median, spread),
        "uln": value_at(1.645, skewness, median, spread),
    }


def value_at(z, skewness, median, spread):
    """M * (1 + z * L * S)^(1/L), or M * exp(z * S) where L = 0."""
    return np.where(skewness == 0, median * np.exp(z * spread), median * (1 + z * skewness * spread) ** (1 / skewness))


def z_score(measured, skewness, median, spread):
    """((measured / M)^L - 1) / (L * S), or ln(measured / M) / S where L = 0."""
    ratio = measured / median
    return np.where(skewness == 0, np.log(ratio) / spread, (ratio**skewness - 1) / (skewness * spread))


def splines_at(age, sex, *, table, index):
    """The L, M and S splines of an index, on the straight line between the quarter years of the table."""
    first_age, grid, _ = spline_grid(table, index, sex.words)
    place, past = quarter_at(age, sex, first_age=first_age, quarters=grid.shape[1] // len(sex.words))
    return splines_past(place, past, table=table, index=index, sexes=sex.words)


@recorded_whole(results=2)
def quarter_at(age, sex, *, first_age, quarters):
    """The last quarter year of a table that is not past an age, counted over both sexes, and how far past it the age is."""
    since = np.fmin(np.fmax((age - first_age) * 4, 0), quarters - 1)
    before = np.minimum(since.astype(int), quarters - 2)
    return np.maximum(sex.codes, 0).astype(int) * quarters + before, since - before


@recorded_whole(results=3)
def splines_past(place, past, *, table, index, sexes):
    """The splines so far past a quarter year."""
    _, grid, steps = spline_grid(table, index, sexes)
    return tuple(at.take(place) + past * step.take(place) for at, step in zip(grid, steps, strict=True))


@cache
def spline_grid(table, index, sexes):
    """The first age of a table, its splines (L, M, S) by sex and quarter year in one row each, and their steps to the next quarter year."""
    rows = [row for row in read_table(table, "calculators.pulmonology") if row["parameter"] == index]
    grid = np.array(
        [[[float(row[name]) for row in rows if row["sex"] == sex] for sex in sexes] for name in ("lspline", "mspline", "sspline")]
    )
    steps = np.diff(grid, append=0.0)
    return float(rows[0]["age"]), grid.reshape(3, -1), steps.reshape(3, -1)
