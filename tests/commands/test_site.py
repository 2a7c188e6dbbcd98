"""The site in a project: built whole or not at all, checked, and never without a finding that is owed."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from evaluation.reporting.page_tree import read_page, table_rows
from evaluation.site import folder_store
from tests.commands.program import Program, snapshot
from tests.commands.small_project import PEOPLE, release_row, releases


@pytest.fixture
def reported(small: Path, program: Program) -> Path:
    """The small project with its locked plan run."""
    program.well("evaluate", "run", "locked", cwd=small)
    return small


def test_a_site_is_built_checked_and_built_again_to_the_same_bytes(reported: Path, program: Program) -> None:
    built = program.well("site", "build", cwd=reported)
    assert "Release check: " in built.out
    assert " withheld, 0 blocked" in built.out
    assert "no scripts" in built.out
    checked = program.well("site", "check", cwd=reported)
    assert checked.out.startswith("No problem on ")
    before = snapshot(reported / "public")
    again = program.well("site", "build", "--json", cwd=reported).payload
    assert snapshot(reported / "public") == before
    assert again["removed"] == []
    assert again["release_check"]["blocked"] == 0


def test_pages_that_no_longer_belong_go_and_files_of_others_stay(reported: Path, program: Program) -> None:
    program.well("site", "build", cwd=reported)
    public = reported / "public"
    (public / "minutes.pdf").write_bytes(b"%PDF-1.4")
    theory = reported / "theory.toml"
    pages = sorted((public / "model").glob("*.html"))
    text = theory.read_text(encoding="utf-8")
    theory.write_text(text.split("[[box]]")[0].split("[[link]]")[0], encoding="utf-8")
    removed = program.well("site", "build", "--json", cwd=reported).payload["removed"]
    assert len(removed) == len(pages) > 0
    assert not list((public / "model").glob("*.html"))
    assert (public / "minutes.pdf").read_bytes() == b"%PDF-1.4"
    assert [path.name for path in reported.iterdir() if ".public" in path.name] == []


def test_a_build_that_breaks_off_leaves_the_old_site(
    reported: Path, program: Program, monkeypatch: pytest.MonkeyPatch
) -> None:
    program.well("site", "build", cwd=reported)
    before = snapshot(reported / "public")

    def broken(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(folder_store, "_keep_others", broken)
    program.well("finding", "dispute", "EVAL-001", "--reason", "arms mixed up", "--by", "unit", cwd=reported)
    assert program("site", "build", cwd=reported).code != 0
    assert snapshot(reported / "public") == before
    assert [path.name for path in reported.iterdir() if ".public" in path.name] == []


def test_a_dry_run_writes_nothing(reported: Path, program: Program) -> None:
    before = snapshot(reported / "public")
    assert "Would write public/index.html" in program.well("site", "build", "--dry-run", cwd=reported).out
    assert snapshot(reported / "public") == before


def test_a_hidden_plan_and_a_lost_finding_stop_the_build_and_keep_the_old_site(
    reported: Path, program: Program
) -> None:
    program.well("site", "build", cwd=reported)
    before = snapshot(reported / "public")
    shutil.move(reported / "evidence" / "EVAL-001.json", reported / "data" / "kept.json")
    (reported / "plans" / "locked.toml").unlink()
    refused = program("site", "build", cwd=reported)
    assert refused.code == 4
    assert "LC736" in refused.err
    assert "EVAL-001" in refused.err
    assert "LC737" in refused.err
    assert snapshot(reported / "public") == before


def test_the_projects_own_folder_and_files_of_others_are_never_written_over(
    reported: Path, program: Program
) -> None:
    own = program("site", "build", "--out", ".", cwd=reported)
    assert (own.code, "LC738" in own.err) == (12, True)
    (reported / "public" / "index.html").write_text("somebody's page", encoding="utf-8")
    taken = program("site", "build", cwd=reported)
    assert (taken.code, "LC738" in taken.err) == (12, True)
    assert (reported / "public" / "index.html").read_text(encoding="utf-8") == "somebody's page"


def test_a_check_without_a_site_says_how_to_get_one(reported: Path, program: Program) -> None:
    found = program("site", "check", cwd=reported)
    assert (found.code, "LC739" in found.err) == (12, True)


def test_a_page_changed_by_hand_fails_the_check_and_is_named(reported: Path, program: Program) -> None:
    program.well("site", "build", cwd=reported)
    page = reported / "public" / "findings" / "EVAL-001.html"
    text = page.read_text(encoding="utf-8")
    page.write_text(
        text.replace("</h1>", "</h1><p>The pilot proves that early help pays.</p>", 1), encoding="utf-8"
    )
    found = program("site", "check", "--json", cwd=reported)
    assert found.code == 1
    codes = {(one["code"], one["where"].split(",")[0]) for one in found.payload["problems"]}
    assert {("LC748", "findings/EVAL-001.html"), ("LC749", "findings/EVAL-001.html")} <= codes


def test_reports_on_the_site_are_no_drafts_and_no_page_names_who_was_at_the_keyboard(
    reported: Path, program: Program
) -> None:
    program.well("site", "build", cwd=reported)
    report = (reported / "public" / "reports" / "EVAL-001.html").read_text(encoding="utf-8")
    assert ">Draft<" not in report
    assert ">Released<" in report
    data = json.loads((reported / "public" / "data" / "EVAL-001.json").read_text(encoding="utf-8"))
    assert data == json.loads((reported / "evidence" / "EVAL-001.json").read_text(encoding="utf-8"))


def enrolled(root: Path) -> str:
    page = read_page((root / "public" / "cohorts.html").read_text("utf-8"))
    return next(row[1] for row in table_rows(page.all("table")[0]) if row[0] == "Enrolled")


def test_a_count_of_a_cohort_stays_until_enough_people_have_come(reported: Path, program: Program) -> None:
    """Two editions that differ by three people would tell of them; three more are shown with ten others."""
    program.well("site", "build", cwd=reported)
    assert enrolled(reported) == "80"
    for more, shown in ((7, "80"), (14, "95")):
        text = releases(release_row(i) for i in range(PEOPLE, PEOPLE + more))
        (reported / "inbox" / "more.csv").write_text(text, encoding="utf-8")
        program.well("source", "load", "releases", "inbox/more.csv", cwd=reported)
        program.well("site", "build", cwd=reported)
        assert enrolled(reported) == shown
    assert program.well("site", "check", cwd=reported)
