"""PDF and Word hold what the blocks hold: the same numbers, stamps on every page, alt texts, the same bytes on repeat."""

from __future__ import annotations

import io
import re
import shutil
import subprocess
from pathlib import Path

import invented
import msgspec
import pytest

import reports
from auditor.result import INTERNAL, SYNTHETIC
from reports.blocks import Callout, Document, Figure, Heading, Items, Paragraph, Table
from reports.compose import compose
from reports.render.missing import MissingExtra

RESULT = invented.result(synthetic=True, internal=True, weighted=True)


def words(document: Document) -> list[str]:
    """Every text of a document that a format must hold, without white space."""
    found: list[str] = [document.title, document.subtitle]
    for title, blocks in document.sections:
        found.append(title)
        for block in blocks:
            match block:
                case Heading() | Paragraph():
                    found.append(block.text)
                case Items():
                    found += block.items
                case Table():
                    found += [block.caption, block.note, *block.columns, *(cell for row in block.rows for cell in row)]
                case Figure():
                    found.append(block.caption)
                case Callout():
                    found += [block.title, block.text]
    return [re.sub(r"\s", "", text) for text in found]


@pytest.fixture(scope="module")
def pdf() -> bytes:
    pytest.importorskip("typst", reason="typst is not installed")
    return reports.to_bytes(RESULT, format="pdf")


@pytest.fixture(scope="module")
def word() -> bytes:
    pytest.importorskip("docx", reason="python-docx is not installed")
    return reports.to_bytes(RESULT, format="docx")


def test_pdf_is_tagged_and_declares_pdf_ua(pdf: bytes) -> None:
    assert pdf.startswith(b"%PDF-1.7")
    assert b"<pdfuaid:part>1</pdfuaid:part>" in pdf
    assert b"/MarkInfo" in pdf


def test_pdf_repeats_to_the_byte(pdf: bytes) -> None:
    assert reports.to_bytes(RESULT, format="pdf") == pdf


def test_pdf_has_the_numbers_and_the_stamps_on_every_page(pdf: bytes, tmp_path: Path) -> None:
    if shutil.which("pdftotext") is None:
        pytest.skip("pdftotext is not installed")
    path = tmp_path / "report.pdf"
    path.write_bytes(pdf)
    text = subprocess.run(["pdftotext", "-raw", str(path), "-"], capture_output=True, text=True, check=True).stdout
    pages = text.split("\f")[:-1]
    assert len(pages) == 3
    assert all(SYNTHETIC in page and INTERNAL in page for page in pages)
    assert "Monitor" in pages[0]
    assert "Evidence to decision" not in pages[0]
    squeezed = re.sub(r"[\s\u00ad\u2010-]", "", text)
    for word in words(compose(RESULT)):
        if len(word) < 30:
            assert re.sub(r"[\u00ad\u2010-]", "", word) in squeezed


def test_pdf_refuses_a_figure_without_alt(monkeypatch: pytest.MonkeyPatch) -> None:
    typst = pytest.importorskip("typst", reason="typst is not installed")
    from reports.render import pdf as module

    document = compose(RESULT)
    data = module.as_data(document)
    for section in data["sections"]:  # type: ignore[attr-defined]
        for block in section["blocks"]:
            if block["type"] == "Figure":
                block["alt"] = None
    monkeypatch.setattr(module, "as_data", lambda _: data)
    with pytest.raises(typst.TypstError, match="alt"):
        module.to_pdf(document)


def test_word_has_every_text_and_repeats_to_the_byte(word: bytes) -> None:
    from docx import Document as Word

    opened = Word(io.BytesIO(word))
    text = "".join(p.text for p in opened.element.body.iter("{http://schemas.openxmlformats.org/wordprocessingml/2006/main}t"))
    squeezed = re.sub(r"\s", "", text)
    assert [w for w in words(compose(RESULT)) if w not in squeezed] == []
    assert opened.sections[0].header.paragraphs[0].text == f"{SYNTHETIC} · {INTERNAL}"
    assert reports.to_bytes(RESULT, format="docx") == word


def test_several_formats_are_written_alike_from_one_composition(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    composed = []
    monkeypatch.setattr("reports.compose.compose", lambda *given: composed.append(given) or compose(*given))
    paths = {format: tmp_path / f"report.{format}" for format in ("html", "md", "json")}
    reports.write_all(RESULT, paths, "vendor")
    assert len(composed) == 1
    for format, path in paths.items():
        assert path.read_bytes() == reports.to_bytes(RESULT, "vendor", format)
    with pytest.raises(reports.UnknownFormat):
        reports.write_all(RESULT, {"html": tmp_path / "one.html", "odt": tmp_path / "one.odt"})
    assert not (tmp_path / "one.html").exists()


def test_word_pictures_have_alt_text_and_table_heads_repeat(word: bytes) -> None:
    from docx import Document as Word

    opened = Word(io.BytesIO(word))
    figures = [b.alt for _, blocks in compose(RESULT).sections for b in blocks if isinstance(b, Figure)]
    assert [shape._inline.docPr.get("descr") for shape in opened.inline_shapes] == figures
    assert all("w:tblHeader" in table.rows[0]._tr.xml for table in opened.tables)
    assert len(opened.tables) == sum(isinstance(b, Table) for _, blocks in compose(RESULT).sections for b in blocks)


def test_a_missing_package_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    import builtins

    real = builtins.__import__

    def without(name: str, *rest: object) -> object:
        if name in ("typst", "docx"):
            raise ImportError(name)
        return real(name, *rest)  # type: ignore[arg-type]

    monkeypatch.setattr(builtins, "__import__", without)
    with pytest.raises(MissingExtra, match=r"needs typst; install it with: pip install 'race-algorithm-auditor\[pdf\]'"):
        reports.to_bytes(RESULT, format="pdf")
    with pytest.raises(MissingExtra, match="python-docx"):
        reports.to_bytes(RESULT, format="docx")


def test_a_hostile_name_stays_text_in_pdf_and_word(pdf: bytes, word: bytes) -> None:
    cohort = msgspec.structs.replace(RESULT.cohort, name='#panic("x") <b> $x$ \\')
    hostile = msgspec.structs.replace(RESULT, cohort=cohort)
    assert reports.to_bytes(hostile, format="pdf").startswith(b"%PDF")
    assert reports.to_bytes(hostile, format="docx").startswith(b"PK")
