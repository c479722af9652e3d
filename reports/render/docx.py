"""A document as a Word file that a committee can edit: real headings, tables with repeated heads, charts as pictures with alt text."""

from __future__ import annotations

import io
import zipfile
from typing import Any

from reports.blocks import Block, Callout, Document, Figure, Heading, Items, Paragraph, Table
from reports.render.missing import MissingExtra

WIDTH_CM = 17.0
FIGURE_CM = 14.0
RESOLUTION = 2.0
CELL_MARGINS = 4


def to_docx(document: Document) -> bytes:
    """The document as DOCX; without the package python-docx a MissingExtra says what to install."""
    try:
        from docx import Document as Word
    except ImportError:
        raise MissingExtra("word", "python-docx") from None
    word = Word()
    _set_up(word, document)
    word.add_heading(document.title, 0)
    word.add_paragraph(document.subtitle)
    for place, (title, blocks) in enumerate(document.sections):
        heading = word.add_heading(title, 1)
        heading.paragraph_format.page_break_before = place == 1
        _stamp(word, document)
        chapters = [block for block in blocks if isinstance(block, Heading) and block.level == 3]
        for block in blocks:
            _add(word, document, block, new_page=block in chapters[1:])
    written = io.BytesIO()
    word.save(written)
    return _reproducible(written.getvalue())


def _set_up(word: Any, document: Document) -> None:
    from datetime import datetime

    from docx.shared import Cm, Pt, RGBColor

    date = datetime.fromisoformat(document.date) if document.date else datetime(1980, 1, 1)
    properties = word.core_properties
    properties.title, properties.author, properties.language = document.title, document.author, "en"
    properties.created = properties.modified = date
    properties.comments = f"Result {document.fingerprint}"
    page = word.sections[0]
    page.page_width, page.page_height = Cm(21.0), Cm(29.7)
    page.left_margin = page.right_margin = Cm(2.0)
    page.top_margin = page.bottom_margin = Cm(1.6)
    word.styles["Normal"].font.name, word.styles["Normal"].font.size = "Arial", Pt(9)
    word.styles["Caption"].font.color.rgb = RGBColor(0x1A, 0x1A, 0x1A)
    word.styles["List Bullet"].paragraph_format.space_after = Pt(2)
    page.header.paragraphs[0].text = " · ".join(document.stamps)
    page.footer.paragraphs[0].text = f"Result {document.fingerprint[:16]}"


def _stamp(word: Any, document: Document) -> None:
    if document.stamps:
        word.add_paragraph().add_run(" · ".join(document.stamps)).bold = True


def _add(word: Any, document: Document, block: Block, new_page: bool) -> None:
    match block:
        case Heading():
            word.add_heading(block.text, block.level - 1).paragraph_format.page_break_before = new_page
            if block.level == 3:
                _stamp(word, document)
        case Paragraph():
            word.add_paragraph(block.text)
        case Items():
            for item in block.items:
                word.add_paragraph(item, style="List Bullet")
        case Callout():
            paragraph = word.add_paragraph(style="Intense Quote")
            paragraph.add_run(f"{block.title}. ").bold = True
            paragraph.add_run(block.text)
        case Table():
            _add_table(word, block)
        case Figure():
            _add_figure(word, block)


def _add_table(word: Any, block: Table) -> None:
    from docx.enum.text import WD_ALIGN_PARAGRAPH
    from docx.oxml import OxmlElement
    from docx.shared import Cm, Pt

    caption = word.add_paragraph(style="Caption")
    caption.add_run(block.caption)
    caption.paragraph_format.keep_with_next = True
    table = word.add_table(rows=0, cols=len(block.columns), style="Light List")
    lines = [block.columns, *block.rows]
    for column, width in zip(table.columns, block.widths, strict=True):
        column.width = Cm(WIDTH_CM * (width + CELL_MARGINS) / (sum(block.widths) + CELL_MARGINS * len(block.widths)))
    for _ in lines:
        table.add_row()
    grid = [row.cells for row in table.rows]
    for cells, line in zip(grid, lines, strict=True):
        for column, (cell, text) in enumerate(zip(cells, line, strict=True)):
            paragraph = cell.paragraphs[0]
            run = paragraph.add_run(text)
            run.font.size = Pt(7.5)
            if column not in block.text_columns:
                paragraph.alignment = WD_ALIGN_PARAGRAPH.RIGHT
    table.rows[0]._tr.get_or_add_trPr().append(OxmlElement("w:tblHeader"))
    for row in table.rows:
        row._tr.get_or_add_trPr().append(OxmlElement("w:cantSplit"))
    note = word.add_paragraph()
    note.add_run(block.note).font.size = Pt(8)


def _add_figure(word: Any, block: Figure) -> None:
    import vl_convert
    from docx.shared import Cm

    drawn = vl_convert.svg_to_png(block.svg, scale=RESOLUTION)
    picture = word.add_picture(io.BytesIO(drawn), width=Cm(FIGURE_CM))
    picture._inline.docPr.set("descr", block.alt)
    word.add_paragraph(block.caption, style="Caption")


def _reproducible(data: bytes) -> bytes:
    """The same archive with one fixed time for every member."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as given, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as fixed:
        for name in given.namelist():
            fixed.writestr(zipfile.ZipInfo(name, date_time=(1980, 1, 1, 0, 0, 0)), given.read(name), zipfile.ZIP_DEFLATED)
    return out.getvalue()
