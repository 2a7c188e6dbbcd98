"""Quarterly returns: a workbook out, its cells back in, all of it or nothing, and who still owes one."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import fastexcel
import pytest
import typer
from typer.testing import CliRunner

from tests.theory_of_change.filled import fill_in
from theory_of_change import commands as ground_floor
from theory_of_change.delivery import store
from theory_of_change.delivery.commands import action_app, project_app, voice_app
from theory_of_change.delivery.follow_up_commands import status_lines as ending_lines
from theory_of_change.delivery.model import GATES, Action, Project, Return, Voice, of_kind
from theory_of_change.errors import TheoryError
from theory_of_change.returns.commands import status_lines
from theory_of_change.returns.layout import SHEETS
from theory_of_change.returns.owed import owed_returns, quarter_of, returned_share
from theory_of_change.returns.workbook import blank_return, return_bytes
from workspace import console
from workspace.database import create_database
from workspace.project import Project as Folder
from workspace.project import create_project

assert ground_floor.app  # the commands of returns are joined to those of projects there
TODAY = dt.date(2026, 11, 22)
WHOLE: dict[str, dict[str, object]] = {
    "Return": {"B3": "analyst"},
    "Projects": {"E2": 5000, "F2": 40, "G2": 31, "H2": "places", "E3": "£1,200.50"},
    "Actions": {"E2": "done", "B3": "Send the leaflet", "C3": "analyst", "D3": "2026-12-01"},
    "Words": {"B1": "Schools came on board", "B2": "No venue in July"},
    "Voices": {
        "F2": "New chairs",
        "B3": "travel",
        "C3": "a panel",
        "D3": "Buses stop at six",
        "E3": "2026-09-12",
    },
}


def run(group: typer.Typer, *words: str, **options: Any) -> str:
    console.configure(console.RunSettings(**options))
    result = CliRunner().invoke(group, list(words), catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return result.output


@pytest.fixture
def folder(tmp_path: Path, database_url: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Folder]:
    """Two projects with money, an action, a voice; on the embedded file, then on a server."""
    made = create_project(tmp_path / "mersey", "Mersey")
    made = replace(
        made, settings=replace(made.settings, database_url=database_url or made.settings.database_url)
    )
    create_database(made)
    monkeypatch.chdir(made.root)
    before = console.current()
    run(project_app, "add", "Mentors", "--tier", "secondary", "--partner", "Youth Trust", "--starts", "2026-04-01",
        "--ends", "2027-01-31")  # fmt: skip
    run(
        project_app,
        "add",
        "Knife talks",
        "--tier",
        "primary",
        "--partner",
        "Fire service",
        "--starts",
        "2026-07-15",
    )
    entries = [
        (name, "gate", {"gate": gate, "file": "a.docx", "date": "2026-01-01"})
        for name in ("PRJ-001", "PRJ-002")
        for gate in GATES
    ]
    store.enter_all(made, entries)
    run(project_app, "award", "PRJ-001", "--amount", "20000")
    run(project_app, "award", "PRJ-002", "--amount", "9000")
    run(action_app, "add", "Find a venue", "--owner", "lead", "--due", "2026-10-31", "--for", "PRJ-001")
    run(
        voice_app,
        "log",
        "The waiting room is cold",
        "--theme",
        "place",
        "--who",
        "a panel",
        "--heard",
        "2026-09-01",
    )
    run(project_app, "template", "--to", "blank.xlsx", "--quarter", "2026-Q3")
    yield made
    console.configure(before)


def test_a_filled_in_return_is_taken_over_and_taking_it_twice_changes_nothing(folder: Folder) -> None:
    fill_in(Path("blank.xlsx"), Path("full.xlsx"), WHOLE)
    assert run(project_app, "import", "full.xlsx", dry_run=True).startswith("Would take over")
    assert of_kind(store.everything(folder), Return) == []
    said = run(project_app, "import", "full.xlsx")
    assert said == "Took over: 2 projects, 2 actions, 2 voices; the partner's words.\n"
    things = store.everything(folder)
    first, second = of_kind(things, Project)
    assert (first.spent, second.spent) == (5000.0, 1200.5)
    assert first.quarters["2026-Q3"] == {
        "spent": 5000.0,
        "planned": 40.0,
        "delivered": 31.0,
        "unit": "places",
    }
    assert [(a.text, a.progress) for a in of_kind(things, Action)] == [
        ("Find a venue", "done"), ("Send the leaflet", "on-track"),
    ]  # fmt: skip
    assert [(v.text, v.answer) for v in of_kind(things, Voice)] == [
        ("The waiting room is cold", "New chairs"), ("Buses stop at six", ""),
    ]  # fmt: skip
    assert of_kind(things, Return)[0].did_not == "No venue in July"
    assert run(project_app, "import", "full.xlsx").endswith("; 7 as they were.\n")
    assert store.everything(folder) == things
    assert json.loads(run(project_app, "returns", json=True))["returned"] == 2


def test_a_correction_takes_the_place_of_the_quarter_and_an_old_workbook_opens_nothing_again(
    folder: Folder,
) -> None:
    fill_in(Path("blank.xlsx"), Path("full.xlsx"), WHOLE)
    run(project_app, "import", "full.xlsx")
    fill_in(Path("blank.xlsx"), Path("other.xlsx"), {"Projects": {"E2": 6000}, "Words": {"B1": "Other"}})
    with pytest.raises(TheoryError) as error:
        run(project_app, "import", "other.xlsx")
    assert [(f.code, f.where.rpartition(" ")[2]) for f in error.value.faults] == [
        ("LC359", "E2"), ("LC359", "E2"), ("LC359", "B2"),
    ]  # fmt: skip
    run(project_app, "import", "other.xlsx", "--replace")
    assert of_kind(store.everything(folder), Project)[0].spent == 6000.0


def test_every_fault_of_a_return_is_named_by_cell_none_quotes_it_and_nothing_is_saved(folder: Folder) -> None:
    wrong: dict[str, dict[str, object]] = {
        "Projects": {"A2": "PRJ-099", "E2": "secret", "F3": 3, "G3": -1},
        "Actions": {"D2": "2026-06-31", "E2": "dropped", "C3": "analyst"},
        "Voices": {"D3": "Sam Smith of 4 High Street"},
        "Return": {"B2": "spring"},
    }
    fill_in(Path("blank.xlsx"), Path("bad.xlsx"), wrong)
    before = store.everything(folder)
    with pytest.raises(TheoryError) as error:
        run(project_app, "import", "bad.xlsx")
    places = [(f.code, *f.where.split(", ")[1:]) for f in error.value.faults]
    assert places == [
        ("LC360", "sheet Return", "cell B2"),
        ("LC358", "sheet Projects", "cell E2"),
        ("LC358", "sheet Projects", "cell G3"),
        ("LC358", "sheet Actions", "cell D2"),
        ("LC358", "sheet Projects", "cell A2"),
        ("LC358", "sheet Projects", "cell E3"),
        ("LC358", "sheet Actions", "cell F2"),
        ("LC358", "sheet Actions", "cell B3"),
        ("LC358", "sheet Voices", "cell B3"),
        ("LC358", "sheet Voices", "cell C3"),
        ("LC358", "sheet Voices", "cell E3"),
    ]
    assert not any(word in str(error.value) for word in ("secret", "Smith", "spring", "PRJ-099"))
    assert store.everything(folder) == before


def test_a_workbook_that_is_no_return_or_says_nothing_is_refused(folder: Folder) -> None:
    Path("text.xlsx").write_text("no workbook", "utf-8")
    with pytest.raises(TheoryError, match="not an Excel workbook") as error:
        run(project_app, "import", "text.xlsx")
    assert error.value.code == "LC357"
    from theory_of_change.returns.cells import read_return
    from theory_of_change.returns.entries import taken

    with pytest.raises(TheoryError, match="no sheet named"):
        read_return({}, "x.xlsx")
    empty: dict[str, list[list[str]]] = {sheet: [] for sheet in SHEETS}
    with pytest.raises(TheoryError) as error:
        taken(read_return(empty, "x.xlsx"), {}, "2026-11-22", replace=False)
    assert sum("there is no column 'id'" in fault.problem for fault in error.value.faults) == 3
    with pytest.raises(TheoryError, match="is not a quarter"):
        run(project_app, "template", "--to", "new.xlsx", "--quarter", "soon")
    with pytest.raises(TheoryError, match="no project has the partner"):
        run(project_app, "template", "--to", "new.xlsx", "--partner", "Nobody")


def test_the_template_asks_a_partner_for_its_own_and_locks_the_ids(folder: Folder) -> None:
    blank = blank_return(store.everything(folder), "Youth Trust", "2026-Q3")
    assert [one.id for one in blank.projects] == ["PRJ-001"]
    assert [one.id for one in blank.actions] == ["ACT-001"]
    assert blank.voices == ()
    assert return_bytes(blank) == return_bytes(blank)
    assert fastexcel.read_excel(return_bytes(blank)).sheet_names == list(SHEETS)


def test_who_owes_what_since_when_is_told_and_nothing_is_sent(folder: Folder) -> None:
    projects = of_kind(store.everything(folder), Project)
    owed = owed_returns(projects, TODAY)
    assert [(each.partner, each.quarter, str(each.due)) for each in owed] == [
        ("Youth Trust", "2026-Q2", "2026-07-30"),
        ("Fire service", "2026-Q3", "2026-10-30"),
        ("Youth Trust", "2026-Q3", "2026-10-30"),
    ]
    assert returned_share(projects, quarter_of(dt.date(2026, 8, 1))) == (0, 2)
    assert owed_returns(projects, dt.date(2027, 12, 1))[-1].partner == "Fire service"
    assert "To Youth Trust: the return for 2026-Q2 was due" in run(project_app, "returns", "--reminders")
    assert "overdue from 2 partners" in status_lines(folder)[0].text
    assert ending_lines(folder)[0].text == "1 project without an exit plan"


def test_a_project_that_ends_has_an_exit_plan_and_a_lesson_is_told(folder: Folder) -> None:
    assert "PRJ-001 Mentors: ends in" in run(project_app, "ending", "--within", "100000")
    run(project_app, "exit", "PRJ-001", "--plan", "Schools keep the mentors.", "--date", "2026-11-01")
    assert "Plan: Schools keep the mentors." in run(project_app, "ending", "--within", "100000")
    with pytest.raises(TheoryError, match="exit plan is empty"):
        run(project_app, "exit", "PRJ-001", "--plan", " ", "--date", "2026-11-01")
    with pytest.raises(TheoryError, match="no lesson"):
        run(project_app, "told", "PRJ-001", "--who", "the board", "--date", "2026-11-20")
    run(project_app, "close", "PRJ-001", "--learned", "Start in September.")
    assert "nobody was told yet" in run(project_app, "lessons")
    run(project_app, "told", "PRJ-001", "--who", "the board", "--date", "2026-11-20")
    assert "told: the board, 2026-11-20" in run(project_app, "lessons")
    assert ending_lines(folder) == []


def test_voices_are_coded_small_counts_are_withheld_and_excerpts_stand_beside(folder: Folder) -> None:
    with pytest.raises(TheoryError) as error:
        run(voice_app, "code", "VOI-001", "--code", "Waiting Room")
    assert error.value.code == "LC361"
    assert run(voice_app, "codes") == "No voice is coded yet.\n"
    run(voice_app, "code", "VOI-001", "--code", "waiting-room", "--box", "O3")
    for number in range(11):
        run(
            voice_app,
            "log",
            f"Cold {number}",
            "--theme",
            "place",
            "--who",
            f"panel {number}",
            "--heard",
            "2026-09-02",
        )
    store.enter_all(folder, [(f"VOI-{n:03d}", "coded", {"codes": ["cold"], "box": ""}) for n in range(2, 13)])
    found = {line["code"]: line for line in json.loads(run(voice_app, "codes", json=True))["codes"]}
    assert (found["waiting-room"]["voices"], found["waiting-room"]["groups"]) == (None, None)
    assert (found["cold"]["voices"], len(found["cold"]["excerpts"])) == (11, 3)
    said = run(voice_app, "codes")
    assert "waiting-room: under 10 voices" in said
    assert "The newest 10 voices brought nothing new." in said
    assert "“The waiting room is cold”" in run(voice_app, "codes", "--box", "O3", "--to", "public")
