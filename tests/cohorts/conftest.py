"""Projects that several files of tests start from."""

from __future__ import annotations

from pathlib import Path

import pytest

from cohorts.keys import VARIABLE
from tests.cohorts.loading import make_project
from tests.cohorts.packs import make_hub
from tests.cohorts.rightful import full
from workspace.project import Project


@pytest.fixture
def own_configuration(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A configuration folder of the test's own, and no key named by the environment."""
    monkeypatch.delenv(VARIABLE, raising=False)
    monkeypatch.delenv("LIFECOURSE_IDENTITY_FILE", raising=False)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))


@pytest.fixture
def hub(tmp_path: Path, database_url: str) -> Project:
    """A project of two keys on the embedded file, then on a server."""
    return make_hub(tmp_path)


@pytest.fixture
def local_hub(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Project:
    """A project of two keys on the embedded file."""
    monkeypatch.delenv("LIFECOURSE_DATABASE_URL", raising=False)
    return make_hub(tmp_path)


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, database_url: str) -> Project:
    """Sixty people on the embedded file, then on a server."""
    monkeypatch.setenv("LIFECOURSE_KEY_FILE", str(tmp_path / "keys" / "test.key"))
    return full(make_project(tmp_path))


@pytest.fixture
def in_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Project:
    """Sixty people on the embedded file."""
    monkeypatch.setenv("LIFECOURSE_KEY_FILE", str(tmp_path / "keys" / "test.key"))
    monkeypatch.delenv("LIFECOURSE_DATABASE_URL", raising=False)
    return full(make_project(tmp_path))
