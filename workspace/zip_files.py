"""What goes wrong with a zip file (a Word file, a workbook, a pack), and how large it would become (pure)."""

from __future__ import annotations

import io
import lzma
import struct
import zipfile
import zlib

# All that Python's reader raises over a package that is cut short, changed, locked or packed in an unknown way.
BROKEN_ZIP: tuple[type[Exception], ...] = (
    zipfile.BadZipFile, zlib.error, lzma.LZMAError, struct.error, EOFError, OSError, ValueError, RuntimeError, KeyError,
)  # fmt: skip
HARMLESS = 100_000_000  # bytes that any package may unpack to
MOST_PACKED = (
    200  # how much smaller than its content a real package is, at most; deflate itself reaches a thousand
)


def unpacks_to_too_much(data: bytes) -> bool:
    """Whether a zip is a bomb: it says that it becomes very large, and far larger than real content packs to.

    A file that is no zip, or a broken one, is not judged here.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            size = sum(part.file_size for part in archive.infolist())
    except BROKEN_ZIP:
        return False
    return size > HARMLESS and size > MOST_PACKED * len(data)
