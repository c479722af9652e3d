"""Cells: counts of patients recounted row by row; sums, selections and merges keep every patient and weight."""

from collections import Counter
from dataclasses import FrozenInstanceError

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from auditor.counts.cells import Cells, merge

KEYS = {"race": ("a", "b", "c"), "outcome": ("0", "1"), "arm": ("low", "middle", "high", "top")}
MANY = {f"key{i}": tuple(str(level) for level in range(99)) for i in range(5)}  # more combinations than are laid out in full


def patients(n, seed=1, keys=KEYS):
    rng = np.random.default_rng(seed)
    codes = {name: rng.integers(-1, len(levels), n) for name, levels in keys.items()}
    return codes, rng.gamma(2, 1, n)


def recount(keys, codes, weights=None):
    """Number, weight and squared weight of each combination of codes, one patient at a time."""
    n, w, w2 = Counter(), Counter(), Counter()
    for i in range(len(next(iter(codes.values())))):
        row = tuple(int(codes[name][i]) for name in keys)
        weight = 1.0 if weights is None else weights[i]
        n[row] += 1
        w[row] += weight
        w2[row] += weight**2
    return n, w, w2


def assert_counts(cells, n, w, w2):
    found = [tuple(int(c) for c in row) for row in cells.codes]
    assert found == sorted(n)
    assert cells.n.tolist() == [n[row] for row in found]
    assert cells.w == pytest.approx([w[row] for row in found])
    assert cells.w2 == pytest.approx([w2[row] for row in found])


@pytest.mark.parametrize("keys", [KEYS, MANY, {"race": ("a", "b")}], ids=["few", "many", "one"])
@pytest.mark.parametrize("weighted", [False, True])
def test_cells_are_the_patients_recounted(keys, weighted):
    codes, weights = patients(400, keys=keys)
    weights = weights if weighted else None
    cells = Cells.count(keys, codes, weights)
    assert_counts(cells, *recount(keys, codes, weights))
    assert cells.codes.dtype == np.int32
    assert cells.n.dtype == np.int64
    assert len(cells) == len(cells.n)
    assert cells.total == 400
    assert cells.weight == pytest.approx(400 if weights is None else weights.sum())


def test_combinations_just_laid_out_in_full_and_just_not_count_the_same():
    for size in (1023, 1024, 1025):
        keys = {"one": tuple(map(str, range(size))), "other": tuple(map(str, range(1023)))}
        codes, weights = patients(300, keys=keys)
        assert_counts(Cells.count(keys, codes, weights), *recount(keys, codes, weights))


@pytest.mark.parametrize("keys", [KEYS, MANY], ids=["few", "many"])
def test_parts_add_to_the_whole(keys):
    codes, weights = patients(500, keys=keys)
    whole = Cells.count(keys, codes, weights)
    parts = [Cells.count(keys, {k: c[part] for k, c in codes.items()}, weights[part]) for part in np.array_split(np.arange(500), 7)]
    added = parts[0] + parts[1]
    for part in parts[2:]:
        added = added + part
    for cells in (added, merge(parts), merge(iter([Cells.empty(keys), *reversed(parts)]))):
        assert (cells.codes == whole.codes).all()
        assert (cells.n == whole.n).all()
        assert cells.w == pytest.approx(whole.w)
        assert cells.w2 == pytest.approx(whole.w2)


def test_cells_of_other_keys_levels_or_order_do_not_add():
    here = Cells.empty(KEYS)
    for keys in (
        {**KEYS, "race": ("a", "b", "d")},
        {k: KEYS[k] for k in ("outcome", "race", "arm")},
        {k: v for k, v in KEYS.items() if k != "arm"},
    ):
        for parts in ([here, Cells.empty(keys)], [here, here, Cells.empty(keys)]):
            with pytest.raises(ValueError, match="different keys or levels"):
                merge(parts)


@settings(max_examples=30, deadline=None)
@given(n=st.integers(0, 60), seed=st.integers(0, 999), chosen=st.permutations(list(KEYS)), kept=st.integers(0, 3))
def test_sums_over_the_other_keys_are_recounts_of_the_chosen_ones(n, seed, chosen, kept):
    codes, weights = patients(n, seed)
    names = chosen[:kept]
    summed = Cells.count(KEYS, codes, weights).by(*names)
    assert list(summed.keys) == names
    assert summed.total == n
    if names:
        assert_counts(summed, *recount(names, codes, weights))
    else:
        assert len(summed) == min(n, 1)
        assert summed.w.sum() == pytest.approx(weights.sum())
        assert summed.w2.sum() == pytest.approx((weights**2).sum())


def test_selections_keep_whole_cells():
    codes, weights = patients(300)
    cells = Cells.count(KEYS, codes, weights)
    of_b = cells.at("race", "b")
    assert of_b.total == (codes["race"] == 1).sum()
    assert set(of_b.code("race")) == {1}
    assert of_b.weight == pytest.approx(weights[codes["race"] == 1].sum())
    assert of_b.w2.sum() == pytest.approx((weights[codes["race"] == 1] ** 2).sum())
    assert cells.known("outcome").total == (codes["outcome"] != -1).sum()
    assert cells.known("outcome", "arm").total == ((codes["outcome"] != -1) & (codes["arm"] != -1)).sum()
    assert cells.known().total == 300
    assert cells.where(cells.n > 2).total == cells.n[cells.n > 2].sum()
    assert cells.where(np.zeros(len(cells), bool)).total == 0


def test_levels_have_names_and_missing_has_none():
    cells = Cells.count(KEYS, {"race": np.array([-1, 0, 2]), "outcome": np.array([1, -1, 0]), "arm": np.array([3, 0, -1])})
    assert cells.level("race") == [None, "a", "c"]
    assert cells.level("outcome") == ["1", None, "0"]
    assert cells.level("arm") == ["top", "low", None]
    frame = cells.to_frame()
    assert list(frame.columns) == ["race", "outcome", "arm", "n", "w", "w2"]
    assert frame["arm"].tolist()[:2] == ["top", "low"]
    assert frame["arm"].isna().tolist() == [False, False, True]
    assert frame["n"].tolist() == [1, 1, 1]
    assert frame[["w", "w2"]].to_numpy().tolist() == [[1.0, 1.0]] * 3


def test_no_patients_are_no_cells():
    none = Cells.empty(KEYS)
    assert (len(none), none.total, none.weight) == (0, 0, 0.0)
    assert none.codes.shape == (0, 3)
    assert none.by("race").codes.shape == (0, 1)
    codes, weights = patients(50)
    cells = Cells.count(KEYS, codes, weights)
    assert ((cells + none).codes == cells.codes).all()
    assert none.n.dtype == cells.n.dtype


def test_large_counts_and_weights_stay_whole():
    one = Cells.count({"race": ("a",)}, {"race": np.zeros(3, int)}, np.array([1e6, 2e6, 0.5]))
    total = merge([one] * 1000)
    assert total.n.tolist() == [3000]
    assert total.w.tolist() == [pytest.approx(3000000.5e3)]
    assert total.w2.tolist() == [pytest.approx(1000 * (1e12 + 4e12 + 0.25))]


def test_one_table_merges_to_itself_and_none_can_be_altered():
    codes, weights = patients(60)
    cells = Cells.count(KEYS, codes, weights)
    alone = merge([cells])
    assert (alone.codes == cells.codes).all()
    assert alone.w == pytest.approx(cells.w)
    with pytest.raises(FrozenInstanceError):
        cells.n = cells.n * 2
