"""What means, areas, tests, shares and named references give away: each attack wins on the unprotected result and not on the protected one."""

import os
from itertools import product

import numpy as np
import pytest
from attack import Cohort
from scipy.stats import binomtest

from auditor.counts.bounds import bound_rows, hidden_bounds
from auditor.counts.cells import Cells
from auditor.counts.dependence import HIGHEST, LOWEST, dependence_rows
from auditor.counts.disclosure import NOT_SHOWN, protect
from auditor.counts.moments import Moments
from auditor.counts.scales import ArmTable, Cut, Scale
from auditor.counts.score_bins import BIN_ARM, BIN_WITH, LEVELS, ScoreTable, bins
from auditor.counts.scored import score_rows
from auditor.counts.significance import significance
from auditor.counts.standardisation import standardised_rows
from auditor.counts.suppression import Layout
from auditor.counts.tables import rows
from auditor.result import AuditResult, CalculatorResult, Card, CohortSummary, DecisionCard, Options, Provenance
from auditor.rows import Coverage, GroupSize

K = 11
RACES, SEXES = ("Asian", "Black or African American", "Unknown", "White"), ("female", "male")
BLACK = RACES[1]


def card(cuts, outputs=(), race_rows=(), neutral_rows=()):
    words = ("title", "specialty", "role", "confidence", "confidence_note", "drives", "population", "equation", "constants")
    decisions = tuple(
        DecisionCard(
            id=c.decision,
            output="score",
            operator=c.operator,
            cutoff=c.value,
            action="",
            guideline="",
            confidence="VERIFIED",
            yes_means="opens_care",
        )
        for c in cuts
    )
    return Card(
        **dict.fromkeys(words, ""),
        id="c",
        year=2000,
        inputs=(),
        outputs=outputs,
        decisions=decisions,
        race_rows=race_rows,
        neutral_rows=neutral_rows,
    )


def audited(columns, by, scores, cuts, outcome=None, options=None, calculator=None, applied=None):
    """A result from patients' columns of level numbers, scores by arm and (maybe) an outcome."""
    options = options or Options(by=by, replicates=10)
    levels = {key: {"race": RACES, "sex": SEXES}[key] for key in by}
    scale = Scale("score", tuple(cuts))
    arms = tuple(scores)
    n = len(next(iter(scores.values())))
    known = np.full(n, -1) if outcome is None else outcome
    codes = {arm: scale.codes(s) for arm, s in scores.items()}
    cells = Cells.count(levels | {"outcome": ("0", "1")} | dict.fromkeys(arms, scale.levels), columns | {"outcome": known} | codes)
    table = ArmTable("c", scale, by, arms, cells)
    moments = {
        ("score", arm): Moments.count(
            levels, columns, {"with": scores["with_race"], "arm": scores[arm], "change": scores[arm] - scores["with_race"]}
        )
        for arm in arms[1:]
        if not arm.startswith("as_if:")
    }
    found = rows([table], moments, options)
    names = dict.fromkeys((s.by, s.group) for s in found.changes)

    def inside(by_, group):
        chosen = np.ones(n, bool)
        for key, level in zip(by_.split(","), group.split(", "), strict=True) if by_ != "overall" else ():
            chosen &= columns[key] == levels[key].index(level)
        return chosen

    touched = np.zeros(n, bool) if applied is None else applied
    coverage = tuple(
        Coverage(
            calculator="c",
            by=b,
            group=g,
            n=int(inside(b, g).sum()),
            scored=int(inside(b, g).sum()),
            missing_input=0,
            out_of_range=0,
            no_row=0,
            unlisted=0,
            unknown_race=0,
            outside_derivation=0,
            term_applied=int((inside(b, g) & touched).sum()),
        )
        for b, g in names
    )
    binned = ()
    if outcome is not None:
        keys = levels | {"outcome": ("0", "1"), BIN_WITH: LEVELS, BIN_ARM: LEVELS}
        arm = arms[1]
        binned = tuple(
            score_rows(
                [
                    ScoreTable(
                        "c",
                        "score",
                        arm,
                        by,
                        Cells.count(keys, columns | {"outcome": known, BIN_WITH: bins(scores["with_race"]), BIN_ARM: bins(scores[arm])}),
                    )
                ],
                False,
            )
        )
    extremes = [codes[a] for a in arms if a.startswith("as_if:")]
    depends = ()
    if extremes:
        both = {LOWEST: np.min(extremes, axis=0), HIGHEST: np.max(extremes, axis=0)}
        extreme = ArmTable("c", scale, by, (LOWEST, HIGHEST), Cells.count(levels | dict.fromkeys(both, scale.levels), columns | both))
        depends = tuple(dependence_rows([extreme], False))
    made = CalculatorResult(
        card=calculator or card(cuts),
        arms=(),
        coverage=coverage,
        significance=significance([table]),
        standardised=tuple(standardised_rows([table], options)),
        bounds=tuple(bound_rows([table], options)),
        **{**found._asdict(), "metrics": (*found.metrics, *binned, *depends)},
    )
    return AuditResult(
        provenance=Provenance(auditor="", versions=(), inputs=(("f", "", n),), declarations=""),
        options=options,
        cohort=CohortSummary(
            name="",
            source="",
            synthetic=True,
            n=n,
            weighted=False,
            groups=tuple(GroupSize(by=b, group=g, n=int(inside(b, g).sum())) for b, g in names),
        ),
        calculators=(made,),
    )


def people(*sizes):
    """Race by level number, so many of each."""
    return np.repeat(np.arange(len(sizes)), sizes)


def by_group(rows_, **at):
    return {row.group: row for row in rows_ if all(getattr(row, name) == value for name, value in at.items())}


def points_removed(race, points=3.0, seed=0):
    """Scores of 20 to 29 points, three more for patients recorded as Black or African American."""
    base = np.random.default_rng(seed).integers(20, 30, size=len(race)).astype(float)
    return {"with_race": base + points * (race == 1), "without_race": base}


def test_mean_changes_do_not_count_the_patients_whom_points_were_added_to():
    race = people(400, 5, 40, 900)
    result = audited({"race": race}, ("race",), points_removed(race), [Cut("refer", ">=", 25.0)], applied=race == 1)

    def counted(shifts):
        everyone = by_group(shifts, by="overall")["all"]
        return None if everyone.mean_change is None else round(-everyone.n * everyone.mean_change / 3)

    assert counted(result.calculators[0].shifts) == 5
    protected = protect(result, K).calculators[0]
    assert counted(protected.shifts) is None
    assert by_group(protected.shifts, by="race")[BLACK].n is None
    assert by_group(protected.shifts, by="race")["White"].mean_with is not None


def test_mean_changes_of_everyone_are_shown_where_no_hidden_group_is_touched():
    race = people(5, 300, 8, 900)
    result = audited({"race": race}, ("race",), points_removed(race), [Cut("refer", ">=", 25.0)], applied=race == 1)
    shifts = protect(result, K).calculators[0].shifts
    assert by_group(shifts, by="race")["Asian"].n is None
    assert by_group(shifts, by="overall")["all"].mean_change is not None


def test_two_amounts_are_not_solved_from_the_mean_of_everyone():
    race = people(5, 12, 40, 900)
    scores = points_removed(race)
    scores["with_race"] = scores["with_race"] + 2.0 * (race == 0)
    calculator = card([Cut("refer", ">=", 25.0)], race_rows=(("a", "2"), ("b", "3"), ("c", "0")), neutral_rows=("c",))
    result = audited({"race": race}, ("race",), scores, [Cut("refer", ">=", 25.0)], applied=race <= 1, calculator=calculator)
    hidden = sum(by_group(result.calculators[0].shifts, by="race")[g].n for g in ("Asian", BLACK))
    everyone = by_group(result.calculators[0].shifts, by="overall")["all"]
    assert (hidden * 3 + everyone.n * everyone.mean_change) == pytest.approx(5)
    assert by_group(protect(result, K).calculators[0].shifts, by="overall")["all"].mean_change is None


def test_a_small_mean_does_not_bound_a_hidden_decision():
    race = people(60, 200, 40, 900)
    rng = np.random.default_rng(1)
    risk = np.where(race == 0, 0.004, rng.uniform(0.05, 0.5, size=len(race)))
    risk[:2] = 0.3
    result = audited({"race": race}, ("race",), {"with_race": risk, "without_race": risk * 0.98}, [Cut("treat", ">=", 0.2)])
    shift = by_group(result.calculators[0].shifts, by="race")["Asian"]
    assert 0 < shift.n * shift.mean_with / 0.2 < K
    protected = protect(result, K).calculators[0]
    assert by_group(protected.shifts, by="race")["Asian"].mean_with is None
    assert by_group(protected.shifts, by="race")["White"].mean_with is not None


def test_points_are_counts_and_go_with_the_decision_on_them():
    race = people(300, 200, 40, 900)
    yes = np.concatenate([np.full(n, False) for n in (300, 200, 40, 900)])
    yes[:4] = yes[300:340] = yes[500:515] = yes[600:800] = True
    scores = {"with_race": yes.astype(float), "without_race": yes.astype(float)}
    calculator = card([Cut("treat", ">=", 1.0)], outputs=("score (boolean)",))
    result = audited({"race": race}, ("race",), scores, [Cut("treat", ">=", 1.0)], calculator=calculator)
    protected = protect(result, K).calculators[0]
    changes = by_group(protected.changes, by="race")
    hidden = {g for g, row in changes.items() if row.n is None}
    assert "Asian" in hidden
    assert len(hidden) > 1
    assert all(row.mean_with is None for g, row in by_group(protected.shifts, by="race").items() if g in hidden)


def outcome_of_ranks(race, seed=3):
    """Scores that rank nearly perfectly: hardly any patient with the outcome lies below one without it."""
    rng = np.random.default_rng(seed)
    outcome = (rng.random(len(race)) < 0.25).astype(int)
    score = np.where(outcome == 1, rng.uniform(50, 90, len(race)), rng.uniform(5, 51, len(race)))
    return score, outcome


def feasible_misses(area, events, others, yes):
    missed = [
        m for m in range(events + 1) if 0 <= yes - events + m <= others and m * (yes - events + m) <= (1 - area + 5e-5) * events * others
    ]
    return max(missed) - min(missed)


def test_an_area_does_not_bound_who_is_missed():
    race = people(400, 300, 40, 900)
    score, outcome = outcome_of_ranks(race)
    score[np.flatnonzero((race == 0) & (outcome == 1))[:3]] = 30.0
    result = audited({"race": race}, ("race",), {"with_race": score, "without_race": score * 1.0}, [Cut("treat", ">=", 35.0)], outcome)
    area = by_group(result.calculators[0].metrics, by="race", metric="auroc", arm="with_race")["Asian"].value
    inside = race == 0
    events = int(outcome[inside].sum())
    yes = int((score[inside] >= 35).sum())
    assert feasible_misses(area, events, int(inside.sum()) - events, yes) < K - 1
    protected = protect(result, K).calculators[0]
    areas = by_group(protected.metrics, by="race", metric="auroc", arm="with_race")
    assert areas["Asian"].value is None
    assert areas["Asian"].status == "suppressed"
    assert areas["White"].value is not None
    assert by_group(protected.metrics, by="race", metric="auroc", arm="without_race")["Asian"].value is None


def test_an_area_is_shown_where_a_hidden_decision_stays_open():
    race = people(400, 300, 40, 900)
    rng = np.random.default_rng(4)
    outcome = (rng.random(len(race)) < 0.3).astype(int)
    score = rng.uniform(5, 90, len(race)) + 15 * outcome
    result = audited({"race": race}, ("race",), {"with_race": score, "without_race": score * 1.0}, [Cut("treat", ">=", 100.0)], outcome)
    protected = protect(result, K).calculators[0]
    hidden = by_group(protected.outcome_changes, by="race", outcome="1", arm="with_race")["Asian"].n is None
    assert hidden
    assert by_group(protected.metrics, by="race", metric="auroc", arm="with_race")["Asian"].value is not None


def test_cochran_does_not_tell_who_changes_between_two_arms_that_are_not_compared():
    rng = np.random.default_rng(5)
    race = people(400, 300, 40, 900)
    without = rng.uniform(20, 100, len(race))
    successor = without.copy()
    moved = np.flatnonzero((without > 60) & (without < 70))[:4]
    successor[moved] = 50.0
    scores = {"with_race": without * np.where(race == 1, 1.16, 1.0), "without_race": without, "successor:new": successor}
    result = audited({"race": race}, ("race",), scores, [Cut("ckd", "<", 60.0)], applied=race == 1)
    calculator = result.calculators[0]
    change = {row.arm: row for row in calculator.changes if row.group == "all"}
    q = next(t for t in calculator.significance if t.test == "Cochran Q" and t.group == "all").statistic
    columns = np.array([change["without_race"].yes_with, *(change[a].yes_arm for a in ("without_race", "successor:new"))], dtype=float)
    discordant = 2 * (3 * (columns**2).sum() - columns.sum() ** 2) / q
    between = discordant - sum(change[a].gained + change[a].lost for a in change)
    assert round(between) == 4
    assert {t.statistic for t in protect(result, K).calculators[0].significance if t.test == "Cochran Q"} == {None}


def test_adjusted_p_values_are_made_of_the_shown_ones():
    cohort = Cohort(1500, 3, ("race",))
    internal, protected = (r.calculators[0].significance for r in (cohort.result(), protect(cohort.result(), K)))
    hidden = [t for t, shown in zip(internal, protected, strict=True) if shown.p is None and t.p is not None]
    told = [
        (t, h)
        for t, h in product(internal, hidden)
        if t.adjusted is not None and t.p is not None and t.family == h.family and t.adjusted != t.p and (t.adjusted / h.p) % 1 < 1e-9
    ]
    assert hidden
    assert told
    for family in {t.family for t in protected}:
        shown = sorted(t.p for t in protected if t.family == family and t.p is not None)
        assert {t.tests for t in protected if t.family == family and t.p is not None} <= {len(shown)}
        for t in (t for t in protected if t.family == family and t.p is not None):
            if "Holm" in family:
                expected = max(min(1.0, p * (len(shown) - i)) for i, p in enumerate(shown) if p <= t.p)
            else:
                expected = min(min(1.0, p * len(shown) / (i + 1)) for i, p in enumerate(shown) if p >= t.p)
            assert t.adjusted == pytest.approx(expected)


def test_a_p_value_of_a_shown_change_is_that_of_the_shown_counts():
    protected = protect(Cohort(3000, 3, ("race",)).result(), K).calculators[0]
    changes = {(c.decision, c.arm, c.by, c.group): c for c in protected.changes}
    tests = [t for t in protected.significance if t.test.startswith("McNemar") and t.p is not None]
    assert tests
    for t in tests:
        c = changes[t.subject, t.arm, t.by, t.group]
        assert c.gained == 0 or c.gained >= K
        assert t.p == pytest.approx(binomtest(c.gained, c.gained + c.lost).pvalue)


def test_everyone_is_not_found_from_the_share_of_unknown_where_everyones_row_is_hidden():
    race = people(4, 300, 500, 900)
    result = audited({"race": race}, ("race",), points_removed(race), [Cut("refer", ">=", 25.0)], applied=race == 1).calculators[0]
    unknown = by_group(result.changes, by="race")["Unknown"].n
    assert round(unknown / result.bounds[0].unknown) - 300 - 500 - 900 == 4
    layout = Layout.of((row.by, row.group) for row in result.coverage)
    shown = np.zeros(len(layout.groups), dtype=bool)
    of_asian = {("refer", arm, "race", "Asian") for arm in ("with_race", "without_race")}
    only_asian = shown.copy()
    only_asian[layout.places["race", "Asian"]] = True
    assert hidden_bounds(result, {("refer", "without_race"): only_asian, ("refer", "with_race"): shown}, layout) == of_asian
    everyone = shown.copy()
    everyone[layout.places["overall", "all"]] = True
    every = {(b.decision, b.arm, b.by, b.group) for b in result.bounds}
    assert hidden_bounds(result, {("refer", "without_race"): everyone, ("refer", "with_race"): shown}, layout) == every


def test_standardised_rows_do_not_tell_how_many_are_of_a_hidden_level():
    rng = np.random.default_rng(7)
    race = people(60, 300, 0, 900)
    sex = rng.integers(0, 2, len(race))
    sex[race == 0] = (np.arange(60) < 4).astype(int)
    result = audited({"race": race, "sex": sex}, ("race", "sex"), points_removed(race), [Cut("refer", ">=", 25.0)], applied=race == 1)
    protected = protect(result, K).calculators[0]
    sizes = by_group(protected.changes, by="sex", arm="without_race")
    shown = [s for s in protected.standardised if s.with_ is not None]
    assert by_group(protected.changes, by="race,sex", arm="without_race")["Asian, male"].n is None
    assert not shown or all(row.n is not None for row in sizes.values())


def test_what_depends_on_two_rows_does_not_split_into_few_each_way():
    race = people(400, 300, 40, 900)
    rng = np.random.default_rng(8)
    base = rng.uniform(100, 120, len(race))
    first, second = base.copy(), base.copy()
    first[:40], second[:40] = 50.0, 70.0
    first[40:48], second[40:48] = 70.0, 50.0
    own = np.where(race == 1, second, first)
    scores = {"with_race": own, "without_race": first, "as_if:one": first, "as_if:two": second}
    result = audited({"race": race}, ("race",), scores, [Cut("ckd", "<", 60.0)], applied=race == 1)

    def fewer_way(calculator):
        row = by_group(calculator.metrics, by="race", metric="depends_on_recorded_race")["Asian"]
        yes = [by_group(calculator.changes, by="race", arm=f"as_if:{r}")["Asian"].yes_arm for r in ("one", "two")]
        return None if row.value is None or None in yes else round((row.value * 400 - abs(yes[0] - yes[1])) / 2)

    assert fewer_way(result.calculators[0]) == 8
    assert fewer_way(protect(result, K).calculators[0]) is None


def test_the_best_group_is_not_named_where_a_rate_is_hidden():
    race = people(30, 300, 40, 900)
    rng = np.random.default_rng(9)
    score = rng.uniform(0, 100, len(race))
    score[race == 0] = 99.0
    score[:2] = 1.0
    cuts = [Cut("treat", ">=", 50.0)]
    scores = {"with_race": score, "without_race": score * 0.97}
    result = audited({"race": race}, ("race",), scores, cuts, options=Options(reference="best", replicates=10), applied=race == 1)
    assert {d.reference for d in result.calculators[0].disparities} == {"Asian"}
    protected = protect(result, K).calculators[0]
    assert by_group(protected.changes, by="race", arm="without_race")["Asian"].yes_with is None
    assert {d.reference for d in protected.disparities} == {NOT_SHOWN}
    assert {d.with_ for d in protected.disparities} == {None}
    largest = audited({"race": race}, ("race",), scores, cuts, applied=race == 1)
    assert {d.reference for d in protect(largest, K).calculators[0].disparities} == {"White"}


@pytest.mark.parametrize("by", [("race",), ("race", "sex")])
def test_random_points_are_never_counted_by_their_means(by):
    """A term of points in one group: no sum of changes over shown or subtracted groups counts 1 to k-1 patients."""
    won = shown = 0
    for seed in range(int(os.environ.get("AUDITOR_ATTACKS", "60")) // len(by)):
        rng = np.random.default_rng(seed)
        race = people(*rng.poisson(rng.choice([6, 30, 200, 900], size=4)) + 1)
        columns = {"race": race, "sex": rng.integers(0, 2, len(race))}
        result = audited(
            {key: columns[key] for key in by}, by, points_removed(race, seed=seed), [Cut("refer", ">=", 25.0)], applied=race == 1
        )
        won += bool(_told(result.calculators[0].shifts, by))
        protected = protect(result, K).calculators[0].shifts
        assert _told(protected, by) == set()
        shown += sum(s.mean_change is not None for s in protected)
    assert won > 5
    assert shown > 50


def _told(shifts, by):
    """The counts of 1 to k-1 that sums of changes tell: of every shown row, and of every total less its shown parts."""
    sums = {(s.by, s.group): -s.n * s.mean_change / 3 for s in shifts if s.mean_change is not None}
    told = list(sums.values())
    for key in by:
        if ("overall", "all") in sums:
            told.append(sums["overall", "all"] - sum(v for (b, _), v in sums.items() if b == key))
    if len(by) > 1:
        for position, key in enumerate(by):
            for level in {"race": RACES, "sex": SEXES}[key]:
                if (key, level) in sums:
                    parts = (v for (b, g), v in sums.items() if b == ",".join(by) and g.split(", ")[position] == level)
                    told.append(sums[key, level] - sum(parts))
    return {round(x) for x in told if 0.5 < x < K - 0.5}


@pytest.mark.parametrize(("top", "width"), [(6, 1), (12, 2)])
def test_no_hidden_count_of_points_is_solved_from_a_mean_and_the_shown_decisions(top, width):
    """Every table of whole points that has the shown counts and the shown sum, by search: a hidden count stays open by k - 1 or more."""
    won = shown = 0
    for seed in range(40):
        rng = np.random.default_rng(seed)
        race = people(*rng.integers(15, 120, size=4))
        score = np.clip(rng.poisson(rng.uniform(0.3, 2), size=len(race)) * width, 0, top).astype(float)
        cuts = [Cut("low", ">=", 1.0), Cut("mid", ">=", float(top // 2)), Cut("high", ">=", float(top))]
        calculator = card(cuts, outputs=("score ({score})",))
        result = audited({"race": race}, ("race",), {"with_race": score, "without_race": score * 1.0}, cuts, calculator=calculator)
        protected = protect(result, K).calculators[0]
        changes = {(c.decision, c.group): c for c in protected.changes if c.by == "race"}
        for label, row in by_group(result.calculators[0].shifts, by="race").items():
            kept = by_group(protected.shifts, by="race")[label]
            inside = score[race == RACES.index(label)]
            above = [changes[c.decision, label].yes_with for c in cuts]
            if all(x is not None for x in above):
                continue
            narrow = _narrowest(len(inside), float(inside.sum()), [c.value for c in cuts], above, top)
            won += narrow
            assert kept.mean_with is None or not narrow, (seed, label)
            shown += kept.mean_with is not None
            assert row.n == len(inside)
    assert won > 5
    assert shown > 5


def _narrowest(n, total, cuts, above, top):
    """Whether a hidden count, open by k - 1 or more without the sum, is not with it."""
    edges = [0, *(int(c) for c in cuts), top + 1]
    tables = [t for t in _tables(n, above)]
    fits = [t for t in tables if sum(m * lo for m, lo in zip(t, edges, strict=False)) <= total]
    fits = [t for t in fits if total <= sum(m * (hi - 1) for m, hi in zip(t, edges[1:], strict=False))]
    for i, known in enumerate(above):
        if known is None:
            before, after = ({sum(t[i + 1 :]) for t in group} for group in (tables, fits))
            if max(before) - min(before) >= K - 1 > max(after) - min(after):
                return True
    return False


def _tables(n, above):
    """All (below the first cut, ..., above the last) that have the shown counts."""
    choices = [range(n + 1) if x is None else [x] for x in above]
    for a, b, c in product(*choices):
        if n >= a >= b >= c:
            yield n - a, a - b, b - c, c
