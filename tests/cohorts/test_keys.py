"""The key file: made once, kept apart, noticed when wrong."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable
from pathlib import Path

import pytest

from cohorts.errors import CohortError
from cohorts.keys import VARIABLE, create_key, key_health, key_path, load_key
from workspace.errors import GateNotMet
from workspace.project import Project, create_project


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return create_project(tmp_path / "mersey", "Mersey")


@pytest.fixture
def key_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    path = tmp_path / "safe" / "mersey.key"
    monkeypatch.setenv(VARIABLE, str(path))
    return path


def code_of(error: pytest.ExceptionInfo[CohortError]) -> str:
    return error.value.code


def test_a_key_is_made_and_read_back(project: Project, key_file: Path) -> None:
    assert create_key(project) == key_file
    key = load_key(project)
    assert len(key.secret) == 32
    assert key.key_id in key_file.read_text("utf-8")


@pytest.mark.skipif(os.name != "posix", reason="rights are a POSIX matter")
def test_only_the_owner_may_read_the_key(project: Project, key_file: Path) -> None:
    create_key(project)
    assert stat.S_IMODE(key_file.stat().st_mode) == 0o600


def test_two_keys_are_never_the_same(project: Project, key_file: Path) -> None:
    create_key(project)
    first = load_key(project).secret
    key_file.unlink()
    create_key(project)
    assert load_key(project).secret != first


def test_without_the_variable_the_key_is_in_the_users_configuration(
    project: Project, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.delenv(VARIABLE, raising=False)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    path = key_path(project)
    assert path.name == f"{project.settings.project_id}.key"
    assert path.parent.name == "keys"
    assert not path.is_relative_to(project.root)


def test_an_existing_key_is_never_overwritten(project: Project, key_file: Path) -> None:
    create_key(project)
    before = key_file.read_bytes()
    with pytest.raises(CohortError) as caught:
        create_key(project)
    assert code_of(caught) == "LC844"
    assert key_file.read_bytes() == before


def test_a_missing_key_is_a_gate_with_a_way_through(project: Project, key_file: Path) -> None:
    with pytest.raises(GateNotMet) as caught:
        load_key(project)
    assert caught.value.faults[0].code == "LC840"
    assert caught.value.faults[0].hint == "lifecourse key create"


def test_a_key_inside_the_project_is_refused(
    project: Project, key_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    create_key(project)
    inside = project.root / "data" / "my.key"
    inside.write_bytes(key_file.read_bytes())
    monkeypatch.setenv(VARIABLE, str(inside))
    with pytest.raises(CohortError) as caught:
        load_key(project)
    assert code_of(caught) == "LC841"
    inside.unlink()
    with pytest.raises(CohortError, match="LC841"):
        create_key(project)
    assert not inside.exists()


def test_a_link_out_of_a_harmless_folder_into_the_project_is_followed(
    project: Project, key_file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "elsewhere").symlink_to(project.root / "data", target_is_directory=True)
    monkeypatch.setenv(VARIABLE, str(tmp_path / "elsewhere" / "my.key"))
    with pytest.raises(CohortError, match="LC841"):
        create_key(project)


@pytest.mark.parametrize(
    "folder", ["OneDrive - Leeds", "Dropbox", "Google Drive", "iCloudDrive", "Nextcloud", "Box"]
)
def test_a_key_in_a_synced_folder_is_refused(
    project: Project, tmp_path: Path, folder: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(VARIABLE, str(tmp_path / folder / "keys" / "my.key"))
    with pytest.raises(CohortError, match="LC841"):
        create_key(project)
    assert [reading.result for reading in key_health(project)] == ["warn"]


def test_the_key_of_another_project_is_noticed(project: Project, key_file: Path, tmp_path: Path) -> None:
    create_key(project)
    other = create_project(tmp_path / "other", "Other")
    with pytest.raises(CohortError) as caught:
        load_key(other)
    assert code_of(caught) == "LC842"


@pytest.mark.parametrize(
    "damage",
    [
        lambda data: b"",
        lambda data: data[:-20],
        lambda data: b"\x00\xff\xfe" + os.urandom(64),
        lambda data: data.replace(b"lifecourse-key-1", b"lifecourse-key-9"),
        lambda data: data.replace(b'key_id = "', b'key_id = "0'),
        lambda data: data.replace(b'secret = "', b'secret = "AAAA'),
        lambda data: data.replace(b'secret = "', b'secret = "!'),
        lambda data: data + b'surprise = "x"\nformat = 1\n',
        lambda data: data * 100,
    ],
)
def test_a_damaged_key_is_noticed_and_never_quoted(
    project: Project, key_file: Path, damage: Callable[[bytes], bytes]
) -> None:
    create_key(project)
    secret_text = key_file.read_text("utf-8").rsplit('"', 2)[1]
    key_file.write_bytes(damage(key_file.read_bytes()))
    with pytest.raises(CohortError) as caught:
        load_key(project)
    assert code_of(caught) == "LC843"
    assert secret_text[:8] not in f"{caught.value} {caught.value.faults}"


def test_a_folder_instead_of_a_key_is_damage(project: Project, key_file: Path) -> None:
    key_file.mkdir(parents=True)
    with pytest.raises(CohortError, match="LC843"):
        load_key(project)


def test_a_key_whose_folder_cannot_be_made_is_explained(
    project: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_text("x")
    monkeypatch.setenv(VARIABLE, str(tmp_path / "file" / "my.key"))
    with pytest.raises(CohortError, match="LC107"):
        create_key(project)


def results(project: Project) -> dict[str, str]:
    return {reading.name: reading.result for reading in key_health(project)}


def test_the_doctor_passes_a_good_key_and_warns_without_one(project: Project, key_file: Path) -> None:
    assert results(project) == {"pseudonym key": "warn"}
    create_key(project)
    assert results(project) == {"pseudonym key": "pass"}


def test_the_doctor_finds_stray_keys_in_the_project(project: Project, key_file: Path) -> None:
    create_key(project)
    (project.root / "inbox" / "Copy.KEY").write_text("x")
    assert results(project)["keys in the project"] == "fail"


@pytest.mark.skipif(os.name != "posix", reason="rights are a POSIX matter")
def test_the_doctor_warns_when_others_may_read_the_key(project: Project, key_file: Path) -> None:
    create_key(project)
    key_file.chmod(0o644)
    assert results(project)["rights of the key"] == "warn"


def test_the_doctor_fails_a_wrong_key(project: Project, key_file: Path, tmp_path: Path) -> None:
    create_key(project)
    assert results(create_project(tmp_path / "other", "Other")) == {"pseudonym key": "fail"}
