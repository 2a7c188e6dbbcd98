"""Atomic writes: a reader sees the old file or the new one, never half of either."""

from __future__ import annotations

import contextlib
import hashlib
import os
import re
import secrets
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from workspace.errors import LifecourseError, WorkspaceError

_PART = re.compile(r"\..+\.[0-9a-f]{12}\.part")
_ASIDE = re.compile(r"\..+\.[0-9a-f]{12}\.(new|old)")  # folders that were to change names


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
    with written_beside({path: content}, private=private) as put_in_place:
        put_in_place()


@contextlib.contextmanager
def written_beside(
    files: Mapping[Path, str | bytes], *, private: bool = False
) -> Iterator[Callable[[], None]]:
    """Write files beside their targets and flush them to disk; yields what puts them all in their places.

    A full disk shows before anything has its name. What was not put in its place is gone at the end.
    """
    token = secrets.token_hex(6)
    beside = {path: path.with_name(f".{path.name}.{token}.part") for path in files}

    def put_in_place() -> None:
        for path, part in beside.items():
            with reaching("the file", "written", path.name, "Check the folder and its rights."):
                part.replace(path)
        for folder in {path.parent for path in beside}:
            _sync_folder(folder)

    try:
        for path, content in files.items():
            with reaching("the file", "written", path.name, "Check the folder and its rights."):
                _write_new(beside[path], content, 0o600 if private else 0o644)
        yield put_in_place
    finally:
        for part in beside.values():
            with contextlib.suppress(OSError):
                part.unlink(missing_ok=True)


def _write_new(path: Path, content: str | bytes, rights: int) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, rights), "wb") as file:
        file.write(content.encode("utf-8") if isinstance(content, str) else content)
        file.flush()
        os.fsync(file.fileno())


def leftovers(folder: Path) -> list[Path]:
    """Half-written files and folders beside their targets, left by a command that was killed; the targets are whole."""
    found: list[Path] = []
    for inside, subfolders, files in os.walk(folder):
        subfolders[:] = [name for name in subfolders if name != ".git"]
        found += [Path(inside) / name for name in files if _PART.fullmatch(name)]
        found += [Path(inside) / name for name in subfolders if _ASIDE.fullmatch(name)]
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
