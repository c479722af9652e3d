"""Counts, scores' bins and sums of batches equal a recount, whether entries are dense or sorted, and in parts or at once."""

import pickle
from collections import Counter
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from auditor.counts.score_bins import bins, values
from auditor.patients import accumulate
from auditor.patients.accumulate import Counts, SparseCounts, Sums, count_together, moved, summed
from auditor.patients.batch import Batch, Places
from auditor.patients.cohort import Request
from auditor.patients.grid import Grid
from auditor.patients.race import select_rows
from auditor.patients.sources.synthetic import GENERAL, generate_setting
from auditor.patients.sources.tables import read_table
from calculators.registry import registry

KEYS = {"group": ("a", "b"), "outcome": ("0", "1"), "level": ("0", "1", "2")}


def batch_of(places, base, weights=None):
    """What counting asks of a batch, for patients at these codes of group and outcome."""
    place = places.of(base)
    first, last = int(place.min()), int(place.max())
    slot = (place - first).astype(np.int32)
    slot[1::2] += last + 1 - first
    weighing = [] if weights is None else [weights, weights**2]
    return SimpleNamespace(
        places=places,
        place=place,
        weighing=weighing,
        weights=weights,
        starts=np.arange(len(base)),
        run_places=place,
        run_totals=[np.ones(len(base), dtype=np.int64), *weighing],
        span=slice(first, last + 1),
        slot=slot,
        offsets=lambda space: place * space,
        by_place=lambda of_runs: np.bincount(place, weights=of_runs, minlength=len(places)),
    )


def counted(places, counts):
    """Patients and weights by group, outcome and level, of all that was counted."""
    cells = counts.cells(KEYS, places)
    codes = list(map(tuple, cells.codes.tolist()))
    return dict(zip(codes, cells.n.tolist(), strict=True)), dict(zip(codes, cells.w.tolist(), strict=True))


def recounted(base, level, weights=None):
    """The same, patient by patient."""
    codes = [(b // 3 - 1, b % 3 - 1, v - 1) for b, v in zip(base, level, strict=True)]
    weighed = Counter()
    for code, w in zip(codes, np.ones(len(codes)) if weights is None else weights, strict=True):
        weighed[code] += w
    return Counter(codes), weighed


@pytest.mark.parametrize("dense", [0, 1 << 17])
@pytest.mark.parametrize("weighted", [False, True])
def test_counts_equal_a_recount(monkeypatch, dense, weighted):
    monkeypatch.setattr(accumulate, "DENSE", dense)
    monkeypatch.setattr(accumulate, "SORTED_TOGETHER", 50)
    random = np.random.default_rng(4)
    base, level = random.integers(0, 9, 400), random.integers(0, 4, 400)
    weights = random.integers(1, 8, 400) / 4 if weighted else None
    places, counts, runs = Places({"group": ("a", "b")}), Counts(4), Counts(4)
    for some in np.array_split(np.arange(400), 7):
        batch = batch_of(places, base[some], None if weights is None else weights[some])
        counts.add(batch, level[some].astype(np.int16))
        runs.add_runs(batch, level[some][:, None], [total[:, None] for total in batch.run_totals])
    assert counted(places, counts) == counted(places, runs) == recounted(base, level, weights)


@pytest.mark.parametrize("dense", [0, 9 * 4, 9 * 16, 1 << 17], ids=["sorted", "alone", "in twos", "together"])
@pytest.mark.parametrize("weighted", [False, True])
def test_tables_counted_together_equal_a_recount_though_places_come_later(monkeypatch, dense, weighted):
    monkeypatch.setattr(accumulate, "DENSE", dense)
    random = np.random.default_rng(8)
    base, levels = np.concatenate([random.integers(0, 4, 200), random.integers(0, 9, 300)]), random.integers(0, 4, (5, 500))
    weights = random.integers(1, 8, 500) / 4 if weighted else None
    places, tables = Places({"group": ("a", "b")}), [Counts(4) for _ in levels]
    monkeypatch.setattr(accumulate, "MOST_TOGETHER", 16)
    count_together(tables)
    assert len({id(table.shared) for table in tables}) == 3
    for some in np.array_split(np.arange(500), 7):
        batch = batch_of(places, base[some], None if weights is None else weights[some])
        for table, level in zip(tables, levels, strict=True):
            table.add(batch, level[some].astype(np.int16))
    for table, level in zip(tables, levels, strict=True):
        assert counted(places, table) == recounted(base, level, weights)


def test_parts_with_other_places_add_to_the_whole():
    random = np.random.default_rng(5)
    base, level = random.integers(0, 9, 300), random.integers(0, 4, 300).astype(np.int16)
    scores = random.integers(0, 100, 300) / 8
    whole, parts = Places({}), Places({})
    at_once, added = Counts(4), Counts(4)
    sums, more = Sums(0.125), Sums(0.125)
    nobody = np.empty(0, dtype=np.intp)
    batch = batch_of(whole, base)
    at_once.add(batch, level)
    sums.add(sums.of(batch, nobody, scores), sums.of(batch, nobody, 2 * scores))
    for some in (np.flatnonzero(base > 4), np.flatnonzero(base <= 4)):
        own, counts, of_part = Places({}), Counts(4), Sums(0.125)
        batch = batch_of(own, base[some])
        counts.add(batch, level[some])
        of_part.add(of_part.of(batch, nobody, scores[some]), of_part.of(batch, nobody, 2 * scores[some]))
        at = parts.of(own.codes)
        added.sparse.merge(counts.settled(), at, 4)
        more.merge(of_part, at)
    one, other = at_once.cells(KEYS, whole), added.cells(KEYS, parts)
    np.testing.assert_array_equal(one.codes, other.codes)
    np.testing.assert_array_equal(one.n, other.n)
    groups = one.by("group")
    for name, total in sums.moments(groups, whole, 3).sums.items():
        np.testing.assert_array_equal(more.moments(groups, parts, 3).sums[name], total)
    assert total.sum() == pytest.approx(scores.sum())


def test_many_counts_of_large_codes_are_added_though_they_do_not_fit_one_integer():
    counts = SparseCounts()
    codes = np.array([1 << 60, 5, 1 << 60, 7])
    counts.add(codes.copy())
    counts.put(codes, np.array([[10.0, 2.0, 1e6, 1.0]]))
    found, parts = counts.total()
    assert found.tolist() == [5, 7, 1 << 60]
    assert parts[0].tolist() == [3, 2, 1e6 + 12]


def test_codes_move_with_their_place():
    assert moved(np.array([0, 5, 11]), np.array([2, 0]), 6).tolist() == [12, 17, 5]


def test_bins_keep_the_order_of_scores_and_whole_numbers_have_their_own():
    scores = np.array([-3000.0, -2.5, -(2.0**-14), -(2.0**-20), -0.0, 0.0, 2.0**-20, 2.0**-14, 1.0, 1.5, 511.0, 2047.0, 9e9])
    found = bins(scores)
    assert (np.diff(found) >= 0).all()
    assert bins(np.array([np.nan, -np.nan])).tolist() == [-1, -1]
    whole = np.arange(-511.0, 512.0)
    np.testing.assert_array_equal(values()[bins(whole)], whole)


@pytest.fixture(scope="module")
def patients():
    cohort = read_table(pd.DataFrame(generate_setting(GENERAL, 3_000)), name="some")
    (found,) = cohort.read(Request(inputs=("age", "sex", "creatinine"), by=("race", "sex"), outcome="died_10_years"))
    return replace(found, outcome=np.where(np.arange(3_000) % 5 == 0, -1, found.outcome).astype(np.int8))


@pytest.mark.parametrize("calculator", ["gli_2012_fev1", "ckd_epi_cr_2009", "hankinson_1999_fvc"])
def test_a_batch_chooses_the_row_that_each_patient_reads(patients, calculator):
    race = registry()[calculator].race
    levels = {name: patients.groups[name].words for name in ("race", "sex")}
    batch = Batch(patients, Places(levels), "any_mention", Grid.of(3_000, None))
    rows = select_rows(race, batch.patients.race)
    by_row = [np.full(3_000, float(i)) for i in range(len(race.labels))]
    np.testing.assert_array_equal(batch.choose(race, by_row, -1), rows.rows)
    np.testing.assert_array_equal(batch.each(batch.selection(race).unknown), rows.unknown)
    np.testing.assert_array_equal(batch.known, batch.patients.outcome >= 0)
    for row, label in enumerate(race.labels):
        np.testing.assert_array_equal(batch.reading(race, label), np.flatnonzero(rows.rows == row))
    group = batch.patients.groups["race"].codes.astype(int) + 1
    base = (group * (len(levels["sex"]) + 1) + batch.patients.groups["sex"].codes + 1) * 3 + batch.patients.outcome + 1
    np.testing.assert_array_equal(batch.places.codes[batch.offsets(1)], base)
    counted_at = np.where(np.arange(3_000) % 2, batch.slot - (batch.span.stop - batch.span.start), batch.slot)
    np.testing.assert_array_equal(batch.places.codes[batch.span][counted_at], base)
    assert batch.run_totals[0].sum() == 3_000


@pytest.mark.parametrize("shorter", [15, 2], ids=["apart", "sharing bits"])
def test_entries_of_race_get_a_number_each(monkeypatch, shorter):
    monkeypatch.setattr("auditor.patients.batch.SHORTER", shorter)
    random, places = np.random.default_rng(9), Places({})
    entries = np.unique(random.integers(0, 1 << 30, 40))
    for known in (entries[:1], entries[:7], entries):
        bits = random.choice(known, 500)
        kinds = places.kind(bits)
        np.testing.assert_array_equal(places.kinds[kinds], bits)
    assert set(places.kinds.tolist()) <= {0, *entries.tolist()}


@pytest.mark.parametrize("weighted", [False, True])
def test_counts_travel_between_processes_unchanged_and_in_few_bytes(weighted):
    random = np.random.default_rng(6)
    codes = random.integers(0, 60_000, 40_000) * 70_001
    weights = random.integers(1, 9, 40_000) / 8
    counts = SparseCounts()
    counts.add(codes.copy(), [weights, weights**2] if weighted else [])
    sent = pickle.dumps(counts)
    received = pickle.loads(sent)
    for one, other in zip(counts.total(), received.total(), strict=True):
        assert one.dtype == other.dtype
        np.testing.assert_array_equal(one, other)
    assert len(sent) < len(counts.codes) * (22 if weighted else 6)
    empty = pickle.loads(pickle.dumps(SparseCounts()))
    assert [len(x) for x in empty.total()] == [0, 0]
    empty.add(np.array([3, 3]))
    assert empty.total()[1].tolist() == [[2.0]]


def test_calculators_of_one_batch_keep_their_own_rule_for_several_races(patients):
    terms = [c.race for c in registry() if c.race is not None]
    batch = Batch(patients, Places({}), "any_mention", Grid.of(3_000, None))
    mixed = batch.patients.race.several
    assert mixed.any()
    assert {race.mixed for race in terms if race.labels == ("Black", "not Black")} == {"", "not Black"}
    for race in terms:
        by_row = [np.full(3_000, i, dtype=np.int8) for i in range(len(race.labels))]
        np.testing.assert_array_equal(batch.choose(race, by_row, -1), select_rows(race, batch.patients.race).rows)


def test_sums_of_equal_codes_are_those_of_a_counter():
    random = np.random.default_rng(8)
    codes, counts = random.integers(0, 300, 5_000), random.integers(1, 900, 5_000)
    given = codes.copy()
    found, parts = summed(codes, counts.astype(np.float64)[None])
    expected = Counter()
    for code, count in zip(codes.tolist(), counts.tolist(), strict=True):
        expected[code] += count
    assert dict(zip(found.tolist(), parts[0].tolist(), strict=True)) == expected
    assert (np.diff(found) > 0).all()
    np.testing.assert_array_equal(codes, given)


def test_some_patients_codes_are_those_of_their_places(patients):
    levels = {name: patients.groups[name].words for name in ("race", "sex")}
    batch = Batch(patients, Places(levels), "any_mention", Grid.of(3_000, None))
    rows, after = batch.some(batch.known, 12_801)
    np.testing.assert_array_equal(rows, np.flatnonzero(batch.known))
    np.testing.assert_array_equal(after, batch.offsets(1)[batch.known] * 12_801)
    assert after.dtype == np.int32
    assert batch.some(batch.known, 1 << 30)[1].dtype == np.int64
