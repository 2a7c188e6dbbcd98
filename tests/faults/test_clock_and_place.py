"""A clock that goes back breaks no chain; the place on Earth and the language change no result."""

from __future__ import annotations

import datetime as dt
import json
import locale
from collections.abc import Callable
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

import pytest

from tests.commands.program import Outcome, Program, in_another_process
from tests.commands.small_project import arrest_row, csv_text, release_row, releases
from tests.faults.site import NOTHING, Site
from workspace import audit
from workspace import clock as clock_room

PLACES = [
    {"TZ": "Pacific/Auckland"},
    {"TZ": "America/Los_Angeles", "LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"},
    {"LC_ALL": "", "LANG": "de_DE.UTF-8", "LC_NUMERIC": "de_DE.UTF-8"},
]
TIMES = {"provenance", "locked_at", "started", "run_at"}


@dataclass
class Clock:
    """A clock that somebody sets."""

    hour: dt.datetime

    def now(self, _zone: dt.tzinfo) -> dt.datetime:
        return self.hour


def test_a_clock_set_back_keeps_the_audit_chain_whole(
    fresh_file: Callable[[], Site], program: Program, monkeypatch: pytest.MonkeyPatch
) -> None:
    site = fresh_file()
    clock = Clock(dt.datetime(2031, 6, 1, tzinfo=dt.UTC))
    monkeypatch.setattr(clock_room, "dt", SimpleNamespace(datetime=clock, UTC=dt.UTC))
    program.well("source", "load", "people", "inbox/some.csv", cwd=site.root)
    clock.hour = dt.datetime(1999, 1, 1, tzinfo=dt.UTC)
    program.well("source", "load", "second", "inbox/second.csv", cwd=site.root)
    assert site.held() != NOTHING
    site.assert_sound()
    years = [entry.at[:4] for entry in audit.read_log(site.project)]
    assert years[-2:] == ["2031", "1999"]
    assert "the chain holds" in program.well("audit", "verify", cwd=site.root).said


def lasting(value: Any) -> Any:
    """A result without what may differ from run to run: provenance and times."""
    if isinstance(value, dict):
        return {name: lasting(held) for name, held in value.items() if name not in TIMES}
    return [lasting(held) for held in value] if isinstance(value, list) else value


def load_and_run(site: Site, place: dict[str, str]) -> tuple[Outcome, Any]:
    """Load more people and their outcomes and run the plan, in processes that are somewhere else."""
    inbox = site.root / "inbox"
    inbox.joinpath("more.csv").write_text(releases(map(release_row, range(80, 140))), encoding="utf-8")
    arrests = csv_text(("Prison number", "Visit", "Arrested"), map(arrest_row, range(80, 140)))
    inbox.joinpath("seen.csv").write_text(arrests, encoding="utf-8")
    env = site.environment | place
    outcome = Outcome(0, "", "")
    for words in (
        ("source", "load", "releases", "inbox/more.csv"),
        ("source", "load", "arrests", "inbox/seen.csv", "--sealed"),
        ("evaluate", "run", "locked"),
    ):
        outcome = in_another_process(*words, cwd=site.root, env=env)
        assert outcome.code == 0, outcome.err
    text = (site.root / "evidence" / "EVAL-001.json").read_text(encoding="utf-8")
    return outcome, lasting(json.loads(text))


@pytest.fixture(scope="module")
def at_home(small_site_once: Site, tmp_path_factory: pytest.TempPathFactory) -> Any:
    """The result in Greenwich, in plain UTF-8."""
    site = small_site_once.copy(tmp_path_factory.mktemp("home") / "copy")
    return load_and_run(site, {"TZ": "UTC", "LC_ALL": "C.UTF-8"})[1]


def _there(name: str) -> bool:
    try:
        before = locale.setlocale(locale.LC_ALL)
        locale.setlocale(locale.LC_ALL, name)
        locale.setlocale(locale.LC_ALL, before)
    except locale.Error:
        return False
    return True


@pytest.mark.slow
@pytest.mark.parametrize("place", PLACES, ids=["Auckland", "plain C", "German"])
def test_time_zone_and_language_do_not_change_a_result(
    place: dict[str, str], fresh_small: Callable[[], Site], at_home: Any
) -> None:
    if not _there(place.get("LANG", "C")):
        pytest.skip("this language is not installed")
    assert at_home["outcomes"]
    assert load_and_run(fresh_small(), place)[1] == at_home
