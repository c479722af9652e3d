"""Calibration curves as a picture and a table: what is drawn, what is said of it, and what a gate holds back; every number is made up."""

import invented
import msgspec

from auditor.rows import CalibrationPoint
from reports.blocks import Figure, Table
from reports.calibration_chart import calibration_chart
from reports.chapters import View, calibration
from reports.compose import compose

PERCENTILES = (5.0, 50.0, 95.0)


def points(arm, group, risks, observed, by="race", n=4000, status="ok", half=0.02):
    return tuple(
        CalibrationPoint(
            calculator="invented_2009",
            output="ascvd_10_year",
            arm=arm,
            by=by,
            group=group,
            percentile=p,
            n=n,
            risk=risk,
            observed=y,
            lower=y - half,
            upper=y + half,
            method="local linear regression, logit interval",
            status=status,
        )
        for p, risk, y in zip(PERCENTILES, risks, observed, strict=True)
    )


ROWS = (
    *points("with_race", invented.BLACK, (0.02, 0.1, 0.4), (0.02, 0.09, 0.3)),
    *points("without_race", invented.BLACK, (0.01, 0.08, 0.3), (0.02, 0.09, 0.3)),
    *points("with_race", invented.WHITE, (0.02, 0.1, 0.4), (0.02, 0.1, 0.39), n=9000),
    *points("without_race", invented.WHITE, (0.02, 0.1, 0.4), (0.02, 0.1, 0.39), n=9000),
)
HIDDEN = tuple(
    CalibrationPoint(
        calculator="invented_2009",
        output="ascvd_10_year",
        arm=arm,
        by="race",
        group=invented.ASIAN,
        percentile=p,
        status="suppressed",
    )
    for arm in ("with_race", "without_race")
    for p in PERCENTILES
)


def built(rows, **view):
    result = invented.result(outcome="ascvd_10_year")
    calculator = msgspec.structs.replace(result.calculators[0], calibration=rows)
    return list(calibration.build(msgspec.structs.replace(result, calculators=(calculator,)), calculator, View(**view)))


def test_a_chart_and_every_number_of_it() -> None:
    figure, table = built((*ROWS, *HIDDEN))
    assert isinstance(figure, Figure)
    assert isinstance(table, Table)
    assert [row[0] for row in table.rows] == [invented.BLACK] * 3 + [invented.WHITE] * 3
    assert table.rows[2] == (invented.BLACK, "95%", "4,000", "40.0%", "30.0% (28.0% to 32.0%)", "30.0%", "30.0% (28.0% to 32.0%)")
    assert "3 points not shown: 3 suppressed" in table.note
    said = "for patients recorded as Black or African American with a predicted risk of 40.0% (with race), 30.0% is observed"
    assert said in figure.alt
    assert "28.0% to 32.0%, of this point alone" in figure.alt
    assert invented.ASIAN not in figure.svg + figure.alt
    assert figure.svg.count("<path") > 10


def test_points_that_hold_equality_are_no_finding() -> None:
    figure = calibration_chart(points("with_race", invented.BLACK, (0.02, 0.1, 0.4), (0.03, 0.11, 0.41)), {})
    assert figure is not None
    assert "Every point's 95% interval holds equality" in figure.alt


def test_only_three_groups_are_drawn_and_everyone_first() -> None:
    groups = [(f"group {i}", 1000 + i) for i in range(4)]
    rows = [r for name, n in groups for r in points("with_race", name, (0.1, 0.2, 0.3), (0.1, 0.2, 0.3), n=n)]
    figure = calibration_chart([*rows, *points("with_race", "all", (0.1, 0.2, 0.3), (0.1, 0.2, 0.3), by="overall", n=9)], {})
    assert figure is not None
    assert "Groups drawn: All patients, group 3 and group 2." in figure.alt


def test_nothing_to_draw() -> None:
    assert calibration_chart(HIDDEN, {}) is None
    assert calibration_chart(ROWS[:1], {}) is None
    assert built(HIDDEN) == []
    assert [type(b) for b in built(ROWS, intervals=False)] == [Table]


def test_informatics_and_vendor_read_it_and_the_committee_does_not() -> None:
    result = invented.result(outcome="ascvd_10_year")
    result = msgspec.structs.replace(result, calculators=(msgspec.structs.replace(result.calculators[0], calibration=ROWS),))
    captions = {
        audience: [b.caption for _, blocks in compose(result, audience).sections for b in blocks if isinstance(b, Table)]
        for audience in ("informatics", "vendor", "committee")
    }
    told = {audience: any(c.startswith("Observed risk along") for c in found) for audience, found in captions.items()}
    assert told == {"informatics": True, "vendor": True, "committee": False}
