"""The project folder a team keeps, and how a command finds it."""

from __future__ import annotations

import contextlib
import re
import secrets
import shutil
from dataclasses import dataclass
from pathlib import Path

from workspace import console
from workspace.errors import WorkspaceError
from workspace.files import reaching, write_atomically
from workspace.settings import SETTINGS_FILE, Settings, read_settings, settings_text

FOLDERS = ("plans", "sources", "agreements", "definitions", "evidence", "reports", "public", "inbox", "data")
GITIGNORE = """# People's data never goes into git.
inbox/
data/
*.key
*.seal
*.sqlite
*.sqlite-journal
*.csv
*.xlsx
*.ods
*.part
!public/**
!definitions/**
"""


@dataclass(frozen=True, slots=True)
class Project:
    """A project folder and its settings."""

    root: Path
    settings: Settings

    @property
    def theory_file(self) -> Path:
        """Boxes, links and measures."""
        return self.root / "theory.toml"

    @property
    def plans(self) -> Path:
        """Analysis plans."""
        return self.root / "plans"

    @property
    def sources(self) -> Path:
        """One mapping file a partner extract."""
        return self.root / "sources"

    @property
    def areas(self) -> Path:
        """One mapping file a source of area series."""
        return self.root / "areas"

    @property
    def agreements(self) -> Path:
        """One file a data-sharing agreement."""
        return self.root / "agreements"

    @property
    def inbox(self) -> Path:
        """Partner files, with identifiers in them; never in git."""
        return self.root / "inbox"

    @property
    def evidence(self) -> Path:
        """Findings as JSON: aggregate only."""
        return self.root / "evidence"

    @property
    def reports(self) -> Path:
        """Built reports."""
        return self.root / "reports"

    @property
    def data(self) -> Path:
        """The embedded database; never in git."""
        return self.root / "data"

    def shown(self, path: Path) -> str:
        """A path as messages show it: relative to the project, never a folder of the machine."""
        with contextlib.suppress(ValueError):
            return path.resolve().relative_to(self.root.resolve()).as_posix()
        return path.name


def find_project() -> Project:
    """The project named by --project, or the nearest one at or above the working folder."""
    named = console.current().project
    start = (named or Path.cwd()).resolve()
    candidates = [start] if named else [start, *start.parents]
    for folder in candidates:
        if (folder / SETTINGS_FILE).is_file():
            return Project(folder, read_settings(folder / SETTINGS_FILE))
    where = named.as_posix() if named else ""
    raise WorkspaceError(
        "LC101",
        f"there is no {SETTINGS_FILE} {'in that folder' if named else 'here or in any folder above'}",
        "lifecourse init DIR makes a project; --project DIR names one.",
        where=where,
    )


def create_project(folder: Path, name: str = "", *, practice: bool = False) -> Project:
    """Make a new project folder. On any failure nothing of it is left behind."""
    folder = folder.resolve()
    refuse_used_folder(folder)
    existed = folder.exists()
    slug = re.sub(r"[^a-z0-9]+", "-", (name or folder.name).lower()).strip("-")[:40] or "project"
    settings = Settings(f"{slug}-{secrets.token_hex(4)}", name or folder.name, practice=practice)
    try:
        with reaching("the folder", "made", folder.name, ""):
            for sub in FOLDERS:
                (folder / sub).mkdir(parents=True, exist_ok=True)
            write_atomically(folder / ".gitignore", GITIGNORE)
            write_atomically(folder / SETTINGS_FILE, settings_text(settings))
            return Project(folder, read_settings(folder / SETTINGS_FILE))
    except BaseException:
        discard(folder, keep_folder=existed)
        raise


def refuse_used_folder(folder: Path) -> None:
    """A project is only made in a new or empty folder."""
    folder = folder.resolve()
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise WorkspaceError(
            "LC102",
            f"'{folder.name}' exists and is not an empty folder",
            "Name a new folder.",
            where=folder.name,
        )


def discard(folder: Path, *, keep_folder: bool) -> None:
    """Take back a half-made project."""
    shutil.rmtree(folder, ignore_errors=True)
    if keep_folder:
        folder.mkdir(parents=True, exist_ok=True)
