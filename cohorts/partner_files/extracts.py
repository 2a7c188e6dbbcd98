"""A partner's file as one table of texts, every cell as it was written; nothing is inferred.

``.csv``, ``.csv.gz``, ``.xlsx``, ``.ods`` (OpenDocument), ``.parquet``, ``.dta`` (Stata) and ``.sav`` (SPSS). A
row that is too long or too short stops the reading: it is never cut or filled. Typed numbers become the shortest
text that reads back as the same number, whole ones without ``.0``; typed dates become ``2024-03-01 00:00:00``;
yes/no becomes 1/0. Value labels of Stata and SPSS are not applied; their user-defined missing values are blank.

:func:`open_extract` reads ``.csv``, ``.csv.gz`` and ``.parquet`` a part at a time, so that a file of any size fits
into memory; the other formats can only be read whole.
"""

from __future__ import annotations

import gzip
import io
import zipfile
import zlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import polars as pl

from cohorts.errors import CohortError
from cohorts.partner_files.csv_text import BLOCK, learn_layout, learn_script, read_rows_of, whole_records
from cohorts.partner_files.parquet_parts import ParquetFile
from cohorts.partner_files.typed_cells import cells_as_text
from workspace.files import reaching
from workspace.quiet import nothing_on_stderr
from workspace.zip_files import BROKEN_ZIP, unpacks_to_too_much

ROWS = 100_000  # rows that are held as text at a time
ENDINGS = (".csv", ".csv.gz", ".xlsx", ".ods", ".parquet", ".dta", ".sav")
_MAGIC: tuple[tuple[bytes, str], ...] = (
    (b"PK\x03\x04", "a workbook or another zipped file"),
    (b"\xd0\xcf\x11\xe0", "an old Excel workbook (.xls)"),
    (b"\x1f\x8b", "a gzip file"),
    (b"PAR1", "a Parquet file"),
    (b"%PDF", "a PDF"),
    (b"$FL", "an SPSS file"),
    (b"<stata_dta>", "a Stata file"),
    (b"SQLite format 3", "a database"),
)
_ODS_DATE = r"^([0-9]{4}-[0-9]{2}-[0-9]{2})(?:T([0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]+)?))?$"
_ODS_TIME = b'office:value-type="time"'


@dataclass(frozen=True, slots=True)
class RawTable:
    """A file's cells as texts, blanks as null, and how to name the place of each.

    ``frame`` has only String columns under trimmed headings. ``first_row`` is the number of the first data
    row in the file; ``letters`` are the column letters of a workbook's columns. Where rows of the file were left
    out, ``places`` says for each row of the frame which one of the file's it was, from 0.
    """

    frame: pl.DataFrame = field(repr=False)
    name: str
    kind: str
    encoding: str = ""
    sheet: str = ""
    first_row: int = 2
    letters: tuple[str, ...] = ()
    places: pl.Series | None = field(default=None, repr=False)

    @property
    def columns(self) -> list[str]:
        """The headings."""
        return self.frame.columns

    def parts(self, rows: int) -> Iterator[pl.DataFrame]:
        """The rows in order, at most so many at a time; in a file that is streamed, blanks may be blank texts."""
        return self.frame.iter_slices(rows)

    def file_row(self, row_index: int) -> int:
        """The row of the file in which a row of the frame stands."""
        place = row_index if self.places is None else int(self.places[row_index])
        return place + self.first_row

    def cell(self, row_index: int, column: str) -> str:
        """``D14`` in a workbook; the row number elsewhere, or where no column is meant."""
        row = str(self.file_row(row_index))
        if self.letters and column in self.columns:
            return self.letters[self.columns.index(column)] + row
        return row

    def place(self, row_index: int, column: str = "") -> str:
        """``row 14, column dob`` or ``Sheet1, cell D14``."""
        if self.letters:
            word = "cell" if column in self.columns else "row"
            return f"{self.sheet}, {word} {self.cell(row_index, column)}"
        return f"row {self.file_row(row_index)}" + (f", column {column}" if column else "")


@dataclass(frozen=True, slots=True)
class StreamedTable(RawTable):
    """A file whose rows are read anew, part by part, whenever they are asked for; ``frame`` has no rows."""

    source: Callable[[], Iterator[pl.DataFrame]] = field(kw_only=True, repr=False)

    def parts(self, rows: int) -> Iterator[pl.DataFrame]:
        """The rows in order, at most so many at a time."""
        for frame in self.source():
            yield from frame.iter_slices(rows)


def open_extract(path: Path, *, encoding: str = "auto", sheet: str = "", shown: str = "") -> RawTable:
    """Open a partner's file to read it in parts; takes what :func:`read_extract` takes, refuses what it refuses.

    A row that does not fit its heading is only refused when the reading comes to it.
    """
    name = shown or path.name
    kind = _kind_of(path, name)
    if kind in {"csv", "csv.gz"}:
        return _open_csv(path, kind, encoding, name)
    return _open_parquet(path, name) if kind == "parquet" else read_extract(path, sheet=sheet, shown=shown)


def read_extract(path: Path, *, encoding: str = "auto", sheet: str = "", shown: str = "") -> RawTable:
    """Read a partner's file whole.

    Parameters
    ----------
    path : Path
        The file.
    encoding : str
        For .csv: ``auto`` (byte-order mark, UTF-8, Windows-1252), ``utf-8``, ``cp1252``, ``utf-16``.
    sheet : str
        For .xlsx and .ods: the sheet; may be left out when there is only one.
    shown : str
        How messages call the file; its bare name by default.
    """
    name = shown or path.name
    kind = _kind_of(path, name)
    if kind in {"csv", "csv.gz", "parquet"}:
        table = open_extract(path, encoding=encoding, shown=name)
        frame = _without_blanks(pl.concat(list(table.parts(ROWS))))
        return RawTable(frame, name, table.kind, table.encoding, first_row=table.first_row)
    data = _bytes_of(path, name)
    if not data.strip():
        raise CohortError("LC812", "the file is empty", "Ask for it again.", where=name)
    if kind in {"xlsx", "ods"}:
        return _read_workbook(data, kind, sheet, name)
    frame = _read_statistics(path, kind, name)
    long_kind = {"dta": "stata", "sav": "spss"}[kind]
    return RawTable(_finished(cells_as_text(frame, name), frame.columns, name), name, long_kind, first_row=1)


def _kind_of(path: Path, name: str) -> str:
    lowered = path.name.lower()
    ending = next((known for known in ENDINGS if lowered.endswith(known)), "")
    if not ending:
        raise CohortError(
            "LC817", "this kind of file is not read", f"Save it as one of {', '.join(ENDINGS)}.", where=name
        )
    return ending.lstrip(".")


def _bytes_of(path: Path, name: str) -> bytes:
    return b"".join(_blocks(path, "", name))


def _blocks(path: Path, kind: str, name: str) -> Iterator[bytes]:
    """The bytes of a file, unpacked where it is packed, a block at a time."""
    with reaching("the file", "read", name, "Check the path and the rights.", CohortError):
        try:
            with path.open("rb") as file:
                unpacked = gzip.GzipFile(fileobj=file) if kind == "csv.gz" else file
                while block := unpacked.read(BLOCK):
                    yield block
        except (gzip.BadGzipFile, EOFError, zlib.error):
            raise _not_a_table(name, "the file is not a whole gzip file") from None


def _not_a_table(
    name: str, what: str, hint: str = "Save it again in the format its name promises."
) -> CohortError:
    return CohortError("LC813", what, hint, where=name)


def _open_csv(path: Path, kind: str, encoding: str, name: str) -> RawTable:
    def blocks() -> Iterator[bytes]:
        return _blocks(path, kind, name)

    if not any(block.strip() for block in _blocks(path, "", name)):
        raise CohortError("LC812", "the file is empty", "Ask for it again.", where=name)
    start = next(blocks(), b"")
    for magic, what in _MAGIC:
        if start.startswith(magic):
            raise _not_a_table(name, f"the file is called a CSV but looks like {what}")
    script = learn_script(blocks, encoding, name)
    layout = learn_layout(script.utf8(blocks()), name)
    headings = _checked(layout.headings, name)
    if not any(whole_records(script.utf8(blocks()), len(layout.line))):
        raise _no_rows(name)

    def rows() -> Iterator[pl.DataFrame]:
        for frame in read_rows_of(script.utf8(blocks()), layout, name):
            frame.columns = headings
            yield frame

    return StreamedTable(_only_headings(headings), name, "csv", script.encoding, source=rows)


def _open_parquet(path: Path, name: str) -> RawTable:
    if not any(block.strip() for block in _blocks(path, "", name)):
        raise CohortError("LC812", "the file is empty", "Ask for it again.", where=name)
    file = ParquetFile(path, name)
    cells_as_text(file.schema.to_frame(), name)  # refuses columns that hold lists and the like
    headings = _checked(file.schema.names(), name)
    if not file.height:
        raise _no_rows(name)

    def rows() -> Iterator[pl.DataFrame]:
        for frame in file.parts(ROWS):
            text = cells_as_text(frame, name)
            text.columns = headings
            yield text

    return StreamedTable(_only_headings(headings), name, "parquet", first_row=1, source=rows)


def _only_headings(headings: list[str]) -> pl.DataFrame:
    return pl.DataFrame(schema=dict.fromkeys(headings, pl.String))


def _read_workbook(data: bytes, kind: str, sheet: str, name: str) -> RawTable:
    import fastexcel

    if unpacks_to_too_much(data):
        raise _not_a_table(
            name, "the workbook unpacks to far more than a table holds", "Save it again, or as CSV."
        )
    try:
        with nothing_on_stderr():
            book = fastexcel.read_excel(data)
            chosen = _choose_sheet(book.sheet_names, sheet, name)
            loaded = book.load_sheet(chosen, header_row=None, skip_rows=0, dtypes="string")
            cells = loaded.to_polars()
        offsets = [column.absolute_index for column in loaded.available_columns()] if cells.width else []
    except fastexcel.FastExcelError:
        program = "Excel" if kind == "xlsx" else "OpenDocument"
        raise _not_a_table(name, f"the file is not an {program} workbook that can be read") from None
    if kind == "ods":
        _refuse_times(data, book.sheet_names.index(chosen), chosen, name)
        cells = _stamped(cells)
    blank = (
        cells.select(pl.all_horizontal(pl.all().str.strip_chars().fill_null("") == "")).to_series()
        if offsets
        else None
    )
    if blank is None or blank.all():
        raise CohortError(
            "LC812", f"sheet '{chosen}' is empty", "Name the sheet that holds the table.", where=name
        )
    top = int(blank.arg_min() or 0)
    headings = [str(heading or "") for heading in cells.row(top)]
    frame = _booleans_as_digits(cells.slice(top + 1))
    letters = tuple(_letters(offset) for offset in offsets)
    return RawTable(
        _finished(frame, headings, name), name, kind, sheet=chosen, first_row=top + 2, letters=letters
    )


def _choose_sheet(sheets: list[str], wanted: str, name: str) -> str:
    if wanted in sheets:
        return wanted
    if not wanted and len(sheets) == 1:
        return sheets[0]
    problem = (
        f"there is no sheet '{wanted}'" if wanted else "the workbook has several sheets and none is named"
    )
    raise CohortError(
        "LC816",
        f"{problem}; it has: {', '.join(sheets)}",
        'Write sheet = "…" in the source file.',
        where=name,
    )


def _booleans_as_digits(cells: pl.DataFrame) -> pl.DataFrame:
    """A yes/no cell arrives as the text true or false; write it as typed yes/no is written everywhere."""
    return cells.with_columns(pl.all().replace({"true": "1", "false": "0"}))


def _stamped(cells: pl.DataFrame) -> pl.DataFrame:
    """A date cell of an OpenDocument sheet arrives as ``2024-03-01``; write it as dates are written everywhere.

    A text of exactly that form cannot be told from a date cell and is written so as well.
    """
    return cells.with_columns(
        pl.when(cell.str.contains(_ODS_DATE))
        .then(
            pl.concat_str(
                cell.str.extract(_ODS_DATE, 1),
                pl.lit(" "),
                cell.str.extract(_ODS_DATE, 2).fill_null("00:00:00"),
            )
        )
        .otherwise(cell)
        .alias(name)
        for name in cells.columns
        for cell in (pl.col(name),)
    )


def _refuse_times(data: bytes, number: int, sheet: str, name: str) -> None:
    """The reader makes times of day and durations of an OpenDocument sheet blank: that would be silent loss."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as package:
            tables = package.read("content.xml").split(b"<table:table ")[1:]
    except BROKEN_ZIP:
        tables = []
    if len(tables) <= number:
        raise _not_a_table(name, "the file is not an OpenDocument workbook that can be read")
    if _ODS_TIME in tables[number]:
        raise _not_a_table(
            name,
            f"sheet '{sheet}' holds cells with a time of day or a duration, which are not read",
            "Make these cells text or numbers, and save it again.",
        )


def _letters(offset: int) -> str:
    letters, rest = "", offset + 1
    while rest:
        rest, place = divmod(rest - 1, 26)
        letters = chr(ord("A") + place) + letters
    return letters


def _read_statistics(path: Path, kind: str, name: str) -> pl.DataFrame:
    import pyreadstat  # slow to load, and few files need it

    read: Any = pyreadstat.read_dta if kind == "dta" else pyreadstat.read_sav
    program = "Stata" if kind == "dta" else "SPSS"
    try:
        with nothing_on_stderr():
            frame, _ = read(str(path), apply_value_formats=False, user_missing=False, output_format="polars")
    except (pyreadstat.ReadstatError, pyreadstat.PyreadstatError, ValueError, OverflowError, TypeError):
        raise _not_a_table(name, f"the file is not a {program} file that can be read") from None
    return pl.DataFrame(frame)


def _finished(frame: pl.DataFrame, headings: list[str], name: str) -> pl.DataFrame:
    """Put the headings on and make blanks null."""
    headings = _checked(headings, name)
    if not frame.height:
        raise _no_rows(name)
    frame.columns = headings
    return _without_blanks(frame)


def _without_blanks(frame: pl.DataFrame) -> pl.DataFrame:
    return frame.with_columns(pl.when(pl.all().str.strip_chars() != "").then(pl.all()))


def _no_rows(name: str) -> CohortError:
    return CohortError("LC812", "the file has headings and no rows", "Ask for it again.", where=name)


def _checked(headings: Sequence[str], name: str) -> list[str]:
    """Headings without blanks around them, each once. They are not quoted: they may be a person's row."""
    clean = [heading.strip().lstrip("\ufeff") for heading in headings]
    blank = [str(number) for number, heading in enumerate(clean, start=1) if not heading]
    twice = [
        str(number) for number, heading in enumerate(clean, start=1) if heading and clean.count(heading) > 1
    ]
    hint = "Give each column one heading of its own. Was the heading row left out?"
    if blank:
        raise CohortError("LC815", f"column {', '.join(blank)} has no heading", hint, where=name)
    if twice:
        raise CohortError("LC815", f"columns {', '.join(twice)} have the same heading", hint, where=name)
    return clean
