"""The words of a PDF, as far as they can be read without a library: text strings and the fonts' own tables (pure).

Reads Flate streams, literal and hexadecimal strings, and the ToUnicode tables that browsers write. Each font's table is
tried on each string only where one is needed. What cannot be read so is said to be unread, never taken for clean.
"""

from __future__ import annotations

import re
import zlib

_STREAM = re.compile(rb"stream\r?\n(.*?)\r?\n?endstream", re.DOTALL)
_RANGE = re.compile(rb"<([0-9A-Fa-f]+)>\s*<([0-9A-Fa-f]+)>\s*<([0-9A-Fa-f]+)>")
_PAIR = re.compile(rb"<([0-9A-Fa-f]+)>\s*<([0-9A-Fa-f]+)>")
_SHOWN = re.compile(
    rb"\[((?:[^\[\]\\]|\\.)*)\]\s*TJ|(<[0-9A-Fa-f\s]*>|\((?:[^()\\]|\\.)*\))\s*(?:Tj|')", re.DOTALL
)
_PIECE = re.compile(rb"<([0-9A-Fa-f\s]*)>|\(((?:[^()\\]|\\.)*)\)|(-?[0-9.]+)", re.DOTALL)
_INFO = re.compile(
    rb"/(Author|Creator|Producer|Title|Subject|Keywords)\s*(\((?:[^()\\]|\\.)*\)|<[0-9A-Fa-f\s]*>)"
)
_FILE = re.compile(rb"/EmbeddedFiles|/Filespec|/FileAttachment")
GAP = 180.0  # thousandths of the letter's size: a wider move is a blank


def pdf_texts(data: bytes) -> tuple[list[str], bool]:
    """What it says, and whether all of its text could be read."""
    streams = [one for found in _STREAM.finditer(data) if (one := _inflated(found[1])) is not None]
    tables = [table for one in streams if b"begincmap" in one and (table := _table(one))]
    drawn = [one for one in streams if b"begincmap" not in one and (b"Tj" in one or b"TJ" in one)]
    texts = [_words(one, table) for one in drawn for table in (tables or [{}])]
    texts += [_literal(found[2], {}) for found in _INFO.finditer(data)]
    read = any(any(c.isalpha() for c in text) for text in texts) or not drawn
    return texts, read


def embeds_files(data: bytes) -> bool:
    """Say whether other files are packed into it."""
    return bool(_FILE.search(data)) or any(
        _FILE.search(one) for found in _STREAM.finditer(data) if (one := _inflated(found[1]))
    )


def _inflated(data: bytes) -> bytes | None:
    try:
        return zlib.decompressobj().decompress(data)
    except zlib.error:
        return data if data.isascii() else None


def _table(stream: bytes) -> dict[int, str]:
    """Codes of letters to letters, out of a ToUnicode table."""
    found: dict[int, str] = {}
    for block in re.findall(rb"beginbfrange(.*?)endbfrange", stream, re.DOTALL):
        for low, high, to in _RANGE.findall(block):
            first, last = int(low, 16), int(high, 16)
            for code in range(first, min(last, first + 65_535) + 1):
                found[code] = chr(min(int(to[-4:], 16) + code - first, 0x10FFFF))
    for block in re.findall(rb"beginbfchar(.*?)endbfchar", stream, re.DOTALL):
        for code_, to in _PAIR.findall(block):
            found[int(code_, 16)] = bytes.fromhex(to.decode()).decode("utf-16-be", "replace")
    return found


def _words(stream: bytes, table: dict[int, str]) -> str:
    shown = []
    for many, one in _SHOWN.findall(stream):
        shown.append(_pieces(many or one, table))
    return " ".join(shown)


def _pieces(data: bytes, table: dict[int, str]) -> str:
    said = []
    for hexed, literal, move in _PIECE.findall(data):
        if move:
            said.append(" " if _moves_far(move) else "")
        else:
            said.append(_literal(b"<" + hexed + b">" if hexed else b"(" + literal + b")", table))
    return "".join(said)


def _moves_far(move: bytes) -> bool:
    """Is it more than a gap between letters? What only looks like a number ("1.2.3") moves nothing."""
    try:
        return abs(float(move)) > GAP
    except ValueError:
        return False


def _literal(data: bytes, table: dict[int, str]) -> str:
    if data.startswith(b"<"):
        digits = re.sub(rb"\s", b"", data[1:-1]).decode("ascii", "replace")
        raw = bytes.fromhex(digits + "0" * (len(digits) % 2)) if digits else b""
    else:
        raw = re.sub(rb"\\([()\\])", rb"\1", data[1:-1])
    if raw.startswith(b"\xfe\xff"):
        return raw[2:].decode("utf-16-be", "replace")
    if table and len(raw) % 2 == 0:
        codes = [int.from_bytes(raw[i : i + 2], "big") for i in range(0, len(raw), 2)]
        return "".join(table.get(code, "\ufffd") for code in codes)
    return raw.decode("latin-1")
