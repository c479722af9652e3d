"""Every table of a result has a part of a chapter that shows it, and nothing that a gate holds back; every number here is made up."""

from __future__ import annotations

from typing import Any

import invented
import msgspec
import pytest

from auditor.rows import Bound, Equivalent, Measured, Metric, OutcomeChange, Proxy, Shrunken, Significance, Standardised
from reports.blocks import Block, Paragraph, Table
from reports.chapters import (
    View,
    dependence,
    equivalents,
    essence,
    harm,
    measured,
    performance,
    proxies,
    shares,
    small_groups,
    standardised,
    tests,
    unknown_race,
)
from reports.compose import compose

PLACE = {"calculator": "invented_2009", "by": "race", "group": invented.BLACK}


def built(part: Any, *, internal: bool = False, **tables: Any) -> list[Block]:
    """The blocks of a part for the invented calculator with these tables in place of its own."""
    result = invented.result(outcome="dialysis", internal=internal)
    calculator = msgspec.structs.replace(result.calculators[0], **tables)
    return list(part.build(msgspec.structs.replace(result, calculators=(calculator,)), calculator, View(everything=True)))


def rows_of(blocks: list[Block]) -> list[tuple[str, ...]]:
    return [row for b in blocks if isinstance(b, Table) for row in b.rows]


def said(blocks: list[Block]) -> str:
    return " ".join(b.text for b in blocks if isinstance(b, Paragraph))


def metric(name: str, arm: str, value: float | None, half: float = 0.01, **other: Any) -> Metric:
    bounds = {} if value is None else {"lower": value - half, "upper": value + half, "method": "DeLong, logit"}
    return Metric(**{**PLACE, "decision": "", "arm": arm, "metric": name, "value": value, **bounds, **other})


def outcome(arm: str, code: str, n: int, yes: int, new: int) -> OutcomeChange:
    return OutcomeChange(**PLACE, decision="referral", arm=arm, outcome=code, n=n, yes_with=yes, yes_arm=yes + new, gained=new, lost=0)


def test_ranking_and_net_benefit_with_and_without_and_the_change() -> None:
    scores = (
        metric("auroc", "with_race", 0.7),
        metric("auroc", "without_race", 0.69),
        metric("auroc_change", "without_race", -0.01, 0.005),
    )
    hidden = metric("auroc", "without_race", None, group=invented.ASIAN, status="suppressed")
    net = tuple(
        metric(name, arm, value, 0.001, decision="referral", method="linearised")
        for name, arm, value in (
            ("net_benefit", "with_race", 0.02),
            ("net_benefit", "without_race", 0.0234),
            ("net_benefit_change", "without_race", 0.0034),
            ("net_benefit_of_yes_for_all", "with_race", -0.5),
        )
    )
    blocks = built(performance, metrics=(*scores, hidden, *net))
    assert rows_of(blocks) == [
        (
            "Ranking: AUROC (0.5 chance, 1 perfect)",
            invented.BLACK,
            "0.700 (0.690 to 0.710)",
            "0.690 (0.680 to 0.700)",
            "−0.010 (−0.015 to −0.005)",
        ),
        ("eGFR < 30", invented.BLACK, "20.0 (19.0 to 21.0)", "23.4 (22.4 to 24.4)", "+3.4 (+2.4 to +4.4)", "−500.0 (−501.0 to −499.0)"),
    ]
    first = next(b for b in blocks if isinstance(b, Table))
    assert "DeLong, logit" in first.note
    assert "1 number not shown: 1 suppressed." in first.note


def test_missed_and_needless_stand_side_by_side() -> None:
    changes = (
        outcome("with_race", "1", 200, 60, 0),
        outcome("with_race", "0", 1800, 100, 0),
        outcome("without_race", "1", 200, 60, 20),
        outcome("without_race", "0", 1800, 100, 64),
    )
    rate = metric("false_negative_rate", "with_race", 0.7, 0.06, decision="referral")
    blocks = built(harm, outcome_changes=changes, metrics=(rate,))
    assert rows_of(blocks) == [
        ("eGFR < 30", invented.BLACK, "140 of 200 (70.0%; 64.0% to 76.0%)", "120 of 200", "100 of 1,800", "164 of 1,800")
    ]
    assert "for the reader to judge" in next(b.note for b in blocks if isinstance(b, Table))


@pytest.mark.parametrize(("internal", "cell"), [(False, "suppressed"), (True, "5 of 200")])
def test_few_missed_are_not_shown_outside_the_hospital(internal: bool, cell: str) -> None:
    changes = (
        outcome("with_race", "1", 200, 195, 0),
        outcome("with_race", "0", 1800, 100, 0),
        outcome("without_race", "1", 200, 195, 5),
        outcome("without_race", "0", 1800, 100, 64),
    )
    (row,) = rows_of(built(harm, internal=internal, outcome_changes=changes, metrics=()))
    assert row[2:4] == (cell, "0 of 200")


def test_unknown_race_is_bounded_and_decisions_answered_alike_share_a_line() -> None:
    bound = Bound(
        **PLACE,
        decision="referral",
        arm="without_race",
        metric="change",
        value=0.042,
        lowest=0.03,
        highest=0.05,
        unknown=0.092,
        reference="White",
    )
    twin = msgspec.structs.replace(bound, decision="metformin")
    rate = msgspec.structs.replace(bound, arm="with_race", metric="selection_rate", value=0.06, lowest=0.05, highest=0.09, tipping=0.12)
    hidden = Bound(**{**PLACE, "group": invented.ASIAN}, decision="referral", arm="without_race", metric="change", status="suppressed")
    blocks = built(unknown_race, bounds=(bound, twin, rate, hidden))
    assert rows_of(blocks) == [
        ("eGFR < 30", invented.BLACK, "change without race, points", "+4.2", "+3.0", "+5.0", "none"),
        ("eGFR < 30", invented.BLACK, "share with a yes, with race", "6.0%", "5.0%", "9.0%", "12.0%"),
    ]
    assert "Race is not recorded for 9.2% of the patients scored." in said(blocks)
    assert "1 are suppressed" not in said(blocks)
    assert "of 4 numbers, 1 suppressed or not estimable" in said(blocks).lower()


def test_decisions_that_depend_on_recorded_race_have_denominators() -> None:
    shares = (
        metric(dependence.METRIC, "as_if:any", 0.12, 0.01, decision="referral"),
        metric(dependence.METRIC, "as_if:any", 0.12, 0.01, decision="metformin"),
        metric(dependence.METRIC, "as_if:any", None, decision="stage", status="suppressed"),
    )
    changes = (invented.change("referral", invented.BLACK, 2000, 120, 0, 0, arm="as_if:Black"),)
    blocks = built(dependence, metrics=shares, changes=changes)
    assert rows_of(blocks) == [("eGFR < 30", invented.BLACK, "2,000", "12.0%", "11.0% to 13.0%")]
    assert "1 share of 3 not shown, which does not mean zero: 1 suppressed." in said(blocks)


def test_small_groups_keep_their_rate_of_record() -> None:
    row = Shrunken(
        **PLACE,
        decision="referral",
        arm="with_race",
        metric="selection_rate",
        n=123,
        raw=0.439,
        shrunken=0.417,
        lower=0.352,
        upper=0.483,
        pooled=False,
    )
    blocks = built(
        small_groups, shrunken=(row, Shrunken(**PLACE, decision="stage", arm="with_race", metric="selection_rate", status="suppressed"))
    )
    assert rows_of(blocks) == [("eGFR < 30", "with race", invented.BLACK, "123", "43.9%", "41.7%", "35.2% to 48.3%")]
    assert "The rate of record is the raw one" in next(b.note for b in blocks if isinstance(b, Table))


def test_standardised_disparities_are_differences_and_ratios() -> None:
    row = Standardised(
        **PLACE,
        decision="referral",
        arm="without_race",
        over="sex,age_band",
        reference=invented.WHITE,
        with_=0.012,
        other=0.054,
        introduced=-0.042,
        lower=-0.052,
        upper=-0.032,
        ratio_with=1.2,
        ratio_other=1.9,
        method="Zou-Donner",
    )
    blocks = built(standardised, standardised=(row,))
    assert rows_of(blocks) == [("eGFR < 30", invented.BLACK, "+1.2", "+5.4", "−4.2", "−5.2 to −3.2", "1.20", "1.90")]
    table = next(b for b in blocks if isinstance(b, Table))
    assert "at everyone's mix of sex and age band" in table.caption
    assert "Zou-Donner" in table.note


def test_the_number_of_tests_is_stated() -> None:
    row = Significance(
        **PLACE,
        subject="referral",
        arm="without_race",
        test="McNemar, exact",
        statistic=84.0,
        p=0.0004,
        adjusted=0.03,
        family="primary, Holm",
        tests=7,
    )
    twin = msgspec.structs.replace(row, subject="metformin")
    blocks = built(tests, significance=(row, twin))
    assert rows_of(blocks) == [("eGFR < 30", "without race", invented.BLACK, "McNemar, exact", "+84", "< 0.001", "0.030", "primary, Holm")]
    assert "7 tests in the family “primary, Holm”" in said(blocks)


def test_parts_without_rows_stay_silent() -> None:
    for part in (proxies, measured, equivalents, performance, harm, unknown_race, dependence, small_groups, standardised, tests):
        assert (
            built(
                part, metrics=(), outcome_changes=(), bounds=(), shrunken=(), standardised=(), significance=(), measured=(), equivalents=()
            )
            == []
        )


def test_the_vendor_reads_performance_and_the_committee_does_not() -> None:
    result = invented.result(outcome="dialysis")
    rows = (metric("auroc", "with_race", 0.7), metric("auroc", "without_race", 0.69))
    result = msgspec.structs.replace(result, calculators=(msgspec.structs.replace(result.calculators[0], metrics=rows),))
    captions = {
        a: [b.caption for _, bs in compose(result, a).sections for b in bs if isinstance(b, Table)] for a in ("vendor", "committee")
    }
    assert any("The score against the recorded outcome" in c for c in captions["vendor"])
    assert not any("The score against the recorded outcome" in c for c in captions["committee"])


def everybody(name: str, arm: str, value: float, half: float = 0.01, **other: Any) -> Metric:
    return metric(name, arm, value, half, **{"by": "overall", "group": "all", **other})


def test_the_committee_reads_the_tables_in_plain_words() -> None:
    scores = (
        everybody("auroc", "with_race", 0.7),
        everybody("auroc", "without_race", 0.6996),
        everybody("auroc_change", "without_race", -0.0004, 0.0004),
        everybody(dependence.METRIC, "as_if:any", 0.12, decision="referral"),
    )
    changes = (outcome("without_race", "1", 200, 60, 20), outcome("without_race", "0", 1800, 100, 64))
    bound = Bound(**PLACE, decision="referral", arm="without_race", metric="change", value=0.042, lowest=0.03, highest=0.05, unknown=0.092)
    text = said(built(essence, metrics=scores, outcome_changes=changes, bounds=(bound,)))
    assert "12.0% of all patients (95% interval 11.0% to 13.0%) would get another answer at eGFR < 30" in text
    assert "of 200 patients recorded as Black or African American who had the outcome, 140 get a no with race and 120 without" in text
    assert "of 1,800 who did not, 100 get a yes with race and 164 without" in text
    assert "could lie anywhere from +3.0 to +5.0 points instead of +4.2" in text
    assert "AUROC" not in text
    predicted = said(built(essence, metrics=(*scores, everybody("brier", "with_race", 0.1)), outcome_changes=(), bounds=()))
    assert "in 70.0% of pairs with race and 70.0% without; the change in AUROC is 0.000 (95% interval −0.001 to 0.000)" in predicted


def test_few_missed_are_not_told_in_plain_words() -> None:
    changes = (outcome("without_race", "1", 200, 185, 10), outcome("without_race", "0", 1800, 100, 64))
    assert "missed" not in said(built(essence, metrics=(), outcome_changes=changes, bounds=()))
    assert said(built(essence, metrics=(), outcome_changes=changes, bounds=())) == ""
    assert "5 without" in said(built(essence, internal=True, metrics=(), outcome_changes=changes, bounds=()))


def test_scores_stand_beside_what_was_measured() -> None:
    def row(name: str, arm: str, value: float, half: float = 0.5, **other: Any) -> Measured:
        return Measured(
            **{
                **PLACE,
                "output": "egfr",
                "arm": arm,
                "metric": name,
                "n": 300,
                "value": value,
                "lower": value - half,
                "upper": value + half,
                **other,
            }
        )

    rows = (
        row("bias", "with_race", 3.7, method="Woodruff"),
        row("bias", "without_race", -7.1, method="Woodruff"),
        row("bias_change", "without_race", -10.8),
        row("p30", "with_race", 0.85, 0.04),
        row("p30", "without_race", 0.80, 0.04),
        row("p30_change", "without_race", -0.05, 0.02),
        row("p10", "without_race", 0.3, status="suppressed"),
    )
    blocks = built(measured, measured=rows)
    assert rows_of(blocks) == [
        (
            "Bias: median of score minus measured",
            invented.BLACK,
            "300",
            "+3.7 (+3.2 to +4.2)",
            "−7.1 (−7.6 to −6.6)",
            "−10.8 (−11.3 to −10.3)",
        ),
        (
            "Within 30% of the measured value",
            invented.BLACK,
            "300",
            "85.0% (81.0% to 89.0%)",
            "80.0% (76.0% to 84.0%)",
            "−5.0 (−7.0 to −3.0)",
        ),
    ]
    assert "1 number not shown: 1 suppressed" in next(b.note for b in blocks if isinstance(b, Table))


def test_the_term_in_years() -> None:
    rows = (
        Equivalent(calculator="invented_2009", output="egfr", row="Black", n=2000, lower_quartile=-21.0, median=-20.5, upper_quartile=None),
        Equivalent(calculator="invented_2009", output="egfr", row="Other", status="suppressed"),
    )
    blocks = built(equivalents, equivalents=rows)
    assert rows_of(blocks) == [("eGFR", "Black", "2,000", "−21.0", "−20.5", "beyond")]
    assert "1 row of the race term" in said(blocks)


def test_what_stays_without_the_term() -> None:
    area = Proxy(**PLACE, measure=proxies.INPUTS, value=0.71, lower=0.68, upper=0.74, method="DeLong, logit")
    gap = Proxy(
        **PLACE,
        output="egfr",
        arm="without_race",
        reference=invented.WHITE,
        measure=proxies.GAP,
        value=-3.25,
        lower=-4.0,
        upper=-2.5,
        p=0.0002,
        method="linear regression, robust",
    )
    other = msgspec.structs.replace(gap, arm="removed:other")
    hidden = Proxy(**{**PLACE, "group": invented.ASIAN}, measure=proxies.INPUTS, status="suppressed")
    blocks = built(proxies, proxies=(area, gap, other, hidden))
    assert rows_of(blocks) == [
        (invented.BLACK, "0.71", "0.68 to 0.74"),
        ("eGFR", "without race", invented.BLACK, invented.WHITE, "−3.25", "−4 to −2.5", "< 0.001"),
    ]
    assert "A high area alone is no fault" in next(b.note for b in blocks if isinstance(b, Table))
    assert "1 number of 4 not shown: 1 suppressed" in said(blocks)


def test_equivalents_without_numbers_of_patients_have_no_empty_column() -> None:
    row = Equivalent(calculator="invented_2009", output="egfr", row="Black", lower_quartile=-21.0, median=-21.0, upper_quartile=-21.0)
    assert rows_of(built(equivalents, equivalents=(row,))) == [("eGFR", "Black", "−21.0", "−21.0", "−21.0")]


def test_shares_stay_where_moves_are_suppressed_and_only_there() -> None:
    place = {**PLACE, "metric": "selection_rate"}
    change = invented.hidden("referral", invented.BLACK, "suppressed")
    rates = tuple(
        Metric(**place, decision="referral", arm=arm, value=value, lower=value - 0.01, upper=value + 0.01, method="Wilson")
        for arm, value in (("with_race", 0.6), ("without_race", 0.25))
    )
    (row,) = rows_of(built(shares, changes=(change,), metrics=rates))
    assert row[1] == f"{invented.BLACK} (2,000)"
    assert row[2:] == ("60.0% (59.0% to 61.0%)", "25.0% (24.0% to 26.0%)", "suppressed")
    assert built(shares, changes=(change,), metrics=rates[:1]) == []
    shown = msgspec.structs.replace(change, status="ok")
    assert built(shares, changes=(shown,), metrics=rates) == []
