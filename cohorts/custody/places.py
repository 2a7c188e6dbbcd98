"""Where secrets may lie: never inside a project, never in a folder that is copied to a cloud service."""

from __future__ import annotations

import os
from pathlib import Path

from cohorts.errors import CohortError
from workspace.settings import SETTINGS_FILE

_SYNCED_STARTS = ("onedrive", "dropbox", "google drive", "googledrive", "icloud", "nextcloud", "owncloud")
_SYNCED_NAMES = frozenset({"box", "box sync", "mobile documents", "my drive", "pclouddrive", "syncthing"})


def bad_place(path: Path) -> str:
    """Why a key, an identity or a copy of one may not lie there, or nothing. Links are followed."""
    for place in (Path(os.path.abspath(path)), path.resolve()):
        if any((folder / SETTINGS_FILE).is_file() for folder in place.parents):
            return "it is inside the project folder"
        if any(_is_synced(part) for part in place.parts[:-1]):
            return "it is in a folder that is copied to a cloud service"
    return ""


def refuse_place(
    path: Path, hint: str = "Choose a place outside the project and outside synced folders."
) -> None:
    """Refuse a place where others could get a secret: ``LC841``."""
    problem = bad_place(path)
    if problem:
        raise CohortError("LC841", f"the key may not be kept there: {problem}", hint, where=path.name)


def refuse_overwriting(path: Path) -> None:
    """A key is never overwritten, and neither is what a link stands for: ``LC844``."""
    if path.exists() or path.is_symlink():
        raise CohortError(
            "LC844", "there is a key already; it is never overwritten", "Keep using it.", where=path.name
        )


def _is_synced(part: str) -> bool:
    name = part.strip().lower()
    return name.startswith(_SYNCED_STARTS) or name in _SYNCED_NAMES
