"""``cohort follow-up`` and ``cohort quality`` as a user runs them: counts withheld, sealed values unread."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.commands.program import Program, snapshot
from tests.commands.small_project import RELEASES, arrest_row, csv_text, project_at
from workspace.audit import read_log, verify

COMMANDS = ("cohort follow-up leavers", "cohort follow-up leavers --arm aid", "cohort quality leavers")
STORE = "data/cohort.sqlite"
PEOPLE_COUNTED = {"due", "seen", "overdue", "not_yet_due", "n", "people", "enrolled", "unobserved"}


def contents(root: Path) -> dict[str, list[tuple[Any, ...]]]:
    """Every row of every table but the log."""
    connection = sqlite3.connect(root / STORE)
    tables = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()
    held = {name: connection.execute(f'SELECT * FROM "{name}"').fetchall() for (name,) in tables}
    connection.close()
    return {name: rows for name, rows in held.items() if name != "audit_entry"}


def looks_at(root: Path) -> list[tuple[str, str]]:
    """What the log says of people who looked: the command and the cohort."""
    return [(e.action, e.subject) for e in read_log(project_at(root)) if '"looked": true' in e.details]


@pytest.fixture
def thin(program: Program, small: Path) -> Path:
    """The small project with a second, open file of outcomes: most at 24 months, some of them not recorded."""
    rows = [[arrest_row(i)[0], "24", "" if i % 10 == 3 else "1"] for i in range(74)]
    text = csv_text(("Prison number", "Visit", "Arrested"), rows)
    (small / "inbox" / "later.csv").write_text(text, encoding="utf-8")
    program.well("source", "load", "arrests", "inbox/later.csv", cwd=small)
    return small


def counted(value: Any) -> Iterator[int]:
    """Every count of people in a payload that was not withheld."""
    if isinstance(value, dict):
        for key, item in value.items():
            if key in PEOPLE_COUNTED and isinstance(item, int):
                yield item
            else:
                yield from counted(item)
    elif isinstance(value, list):
        for item in value:
            yield from counted(item)


@pytest.mark.parametrize("command", COMMANDS)
def test_no_count_of_one_to_nine_people_is_printed(command: str, program: Program, thin: Path) -> None:
    counts = list(counted(program.well(*command.split(), "--json", cwd=thin).payload))
    assert counts
    assert all(n == 0 or n >= 10 for n in counts)
    said = program.well(*command.split(), cwd=thin).out
    assert "fewer than 10" in said
    people = said.split("Source  ")[0].replace("fewer than 10", "")  # below stand files and days
    lines = [line for line in people.splitlines() if "  area  " not in line]  # it shows its two categories
    assert not re.search(r"(?<=  )[1-9](?=  |$)", "\n".join(lines), flags=re.MULTILINE)


@pytest.mark.parametrize("command", COMMANDS)
def test_they_change_nothing_but_the_log_which_says_who_looked(
    command: str, program: Program, small: Path
) -> None:
    before, held, logged = snapshot(small.parent), contents(small), looks_at(small)
    for extra in ([], ["--json"], ["--plain"]):
        outcome = program.well(*command.split(), *extra, cwd=small)
        assert outcome.out
        assert outcome.err == ""
    after = snapshot(small.parent)
    assert {name for name in after if after[name] != before.get(name)} == {str(small / STORE)}
    assert contents(small) == held
    assert looks_at(small) == [*logged, *[(".".join(command.split()[:2]), "COH-001")] * 3]
    assert verify(read_log(project_at(small))).first_bad is None


@pytest.mark.parametrize("command", COMMANDS)
def test_what_cannot_be_logged_is_not_shown(command: str, program: Program, small: Path) -> None:
    connection = sqlite3.connect(small / STORE)
    connection.execute(
        "CREATE TRIGGER closed BEFORE INSERT ON audit_entry BEGIN SELECT RAISE(ABORT, 'closed'); END"
    )
    connection.commit()
    connection.close()
    outcome = program(*command.split(), cwd=small)
    assert outcome.code == 2
    assert outcome.out == ""
    assert "LC110" in outcome.err


def test_attrition_between_the_arms_is_said_in_words(program: Program, thin: Path) -> None:
    said = program.well("cohort", "follow-up", "leavers", "--arm", "aid", cwd=thin).out
    assert (
        "arrested at 12-months: attrition is low by the cautious boundary and by the optimistic one" in said
    )
    assert "arrested at 24-months: attrition is high by both boundaries, cautious and optimistic" in said


def test_sealed_values_are_not_described(program: Program, small: Path) -> None:
    rows = program.well("cohort", "quality", "leavers", "--json", cwd=small).payload["variables"]
    (sealed,) = [row for row in rows if row["variable"] == "arrested"]
    assert sealed["sealed"] is True
    assert (sealed["people"], sealed["constant"], sealed["minimum_share"]) == (80, None, None)
    assert "sealed: values not read" in program.well("cohort", "quality", "leavers", cwd=small).out


def test_a_sealed_variable_is_no_arm(program: Program, small: Path) -> None:
    outcome = program("cohort", "follow-up", "leavers", "--arm", "arrested", cwd=small)
    assert outcome.code == 4
    assert outcome.err.startswith("LC859 ")
    outcome = program("cohort", "follow-up", "leavers", "--arm", "ade", cwd=small)
    assert outcome.code == 11
    assert outcome.err.startswith("LC861 ")
    assert "Did you mean 'aid'" in outcome.err


def test_a_source_without_a_cut_off_is_flagged_and_today_is_taken(program: Program, small: Path) -> None:
    assert "data_until" not in RELEASES
    assert "no data cut-off named" in program.well("cohort", "quality", "leavers", cwd=small).out
    said = program.well("cohort", "follow-up", "leavers", cwd=small).out
    assert "* The source names no data cut-off: today is taken." in said


def test_an_empty_cohort_says_what_to_do(program: Program, small: Path) -> None:
    program.well("cohort", "new", "pupils", "--template", "school", cwd=small)
    assert "lifecourse source load" in program.well("cohort", "follow-up", "pupils", cwd=small).out
    assert "nothing was loaded for this wave" in program.well("cohort", "quality", "pupils", cwd=small).out
