"""A file of the project that was cut short, changed or overwritten: named in our words, never quoted.

A few harms run always; ``LIFECOURSE_KILLS=100`` does every harm to every file.
"""

from __future__ import annotations

import os
import random
import sqlite3
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.commands.program import Outcome, Program
from tests.commands.small_project import prison_number
from tests.commands.test_evidence import TRIALS
from tests.evaluation.team_project import MEASURES
from tests.faults.site import SEED, Site

EXIT_CODES = {0, 1, 2, 3, 4, 10, 11, 12, 13}
WORDS = "Quilbrax"
PEOPLE_OF = (WORDS, prison_number(3), prison_number(40))


def cut(data: bytes) -> bytes:
    """Half of it."""
    return data[: len(data) // 2]


def flipped(data: bytes) -> bytes:
    """A few bytes changed, always the same ones."""
    chance, made = random.Random(SEED), bytearray(data)
    for _ in range(max(3, len(data) // 400)):
        made[chance.randrange(len(made))] ^= 1 << chance.randrange(8)
    return bytes(made)


HARMS: dict[str, Callable[[bytes], bytes]] = {
    "cut short": cut,
    "bytes flipped": flipped,
    "empty": lambda _: b"",
    "zeros": lambda data: bytes(len(data)),
    "binary": lambda data: b"\xff\xfe\x00\x9f" + data[:40],
    "a person's row": lambda _: f"{WORDS},{prison_number(3)}\n".encode(),
    "nested": lambda _: b'{"a": ' + b"[" * 100_000,
}


MORE = int(os.environ.get("LIFECOURSE_KILLS", "6")) > 6


def chosen(*always: str) -> list[str]:
    """The harms that are done: these, or all."""
    return list(HARMS) if MORE else list(always)


@dataclass(frozen=True)
class Reader:
    """A file of the project and the commands that read it."""

    path: str
    commands: tuple[tuple[str, ...], ...]


READERS = {
    "settings": Reader("lifecourse.toml", (("status",), ("doctor",))),
    "theory": Reader("theory.toml", (("theory", "check"), ("status",), ("site", "build", "--dry-run"))),
    "plan": Reader(
        "plans/locked.toml", (("plan", "check", "locked"), ("evaluate", "run", "locked"), ("plan", "list"))
    ),
    "source": Reader(
        "sources/releases.toml", (("source", "list"), ("source", "load", "releases", "inbox/releases.csv"))
    ),
    "measures": Reader("measures.toml", (("measure", "check"), ("status",))),
    "obligations": Reader("obligations.toml", (("obligation", "list"), ("status",))),
    "result": Reader(
        "evidence/EVAL-001.json",
        (
            ("evaluate", "ladder", "EVAL-001"),
            ("evaluate", "sensitivity", "EVAL-001"),
            ("finding", "show", "EVAL-001"),
            ("report", "evaluation", "EVAL-001"),
            ("finding", "list"),
            ("status",),
        ),
    ),
    "evidence": Reader(
        "evidence/outside/trial-1.json",
        (("evidence", "list"), ("evidence", "show", "trial-1"), ("site", "build", "--dry-run")),
    ),
    "edits": Reader(
        "reports/edits/EVAL-001.toml", (("report", "edit", "EVAL-001"), ("report", "evaluation", "EVAL-001"))
    ),
    "site list": Reader("public/site.json", (("site", "check"), ("site", "build", "--dry-run"))),
    "manifest": Reader("public/manifests/OUT-001.json", (("release", "log"), ("site", "check"))),
    "partner's file": Reader(
        "inbox/releases.csv",
        (
            ("source", "inspect", "inbox/releases.csv"),
            ("source", "load", "releases", "inbox/releases.csv", "--dry-run"),
        ),
    ),
}


@pytest.fixture(scope="module")
def lived_in_once(small_site_once: Site, tmp_path_factory: pytest.TempPathFactory) -> Site:
    """The small project with a run, evidence, edits, obligations and a site."""
    site = small_site_once.copy(tmp_path_factory.mktemp("lived") / "in")
    with pytest.MonkeyPatch.context() as patch:
        site.enter(patch)
        program = Program(patch)
        (site.root / "studies.toml").write_text(TRIALS, encoding="utf-8")
        (site.root / "measures.toml").write_text(MEASURES, encoding="utf-8")
        for words in (
            ("evaluate", "run", "locked"),
            ("evidence", "add", "studies.toml"),
            ("report", "edit", "EVAL-001"),
            (
                "obligation",
                "add",
                "Publish",
                "--source",
                "Guidance",
                "--due",
                "2027-01-31",
                "--owner",
                "lead",
            ),
            ("site", "build"),
        ):
            program.well(*words, cwd=site.root)
    return site


@pytest.fixture(scope="module")
def lived_in(lived_in_once: Site, tmp_path_factory: pytest.TempPathFactory) -> Site:
    """A copy for all harms: each puts back what it changed."""
    return lived_in_once.copy(tmp_path_factory.mktemp("lived") / "copy")


def assert_in_our_words(outcome: Outcome, harm: str) -> None:
    """An exit code of the contract, no traceback, nobody's data."""
    assert outcome.code in EXIT_CODES, (harm, outcome.said)
    assert "Traceback" not in outcome.said
    assert "LC199" not in outcome.said
    assert not [one for one in PEOPLE_OF if one in outcome.said], harm


@pytest.mark.parametrize("name", READERS)
def test_a_file_that_was_damaged_is_refused_in_words_or_read_and_nothing_else_changes(
    name: str, lived_in: Site, program: Program, monkeypatch: pytest.MonkeyPatch
) -> None:
    lived_in.enter(monkeypatch)
    reader = READERS[name]
    path = lived_in.root / reader.path
    good = path.read_bytes()
    before = {p: p.stat().st_mtime_ns for p in lived_in.root.rglob("*.toml") if p != path}
    try:
        for words in reader.commands:
            assert program(*words, cwd=lived_in.root).code in (0, 1), words
        for harm in chosen("bytes flipped", "a person's row", "nested"):
            path.write_bytes(HARMS[harm](good))
            for words in reader.commands:
                assert_in_our_words(program(*words, cwd=lived_in.root), f"{harm}: {' '.join(words)}")
    finally:
        path.write_bytes(good)
    assert {p: p.stat().st_mtime_ns for p in before} == before
    lived_in.assert_sound()


@pytest.mark.parametrize("harm", chosen("cut short", "a person's row"))
def test_a_damaged_key_is_called_damaged_and_opens_nothing(
    harm: str, lived_in: Site, program: Program, monkeypatch: pytest.MonkeyPatch
) -> None:
    lived_in.enter(monkeypatch)
    good = lived_in.key.read_bytes()
    try:
        lived_in.key.write_bytes(HARMS[harm](good))
        for words in (
            ("key", "status"),
            ("source", "load", "releases", "inbox/releases.csv", "--replace"),
            ("doctor",),
        ):
            outcome = program(*words, cwd=lived_in.root)
            assert_in_our_words(outcome, harm)
            assert outcome.code != 0 or words == ("doctor",)
            assert b"secret" not in outcome.said.encode()
    finally:
        lived_in.key.write_bytes(good)


@pytest.mark.parametrize("harm", chosen("cut short", "zeros"))
def test_a_damaged_database_is_named_and_no_command_writes_into_it(
    harm: str, lived_in_once: Site, tmp_path: Path, program: Program, monkeypatch: pytest.MonkeyPatch
) -> None:
    site = lived_in_once.copy(tmp_path / "copy")
    site.enter(monkeypatch)
    path = site.root / "data" / "cohort.sqlite"
    damaged = HARMS[harm](path.read_bytes())
    path.write_bytes(damaged)
    for words in (
        ("status",),
        ("doctor",),
        ("audit", "verify"),
        ("cohort", "show", "leavers"),
        ("evaluate", "run", "locked"),
        ("source", "load", "releases", "inbox/releases.csv"),
        ("site", "build"),
        ("backup", "../away/one.backup"),
    ):
        outcome = program(*words, cwd=site.root)
        assert_in_our_words(outcome, f"{harm}: {words}")
        assert outcome.code != 0 or harm == "bytes flipped", words
    if harm != "bytes flipped":
        assert path.read_bytes() == damaged


def test_a_lock_that_was_changed_by_hand_no_longer_fits_its_fingerprint(
    lived_in_once: Site, tmp_path: Path, program: Program, monkeypatch: pytest.MonkeyPatch
) -> None:
    site = lived_in_once.copy(tmp_path / "copy")
    site.enter(monkeypatch)
    connection = sqlite3.connect(site.root / "data" / "cohort.sqlite")
    for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type='trigger'").fetchall():
        connection.execute(f'DROP TRIGGER "{name}"')
    connection.execute("UPDATE plan_lock SET canonical = substr(canonical, 1, 60)")
    connection.commit()
    connection.close()
    for words in (
        ("plan", "list"),
        ("plan", "show", "locked"),
        ("plan", "diff", "locked"),
        ("plan", "audit", "locked"),
        ("evaluate", "run", "locked"),
        ("finding", "list"),
        ("report", "annual", "2026"),
        ("site", "build"),
        ("status",),
        ("theory", "test"),
    ):
        assert_in_our_words(program(*words, cwd=site.root), str(words))


@pytest.mark.parametrize("harm", chosen("bytes flipped"))
def test_a_damaged_backup_or_key_list_gives_nothing_back(
    harm: str, lived_in_once: Site, tmp_path: Path, program: Program, monkeypatch: pytest.MonkeyPatch
) -> None:
    site = lived_in_once.copy(tmp_path / "copy")
    site.enter(monkeypatch)
    away = tmp_path / "away"
    assert program("backup", str(away / "one.backup"), cwd=site.root).code == 0
    store = site.root / "data" / "cohort.sqlite"
    store.unlink()
    for path in sorted(away.iterdir()):
        good = path.read_bytes()
        path.write_bytes(HARMS[harm](good))
        outcome = program("restore", str(away / "one.backup"), cwd=site.root)
        assert_in_our_words(outcome, f"{harm}: {path.name}")
        assert outcome.code != 0
        path.write_bytes(good)
    assert not store.exists() or store.stat().st_size == 0 or program("status", cwd=site.root).code != 0
    done = program("restore", str(away / "one.backup"), cwd=site.root)
    assert done.code == 0, done.said
    site.assert_sound()
