"""OpenDocument workbooks are read like Excel's: every cell as meant, every place named."""

from __future__ import annotations

import contextlib
from pathlib import Path

import pytest

from cohorts.actions import load_file
from cohorts.errors import CohortError
from cohorts.partner_files.extracts import read_extract
from tests.cohorts.loading import load, make_project, pnc
from tests.cohorts.opendocument import (
    blank,
    day,
    number,
    row,
    text,
    time_of_day,
    write_ods,
    yes_no,
)

HEADINGS = row(*map(text, ("nhs", "dob", "score", "aid")))
TO_THE_END = row(blank(1024), repeated=1_048_000)


def refused(path: Path, sheet: str = "") -> CohortError:
    with pytest.raises(CohortError) as caught:
        read_extract(path, sheet=sheet)
    return caught.value


def test_typed_cells_and_typed_texts_come_out_as_from_excel(tmp_path: Path) -> None:
    path = write_ods(
        tmp_path / "a.ods",
        Sheet1=[
            HEADINGS,
            row(number("9434765919"), day("2019-04-03", "03/04/19"), number("12.5", "13"), yes_no("true")),
            row(text("0943476591"), text("3/4/2019"), number("12", "12.00"), blank()),
            row(text("007"), day("2019-04-03T13:05:00", "03/04/19"), number("1.20E+01"), yes_no("false")),
            TO_THE_END,
        ],
    )
    raw = read_extract(path)
    assert raw.frame.columns == ["nhs", "dob", "score", "aid"]
    assert raw.frame.rows() == [
        ("9434765919", "2019-04-03 00:00:00", "12.5", "1"),
        ("0943476591", "3/4/2019", "12", None),
        ("007", "2019-04-03 13:05:00", "12", "0"),
    ]
    assert (raw.kind, raw.sheet) == ("ods", "Sheet1")


def test_repeated_cells_and_rows_are_counted_out(tmp_path: Path) -> None:
    rows = [
        row(text("id"), text("a"), text("b"), text("c"), blank(1020)),
        row(text("x"), number("7", repeated=3), blank(1020)),
        row(text("y"), blank(2), number("8"), blank(1020), repeated=2),
        row(blank(1024), repeated=2),
        row(text("z", repeated=2), blank(2)),
        TO_THE_END,
    ]
    raw = read_extract(write_ods(tmp_path / "a.ods", Sheet1=rows))
    held = [cells for cells in raw.frame.rows() if any(cells)]
    assert held == [
        ("x", "7", "7", "7"),
        ("y", None, None, "8"),
        ("y", None, None, "8"),
        ("z", "z", None, None),
    ]
    last = next(index for index, cells in enumerate(raw.frame.rows()) if cells[0] == "z")
    assert raw.place(last, "b") == "Sheet1, cell C7"


def test_cells_are_named_as_the_sheet_names_them(tmp_path: Path) -> None:
    moved = [row(blank(30), repeated=3), row(blank(3), text("nhs"), text("dob"))]
    body = [row(blank(3), text("1"), text("2")) for _ in range(10)]
    raw = read_extract(write_ods(tmp_path / "a.ods", Sheet1=[*moved, *body]))
    assert raw.place(9, "nhs") == "Sheet1, cell D14"
    assert raw.place(9, "dob") == "Sheet1, cell E14"
    assert raw.place(9) == "Sheet1, row 14"


def test_the_sheet_is_named_when_there_are_several(tmp_path: Path) -> None:
    path = write_ods(tmp_path / "a.ods", People=[row(text("id")), row(text("01"))], Notes=[row(blank())])
    for sheet in ("", "Persons"):
        error = refused(path, sheet)
        assert error.code == "LC816"
        assert "People, Notes" in str(error)
    assert read_extract(path, sheet="People").frame.rows() == [("01",)]
    assert refused(path, "Notes").code == "LC812"


def test_times_of_day_are_refused_in_the_sheet_that_is_read_and_nowhere_else(tmp_path: Path) -> None:
    timed = [row(text("id")), row(time_of_day("PT13H05M00S", "13:05"))]
    path = write_ods(tmp_path / "a.ods", People=[row(text("id")), row(text("01"))], Visits=timed)
    assert read_extract(path, sheet="People").frame.rows() == [("01",)]
    error = refused(path, "Visits")
    assert error.code == "LC813"
    assert "Visits" in str(error)
    assert "13:05" not in str(error)


def test_what_is_not_an_opendocument_workbook_is_refused(tmp_path: Path) -> None:
    for data in (b"id\n1\n", b"PK\x03\x04stuff"):
        (tmp_path / "a.ods").write_bytes(data)
        assert refused(tmp_path / "a.ods").code == "LC813"


@pytest.mark.parametrize("damage", ["cut", "changed"])
def test_a_damaged_workbook_is_read_or_refused_and_nothing_else(tmp_path: Path, damage: str) -> None:
    sound = write_ods(tmp_path / "a.ods", Sheet1=[HEADINGS, row(*map(text, "1234"))]).read_bytes()
    bad = tmp_path / "bad.ods"
    for position in range(0, len(sound), max(1, len(sound) // 80)):
        spoilt = bytes([sound[position] ^ 0x55])
        bad.write_bytes(sound[:position] + (b"" if damage == "cut" else spoilt + sound[position + 1 :]))
        with contextlib.suppress(CohortError):
            read_extract(bad)


def test_a_workbook_and_a_csv_bring_the_same_people_and_values(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LIFECOURSE_KEY_FILE", str(tmp_path / "keys" / "test.key"))
    monkeypatch.delenv("LIFECOURSE_DATABASE_URL", raising=False)
    project = make_project(tmp_path)
    mapping = project.sources / "people.toml"
    nhs = '[[identifier]]\ncolumn = "nhs"\nkind = "nhs-number"\n'
    mapping.write_text(mapping.read_text(encoding="utf-8").replace(nhs, ""), encoding="utf-8")
    rows = [(pnc(i), f"2022-03-{1 + i % 28:02d}", str(i % 2), "north") for i in range(20)]
    plain = [f"{who},{when[8:]}/03/2022,{aid},{area}" for who, when, aid, area in rows]
    load(project, "people", ["pnc,out,aid,area", *plain])
    cells = [row(text(who), day(when, "x"), number(aid), text(area)) for who, when, aid, area in rows]
    path = write_ods(
        project.inbox / "people.ods", Sheet1=[row(*map(text, ("pnc", "out", "aid", "area"))), *cells]
    )
    done = load_file(project, "people", path, sealed=False, replace=False)
    assert done.result is not None
    assert (done.result.new_people, done.result.unchanged, done.result.observations) == (0, 40, 0)
