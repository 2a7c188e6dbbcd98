"""A theory in a workbook and back: nothing is lost, and every fault is told with its sheet and cell."""

from __future__ import annotations

import datetime as dt
import io
from collections.abc import Callable
from dataclasses import fields, replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.theory_of_change.theories import example
from theory_of_change.errors import TheoryError
from theory_of_change.model import Box, Link, Theory
from theory_of_change.spreadsheets.cells import Rows, place_of, read_sheets
from theory_of_change.spreadsheets.layout import MEANINGS, cell_name, columns_of
from theory_of_change.spreadsheets.template import workbook_bytes
from theory_of_change.spreadsheets.workbook import sheets_of
from theory_of_change.store import load_catalogue
from theory_of_change.theory_text import changed_text, keys_of

CATALOGUE = load_catalogue()
LETTERS = st.characters(codec="utf-8", exclude_categories=("Cc", "Cs", "Cn", "Co", "Zl", "Zp"))
LINES = st.text(LETTERS, max_size=12).map(lambda text: " ".join(text.split()))
SAID = LINES.filter(bool)
TEXTS = st.lists(SAID, max_size=3).map("\n".join)
MANY = st.lists(SAID, max_size=3).map(tuple)
SHEETS = ("Theory", "Boxes", "Links")
SPOILT = st.sampled_from(
    ("", "yes", "A1", "A1>P1", "2027-02-30", "12", "-3", "1e9", "outcome", "nan", "id", "x\ny")
)
CELLS = sheets_of(workbook_bytes(example(), ()), "model.xlsx")
DAYS = st.none() | st.dates(dt.date(1990, 1, 1), dt.date(2200, 1, 1))


def back(theory: Theory) -> Theory:
    """Through a workbook and back."""
    data = workbook_bytes(theory, theory.measures)
    return read_sheets(sheets_of(data, "model.xlsx"), {m.id: m for m in theory.measures}, "model.xlsx")


def plain(values: tuple[Any, ...]) -> list[Any]:
    return [replace(value, line=0) for value in values]


def same(one: Theory, other: Theory) -> bool:
    head = [(t.title, t.owner, t.review_by, t.note) for t in (one, other)]
    return (
        head[0] == head[1]
        and plain(one.boxes) == plain(other.boxes)
        and plain(one.links) == plain(other.links)
    )


def test_the_example_comes_back_whole() -> None:
    assert same(back(example()), example())


@settings(max_examples=25, deadline=None)
@given(SAID, LINES, LINES, DAYS, SAID, TEXTS, MANY, MANY, st.none() | st.integers(0, 400), st.booleans())
def test_whatever_is_written_comes_back(
    title: str, owner: str, note: str, day: dt.date | None, text: str, because: str,
    many: tuple[str, ...], other: tuple[str, ...], months: int | None, feedback: bool,
) -> None:  # fmt: skip
    boxes = (
        Box(
            "A1",
            "activity",
            text,
            tier="primary",
            priority=many,
            place=owner,
            age_band="11-16",
            review_by=day,
        ),
        Box("O1", "outcome", "=1+1", term="long", not_measurable=note),
        Box("F1", "factor", "0007", factor_sign="risk"),
    )
    link = Link(
        "A1", "O1", because, assumption="2026-01-01", expect="1-2", worthwhile="+3", lag_months=months,
        could_harm=text, rivals=other, test="_x0041_", evidence=many, review_by=day, feedback=feedback,
    )  # fmt: skip
    theory = Theory(title, owner, day, boxes, (replace(link, factors=("F1",)),), note=note)
    assert same(back(theory), theory)


def test_every_key_of_a_box_and_a_link_has_its_column_and_its_meaning() -> None:
    for kind in (Box, Link):
        assert [column.key for column in columns_of(kind)] == list(keys_of(kind))
        assert len(columns_of(kind)) == len(fields(kind)) - 1
        assert all(MEANINGS[column.key] for column in columns_of(kind))


def test_a_workbook_of_the_same_theory_is_the_same_file() -> None:
    assert workbook_bytes(example(), ()) == workbook_bytes(example(), ())


def test_ids_are_locked_and_kinds_are_offered() -> None:
    import zipfile

    with zipfile.ZipFile(io.BytesIO(workbook_bytes(example(), CATALOGUE.values()))) as book:
        boxes, links = (book.read(f"xl/worksheets/sheet{n}.xml").decode() for n in (2, 3))
        words = book.read("xl/sharedStrings.xml").decode()
    assert "activity,output,outcome,impact,factor" in boxes
    assert "primary,secondary,tertiary" in boxes
    assert "Boxes!$A$2:$A$500" in links
    assert "<sheetProtection" in boxes
    assert "sdq-total" in words


def sheets(change: Callable[[dict[str, list[list[str]]]], None]) -> dict[str, Rows]:
    """The example's cells, changed by a careless hand."""
    found = sheets_of(workbook_bytes(example(), ()), "model.xlsx")
    change(found)
    return dict(found)


def faults_of(change: Callable[[dict[str, list[list[str]]]], None]) -> list[tuple[str, str]]:
    measures = {measure.id: measure for measure in example().measures}
    with pytest.raises(TheoryError) as error:
        read_sheets(sheets(change), measures, "model.xlsx")
    return [(fault.code, fault.where) for fault in error.value.faults]


def test_every_fault_is_told_at_once_with_its_cell() -> None:
    places = [column.key for column in columns_of(Link)]

    def careless(found: dict[str, list[list[str]]]) -> None:
        boxes, links = found["Boxes"], found["Links"]
        boxes[4][4] = ""  # A1 loses its tier
        boxes[5][1] = "activty"
        boxes[6][11] = "31/06/2026"
        links[3][6] = "soon"
        links[4][1] = "Q9"
        links[5][places.index("feedback")] = "perhaps"

    assert faults_of(careless) == [
        ("LC203", "model.xlsx, sheet Boxes, cell L7"),
        ("LC203", "model.xlsx, sheet Links, cell G4"),
        ("LC203", f"model.xlsx, sheet Links, cell {cell_name(places.index('feedback'), 6)}"),
        ("LC204", "model.xlsx, sheet Boxes, cell E5"),
        ("LC203", "model.xlsx, sheet Boxes, cell B6"),
        ("LC210", "model.xlsx, sheet Links, row 5"),
    ]


def test_a_row_marked_to_be_taken_out_is_not_taken_over() -> None:
    def less(found: dict[str, list[list[str]]]) -> None:
        for sheet, row in (("Links", 1), ("Links", 54)):
            place = found[sheet][0].index("take out")
            found[sheet][row][place:] = ["Yes"]

    measures = {measure.id: measure for measure in example().measures}
    theory = read_sheets(sheets(less), measures, "model.xlsx")
    assert [link.id for link in theory.links] == [link.id for link in example().links][1:-1]

    def perhaps(found: dict[str, list[list[str]]]) -> None:
        found["Boxes"][1][found["Boxes"][0].index("take out") :] = ["perhaps"]

    assert faults_of(perhaps) == [("LC203", "model.xlsx, sheet Boxes, cell M2")]


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.tuples(st.sampled_from(SHEETS), st.integers(0, 60), st.integers(0, 16), SPOILT), max_size=6)
)
def test_any_cells_give_a_theory_or_faults_with_their_places(spoilt: list[tuple[str, int, int, str]]) -> None:
    found = {name: [list(row) for row in rows] for name, rows in CELLS.items()}
    for sheet, row, place, cell in spoilt:
        rows = found[sheet]
        rows += [[] for _ in range(row + 1 - len(rows))]
        rows[row] += [""] * (place + 1 - len(rows[row]))
        rows[row][place] = cell
    try:
        read_sheets(found, {measure.id: measure for measure in example().measures}, "model.xlsx")
    except TheoryError as error:
        assert all(fault.where.startswith("model.xlsx, sheet ") for fault in error.faults)  # noqa: PT017
        assert not any("[[" in fault.problem or "line" in fault.problem for fault in error.faults)  # noqa: PT017


def test_faults_between_rows_are_told_with_their_rows() -> None:
    def twice(found: dict[str, list[list[str]]]) -> None:
        found["Links"].append(list(found["Links"][1]))

    measures = {measure.id: measure for measure in example().measures}
    with pytest.raises(TheoryError) as error:
        read_sheets(sheets(twice), measures, "model.xlsx")
    assert str(error.value) == "model.xlsx, sheet Links, row 56: LC214 link F1>P1 is already there, in row 2"


@pytest.mark.parametrize(
    ("change", "where"),
    [
        (lambda found: found.pop("Links"), "model.xlsx"),
        (lambda found: found["Boxes"][0].__setitem__(2, "texte"), "model.xlsx, sheet Boxes, cell C1"),
        (lambda found: found["Boxes"][0].__setitem__(2, "kind"), "model.xlsx, sheet Boxes, cell C1"),
        (lambda found: found["Theory"].append(["colour", "red"]), "model.xlsx, sheet Theory, cell A5"),
        (lambda found: found["Links"].clear(), "model.xlsx, sheet Links"),
    ],
)
def test_a_workbook_of_another_shape_is_refused(change: Any, where: str) -> None:
    assert ("LC233", where) in faults_of(change)


def test_what_is_no_workbook_is_refused() -> None:
    with pytest.raises(TheoryError) as error:
        sheets_of(b"not a workbook", "model.xlsx")
    assert error.value.code == "LC233"


def test_a_text_that_would_be_cut_off_is_refused() -> None:
    with pytest.raises(TheoryError) as error:
        workbook_bytes(Theory("T", boxes=(Box("O1", "outcome", "x" * 33_000),)), ())
    assert error.value.code == "LC234"


def test_cells_are_named_as_excel_names_them() -> None:
    assert [cell_name(0, 1), cell_name(25, 2), cell_name(26, 3), cell_name(701, 4)] == [
        "A1",
        "Z2",
        "AA3",
        "ZZ4",
    ]
    assert place_of("m.xlsx", 7, "because") == "m.xlsx, sheet Boxes, row 7"
    assert place_of("m.xlsx", 1_000_007, "because") == "m.xlsx, sheet Links, cell C7"


OLD = """\
# what we try
[theory]
title = "T"

# the first box
[[box]]
id = "A1"
kind = "activity"
text = "Walks"   # every week
tier = "primary"

# the aim
[[box]]
id = "O1"
kind = "outcome"
text = "Talks"

[[link]]
from = "A1"
to = "O1"
because = "side by side"

# ours
[[measure]]
id = "talks"
name = "talks"
kind = "count"
better = "higher"
"""


def test_an_import_keeps_comments_and_what_it_does_not_hold() -> None:
    from theory_of_change.theory_file import parse_theory

    old = parse_theory(OLD, CATALOGUE)
    assert changed_text(OLD, old, CATALOGUE) == OLD
    boxes = (old.boxes[0], replace(old.boxes[1], text='More "talks"'), Box("I1", "impact", "Calm"))
    new = replace(old, boxes=boxes, links=(*old.links, Link("O1", "I1", "it lasts")))
    text = changed_text(OLD, new, CATALOGUE)
    assert "# every week" in text
    assert "# the aim\n[[box]]" in text
    assert "# ours\n[[measure]]" in text
    again = parse_theory(text, CATALOGUE)
    assert plain(again.boxes) == plain(boxes)
    assert [link.id for link in again.links] == ["A1>O1", "O1>I1"]


def test_a_file_whose_tables_have_no_headings_is_not_rewritten() -> None:
    from theory_of_change.theory_file import parse_theory

    text = 'link = []\nbox = [{ id = "O1", kind = "outcome", text = "x" }]\n[theory]\ntitle = "T"\n'
    with pytest.raises(TheoryError) as error:
        changed_text(text, parse_theory(text, CATALOGUE), CATALOGUE)
    assert error.value.code == "LC239"
