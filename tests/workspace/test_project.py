"""The project folder: made whole or not at all, found from anywhere inside."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from workspace import console
from workspace import project as project_module
from workspace.errors import WorkspaceError
from workspace.project import FOLDERS, Project, create_project, discard, find_project


def test_a_new_project_has_its_folders_its_settings_and_keeps_data_out_of_git(project: Project) -> None:
    assert {path.name for path in project.root.iterdir() if path.is_dir()} == set(FOLDERS)
    assert project.settings.name == "Mersey"
    assert project.settings.project_id.startswith("mersey-")
    ignored = (project.root / ".gitignore").read_text().splitlines()
    assert {"inbox/", "data/", "*.key", "*.csv", "*.xlsx"} <= set(ignored)


def test_two_projects_never_share_an_id(tmp_path: Path) -> None:
    made = {create_project(tmp_path / f"p{n}", "Same").settings.project_id for n in range(20)}
    assert len(made) == 20


@pytest.mark.parametrize(
    "name",
    [
        'He said "hi"',
        "back\\slash",
        "Zoë & Söhne",
        "tab\there",
        "line\nbreak",
        "bell\x07",
        "\x7f",
        "…",
        "a" * 300,
    ],
)
def test_any_name_survives_the_settings_file(name: str, tmp_path: Path) -> None:
    made = create_project(tmp_path / "p", name)
    assert made.settings.name == name
    assert len(made.settings.project_id) <= 63


@pytest.mark.parametrize("content", ["file", "folder"])
def test_a_folder_that_is_in_use_is_left_alone(content: str, tmp_path: Path) -> None:
    target = tmp_path / "used"
    if content == "file":
        target.write_text("x")
    else:
        target.mkdir()
        (target / ".hidden").write_text("x")
    with pytest.raises(WorkspaceError) as error:
        create_project(target)
    assert error.value.code == "LC102"
    assert (
        target.read_text() == "x" if content == "file" else [p.name for p in target.iterdir()] == [".hidden"]
    )


@pytest.mark.parametrize("existed", [True, False])
@pytest.mark.parametrize("step", ["write_atomically", "read_settings"])
def test_a_project_that_cannot_be_finished_leaves_nothing(
    step: str, existed: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    target = tmp_path / "half"
    if existed:
        target.mkdir()

    def refuse(*words: object, **more: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(project_module, step, refuse)
    with pytest.raises(WorkspaceError) as error:
        create_project(target)
    assert error.value.code == "LC107"
    assert target.exists() is existed
    assert not existed or list(target.iterdir()) == []


def test_a_path_through_a_file_is_a_plain_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    with pytest.raises(WorkspaceError) as error:
        create_project(tmp_path / "file" / "inside")
    assert error.value.code == "LC107"


def test_it_is_found_from_any_folder_inside_and_by_name(
    project: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(project.plans)
    assert find_project().root == project.root.resolve()
    monkeypatch.chdir(tmp_path)
    console.configure(console.RunSettings(project=Path("mersey")))
    assert find_project().root == project.root.resolve()


@pytest.mark.parametrize("named", [None, "plans", "nowhere"])
def test_where_there_is_none_the_error_says_what_to_do(
    named: str | None, project: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    console.configure(console.RunSettings(project=project.root / named if named else None))
    with pytest.raises(WorkspaceError) as error:
        find_project()
    assert error.value.code == "LC101"
    assert "lifecourse init" in error.value.faults[0].hint


def test_messages_show_paths_inside_the_project_and_only_names_outside(
    project: Project, tmp_path: Path
) -> None:
    assert project.shown(project.plans / "a.toml") == "plans/a.toml"
    assert project.shown(tmp_path / "elsewhere" / "b.toml") == "b.toml"


def test_discard_does_not_follow_links_out_of_the_folder(tmp_path: Path) -> None:
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "kept").write_text("x")
    (tmp_path / "gone").mkdir()
    os.symlink(tmp_path / "other", tmp_path / "gone" / "link")
    discard(tmp_path / "gone", keep_folder=False)
    assert (tmp_path / "other" / "kept").read_text() == "x"
    assert not (tmp_path / "gone").exists()
