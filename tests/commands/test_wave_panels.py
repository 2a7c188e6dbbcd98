"""People of a cohort followed from wave to wave by a method of panels."""

from __future__ import annotations

from pathlib import Path

import pytest

from evaluation.errors import EvaluationError
from evaluation.plan_file import read_plan
from tests.commands.area_project import add_plain_method
from tests.commands.program import Program
from tests.commands.small_project import PEOPLE, csv_text, prison_number
from workspace.toml_source import parse_toml

SCORES = """[source]
id = "scores"
title = "Interviews"
cohort = "leavers"
wave_column = "Visit"
waves = { "0" = "release", "12" = "12-months", "24" = "24-months" }
data_until = 2025-12-31

[[identifier]]
column = "Prison number"
kind = "prison-number"

[[variable]]
column = "Score"
name = "score"
kind = "number"
"""
PLAN = """[plan]
id = "waves"
title = "Did aid change the score?"

[population]
cohort = "leavers"

[design]
method = "plain-panel"
treatment = "aid"
unit = "participant"
time = "wave"

[design.plain-panel]
start = "12-months"

[[outcome]]
measure = "score"
waves = ["release", "12-months", "24-months"]
role = "primary"
kind = "continuous"
better = "lower"
minimum_important_difference = 1
mid_source = "break-even"

[reporting]
reported_by = 2030-12-31
"""


def score(person: int, visit: int) -> float:
    """Everybody rises by one a visit; with aid the score falls by three after release."""
    aid = person % 2 == 1
    return 10 + person % 5 + visit / 12 + (person * (visit + 1)) % 3 - (3 if aid and visit else 0)


def load(program: Program, root: Path, visits: tuple[int, ...], *options: str) -> None:
    rows = [[prison_number(i), str(v), f"{score(i, v):g}"] for i in range(PEOPLE) for v in visits]
    (root / "sources" / "scores.toml").write_text(SCORES, encoding="utf-8")
    (root / "inbox" / "scores.csv").write_text(
        csv_text(("Prison number", "Visit", "Score"), rows), encoding="utf-8"
    )
    program.well("source", "load", "scores", "inbox/scores.csv", *options, cwd=root)


@pytest.fixture
def root(small: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    add_plain_method(monkeypatch)
    (small / "plans" / "waves.toml").write_text(PLAN, encoding="utf-8")
    return small


def state(program: Program, root: Path) -> str:
    return str(program("plan", "check", "waves", "--json", cwd=root).payload["data_state"])


def test_a_panel_of_people_is_locked_and_run_on_the_cohort(root: Path, program: Program) -> None:
    load(program, root, (0,))
    assert state(program, root) == "baseline seen"
    load(program, root, (0, 12, 24), "--sealed")
    assert state(program, root) == "baseline seen"
    assert program("evaluate", "run", "waves", "--exploratory", cwd=root).code == 4
    program.well("plan", "lock", "waves", cwd=root)
    done = program.well("evaluate", "run", "waves", "--json", cwd=root).payload
    outcome = done["outcomes"][0]
    # (i (v + 1)) % 3 is i % 3 at 0, 12 and 24: noise is the person's own and goes with the change.
    assert outcome["estimate"]["value"] == pytest.approx(-3, abs=0.01)
    assert outcome["estimate"]["n_treated"] == PEOPLE // 2
    assert outcome["units"] == "people"
    assert done["data"]["rows"] == PEOPLE
    assert done["plan"]["state"] == "locked before outcomes"
    assert state(program, root) == "outcomes seen"


def test_outcomes_after_the_start_that_could_be_seen_are_seen(root: Path, program: Program) -> None:
    load(program, root, (0, 12))
    assert state(program, root) == "outcomes seen"


def test_values_that_are_not_yet_ripe_are_left_out(root: Path, program: Program) -> None:
    text = SCORES.replace("2025-12-31", "2022-06-30")  # released in March 2021: 24 months are not over
    load(program, root, (0, 12, 24))
    (root / "sources" / "scores.toml").write_text(text, encoding="utf-8")
    program.well("source", "load", "scores", "inbox/scores.csv", cwd=root)
    done = program.well("evaluate", "run", "waves", "--exploratory", "--json", cwd=root).payload
    steps = {step["step"]: step["n"] for step in done["outcomes"][0]["flow"]}
    assert steps["outcome seen"] == 2 * PEOPLE


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        ('unit = "participant"\n', "", "LC406"),
        ('time = "wave"', 'time = "visit"', "LC406"),
        ('cohort = "leavers"', 'areas = "boroughs"', "LC406"),
        ('"24-months"]', '"12-months"]', "LC403"),
        ('start = "12-months"', 'start = "36-months"', "LC403"),
        ('role = "primary"', 'role = "primary"\nwave = "24-months"', "LC403"),
    ],
)
def test_a_plan_that_mixes_waves_with_something_else_is_refused(
    old: str, new: str, code: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    add_plain_method(monkeypatch)
    assert old in PLAN
    with pytest.raises(EvaluationError) as problem:
        read_plan(parse_toml(PLAN.replace(old, new), "waves.toml", EvaluationError))
    assert code in [fault.code for fault in problem.value.faults]


def test_a_start_is_read_as_the_place_of_its_wave(monkeypatch: pytest.MonkeyPatch) -> None:
    add_plain_method(monkeypatch)
    plan = read_plan(parse_toml(PLAN, "waves.toml", EvaluationError))
    assert plan.design.settings.start == "2"
