"""A report says what the result says: in people, in both directions, with every gate named and nothing hidden drawn."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import xml.etree.ElementTree as ET
from html.parser import HTMLParser
from pathlib import Path

import invented
import msgspec
import pytest

import reports
from auditor.result import INTERNAL, SYNTHETIC, AuditResult
from auditor.rows import OutcomeChange
from reports import chart_design
from reports.audiences import AUDIENCES
from reports.blocks import Document, Figure, Heading, Items, Paragraph, Table
from reports.charts import arrow_plot
from reports.compose import UnknownAudience, compose
from reports.findings import Finding, findings
from reports.phrases import crossing


class Reader(HTMLParser):
    """Collects what a page loads, the ids it has and the ids it points at."""

    VOID = frozenset({"meta", "link", "br", "hr", "img", "input"})

    def __init__(self) -> None:
        super().__init__()
        self.ids: list[str] = []
        self.targets: list[str] = []
        self.loaded: list[str] = []
        self.open: list[str] = []
        self.headers_without_scope = 0
        self.text = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag not in self.VOID:
            self.open.append(tag)
        if "id" in given:
            self.ids.append(given["id"] or "")
        if tag == "a":
            self.targets.append((given.get("href") or "").removeprefix("#"))
        self.loaded += [v or "" for k, v in attrs if k in ("src", "srcset") or (k == "href" and tag in ("link", "image", "use"))]
        self.headers_without_scope += tag == "th" and "scope" not in given

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += data


def read(result: AuditResult, audience: str = "committee") -> Reader:
    reader = Reader()
    reader.feed(reports.to_bytes(result, audience).decode())
    assert reader.open == []
    return reader


def texts(document: Document) -> str:
    """Every word of a document."""
    return "\n".join(str(msgspec.to_builtins(blocks)) for _, blocks in document.sections)


@pytest.mark.parametrize("audience", AUDIENCES)
def test_page_is_self_contained_and_its_links_lead_somewhere(audience: str) -> None:
    page = read(invented.result(), audience)
    assert page.loaded == []
    assert len(page.ids) == len(set(page.ids))
    assert set(page.targets) <= set(page.ids)
    assert page.headers_without_scope == 0
    html = reports.to_bytes(invented.result(), audience).decode()
    assert html.count("<script") == 1
    assert re.findall(r"https?://(?!www\.w3\.org)\S+", html) == []
    assert "http" not in html.partition("<script>")[2]


def test_same_result_same_bytes() -> None:
    assert reports.to_bytes(invented.result()) == reports.to_bytes(invented.result())


def test_the_finding_is_told_in_people_with_denominator_and_interval() -> None:
    text = read(invented.result()).text
    assert (
        "Of 2,000 patients recorded as Black or African American, 84 (share 4.2%; 95% interval 3.2% to 5.2%) newly meet eGFR < 30: they newly "
        "qualify for “referral to nephrology” and newly fall under “do not give metformin”, which closes care. Nobody crosses the other way."
    ) in text
    assert "Nobody crosses the other way." in text
    assert "No decision changes for patients recorded as White." in text


def test_a_new_yes_to_a_decision_that_closes_care_is_a_loss_of_care() -> None:
    rows = findings(invented.result().calculators[0], "without_race", "race")
    metformin = next(f for f in rows if f.decision.id == "metformin" and f.row.group == invented.BLACK)
    referral = next(f for f in rows if f.decision.id == "referral" and f.row.group == invented.BLACK)
    assert (metformin.gain, metformin.loss) == (0, 84)
    assert (referral.gain, referral.loss) == (84, 0)


def test_both_directions_stand_in_one_table_for_removal_and_successor() -> None:
    summary = compose(invented.result()).sections[0][1]
    table = next(b for b in summary if isinstance(b, Table) and b.columns[2:] == ("Most gain care", "Most lose care"))
    removal, moving = table.rows
    assert removal[1] == "without race (4 of 10 not shown)"
    assert "42 per 1,000 (84 of 2,000); referral" in removal[2]
    assert "42 per 1,000 (84 of 2,000); do not give metformin" in removal[3]
    assert "12 per 1,000 (60 of 5,000); do not give metformin" in moving[2]
    assert "12 per 1,000 (60 of 5,000); referral" in moving[3]


def test_weighted_shares_are_called_weighted_and_counts_stay_patients() -> None:
    text = read(invented.result(weighted=True)).text
    assert "84 (weighted share 4.2%" in text
    assert "42 per 1,000 (84 of 2,000)" in text
    assert "People per 1,000 of the named group, weighted;" in text


def test_an_imprecise_row_shows_its_count_and_no_rate() -> None:
    text = read(invented.result()).text
    assert "13 of 40, too few for a precise rate" in text
    assert "32.5%" not in text


def test_gates_are_counted_and_never_zero() -> None:
    text = read(invented.result()).text
    assert "4 are not estimable, 3 imprecise and 4 suppressed" in text


def test_options_are_listed_and_none_recommended() -> None:
    table = next(b for b in compose(invented.result()).sections[0][1] if isinstance(b, Table) and b.columns[0] == "Option")
    assert [row[0] for row in table.rows] == [
        "Keep the race term",
        "Remove the race term",
        "Move to the successor",
        "Show both values",
        "Restrict to some uses",
        "Monitor",
    ]
    assert "recommends none" in table.caption


@pytest.mark.parametrize(("synthetic", "internal"), [(True, False), (False, True), (True, True), (False, False)])
def test_stamps_stand_on_every_section_and_chapter(synthetic: bool, internal: bool) -> None:
    result = invented.result(synthetic=synthetic, internal=internal)
    html = reports.to_bytes(result).decode()
    headed = sum(1 + sum(isinstance(b, Heading) and b.level == 3 for b in blocks) for _, blocks in compose(result).sections)
    assert html.count(f'<p class="stamp">{SYNTHETIC}</p>') == (headed if synthetic else 0)
    assert html.count(f'<p class="stamp">{INTERNAL}</p>') == (headed if internal else 0)
    assert ('@top-center { content: "' + " · ".join(compose(result).stamps)) in html


def test_only_rows_with_status_ok_are_drawn() -> None:
    result = invented.result()
    figure = arrow_plot(findings(result.calculators[0], "without_race", "race"), {})
    assert figure is not None
    words = " ".join(t.text or "" for t in ET.fromstring(figure.svg).iter("{http://www.w3.org/2000/svg}text"))
    assert "Black or African American" in words
    for group in (invented.ASIAN, invented.NATIVE, invented.UNKNOWN):
        assert group not in words


def test_alt_text_states_the_finding() -> None:
    figures = [b for _, blocks in compose(invented.result(), "informatics").sections for b in blocks if isinstance(b, Figure)]
    assert len(figures) == 2
    assert "from 25.0% with race to 35.0% without race" in figures[0].alt
    assert (
        "−4.2 percentage points (95% interval for all together −5.7 to −2.7) for Black or African American against White" in figures[1].alt
    )


def test_a_figure_without_alt_is_refused() -> None:
    with pytest.raises(TypeError, match="alt"):
        Figure(chart={}, alt=" ", caption="x")
    with pytest.raises(TypeError):
        Figure(chart={}, caption="x")  # type: ignore[call-arg]


def test_a_table_with_a_row_too_short_is_refused() -> None:
    with pytest.raises(ValueError, match="1 cells for 2 columns"):
        Table("x", ("a", "b"), (("1",),))


def test_suppressed_cells_stay_words_in_the_matrix() -> None:
    tables = [b for _, blocks in compose(invented.result(), "informatics").sections for b in blocks if isinstance(b, Table)]
    matrix = next(t for t in tables if t.columns[0] == "With race")
    assert matrix.columns == ("With race", "G3b or worse", "G3a", "G2", "G1")
    assert matrix.rows[1] == ("G3a", "suppressed", "180", "0", "0")
    assert matrix.rows[2] == ("G2", "0", "200", "450", "0")


def test_no_effect_is_said_plainly() -> None:
    result = invented.result()
    calculator = msgspec.structs.replace(
        result.calculators[0], changes=(invented.zero("referral", invented.WHITE, 5000, 20),), disparities=(), transitions=()
    )
    text = read(msgspec.structs.replace(result, calculators=(calculator,))).text
    assert "No decision of any patient changes in any group." in text
    assert "no decision of any patient changes" in text


def test_everything_hidden_is_not_said_to_be_no_effect() -> None:
    result = invented.result()
    calculator = msgspec.structs.replace(
        result.calculators[0], changes=(invented.hidden("referral", invented.BLACK, "suppressed"),), disparities=(), transitions=()
    )
    text = read(msgspec.structs.replace(result, calculators=(calculator,))).text
    assert "No decision of any patient changes" not in text
    assert "No change may be shown" in text
    assert "whose decisions depend on recorded race is not shown: 1 comparison cannot be shown" in text
    assert "no change of a decision can be shown; there may be some" in text
    assert "Not shown, which does not mean zero: 1 change suppressed (Black or African American)." in text


def test_text_from_a_cohort_is_never_markup() -> None:
    result = invented.result()
    cohort = msgspec.structs.replace(result.cohort, name="<script>alert(1)</script> | *x*")
    hostile = msgspec.structs.replace(result, cohort=cohort)
    html, markdown = (reports.to_bytes(hostile, format=f).decode() for f in ("html", "md"))
    assert html.count("<script") == 1
    assert "&lt;script&gt;alert(1)" in html
    assert "<script" not in markdown.replace("\\<script", "")
    assert "\\| \\*x\\*" in markdown


def test_markdown_holds_the_same_numbers() -> None:
    markdown = reports.to_bytes(invented.result(), format="md").decode().replace("\\", "")
    for _, blocks in compose(invented.result()).sections:
        for block in blocks:
            if isinstance(block, Table):
                assert all(cell in markdown for row in block.rows for cell in row)
            elif isinstance(block, (Paragraph, Heading)):
                assert block.text in markdown
            elif isinstance(block, Items):
                assert all(item in markdown for item in block.items)


def test_write_leaves_a_whole_file(tmp_path) -> None:  # type: ignore[no-untyped-def]
    path = reports.write(invented.result(), tmp_path / "report.html")
    assert path.read_bytes() == reports.to_bytes(invented.result())
    assert [p.name for p in tmp_path.iterdir()] == ["report.html"]


def test_unknown_audience_and_format_are_named() -> None:
    with pytest.raises(UnknownAudience, match="'board' is no audience; choose from committee, informatics, vendor"):
        reports.to_bytes(invented.result(), "board")
    with pytest.raises(reports.UnknownFormat, match="'odt'"):
        reports.to_bytes(invented.result(), format="odt")


def test_the_decision_page_fills_figures_and_leaves_judgements_blank() -> None:
    blocks = dict(compose(invented.result()).sections)["One page per calculator"]
    sheet = next(b for b in blocks if isinstance(b, Table) and b.columns[0] == "Criterion")
    assert "keep the race term of Invented equation 2009, take it out, or move to Invented equation 2021?" in sheet.caption
    assert [row[0] for row in sheet.rows][:2] == ["Desirable effects", "Undesirable effects"]
    assert {row[2] for row in sheet.rows} == {""}
    filled = {row[0]: row[1] for row in sheet.rows}
    assert filled["Desirable effects"] == (
        "Largest gain of care shown: without race, 42 per 1,000 (84 of 2,000) of patients recorded as Black or African American; "
        "by Invented equation 2021, 12 per 1,000 (60 of 5,000) of patients recorded as White."
    )
    assert "42 per 1,000 (84 of 2,000)" in filled["Undesirable effects"]
    assert (
        "the term introduces −4.2 percentage points (95% interval for all together −5.7 to −2.7)"
        in filled["Equity: largest disparity shown"]
    )
    assert filled["Decision and reasons"] == ""
    assert filled["What patients value, and who was asked"] == "not known to the software"


def many(number: int) -> AuditResult:
    """A result with this many calculators more, of which the first changes nothing."""
    one = invented.result().calculators[0]
    extra = tuple(
        msgspec.structs.replace(
            one,
            card=msgspec.structs.replace(invented.card(f"other_{i}", f"Other equation {i}"), replaced_by=f"next_{i}"),
            changes=one.changes if i else (),
        )
        for i in range(number)
    )
    return invented.result(more=extra)


def test_a_report_of_many_calculators_opens_with_few_and_says_how_they_were_chosen() -> None:
    document = compose(many(12))
    summary = document.sections[0][1]
    table = next(b for b in summary if isinstance(b, Table) and b.columns[2:] == ("Most gain care", "Most lose care"))
    assert len({row[0] for row in table.rows}) == 6
    assert "The 6 of 13 calculators" in table.caption
    chapters = [b for b in dict(document.sections)["One page per calculator"] if isinstance(b, Heading) and b.level == 3]
    assert len(chapters) == 6
    full = dict(compose(many(12), "informatics").sections)["Calculators"]
    assert len([b for b in full if isinstance(b, Heading) and b.level == 3]) == 13
    assert len([b for b in full if isinstance(b, Figure)]) == 6


def test_of_calculators_with_one_successor_the_newest_stands_on_the_first_page() -> None:
    one = invented.result().calculators[0]
    family = tuple(
        msgspec.structs.replace(one, card=msgspec.structs.replace(invented.card(f"older_{i}", f"Older equation {i}"), year=2000 + i))
        for i in range(4)
    )
    summary = compose(invented.result(more=family)).sections[0][1]
    table = next(b for b in summary if isinstance(b, Table) and b.columns[2:] == ("Most gain care", "Most lose care"))
    assert {row[0] for row in table.rows} == {"Invented equation 2009"}


def test_outcomes_are_tabled_and_their_meaning_left_to_the_reader() -> None:
    rows = tuple(
        OutcomeChange(
            calculator="invented_2009",
            decision="referral",
            arm="without_race",
            by="race",
            group=invented.BLACK,
            outcome=outcome,
            n=n,
            yes_with=yes,
            yes_arm=yes + new,
            gained=new,
            lost=0,
        )
        for outcome, n, yes, new in (("1", 200, 60, 20), ("0", 1800, 60, 64))
    )
    result = invented.result(outcome="dialysis")
    calculator = msgspec.structs.replace(result.calculators[0], outcome_changes=rows)
    blocks = dict(compose(msgspec.structs.replace(result, calculators=(calculator,)), "informatics").sections)["Calculators"]
    table = next(b for b in blocks if isinstance(b, Table) and b.caption.startswith("Patients by recorded outcome (dialysis)"))
    assert table.rows[0][3:] == ("did not happen", "1,800", "60 (3.3%)", "124 (6.9%)", "64", "0")
    assert table.rows[1][3:] == ("happened", "200", "60 (30.0%)", "80 (40.0%)", "20", "0")
    assert "for the reader to judge" in table.note


def test_a_vendor_reads_the_card_first() -> None:
    blocks = dict(compose(invented.result(), "vendor").sections)["Calculators"]
    assert [b.text for b in blocks if isinstance(b, Heading)][:3] == ["Invented equation 2009", "Card", "The race term"]


def test_the_specifications_that_ship_are_those_of_the_design() -> None:
    altair = pytest.importorskip("altair", reason="altair is not installed")
    shipped = json.loads(chart_design.FILE.read_text(encoding="utf-8"))
    if shipped["arrow"]["$schema"] != altair.SCHEMA_URL:
        pytest.skip("another Altair wrote the specifications")
    assert shipped == json.loads(json.dumps(chart_design.specifications()))


def test_reports_do_not_load_altair() -> None:
    code = "import sys; sys.path.insert(0, sys.argv[1]); import invented, reports; reports.to_bytes(invented.result()); print('altair' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code, str(Path(__file__).parent)], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"


def test_a_change_in_both_directions_gives_both_counts_and_the_net_change() -> None:
    row = invented.change("referral", invented.BLACK, 1000, 100, 30, 50)
    said = crossing([Finding(invented.card(), invented.REFERRAL, row)])
    assert "30 (share 3.0%) newly meet eGFR < 30" in said
    assert "50 (share 5.0%) no longer meet eGFR < 30: they no longer qualify for" in said
    assert said.endswith("The net change is −2.0 percentage points (95% interval −3.0 to −1.0).")
    assert "other way" not in said


def test_a_loss_in_one_direction_is_told_as_a_share_with_its_interval_turned_round() -> None:
    row = invented.change("metformin", invented.WHITE, 1000, 100, 0, 50)
    said = crossing([Finding(invented.card(), invented.METFORMIN, row)])
    assert (
        "50 (share 5.0%; 95% interval 4.0% to 6.0%) no longer meet eGFR < 30: they no longer fall under “do not give metformin”, which opens care."
        in said
    )


def test_arrowheads_point_where_the_change_goes() -> None:
    def path(gained: int, lost: int) -> str:
        row = invented.change("referral", invented.BLACK, 1000, 400, gained, lost)
        figure = arrow_plot([Finding(invented.card(), invented.REFERRAL, row)], {})
        assert figure is not None
        return "".join(re.findall(r'<path[^>]*fill="#D55E00"[^>]*>', figure.svg))

    assert path(100, 0)
    assert re.sub(r"translate\([^)]*\)", "", path(100, 0)) != re.sub(r"translate\([^)]*\)", "", path(0, 100))
