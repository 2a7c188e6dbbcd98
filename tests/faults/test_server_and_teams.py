"""A server that dies in the middle of a load and comes back; two teams with a folder each on one project."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.commands.program import Outcome, Program
from tests.faults.conftest import _make_empty
from tests.faults.servers import OwnServer
from tests.faults.site import NOTHING, Site, everything

LOAD = ("source", "load", "people", "inbox/some.csv")
PEOPLE = 6_000


@pytest.fixture
def own_server() -> Iterator[OwnServer]:
    """A server for this test alone."""
    made = OwnServer()
    try:
        yield made
    finally:
        made.remove()


def in_the_middle_of(site: Site, table: str, then: Callable[[], None]) -> Outcome:
    """Load a file, and do something when the rows of a table were sent and nothing is committed."""
    mark = site.base / "waiting"
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.faults.disturbed", f"pause:{table}:{mark}", *LOAD],
        cwd=site.root,
        env=site.environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    until = time.monotonic() + 120
    while not mark.exists() and process.poll() is None and time.monotonic() < until:
        time.sleep(0.02)
    assert mark.exists(), process.communicate(timeout=60)
    then()
    mark.unlink()
    out, err = process.communicate(timeout=120)
    return Outcome(process.returncode, out.decode("utf-8"), err.decode("utf-8"))


@pytest.mark.slow
def test_a_server_killed_between_two_batches_keeps_nothing_of_the_load_and_takes_it_when_it_is_back(
    own_server: OwnServer, tmp_path: Path, program: Program, monkeypatch: pytest.MonkeyPatch
) -> None:
    site = _make_empty(tmp_path / "site", own_server.url)
    site.enter(monkeypatch)
    done = in_the_middle_of(site, "observation", own_server.kill)
    assert done.code == 2, done.said
    assert done.err.startswith("LC11")
    assert "Traceback" not in done.err
    assert str(own_server.port) not in done.said
    while_away = program("status", cwd=site.root)
    assert while_away.code in (0, 2), while_away.said
    assert "Traceback" not in while_away.said
    own_server.start()
    assert site.held() == NOTHING
    site.assert_sound()
    assert program(*LOAD, cwd=site.root).code == 0
    assert site.held() == everything(PEOPLE)
    site.assert_sound()


@pytest.mark.slow
def test_two_teams_with_a_folder_each_on_one_server_get_numbers_each_and_see_what_the_other_lacks(
    server_small_once: Site, tmp_path: Path, program: Program, monkeypatch: pytest.MonkeyPatch
) -> None:
    from tests.faults.conftest import _copies

    one = _copies(server_small_once, tmp_path, monkeypatch)()
    other = one.copy(tmp_path / "other", one.url)
    run = ("evaluate", "run", "locked")
    started = [one.start(*run), other.start(*run)]
    for process, site in zip(started, (one, other), strict=True):
        _, err = process.communicate(timeout=120)
        if process.returncode:
            assert b"LC112" in err, err
            assert program(*run, cwd=site.root).code == 0
    assert set(one.registered()) == {"EVAL-001", "EVAL-002"}
    mine, theirs = one.evidence(), other.evidence()
    assert set(mine) | set(theirs) == {"EVAL-001", "EVAL-002"}
    assert not set(mine) & set(theirs)
    assert mine | theirs == one.registered()
    one.assert_sound()
    (absent,) = theirs
    for words in (("finding", "list"), ("finding", "show", absent), ("site", "build"), ("status",)):
        said = program(*words, cwd=one.root)
        assert "Traceback" not in said.said
        assert "LC199" not in said.said
    assert absent in program("site", "build", cwd=one.root).said
    (one.root / "evidence" / f"{absent}.json").write_bytes(
        (other.root / "evidence" / f"{absent}.json").read_bytes()
    )
    assert one.evidence() == one.registered()
    assert program("site", "build", cwd=one.root).code == 0
