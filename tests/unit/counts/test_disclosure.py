"""Disclosure control attacked: nothing small is shown, and nothing hidden can be worked out."""

import os
from dataclasses import replace

import msgspec
import numpy as np
import pytest
from attack import Attacker, Cohort

from auditor.counts.disclosure import examined, layout_of, protect
from auditor.counts.linked import Linked
from auditor.counts.narrowing import Hidden, feasible_range, too_narrow
from auditor.counts.sheets import Sheets
from auditor.result import AuditResult, CalculatorResult, Card, CohortSummary, Options, Provenance
from auditor.rows import Change, Coverage, GroupSize, InputQuality, Metric

K = 11
COUNTS = ("n", "yes_with", "yes_arm", "gained", "lost", "scored", "missing_input", "out_of_range", "term_applied", "unknown_race")


def size(seed):
    return int(10 ** np.random.default_rng(seed + 1000).uniform(1.5, 3.7))


def all_rows(result):
    calculator = result.calculators[0]
    for name in (
        "coverage",
        "changes",
        "transitions",
        "metrics",
        "disparities",
        "shifts",
        "outcome_changes",
        "significance",
        "standardised",
    ):
        yield from getattr(calculator, name)
    yield from result.cohort.groups


def protected(cohort):
    """A cohort's result as an audit protects it, which knows the true counts."""
    internal = cohort.result()
    sizes = np.array([row.n for row in internal.cohort.groups], dtype=float)
    return protect(internal, K, [examined(internal.calculators[0], layout_of(internal), K, sizes, cohort.joint())])


def attacked(seed, by, joint=False):
    """What an attacker, who does not know the true counts, can narrow in one random cohort's result; `joint` gives them to disclosure control."""
    cohort = Cohort(size(seed), seed, by)
    internal = cohort.result()
    attacker = Attacker(cohort)
    problem, names = attacker.problem(internal, protected(cohort) if joint else protect(internal, K), K)
    problem = replace(problem, truth=None)
    narrow = too_narrow(problem, K)
    return [(names[i], feasible_range(problem, problem.targets[[i]].toarray()[0])) for i in np.flatnonzero(narrow)]


@pytest.mark.parametrize("seed", [0, 2, 3, 6, 12, 17, 21, 30, 35, 39, 90, 338, 567, 40183])
@pytest.mark.parametrize("joint", [True, False])
def test_no_small_count_can_be_narrowed_by_race(seed, joint):
    assert attacked(seed, ("race",), joint) == []


@pytest.mark.parametrize("joint", [True, False])
@pytest.mark.parametrize("seed", [1, 4, 8, 23, 567, 585, 7241])
def test_no_small_count_can_be_narrowed_by_race_and_sex(seed, joint):
    assert attacked(seed, ("race", "sex"), joint) == []


@pytest.mark.parametrize("seed", [4, 567, 585, 40183])
def test_counts_once_seen_to_be_free_need_not_be_examined_again(seed, monkeypatch):
    cohort = Cohort(size(seed), seed, ("race",) if seed == 40183 else ("race", "sex"))
    once = protected(cohort)
    monkeypatch.setattr(Linked, "_note", lambda linked, wide: None)
    assert protected(cohort) == once


@pytest.mark.parametrize("seed", [1, 4, 8, 23])
def test_the_true_counts_behind_an_output_are_those_that_its_tables_tell(seed, monkeypatch):
    seen = []
    confined = Linked.confined
    monkeypatch.setattr(Linked, "confined", lambda linked: (seen.append(linked._problem()[0]), confined(linked))[1])
    protected(Cohort(3000, seed, ("race", "sex")))
    assert seen
    for problem in seen:
        assert problem.known @ problem.truth == pytest.approx(problem.values, abs=0)
        assert problem.targets @ problem.truth == pytest.approx(problem.small, abs=0)


def test_more_random_cohorts_give_nothing_away():
    """AUDITOR_ATTACKS sets how many cohorts are attacked (a third of a second each)."""
    tried = range(5000, 5000 + int(os.environ.get("AUDITOR_ATTACKS", "6")))
    assert [(seed, found) for seed in tried if (found := attacked(seed, ("race", "sex") if seed % 2 else ("race",), seed % 4 < 2))] == []


def test_an_attacker_on_all_arms_and_outcomes_wins_where_tables_are_examined_by_arm(monkeypatch):
    def by_arm(sheets, k):
        for arm in [arm for arm in sheets.scored if arm != "with_race"]:
            tables = {
                name: {key: table for key, table in getattr(sheets, name).items() if key[1] in (arm, "with_race")}
                for name in ("paired", "outcomes", "moves")
            }
            yield from (Linked(replace(sheets, **tables), scale, k) for scale in sheets.scales)

    monkeypatch.setattr(Sheets, "problems", by_arm)
    assert attacked(585, ("race", "sex"))


def test_a_count_that_other_tables_hold_takes_only_the_rows_that_hold_it(monkeypatch):
    internal = Cohort(size(68), 68, ("race", "sex")).result()

    def shown():
        calculator = protect(internal, K).calculators[0]
        return sum(row.status != "suppressed" for row in (*calculator.coverage, *calculator.changes))

    some = shown()
    monkeypatch.setattr(Sheets, "_release", lambda self, confined: False)
    assert some > shown() == 0
    monkeypatch.undo()
    assert attacked(68, ("race", "sex")) == []


def test_the_attacker_wins_where_only_small_counts_are_hidden():
    cohort = Cohort(900, 5, ("race",))
    internal = cohort.result()
    calculator = internal.calculators[0]

    def naive(row):
        few = any(0 < (getattr(row, name, 0) or 0) < K for name in COUNTS)
        return msgspec.structs.replace(row, **{name: None for name in COUNTS if hasattr(row, name)}) if few else row

    names = ("coverage", "changes", "transitions", "shifts", "outcome_changes")
    hidden = msgspec.structs.replace(
        internal,
        calculators=(msgspec.structs.replace(calculator, **{n: tuple(naive(r) for r in getattr(calculator, n)) for n in names}),),
    )
    problem, _ = Attacker(cohort).problem(internal, hidden, K)
    assert too_narrow(problem, K).any()


@pytest.mark.parametrize(("seed", "by"), [(1, ("race",)), (7, ("race", "sex")), (13, ("race", "sex")), (25, ("race",))])
def test_masked_equals_unmasked_where_anything_is_shown(seed, by):
    internal = Cohort(size(seed), seed, by).result()
    protected = protect(internal, K)
    seen = 0
    for before, after in zip(all_rows(internal), all_rows(protected), strict=True):
        for name in before.__struct_fields__:
            a, b = getattr(before, name), getattr(after, name)
            if name in COUNTS and b is not None:
                assert b == 0 or b >= K
            if name == "status":
                assert b in (a, "suppressed")
            elif name not in ("adjusted", "tests") and (name != "method" or after.status != "suppressed"):
                assert b == a or b is None
                seen += b == a
        if after.status == "suppressed":
            numbers = [getattr(after, f.name) for f in msgspec.structs.fields(type(after)) if f.default is None]
            assert numbers == [None] * len(numbers)
    assert seen > 0


def test_nothing_is_hidden_in_a_large_cohort_without_small_counts():
    rows = two_groups(both=(4000, 300, 350, 200))
    protected = protect(rows, K)
    assert protected == rows


def test_tests_of_change_go_with_the_rows_that_they_test():
    cohort = Cohort(1500, 3, ("race",))
    protected = protect(cohort.result(), K).calculators[0]
    shown = {(r.decision, r.arm, r.group) for r in protected.changes if r.status != "suppressed"}
    tested = [t for t in protected.significance if t.subject in ("ckd", "refer", "start") and t.test.startswith("McNemar")]
    assert {t.status for t in tested} >= {"ok", "suppressed"}
    assert all(((t.subject, t.arm, t.group) in shown) == (t.status != "suppressed") for t in tested)


def test_protecting_twice_changes_nothing_more():
    internal = Cohort(2000, 3, ("race",)).result()
    once = protect(internal, K)
    assert protect(internal, K) == once


def test_small_numbers_in_notes_quality_and_provenance_are_hidden():
    result = two_groups(both=(4000, 300, 350, 200))
    cohort = msgspec.structs.replace(
        result.cohort,
        duplicate_ids=4,
        notes=("7 patients with an impossible age were left out.", "1,204 patients under 18 were left out."),
        quality=(
            InputQuality(input="age", column="age", unit="a", n=9000, missing=3, unreadable=0, implausible=0),
            InputQuality(input="creatinine", column="cr", unit="mg/dL", n=9000, missing=300, unreadable=0, implausible=0),
        ),
    )
    provenance = msgspec.structs.replace(result.provenance, inputs=(("f", "x", result.cohort.n + 7),))
    protected = protect(msgspec.structs.replace(result, cohort=cohort, provenance=provenance), K)
    assert protected.cohort.duplicate_ids is None
    assert protected.cohort.notes[0].startswith("fewer than 11 patients")
    assert protected.cohort.notes[1] == cohort.notes[1]
    assert [q.missing for q in protected.cohort.quality] == [None, 300]
    assert [q.status for q in protected.cohort.quality] == ["suppressed", "ok"]
    assert protected.provenance.inputs == (("f", "x", None),)


def card():
    words = ("title", "specialty", "role", "confidence", "confidence_note", "drives", "population", "equation", "constants")
    return Card(**dict.fromkeys(words, ""), id="c", year=2000, inputs=(), outputs=())


def paired(counts):
    """A result with one decision and one arm from (n00, gained, lost, n11) by race and sex."""
    names = {("overall", "all"): counts.sum(axis=(0, 1))}
    races, sexes = "ABC"[: len(counts)], "fm"
    names |= {("race", r): counts[i].sum(axis=0) for i, r in enumerate(races)}
    names |= {("sex", s): counts[:, j].sum(axis=0) for j, s in enumerate(sexes)}
    names |= {("race,sex", f"{r}, {s}"): counts[i, j] for i, r in enumerate(races) for j, s in enumerate(sexes)}
    rows = tuple(
        Change(
            calculator="c",
            decision="d",
            arm="successor:new",
            by=by,
            group=group,
            n=int(x.sum()),
            yes_with=int(x[2] + x[3]),
            yes_arm=int(x[1] + x[3]),
            gained=int(x[1]),
            lost=int(x[2]),
        )
        for (by, group), x in names.items()
    )
    rates = tuple(
        Metric(calculator="c", decision="d", arm=arm, by=r.by, group=r.group, metric="selection_rate", value=yes / r.n if r.n else None)
        for r in rows
        for arm, yes in (("with_race", r.yes_with), ("successor:new", r.yes_arm))
    )
    none = dict.fromkeys(("missing_input", "out_of_range", "no_row", "unlisted", "unknown_race", "outside_derivation"), 0)
    coverage = tuple(Coverage(calculator="c", by=r.by, group=r.group, n=r.n, scored=r.n, term_applied=r.n, **none) for r in rows)
    n = int(counts.sum())
    return AuditResult(
        provenance=Provenance(auditor="", versions=(), inputs=(("f", "x", n),), declarations=""),
        options=Options(),
        cohort=CohortSummary(
            name="", source="", synthetic=True, n=n, weighted=False, groups=tuple(GroupSize(by=r.by, group=r.group, n=r.n) for r in rows)
        ),
        calculators=(CalculatorResult(card=card(), arms=(), coverage=coverage, changes=rows, metrics=rates),),
    )


def two_groups(both):
    return paired(np.array([[both, both], [both, both]]))


def known_of(result, counts):
    """The attacker's equations on the four counts of every finest group."""
    shape = counts.shape[:2]
    known = []

    def inside(row):
        chosen = np.ones(shape)
        if row.by != "overall":
            for key, level in zip(row.by.split(","), row.group.split(", "), strict=True):
                keep = np.arange(shape[0])[:, None] == "ABC".index(level) if key == "race" else np.arange(2)[None, :] == "fm".index(level)
                chosen = chosen * keep
        return chosen.reshape(-1)

    for row in (*result.calculators[0].changes, *result.cohort.groups):
        parts = {"n": [1, 1, 1, 1], "yes_with": [0, 0, 1, 1], "yes_arm": [0, 1, 0, 1], "gained": [0, 1, 0, 0], "lost": [0, 0, 1, 0]}
        for name, part in parts.items():
            if getattr(row, name, None) is not None:
                known.append(np.kron(inside(row), part))
    for row in result.calculators[0].metrics:
        if row.value is not None:
            yes = np.array([0, 0, 1, 1] if row.arm == "with_race" else [0, 1, 0, 1])
            known.append(np.kron(inside(row), yes - row.value))
    return np.array(known).reshape(-1, counts.size)


def test_rates_of_both_arms_stay_where_only_the_moves_are_few():
    calculator = protect(two_groups([500, 4, 60, 200]), K).calculators[0]
    assert {row.status for row in calculator.changes if row.by == "race"} == {"suppressed"}
    assert all(row.n is None and row.gained is None and row.change is None for row in calculator.changes if row.by == "race")
    rates = {row.arm: row.value for row in calculator.metrics if (row.by, row.group) == ("race", "A")}
    assert rates == {"with_race": 260 / 764, "successor:new": 204 / 764}
    near = protect(two_groups([500, 0, 2, 200]), K).calculators[0]
    assert all(row.value is None for row in near.metrics if row.arm == "successor:new" and row.by == "race")


def test_random_tables_with_margins_give_nothing_away():
    """AUDITOR_ATTACKS sets how many tables are attacked (5,000 take some minutes)."""
    tables = int(os.environ.get("AUDITOR_ATTACKS", "200"))
    rng = np.random.default_rng(8)
    problems, shown, rates, small = [], 0, 0, 0
    for _ in range(tables):
        scale = rng.choice([5, 30, 200, 1000], size=(3, 2, 1), p=[0.1, 0.2, 0.4, 0.3])
        counts = rng.poisson(scale * rng.choice([0, 0.02, 0.1, 1, 1], size=(3, 2, 4)))
        protected = protect(paired(counts), K)
        flat = counts.reshape(-1).astype(float)
        implied = np.concatenate([np.eye(4), [[1, 1, 1, 1], [0, 0, 1, 1], [0, 1, 0, 1], [1, 1, 0, 0], [1, 0, 1, 0]]])
        member = np.concatenate([np.eye(6), np.kron(np.eye(3), np.ones(2)), np.kron(np.ones(3), np.eye(2)), np.ones((1, 6))])
        targets = np.kron(member, implied)
        few = targets[(targets @ flat > 0) & (targets @ flat < K)]
        problems.append(Hidden.around(flat, known_of(protected, counts), few))
        shown += sum(row.n is not None for row in protected.calculators[0].changes)
        rates += sum(row.value is not None for row in protected.calculators[0].metrics)
        small += len(few)
    assert small > 10 * tables
    assert shown > 1.5 * tables
    assert rates > 2 * shown
    assert not any(too_narrow(problem, K).any() for problem in problems)
