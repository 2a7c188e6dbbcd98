"""Search of the raw bytes for what may be left of a person: the store, its journals, every file of the project.

Compressed partner files are looked into. Files that only a library can read (Parquet, SPSS, Stata), and those that are
encrypted, such as packs, are named as not searched. What is found is named by file, never by content.
"""

from __future__ import annotations

import base64
import contextlib
import gzip
import mmap
import os
import tempfile
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from workspace.postgresql import is_server
from workspace.project import Project
from workspace.zip_files import BROKEN_ZIP

SHORTEST = 6  # shorter texts are found everywhere and tell nothing
NOT_SEARCHED = (".parquet", ".sav", ".dta", ".xls")
LOCKED = (b"age-encryption.org/v1", b"-----BEGIN AGE ENCRYPTED FILE-----")
SKIPPED = frozenset({".git", ".venv", "node_modules", "__pycache__"})


@dataclass(frozen=True, slots=True)
class Residue:
    """Files in which something of the person was found, files that could not be searched, files searched."""

    found: tuple[str, ...]
    unsearched: tuple[str, ...]
    searched: int


def patterns_of(identifiers: Iterable[tuple[str, str]], tokens: Iterable[bytes]) -> tuple[bytes, ...]:
    """What the identifiers (kind, text) and tokens look like as bytes: plain, spaced, hexadecimal, Base64."""
    texts: list[str] = []
    for kind, text in identifiers:
        texts += [text, text.lower()]
        if kind == "nhs-number" and len(text) == 10:
            texts += [f"{text[:3]}{gap}{text[3:6]}{gap}{text[6:]}" for gap in (" ", "-")]
    found = [
        form for text in texts if len(text) >= SHORTEST for form in (text.encode(), text.encode("utf-16-le"))
    ]
    for token in tokens:
        plain = base64.b64encode(token).rstrip(b"=")
        found += [token, token.hex().encode(), token.hex().upper().encode(), plain]
    return tuple(dict.fromkeys(found))


def search(project: Project, patterns: Sequence[bytes]) -> Residue:
    """Look through every file of the project and the program's own records in the temporary folder."""
    found, unsearched, searched = [], [], 0
    for path in _files(project):
        name = project.shown(path)
        try:
            if path.suffix.lower() in NOT_SEARCHED or _is_locked(path):
                unsearched.append(name)
                continue
            searched += 1
            if _holds(path, patterns):
                found.append(name)
        except BROKEN_ZIP:
            unsearched.append(name)
    if is_server(project.settings.database_url):
        unsearched.append("the files and the log of the database server")
    return Residue(tuple(found), tuple(unsearched), searched)


def _files(project: Project) -> Iterator[Path]:
    for folder, subfolders, files in os.walk(project.root):
        subfolders[:] = sorted(name for name in subfolders if name not in SKIPPED)
        yield from (Path(folder) / name for name in sorted(files))
    yield from sorted(Path(tempfile.gettempdir()).glob("lifecourse-fault-*.txt"))


def _is_locked(path: Path) -> bool:
    with path.open("rb") as file:
        return file.read(len(LOCKED[1])).startswith(LOCKED)


def _holds(path: Path, patterns: Sequence[bytes]) -> bool:
    if any(_in_bytes(path, pattern) for pattern in patterns):
        return True
    if path.name.lower().endswith(".gz"):
        with gzip.open(path) as file:
            data = file.read()
        return any(pattern in data for pattern in patterns)
    if zipfile.is_zipfile(path):
        with zipfile.ZipFile(path) as archive:
            return any(
                pattern in data for data in map(archive.read, archive.namelist()) for pattern in patterns
            )
    return False


def _in_bytes(path: Path, pattern: bytes) -> bool:
    with path.open("rb") as file, contextlib.ExitStack() as stack:
        if not os.fstat(file.fileno()).st_size:
            return False
        view = stack.enter_context(mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ))
        return view.find(pattern) >= 0
