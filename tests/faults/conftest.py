"""Projects that are made once and copied for every harm; on the embedded file and on a server."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path

import pytest

from tests.cohorts.loading import make_project
from tests.commands.program import SECRET_VARIABLES, Program
from tests.commands.small_project import make_small_project
from tests.faults.forked import Forked
from tests.faults.site import MAPPING, PEOPLE, SECOND, Site, people_text

NUMBERS = count(1)
Fresh = Callable[[], Site]


def _new_database(server: str, template: str = "template1") -> str:
    import psycopg

    name = f"fault_{next(NUMBERS)}"
    with psycopg.connect(f"{server}/postgres", autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name} TEMPLATE {template}")
    return f"{server}/{name}"


def _make_empty(base: Path, url: str) -> Site:
    site = Site(base, url)
    with pytest.MonkeyPatch.context() as patch:
        site.enter(patch)
        project = make_project(base)
    (project.sources / "people.toml").write_text(MAPPING, encoding="utf-8")
    (project.sources / "second.toml").write_text(SECOND, encoding="utf-8")
    (project.inbox / "people.csv").write_text(people_text(0, PEOPLE), encoding="utf-8")
    (project.inbox / "some.csv").write_text(people_text(0, 6_000), encoding="utf-8")
    (project.inbox / "second.csv").write_text(people_text(3_000, 9_000, second=True), encoding="utf-8")
    return site


def _make_small(base: Path, url: str) -> Site:
    site = Site(base, url)
    base.mkdir(parents=True, exist_ok=True)
    with pytest.MonkeyPatch.context() as patch:
        for name in SECRET_VARIABLES:
            patch.delenv(name, raising=False)
        site.enter(patch)
        make_small_project(Program(patch), site.root)
    return site


@pytest.fixture(scope="session")
def empty_once(tmp_path_factory: pytest.TempPathFactory) -> Site:
    """A project without people."""
    return _make_empty(tmp_path_factory.mktemp("faults") / "empty", "")


@pytest.fixture(scope="session")
def small_site_once(tmp_path_factory: pytest.TempPathFactory) -> Site:
    """The small project, with a locked plan that was not run."""
    return _make_small(tmp_path_factory.mktemp("faults") / "small", "")


@pytest.fixture(scope="session")
def server_empty_once(server: str, tmp_path_factory: pytest.TempPathFactory) -> Site:
    """A project without people, on a server."""
    return _make_empty(tmp_path_factory.mktemp("faults") / "empty", _new_database(server))


@pytest.fixture(scope="session")
def server_small_once(server: str, tmp_path_factory: pytest.TempPathFactory) -> Site:
    """The small project, on a server."""
    return _make_small(tmp_path_factory.mktemp("faults") / "small", _new_database(server))


def _copies(once: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Fresh:
    def fresh() -> Site:
        base = tmp_path / f"copy-{next(NUMBERS)}"
        server, _, template = once.url.rpartition("/")
        site = once.copy(base, _new_database(server, template) if once.url else "")
        site.enter(monkeypatch)
        return site

    return fresh


@pytest.fixture
def fresh_file(empty_once: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Fresh:
    """Copies of the project without people, on the embedded file."""
    return _copies(empty_once, tmp_path, monkeypatch)


@pytest.fixture
def fresh_server(server_empty_once: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Fresh:
    """Copies of the project without people, on a server."""
    return _copies(server_empty_once, tmp_path, monkeypatch)


@pytest.fixture
def fresh_small(small_site_once: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Fresh:
    """Copies of the small project, on the embedded file."""
    return _copies(small_site_once, tmp_path, monkeypatch)


@pytest.fixture(params=["file", "server"])
def fresh(request: pytest.FixtureRequest) -> Fresh:
    """Copies of the project without people: first on the embedded file, then on a server."""
    made: Fresh = request.getfixturevalue(f"fresh_{request.param}")
    return made


@pytest.fixture(params=["file", "server"])
def small(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Site:
    """A copy of the small project: first on the embedded file, then on a server."""
    name = "small_site_once" if request.param == "file" else "server_small_once"
    once: Site = request.getfixturevalue(name)
    return _copies(once, tmp_path, monkeypatch)()


@pytest.fixture(scope="session")
def forked() -> Iterator[Forked]:
    """The program in processes of its own, quickly."""
    if not hasattr(os, "fork"):
        pytest.skip("this system has no fork")
    made = Forked()
    try:
        yield made
    finally:
        made.close()


@pytest.fixture
def program(monkeypatch: pytest.MonkeyPatch) -> Program:
    """The program, in this process."""
    return Program(monkeypatch)
