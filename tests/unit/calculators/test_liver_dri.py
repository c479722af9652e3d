"""Liver donor risk index: every term by hand, the sharing term that a public package drops, and unknown race."""

import numpy as np
import pytest

from calculators.hepatology.liver_dri import liver_dri_2006

REFERENCE = {
    "age": 30,
    "height": 170,
    "cause_of_death": ["trauma"],
    "donation_after_circulatory_death": 0,
    "partial_or_split_liver": 0,
    "organ_share": ["local"],
    "cold_ischemia_time": 0,
}


def log_index(group="White", **changes):
    return np.log(liver_dri_2006.as_if(REFERENCE | changes, group)["liver_dri"][0])


@pytest.mark.parametrize(
    ("changes", "term"),
    [
        ({}, 0),
        ({"age": 39.9}, 0),
        ({"age": 40}, 0.154),
        ({"age": 49.9}, 0.154),
        ({"age": 50}, 0.274),
        ({"age": 60}, 0.424),
        ({"age": 70}, 0.501),
        ({"cause_of_death": ["anoxia"]}, 0.079),
        ({"cause_of_death": ["stroke"]}, 0.145),
        ({"cause_of_death": ["other"]}, 0.184),
        ({"donation_after_circulatory_death": 1}, 0.411),
        ({"partial_or_split_liver": 1}, 0.422),
        ({"height": 160}, 0.066),
        ({"height": 190}, -0.132),
        ({"organ_share": ["regional"]}, 0.105),
        ({"organ_share": ["national"]}, 0.244),
        ({"cold_ischemia_time": 8}, 0.08),
    ],
)
def test_each_term(changes, term):
    assert log_index(**changes) == pytest.approx(term, abs=1e-12)


def test_size_of_the_race_terms():
    assert np.exp(log_index("Black") - log_index("White")) == pytest.approx(1.192, abs=5e-4)
    assert np.exp(log_index("Other") - log_index("White")) == pytest.approx(1.134, abs=5e-4)


def test_an_index_without_the_sharing_term_is_too_low():
    for share, expected in [("regional", -0.10), ("national", -0.22)]:
        assert np.exp(log_index() - log_index(organ_share=[share])) - 1 == pytest.approx(expected, abs=0.005)


def test_unknown_race_gives_no_index_with_race_and_one_without():
    donor = REFERENCE | {"race_group": [""]}
    assert np.isnan(liver_dri_2006.with_race(donor)["liver_dri"][0])
    assert liver_dri_2006.without_race(donor)["liver_dri"][0] == 1
