"""``lifecourse report annex | checklist | edit``: what they write and say, and what they refuse."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path

import pytest

from tests.commands.program import Program


@pytest.fixture
def project(small: Path, program: Program) -> Path:
    """The small project with its locked plan run."""
    program.well("evaluate", "run", "locked", cwd=small)
    return small


def edits(project: Path) -> Path:
    return project / "reports" / "edits" / "EVAL-001.toml"


def reword(project: Path, number: str, words: str) -> int:
    """Word a sentence anew in the file, as a person would; the line of its text."""
    lines = edits(project).read_text(encoding="utf-8").splitlines()
    at = lines.index(f'id = "{number}"') + 2
    lines[at] = f"text = {json.dumps(words, ensure_ascii=False)}"
    edits(project).write_text("\n".join(lines) + "\n", encoding="utf-8")
    return at + 1


def test_an_annex_is_written_whole_and_its_json_is_the_saved_finding(project: Path, program: Program) -> None:
    dry = program.well("report", "annex", "EVAL-001", "--dry-run", cwd=project)
    folder = project / "reports" / "annexes" / "EVAL-001"
    assert dry.out.startswith("Would write ")
    assert not folder.exists()
    ran = program.well("report", "annex", "EVAL-001", "--json", cwd=project)
    names = sorted(path.name for path in folder.iterdir())
    assert sorted(Path(name).name for name in ran.payload["files"]) == names
    assert {"EVAL-001.json", "EVAL-001.ods", "01-estimates.csv"} <= set(names)
    saved = project / "evidence" / "EVAL-001.json"
    assert (folder / "EVAL-001.json").read_bytes() == saved.read_bytes()
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    program.well("report", "annex", "EVAL-001", cwd=project)
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before


def test_a_checklist_says_where_and_what_is_left_to_write(project: Path, program: Program) -> None:
    ran = program.well("report", "checklist", "EVAL-001", "--json", cwd=project)
    assert [one["name"] for one in ran.payload["checklists"]] == ["consort-2025", "tidier", "emmie"]
    items = {item["item"]: item for item in ran.payload["checklists"][0]["items"]}
    assert items["1b"]["where"] == "page one"
    assert items["30"]["source"] == "from memory"
    said = program.well("report", "checklist", "EVAL-001", "--plain", cwd=project).out
    assert "not covered: write it yourself (who paid, and their part in the study)" in said


def test_sentences_are_worded_anew_checked_entered_and_shown_as_the_team_s(
    project: Path, program: Program
) -> None:
    begun = program.well("report", "edit", "EVAL-001", cwd=project)
    assert "Wrote reports/edits/EVAL-001.toml with" in begun.out.replace("\\", "/")
    page = project / "reports" / "EVAL-001.html"
    saved = page.read_bytes()
    program.well("report", "evaluation", "EVAL-001", cwd=project)
    assert page.read_bytes() == saved, "without a word of the team's the report is as it was"

    line = reword(project, "cannot-say-2", "The programme was a great success.")
    refused = program("report", "edit", "EVAL-001", cwd=project)
    assert refused.code == 1
    assert f"LC718 reports/edits/EVAL-001.toml:{line}: “success”" in refused.err
    stopped = program("report", "evaluation", "EVAL-001", cwd=project)
    assert stopped.code == 1
    assert page.read_bytes() == saved

    reword(
        project, "cannot-say-2", "That it would do the same for other people, or did it for any one person."
    )
    waiting = program("report", "evaluation", "EVAL-001", cwd=project)
    assert (waiting.code, "LC721" in waiting.err) == (1, True)
    done = program.well("report", "edit", "EVAL-001", cwd=project)
    assert "1 worded by the team, accepted." in done.out
    assert "accepted before" in program.well("report", "edit", "EVAL-001", cwd=project).out

    program.well("report", "evaluation", "EVAL-001", cwd=project)
    assert "did it for any one person. (Worded by the team.)" in page.read_text(encoding="utf-8")
    program.well("report", "annex", "EVAL-001", cwd=project)
    tables = list((project / "reports" / "annexes" / "EVAL-001").glob("*-sentences.csv"))
    told = tables[0].read_text(encoding="utf-8")
    original = tomllib.loads(edits(project).read_text(encoding="utf-8"))["sentence"]
    assert next(s["generated"] for s in original if s["id"] == "cannot-say-2") in told
    assert "did it for any one person." in told

    log = program.well("audit", "log", "--json", cwd=project).payload["entries"]
    entered = [entry for entry in log if entry["action"] == "report.edit"]
    assert len(entered) == 1
    assert entered[0]["subject"] == "EVAL-001"
    assert entered[0]["actor"]
    assert entered[0]["at"]
    assert "any one person" not in json.dumps(entered), "the log keeps a fingerprint, never the words"
    assert "cannot-say-2" in json.dumps(entered)
    edits(project).unlink()


def test_an_evaluation_that_is_not_there_is_named(project: Path, program: Program) -> None:
    for verb in ("annex", "checklist", "edit"):
        ran = program("report", verb, "EVAL-009", cwd=project)
        assert ran.code == 12
        assert "LC426" in ran.err
