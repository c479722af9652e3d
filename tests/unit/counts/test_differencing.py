"""Two results of one cohort, subtracted or laid side by side."""

import msgspec
import numpy as np
import pytest
from attack import Attacker, Cohort
from test_disclosure import K, paired, two_groups

from auditor.counts.differencing import told, told_text
from auditor.counts.disclosure import protect
from auditor.counts.jointly import confined
from auditor.counts.narrowing import Hidden, too_narrow


def large(a, b):
    return paired(np.array([[a, a], [b, b]]))


def test_the_same_result_tells_nothing():
    result = protect(Cohort(1500, 3, ("race",)).result(), K)
    assert told(result, result, K) == ()


def test_a_few_more_patients_are_told_and_many_more_are_not():
    before = protect(two_groups((4000, 300, 350, 200)), K)
    few = protect(two_groups((4000, 307, 350, 200)), K)
    many = protect(two_groups((4000, 320, 350, 200)), K)
    found = told(before, few, K)
    assert {one.table for one in found} >= {"changes", "groups"}
    assert {one.column for one in found if one.table == "changes" and one.group == "race,sex: A, f"} == {
        "n",
        "gained",
        "no_with",
        "yes_arm",
    }
    assert told(few, before, K)
    assert told(before, many, K) == ()
    assert told(before, many, 21) != ()


def test_few_who_say_no_are_told_where_n_and_yes_differ_by_many():
    before = protect(large((4000, 300, 350, 200), (900, 300, 350, 200)), K)
    after = protect(large((4003, 300, 350, 240), (900, 300, 350, 200)), K)
    found = told(before, after, K)
    assert {one.column for one in found if one.table == "changes" and one.group == "race,sex: A, f"} == {"no_with", "no_arm", "no_in_both"}


def test_few_patients_in_a_group_that_both_hide_are_found_from_the_total():
    counts = np.full((3, 2, 4), 300)
    counts[0, :, 1] = 4
    more = counts.copy()
    more[0, 0, 0] += 5
    before, after = (protect(paired(x), K) for x in (counts, more))
    rows = {(r.by, r.group): r for r in after.calculators[0].changes}
    assert rows["race,sex", "A, f"].n is None
    found = told(before, after, K)
    assert not [one for one in found if one.table == "changes" and one.group == "race,sex: A, f"]
    assert any(one.group.startswith("the hidden groups of") for one in found) or rows["overall", "all"].n is None


def test_two_choices_of_what_to_hide_fill_each_others_gaps():
    counts = np.full((3, 2, 4), 300)
    result = paired(counts)
    small = msgspec.structs.replace(
        result,
        cohort=msgspec.structs.replace(
            result.cohort, groups=tuple(msgspec.structs.replace(g, n=4 if g.group == "A" else g.n) for g in result.cohort.groups)
        ),
    )
    total = sum(g.n for g in small.cohort.groups if g.by == "race")

    def hidden(*labels):
        groups = tuple(
            msgspec.structs.replace(g, n=None if g.group in labels else total if g.by == "overall" else g.n)
            for g in small.cohort.groups
            if g.by in ("overall", "race")
        )
        return msgspec.structs.replace(small, cohort=msgspec.structs.replace(small.cohort, n=total, groups=groups), calculators=())

    assert told(hidden("A", "B"), hidden("A", "B"), K) == ()
    found = told(hidden("A", "B"), hidden("A", "C"), K)
    assert {one.group for one in found} == {"race: A"}


def test_a_changed_mean_of_as_many_patients_is_told():
    result = protect(Cohort(3000, 3, ("race",)).result(), K)
    calculator = result.calculators[0]
    first = next(s for s in calculator.shifts if s.mean_with is not None)
    moved = tuple(msgspec.structs.replace(s, mean_with=s.mean_with + 1e-4) if s is first else s for s in calculator.shifts)
    other = msgspec.structs.replace(result, calculators=(msgspec.structs.replace(calculator, shifts=moved),))
    assert [one.column for one in told(result, other, K)] == ["mean_with"]


def union_attacked(seed):
    """Whether an attacker narrows a small count from the audits by race and by race and sex together, and what the check says."""
    n = int(10 ** np.random.default_rng(seed + 1000).uniform(1.5, 3.7))
    by_race, by_both = (Cohort(n, seed, by) for by in (("race",), ("race", "sex")))
    first, whole = by_race.result(), by_both.result()
    before, after = protect(first, K), protect(whole, K)
    attacker = Attacker(by_both)
    earlier, later = attacker.problem(first, before, K)[0], attacker.problem(whole, after, K)[0]
    known = np.unique(np.concatenate([earlier.known.toarray(), later.known.toarray()]), axis=0)
    problem = Hidden.around(attacker.truth, known, later.targets.toarray())
    return bool(too_narrow(problem, K).any()), told(before, after, K, whole), told(before, after, K), confined(whole, (after,), K)


@pytest.mark.parametrize(("seed", "subtracted"), [(10, False), (12, True)])
def test_what_two_groupings_of_one_cohort_confine_together_is_found(seed, subtracted):
    narrowed, with_whole, without, alone = union_attacked(seed)
    assert narrowed
    assert with_whole
    assert "linked tables" in {one.table for one in with_whole}
    assert {one.table for one in without} == ({"metrics"} if subtracted else set())
    assert alone == ()


@pytest.mark.parametrize("seed", [1, 3, 5, 8])
def test_two_groupings_that_confine_nothing_may_both_be_published(seed):
    narrowed, with_whole, *_ = union_attacked(seed)
    assert not narrowed
    assert with_whole == ()


@pytest.mark.parametrize("seed", range(6))
def test_every_shown_count_that_differs_by_few_is_found(seed):
    """A recount, row by row, of two random cohorts of which one has a few patients more."""
    cohort = Cohort(4000, seed, ("race",))
    before = protect(cohort.result(), K)
    keep = np.ones(len(cohort.race), dtype=bool)
    keep[np.random.default_rng(seed).choice(len(keep), size=6, replace=False)] = False
    for name in ("race", "sex", "fate", "outcome"):
        setattr(cohort, name, getattr(cohort, name)[keep])
    cohort.scores = {arm: s[keep] for arm, s in cohort.scores.items()}
    cohort.codes = {arm: c[keep] for arm, c in cohort.codes.items()}
    after = protect(cohort.result(), K)
    found = {(one.where, one.group, one.column) for one in told(before, after, K) if one.table == "changes"}
    earlier = {(r.decision, r.arm, r.group): r for r in before.calculators[0].changes}
    few = 0
    for row in after.calculators[0].changes:
        other = earlier[row.decision, row.arm, row.group]
        for column in ("n", "yes_with", "yes_arm", "gained", "lost"):
            a, b = getattr(other, column), getattr(row, column)
            if a is not None and b is not None and 0 < abs(a - b) < K:
                few += 1
                assert ((row.calculator, row.decision, row.arm), f"{row.by}: {row.group}", column) in found
    assert few
    assert "numbers tell of 1 to 10 patients" in told_text(told(before, after, K), K)
