"""An erasure or a backup that is killed leaves the store whole, and the same command finishes the job.

``LIFECOURSE_KILLS=100 python -m pytest tests/faults/test_killed_erasures.py`` kills at a hundred random moments.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest

from cohorts.custody.seal_store import seal_path
from cohorts.custody.token_store import all_tokens
from cohorts.identifiers import pnc_id
from cohorts.keys import load_key
from cohorts.pseudonyms import tokenise
from cohorts.requests.erasure import is_unfinished
from cohorts.requests.residue import patterns_of
from tests.cohorts.rightful import holding
from tests.commands.program import Program
from tests.faults.site import Site, moments
from workspace.database import reading, writing
from workspace.statements import run

KILLS = int(os.environ.get("LIFECOURSE_KILLS", "6"))
PEOPLE = 6_000
SOMEBODY = pnc_id(2001, 9_000_017)
LOAD = ("source", "load", "people", "inbox/some.csv")
ERASE = ("cohort", "erase", "--source", "people", "--file", "inbox/who.csv", "--yes")
BACKUP = ("backup", "../away/one.backup", "--replace")
COUNTED = ("participant", "pseudonym", "enrolment", "observation")
KILLED = -9
Loaded = Callable[[], Site]


def _loaded(fresh: Callable[[], Site], program: Program) -> Site:
    site = fresh()
    (site.root / "inbox" / "who.csv").write_text(f"pnc\n{SOMEBODY}\n", encoding="utf-8")
    assert program(*LOAD, cwd=site.root).code == 0
    return site


@pytest.fixture
def loaded(
    fresh_file: Callable[[], Site], program: Program, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Loaded:
    """Copies of a project with people, one of whom is to be erased."""
    once = _loaded(fresh_file, program)
    numbers = iter(range(10_000))

    def copy() -> Site:
        site = once.copy(tmp_path / f"loaded-{next(numbers)}")
        site.enter(monkeypatch)
        return site

    return copy


def people(site: Site) -> tuple[int, ...]:
    """How many rows each table about people holds."""
    with reading(site.project) as session:
        return tuple(int(run(session, f"SELECT count(*) FROM {table}").scalar()) for table in COUNTED)


BEFORE = (PEOPLE, PEOPLE, PEOPLE, 2 * PEOPLE)
AFTER = (PEOPLE - 1, PEOPLE - 1, PEOPLE - 1, 2 * PEOPLE - 2)


def traces(site: Site) -> list[bytes]:
    project = site.project
    token = tokenise(pl.Series([SOMEBODY[2:]]), "pnc-id", load_key(project), project.settings.project_id)[0]
    return list(patterns_of([("pnc-id", SOMEBODY)], [bytes(token)]))


def assert_finished(program: Program, site: Site) -> None:
    """The same command ends with the person gone, one seal key, a receipt, and nothing left to do."""
    assert program(*ERASE, cwd=site.root).code == 0
    site.assert_sound()
    assert people(site) == AFTER
    assert not is_unfinished(site.project)
    assert [path.name for path in seal_path(site.project).parent.glob("*.seal*")] == [
        seal_path(site.project).name
    ]
    with writing(site.project) as session:
        held = all_tokens(session)["token"].to_list()
    assert not set(held) & set(traces(site))
    assert holding(site.root, traces(site)) == []
    assert list((site.root / "data" / "receipts").glob("RGT-*.json"))
    assert program("doctor", cwd=site.root).code == 0
    again = program("source", "load", "people", "inbox/people.csv", cwd=site.root)
    assert again.code == 0, again.said
    assert people(site)[0] == 20_000  # everybody else was found again; the erased came as somebody new


@pytest.mark.slow
def test_an_erasure_killed_at_random_moments_is_untouched_or_complete(
    loaded: Loaded, program: Program
) -> None:
    duration, killed = loaded().duration(*ERASE), 0
    for moment in moments(KILLS, duration):
        site = loaded()
        killed += site.killed_after(moment, *ERASE)
        site.assert_sound()
        assert people(site) in {BEFORE, AFTER}, f"half an erasure after {moment:.3f} s"
        assert_finished(program, site)
    assert killed >= KILLS // 2


@pytest.mark.slow
@pytest.mark.parametrize(
    ("step", "held"),
    [("next-seal", BEFORE), ("overwriting", AFTER), ("compacting", AFTER), ("receipt", AFTER)],
)
def test_an_erasure_killed_between_two_steps_is_finished_by_a_repeat(
    step: str, held: tuple[int, ...], loaded: Loaded, program: Program
) -> None:
    site = loaded()
    assert site.disturbed(f"kill:{step}", *ERASE).code == KILLED
    site.assert_sound()
    assert people(site) == held
    assert_finished(program, site)


def test_an_erasure_on_a_server_killed_before_and_after_its_commit_is_finished_by_doctor(
    fresh_server: Callable[[], Site], program: Program
) -> None:
    site = _loaded(fresh_server, program)
    assert site.disturbed("kill:next-seal", *ERASE).code == KILLED
    assert people(site) == BEFORE
    assert site.disturbed("kill:compacting", *ERASE).code == KILLED
    assert people(site) == AFTER
    assert program("doctor", cwd=site.root).code == 0
    assert not is_unfinished(site.project)
    assert_finished(program, site)


@pytest.mark.slow
def test_a_backup_killed_at_random_moments_leaves_none_or_a_whole_one(
    loaded: Loaded, program: Program
) -> None:
    duration = loaded().duration(*BACKUP)
    for moment in moments(max(KILLS // 2, 3), duration):
        site = loaded()
        site.killed_after(moment, *BACKUP)
        site.assert_sound()
        assert program(*BACKUP, cwd=site.root).code == 0
        (site.root / "data" / "cohort.sqlite").unlink()
        assert program("restore", "../away/one.backup", cwd=site.root).code == 0
        assert people(site) == BEFORE


@pytest.mark.parametrize("step", ["archived", "listed"])
def test_a_backup_killed_before_its_commit_never_outlives_an_erasure(
    step: str, loaded: Loaded, program: Program
) -> None:
    """The archive may be there, but no list has the keys that were taken back with the transaction."""
    site = loaded()
    assert site.disturbed(f"kill:{step}", *BACKUP).code == KILLED
    assert program(*BACKUP, cwd=site.root).code == 0
    assert program(*ERASE, cwd=site.root).code == 0
    (site.root / "data" / "cohort.sqlite").unlink()
    assert program("restore", "../away/one.backup", cwd=site.root).code == 0
    assert people(site) == AFTER


@pytest.mark.slow
def test_a_restore_killed_at_random_moments_leaves_no_half_of_a_database(
    loaded: Loaded, program: Program
) -> None:
    once = loaded()
    assert program(*BACKUP, cwd=once.root).code == 0
    duration = 2.0
    for moment in moments(max(KILLS // 2, 3), duration):
        database = once.root / "data" / "cohort.sqlite"
        database.unlink()
        once.killed_after(moment, "restore", "../away/one.backup")
        if not database.exists():
            assert program("restore", "../away/one.backup", cwd=once.root).code == 0
        assert people(once) == BEFORE
        once.assert_sound()
