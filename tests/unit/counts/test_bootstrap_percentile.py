"""Percentile intervals are numpy's quantiles of the resamples that are defined."""

import numpy as np
import pytest

from auditor.counts.bootstrap import percentile


@pytest.mark.filterwarnings("ignore:All-NaN")
def test_percentiles_are_those_of_the_defined_resamples() -> None:
    draws = np.random.default_rng(3).normal(size=(6, 4, 501))
    draws[np.random.default_rng(4).random(draws.shape) < 0.03] = np.nan
    draws[1, :, :80], draws[2] = np.nan, np.nan
    lower, upper = percentile(draws)
    expected = np.nanquantile(draws, [0.025, 0.975], axis=-1)
    expected[:, 1:3] = np.nan
    np.testing.assert_allclose(np.stack([lower, upper]), expected, rtol=1e-12)


def test_no_contrast_and_a_single_resample() -> None:
    assert percentile(np.empty((0, 10)))[0].shape == (0,)
    assert [bound.tolist() for bound in percentile(np.array([[0.25]]))] == [[0.25], [0.25]]
