"""Sheets of a theory as a Word file: each picture on a page of its own, then its links in a table (pure)."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from typing import Any

from theory_of_change.drawing.letters import clean
from theory_of_change.drawing.paper import Paper
from theory_of_change.drawing.png import png_bytes
from theory_of_change.drawing.sheets import Sheet
from theory_of_change.drawing.signs import STATES
from theory_of_change.model import Theory
from workspace.office_files import headed_table, packed, set_properties

DOTS_AN_INCH = 220
HEAD = ("Link", "From", "To", "Because", "What is known")
SHARES = (0.09, 0.25, 0.25, 0.25, 0.16)


def word_bytes(theory: Theory, sheets: Sequence[Sheet], paper: Paper) -> bytes:
    """The file. Pictures carry their description as alt text; tables a row of headings that repeats."""
    import docx
    import docx.shared

    made = docx.Document()
    set_properties(made, clean(theory.title), "Theory of change")
    made.styles["Normal"].font.name, made.styles["Normal"].font.size = "Arial", docx.shared.Pt(10)
    _page(made.sections[0], paper)
    for sheet in sheets:
        _picture_page(made, sheet, len(sheets), paper)
        _links(made, sheet, paper)
    written = io.BytesIO()
    made.save(written)
    return packed(written.getvalue())


def _page(section: Any, paper: Paper) -> None:
    """The paper on its side."""
    from docx.enum.section import WD_ORIENT
    from docx.shared import Mm

    section.orientation = WD_ORIENT.LANDSCAPE
    section.page_width, section.page_height = Mm(paper.width_mm), Mm(paper.height_mm)
    for side in ("left_margin", "right_margin", "top_margin", "bottom_margin"):
        setattr(section, side, Mm(paper.margin_mm))
    section.header_distance = section.footer_distance = Mm(paper.margin_mm / 2)


def _picture_page(made: Any, sheet: Sheet, count: int, paper: Paper) -> None:
    from docx.shared import Pt

    scene = sheet.drawing.scene
    said = f"Sheet {sheet.number} of {count}: {sheet.heading}" if count > 1 else sheet.heading
    heading = made.add_heading(said, level=1)
    heading.paragraph_format.page_break_before = sheet.number > 1
    heading.paragraph_format.space_before, heading.paragraph_format.space_after = Pt(0), Pt(4)
    scale = paper.scale(scene)
    picture = png_bytes(scene, DOTS_AN_INCH * scale / 72)
    paragraph = made.add_paragraph()
    paragraph.paragraph_format.space_after = Pt(0)
    shape = paragraph.add_run().add_picture(io.BytesIO(picture), width=Pt(scene.width * scale))
    shape.height = Pt(scene.height * scale)
    properties = shape._inline.docPr
    properties.set("name", f"Sheet {sheet.number}")
    properties.set("title", clean(scene.title))
    properties.set("descr", clean(scene.description))


def _links(made: Any, sheet: Sheet, paper: Paper) -> None:
    """The links of a sheet, with what is known of each in words: nothing is in the picture alone."""
    if not sheet.theory.links:
        return
    from docx.oxml import OxmlElement
    from docx.shared import Mm, Pt

    caption = made.add_paragraph(f"Links of sheet {sheet.number}", style="Caption")
    caption.paragraph_format.page_break_before = True
    caption.paragraph_format.keep_with_next = True
    table = headed_table(made, HEAD)
    table.autofit = False
    for row in rows_of(sheet.theory, sheet.drawing.states):
        added = table.add_row()
        added._tr.get_or_add_trPr().append(OxmlElement("w:cantSplit"))
        for cell, words in zip(added.cells, row, strict=True):
            cell.text = words
    wide = paper.width_mm - 2 * paper.margin_mm
    for column, share in zip(table.columns, SHARES, strict=True):
        column.width = Mm(wide * share)
    for row in table.rows:
        for cell, share in zip(row.cells, SHARES, strict=True):
            cell.width = Mm(wide * share)
            for paragraph in cell.paragraphs:
                paragraph.paragraph_format.space_after = Pt(0)


def rows_of(theory: Theory, states: Mapping[str, str]) -> list[tuple[str, ...]]:
    """Each link with both its ends, its because, and what is known of it: sign and words."""
    found = []
    for link in theory.links:
        ends = [clean(box.text) for id_ in (link.from_box, link.to_box) if (box := theory.box(id_))]
        state = STATES[states[link.id]]
        known = f"{state.sign} {state.words}" if state.sign else state.words
        found.append((link.id, *ends, clean(link.because), known))
    return found
