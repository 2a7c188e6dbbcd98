"""Frequency of offending at liberty in a project: files in, a plan locked and run on rows drawn from the lives."""

from __future__ import annotations

import csv
import datetime as dt
from pathlib import Path
from typing import Any

import pytest

from tests.cohorts.lives import SOURCES, rows
from tests.commands.program import Program

PEOPLE = 160
DAY = dt.timedelta(days=1)
FREQUENCY = """[plan]
id = "often"
title = "Did aid on release lower how often people offend at liberty?"
[population]
cohort = "leavers"
[design]
method = "randomised"
treatment = "aid"
seed = 1
[[outcome]]
measure = "reoffending"
name = "offences at liberty"
role = "primary"
kind = "time-to-event"
recurrent = true
better = "lower"
events = ["proven-offence"]
within_months = 12
waiting_months = 6
spell = "custody"
unit = "offences"
horizon = 365
minimum_important_difference = 0.5
mid_source = "made up"
expected_rate = 1.5
[[outcome]]
measure = "violence"
role = "secondary"
kind = "time-to-event"
recurrent = true
better = "lower"
events = ["proven-offence"]
categories = ["violence"]
within_months = 12
waiting_months = 6
spell = "custody"
unit = "offences"
[[outcome]]
measure = "first-reoffence"
role = "secondary"
kind = "time-to-event"
better = "lower"
duration = "days_to_reoffence"
event = "days_to_reoffence_event"
off_clock = "days_to_reoffence_off_clock"
unit = "days"
[reporting]
reported_by = 2030-12-31
"""
FILE_PLAN = """[plan]
id = "file"
title = "The same rows from a file"
[design]
method = "randomised"
treatment = "aid"
unit = "person"
seed = 1
[[outcome]]
measure = "offence"
role = "primary"
kind = "time-to-event"
recurrent = true
better = "lower"
entry = "start"
duration = "stop"
unit = "offences"
horizon = 365
minimum_important_difference = 0.5
mid_source = "made up"
"""


def released(i: int) -> dt.date:
    return dt.date(2021, 1, 1) + 2 * i * DAY


def offences(i: int) -> list[int]:
    """The days on which person ``i`` offended: fewer with aid (odd numbers)."""
    return [20 + (i * 7) % 40 + 70 * k for k in range((i // 2) % 4 + (1 - i % 2))]


def stays(i: int) -> list[tuple[int, int]]:
    """Custody after the second offence, from its day on; and every tenth in custody on the first day."""
    first = [(-1, 6)] if i % 10 == 0 else []
    return first + [(day, day + 30) for day in offences(i)[1:2]]


def by_hand(i: int) -> list[tuple[float, float, float]]:
    """The rows of person ``i`` as somebody would write them: start, stop, event."""
    found, start, left = [], 0.0, [*stays(i)]
    if left and left[0][0] < 0:
        start = float(left.pop(0)[1])
    for day in offences(i):
        found.append((start, float(day), 1.0))
        start = float(left.pop(0)[1]) if left and left[0][0] == day else float(day)
    return [*found, (start, 365.0, 0.0)]


@pytest.fixture
def liberty(program: Program, place: Path) -> Path:
    """A project with everybody's releases and custody loaded, offences waiting in the inbox, and a plan."""
    root = place / "liberty"
    program.well("init", root, "--name", "Liberty")
    program.well("key", "create", cwd=root)
    program.well("cohort", "new", "leavers", "--template", "prison-leavers", "--eligible", "", cwd=root)
    everyone = range(PEOPLE)
    files: dict[str, list[tuple[object, ...]]] = {
        "releases": [(i, released(i), i % 2) for i in everyone],
        "custody": [(i, "S", released(i) + a * DAY, released(i) + b * DAY, "X") for i in everyone for a, b in stays(i)],
        "offences": [
            (i, "P", released(i) + d * DAY, "V" if n % 2 == 0 else "O", f"{i}-{n}")
            for i in everyone for n, d in enumerate(offences(i))
        ],
    }  # fmt: skip
    files["offences"].append((0, "P", released(0) + 400 * DAY, "V", "late"))
    for name, body in files.items():
        (root / "sources" / f"{name}.toml").write_text(SOURCES[name], encoding="utf-8")
        (root / "inbox" / f"{name}.csv").write_text("\n".join(rows(name, *body)) + "\n", encoding="utf-8")
    (root / "plans" / "often.toml").write_text(FREQUENCY, encoding="utf-8")
    for name in ("releases", "custody"):
        program.well("source", "load", name, f"inbox/{name}.csv", cwd=root)
    return root


def outcome(payload: Any, measure: str) -> Any:
    return next(one for one in payload["outcomes"] if one["measure"] == measure)


def numbers(estimate: Any) -> list[float]:
    return [estimate[key] for key in ("value", "std_error", "conf_low", "conf_high")]


def test_frequency_at_liberty_is_planned_locked_run_and_reported(program: Program, liberty: Path) -> None:
    early = program("plan", "check", "often", cwd=liberty)
    assert "neither the cohort nor its sources" not in early.said
    program.well("source", "load", "offences", "inbox/offences.csv", "--sealed", cwd=liberty)
    refused = program("evaluate", "run", "often", "--exploratory", cwd=liberty)
    assert (refused.code, "LC859" in refused.err) == (4, True)
    assert "baseline seen" in program.well("plan", "lock", "often", "--json", cwd=liberty).said
    ran = program.well("evaluate", "run", "often", "--json", cwd=liberty).payload
    main = outcome(ran, "reoffending")
    assert main["estimate"]["effect"] == "rate-ratio"
    assert (main["estimate"]["n_treated"], main["estimate"]["n_comparison"]) == (80, 80)
    assert main["estimate"]["value"] < 0.9
    assert ran["data"]["rows"] == PEOPLE
    maturity = next(check for check in main["checks"] if check["name"] == "maturity")
    assert (maturity["result"], "for as long as records were complete" in maturity["note"]) == ("pass", True)
    page = next((liberty / "reports").rglob("*.html")).read_text(encoding="utf-8")
    assert "proven-offence within 12 months of the index date" in page
    assert "time in custody is no time at risk" in page
    first = outcome(ran, "first-reoffence")
    assert first["estimate"]["effect"] == "hazard-ratio"
    assert any(check["name"] == "time off the clock" for check in first["checks"])
    again = program.well("evaluate", "run", "often", "--json", cwd=liberty).payload
    assert again["data"] == ran["data"]


def test_the_same_rows_from_a_file_give_the_same_numbers(program: Program, liberty: Path) -> None:
    program.well("source", "load", "offences", "inbox/offences.csv", "--sealed", cwd=liberty)
    program.well("plan", "lock", "often", cwd=liberty)
    drawn = program.well("evaluate", "run", "often", "--json", cwd=liberty).payload
    with (liberty / "rows.csv").open("w", encoding="utf-8", newline="") as file:
        out = csv.writer(file)
        out.writerow(["person", "aid", "start", "stop", "offence"])
        out.writerows([i, i % 2, *row] for i in range(PEOPLE) for row in by_hand(i))
    (liberty / "file.toml").write_text(FILE_PLAN, encoding="utf-8")
    told = program.well("evaluate", "run", "file.toml", "--data", "rows.csv", "--json", cwd=liberty).payload
    one, other = outcome(drawn, "reoffending"), outcome(told, "offence")
    assert numbers(one["estimate"]) == pytest.approx(numbers(other["estimate"]), rel=1e-9)
    beside = [[numbers(way["estimate"]) for way in which["sensitivity"]] for which in (one, other)]
    assert len(beside[0]) >= 4
    assert beside[0] == [pytest.approx(way, rel=1e-6) for way in beside[1]]
    names = {"proportional hazards", "time off the clock", "repeated events", "ties"}
    for name in names & {check["name"] for check in other["checks"]}:
        mine, file_s = (next(c for c in which["checks"] if c["name"] == name) for which in (one, other))
        assert mine["result"] == file_s["result"]
