"""Who made a file, with what and where, taken out of it (pure). What nobody put in is left byte for byte as it was."""

from __future__ import annotations

import io
import re
import struct
import zipfile
import zlib

from cohorts.gate.documents import png_chunks
from workspace.zip_files import BROKEN_ZIP

_PEOPLE = re.compile(
    rb"<((?:dc:creator|cp:lastModifiedBy|meta:initial-creator|meta:printed-by|Manager|dc:publisher))>([^<]+)</\1>"
)
_COMPANY = re.compile(rb"<(Company|HyperlinkBase|Template)>([^<]+)</\1>")
_SVG = re.compile(rb"<metadata\b.*?</metadata>\s*", re.DOTALL)
_PDF = re.compile(rb"(/(?:Author)\s*\()((?:[^()\\]|\\.)*)(\))")
_PDF_HEX = re.compile(rb"(/(?:Author)\s*<)([0-9A-Fa-f\s]*)(>)")
PROPERTIES = ("docProps/core.xml", "docProps/app.xml", "meta.xml")
OFFICE = (".docx", ".xlsx", ".ods", ".odt")
TEXT_CHUNKS = (b"tEXt", b"iTXt", b"zTXt", b"eXIf", b"tIME")
OURS = (b"Lifecourse", b"lifecourse", b"python-docx")


def stripped(name: str, data: bytes) -> tuple[bytes, bool]:
    """The bytes without the names of people, programs' remarks and dates of editing; whether anything went."""
    low = name.lower()
    done = data
    if low.endswith(OFFICE):
        done = _office(data)
    elif low.endswith(".png") and data.startswith(b"\x89PNG"):
        done = _png(data)
    elif low.endswith(".svg"):
        done = _SVG.sub(b"", data)
    elif low.endswith(".pdf"):  # as long as before: a PDF says where its parts begin
        done = _PDF.sub(lambda m: m[1] + b" " * len(m[2]) + m[3], data)
        done = _PDF_HEX.sub(lambda m: m[1] + b"20" * (len(m[2]) // 2) + b" " * (len(m[2]) % 2) + m[3], done)
    return done, done != data


def _without_people(xml: bytes) -> bytes:
    def kept(found: re.Match[bytes]) -> bytes:
        return found[0] if found[2].strip() in OURS else b"<" + found[1] + b"></" + found[1] + b">"

    return _COMPANY.sub(kept, _PEOPLE.sub(kept, xml))


def _office(data: bytes) -> bytes:
    """Written anew only where a property names somebody; parts keep their order, dates and packing."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            parts = [(part, archive.read(part)) for part in archive.infolist()]
    except BROKEN_ZIP:
        return data
    changed = {
        part.filename: new
        for part, body in parts
        if part.filename in PROPERTIES and (new := _without_people(body)) != body
    }
    if not changed:
        return data
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for part, body in parts:
            archive.writestr(part, changed.get(part.filename, body), compress_type=part.compress_type)
    return out.getvalue()


def _png(data: bytes) -> bytes:
    chunks = list(png_chunks(data))
    if not any(kind in TEXT_CHUNKS for kind, _ in chunks):
        return data
    kept = [(kind, body) for kind, body in chunks if kind not in TEXT_CHUNKS]
    return data[:8] + b"".join(
        struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
        for kind, body in kept
    )
