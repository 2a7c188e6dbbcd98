"""A full disk or missing rights: one clear error, and nothing half-saved."""

from __future__ import annotations

import contextlib
import errno
import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.commands.program import Outcome, Program, snapshot
from tests.commands.small_project import arrest_row, csv_text
from tests.commands.test_evidence import TRIALS
from tests.faults.site import NOTHING, PEOPLE, Site, everything

LOAD = ("source", "load", "people", "inbox/people.csv")
RUN = ("evaluate", "run", "locked")


def assert_one_clear_error(outcome: Outcome, words: str) -> None:
    """LC107, exit code 2, what is wrong, and no traceback."""
    assert outcome.code == 2
    assert outcome.err.startswith("LC107 ")
    assert len(outcome.err.splitlines()) == 3  # the problem, what to do, where there is more
    assert words in outcome.err
    assert "Traceback" not in outcome.err


def may_write_anywhere(site: Site) -> bool:
    """Do the rights of a folder not count for this user?"""
    folder = site.base / "closed"
    folder.mkdir(mode=0o500)
    return os.access(folder, os.W_OK)


@pytest.mark.parametrize(
    ("how", "words"), [("full", "no space left on the disk"), ("limit:300000", "the disk refused")]
)
def test_a_load_onto_a_full_disk_saves_nothing_and_succeeds_when_there_is_space(
    how: str, words: str, fresh_file: Callable[[], Site], program: Program
) -> None:
    site = fresh_file()
    outcome = site.disturbed(how, *LOAD)
    assert_one_clear_error(outcome, words)
    site.assert_sound()
    assert site.held() == NOTHING
    assert program(*LOAD, cwd=site.root).code == 0
    assert site.held() == everything(PEOPLE)


def test_a_run_onto_a_full_disk_is_neither_registered_nor_filed(
    fresh_small: Callable[[], Site], program: Program, monkeypatch: pytest.MonkeyPatch
) -> None:
    site = fresh_small()

    def full(_handle: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", full)
        outcome = program(*RUN, cwd=site.root)
    assert_one_clear_error(outcome, "no space left on device")
    assert site.registered() == {}
    assert list((site.root / "evidence").iterdir()) == []
    assert list((site.root / "reports").iterdir()) == []
    site.assert_sound()
    assert program(*RUN, cwd=site.root).code == 0
    assert site.registered() == site.evidence()


def test_a_data_folder_that_may_not_be_written_is_named_and_nothing_is_saved(
    fresh_file: Callable[[], Site], program: Program
) -> None:
    site = fresh_file()
    data = site.root / "data"
    if may_write_anywhere(site):
        pytest.skip("this user may write anywhere, as root may")
    data.chmod(0o500)
    try:
        assert_one_clear_error(program(*LOAD, cwd=site.root), "you may not write to it or its folder")
        (data / "cohort.sqlite").chmod(0o400)
        assert_one_clear_error(program(*LOAD, cwd=site.root), "you may not write to it or its folder")
    finally:
        data.chmod(0o700)
        (data / "cohort.sqlite").chmod(0o600)
    assert site.held() == NOTHING
    assert program(*LOAD, cwd=site.root).code == 0


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of its own in memory, of nine million bytes; skipped where it may not be mounted."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=9m", "tmpfs", str(folder)]
    if shutil.which("mount") is None or subprocess.run(mount, capture_output=True, check=False).returncode:
        pytest.skip("no disk may be mounted here")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "-l", str(folder)], capture_output=True, check=False)


def saved(site: Site) -> set[str]:
    """The files of the project, empty folders apart."""
    return {name for name, what in snapshot(site.root).items() if what != "folder"}


WRITERS = (
    RUN,
    ("evidence", "add", "../studies.toml"),
    ("site", "build"),
    ("source", "load", "arrests", "inbox/later.csv", "--sealed"),
    ("plan", "new", "another"),
    ("backup", "../one.backup"),
)


def test_a_disk_that_is_full_and_one_that_may_only_be_read_are_each_one_clear_error(
    small_site_once: Site, small_disk: Path, program: Program, monkeypatch: pytest.MonkeyPatch
) -> None:
    site = small_site_once.copy(small_disk / "site")
    site.enter(monkeypatch)
    (site.base / "studies.toml").write_text(TRIALS, encoding="utf-8")
    rows = [[number, "24", seen] for number, _, seen in map(arrest_row, range(80))]
    later = csv_text(("Prison number", "Visit", "Arrested"), rows)
    (site.root / "inbox" / "later.csv").write_text(later, encoding="utf-8")
    filler = small_disk / "filler"
    with filler.open("wb", buffering=0) as file, contextlib.suppress(OSError):
        while True:
            file.write(b"\0" * 4096)
    before = saved(site)
    for words in WRITERS:
        outcome = program(*words, cwd=site.root)
        assert (outcome.code, "LC107" in outcome.err) == (2, True), (words, outcome.said)
        assert "Traceback" not in outcome.err
        assert saved(site) == before, words
    subprocess.run(["mount", "-o", "remount,ro", str(small_disk)], check=True)
    for words in WRITERS:
        outcome = program(*words, cwd=site.root)
        assert (outcome.code, "LC107" in outcome.err) == (2, True), (words, outcome.said)
    assert saved(site) == before
    assert program("status", cwd=site.root).code == 0
    subprocess.run(["mount", "-o", "remount,rw", str(small_disk)], check=True)
    filler.unlink()
    site.assert_sound()
    assert program(*RUN, cwd=site.root).code == 0
    assert site.registered() == site.evidence()


def test_a_database_that_may_only_be_read_is_named_and_nothing_is_saved(
    fresh_file: Callable[[], Site], program: Program
) -> None:
    site = fresh_file()
    assert_one_clear_error(site.disturbed("read-only", *LOAD), "you may not write to it or its folder")
    assert site.held() == NOTHING
