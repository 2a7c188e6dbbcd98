"""A run with --exploratory is an exploration also where the plan is locked: recorded so, and shown so everywhere."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from evaluation.evidence.pool_rows import _unfit
from evaluation.lock_states import EXPLORED
from tests.commands.program import Program
from tests.commands.small_project import PLAN, arrest_row, csv_text

ASKED = ("evaluate", "run", "later", "--exploratory")


@pytest.fixture
def opened(small: Path, program: Program) -> Path:
    """The small project with a plan of outcomes at 24 months: locked before they came, and they came unsealed."""
    text = PLAN.replace('"aid"\ntitle', '"later"\ntitle').replace("12-months", "24-months")
    (small / "plans" / "later.toml").write_text(text, encoding="utf-8")
    program.well("plan", "lock", "later", "--waive", "A small pilot", cwd=small)
    rows = csv_text(
        ("Prison number", "Visit", "Arrested"), [[n, "24", s] for n, _, s in map(arrest_row, range(80))]
    )
    (small / "inbox" / "open.csv").write_text(rows, encoding="utf-8")
    program.well("source", "load", "arrests", "inbox/open.csv", cwd=small)
    return small


def kept(root: Path, name: str) -> dict[str, Any]:
    """The evidence file of a run."""
    found: dict[str, Any] = json.loads((root / "evidence" / f"{name}.json").read_text(encoding="utf-8"))
    return found


def plan_checks(payload: dict[str, Any]) -> Iterator[str]:
    """What each outcome says of the lock."""
    for outcome in payload["outcomes"]:
        yield from (check["note"] for check in outcome["checks"] if check["name"] == "plan")


def test_an_exploration_of_a_locked_plan_is_stamped_in_its_result_its_report_and_the_register(
    opened: Path, program: Program
) -> None:
    done = program.well(*ASKED, cwd=opened)
    assert "EXPLORATORY (run outside the lock)" in done.out
    assert "registered before outcomes could be seen, has not been run" in done.out
    result = kept(opened, "EVAL-001")
    assert (result["plan"]["state"], result["plan"].get("audit")) == (EXPLORED, None)
    assert set(plan_checks(result)) == {"It was run outside the lock of its plan: this is exploratory."}
    assert any("exploratory finding" in line for line in result["outcomes"][0]["verdict"]["can_say"])
    page = (opened / "reports" / "EVAL-001.html").read_text(encoding="utf-8")
    assert "</strong> It was run outside the lock of its plan: a question, not an answer." in page
    assert "</span> Exploratory: no worthwhile difference" in page
    (entry,) = (
        one
        for one in program.well("finding", "list", "--json", cwd=opened).payload["entries"]
        if one["plan"]["plan_id"] == "later"
    )
    assert (entry["state"], entry["answers"]) == ("running", [])
    assert [(run["exploratory"], run["plan_state"]) for run in entry["runs"]] == [(True, EXPLORED)]
    assert "exploratory: no worthwhile difference" in program.well("finding", "show", "later", cwd=opened).out
    assert _unfit(result, result["outcomes"][0]) == "exploratory: not planned before it was seen"


def test_an_exploration_is_held_to_nothing_and_the_finding_is_still_owed(
    opened: Path, program: Program
) -> None:
    program.well(*ASKED, cwd=opened)
    audited = program.well("plan", "audit", "later", cwd=opened).out
    assert "it was run outside the lock, so it is held to nothing" in audited
    assert "as it was first locked" not in audited
    refused = program("report", "replication", "EVAL-001", "--out", "pack", cwd=opened)
    assert (refused.code, "LC751" in refused.err) == (4, True)
    assert "lifecourse evaluate run later" in refused.err
    done = program.well("evaluate", "run", "later", "--json", cwd=opened).payload
    assert (done["plan"]["state"], done["plan"]["audit"]["kept"]) == ("locked before outcomes", True)
    assert set(plan_checks(done)) == {"The plan was locked before outcomes could be seen."}
    tally = program.well("finding", "list", "--json", cwd=opened).payload["tally"]
    assert (tally["planned"], tally["reported"]) == (2, 1)
    later = program.well(*ASKED, cwd=opened).out
    assert (
        "registered before outcomes could be seen: no worthwhile difference, security 0 of 5 (EVAL-002)"
        in later
    )
    audited = program.well("plan", "audit", "later", cwd=opened).out
    assert "Every outcome is reported as it was first locked." in audited


def test_an_exploration_of_a_locked_plan_opens_nothing_that_is_sealed(opened: Path, program: Program) -> None:
    refused = program("evaluate", "run", "locked", "--exploratory", cwd=opened)
    assert (refused.code, "LC859" in refused.err) == (4, True)
    assert "Run it under its lock, without --exploratory." in refused.err
    assert not (opened / "evidence" / "EVAL-001.json").exists()
    assert (
        program.well("evaluate", "run", "locked", "--json", cwd=opened)
        .payload["plan"]["state"]
        .startswith("locked")
    )
