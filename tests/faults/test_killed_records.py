"""Files that are a record themselves (duties, decisions, theories, agreements): written when entered, or not at all."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from sqlmodel import Session

from tests.commands.program import Program
from tests.faults.forked import Forked
from workspace.audit import read_log
from workspace.database import create_database
from workspace.entering import entering
from workspace.errors import WorkspaceError
from workspace.files import leftovers
from workspace.project import Project, create_project

DUTY = ("obligation", "add", "Publish the strategy", "--source", "Act 2022", "--due", "2027-01-31")
DECIDED = ("--decide", "keep", "--because", "In use.", "--by", "Steering group")
VERBS: dict[str, tuple[str, ...]] = {
    "obligation.add": DUTY,
    "obligation.done": ("obligation", "done", "OBL-001", "--by", "lead"),
    "theory.review": ("theory", "review", "theory", *DECIDED),
    "theory.minutes": ("theory", "review", "--minutes", "minutes.md"),
    "measure.review": ("measure", "review", "KNIFE", *DECIDED),
    "measure.minutes": ("measure", "review", "--minutes", "minutes.md"),
    "measure.add": ("measure", "add", "NEW", "--name", "Another"),
    "theory.import": ("theory", "import", "other.toml"),
    "agreement.add": ("agreement", "add", "police", "--title", "Police data", "--source", "arrests"),
}


@pytest.fixture
def kept(program: Program, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Project:
    """A project with a theory, a measure and a duty."""
    made = create_project(tmp_path / "p", "P")
    create_database(made)
    monkeypatch.chdir(made.root)
    program.well("theory", "new", cwd=made.root)
    program.well("measure", "add", "KNIFE", "--name", "Knife", cwd=made.root)
    program.well(*DUTY, cwd=made.root)
    text = made.theory_file.read_text(encoding="utf-8")
    (made.root / "other.toml").write_text(f"{text}\n# another\n", encoding="utf-8")
    return made


def texts(project: Project) -> dict[str, bytes]:
    """Every file of the project but its database."""
    found = (path for path in project.root.rglob("*") if path.is_file() and "data" not in path.parts)
    return {path.relative_to(project.root).as_posix(): path.read_bytes() for path in found}


def entries(project: Project) -> list[str]:
    return [entry.action for entry in read_log(project)]


def _refuse(_: Session) -> None:
    raise OSError(28, "No space left on device")


def test_a_commit_that_fails_leaves_neither_the_file_nor_its_entry_and_the_next_makes_both(
    kept: Project, program: Program, monkeypatch: pytest.MonkeyPatch
) -> None:
    for action, words in VERBS.items():
        before, said = texts(kept), entries(kept)
        with monkeypatch.context() as patch:
            patch.setattr(Session, "commit", _refuse)
            assert program(*words, cwd=kept.root).code != 0, action
        assert texts(kept) == before, action
        assert entries(kept) == said, action
        program.well(*words, cwd=kept.root)
        assert texts(kept) != before, action
        assert entries(kept)[len(said) :] == [action]


def test_a_disk_that_is_full_undoes_the_entry_and_what_goes_wrong_inside_leaves_nothing(
    kept: Project,
) -> None:
    before, said = texts(kept), entries(kept)
    (kept.root / "reports" / "a-file").write_text("x", encoding="utf-8")
    with pytest.raises(WorkspaceError) as error, entering(kept) as (_, leave):
        leave({kept.root / "one.toml": "1", kept.root / "reports" / "a-file" / "two.toml": "2"})
    assert error.value.code == "LC107"
    with pytest.raises(OSError, match="No space"), entering(kept) as (session, leave):
        leave({kept.root / "one.toml": "1"}) or _refuse(session)  # type: ignore[func-returns-value]
    with entering(kept, keep=False) as (_, leave):
        leave({kept.root / "one.toml": "1"})
    (kept.root / "reports" / "a-file").unlink()
    assert (texts(kept), entries(kept)) == (before, said)


def test_killed_before_its_file_has_a_name_it_is_entered_and_the_same_command_writes_it(
    kept: Project, forked: Forked
) -> None:
    before, env, words = texts(kept), dict(os.environ), VERBS["obligation.done"]
    for how, entered in (("kill:before-commit", False), ("kill:after-commit", True)):
        said = entries(kept)
        assert forked(how, *words, cwd=kept.root, env=env).code == -9
        assert {name: data for name, data in texts(kept).items() if not name.endswith(".part")} == before
        assert (entries(kept) != said) == entered
    assert leftovers(kept.root)
    assert forked("none", *words, cwd=kept.root, env=env).code == 0
    assert b"[[done]]" in texts(kept)["obligations.toml"]
