"""The chain of fingerprints: whatever is changed afterwards shows, and where."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable
from dataclasses import replace

import pytest
from typer.testing import CliRunner

import cli
from workspace import console
from workspace.audit import GENESIS, Entry, fingerprint, read_log, record, rounded, verify
from workspace.database import database_path, writing
from workspace.project import Project

Tamper = Callable[[sqlite3.Connection], object]


@pytest.fixture
def logged(project: Project) -> Project:
    """A project with five entries."""
    for number in range(5):
        with writing(project) as session:
            record(session, "test.step", f"THING-{number}", {"people": rounded(103 + number)})
    return project


def tampered(project: Project, tamper: Tamper) -> None:
    """Change the log as somebody with the file in hands could: triggers taken out first."""
    connection = sqlite3.connect(database_path(project))
    connection.execute("DROP TRIGGER audit_entry_no_update")
    connection.execute("DROP TRIGGER audit_entry_no_delete")
    tamper(connection)
    connection.commit()
    connection.close()


def reorder(connection: sqlite3.Connection) -> None:
    for old, new in ((2, 99), (3, 2), (99, 3)):
        connection.execute("UPDATE audit_entry SET sequence = ? WHERE sequence = ?", (new, old))


def insert(connection: sqlite3.Connection) -> None:
    connection.execute("UPDATE audit_entry SET sequence = sequence + 10 WHERE sequence >= 3")
    connection.execute("UPDATE audit_entry SET sequence = sequence - 9 WHERE sequence >= 13")
    row = connection.execute("SELECT * FROM audit_entry WHERE sequence = 2").fetchone()
    connection.execute("INSERT INTO audit_entry VALUES (3, ?, ?, ?, ?, ?, ?, ?)", row[1:])


def forge(connection: sqlite3.Connection) -> None:
    """Change an entry and give it the fingerprint that fits: the next one gives it away."""
    row = list(connection.execute("SELECT * FROM audit_entry WHERE sequence = 2").fetchone())
    row[4] = "OTHER"
    digest = Entry(*row).expected()
    connection.execute("UPDATE audit_entry SET subject = 'OTHER', digest = ? WHERE sequence = 2", (digest,))


TAMPERINGS: list[tuple[str, Tamper, int, str]] = [
    ("actor", lambda c: c.execute("UPDATE audit_entry SET actor = 'other' WHERE sequence = 3"), 3, "changed"),
    (
        "time",
        lambda c: c.execute("UPDATE audit_entry SET at = '2020-01-01' WHERE sequence = 1"),
        1,
        "changed",
    ),
    (
        "details",
        lambda c: c.execute("UPDATE audit_entry SET details = '{}' WHERE sequence = 5"),
        5,
        "changed",
    ),
    ("deleted", lambda c: c.execute("DELETE FROM audit_entry WHERE sequence = 2"), 2, "missing"),
    ("first deleted", lambda c: c.execute("DELETE FROM audit_entry WHERE sequence = 1"), 1, "missing"),
    ("reordered", reorder, 2, "does not follow"),
    ("inserted", insert, 3, "does not follow"),
    ("forged", forge, 3, "does not follow"),
]


def test_a_fresh_chain_holds_and_its_head_is_the_last_fingerprint(logged: Project) -> None:
    log = read_log(logged)
    reading = verify(log)
    assert (reading.entries, reading.first_bad, reading.head) == (5, None, log[-1].digest)
    assert log[0].previous == GENESIS
    assert [entry.sequence for entry in log] == [1, 2, 3, 4, 5]
    assert json.loads(log[0].details) == {"people": 105}


def test_an_empty_log_holds() -> None:
    assert verify([]).head == GENESIS


@pytest.mark.parametrize(("name", "tamper", "bad", "reason"), TAMPERINGS, ids=[row[0] for row in TAMPERINGS])
def test_whatever_is_changed_is_named_by_its_first_bad_entry(
    name: str, tamper: Tamper, bad: int, reason: str, logged: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    tampered(logged, tamper)
    reading = verify(read_log(logged))
    assert (reading.first_bad, reason in reading.reason) == (bad, True)
    monkeypatch.chdir(logged.root)
    console.configure(console.RunSettings())
    outcome = CliRunner().invoke(cli.app, ["audit", "verify"])
    assert outcome.exit_code == 1
    assert outcome.output.startswith(f"LC120 entry {bad}: ")
    doctor = CliRunner().invoke(cli.app, ["doctor"])
    assert doctor.exit_code == 1
    assert f"entry {bad}" in doctor.output


@pytest.mark.parametrize("field", ["at", "actor", "action", "subject", "details", "previous"])
def test_every_field_is_covered_by_the_fingerprint(field: str, logged: Project) -> None:
    log = read_log(logged)
    log[1] = replace(log[1], **{field: getattr(log[1], field) + "x"})
    assert verify(log).first_bad == 2


def test_parts_cannot_be_shifted_into_one_another() -> None:
    assert fingerprint(["ab", "c"]) != fingerprint(["a", "bc"])
    assert fingerprint(["a", ""]) != fingerprint(["a"])


@pytest.mark.parametrize(("count", "shown"), [(0, 0), (1, 0), (2, 0), (3, 5), (103, 105), (107, 105)])
def test_counts_in_the_log_are_rounded(count: int, shown: int) -> None:
    assert rounded(count) == shown
