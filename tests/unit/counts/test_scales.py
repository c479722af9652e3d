"""Scales: every decision and band read from the categories is the one made on the score itself."""

import operator
from dataclasses import FrozenInstanceError

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from auditor.counts.cells import Cells
from auditor.counts.scales import ArmTable, BandCut, Cut, Edge, Scale, groupings

OPERATORS = {"<": operator.lt, "<=": operator.le, ">=": operator.ge, ">": operator.gt}
cuts = st.lists(
    st.tuples(st.sampled_from(list(OPERATORS)), st.sampled_from([-1.0, 0.0, 15.0, 20.0, 30.0, 60.0])), min_size=1, max_size=6
).map(lambda pairs: tuple(Cut(f"d{i}", op, value) for i, (op, value) in enumerate(pairs)))
scores = st.lists(st.one_of(st.sampled_from([-1.0, 0.0, 15.0, 20.0, 30.0, 60.0, np.nan]), st.floats(-5, 100)), min_size=1, max_size=40).map(
    np.array
)


@settings(max_examples=200, deadline=None)
@given(cuts=cuts, values=scores)
def test_a_decision_on_the_category_is_the_decision_on_the_score(cuts, values):
    scale = Scale("score", cuts)
    codes = scale.codes(values)
    missing = np.isnan(values)
    assert ((codes == -1) == missing).all()
    assert codes.dtype == np.int8
    assert codes.max() < len(scale.levels) == len(scale.edges) + 1
    for cut in cuts:
        says = OPERATORS[cut.operator](values[~missing], cut.value)
        assert (scale.yes(cut.decision)[codes[~missing]] == says).all()


@settings(max_examples=100, deadline=None)
@given(cuts=cuts, values=scores, lower_closed=st.booleans(), limits=st.sets(st.sampled_from([0.0, 10.0, 15.0, 45.0, 60.0]), min_size=1))
def test_a_band_of_the_category_is_the_band_of_the_score(cuts, values, lower_closed, limits):
    ordered = sorted(limits)
    band = BandCut("kdigo", tuple(Edge(v, not lower_closed) for v in ordered), tuple(map(str, range(len(ordered) + 1))))
    scale = Scale("score", cuts, (band,))
    known = values[~np.isnan(values)]
    expected = np.searchsorted(ordered, known, side="right" if lower_closed else "left")
    assert (scale.band_of("kdigo")[scale.codes(known)] == expected).all()


def test_edges_are_shared_and_ascend_with_the_closed_one_first():
    scale = Scale(
        "egfr",
        (Cut("ckd", "<", 60), Cut("other", ">=", 60), Cut("waiting", "<=", 20), Cut("sglt2", ">=", 20, "opens_care")),
        (BandCut("stages", (Edge(15, False), Edge(60, False)), ("5", "3-4", "1-2")),),
    )
    assert scale.edges == (Edge(15, False), Edge(20, False), Edge(20, True), Edge(60, False))
    assert scale.levels == ("0", "1", "2", "3", "4")
    assert scale.codes(np.array([14.9, 15, 19.9, 20, 20.1, 60, np.nan])).tolist() == [0, 1, 1, 2, 3, 4, -1]
    assert scale.yes("waiting").tolist() == [True, True, True, False, False]
    assert scale.yes("sglt2").tolist() == [False, False, True, True, True]
    assert scale.yes("ckd").tolist() == [True, True, True, True, False]
    assert scale.yes("other").tolist() == [False, False, False, False, True]
    assert scale.band_of("stages").tolist() == [0, 1, 1, 1, 2]


def test_a_cut_labels_unless_it_says_what_a_yes_does():
    assert Cut("ckd", "<", 60).yes_means == "labels"
    assert Cut("ckd", "<", 60, "closes_care").yes_means == "closes_care"


def test_an_unknown_decision_or_band_is_not_found():
    scale = Scale("egfr", (Cut("ckd", "<", 60),))
    for ask in (scale.yes, scale.band_of):
        with pytest.raises(StopIteration):
            ask("none")


def test_tables_of_one_calculator_add_by_their_cells():
    scale = Scale("egfr", (Cut("ckd", "<", 60),))
    keys = {"race": ("a", "b"), "with_race": scale.levels}
    tables = [
        ArmTable("ckd_epi", scale, ("race",), ("with_race",), Cells.count(keys, {"race": np.array(r), "with_race": np.array(w)}))
        for r, w in (([0, 0, 1], [0, 1, 1]), ([1, 1], [1, -1]))
    ]
    added = tables[0] + tables[1]
    assert (added.calculator, added.scale, added.by, added.arms) == ("ckd_epi", scale, ("race",), ("with_race",))
    assert added.cells.total == 5
    assert added.cells.at("race", "b").known("with_race").total == 2


@pytest.mark.parametrize(
    ("by", "expected"),
    [
        ((), ((),)),
        (("race",), ((), ("race",))),
        (("race", "sex"), ((), ("race",), ("sex",), ("race", "sex"))),
        (["race", "sex", "age"], ((), ("race",), ("sex",), ("age",), ("race", "sex", "age"))),
    ],
)
def test_groupings_are_everyone_each_attribute_and_all_together(by, expected):
    assert groupings(by) == expected


def test_scales_and_tables_cannot_be_altered():
    scale = Scale("egfr", (Cut("ckd", "<", 60),), (BandCut("stages", (Edge(60, False),), ("low", "high")),))
    table = ArmTable("ckd_epi", scale, (), ("with_race",), Cells.empty({"with_race": scale.levels}))
    for thing, field in ((scale, "cuts"), (scale.cuts[0], "value"), (scale.bands[0], "edges"), (scale.edges[0], "open"), (table, "cells")):
        with pytest.raises(FrozenInstanceError):
            setattr(thing, field, None)
