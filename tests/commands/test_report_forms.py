"""The report of a saved result as HTML, Word and PDF, by the command line."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from evaluation.reporting.html import render_whole
from evaluation.saved.model import Whole
from evaluation.saved.store import keep_whole
from evaluation.word.report import word_report
from tests.commands.program import Program
from tests.evaluation.report_samples import SAMPLES
from workspace.database import create_database, writing
from workspace.project import Project, create_project
from workspace.settings import DisclosureProfile

PLAN = """[plan]
id = "course"
title = "Did the course help?"

[design]
method = "randomised"
treatment = "treated"
estimand = "ATE"
seed = 1

[[outcome]]
measure = "score"
role = "primary"
kind = "continuous"
better = "higher"
minimum_important_difference = 2.0
mid_source = "the teachers"
"""


@pytest.fixture
def program(monkeypatch: pytest.MonkeyPatch) -> Program:
    return Program(monkeypatch)


@pytest.fixture
def kept(tmp_path: Path) -> tuple[Project, Whole]:
    project = create_project(tmp_path / "project", "Test")
    create_database(project)
    whole = Whole(
        replace(SAMPLES["works"](), evaluation="EVAL-001"), DisclosureProfile(), "a" * 64, practice=True
    )
    with writing(project) as session:
        keep_whole(session, whole)
    return project, whole


def test_the_report_is_written_in_the_form_that_is_asked_for(
    program: Program, kept: tuple[Project, Whole]
) -> None:
    project, whole = kept
    page = render_whole(whole)
    done = program("report", "evaluation", "EVAL-001", "--to", "word", "--json", cwd=project.root)
    assert done.code == 0, done.said
    assert done.payload["evaluation"] == "EVAL-001"
    assert [Path(file).name for file in done.payload["files"]] == ["EVAL-001.docx"]
    assert (project.reports / "EVAL-001.docx").read_bytes() == word_report(page)
    assert not (project.reports / "EVAL-001.html").exists()
    assert program("report", "evaluation", "EVAL-001", cwd=project.root).code == 0
    assert (project.reports / "EVAL-001.html").read_text(encoding="utf-8") == page


def test_without_a_browser_all_three_are_refused_together(
    program: Program, kept: tuple[Project, Whole], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LIFECOURSE_BROWSER", "no-such-browser")
    project, _ = kept
    done = program("report", "evaluation", "EVAL-001", "--to", "all", cwd=project.root)
    assert done.code == 12
    assert "LC711" in done.err
    assert "apt install chromium" in done.err
    assert not list(project.reports.glob("EVAL-001.*"))
    assert "LC710" in program("report", "evaluation", "EVAL-001", "--to", "odt", cwd=project.root).err


def test_file_mode_writes_a_word_file_where_it_is_asked_for(program: Program, tmp_path: Path) -> None:
    plan, data, out = tmp_path / "plan.toml", tmp_path / "data.csv", tmp_path / "out"
    plan.write_text(PLAN, encoding="utf-8")
    rows = [f"{i % 2},{20 + 3 * (i % 2) + (i * 7) % 11}" for i in range(120)]
    data.write_text("treated,score\n" + "\n".join(rows) + "\n", encoding="utf-8")
    run = ("evaluate", "run", plan, "--data", data)
    refused = program(*run, "--word")
    assert refused.code == 12
    assert "LC713" in refused.err
    done = program(*run, "--word", "--out", out, "--json")
    assert done.code == 0, done.said
    assert done.payload["files"] == {"finding": "course.json", "report": "course.html", "word": "course.docx"}
    page = (out / "course.html").read_text(encoding="utf-8")
    assert (out / "course.docx").read_bytes() == word_report(page)
    assert "course.docx" in program(*run, "--word", "--out", out).out
    assert "word" not in program(*run, "--out", out, "--json").payload["files"]
    in_project = program("evaluate", "run", "PLAN-001", "--word", cwd=tmp_path)
    assert "--to word" in in_project.err
