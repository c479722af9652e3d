"""The committee's report is short, leads with what moves most patients' care, and tells what could be missed."""

from __future__ import annotations

import io
import re
import subprocess
from pathlib import Path

import invented
import msgspec
import pytest

import reports
from auditor.result import AuditResult, CalculatorResult
from auditor.rows import POWER_80, Change
from reports.blocks import Figure, Heading, Items, Paragraph, Table
from reports.chapters import View, care, unshown
from reports.compose import compose


def with_changes(*rows: Change) -> CalculatorResult:
    return msgspec.structs.replace(invented.result().calculators[0], changes=rows)


def three() -> AuditResult:
    one = invented.result().calculators[0]
    more = tuple(
        msgspec.structs.replace(
            one, card=msgspec.structs.replace(invented.card(f"other_{i}", f"Other equation {i}"), replaced_by=f"next_{i}")
        )
        for i in range(2)
    )
    return invented.result(more=more)


def test_three_calculators_take_five_pages_at_most(tmp_path: Path) -> None:
    pytest.importorskip("typst", reason="typst is not installed")
    path = tmp_path / "report.pdf"
    path.write_bytes(reports.to_bytes(three(), format="pdf"))
    text = subprocess.run(["pdftotext", "-raw", str(path), "-"], capture_output=True, text=True, check=True).stdout
    pages = text.split("\f")[:-1]
    assert 3 <= len(pages) <= 5
    assert sum("Evidence to decision" in page for page in pages) == 3
    assert "Sign-off" in pages[-1]


def test_gains_and_losses_stand_in_one_table_the_largest_first() -> None:
    calculator = invented.result().calculators[0]
    (table, _) = care.build(invented.result(), calculator, View())
    assert isinstance(table, Table)
    assert [row[:2] for row in table.rows[:2]] == [
        ("eGFR < 30: do not give metformin (closes care)", invented.BLACK),
        ("eGFR < 30: do not give metformin (closes care)", invented.WHITE),
    ]
    assert table.rows[0][2:] == ("nobody", "42 per 1,000 (84 of 2,000)", "6.0 per 1,000 (12 of 2,000)", "15 per 1,000 (30 of 2,000)")
    assert table.rows[1][2:4] == ("nobody", "nobody")
    assert table.rows[2][2:] == ("nobody", "13 of 40, too few for a precise rate", "not compared", "not compared")
    assert {row[1] for row in table.rows} == {invented.BLACK, invented.UNKNOWN, invented.WHITE}


def test_a_short_table_keeps_the_largest_gain_and_the_largest_loss() -> None:
    rows = [invented.change("metformin", f"Group {i}", 1000, 100, 50 + i, 0) for i in range(6)]
    calculator = with_changes(*rows, invented.change("referral", invented.BLACK, 1000, 100, 12, 0))
    (table,) = care.build(invented.result(), calculator, View(most=3))
    assert isinstance(table, Table)
    assert [row[1] for row in table.rows] == ["Group 4", "Group 5", invented.BLACK]
    assert "4 more lines, with fewer patients, in the informatics report." in table.note


def test_decisions_on_care_lead_and_a_much_larger_change_of_label_stands_beside_them() -> None:
    def said(labels: int) -> list[str]:
        calculator = with_changes(
            invented.change("stage", invented.BLACK, 1000, 300, labels, 0), invented.change("referral", invented.BLACK, 1000, 100, 20, 0)
        )
        result = msgspec.structs.replace(three(), calculators=(calculator, *three().calculators[1:]))
        items = next(b for b in compose(result).sections[0][1] if isinstance(b, Items))
        return [item for item in items.items if item.startswith("Invented equation 2009")]

    assert "20 (share 2.0%" in said(30)[0]
    assert "kidney disease stage" not in said(30)[0]
    assert "20 (share 2.0%" in said(41)[0]
    assert "41 (share 4.1%" in said(41)[0]


def test_a_contrast_that_shows_nothing_says_what_could_be_missed() -> None:
    calculator = invented.result().calculators[0]
    row = msgspec.structs.replace(
        calculator.disparities[0], introduced=0.001, lower=-0.009, upper=0.011, joint_lower=-0.014, joint_upper=0.016
    )
    (text,) = unshown.build(invented.result(), msgspec.structs.replace(calculator, changes=(), disparities=(row,)), View())
    assert isinstance(text, Paragraph)
    assert f"true differences smaller than {100 * (0.015 + 0.01 * (POWER_80 - 1)):.1f} points would probably be missed" in text.text
    assert "1 contrast (Black or African American)" in text.text
    structural = msgspec.structs.replace(row, introduced=0.0, lower=0.0, upper=0.0, joint_lower=0.0, joint_upper=0.0)
    assert unshown.could_be_missed(msgspec.structs.replace(calculator, disparities=(structural, calculator.disparities[0])), "race") == ""


def test_options_have_their_consequences_in_figures() -> None:
    table = next(b for b in compose(invented.result()).sections[0][1] if isinstance(b, Table) and b.columns[0] == "Option")
    told = {row[0]: row[1] for row in table.rows}
    assert told["Remove the race term"] == (
        "most changes of care at one threshold: 84 of 2,000 patients recorded as Black or African American"
    )
    assert told["Move to the successor"] == "most changes of care at one threshold: 60 of 5,000 patients recorded as White"


def test_every_calculator_of_few_has_a_page_also_where_nothing_changes() -> None:
    still = with_changes(invented.zero("referral", invented.WHITE, 5000, 20))
    result = msgspec.structs.replace(invented.result(), calculators=(still,))
    blocks = dict(compose(result).sections)["One page per calculator"]
    assert [b.text for b in blocks if isinstance(b, Heading)] == ["Invented equation 2009"]
    words = " ".join(b.text for b in blocks if isinstance(b, Paragraph))
    assert "When the term is taken out: no decision of any patient changes in any group." in words
    assert not re.search(r"gain and who lose", words)
    assert io.StringIO(words).read().count("not shown") == 0


def test_many_calculators_have_one_picture_and_a_table_with_its_numbers() -> None:
    one = invented.result().calculators[0]

    def calculator(i: int, gained: int, illustrative: tuple[str, ...] = ()) -> CalculatorResult:
        card = msgspec.structs.replace(invented.card(f"other_{i}", f"Other equation {i}"), replaced_by=f"next_{i}")
        changes = (invented.change("referral", invented.BLACK, 2000, 120, gained, 0, calculator=f"other_{i}"),)
        return msgspec.structs.replace(one, card=card, changes=changes, illustrative=illustrative)

    result = invented.result(more=(calculator(1, 100), calculator(2, 60), calculator(3, 900, ("x",)), calculator(4, 0)))
    blocks = dict(compose(result).sections)["All calculators at a glance"]
    figure = next(b for b in blocks if isinstance(b, Figure))
    assert "one row for each of 3 calculators" in figure.alt
    assert "Largest change drawn: +5.0 percentage points in the share of patients recorded as Black or African American" in figure.alt
    assert "Other equation 3" not in figure.svg
    table = next(b for b in blocks if isinstance(b, Table))
    told = {row[0]: row for row in table.rows}
    assert told["Other equation 1"][3:6] == ("1 of 1", "1 of 1", "eGFR < 30, Black or African American: 100 of 2,000; +5.0 (+4.0 to +6.0)")
    assert told["Other equation 4"][3:6] == ("none", "0 of 1", "–")
    assert "Other equation 3 (illustrative inputs)" in told
    assert {row[2] for row in table.rows} == {"7,100"}


def test_files_name_the_software_and_its_version() -> None:
    assert compose(invented.result()).author == "race-algorithm-auditor 0.1.0"
    html = reports.to_bytes(invented.result()).decode()
    assert '<meta name="author" content="race-algorithm-auditor 0.1.0">' in html
    pytest.importorskip("typst", reason="typst is not installed")
    pdf = reports.to_bytes(invented.result(), format="pdf")
    assert b"race-algorithm-auditor 0.1.0" in pdf
    assert b"/Lang(en)" in pdf or b"/Lang (en)" in pdf
