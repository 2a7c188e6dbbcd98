"""Atomic writes."""

from __future__ import annotations

import errno
import hashlib
import os
import stat
from pathlib import Path

import pytest

from workspace.errors import WorkspaceError
from workspace.files import sha256_of, write_atomically


def test_what_is_written_is_read_back_and_nothing_lies_beside_it(tmp_path: Path) -> None:
    write_atomically(tmp_path / "a" / "b.txt", "é")
    write_atomically(tmp_path / "a" / "b.txt", b"\x00new")
    assert (tmp_path / "a" / "b.txt").read_bytes() == b"\x00new"
    assert [path.name for path in (tmp_path / "a").iterdir()] == ["b.txt"]


@pytest.mark.parametrize("step", ["fsync", "replace", "open"])
def test_a_write_that_fails_leaves_the_old_file_and_no_part(
    step: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    target = tmp_path / "kept.txt"
    target.write_text("old")

    def full(*words: object, **more: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    if step == "replace":
        monkeypatch.setattr(Path, "replace", full)
    else:
        monkeypatch.setattr(os, step, full)
    with pytest.raises(WorkspaceError) as error:
        write_atomically(target, "new")
    assert (error.value.code, error.value.faults[0].where) == ("LC107", "kept.txt")
    assert "no space left" in error.value.faults[0].problem
    assert target.read_text() == "old"
    assert [path.name for path in tmp_path.iterdir()] == ["kept.txt"]


def test_an_interrupted_write_leaves_the_old_file_and_no_part(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "kept.txt").write_text("old")

    def stopped(handle: int) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(os, "fsync", stopped)
    with pytest.raises(KeyboardInterrupt):
        write_atomically(tmp_path / "kept.txt", "new")
    assert [(path.name, path.read_text()) for path in tmp_path.iterdir()] == [("kept.txt", "old")]


def test_a_file_where_a_folder_should_be_is_a_plain_error(tmp_path: Path) -> None:
    (tmp_path / "reports").write_text("in the way")
    for path in (tmp_path / "reports" / "a.html", tmp_path / "reports" / "deep" / "a.html"):
        with pytest.raises(WorkspaceError) as error:
            write_atomically(path, "new")
        assert error.value.code == "LC107"
    assert (tmp_path / "reports").read_text() == "in the way"


def test_a_folder_where_the_file_should_be_is_a_plain_error(tmp_path: Path) -> None:
    (tmp_path / "a.txt").mkdir()
    with pytest.raises(WorkspaceError):
        write_atomically(tmp_path / "a.txt", "new")
    assert [path.name for path in tmp_path.iterdir()] == ["a.txt"]


@pytest.mark.skipif(os.name != "posix", reason="rights are a matter of POSIX")
@pytest.mark.parametrize(("private", "rights"), [(True, 0o600), (False, 0o644)])
def test_a_private_file_is_for_its_owner_alone(private: bool, rights: int, tmp_path: Path) -> None:
    write_atomically(tmp_path / "x", "secret", private=private)
    assert stat.S_IMODE((tmp_path / "x").stat().st_mode) & ~rights == 0
    if private:
        assert stat.S_IMODE((tmp_path / "x").stat().st_mode) == rights


def test_the_fingerprint_is_that_of_the_bytes(tmp_path: Path) -> None:
    (tmp_path / "x").write_bytes(b"abc" * 100_000)
    assert sha256_of(tmp_path / "x") == hashlib.sha256(b"abc" * 100_000).hexdigest()
