"""A Word file with nothing in it that varies: no time, no author, no thumbnail, the same bytes each time (pure)."""

from __future__ import annotations

import io
import zipfile

EPOCH = (1980, 1, 1, 0, 0, 0)
FIRST = "[Content_Types].xml"


def packed(data: bytes) -> bytes:
    """The same package with fixed times, its parts in a fixed order."""
    made = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as before, zipfile.ZipFile(made, "w") as after:
        for name in sorted(before.namelist(), key=lambda name: (name != FIRST, name)):
            part = zipfile.ZipInfo(name, EPOCH)
            part.compress_type = zipfile.ZIP_DEFLATED
            part.create_system = 3
            after.writestr(part, before.read(name))
    return made.getvalue()
