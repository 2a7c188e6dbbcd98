"""lifecourse.toml: few settings, each checked, with its line."""

from __future__ import annotations

from pathlib import Path

import pytest

from workspace.database import database_path
from workspace.errors import WorkspaceError
from workspace.project import Project, find_project
from workspace.settings import DEFAULT_URL, DisclosureProfile, Settings, read_settings, settings_text

HEAD = '[project]\nid = "mersey-1234"\nname = "Mersey"\n'


def read(tmp_path: Path, text: str) -> Settings:
    path = tmp_path / "lifecourse.toml"
    path.write_text(text, encoding="utf-8")
    return read_settings(path)


def test_the_least_there_can_be_is_read_with_its_defaults(tmp_path: Path) -> None:
    assert read(tmp_path, HEAD) == Settings("mersey-1234", "Mersey", DEFAULT_URL, DisclosureProfile(10, 5))


@pytest.mark.parametrize("practice", [True, False])
def test_what_is_written_is_read_back(practice: bool, tmp_path: Path) -> None:
    made = Settings(
        "a-b-c-1", 'A "B" \\ C', "sqlite:///data/x.sqlite", DisclosureProfile(20, 10), (), practice
    )
    assert read(tmp_path, settings_text(made)) == made


def test_agreements_are_optional_unless_the_project_requires_them(tmp_path: Path) -> None:
    assert not read(tmp_path, HEAD).agreements_required
    assert not read(tmp_path, settings_text(Settings("a-b-c-1", "A"))).agreements_required
    strict = Settings("a-b-c-1", "A", agreements_required=True)
    assert read(tmp_path, settings_text(strict)) == strict


def test_roles_are_kept_in_order(tmp_path: Path) -> None:
    assert read(tmp_path, HEAD + '[roles]\nlead = "A"\ndata_protection = "B"\n').roles == (
        ("lead", "A"),
        ("data_protection", "B"),
    )


@pytest.mark.parametrize(
    ("text", "code", "line"),
    [
        ("", "LC105", 1),
        ('[project]\nid = "mersey-1"\n', "LC105", 1),
        (HEAD.replace("mersey-1234", "Mersey 1"), "LC106", 2),
        (HEAD.replace("mersey-1234", "x"), "LC106", 2),
        (HEAD + "practise = true\n", "LC104", 4),
        (HEAD + 'practice = "yes"\n', "LC106", 4),
        (HEAD + "[disclosure]\nthreshold = 4\n", "LC106", 5),
        (HEAD + "[disclosure]\nthreshold = 10.0\n", "LC106", 5),
        (HEAD + "[disclosure]\nrounding = 0\n", "LC106", 5),
        (HEAD + "[disclosure]\nthreshhold = 10\n", "LC104", 5),
        (HEAD + '[governance]\nagreements = "sometimes"\n', "LC106", 5),
        (HEAD + '[governance]\nagrements = "required"\n', "LC104", 5),
        (HEAD + "[database]\nurl = 7\n", "LC106", 5),
        (HEAD + "[datbase]\n", "LC104", 4),
        ("project = 1\n", "LC106", 1),
    ],
)
def test_a_fault_is_named_with_its_line(text: str, code: str, line: int, tmp_path: Path) -> None:
    with pytest.raises(WorkspaceError) as error:
        read(tmp_path, text)
    assert (error.value.code, error.value.faults[0].where) == (code, f"lifecourse.toml:{line}")
    assert error.value.exit_code == 2


def test_all_faults_come_at_once(tmp_path: Path) -> None:
    with pytest.raises(WorkspaceError) as error:
        read(tmp_path, '[project]\nid = 1\nname = 2\nx = 3\n[disclosure]\nthreshold = "a"\n')
    assert len(error.value.faults) == 4


def test_the_environment_names_the_database_before_the_file_does(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LIFECOURSE_DATABASE_URL", "sqlite:///data/other.sqlite")
    monkeypatch.chdir(project.root)
    assert database_path(find_project()) == project.root.resolve() / "data" / "other.sqlite"
    monkeypatch.setenv("LIFECOURSE_DATABASE_URL", "postgresql://host/secretpassword")
    with pytest.raises(WorkspaceError) as error:
        database_path(find_project())
    assert error.value.code == "LC113"
    assert "secretpassword" not in str(error.value)


def test_the_settings_file_holds_no_key(project: Project) -> None:
    text = (project.root / "lifecourse.toml").read_text()
    assert "secret =" not in text


def test_a_project_says_whether_it_works_with_one_key_or_two(tmp_path: Path) -> None:
    assert read(tmp_path, HEAD).keys == "one"
    assert read(tmp_path, HEAD + '[pseudonyms]\nkeys = "two"\n').keys == "two"
    assert read(tmp_path, settings_text(Settings("a-b-c-1", "A", keys="two"))).keys == "two"
    for wrong in ('keys = "three"', "keys = 2", 'key = "two"'):
        with pytest.raises(WorkspaceError):
            read(tmp_path, f"{HEAD}[pseudonyms]\n{wrong}\n")
