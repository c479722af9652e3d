"""Sites added: the sum of halves is the whole, and a sum of suppressed results gives no hidden count away."""

from __future__ import annotations

import sys
from pathlib import Path

import msgspec
import pytest

sys.path.insert(0, str(Path(__file__).parent))
from attack import ARMS, Cohort

from auditor.counts.disclosure import protect
from auditor.errors import OptionError
from auditor.merge import merge
from auditor.result import Arm, AuditResult
from auditor.rows import Row

K = 11
COUNTED = {
    "changes": (("decision", "arm", "by", "group"), ("n", "yes_with", "yes_arm", "gained", "lost")),
    "outcome_changes": (("decision", "arm", "by", "group", "outcome"), ("n", "yes_with", "yes_arm", "gained", "lost")),
    "transitions": (("categories", "arm", "by", "group", "from_", "to"), ("n",)),
    "shifts": (("output", "arm", "by", "group"), ("n",)),
    "coverage": (("by", "group"), ("n", "scored", "missing_input", "out_of_range", "unknown_race", "term_applied")),
}


def site(name: str, n: int, seed: int, internal: bool = False) -> AuditResult:
    found = Cohort(n, seed).result()
    (calculator,) = found.calculators
    calculator = msgspec.structs.replace(calculator, arms=tuple(Arm(id=arm, meaning="") for arm in ARMS))
    found = msgspec.structs.replace(
        found,
        calculators=(calculator,),
        cohort=msgspec.structs.replace(found.cohort, name=name, synthetic=False),
        provenance=msgspec.structs.replace(found.provenance, inputs=((f"{name}.csv", f"{seed:064d}", n),)),
        options=msgspec.structs.replace(found.options, internal=internal),
    )
    return found if internal else protect(found, K)


def keyed(result: AuditResult, table: str) -> dict[tuple[str, ...], Row]:
    return {tuple(getattr(row, key) for key in COUNTED[table][0]): row for row in result.rows(table)}


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("sizes", [(3000, 3000), (2000, 150), (900, 900, 60)])
def test_a_sum_is_shown_where_every_site_shows_its_part(seed: int, sizes: tuple[int, ...]) -> None:
    sites = [site(f"s{i}", n, 10 * seed + i) for i, n in enumerate(sizes)]
    pooled = merge(sites)
    assert keyed(pooled, "changes")
    for table, (_, counts) in COUNTED.items():
        parts = [keyed(one, table) for one in sites]
        for key, row in keyed(pooled, table).items():
            for count in counts:
                given = [getattr(part[key], count) for part in parts if key in part]
                shown = getattr(row, count)
                if None in given:
                    assert shown is None, (table, key, count)
                elif shown is not None:
                    assert shown == sum(given)
                    assert not 0 < shown < K
                    assert [shown - sum(given[:i] + given[i + 1 :]) for i in range(len(given))] == given


@pytest.mark.parametrize("seed", range(4))
def test_rates_and_contrasts_go_with_the_counts_that_they_rest_on(seed: int) -> None:
    pooled = merge([site("north", 2500, 3 * seed), site("south", 2500, 3 * seed + 1), site("west", 400, 3 * seed + 2)])
    changes = keyed(pooled, "changes")
    hidden = {key for key, row in changes.items() if row.n is None}  # type: ignore[attr-defined]
    for row in pooled.calculators[0].disparities:
        if row.metric == "selection_rate" and hidden & {(row.decision, row.arm, row.by, g) for g in (row.group, row.reference)}:
            assert row.with_ is None
            assert row.introduced is None
            assert row.status == "suppressed"
    for other in pooled.calculators[0].stratified:
        if other.arm != "with_race" and hidden & {(other.decision, other.arm, other.by, g) for g in (other.group, other.reference)}:
            assert (other.odds_ratio, other.difference, other.p, other.heterogeneity) == (None, None, None, None)
            assert other.hiding > 0
    for metric in pooled.calculators[0].metrics:
        if metric.metric == "selection_rate" and (metric.decision, metric.arm, metric.by, metric.group) in hidden:
            assert metric.value is None


@pytest.mark.parametrize("seed", range(4))
def test_every_site_keeps_its_own_rows(seed: int) -> None:
    sites = {"north": site("north", 900, 2 * seed), "south": site("south", 500, 2 * seed + 1)}
    pooled = merge(list(sites.values()))
    assert [s.site for s in pooled.sites] == ["north", "south"]
    assert [s.digest for s in pooled.sites] == [s.fingerprint for s in sites.values()]
    for row in pooled.calculators[0].site_changes:
        own = keyed(sites[row.site], "changes")[row.decision, row.arm, row.by, row.group]
        assert {name: getattr(own, name) for name in ("n", "gained", "change", "lower", "upper", "status")} == {
            name: getattr(row, name) for name in ("n", "gained", "change", "lower", "upper", "status")
        }
    assert {row.site for row in pooled.calculators[0].site_changes} == set(sites)


def test_a_site_that_hides_a_row_is_counted_and_the_rest_is_no_whole() -> None:
    north, south = site("north", 3000, 1), site("south", 3000, 2)
    key = ("ckd", "without_race", "race", "Black or African American")
    before = keyed(merge([north, south]), "changes")[key]
    assert before.n is not None  # type: ignore[attr-defined]
    (calculator,) = south.calculators
    rows = tuple(
        msgspec.structs.replace(r, **dict.fromkeys(COUNTED["changes"][1]), status="suppressed")  # type: ignore[arg-type]
        if (r.decision, r.arm, r.by, r.group) == key
        else r
        for r in calculator.changes
    )
    south = msgspec.structs.replace(south, calculators=(msgspec.structs.replace(calculator, changes=rows),))
    pooled = merge([north, south])
    found = keyed(pooled, "changes")[key]
    assert (found.n, found.gained, found.rate_with, found.status) == (None, None, None, "suppressed")  # type: ignore[attr-defined]
    hiding = {r.hiding for r in pooled.calculators[0].stratified if (r.decision, r.arm, r.by, r.group) == key}
    assert hiding == {1}


def test_internal_results_give_an_internal_sum() -> None:
    pooled = merge([site("north", 400, 1, internal=True), site("south", 300, 2, internal=True)])
    assert "contains small cells - do not release" in pooled.stamps
    assert any(0 < (row.gained or 0) < K for row in pooled.calculators[0].changes)
    with pytest.raises(OptionError, match="internal"):
        merge([site("north", 400, 1, internal=True), site("south", 300, 2)])


def changed(result: AuditResult, part: str, **fields: object) -> AuditResult:
    return msgspec.structs.replace(result, **{part: msgspec.structs.replace(getattr(result, part), **fields)})


@pytest.mark.parametrize(
    ("part", "fields", "said"),
    [
        ("provenance", {"auditor": "0.0.1"}, "south with 0.0.1"),
        ("options", {"reference": "White"}, "reference: largest in north, White in south"),
        ("options", {"minimum_count": 5}, "minimum_count"),
        ("options", {"by": ("race",)}, "differ in by"),
        ("cohort", {"outcome": "died"}, "outcome: none in north, died in south"),
        ("cohort", {"weighted": True}, "weighted"),
        ("cohort", {"name": "north"}, "name of its own"),
        ("provenance", {"inputs": (("other.csv", f"{1:064d}", 9),)}, "read the same file"),
    ],
)
def test_what_cannot_be_added_is_refused(part: str, fields: dict[str, object], said: str) -> None:
    with pytest.raises(OptionError, match=said):
        merge([site("north", 400, 1), changed(site("south", 300, 2), part, **fields)])


def test_other_calculators_and_numbers_are_refused() -> None:
    north, south = site("north", 400, 1), site("south", 300, 2)
    (calculator,) = south.calculators
    other = msgspec.structs.replace(calculator, card=msgspec.structs.replace(calculator.card, id="mdrd"))
    with pytest.raises(OptionError, match="only in north: ckd_2009; only in south: mdrd"):
        merge([north, msgspec.structs.replace(south, calculators=(other,))])
    both = msgspec.structs.replace(south, calculators=(calculator, other))
    assert [c.id for c in merge([north, both], calculators=["ckd_2009"]).calculators] == ["ckd_2009"]
    with pytest.raises(OptionError, match="'mdrd' is not in the result of north"):
        merge([north, both], calculators=["mdrd"])
    changed_numbers = msgspec.structs.replace(calculator, card=msgspec.structs.replace(calculator.card, fingerprint="f" * 64))
    with pytest.raises(OptionError, match="ckd_2009: the numbers or decisions"):
        merge([north, msgspec.structs.replace(south, calculators=(changed_numbers,))])


def test_the_same_patients_are_refused() -> None:
    north = site("north", 400, 1)
    with pytest.raises(OptionError, match="the same result"):
        merge([north, north], ["a", "b"])
    again = changed(changed(north, "cohort", name="south"), "provenance", inputs=(("copy.csv", "e" * 64, 400),))
    with pytest.raises(OptionError, match="the same counts throughout"):
        merge([north, again])
    pooled = merge([north, site("south", 300, 2)])
    with pytest.raises(OptionError, match="a merger already"):
        merge([pooled, site("west", 500, 3)], ["a", "b"])
    with pytest.raises(OptionError, match="at least two"):
        merge([north])
