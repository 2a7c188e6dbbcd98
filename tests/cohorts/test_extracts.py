"""Partner files of every kind as tables of texts."""

from __future__ import annotations

import datetime as dt
import gzip
from pathlib import Path

import polars as pl
import pyreadstat
import pytest
import xlsxwriter

from cohorts.errors import CohortError
from cohorts.partner_files.extracts import RawTable, read_extract


def write(path: Path, data: bytes | str) -> Path:
    path.write_bytes(data if isinstance(data, bytes) else data.encode("utf-8"))
    return path


def refused(path: Path, sheet: str = "") -> CohortError:
    with pytest.raises(CohortError) as caught:
        read_extract(path, sheet=sheet)
    return caught.value


def test_leading_zeros_survive_and_blanks_are_null(tmp_path: Path) -> None:
    raw = read_extract(write(tmp_path / "a.csv", "id,x\n0943,1\n007,\n  ,2\n"))
    assert raw.frame.to_dict(as_series=False) == {"id": ["0943", "007", None], "x": ["1", None, "2"]}
    assert set(raw.frame.dtypes) == {pl.String()}
    assert (raw.kind, raw.encoding, raw.name) == ("csv", "utf-8", "a.csv")


def test_headings_are_trimmed_and_a_byte_order_mark_is_dropped(tmp_path: Path) -> None:
    assert read_extract(write(tmp_path / "a.csv", b"\xef\xbb\xbf id , x\n1,2\n")).frame.columns == ["id", "x"]


def test_windows_encoding_is_read_and_reported(tmp_path: Path) -> None:
    raw = read_extract(write(tmp_path / "a.csv", "id,fee\nRenée,£5\n".encode("cp1252")))
    assert raw.frame.row(0) == ("Renée", "£5")
    assert raw.encoding == "cp1252"


def test_a_gzipped_csv_is_read(tmp_path: Path) -> None:
    raw = read_extract(write(tmp_path / "a.CSV.gz", gzip.compress(b"id\n01\n")))
    assert raw.frame.rows() == [("01",)]
    assert refused(write(tmp_path / "b.csv.gz", b"id\n01\n")).code == "LC813"
    assert refused(write(tmp_path / "c.csv.gz", gzip.compress(b"id\n01\n" * 99)[:30])).code == "LC813"


def test_places_are_counted_as_in_the_file(tmp_path: Path) -> None:
    raw = read_extract(write(tmp_path / "a.csv", "id,dob\n1,2\n"))
    assert raw.place(0, "dob") == "row 2, column dob"
    assert raw.place(12) == "row 14"


def test_nothing_of_the_table_shows_in_its_repr(tmp_path: Path) -> None:
    assert "Smithson" not in repr(read_extract(write(tmp_path / "a.csv", "id,name\n1,Smithson\n")))


@pytest.mark.parametrize(
    ("name", "data", "code"),
    [
        ("a.csv", b"", "LC812"),
        ("a.csv", b" \n\n", "LC812"),
        ("a.csv", b"id,x\n", "LC812"),
        ("a.csv", b"id,id\n1,2\n", "LC815"),
        ("a.csv", b"id,\n1,2\n", "LC815"),
        ("a.csv", b"id,x\n1,2,3\n", "LC814"),
        ("a.csv", b"PK\x03\x04stuff", "LC813"),
        ("a.csv", b"\xd0\xcf\x11\xe0stuff", "LC813"),
        ("a.csv", b"id\n\x00\x01\n", "LC813"),
        ("a.xlsx", b"id\n1\n", "LC813"),
        ("a.xlsx", b"PK\x03\x04stuff", "LC813"),
        ("a.parquet", b"id\n1\n", "LC813"),
        ("a.dta", b"id\n1\n", "LC813"),
        ("a.sav", b"id\n1\n", "LC813"),
        ("a.xls", b"id\n1\n", "LC817"),
        ("a.pdf", b"id\n1\n", "LC817"),
        ("noending", b"id\n1\n", "LC817"),
    ],
)
def test_what_is_not_a_table_is_refused(tmp_path: Path, name: str, data: bytes, code: str) -> None:
    assert refused(write(tmp_path / name, data)).code == code


def test_a_missing_file_and_a_folder_are_refused(tmp_path: Path) -> None:
    assert refused(tmp_path / "none.csv").code == "LC107"
    (tmp_path / "folder.csv").mkdir()
    assert refused(tmp_path / "folder.csv").code == "LC107"


def test_repeated_headings_are_not_quoted_as_they_may_be_a_persons_row(tmp_path: Path) -> None:
    error = refused(write(tmp_path / "a.csv", "Smithson,Smithson\n1,2\n"))
    assert "columns 1, 2" in str(error)
    assert "Smithson" not in str(error)


def workbook(path: Path, *, corner: tuple[int, int] = (0, 0)) -> Path:
    book = xlsxwriter.Workbook(str(path))
    sheet = book.add_worksheet("Sheet1")
    day = book.add_format({"num_format": "dd/mm/yyyy"})
    top, left = corner
    for place, heading in enumerate(("nhs", "dob", "score", "aid")):
        sheet.write(top, left + place, heading)
    sheet.write(top + 1, left, 9434765919)
    sheet.write_datetime(top + 1, left + 1, dt.datetime(2019, 4, 3), day)
    sheet.write(top + 1, left + 2, 12.5)
    sheet.write_boolean(top + 1, left + 3, True)
    sheet.write_string(top + 2, left, "0943476591")
    sheet.write_string(top + 2, left + 1, "3/4/2019")
    sheet.write(top + 2, left + 2, 12)
    book.close()
    return path


def test_a_workbook_keeps_long_numbers_dates_and_typed_texts(tmp_path: Path) -> None:
    raw = read_extract(workbook(tmp_path / "a.xlsx"))
    assert raw.frame.rows() == [
        ("9434765919", "2019-04-03 00:00:00", "12.5", "1"),
        ("0943476591", "3/4/2019", "12", None),
    ]
    assert (raw.kind, raw.sheet) == ("xlsx", "Sheet1")


def test_cells_of_a_workbook_are_named_as_excel_names_them(tmp_path: Path) -> None:
    assert read_extract(workbook(tmp_path / "a.xlsx")).place(1, "dob") == "Sheet1, cell B3"
    moved = read_extract(workbook(tmp_path / "b.xlsx", corner=(3, 25)))
    assert moved.place(1, "nhs") == "Sheet1, cell Z6"
    assert moved.place(1, "dob") == "Sheet1, cell AA6"
    assert moved.place(1) == "Sheet1, row 6"


def test_the_sheet_is_named_when_there_are_several(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    book = xlsxwriter.Workbook(str(path))
    book.add_worksheet("People").write(0, 0, "id")
    book.add_worksheet("Notes")
    book.close()
    for sheet in ("", "Persons"):
        error = refused(path, sheet)
        assert error.code == "LC816"
        assert "People, Notes" in str(error)
    assert refused(path, "People").code == "LC812"
    assert refused(path, "Notes").code == "LC812"


FLOATS = [0.1 + 0.2, 1e-7, 1e22, -3.0, 123456789.123, 5e-324, 9007199254740993.0, None, float("nan")]


def test_parquet_numbers_survive_the_trip_through_text(tmp_path: Path) -> None:
    frame = pl.DataFrame(
        {
            "id": ["01"] * 9,
            "f": FLOATS,
            "g": pl.Series([0.1] * 9, dtype=pl.Float32),
            "i": [*range(8), 2**62],
            "b": [True, False, None] * 3,
            "d": [dt.date(2024, 3, 1)] * 9,
            "t": [dt.datetime(2024, 3, 1, 13, 5)] * 9,
            "c": pl.Series(["a"] * 9, dtype=pl.Categorical),
        }
    )
    frame.write_parquet(tmp_path / "a.parquet")
    raw = read_extract(tmp_path / "a.parquet")
    assert raw.frame["f"].cast(pl.Float64).to_list() == [*FLOATS[:8], None]
    assert raw.frame["f"][3] == "-3"
    assert raw.frame["g"].cast(pl.Float64).to_list() == frame["g"].cast(pl.Float64).to_list()
    assert raw.frame["i"].to_list() == [*(str(number) for number in range(8)), str(2**62)]
    assert raw.frame["b"].to_list() == ["1", "0", None] * 3
    assert raw.frame.row(0)[5:] == ("2024-03-01 00:00:00", "2024-03-01 13:05:00", "a")
    assert raw.place(0, "f") == "row 1, column f"


def test_nested_columns_are_refused(tmp_path: Path) -> None:
    pl.DataFrame({"id": ["a"], "list": [[1, 2]]}).write_parquet(tmp_path / "a.parquet")
    error = refused(tmp_path / "a.parquet")
    assert error.code == "LC813"
    assert "column 2" in str(error)


@pytest.mark.parametrize("ending", ["dta", "sav"])
def test_statistics_files_keep_codes_not_labels(tmp_path: Path, ending: str) -> None:
    frame = pl.DataFrame({"id": ["01", "02", ""], "arm": [1.0, 0.0, None], "score": [0.1, 2.5, 3.0]})
    path = tmp_path / f"a.{ending}"
    save = pyreadstat.write_dta if ending == "dta" else pyreadstat.write_sav
    save(frame, str(path), variable_value_labels={"arm": {1: "treated", 0: "comparison"}})
    raw = read_extract(path)
    assert raw.frame.to_dict(as_series=False) == {
        "id": ["01", "02", None],
        "arm": ["1", "0", None],
        "score": ["0.1", "2.5", "3"],
    }
    assert raw.kind == {"dta": "stata", "sav": "spss"}[ending]


def test_user_defined_missing_values_of_spss_are_blank(tmp_path: Path) -> None:
    frame = pl.DataFrame({"x": [1.0, -9.0]})
    pyreadstat.write_sav(frame, str(tmp_path / "a.sav"), missing_ranges={"x": [-9]})
    assert read_extract(tmp_path / "a.sav").frame["x"].to_list() == ["1", None]


def test_a_table_made_by_hand_names_its_rows() -> None:
    raw = RawTable(pl.DataFrame({"id": ["1"]}), "a.csv", "csv")
    assert raw.place(0, "id") == "row 2, column id"
