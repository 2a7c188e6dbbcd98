"""Atomic writes: a reader sees the old file or the new one, never half of either."""

from __future__ import annotations

import contextlib
import hashlib
import os
import re
import secrets
from collections.abc import Iterator
from pathlib import Path

from workspace.errors import LifecourseError, WorkspaceError

_PART = re.compile(r"\..+\.[0-9a-f]{12}\.part")


@contextlib.contextmanager
def reaching(
    what: str,
    done: str,
    shown: str,
    hint: str = "Check the path and its rights.",
    error: type[LifecourseError] = WorkspaceError,
) -> Iterator[None]:
    """Turn the system's refusals into ours: ``what`` (the file) cannot be ``done`` (read, written, removed)."""
    try:
        yield
    except OSError as problem:
        reason = (problem.strerror or f"it cannot be {done}").lower()
        raise error("LC107", f"{what} cannot be {done}: {reason}", hint, where=shown) from None


def write_atomically(path: Path, content: str | bytes, *, private: bool = False) -> None:
    """Write beside the target, flush to disk, then rename over it. ``private`` sets owner-only rights."""
    data = content.encode("utf-8") if isinstance(content, str) else content
    beside = path.with_name(f".{path.name}.{secrets.token_hex(6)}.part")
    try:
        with reaching("the file", "written", path.name, "Check the folder and its rights."):
            path.parent.mkdir(parents=True, exist_ok=True)
            handle = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600 if private else 0o644)
            with os.fdopen(handle, "wb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            beside.replace(path)
    finally:
        with contextlib.suppress(OSError):
            beside.unlink(missing_ok=True)
    _sync_folder(path.parent)


def leftovers(folder: Path) -> list[Path]:
    """Half-written files beside their targets, left by a command that was killed; the targets are whole."""
    found: list[Path] = []
    for inside, subfolders, files in os.walk(folder):
        subfolders[:] = [name for name in subfolders if name != ".git"]
        found += [Path(inside) / name for name in files if _PART.fullmatch(name)]
    return sorted(found)


def _sync_folder(folder: Path) -> None:
    """Make the rename itself durable, where the system has such a thing."""
    with contextlib.suppress(OSError):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def overwrite(path: Path) -> None:
    """Write over the bytes of a small secret before its name goes: an unlinked file lies on the disk unchanged.

    What the disk itself or a backup keeps of it is beyond any program.
    """
    with contextlib.suppress(FileNotFoundError), path.open("r+b") as file:
        length = file.seek(0, os.SEEK_END)
        file.seek(0)
        file.write(b"#" * length)
        file.flush()
        os.fsync(file.fileno())


def sha256_of(path: Path) -> str:
    """SHA-256 of a file's bytes, read in blocks."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
