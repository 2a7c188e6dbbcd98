"""Projects pass gates before money, actions show exceptions, voices get answers, and nothing is undone."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import typer
from typer.testing import CliRunner

from theory_of_change.delivery import store
from theory_of_change.delivery.commands import action_app, project_app, status_lines, voice_app
from theory_of_change.delivery.model import GATES, Action, Event, Project, Voice, of_kind, standing
from theory_of_change.delivery.overlaps import money_by, overlaps
from theory_of_change.errors import TheoryError
from workspace import console
from workspace.audit import read_log
from workspace.database import create_database, writing
from workspace.errors import GateNotMet, LifecourseError
from workspace.project import Project as Folder
from workspace.project import create_project
from workspace.statements import run as statement

TODAY = dt.date(2026, 11, 22)


@pytest.fixture
def folder(tmp_path: Path, database_url: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Folder]:
    made = create_project(tmp_path / "mersey", "Mersey")
    made = replace(
        made, settings=replace(made.settings, database_url=database_url or made.settings.database_url)
    )
    create_database(made)
    monkeypatch.chdir(made.root)
    before = console.current()
    yield made
    console.configure(before)


def run(group: typer.Typer, *words: str, **options: Any) -> str:
    console.configure(console.RunSettings(**options))
    result = CliRunner().invoke(group, list(words), catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return result.output


def test_money_waits_for_every_gate_and_all_that_is_missing_is_named_at_once(folder: Folder) -> None:
    assert run(project_app, "add", "Mentors", "--tier", "secondary") == "PRJ-001 Mentors\n"
    with pytest.raises(GateNotMet) as error:
        run(project_app, "award", "PRJ-001", "--amount", "20000")
    assert all(words in str(error.value) for words in GATES.values())
    with pytest.raises(GateNotMet, match="was not awarded"):
        run(project_app, "spend", "PRJ-001", "--amount", "5")
    for gate in GATES:
        run(project_app, "gate", "prj-001", gate, "--file", "a.docx", "--date", "2026-10-01")
    assert run(project_app, "award", "PRJ-001", "--amount", "20000") == "PRJ-001 is awarded £20,000.\n"
    assert "£1,000 more than awarded" in run(project_app, "spend", "PRJ-001", "--amount", "21000")
    with pytest.raises(GateNotMet, match="without a line on what to change"):
        run(project_app, "close", "PRJ-001")
    run(project_app, "close", "PRJ-001", "--learned", "Start in September.")
    shown = json.loads(run(project_app, "show", "PRJ-001", json=True))
    assert (shown["state"], shown["spent"], shown["missing"]) == ("closed", 21000.0, [])
    assert [event["kind"] for event in shown["history"]] == [
        "added",
        *["gate"] * 4,
        "awarded",
        "spent",
        "closed",
    ]
    assert "next time: Start in September." in run(project_app, "show", "PRJ-001")
    assert [entry.action for entry in read_log(folder)][-1] == "delivery.closed"
    assert "secondary  1         £20,000  £21,000" in run(project_app, "list", "--by", "tier")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("add", "X", "--tier", "fourth"), "'tier' must be one of"),
        (("add", " ", "--tier", "primary"), "'name' is empty"),
        (("add", "X", "--tier", "primary", "--starts", "1 May"), "'starts' must be a day"),
        (
            ("gate", "PRJ-009", "equality-review", "--file", "a", "--date", "2026-01-01"),
            "there is no project",
        ),
        (("list", "--by", "colour"), "--by must be one of"),
    ],
)
def test_what_is_not_understood_changes_nothing(folder: Folder, words: tuple[str, ...], said: str) -> None:
    with pytest.raises(TheoryError, match=said):
        run(project_app, *words)
    assert store.everything(folder) == {}


def test_actions_show_only_what_needs_a_look_and_a_nil_return_says_so(folder: Folder) -> None:
    assert run(action_app, "exceptions").startswith("Nil return")
    run(action_app, "add", "Send the return", "--owner", "analyst", "--due", "2020-01-31")
    run(action_app, "add", "Plan", "--owner", "lead", "--due", "2999-01-31")
    run(action_app, "add", "Loose end")
    found = json.loads(run(action_app, "exceptions", json=True))["actions"]
    assert [(a["id"], a["why"]) for a in found] == [
        ("ACT-001", "due 2020-01-31"), ("ACT-003", "nobody owns it, no day set"),
    ]  # fmt: skip
    run(action_app, "update", "ACT-001", "--progress", "done")
    run(action_app, "update", "ACT-002", "--progress", "off-track", "--note", "no venue")
    with pytest.raises(TheoryError, match="say why"):
        run(action_app, "update", "ACT-003", "--progress", "dropped")
    with pytest.raises(TheoryError, match="nothing was said"):
        run(action_app, "update", "ACT-003")
    run(action_app, "update", "ACT-003", "--progress", "dropped", "--note", "twice")
    assert [a["id"] for a in json.loads(run(action_app, "exceptions", json=True))["actions"]] == ["ACT-002"]
    assert [a["id"] for a in json.loads(run(action_app, "list", json=True))["actions"]] == ["ACT-002"]
    assert len(json.loads(run(action_app, "list", "--all", json=True))["actions"]) == 3
    assert "1 open action, 1 exception" in status_lines(folder)[0].text


def test_what_was_heard_is_answered_and_stories_need_a_live_consent(folder: Folder) -> None:
    words = ("--theme", "how it felt", "--who", "a panel")
    run(voice_app, "log", "Like a police station", *words, "--heard", "2020-05-01")
    run(
        voice_app,
        "log",
        "My story",
        *words,
        "--story",
        "inbox/s1.docx",
        "--consent",
        "public",
        "--until",
        "2020-12-31",
    )
    run(voice_app, "log", "Her story", *words, "--story", "inbox/s2.docx", "--consent", "team")
    assert "VOI-001" in run(action_app, "exceptions")
    run(voice_app, "answer", "VOI-001", "New chairs and a play corner.")
    assert "VOI-001" not in run(action_app, "exceptions")
    shown = json.loads(run(voice_app, "list", json=True))
    assert ([v["id"] for v in shown["voices"]], shown["left_out"]) == (["VOI-001", "VOI-003"], 1)
    assert "2 left out" in run(voice_app, "list", "--to", "public")
    assert "New chairs" in run(voice_app, "list", "--to", "public")
    assert "a story: inbox/s2.docx" in run(voice_app, "list")
    with pytest.raises(TheoryError, match="a title of at most 80 signs"):
        run(voice_app, "log", "her words " * 20, *words, "--story", "inbox/s3.docx")
    with pytest.raises(TheoryError, match="--to must be one of"):
        run(voice_app, "list", "--to", "press")


def test_a_dry_run_enters_nothing(folder: Folder) -> None:
    assert run(action_app, "add", "Try", dry_run=True).startswith("Would: ACT-001")
    assert store.everything(folder) == {}


@pytest.mark.parametrize("words", ["UPDATE delivery_event SET said = '{}'", "DELETE FROM delivery_event", ""])
def test_the_database_refuses_to_change_what_happened(folder: Folder, words: str, database_url: str) -> None:
    store.add(folder, "ACT", {"text": "Try"})
    same = "INSERT OR REPLACE INTO delivery_event SELECT * FROM delivery_event"
    words = words or ("TRUNCATE delivery_event" if database_url else same)
    with pytest.raises(LifecourseError), writing(folder) as session:
        statement(session, words)
    assert len(of_kind(store.everything(folder), Action)) == 1


def test_projects_overlap_where_outcome_place_age_and_time_are_shared() -> None:
    one = Project(
        "PRJ-001",
        "a",
        place="Wirral",
        age_band="11-17",
        outcomes=("O3",),
        starts="2026-01-01",
        ends="2026-06-30",
    )
    same = replace(one, id="PRJ-002", place="wirral")
    others = [
        replace(one, id="PRJ-003", place="Sefton"), replace(one, id="PRJ-004", age_band="0-5"),
        replace(one, id="PRJ-005", outcomes=("O4",)), replace(one, id="PRJ-006", starts="2026-07-01", ends=""),
        replace(one, id="PRJ-007", state="closed"),
    ]  # fmt: skip
    pairs = [pair for pair in overlaps([one, same, *others]) if pair.first is one]
    assert [(pair.second.id, pair.text) for pair in pairs] == [("PRJ-002", "O3 in Wirral, ages 11-17")]
    everywhere = replace(one, id="PRJ-008", place="", age_band="")
    assert len(overlaps([one, everywhere])) == 1


def test_money_is_added_up_and_bids_have_none() -> None:
    projects = [
        Project("1", "a", "primary", state="awarded", awarded=10.0, spent=4.0), Project("2", "b", "primary"),
        Project("3", "c", "tertiary", state="closed", awarded=30.0, spent=30.0),
    ]  # fmt: skip
    assert money_by(projects, "tier") == [("tertiary", 1, 30.0, 30.0), ("primary", 1, 10.0, 4.0)]


def test_things_stand_as_their_events_add_up() -> None:
    events = [
        Event("VOI-001", "added", "", "", {"theme": "t", "who": "w", "text": "x", "heard": "2026-08-25"}),
        Event("PRJ-001", "added", "", "", {"name": "n", "outcomes": ["O1"], "unknown": 1}),
        Event("PRJ-001", "spent", "", "", {"amount": 5}),
        Event("PRJ-001", "spent", "", "", {"amount": -2}),
    ]
    things = standing(events)
    assert of_kind(things, Project) == [Project("PRJ-001", "n", outcomes=("O1",), spent=3.0)]
    voice = of_kind(things, Voice)[0]
    assert voice.exception(TODAY) == ""  # 89 days
    assert voice.exception(TODAY + dt.timedelta(days=2)) == "heard 2026-08-25, not answered"
