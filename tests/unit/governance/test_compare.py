"""Comparisons of audits and control charts, against other people's implementations and hand-made examples."""

from __future__ import annotations

import csv
import io
import json
import sys
from pathlib import Path

import msgspec
import numpy as np
import pytest
from click.testing import CliRunner
from scipy.stats import false_discovery_control, norm
from statsmodels.stats.proportion import confint_proportions_2indep
from statsmodels.stats.proportion import test_proportions_2indep as two_proportions

sys.path.insert(0, str(Path(__file__).parents[1] / "reports"))
import invented

from auditor.cli import main
from auditor.compare import Comparison, benjamini_hochberg, compare, p_value
from auditor.compare_formats import to_csv, to_text
from auditor.control_chart import chart, lines
from auditor.counts.uncertainty import wilson
from auditor.result import AuditResult
from auditor.result_file import load
from auditor.rows import Change, Metric
from reports.blocks import Figure, Items, Paragraph, Table
from reports.sections.comparison import Compared
from reports.sections.control_charts import Charted


def rate(events: int, n: int, group: str = "Black or African American", status: str = "ok") -> Metric:
    lower, upper = wilson([events], [n])
    return Metric(
        calculator="invented_2009",
        decision="referral",
        arm="with_race",
        by="race",
        group=group,
        metric="selection_rate",
        value=events / n,
        lower=float(lower[0]),
        upper=float(upper[0]),
        status=status,  # type: ignore[arg-type]
    )


def audit(*metrics: Metric, changes: tuple[Change, ...] = (), file: str = "a", **fields: object) -> AuditResult:
    result = invented.result(**fields)  # type: ignore[arg-type]
    (calculator,) = result.calculators
    calculator = msgspec.structs.replace(calculator, metrics=metrics, changes=changes, disparities=(), coverage=())
    provenance = msgspec.structs.replace(result.provenance, inputs=((f"{file}.csv", file * 64, 7500),))
    return msgspec.structs.replace(result, calculators=(calculator,), provenance=provenance)


@pytest.mark.parametrize(("old", "new"), [((100, 1000), (140, 1000)), ((5, 60), (9, 70)), ((500, 900), (300, 900))])
def test_interval_of_a_difference_is_newcombes(old: tuple[int, int], new: tuple[int, int]) -> None:
    (found,) = compare(audit(rate(*old)), audit(rate(*new), file="b")).differences
    expected = confint_proportions_2indep(new[0], new[1], old[0], old[1], compare="diff", method="newcomb")
    assert (found.lower, found.upper) == pytest.approx(expected, abs=1e-9)
    assert found.difference == pytest.approx(new[0] / new[1] - old[0] / old[1])


@pytest.mark.parametrize(("old", "new"), [((100, 1000), (140, 1000)), ((400, 2000), (440, 2000)), ((300, 1000), (301, 1000))])
def test_p_value_is_close_to_the_test_of_two_proportions(old: tuple[int, int], new: tuple[int, int]) -> None:
    (found,) = compare(audit(rate(*old)), audit(rate(*new), file="b")).differences
    assert found.difference is not None
    assert found.lower is not None
    assert found.upper is not None
    expected = two_proportions(new[0], new[1], old[0], old[1], compare="diff", method="wald").pvalue
    assert p_value(found.difference, found.lower, found.upper) == pytest.approx(expected, abs=0.01)
    assert p_value(found.difference, found.lower, found.upper) == p_value(-found.difference, -found.upper, -found.lower)


def test_a_difference_at_the_edge_of_its_interval_has_p_of_a_twentieth() -> None:
    assert p_value(0.1, 0.0, 0.3) == pytest.approx(0.05)
    assert p_value(-0.1, -0.3, 0.0) == pytest.approx(0.05)
    assert p_value(0.1, 0.05, 0.3) == pytest.approx(2 * norm.sf(2 * norm.ppf(0.975)))


@pytest.mark.parametrize("seed", range(5))
def test_adjustment_is_scipys(seed: int) -> None:
    p = np.random.default_rng(seed).random(23) ** 2
    assert benjamini_hochberg(list(p)) == pytest.approx(false_discovery_control(p))


def test_false_alarms_are_rare_where_nothing_changed() -> None:
    rng = np.random.default_rng(7)
    alarms = 0
    for _ in range(300):
        old, new = (tuple(rate(int(rng.binomial(800, 0.2)), 800, f"g{i}") for i in range(6)) for _ in range(2))
        alarms += bool(compare(audit(*old), audit(*new, file="b")).beyond_chance)
    assert alarms <= 30


def test_a_large_change_is_found_and_the_others_are_not() -> None:
    old = [rate(200, 1000, f"g{i}") for i in range(6)]
    new = [rate(300, 1000, "g0"), *(rate(202, 1000, f"g{i}") for i in range(1, 6))]
    found = compare(audit(*old), audit(*new, file="b"))
    assert [d.group for d in found.beyond_chance] == ["g0"]


@pytest.mark.parametrize("status", ["suppressed", "imprecise", "not_estimable"])
def test_what_one_audit_does_not_show_is_not_compared(status: str) -> None:
    for old, new in ((rate(100, 1000), rate(300, 1000, status=status)), (rate(100, 1000, status=status), rate(300, 1000))):
        (found,) = compare(audit(old), audit(new, file="b")).differences
        assert (found.old, found.new, found.difference, found.beyond_chance, found.status) == (None, None, None, None, status)


def test_the_same_patients_leave_nothing_to_chance() -> None:
    found = compare(audit(rate(100, 1000)), audit(rate(300, 1000)))
    assert found.same_patients
    assert found.differences[0].beyond_chance is None
    assert found.differences[0].difference == pytest.approx(0.2)
    assert "none from chance" in found.notes[0]
    assert "1 of 1 numbers differ" in to_text(found)


def test_structural_zeros_stay_zero() -> None:
    def still(file: str) -> AuditResult:
        row = msgspec.structs.replace(invented.zero("referral", invented.WHITE, 5000, 240), lower=None, upper=None)
        return audit(changes=(row,), file=file)

    (found,) = compare(still("a"), still("b")).differences
    assert (found.difference, found.lower, found.upper, found.beyond_chance) == (0.0, 0.0, 0.0, False)


def test_notes_say_what_else_differs() -> None:
    old, new = audit(rate(1, 10)), audit(rate(1, 10), file="b", outcome="died", synthetic=True)
    changed = msgspec.structs.replace(new.calculators[0].card, fingerprint="0" * 64)
    new = msgspec.structs.replace(
        new,
        calculators=(msgspec.structs.replace(new.calculators[0], card=changed),),
        options=msgspec.structs.replace(new.options, reference="best"),
    )
    notes = " ".join(compare(old, new).notes)
    assert "reference: largest before, best now" in notes
    assert "outcome: none before, died now" in notes
    assert "invented_2009" in notes
    assert compare(old, new).stamps == ("Synthetic patients: not real people",)


def test_disparities_against_other_references_are_not_compared() -> None:
    old = invented.result()
    (calculator,) = old.calculators
    rows = tuple(msgspec.structs.replace(d, reference="Asian") for d in calculator.disparities)
    new = msgspec.structs.replace(old, calculators=(msgspec.structs.replace(calculator, disparities=rows),))
    assert any(d.measure == "disparity_introduced" for d in compare(old, old).differences)
    assert not any(d.measure == "disparity_introduced" for d in compare(old, new).differences)


def test_lines_of_a_chart_by_hand() -> None:
    events, n = np.array([10.0, 20.0, 15.0, 15.0]), np.full(4, 100.0)
    found = lines(events, n)
    assert found.centre == 0.15
    sigma = (0.15 * 0.85 / 100) ** 0.5
    assert found.sigma == pytest.approx(np.full(4, sigma))
    assert found.sigma_z == pytest.approx((0.10 + 0.05 + 0.0) / sigma / 3 / 1.128, rel=1e-3)
    assert lines(events, n, baseline=2).centre == 0.15
    assert lines(np.array([0.0, 0.0]), np.full(2, 50.0)).sigma_z == 1.0


def series(events: list[int], n: int, **fields: object) -> list[AuditResult]:
    def row(x: int) -> Change:
        return invented.change("referral", invented.BLACK, n, x, 0, 0, **fields)

    return [audit(changes=(row(x),), file=f"{i:x}") for i, x in enumerate(events)]


def yes(points: tuple[object, ...]) -> list[object]:
    return [p for p in points if p.measure == "yes_with_race"]  # type: ignore[attr-defined]


def test_a_point_beyond_the_limits_is_a_signal() -> None:
    points = yes(chart(series([100, 103, 98, 101, 99, 102, 97, 100, 104, 99, 101, 100, 160], 1000), baseline=12))
    assert [p.signal for p in points] == [""] * 12 + ["beyond the limits"]
    assert {p.limits for p in points} == {"p"}
    half = 3 * (points[0].centre * (1 - points[0].centre) / 1000) ** 0.5
    assert points[0].upper == pytest.approx(points[0].centre + half)


def test_a_run_on_one_side_is_a_signal() -> None:
    points = yes(chart(series([102, 100] * 6 + [106] * 8, 1000), baseline=12))
    assert [p.signal for p in points][-2:] == ["", "8 in a row on one side"]


def test_points_that_vary_more_than_chance_get_wider_limits() -> None:
    points = yes(chart(series([80_000, 120_000] * 6, 1_000_000)))
    assert {p.limits for p in points} == {"Laney p'"}
    assert not any(p.signal for p in points)


def test_few_points_or_patients_have_no_limits() -> None:
    assert {p.note for p in yes(chart(series([10] * 11, 100)))} == {"no limits: 11 of at least 12 points"}
    assert "too few patients" in yes(chart(series([1] * 12, 100)))[0].note


def test_a_suppressed_point_stays_suppressed_and_sets_no_line() -> None:
    results = series([100] * 12, 1000)
    hidden = audit(changes=(invented.hidden("referral", invented.BLACK, "suppressed"),), file="f")
    points = yes(chart([*results[:6], hidden, *results[6:]]))
    assert (points[6].status, points[6].n, points[6].rate, points[6].centre) == ("suppressed", None, None, None)
    assert points[7].centre == 0.1


def test_section_names_what_is_beyond_chance() -> None:
    old, new = audit(rate(100, 1000), rate(50, 500, "White")), audit(rate(300, 1000), rate(51, 500, "White"), file="b")
    found = compare(old, new)
    notes, said, table = Compared(found.differences, found.notes).build(new)
    assert isinstance(notes, Items)
    assert isinstance(said, Paragraph)
    assert "Of 2 numbers that both audits show, 1 differ" in said.text
    assert isinstance(table, Table)
    assert [row[2] for row in table.rows] == ["Black or African American"]
    assert table.rows[0][4:7] == ("10.0%", "30.0%", "+20.0")


def test_csv_of_nothing_has_a_head() -> None:
    assert to_csv((), ()) == b"stamps\n"


def test_command(tmp_path: Path) -> None:
    paths = [str(r.save(tmp_path / f"{i}.json")) for i, r in enumerate(series([100, 110, 180], 1000))]
    run = CliRunner().invoke(main, ["compare", *paths])
    assert run.exit_code == 0, run.output
    assert "no limits: 3 of at least 12 points" in run.output
    out = tmp_path / "out.json"
    assert CliRunner().invoke(main, ["compare", *paths, "-o", str(out)]).exit_code == 0
    assert {"differences", "chart", "notes"} <= set(json.loads(out.read_text()))
    table = tmp_path / "out.csv"
    assert CliRunner().invoke(main, ["compare", *paths[:2], "-o", str(table)]).exit_code == 0
    assert {r["measure"] for r in csv.DictReader(io.StringIO(table.read_text()))} == {"change"}
    assert CliRunner().invoke(main, ["compare", paths[0]]).exit_code == 2
    assert CliRunner().invoke(main, ["compare", *paths, "-o", str(tmp_path / "x.xls")]).exit_code == 2
    assert CliRunner().invoke(main, ["compare", *paths, "--format", "pdf"]).exit_code == 2


@pytest.mark.parametrize("format", ["html", "md", "docx", "pdf"])
def test_series_as_a_document(format: str, tmp_path: Path) -> None:
    events = [100, 96, 104, 99, 108, 93, 101, 97, 103, 105, 95, 98, 170, 102]
    paths = [str(r.save(tmp_path / f"{i}.json")) for i, r in enumerate(series(events, 1000))]
    written = tmp_path / f"series.{format}"
    run = CliRunner().invoke(main, ["compare", *paths, "-o", str(written)])
    assert run.exit_code == 0, run.output
    first = written.read_bytes()
    assert CliRunner().invoke(main, ["compare", *paths, "-o", str(written)]).exit_code == 0
    assert written.read_bytes() == first
    if format in ("html", "md"):
        text = first.decode()
        assert text.count("Control chart of 14 audits") >= 1
        assert "1 signal: " in text
        assert "17.0%" in text
        assert load(paths[-1]).fingerprint[:16] in text
        printed = CliRunner().invoke(main, ["compare", *paths, "--format", format])
        assert printed.stdout == text


def test_charts_draw_what_the_points_say() -> None:
    events = [100, 96, 104, 99, 108, 93, 101, 97, 103, 105, 95, 98, 170, 102]
    results = series(events, 1000)
    points = chart(results)
    blocks = list(Charted(points).build(results[-1]))
    figures = [b for b in blocks if isinstance(b, Figure)]
    tables = [b for b in blocks if isinstance(b, Table)]
    assert len(figures) == len(tables) > 0
    assert "1 signal: " in figures[0].alt
    assert "17.0% (beyond the limits)" in figures[0].alt
    assert [row[2] for row in tables[0].rows] == [f"{e / 10:.1f}%" for e in events]
    assert [bool(row[6]) for row in tables[0].rows] == [e == 170 for e in events]
    assert sum(figures[0].svg.count(colour) for colour in ("#D55E00",)) == 1
    short = list(Charted(chart(results[:5])).build(results[4]))
    assert "so that no signal can be given" in next(b.alt for b in short if isinstance(b, Figure))


def test_a_suppressed_point_is_not_drawn() -> None:
    results = series([100] * 13, 1000)
    hidden = audit(changes=(invented.hidden("referral", invented.BLACK, "suppressed"),), file="f")
    results = [*results[:6], hidden, *results[6:]]
    blocks = list(Charted(chart(results)).build(results[-1]))
    figure = next(b for b in blocks if isinstance(b, Figure))
    assert "1 audit not shown" in figure.alt
    table = next(b for b in blocks if isinstance(b, Table))
    assert table.rows[6][1:7] == ("–", "–", "–", "–", "–", "suppressed")


def test_the_same_patients_are_reported_without_chance() -> None:
    old, new = audit(rate(100, 1000)), audit(rate(300, 1000))
    found = compare(old, new)
    _, said, table = Compared(found.differences, found.notes).build(new)
    assert isinstance(said, Paragraph)
    assert "Of 1 numbers that both audits show, 1 differ; chance is not judged" in said.text
    assert isinstance(table, Table)
    assert table.rows[0][4:7] == ("10.0%", "30.0%", "+20.0")


def test_comparison_is_plain_data() -> None:
    found = compare(audit(rate(100, 1000)), audit(rate(300, 1000), file="b"))
    assert msgspec.convert(msgspec.to_builtins(found), Comparison) == found
