"""A project with an empty database."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from workspace import console
from workspace.database import create_database
from workspace.project import Project, create_project


@pytest.fixture(autouse=True)
def _plain_console(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    for name in ("LIFECOURSE_DATABASE_URL", "LIFECOURSE_KEY_FILE", "NO_COLOR"):
        monkeypatch.delenv(name, raising=False)
    before = console.current()
    console.configure(console.RunSettings())
    yield
    console.configure(before)


@pytest.fixture
def project(tmp_path: Path) -> Project:
    """A fresh project."""
    made = create_project(tmp_path / "mersey", "Mersey")
    create_database(made)
    return made
