"""Sheets of paper: every link on one of them, letters that can be read, and the promises of a drawing on each."""

from __future__ import annotations

import io
import re
from collections import Counter
from functools import cache

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.theory_of_change.test_drawing import holds_its_promises, verdicts_for
from tests.theory_of_change.theories import example, random_theory
from theory_of_change.drawing.paper import LEAST_LETTERS, PAPERS, WORD_PAGE
from theory_of_change.drawing.scene import Words
from theory_of_change.drawing.sheets import Sheet, sheets_of
from theory_of_change.drawing.svg import sheet_svg
from theory_of_change.drawing.word import rows_of, word_bytes
from theory_of_change.model import Box, Link, Theory


@cache
def of_example(paper: str) -> tuple[Sheet, ...]:
    return sheets_of(example(), PAPERS[paper], verdicts_for(example(), 3))


def told(sheet: Sheet) -> str:
    return " ".join(item.text for item in sheet.drawing.scene.items() if isinstance(item, Words))


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10**9))
def test_every_link_is_on_one_sheet_and_every_box_on_some(seed: int) -> None:
    theory = random_theory(seed)
    sheets = sheets_of(theory, PAPERS["a4"], verdicts_for(theory, seed), "Priority: W & <x>")
    links = Counter(link.id for sheet in sheets for link in sheet.theory.links)
    assert links == Counter({link.id: 1 for link in theory.links})
    assert {box.id for sheet in sheets for box in sheet.theory.boxes} == {box.id for box in theory.boxes}
    for sheet in sheets:
        holds_its_promises(sheet.theory, sheet.drawing)
        if len(sheet.theory.links) > 1:
            assert PAPERS["a4"].letters(sheet.drawing.scene) >= LEAST_LETTERS


@pytest.mark.parametrize(("paper", "most"), [("a4", 6), ("a3", 2)])
def test_the_forty_boxes_are_read_without_glasses(paper: str, most: int) -> None:
    sheets = of_example(paper)
    assert len(sheets) <= most
    for sheet in sheets:
        assert PAPERS[paper].letters(sheet.drawing.scene) >= LEAST_LETTERS
        holds_its_promises(sheet.theory, sheet.drawing)
        wide, high = PAPERS[paper].room
        scale = PAPERS[paper].scale(sheet.drawing.scene)
        assert scale * sheet.drawing.scene.width <= wide + 0.01
        assert scale * sheet.drawing.scene.height <= high + 0.01
        assert f"Sheet {sheet.number} of {len(sheets)}" in told(sheet)
        assert "Not the partnership's own theory" in told(sheet)


def test_a_box_says_on_which_other_sheets_it_goes_on() -> None:
    sheets = of_example("a4")
    for sheet in sheets:
        for id_, card in sheet.drawing.places.cards.items():
            marks = " ".join(card.marks)
            for arrow, end in (("→", "from_box"), ("←", "to_box")):
                others = [
                    other.number
                    for other in sheets
                    if other is not sheet and any(getattr(link, end) == id_ for link in other.theory.links)
                ]
                found = re.search(arrow + r" sheets? ([0-9, ]*[0-9])", marks)
                assert (found is not None) is bool(others)
                assert not found or [int(n) for n in found[1].split(", ")] == others


def test_a_theory_that_can_be_read_stays_whole_and_carries_no_mark() -> None:
    theory = random_theory(5, most=5)
    (sheet,) = sheets_of(theory, PAPERS["a3"])
    assert sheet.theory is theory
    assert not any(card.marks for card in sheet.drawing.places.cards.values())


def test_a_box_that_many_things_lead_to_goes_on_on_another_sheet() -> None:
    boxes = [Box(f"A{i}", "activity", "Something that is done for people", tier="primary") for i in range(30)]
    whole = Theory(
        "Many to one", boxes=(*boxes, Box("O1", "outcome", "One thing"), Box("O2", "outcome", "Nothing's")),
        links=tuple(Link(box.id, "O1") for box in boxes),
    )  # fmt: skip
    sheets = sheets_of(whole, PAPERS["a4"])
    assert len(sheets) > 2
    assert all(PAPERS["a4"].letters(sheet.drawing.scene) >= LEAST_LETTERS for sheet in sheets)
    assert sheets[-1].heading == "boxes that no link joins"
    assert "← sheets" in told(sheets[0])


def test_a_sheet_prints_at_the_size_of_its_paper() -> None:
    sheet = of_example("a4")[0]
    text = sheet_svg(sheet.drawing.scene, PAPERS["a4"])
    assert 'width="297mm" height="210mm"' in text
    box = [float(n) for n in re.search(r'viewBox="([^"]*)"', text)[1].split()]  # type: ignore[index]
    points = 297 / 25.4 * 72 / box[2]
    assert points == pytest.approx(PAPERS["a4"].scale(sheet.drawing.scene), rel=1e-3)
    assert points * 10.5 >= LEAST_LETTERS - 0.01  # the smallest letters of a drawing are 10.5 of its units
    assert text == sheet_svg(
        sheets_of(example(), PAPERS["a4"], verdicts_for(example(), 3))[0].drawing.scene, PAPERS["a4"]
    )


def test_the_word_file_has_a_page_on_its_side_alt_text_and_a_table_for_every_sheet() -> None:
    import docx
    from docx.enum.section import WD_ORIENT

    theory = example()
    answers = verdicts_for(theory, 3)
    sheets = sheets_of(theory, WORD_PAGE, answers)
    data = word_bytes(theory, sheets, WORD_PAGE)
    made = docx.Document(io.BytesIO(data))
    section = made.sections[0]
    assert section.orientation == WD_ORIENT.LANDSCAPE
    assert section.page_width
    assert section.page_height
    assert (section.page_width.mm, section.page_height.mm) == pytest.approx((297, 210), abs=0.1)
    assert made.core_properties.language == "en-GB"
    assert made.core_properties.title == theory.title
    assert len(made.inline_shapes) == len(sheets) == len(made.tables)
    room = WORD_PAGE.room
    for shape, sheet in zip(made.inline_shapes, sheets, strict=True):
        assert shape._inline.docPr.get("descr") == sheet.drawing.scene.description
        assert shape.width.pt <= room[0] + 0.1
        assert shape.height.pt <= room[1] + 0.1
        assert WORD_PAGE.letters(sheet.drawing.scene) >= LEAST_LETTERS
    shown = [tuple(cell.text for cell in row.cells) for table in made.tables for row in table.rows[1:]]
    wanted = [row for sheet in sheets for row in rows_of(sheet.theory, sheet.drawing.states)]
    assert shown == wanted
    assert {row[0] for row in shown} == {link.id for link in theory.links}
    assert all("tblHeader" in table.rows[0]._tr.xml for table in made.tables)


def test_the_same_theory_gives_the_same_word_file() -> None:
    theory = random_theory(5, most=5)
    first, second = (word_bytes(theory, sheets_of(theory, WORD_PAGE), WORD_PAGE) for _ in range(2))
    assert first == second
