"""Rows set aside on disk, sealed: the key is drawn for one reading, stays in memory and dies with it.

What a killed program leaves behind is a ``.part`` file that nobody can open; ``doctor`` names it.
"""

from __future__ import annotations

import contextlib
import io
import os
import secrets
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType

import polars as pl

from cohorts.errors import CohortError
from workspace.files import reaching

_LENGTH = 8
_NONCE = 12
_HINT = "The store's folder needs free space of about the size of the file: make room, then load again."


@dataclass(slots=True)
class SealedShelves:
    """One file for each shelf, AES-256-GCM, a frame at a time. Use it in a ``with``: afterwards nothing is left."""

    folder: Path
    _key: bytes = field(default_factory=lambda: secrets.token_bytes(32), repr=False)
    _paths: dict[int, Path] = field(default_factory=dict, repr=False)
    _count: int = 0

    def __enter__(self) -> SealedShelves:
        """Nothing is made before the first row is put down."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Take every shelf away, whatever happened."""
        for place in list(self._paths):
            self.clear(place)

    def put(self, place: int, frame: pl.DataFrame) -> None:
        """Seal a frame and add it to its shelf."""
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM

        plain = io.BytesIO()
        frame.write_ipc(plain)
        self._count += 1
        nonce = self._count.to_bytes(_NONCE, "big")  # never used twice: the key is of this object alone
        sealed = AESGCM(self._key).encrypt(nonce, plain.getbuffer(), place.to_bytes(_LENGTH, "big"))
        path = self._paths.setdefault(place, self.folder / f".rows.{secrets.token_hex(6)}.part")
        with reaching("rows that are set aside", "written", path.name, _HINT, CohortError):
            self.folder.mkdir(parents=True, exist_ok=True)
            handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
            with os.fdopen(handle, "ab") as file:
                file.write(nonce + len(sealed).to_bytes(_LENGTH, "big") + sealed)

    def take(self, place: int) -> Iterator[pl.DataFrame]:
        """The frames of a shelf, one after another."""
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM

        path = self._paths.get(place)
        if path is None:
            return
        with (
            reaching("rows that are set aside", "read", path.name, _HINT, CohortError),
            path.open("rb") as file,
        ):
            while nonce := file.read(_NONCE):
                sealed = file.read(int.from_bytes(file.read(_LENGTH), "big"))
                plain = AESGCM(self._key).decrypt(nonce, sealed, place.to_bytes(_LENGTH, "big"))
                yield pl.read_ipc(io.BytesIO(plain))

    def clear(self, place: int) -> None:
        """Take a shelf away."""
        path = self._paths.pop(place, None)
        if path is not None:
            with contextlib.suppress(OSError):
                path.unlink(missing_ok=True)
