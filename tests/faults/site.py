"""A project to do harm to, and how to look at what is left of it."""

from __future__ import annotations

import hashlib
import os
import random
import shutil
import sqlite3
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest

from cohorts.identifiers import pnc_id
from tests.commands.program import ROOT, SECRET_VARIABLES, Outcome, Program, in_another_process
from workspace.audit import read_log, verify
from workspace.database import reading
from workspace.project import Project
from workspace.settings import SETTINGS_FILE, read_settings
from workspace.statements import run

PEOPLE = 20_000
SEED = 20_261_122
TABLES = ("participant", "pseudonym", "enrolment", "observation", "delivery", "holding")
MAPPING = """[source]
id = "people"
title = "People"
cohort = "leavers"
enrols = true
dates = "dd/mm/yyyy"
wave = "release"
[[identifier]]
column = "pnc"
kind = "pnc-id"
[[index_date]]
column = "out"
[[variable]]
column = "aid"
name = "aid"
kind = "binary"
[[variable]]
column = "area"
name = "area"
kind = "category"
"""
SECOND = MAPPING.replace('"people"', '"second"').replace('"aid"', '"help"').replace('"area"', '"district"')


def people_text(first: int, last: int, *, second: bool = False) -> str:
    """A file of the people with these numbers; the second partner calls its columns otherwise."""
    body = "".join(
        f"{pnc_id(2001, 9_000_000 + i)},{1 + i % 28:02d}/03/2022,{i % 2},{('north', 'south')[i % 2]}\n"
        for i in range(first, last)
    )
    return ("pnc,out,help,district\n" if second else "pnc,out,aid,area\n") + body


@dataclass(frozen=True)
class Site:
    """A project folder of its own, with its key and, where it has one, its database on a server."""

    base: Path
    url: str = ""

    @property
    def root(self) -> Path:
        """The project folder."""
        return self.base / "project"

    @property
    def key(self) -> Path:
        """The key file."""
        return self.base / "keys" / "test.key"

    @property
    def project(self) -> Project:
        """The project as the program sees it; ``enter`` first."""
        return Project(self.root, read_settings(self.root / SETTINGS_FILE))

    @property
    def environment(self) -> dict[str, str]:
        """The environment for another process."""
        env = {name: value for name, value in os.environ.items() if name not in SECRET_VARIABLES}
        env |= {"LIFECOURSE_KEY_FILE": str(self.key), "PYTHONPATH": str(ROOT), "NO_COLOR": "1"}
        return env | ({"LIFECOURSE_DATABASE_URL": self.url} if self.url else {})

    def enter(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """Let this process work on the project, too."""
        monkeypatch.setenv("LIFECOURSE_KEY_FILE", str(self.key))
        monkeypatch.delenv("LIFECOURSE_DATABASE_URL", raising=False)
        if self.url:
            monkeypatch.setenv("LIFECOURSE_DATABASE_URL", self.url)

    def copy(self, base: Path, url: str = "") -> Site:
        """The same project elsewhere."""
        shutil.copytree(self.base, base)
        return Site(base, url)

    def start(self, *words: str) -> subprocess.Popen[bytes]:
        """Start a command and do not wait for it."""
        return subprocess.Popen(
            [sys.executable, "-m", "cli", *words],
            cwd=self.root,
            env=self.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )

    def together(self, *commands: Sequence[str]) -> list[Outcome]:
        """Run commands at the same time, each in a process of its own."""
        started = [self.start(*words) for words in commands]
        said = [process.communicate(timeout=120) for process in started]
        return [
            Outcome(process.returncode, out.decode("utf-8"), err.decode("utf-8"))
            for process, (out, err) in zip(started, said, strict=True)
        ]

    def disturbed(self, how: str, *words: str) -> Outcome:
        """Run a command with a fault set up."""
        return in_another_process(
            how, *words, cwd=self.root, env=self.environment, program=("-m", "tests.faults.disturbed")
        )

    def duration(self, *words: str) -> float:
        """How long a command takes when nobody disturbs it."""
        began = time.monotonic()
        assert [outcome.code for outcome in self.together(words)] == [0]
        return time.monotonic() - began

    def killed_after(self, seconds: float, *words: str) -> bool:
        """Kill a command after a while; False when it was done by then."""
        with self.start(*words) as process:
            try:
                process.wait(seconds)
            except subprocess.TimeoutExpired:
                process.kill()
                return True
        return False

    def held(self) -> tuple[int, ...]:
        """How many rows each table of people's data holds, and how many loads the audit log names."""
        with reading(self.project) as session:
            counts = [int(run(session, f"SELECT count(*) FROM {table}").scalar()) for table in TABLES]
            loads = run(
                session, "SELECT count(*) FROM audit_entry WHERE action = ?", ("source.load",)
            ).scalar()
        return (*counts, int(loads))

    def registered(self) -> dict[str, str]:
        """The runs in the register, each with the fingerprint of its evidence."""
        with reading(self.project) as session:
            rows = run(session, "SELECT evaluation_id, result_sha256 FROM evaluation").fetchall()
        return {str(row[0]): str(row[1]) for row in rows}

    def evidence(self) -> dict[str, str]:
        """The evidence files there are, each with its fingerprint."""
        files = sorted((self.root / "evidence").glob("EVAL-*.json"))
        return {file.stem: hashlib.sha256(file.read_bytes()).hexdigest() for file in files}

    def assert_sound(self) -> None:
        """The database is whole in itself, and the audit chain holds."""
        if not self.url:
            connection = sqlite3.connect(self.root / "data" / "cohort.sqlite")
            try:
                assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
                assert connection.execute("PRAGMA foreign_key_check").fetchall() == []
            finally:
                connection.close()
        assert verify(read_log(self.project)).first_bad is None


def moments(number: int, duration: float) -> list[float]:
    """Moments spread over a duration: one at random in each of so many equal parts."""
    chance = random.Random(SEED)
    return [duration * (i + chance.random()) / number for i in range(number)]


def everything(people: int) -> tuple[int, ...]:
    """What is held after one file of so many people, each with two values."""
    return (people, people, people, 2 * people, 1, 2, 1)


NOTHING = (0,) * 7


def doctor_results(program: Program, site: Site) -> dict[str, str]:
    """What ``doctor`` says: the result of each check by its name."""
    payload = program("doctor", "--json", cwd=site.root).payload
    return {check["name"]: check["result"] for check in payload["checks"]}
