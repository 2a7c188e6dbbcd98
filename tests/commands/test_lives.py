"""Lives as a user follows them: files in, derived variables out, a plan locked and run on one of them."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest

from tests.cohorts.lives import SOURCES, rows
from tests.commands.program import Program
from tests.commands.test_follow_up import counted

PEOPLE = 120
PLAN = """[plan]
id = "aid"
title = "Did aid on release reduce reoffending?"
[population]
cohort = "leavers"
where = "days_at_liberty_12m > 0"
[design]
method = "randomised"
treatment = "aid"
seed = 1
[[outcome]]
measure = "reoffended_12m"
role = "primary"
kind = "binary"
better = "lower"
minimum_important_difference = 0.3
mid_source = "made up"
expected_rate = 0.4
[reporting]
reported_by = 2030-12-31
"""
CUSTOM = """[template]
id = "custom"
version = "1"
title = "Custom"
[index]
event = "start"
[[wave]]
name = "release"
months = 0
[[spell]]
kind = "custody"
states = ["recall", "remand", "sentenced"]
exclusive = true
"""


def released(i: int) -> dt.date:
    return dt.date(2021, 1, 1) + dt.timedelta(days=5 * i)


def files() -> dict[str, list[str]]:
    """Every file: 120 releases; custody, offences and mentoring of some of them."""
    week = dt.timedelta(days=7)
    return {
        "releases": rows("releases", *((i, released(i), i % 2) for i in range(PEOPLE))),
        "custody": rows(
            "custody",
            *((i, "RC", released(i) + week, released(i) + 5 * week, "LDS") for i in range(0, PEOPLE, 3)),
        ),
        "offences": rows(
            "offences",
            *((i, "P", released(i) + 9 * week, "V", i) for i in range(PEOPLE) if i % 5 < 1 + i % 2),
        ),
        "sessions": rows(
            "sessions",
            *(
                (i, released(i) + k * week, int((i + k) % 4 > 0), 60, 45, 3, "F")
                for i in range(1, PEOPLE, 2)
                for k in range(4)
            ),
        ),
    }


@pytest.fixture
def lives(program: Program, place: Path) -> Path:
    """A project with sources, files and a plan; nothing but the releases is loaded."""
    root = place / "lives"
    program.well("init", root, "--name", "Lives")
    program.well("key", "create", cwd=root)
    program.well("cohort", "new", "leavers", "--template", "prison-leavers", "--eligible", "", cwd=root)
    for name, text in SOURCES.items():
        (root / "sources" / f"{name}.toml").write_text(text, encoding="utf-8")
    for name, lines in files().items():
        (root / "inbox" / f"{name}.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    (root / "plans" / "aid.toml").write_text(PLAN, encoding="utf-8")
    program.well("source", "load", "releases", "inbox/releases.csv", cwd=root)
    return root


def test_a_plan_may_name_derived_variables_and_is_run_once_it_is_locked(
    program: Program, lives: Path
) -> None:
    # Before any offence is loaded the plan may name what will be derived of them.
    assert "neither the cohort nor its sources" not in program("plan", "check", "aid", cwd=lives).said
    program.well("source", "load", "custody", "inbox/custody.csv", cwd=lives)
    program.well("source", "load", "offences", "inbox/offences.csv", "--sealed", cwd=lives)
    locked = program.well("plan", "lock", "aid", "--json", cwd=lives).said
    assert "baseline seen" in locked
    ran = program.well("evaluate", "run", "aid", "--json", cwd=lives).payload
    estimate = ran["outcomes"][0]["estimate"]
    # Eighteen months are over for 110 people: of 55 with aid 22 reoffended (two fifths), of 55 without 11.
    assert estimate["value"] == pytest.approx(0.2)
    assert (estimate["n_treated"], estimate["n_comparison"]) == (55, 55)
    before = program("evaluate", "run", "aid", "--known-on", "2020-01-01", cwd=lives)
    assert (before.code, "LC457" in before.err) == (12, True)  # nothing was known of anybody then
    refused = program("evaluate", "run", "aid", "--data", "x.csv", "--known-on", "2020-01-01", cwd=lives)
    assert (refused.code, "LC406" in refused.err) == (12, True)
    again = program.well("evaluate", "run", "aid", "--known-on", "2999-01-01", "--json", cwd=lives).payload
    assert again["provenance"]["data_known_on"] == "2999-01-01"
    assert again["data"] == ran["data"]
    maturity = [c for c in ran["outcomes"][0]["checks"] if c["name"] == "maturity"]
    assert "18 months" in maturity[0]["note"]


def test_derive_says_who_has_a_value_and_why_others_do_not(program: Program, lives: Path) -> None:
    program.well("source", "load", "offences", "inbox/offences.csv", "--sealed", cwd=lives)
    payload = program.well("cohort", "derive", "leavers", "--json", cwd=lives).payload
    found = {row["variable"]: row for row in payload["variables"]}
    assert found["reoffended_12m"] == {
        "variable": "reoffended_12m", "wave": "12-months", "sealed": True, "values": 110,
        "missing": [{"reason": "follow-up not over", "n": 10}],
    }  # fmt: skip
    assert payload["waiting_for_a_source"] == [
        "days_at_liberty_12m", "days_recalled_12m", "days_to_reoffence", "days_to_reoffence_event",
        "days_to_reoffence_off_clock", "days_to_reoffence_death",
    ]  # fmt: skip
    assert payload["changed"] is False
    said = program.well("cohort", "derive", "leavers", cwd=lives).out
    assert "nothing has changed" in said
    assert "Waiting for a source: days_at_liberty_12m" in said


def test_no_small_count_leaves_any_command_about_lives(program: Program, lives: Path) -> None:
    few = rows("sessions", *((i, released(i), 1, 60, 45, 3, "F") for i in range(4)))
    (lives / "inbox" / "few.csv").write_text("\n".join(few) + "\n", encoding="utf-8")
    for source, file in (("custody", "custody"), ("offences", "offences"), ("sessions", "few")):
        program.well("source", "load", source, f"inbox/{file}.csv", cwd=lives)
    for command in ("show", "flow", "follow-up", "quality", "derive"):
        payload = program.well("cohort", command, "leavers", "--json", cwd=lives).payload
        assert all(n == 0 or n >= 10 for n in counted(payload)), command
    (club,) = program.well("cohort", "quality", "leavers", "--json", cwd=lives).payload["interventions"]
    assert {key for key, value in club.items() if value is not None} == {"intervention", "sealed"}
    said = program.well("cohort", "quality", "leavers", cwd=lives).out
    assert "mentoring     fewer than 10" in said


def test_planned_and_delivered_stand_in_the_quality_of_a_cohort(program: Program, lives: Path) -> None:
    program.well("source", "load", "sessions", "inbox/sessions.csv", cwd=lives)
    (club,) = program.well("cohort", "quality", "leavers", "--json", cwd=lives).payload["interventions"]
    assert club == {
        "intervention": "mentoring", "sealed": False, "people": 60, "sessions_planned": 240,
        "sessions_attended": 180, "attended_share": 0.75, "minutes_share": 0.56, "fidelity": 3.0,
    }  # fmt: skip


def test_a_cohort_that_derives_nothing_says_so_and_exclusive_spells_may_not_overlap(
    program: Program, lives: Path
) -> None:
    (lives / "custom.toml").write_text(CUSTOM, encoding="utf-8")
    program.well("cohort", "new", "others", "--template", "custom.toml", cwd=lives)
    refused = program("cohort", "derive", "others", cwd=lives)
    assert (refused.code, "LC869" in refused.err) == (11, True)
    for name in ("releases", "custody"):
        text = SOURCES[name].replace('"leavers"', '"others"')
        (lives / "sources" / f"{name}.toml").write_text(text, encoding="utf-8")
    program.well("source", "load", "releases", "inbox/releases.csv", cwd=lives)
    clash = rows("custody", (1, "S", "2021-05-01", "2021-06-01", "A"), (1, "R", "2021-05-31", "", "B"))
    (lives / "inbox" / "clash.csv").write_text("\n".join(clash) + "\n", encoding="utf-8")
    refused = program("source", "load", "custody", "inbox/clash.csv", cwd=lives)
    assert refused.code == 11
    assert "LC866" in refused.err
    assert "row 3:" in refused.err
