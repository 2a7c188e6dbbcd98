"""Text with separators: its encoding, its separator, its headings, and rows that do not fit them.

A file is read in parts: twice through its bytes (first to learn the encoding, then the rows), never all at once.
"""

from __future__ import annotations

import codecs
import csv
import io
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

import polars as pl

from cohorts.errors import CohortError

SEPARATORS = (",", ";", "\t")
BLOCK = 4 << 20  # bytes of a file that are looked at together
HEAD = 1 << 20  # bytes in which the heading row must end
ENDLESS = 64 << 20  # no one record is as long as this: its quotation marks do not pair up
_MARKS = ((b"\xef\xbb\xbf", "utf-8"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"))
_CODECS = {"utf-8": "utf-8-sig", "utf-16": "utf-16", "cp1252": "cp1252"}
_LINE_END = re.compile(rb"\r\n|\r|\n")

Blocks = Callable[[], Iterable[bytes]]


@dataclass(frozen=True, slots=True)
class Script:
    """How a file's bytes become text: the encoding, and whether lines end with a carriage return alone."""

    encoding: str
    old_line_ends: bool = False

    def utf8(self, blocks: Iterable[bytes]) -> Iterator[bytes]:
        """The bytes as UTF-8 without a mark, with one line ending."""
        decoder = codecs.getincrementaldecoder(_CODECS[self.encoding])()
        for block in blocks:
            yield self._plain(decoder.decode(block))
        yield self._plain(decoder.decode(b"", final=True))

    def _plain(self, text: str) -> bytes:
        return (text.replace("\r", "\n") if self.old_line_ends else text).encode("utf-8")


def learn_script(blocks: Blocks, encoding: str, name: str) -> Script:
    """Find out how bytes become text, looking through all of them.

    ``auto`` believes a byte-order mark, then tries UTF-8, then Windows-1252, which almost any bytes satisfy:
    the encoding used is shown, so that a person can look.
    """
    order = [encoding] if encoding != "auto" else _candidates(next(iter(blocks()), b""))
    for used in order:
        seen = _characters(blocks(), used)
        if seen is not None and "\0" not in seen:
            return Script(used, "\r" in seen and "\n" not in seen)
        if seen is not None:
            break
    tried = " or ".join(order)
    raise CohortError(
        "LC813",
        f"the file is not text in {tried}",
        "Save it as CSV in UTF-8, or name its encoding.",
        where=name,
    )


def _candidates(start: bytes) -> list[str]:
    marked = next((used for mark, used in _MARKS if start.startswith(mark)), "")
    return [marked] if marked else ["utf-8", "cp1252"]


def _characters(blocks: Iterable[bytes], encoding: str) -> set[str] | None:
    """Which of the telling characters stand in a text; None when the bytes are not text in this encoding."""
    decoder = codecs.getincrementaldecoder(_CODECS[encoding])()
    seen: set[str] = set()
    try:
        for block in _ended(blocks):
            text = decoder.decode(block or b"", final=block is None)
            seen |= {sign for sign in "\0\r\n" if sign in text}
    except UnicodeError:
        return None
    return seen


def _ended(blocks: Iterable[bytes]) -> Iterator[bytes | None]:
    yield from blocks
    yield None


def decode(data: bytes, encoding: str, name: str) -> tuple[str, str]:
    """Turn bytes into text; return it with the encoding used (see :func:`learn_script`)."""
    script = learn_script(lambda: (data,), encoding, name)
    return b"".join(script.utf8((data,))).decode("utf-8"), script.encoding


@dataclass(frozen=True, slots=True)
class Layout:
    """The heading row of separated text: its bytes, its headings, its separator."""

    line: bytes
    headings: tuple[str, ...]
    separator: str


def learn_layout(text: Iterable[bytes], name: str) -> Layout:
    """Read the heading row at the beginning of UTF-8 text."""
    head = b""
    for block in text:
        head += block
        if len(head) >= HEAD:
            break
    start = head.decode("utf-8", errors="ignore")
    if not start.strip():
        raise CohortError("LC812", "the file is empty", "Ask for it again.", where=name)
    separator = _separator(start, name)
    headings = next(_records(start, separator))[1]
    if not any(heading.strip() for heading in headings):
        raise CohortError(
            "LC815", "the first line of the file is blank", "It must hold the headings.", where=name
        )
    end = _first_record(head)
    return Layout(head[:end], tuple(headings), separator)


def _first_record(head: bytes) -> int:
    """Where the first record ends: after the first line end outside quotation marks."""
    end = head.find(b"\n")
    while end >= 0 and head.count(b'"', 0, end) % 2:
        end = head.find(b"\n", end + 1)
    return end + 1 if end >= 0 else len(head)


def read_rows_of(text: Iterable[bytes], layout: Layout, name: str) -> Iterator[pl.DataFrame]:
    """The rows below the heading, all cells as text, a part at a time; the first misfit stops the reading."""
    line = 1 + _lines(layout.line)
    for part in whole_records(text, len(layout.line)):
        yield _frame(part, layout, line, name)
        line += _lines(part)


def whole_records(text: Iterable[bytes], skip: int) -> Iterator[bytes]:
    """Cut a stream of text behind whole records, leaving out its first bytes."""
    held = b""
    for block in text:
        held += block
        if skip:
            cut = min(skip, len(held))
            held, skip = held[cut:], skip - cut
        end = _last_record(held) or (len(held) if len(held) > ENDLESS else 0)
        if end:
            yield held[:end]
            held = held[end:]
    if held:
        yield held


def _last_record(held: bytes) -> int:
    """Where the last whole record ends: behind the last line end outside quotation marks."""
    end, after = len(held), 0
    total = held.count(b'"')
    while (found := held.rfind(b"\n", 0, end)) >= 0:
        after += held.count(b'"', found, end)
        if (total - after) % 2 == 0:
            return found + 1
        end = found
    return 0


def _lines(part: bytes) -> int:
    return len(_LINE_END.findall(part)) if b"\r" in part else part.count(b"\n")


def _frame(part: bytes, layout: Layout, line: int, name: str) -> pl.DataFrame:
    """One part of the rows; ``line`` is the line of the file it begins on."""
    try:
        frame = pl.read_csv(
            layout.line + part, separator=layout.separator, infer_schema=False, quote_char='"'
        )
    except pl.exceptions.PolarsError:
        frame = None
    fits = frame is not None and frame.width == len(layout.headings)
    if frame is None or not fits or not _is_square(frame, part, layout):
        _refuse_ragged(part.decode("utf-8"), layout, line, name)
    if frame is None or not fits:
        raise CohortError(
            "LC814", "the rows of the file cannot be told apart", "Save it again as CSV.", where=name
        )
    return frame


def _is_square(frame: pl.DataFrame, part: bytes, layout: Layout) -> bool:
    """Whether it is certain that no row is short; one that is too long is refused by the reader."""
    if not frame.to_series(-1).null_count():
        return True
    separators = frame.height * (frame.width - 1)
    return b'"' not in part and part.count(layout.separator.encode("utf-8")) == separators


def read_csv_text(text: str, name: str) -> tuple[pl.DataFrame, list[str]]:
    """Read separated text; return the cells, all as text, and the headings as written."""
    data = (text.encode("utf-8"),)
    layout = learn_layout(data, name)
    parts = list(read_rows_of(data, layout, name)) or [_frame(b"", layout, 1, name)]
    return pl.concat(parts), list(layout.headings)


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


def _refuse_ragged(part: str, layout: Layout, first: int, name: str) -> None:
    """Go through the rows one by one and name the first that does not have one cell a heading."""
    line, width = first - 1, len(layout.headings)
    try:
        for start, record in _records(part, layout.separator):
            line = start + first - 1
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
