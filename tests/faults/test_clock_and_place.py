"""A clock that goes back breaks no chain; the place on Earth and the language change no result."""

from __future__ import annotations

import datetime as dt
import json
import locale
import os
from collections.abc import Callable
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

import pytest

from tests.commands.program import Outcome, Program, in_another_process
from tests.commands.small_project import arrest_row, csv_text, release_row, releases
from tests.faults.forked import Forked
from tests.faults.site import NOTHING, Site
from workspace import audit
from workspace import clock as clock_room

PLACES = [
    {"TZ": "Pacific/Auckland"},
    {"TZ": "America/Los_Angeles", "LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"},
    {"LC_ALL": "", "LANG": "de_DE.UTF-8", "LC_NUMERIC": "de_DE.UTF-8"},
]
MORE = int(os.environ.get("LIFECOURSE_KILLS", "6")) > 6  # every moment and every place
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


MOMENTS = {
    "a leap day": dt.datetime(2028, 2, 29, 23, 59, 59, tzinfo=dt.UTC),
    "the hour that summer time skips": dt.datetime(2027, 3, 28, 1, 30, tzinfo=dt.UTC),
    "the last second of a year": dt.datetime(2026, 12, 31, 23, 59, 59, tzinfo=dt.UTC),
    "the epoch": dt.datetime(1970, 1, 1, tzinfo=dt.UTC),
    "the first day of the calendar": dt.datetime(1, 1, 1, tzinfo=dt.UTC),
    "the last second of the calendar": dt.datetime(9999, 12, 31, 23, 59, 59, tzinfo=dt.UTC),
    "the far future": dt.datetime(2999, 12, 31, 23, 59, 59, tzinfo=dt.UTC),
}
SOME = ("a leap day", "the first day of the calendar", "the last second of the calendar")
ASKED = (
    ("status",),
    ("doctor",),
    ("theory", "check"),
    ("plan", "check", "aid"),
    ("plan", "list"),
    ("evaluate", "run", "locked"),
    ("finding", "list"),
    ("measure", "check"),
    ("obligation", "list"),
    ("project", "returns"),
    ("action", "exceptions"),
    ("theory", "review"),
    ("cohort", "follow-up", "leavers"),
    ("release", "log"),
    ("site", "build", "--dry-run"),
    ("report", "needs"),
    ("audit", "verify"),
)


@pytest.mark.parametrize("moment", MOMENTS if MORE else SOME)
def test_whatever_day_the_clock_shows_every_command_answers_in_our_words(
    moment: str, fresh_small: Callable[[], Site], program: Program, monkeypatch: pytest.MonkeyPatch
) -> None:
    site = fresh_small()
    monkeypatch.setattr(clock_room, "dt", SimpleNamespace(datetime=Clock(MOMENTS[moment]), UTC=dt.UTC))
    for words in ASKED:
        outcome = program(*words, cwd=site.root)
        assert outcome.code in {0, 1, 2, 3, 4, 10, 11, 12, 13}, (words, outcome.said)
        assert "Usage:" not in outcome.err, outcome.err
    site.assert_sound()


FAR = {
    "UTC+14, Turkish": {"TZ": "Pacific/Kiritimati", "LC_ALL": "tr_TR.UTF-8", "LANG": "tr_TR.UTF-8"},
    "decimal comma": {"LC_ALL": "de_DE.UTF-8", "LANG": "de_DE.UTF-8", "TZ": "Europe/Berlin"},
}


@pytest.mark.parametrize("place", FAR if MORE else list(FAR)[:1])
def test_a_run_far_away_finds_what_it_finds_at_home(
    place: str, fresh_small: Callable[[], Site], forked: Forked
) -> None:
    def ran(more: dict[str, str]) -> Any:
        site = fresh_small()
        done = forked("none", "evaluate", "run", "locked", cwd=site.root, env=site.environment | more)
        assert done.code == 0, done.said
        return lasting(json.loads((site.root / "evidence" / "EVAL-001.json").read_text(encoding="utf-8")))

    assert ran(FAR[place]) == ran({"TZ": "UTC", "LC_ALL": "C"})


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
