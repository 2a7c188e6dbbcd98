"""Text with separators: its encoding, its separator, its headings, and rows that do not fit them."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator

import polars as pl

from cohorts.errors import CohortError

SEPARATORS = (",", ";", "\t")
_MARKS = ((b"\xef\xbb\xbf", "utf-8"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"))
_CODECS = {"utf-8": "utf-8-sig", "utf-16": "utf-16", "cp1252": "cp1252"}


def decode(data: bytes, encoding: str, name: str) -> tuple[str, str]:
    """Turn bytes into text; return it with the encoding used.

    ``auto`` believes a byte-order mark, then tries UTF-8, then Windows-1252, which almost any bytes satisfy:
    the encoding used is shown, so that a person can look.
    """
    marked = next((used for mark, used in _MARKS if data.startswith(mark)), "")
    order = [encoding] if encoding != "auto" else [marked] if marked else ["utf-8", "cp1252"]
    for used in order:
        text = _decoded(data, used)
        if text is not None and "\0" not in text:
            return _one_line_ending(text), used
        if text is not None:
            break
    tried = " or ".join(order)
    raise CohortError(
        "LC813",
        f"the file is not text in {tried}",
        "Save it as CSV in UTF-8, or name its encoding.",
        where=name,
    )


def _decoded(data: bytes, encoding: str) -> str | None:
    try:
        return data.decode(_CODECS[encoding])
    except UnicodeError:
        return None


def _one_line_ending(text: str) -> str:
    """Old spreadsheets end lines with a carriage return alone."""
    return text.replace("\r", "\n") if "\r" in text and "\n" not in text else text


def read_csv_text(text: str, name: str) -> tuple[pl.DataFrame, list[str]]:
    """Read separated text; return the cells, all as text, and the headings as written."""
    separator = _separator(text, name)
    headings = next(_records(text, separator))[1]
    if not any(heading.strip() for heading in headings):
        raise CohortError(
            "LC815", "the first line of the file is blank", "It must hold the headings.", where=name
        )
    try:
        frame = pl.read_csv(text.encode("utf-8"), separator=separator, infer_schema=False, quote_char='"')
    except pl.exceptions.PolarsError:
        frame = None
    if frame is None or frame.width != len(headings) or frame.to_series(-1).null_count():
        _refuse_ragged(text, separator, len(headings), name)
    if frame is None or frame.width != len(headings):
        raise CohortError(
            "LC814", "the rows of the file cannot be told apart", "Save it again as CSV.", where=name
        )
    return frame, headings


def _records(text: str, separator: str) -> Iterator[tuple[int, list[str]]]:
    """Each record with the line it begins on."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    start = 1
    for record in reader:
        yield start, record
        start = reader.line_num + 1


def _separator(text: str, name: str) -> str:
    """The separator that cuts the heading line into most columns, and through no quoted heading."""
    cuts: dict[str, tuple[bool, int]] = {}
    for separator in SEPARATORS:
        try:
            headings = next(_records(text, separator))[1]
            cuts[separator] = (not any('"' in heading for heading in headings), len(headings))
        except csv.Error:
            continue
    if not cuts:
        raise CohortError(
            "LC814", "line 1: the quotation marks do not pair up", "Correct the line.", where=name
        )
    return max(cuts, key=lambda separator: cuts[separator])


def _refuse_ragged(text: str, separator: str, width: int, name: str) -> None:
    """Go through the rows one by one and name the first that does not have one cell a heading."""
    line = 0
    try:
        for line, record in _records(text, separator):
            if len(record) > width or (len(record) < width and any(cell.strip() for cell in record)):
                raise CohortError(
                    "LC814",
                    f"line {line} has {len(record)} cells, the heading has {width}",
                    "Look for a separator or quotation mark inside a text that is not quoted.",
                    where=name,
                )
    except csv.Error:
        raise CohortError(
            "LC814",
            f"after line {line}: a quotation mark is not closed, or stands inside a quoted text",
            "Look for a quotation mark in the lines that follow.",
            where=name,
        ) from None
