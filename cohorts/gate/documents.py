"""The texts and cells inside a file of any format that leaves (pure).

Markup is taken off, so that a number cut in two by a tag is whole again; numbers that only say where something is
drawn are left out, so that a chart raises no alarm. A format that cannot be read is said to be unread.
"""

from __future__ import annotations

import base64
import csv
import html
import io
import json
import re
import struct
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import unquote_to_bytes

from cohorts.gate.pdf_text import embeds_files, pdf_texts
from workspace.zip_files import BROKEN_ZIP

_TAG = re.compile(r"<[^>]*>")
# No opening within what is open: else text of nothing but openings takes a time that grows with its square.
_STYLE = re.compile(r"<(style|script)\b[^<>]*>(?:(?!<\1\b).)*?</\1>", re.DOTALL | re.IGNORECASE)
_COMMENT = re.compile(r"<!--((?:(?!<!--).)*?)-->", re.DOTALL)
_BLOCK = re.compile(
    r"</?(?:p|div|li|tr|td|th|h[1-6]|text|tspan|title|desc|option|w:p|w:tc|text:p|table:table-cell|si|row|c|v)\b[^>]*>"
)
_SAID = re.compile(
    r"\b(?:alt|title|aria-label|aria-description|content|href|src|id|name|data-[\w-]+|descr)=\"([^\"]*)\""
)
_ATTRIBUTE = re.compile(r"""(?<=\s)([\w:-]+)\s*=\s*(?:"([^"]*)"|'([^']*)')""")
_OF_DRAWING = re.compile(  # where something is drawn, and how
    r"(?:d|points|transform|viewbox|[xy][12]?|[dcrf][xy]|r|width|height|style|class|offset|(?:fill|stroke|font|marker)"
    r"(?:-\w+)*|(?:text|dominant)-\w+|xmlns(?::\w+)?|textlength|pathlength|opacity)",
    re.IGNORECASE,
)
_DATA_URL = re.compile(r"data:([\w/+.-]*)((?:;[\w=.-]+)*?)(;base64)?,([^\"'\s)>]*)")
_KINDS = {
    "image/png": "a.png",
    "image/jpeg": "a.jpg",
    "image/svg+xml": "a.svg",
    "text/html": "a.html",
    "text/csv": "a.csv",
    "text/plain": "a.txt",
    "application/json": "a.json",
}
_ODS_CELL = re.compile(r"<table:table-cell\b([^>]*)>(.*?)</table:table-cell>", re.DOTALL)
_SHARED = re.compile(r"<(?:si|is)\b[^>]*>(.*?)</(?:si|is)>", re.DOTALL)
_FORMULA = re.compile(r"<f[ >]|table:formula=")
TEXTS = (".html", ".htm", ".svg", ".xml", ".css")
PLAIN = (
    ".txt",
    ".md",
    ".py",
    ".r",
    ".toml",
    ".css",
    ".do",
    ".sps",
    ".qmd",
    ".cff",
    ".lock",
    ".yml",
    ".yaml",
    "",
)
ZIPPED = (".docx", ".xlsx", ".ods", ".odt", ".zip")
PICTURES = (".png", ".jpg", ".jpeg")
OPAQUE = (".woff2", ".woff", ".ttf", ".otf", ".ico")
LARGEST_UNPACKED = 200_000_000


@dataclass(frozen=True, slots=True)
class Contents:
    """What a file holds: its texts, the cells that a spreadsheet would read, and what could not be looked into."""

    texts: tuple[str, ...]
    cells: tuple[str, ...] = ()
    formulas: bool = False
    unread: str = ""
    headings: tuple[str, ...] = ()


def contents_of(name: str, data: bytes) -> Contents:
    """Look into a file by the ending of its name."""
    low = name.lower().rsplit("/", 1)[-1]
    ending = f".{low.rsplit('.', 1)[1]}" if "." in low else ""
    if ending in TEXTS:
        return _markup(_decoded(data))
    if ending in (".csv", ".tsv"):
        return _table(data, "\t" if ending == ".tsv" else ",")
    if ending == ".json":
        return _json(data)
    if ending in ZIPPED:
        return _zipped(data)
    if ending == ".pdf":
        texts, read = pdf_texts(data)
        whole = read and not embeds_files(data)
        return Contents(
            tuple(texts), unread="" if whole else "a PDF whose text or attachments cannot be read"
        )
    if ending in PICTURES:
        return Contents(tuple(picture_texts(data)))
    if ending in OPAQUE:
        return Contents(())
    if ending in PLAIN:
        return Contents((_decoded(data),))
    return Contents((_decoded(data),), unread=f"a file of the kind '{ending[:8]}'")


def _decoded(data: bytes) -> str:
    return data.decode("utf-8-sig", "replace")


def _markup(text: str) -> Contents:
    """A page or drawing: what it says, and whatever is packed into it as a data URL."""
    packed = [_unpacked(found) for found in _DATA_URL.finditer(text)]
    parts = [*markup_texts(text), *(said for one in packed for said in one.texts)]
    cells = tuple(cell for one in packed for cell in one.cells)
    unread = next((one.unread for one in packed if one.unread), "")
    headings = tuple(heading for one in packed for heading in one.headings)
    return Contents(tuple(parts), cells, unread=unread, headings=headings)


def _unpacked(found: re.Match[str]) -> Contents:
    kind, coded, body = found[1].lower(), found[3], found[4]
    if kind.startswith("font/") or (not kind and not body):
        return Contents(())
    try:
        data = base64.b64decode(body, validate=True) if coded else unquote_to_bytes(body)
    except ValueError:
        return Contents((body,), unread="data packed into a page")
    return contents_of(_KINDS.get(kind, "a.packed"), data)


def markup_texts(text: str, *, plain: bool = False) -> Iterator[str]:
    """What HTML, SVG or other markup says: its words, its attributes, scripts, styles and comments; no coordinates.

    ``plain``: a part of an office document, of whose attributes only those that are read count.
    """
    bare = _DATA_URL.sub("", text)
    yield from _COMMENT.findall(bare)
    for found in _STYLE.finditer(bare):
        yield found[0]
    bare = _STYLE.sub(" ", bare)
    if plain:
        yield from (html.unescape(found) for found in _SAID.findall(bare))
    else:
        yield from (
            html.unescape(one[2] or one[3] or "")
            for one in _ATTRIBUTE.finditer(bare)
            if not _OF_DRAWING.fullmatch(one[1])
        )
    yield html.unescape(_TAG.sub("", _BLOCK.sub("\n", _COMMENT.sub("", bare))))


def _table(data: bytes, comma: str) -> Contents:
    text = _decoded(data)
    try:
        rows = list(csv.reader(io.StringIO(text, newline=""), delimiter=comma))
    except csv.Error:
        rows = [line.split(comma) for line in text.splitlines()]
    cells = tuple(cell for row in rows for cell in row)
    return Contents((*cells,), cells, headings=tuple(rows[0]) if rows else ())


def _json(data: bytes) -> Contents:
    try:
        found = json.loads(_decoded(data))
    except (ValueError, RecursionError):
        return Contents((_decoded(data),))
    return Contents(tuple(_leaves(found)))


def _leaves(value: object) -> Iterator[str]:
    if isinstance(value, dict):
        for key, item in value.items():
            yield str(key)
            yield from _leaves(item)
    elif isinstance(value, list):
        for item in value:
            yield from _leaves(item)
    elif isinstance(value, float) and value.is_integer():
        yield str(int(value))
    elif isinstance(value, str | int) and not isinstance(value, bool):
        yield str(value)


def _zipped(data: bytes) -> Contents:
    """Every part of an office document or archive."""
    found: list[Contents] = []
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            if sum(part.file_size for part in archive.infolist()) > LARGEST_UNPACKED:
                return Contents((), unread="an archive too large to look into")
            found = [
                _part(part.filename, archive.read(part)) for part in archive.infolist() if not part.is_dir()
            ]
            names = tuple(part.filename for part in archive.infolist())
    except BROKEN_ZIP:
        return Contents((), unread="an archive that cannot be opened")
    return Contents(
        (*names, *(text for one in found for text in one.texts)),
        tuple(cell for one in found for cell in one.cells),
        any(one.formulas for one in found),
        next((one.unread for one in found if one.unread), ""),
        tuple(heading for one in found for heading in one.headings),
    )


def _part(name: str, data: bytes) -> Contents:
    if not name.endswith((".xml", ".rels")):
        return contents_of(name, data)
    text = _decoded(data)
    cells = [_bare(found) for found in _SHARED.findall(text)]
    cells += [_bare(found[1]) for found in _ODS_CELL.findall(text) if "float" not in found[0]]
    return Contents(tuple(markup_texts(text, plain=True)), tuple(cells), bool(_FORMULA.search(text)))


def _bare(markup: str) -> str:
    return html.unescape(_TAG.sub("", markup))


def picture_texts(data: bytes) -> Iterator[str]:
    """The texts that a PNG carries beside its picture; the remarks of a JPEG."""
    if data.startswith(b"\x89PNG"):
        for kind, body in png_chunks(data):
            if kind in (b"tEXt", b"iTXt", b"zTXt"):
                yield body.replace(b"\x00", b" ").decode("latin-1")
    elif data.startswith(b"\xff\xd8"):
        yield data[:65_536].decode("latin-1")


def png_chunks(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    """The chunks of a PNG: kind and body."""
    place = 8
    while place + 8 <= len(data):
        (length,) = struct.unpack(">I", data[place : place + 4])
        yield data[place + 4 : place + 8], data[place + 8 : place + 8 + length]
        place += 12 + length
