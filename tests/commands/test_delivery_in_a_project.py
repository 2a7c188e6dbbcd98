"""Delivery in a project: planned before its records come, run without them, and read once they are there."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tests.commands.program import Program
from tests.commands.small_project import PEOPLE, PLAN, csv_text, prison_number

SESSIONS = """[source]
id = "sessions"
title = "Sessions"
cohort = "leavers"
wave = "6-months"

[[identifier]]
column = "Prison number"
kind = "prison-number"

[[variable]]
column = "Sessions"
name = "sessions"
kind = "number"
minimum = 0
maximum = 100
"""
ASKED = PLAN.replace('"aid"\ntitle', '"asked"\ntitle').replace(
    "[reporting]", '[delivery]\ndose = "sessions"\nplanned = 12\nenough = 8\nreach = 0.7\n\n[reporting]'
)


def run_json(program: Program, root: Path) -> dict[str, Any]:
    found: dict[str, Any] = program.well("--json", "evaluate", "run", "asked", cwd=root).payload
    return found


def test_a_plan_waits_for_no_records_and_reads_them_once_they_are_there(
    small: Path, program: Program
) -> None:
    (small / "plans" / "asked.toml").write_text(ASKED, encoding="utf-8")
    (small / "sources" / "sessions.toml").write_text(SESSIONS, encoding="utf-8")
    rows = ([prison_number(i), str(10 if i % 4 == 1 else 0)] for i in range(PEOPLE))
    (small / "inbox" / "sessions.csv").write_text(
        csv_text(("Prison number", "Sessions"), rows), encoding="utf-8"
    )
    checked = program.well("--json", "plan", "check", "asked", cwd=small).payload
    assert checked["doubts"] == []  # a source has the variable, though no file of it has come
    program.well("plan", "lock", "asked", cwd=small)
    before = run_json(program, small)
    assert before["delivery"]["delivered"] is None
    assert "whether it was delivered as meant" in before["why"]["not_looked"]
    program.well("source", "load", "sessions", "inbox/sessions.csv", "--sealed", cwd=small)
    after = run_json(program, small)
    assert after["delivery"]["delivered"] is False
    assert after["why"]["class"] in ("implementation", "as-expected", "harm")
    assert "W1" in after["why"]["codes"]
    counts = [part["part"] for part in after["delivery"]["parts"] if part["part"] is not None]
    assert counts
    assert all(count % 5 == 0 for count in counts)
    asked = ASKED.replace('"asked"', '"later"')
    (small / "plans" / "later.toml").write_text(asked, encoding="utf-8")
    refused = program("evaluate", "run", "later", "--exploratory", cwd=small)
    assert refused.code == 4  # what was loaded sealed stays sealed for a plan that is not locked
    seen = csv_text(
        ("Prison number", "Visit", "Arrested"), ([prison_number(i), "24", str(i % 2)] for i in range(PEOPLE))
    )
    (small / "inbox" / "seen.csv").write_text(seen, encoding="utf-8")
    program.well("source", "load", "arrests", "inbox/seen.csv", cwd=small)
    asked = asked.replace("12-months", "24-months").replace('dose = "sessions"', 'dose = "not_sent_yet"')
    (small / "plans" / "later.toml").write_text(asked, encoding="utf-8")
    state = program("--json", "plan", "check", "later", cwd=small).payload["data_state"]
    assert state == "outcomes seen"  # delivery that has not come hides nothing that has
