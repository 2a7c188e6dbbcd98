"""A locked plan can be changed in the open only: nothing that is done to it makes its finding disappear."""

from __future__ import annotations

import hashlib
import json
import sqlite3
from pathlib import Path

import pytest

from cohorts.store import find_cohort
from evaluation.planned_columns import columns_of_locked_plan
from tests.commands.amended_project import (
    HARMLESS,
    MARGIN,
    REASON,
    SECOND,
    edit,
    swap_roles,
    with_two_outcomes,
)
from tests.commands.program import Program
from tests.commands.small_project import project_at
from workspace.database import database_path, reading
from workspace.errors import GateNotMet


@pytest.fixture
def two(small: Path, program: Program) -> Path:
    """The small project with a locked plan of two sealed outcomes."""
    with_two_outcomes(program, small)
    return small


def columns_read(root: Path) -> set[tuple[str, str]]:
    """The variables and waves that may leave for the plan."""
    project = project_at(root)
    with reading(project) as session:
        cohort = find_cohort(session, "leavers").cohort_id
        return columns_of_locked_plan(session, project, cohort, "two")


def test_a_change_before_outcomes_could_be_seen_is_an_amendment_and_keeps_the_lock(
    two: Path, program: Program
) -> None:
    edit(two, HARMLESS)
    refused = program("evaluate", "run", "two", cwd=two)
    assert (refused.code, refused.err.split()[0]) == (4, "LC421")
    assert "lifecourse plan amend two" in refused.err
    with pytest.raises(GateNotMet, match="LC421"):
        columns_read(two)
    planned = program.well("plan", "amend", "two", *REASON, "--dry-run", "--json", cwd=two).payload
    assert (planned["kind"], planned["written"], planned["version"]) == ("amendment", False, 2)
    assert len(program.well("plan", "diff", "two", "--json", cwd=two).payload["versions"]) == 1
    done = program.well("plan", "amend", "two", *REASON, "--json", cwd=two).payload
    assert (done["kind"], done["data_state"], done["written"]) == ("amendment", "baseline seen", True)
    assert [c["text"] for c in done["changes"]] == ["design.covariates from convictions to not set"]
    assert ("arrested", "24-months") in columns_read(two), "what it reads may leave for a safe setting"
    result = program.well("evaluate", "run", "two", "--json", cwd=two).payload
    assert result["plan"]["state"] == "locked before outcomes"
    (told,) = result["plan"]["deviations"]
    assert (told["kind"], told["reason"], told["followed"]) == ("amendment", REASON[1], True)
    assert told["changes"] == ["design.covariates from convictions to not set"]
    assert "as_locked" not in result["plan"]
    page = (two / result["files"]["report"]).read_text(encoding="utf-8")
    assert "amendment, before outcomes could be seen" in page
    assert REASON[1] in page
    audited = program("plan", "audit", "two", "--json", cwd=two)
    assert audited.code == 1, "the analysis is not the one that was first locked"
    (run,) = audited.payload["evaluations"]
    assert run["audit"]["analysis"] == ["design.covariates from convictions to not set"]
    assert {one["standing"] for one in run["audit"]["outcomes"]} == {"kept"}


def test_a_null_primary_cannot_be_made_secondary_in_silence(two: Path, program: Program) -> None:
    first = program.well("evaluate", "run", "two", "--json", cwd=two).payload
    answer = first["outcomes"][0]["verdict"]["answer"]
    assert "deviations" in first["plan"]
    assert first["plan"]["audit"]["kept"] is True
    swap_roles(two)
    edit(
        two,
        (
            'wave = "24-months"\n',
            'wave = "24-months"\nminimum_important_difference = 0.4\nmid_source = "x"\n',
        ),
    )
    done = program.well("plan", "amend", "two", *REASON, cwd=two).out
    assert "deviation, after outcomes could be seen" in done
    assert "outcome 'arrested' at 12-months: demoted from primary to secondary" in done
    assert "outcome 'arrested' at 24-months: promoted from secondary to primary" in done
    assert "(minimum_important_difference) from not set to 0.4; changed after outcomes could be seen" in done
    second = program.well("evaluate", "run", "two", "--json", cwd=two).payload
    assert second["plan"]["state"] == "locked after outcomes"
    (beside,) = second["plan"]["as_locked"]
    assert "EVAL-001" in beside
    page = (two / second["files"]["report"]).read_text(encoding="utf-8")
    assert beside in page
    assert "demoted" in page
    audited = program("plan", "audit", "two", cwd=two)
    assert audited.code == 1
    assert "demoted" in audited.out
    assert "promoted" in audited.out
    again = program.well("evaluate", "run", "two", "--version", "1", "--json", cwd=two).payload
    assert again["plan"]["state"] == "locked before outcomes"
    assert again["outcomes"][0]["verdict"]["answer"] == answer
    (told,) = again["plan"]["deviations"]
    assert told["followed"] is False


def test_without_its_files_a_locked_study_is_still_listed_audited_and_counted(
    two: Path, program: Program
) -> None:
    program.well("evaluate", "run", "two", cwd=two)
    (two / "plans" / "two.toml").unlink()
    (two / "evidence" / "EVAL-001.json").unlink()
    audited = program("plan", "audit", "two", cwd=two)
    assert audited.code == 1
    assert "EVAL-001.json is gone; the register stands" in audited.out
    assert "EVAL-001" in audited.out
    (line,) = [
        p for p in program.well("plan", "list", "--json", cwd=two).payload["plans"] if p["plan"] == "two"
    ]
    assert (line["state"], line["note"], line["evaluations"]) == ("locked", "its file is gone", ["EVAL-001"])
    assert "EVAL-001" in program.well("status", cwd=two).out
    again = program.well("evaluate", "run", "two", "--version", "1", "--json", cwd=two).payload
    assert again["plan"]["state"] == "locked before outcomes"
    file = two / "evidence" / "EVAL-002.json"
    file.write_text(file.read_text(encoding="utf-8").replace("inconclusive", "works"), encoding="utf-8")
    assert "EVAL-002.json is changed since it was written" in program("plan", "audit", "two", cwd=two).out


def test_a_plan_is_neither_locked_again_nor_moved_to_other_people(two: Path, program: Program) -> None:
    edit(two, HARMLESS)
    locked = program("plan", "lock", "two", cwd=two)
    assert (locked.code, locked.err.split()[0]) == (4, "LC422")
    (two / "plans" / "two.toml").unlink()
    program.well("plan", "new", "two", "--cohort", "leavers", cwd=two)
    assert program("plan", "lock", "two", cwd=two).code != 0
    program.well("cohort", "new", "others", "--template", "prison-leavers", cwd=two)
    (two / "plans" / "two.toml").write_text(
        (two / "plans" / "locked.toml")
        .read_text("utf-8")
        .replace('"locked"', '"two"')
        .replace("leavers", "others"),
        encoding="utf-8",
    )
    moved = program("plan", "amend", "two", *REASON, cwd=two)
    assert (moved.code, moved.err.split()[0]) == (12, "LC505")


def test_an_amendment_without_a_reason_a_change_or_a_chance_is_refused(two: Path, program: Program) -> None:
    def refused(*words: str) -> tuple[int, str]:
        done = program("plan", *words, cwd=two)
        return done.code, done.err.split()[0]

    assert refused("amend", "two", *REASON) == (12, "LC500")
    assert refused("amend", "aid", *REASON) == (4, "LC502")
    assert refused("audit", "aid") == (4, "LC502")
    assert refused("diff", "two", "--version", "7") == (12, "LC503")
    edit(two, ("minimum_important_difference = 0.4\n", "minimum_important_difference = 0.02\n"))
    assert refused("amend", "two") == (12, "LC501")
    assert refused("amend", "two", "--reason", "  ") == (12, "LC501")
    assert refused("amend", "two", *REASON) == (4, "LC423")
    waived = program.well("plan", "amend", "two", *REASON, "--waive", "It is all there is", "--json", cwd=two)
    assert waived.payload["waiver"].startswith("It is all there is (waived: ")
    edit(two, ("minimum_important_difference = 0.02\n", "minimum_important_difference = 0.4\n"))
    assert refused("amend", "two", *REASON) == (12, "LC500"), "a text is registered once"


def test_dropping_the_outcome_that_was_seen_does_not_make_the_change_an_amendment(
    two: Path, program: Program
) -> None:
    """Another plan has shown the first outcome; what is left of this one is still sealed."""
    program.well("evaluate", "run", "locked", cwd=two)
    path = two / "plans" / "two.toml"
    text = path.read_text(encoding="utf-8")
    start = text.index("[[outcome]]")
    second = SECOND.replace("secondary", "primary")
    path.write_text(text[:start] + second + "\nreported_by = 2030-12-31\n", encoding="utf-8")
    done = program("plan", "amend", "two", *REASON, "--waive", "x", "--json", cwd=two).payload
    assert done["kind"] == "deviation"
    assert [c["what"] for c in done["changes"]] == ["dropped", "promoted"]


def test_outcomes_loaded_unsealed_make_every_later_change_a_deviation(two: Path, program: Program) -> None:
    lines = (two / "inbox" / "arrests.csv").read_text(encoding="utf-8").splitlines()
    (two / "inbox" / "open.csv").write_text("\n".join(lines[:20]) + "\n", encoding="utf-8")
    program.well("source", "load", "arrests", "inbox/open.csv", cwd=two)
    edit(two, MARGIN)
    done = program.well("plan", "amend", "two", *REASON, "--json", cwd=two).payload
    assert (done["kind"], done["data_state"]) == ("deviation", "outcomes seen")


def test_the_file_of_the_store_refuses_to_forget_what_was_locked_and_run(two: Path, program: Program) -> None:
    edit(two, HARMLESS)
    program.well("plan", "amend", "two", *REASON, cwd=two)
    program.well("evaluate", "run", "two", cwd=two)
    connection = sqlite3.connect(database_path(project_at(two)))
    for table in ("plan_lock", "plan_version", "evaluation", "evaluation_footing", "saved_result"):
        columns = [row[1] for row in connection.execute(f"PRAGMA table_info({table})")]
        for statement in (
            f"DELETE FROM {table}",
            f"UPDATE {table} SET {columns[-1]} = {columns[-1]}",
            f"INSERT OR REPLACE INTO {table} SELECT * FROM {table}",
        ):
            with pytest.raises(sqlite3.IntegrityError, match="append-only"):
                connection.execute(statement)
    for table in ("plan_lock", "plan_version", "evaluation"):
        connection.execute(f"DROP TRIGGER {table}_no_delete")
        connection.execute(f"DELETE FROM {table} WHERE plan_id = 'two'")
    connection.commit()
    connection.close()
    audited = program("plan", "audit", "two", cwd=two)
    assert audited.code == 1
    assert "the log has what the register has not: its lock, version 2, EVAL-001" in audited.out
    plans = program.well("plan", "list", "--json", cwd=two).payload["plans"]
    assert [p["note"] for p in plans if p["plan"] == "two"] == [
        "the log says it was locked, and the lock is not in the store"
    ]


def test_a_command_between_looking_and_registering_stops_the_amendment(
    two: Path, program: Program, monkeypatch: pytest.MonkeyPatch
) -> None:
    from evaluation.amending import actions

    edit(two, HARMLESS)
    heads = iter((7, 8))
    monkeypatch.setattr(actions, "log_head", lambda session: next(heads))
    refused = program("plan", "amend", "two", *REASON, cwd=two)
    assert (refused.code, refused.err.split()[0]) == (4, "LC506")
    assert (
        len(program.well("plan", "diff", "two", "--version", "1", "--json", cwd=two).payload["versions"]) == 1
    )


def test_a_version_this_program_would_read_otherwise_is_not_run(two: Path, program: Program) -> None:
    connection = sqlite3.connect(database_path(project_at(two)))
    connection.execute("DROP TRIGGER plan_lock_no_update")
    (text,) = connection.execute("SELECT canonical FROM plan_lock WHERE plan_id = 'two'").fetchone()
    newer = json.dumps({**json.loads(text), "key_of_tomorrow": 1}, sort_keys=True, separators=(",", ":"))
    sha256 = hashlib.sha256(newer.encode()).hexdigest()  # as a program of tomorrow would have registered it
    connection.execute(
        "UPDATE plan_lock SET canonical = ?, sha256 = ? WHERE plan_id = 'two'", (newer, sha256)
    )
    connection.commit()
    connection.close()
    refused = program("evaluate", "run", "two", "--version", "1", cwd=two)
    assert (refused.code, refused.err.split()[0]) == (12, "LC504")
    edit(two, HARMLESS)
    done = program.well("plan", "amend", "two", *REASON, "--json", cwd=two).payload
    assert done["kind"] == "deviation", "what cannot be read counts as seen"


def test_a_plan_is_written_as_a_document_from_the_register_and_nothing_is_written_over(
    two: Path, program: Program
) -> None:
    edit(two, HARMLESS)
    done = program.well("plan", "export", "two", "--as", "eef", "--to", "two.docx", "--json", cwd=two).payload
    assert (done["version"], done["file"], done["written"]) == (1, "two.docx", True)
    assert (two / "two.docx").read_bytes()[:2] == b"PK"
    program.well("plan", "export", "two", "--as", "osf", "--to", "two.md", cwd=two)
    text = (two / "two.md").read_text(encoding="utf-8")
    assert "the change is not registered and not in this document" in text
    assert "Covariates, known before the programme: convictions." in text
    program.well("plan", "amend", "two", *REASON, cwd=two)
    (two / "plans" / "two.toml").unlink()
    program.well("plan", "export", "two", "--as", "osf", "--to", "again.md", cwd=two)
    assert "No covariates are used." in (two / "again.md").read_text(encoding="utf-8")
    program.well("plan", "export", "two", "--as", "osf", "--to", "first.md", "--version", "1", cwd=two)
    assert "No covariates are used." not in (two / "first.md").read_text(encoding="utf-8")
    draft = program.well("plan", "export", "aid", "--as", "osf", "--to", "aid.md", cwd=two)
    assert "a draft: it is not locked" in draft.out
    program.well("plan", "export", "aid", "--as", "osf", "--to", "dry.md", "--dry-run", cwd=two)
    assert not (two / "dry.md").exists()
    edit(two, ('cohort = "leavers"', 'cohort = "nobody"'), plan="weak")
    program.well("plan", "export", "weak", "--as", "eef", "--to", "weak.md", cwd=two)
    assert "What the study could show is not worked out: " in (two / "weak.md").read_text(encoding="utf-8")
    for form, file, code in (
        ("osf", "two.md", "LC508"),
        ("osf", "two.pdf", "LC507"),
        ("aea", "x.md", "LC507"),
    ):
        refused = program("plan", "export", "two", "--as", form, "--to", file, cwd=two)
        assert (refused.code, refused.err.split()[0]) == (12, code)


def test_a_backup_brings_versions_and_runs_back_and_they_still_cannot_be_deleted(
    two: Path, program: Program
) -> None:
    edit(two, HARMLESS)
    program.well("plan", "amend", "two", *REASON, cwd=two)
    program.well("evaluate", "run", "two", cwd=two)
    before = program("plan", "audit", "two", cwd=two).out
    program.well("backup", "../one.backup", cwd=two)
    database_path(project_at(two)).unlink()
    program.well("restore", "../one.backup", cwd=two)
    assert program("plan", "audit", "two", cwd=two).out == before
    connection = sqlite3.connect(database_path(project_at(two)))
    with pytest.raises(sqlite3.IntegrityError, match="append-only"):
        connection.execute("DELETE FROM evaluation")
    connection.close()
