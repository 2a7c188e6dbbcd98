"""A backup gives everything back, to either kind of store, except the people who were erased since."""

from __future__ import annotations

import json
import os
import zipfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cohorts.backups.archive import SealBroken, gathered, open_people, scattered, seal_people
from cohorts.backups.key_list import list_path
from cohorts.backups.restoring import restore
from cohorts.backups.store import back_up, open_archive, sealed_people
from cohorts.custody.seal_store import seal_path
from cohorts.custody.token_store import all_tokens
from cohorts.requests.actions import rights_health
from cohorts.requests.erasure import is_unfinished
from cohorts.store import find_cohort, read_wide
from tests.cohorts.loading import load, nhs, people_rows
from tests.cohorts.rightful import count, erased, holding, numbers_of, withdrawn
from tests.cohorts.test_erasure import SOMEBODY, token_of, traces
from workspace.audit import read_log, verify
from workspace.database import database_path, reading, writing
from workspace.errors import WorkspaceError
from workspace.project import Project, create_project

CELLS = st.tuples(
    st.integers(1, 5),
    st.one_of(st.none(), st.text(max_size=8)),
    st.one_of(st.none(), st.floats(allow_nan=False, allow_infinity=False)),
    st.binary(max_size=6),
)
COLUMNS = (("a", "int"), ("b", "text"), ("c", "real"), ("d", "blob"))


def content(project: Project) -> tuple[list[tuple[object, ...]], ...]:
    """Everything a store says of its people: tokens, values, the log."""
    with writing(project) as session:
        tokens = all_tokens(session).sort("kind", "token").rows()
        cohort = find_cohort(session, "leavers").cohort_id
        columns = [("aid", "release"), ("area", "release"), ("arrests", "12-months")]
        values = read_wide(session, cohort, columns).sort("participant").rows()
    return tokens, values


def emptied(project: Project) -> Project:
    """The same project with its embedded database lost."""
    database_path(project).unlink()
    return project


def elsewhere(project: Project) -> Project:
    """The project with its store lost: no file, or another database on the server."""
    url = project.settings.database_url
    if url.startswith("sqlite"):
        return emptied(project)
    import psycopg

    server, _, name = url.rpartition("/")
    with psycopg.connect(f"{server}/postgres", autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}_again")
    return replace(project, settings=replace(project.settings, database_url=f"{url}_again"))


def identity(folder: Path) -> tuple[str, Path]:
    """An officer's age key: the recipient, and the identity file."""
    import pyrage

    key = pyrage.x25519.Identity.generate()
    path = folder / "officer.txt"
    path.write_text(f"# made by age-keygen\n{key}\n", encoding="utf-8")
    return str(key.to_public()), path


@given(st.lists(CELLS, max_size=20), st.lists(st.integers(1, 5), max_size=6))
def test_rows_gathered_by_person_and_scattered_again_are_the_same(
    rows: list[tuple[int, str | None, float | None, bytes]], others: list[int]
) -> None:
    schema = {"a": pl.Int64, "b": pl.String, "c": pl.Float64, "d": pl.Binary}
    one = pl.DataFrame(rows, schema=schema, orient="row").with_columns(pl.col("a").alias("person"))
    two = pl.DataFrame({"person": others, "e": others}, schema={"person": pl.Int64, "e": pl.Int64})
    tables = {"one": COLUMNS, "two": (("e", "int"),)}
    texts = gathered({"one": (one, COLUMNS), "two": (two, tables["two"])})
    assert texts["person"].to_list() == sorted({row[0] for row in rows} | set(others))
    back = scattered(texts, tables)
    assert sorted(map(repr, back["one"].select("a", "b", "c", "d").rows())) == sorted(map(repr, rows))
    assert sorted(back["two"]["e"]) == sorted(others)


def test_a_person_opens_under_their_own_key_and_in_their_own_place_only() -> None:
    texts = pl.DataFrame({"person": [1, 2], "text": ["one", "two"]})
    keys = {1: bytes(32), 2: bytes([1]) * 32}
    sealed = seal_people(texts, keys, b"here", bytes(range(24)))
    assert open_people(sealed, keys, b"here").rows() == [(1, "one"), (2, "two")]
    assert open_people(sealed, {2: keys[2]}, b"here").rows() == [(2, "two")]
    swapped = [(1, sealed[1][1]), (2, sealed[0][1])]
    for wrong, held, place in (
        (swapped, keys, b"here"),
        (sealed, keys, b"there"),
        (sealed, {1: keys[2]}, b"here"),
    ):
        with pytest.raises(SealBroken):
            open_people(wrong, held, place)


def test_a_backup_gives_everything_back(in_file: Project, tmp_path: Path) -> None:
    before = content(in_file)
    done = back_up(in_file, tmp_path / "away" / "one.backup", ())
    assert done is not None
    assert done.people == 60
    back = restore(emptied(in_file), done.file, None, None)
    assert (back.people, back.left_out) == (60, 0)
    assert content(in_file) == before
    log = read_log(in_file)
    assert verify(log).first_bad is None
    assert [entry.action for entry in log][-1] == "restore"
    again = load(in_file, "people", people_rows(62))
    assert again.result is not None
    assert (again.result.new_people, again.result.unchanged) == (2, 120)


def test_a_backup_of_a_file_is_restored_on_a_server_and_back(
    in_file: Project, tmp_path: Path, empty_database: str
) -> None:
    before = content(in_file)
    first = back_up(in_file, tmp_path / "away" / "one.backup", ())
    assert first is not None
    server = replace(in_file, settings=replace(in_file.settings, database_url=empty_database))
    restore(server, first.file, None, None)
    assert content(server) == before
    with pytest.raises(WorkspaceError, match="LC118"):
        restore(server, first.file, None, None)
    erased(server, SOMEBODY)
    second = back_up(server, tmp_path / "away" / "two.backup", ())
    assert second is not None
    restore(emptied(in_file), second.file, None, None)
    assert content(in_file) == content(server)
    assert numbers_of(in_file, nhs(SOMEBODY)) == []


def test_people_erased_after_a_backup_do_not_come_back_and_later_withdrawals_hold(
    project: Project, tmp_path: Path
) -> None:
    done = back_up(project, tmp_path / "away" / "one.backup", ())
    assert done is not None
    held = traces(project, SOMEBODY)
    erased(project, SOMEBODY)
    withdrawn(project, 3, scope="use")
    expected = content(project)
    project = elsewhere(project)
    back = restore(project, done.file, None, None)
    assert (back.people, back.left_out) == (59, 1)
    assert content(project) == expected
    assert numbers_of(project, nhs(SOMEBODY)) == []
    assert count(project, "tombstone") == 1
    assert count(project, "person_scope", "scope = 'use'") == 1
    assert holding(project.root, held) == []
    assert [entry.subject for entry in read_log(project)][-1]  # the restore is in the log
    assert erased(project, 5_000).request_id == "RGT-003"  # ids go on where they were


def test_an_old_backup_holds_nothing_of_anybody_that_can_be_read(in_file: Project, tmp_path: Path) -> None:
    done = back_up(in_file, tmp_path / "away" / "one.backup", ())
    assert done is not None
    names = [token_of(in_file, nhs(i), "nhs-number") for i in range(60)]
    patterns = [*names, *(name.hex().encode() for name in names), b"2022-03-1"]
    with zipfile.ZipFile(done.file) as archive:
        entries = {name: archive.read(name) for name in archive.namelist()}
    assert not any(pattern in data for pattern in patterns for data in entries.values())
    people = [
        number for name in entries if name.startswith("people/") for number, _ in sealed_people(entries[name])
    ]
    assert sorted(people) == list(range(1, 61))
    assert "tables/person_key.json" not in entries


def test_after_an_erasure_no_key_there_is_opens_the_person_in_an_old_backup(
    in_file: Project, tmp_path: Path
) -> None:
    """All the keys of the newest list and of the store are tried on the erased person's rows."""
    officer, own = identity(tmp_path)
    done = back_up(in_file, tmp_path / "away" / "one.backup", (officer,))
    assert done is not None
    number = numbers_of(in_file, nhs(SOMEBODY))[0]
    erased(in_file, SOMEBODY)
    from cohorts.backups.key_list import read_list
    from cohorts.backups.store import binding_of

    keys = read_list(in_file, done.keys, own).keys
    assert number not in keys
    with open_archive(done.file) as (archive, manifest):
        blob = dict(sealed_people(archive.read("people/00000.bin")))[number]
        binding = binding_of(manifest["project_id"], manifest["archive"], manifest["entries"])
    for key in keys.values():
        with pytest.raises(SealBroken):
            open_people([(number, blob)], {number: key}, binding)


def test_an_officer_opens_a_backup_where_every_key_of_the_project_is_lost(
    in_file: Project, tmp_path: Path
) -> None:
    officer, own = identity(tmp_path)
    done = back_up(in_file, tmp_path / "away" / "one.backup", (officer,))
    assert done is not None
    before = content(in_file)
    seal_path(in_file).unlink()
    emptied(in_file)
    for wrong in (None, tmp_path / "nothing.txt", identity(tmp_path / "keys")[1]):
        with pytest.raises(WorkspaceError, match="LC119"):
            restore(in_file, done.file, None, wrong)
    assert not database_path(in_file).exists()
    restore(in_file, done.file, done.keys, own)
    assert content(in_file) == before


@pytest.mark.parametrize(
    "harm",
    [
        lambda data: data[: len(data) // 2],
        lambda data: b"",
        lambda data: data[:1000] + bytes([data[1000] ^ 1]) + data[1001:],
        lambda data: b"not a zip file at all",
    ],
)
def test_an_archive_that_is_cut_short_or_changed_is_refused_and_nothing_is_made(
    in_file: Project, tmp_path: Path, harm: Callable[[bytes], bytes]
) -> None:
    done = back_up(in_file, tmp_path / "away" / "one.backup", ())
    assert done is not None
    done.file.write_bytes(harm(done.file.read_bytes()))
    emptied(in_file)
    with pytest.raises(WorkspaceError, match="LC116"):
        restore(in_file, done.file, None, None)
    assert list(in_file.data.iterdir()) == []


def test_an_archive_whose_manifest_was_mended_after_a_change_is_refused(
    in_file: Project, tmp_path: Path
) -> None:
    """The sealed rows are bound to the rows about nobody: changing these breaks everybody's seal."""
    import hashlib

    done = back_up(in_file, tmp_path / "away" / "one.backup", ())
    assert done is not None
    with zipfile.ZipFile(done.file) as archive:
        entries = {name: archive.read(name) for name in archive.namelist()}
    manifest = json.loads(entries.pop("manifest.json"))
    entries["tables/wave.json"] = entries["tables/wave.json"].replace(b"release", b"freedom")
    manifest["entries"]["tables/wave.json"] = hashlib.sha256(entries["tables/wave.json"]).hexdigest()
    with zipfile.ZipFile(done.file, "w") as archive:
        for name, data in (entries | {"manifest.json": json.dumps(manifest).encode()}).items():
            archive.writestr(name, data)
    emptied(in_file)
    with pytest.raises(WorkspaceError, match="LC116"):
        restore(in_file, done.file, None, None)
    assert list(in_file.data.iterdir()) == []


def test_another_projects_backup_and_one_of_another_layout_are_refused(
    in_file: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import cohorts.backups.restoring
    import cohorts.backups.store

    done = back_up(in_file, tmp_path / "away" / "one.backup", ())
    assert done is not None
    other = create_project(tmp_path / "other", "Other")
    with pytest.raises(WorkspaceError, match="LC117"):
        restore(other, done.file, None, None)
    emptied(in_file)
    monkeypatch.setattr(cohorts.backups.restoring, "HEAD", "9999")
    with pytest.raises(WorkspaceError, match="LC117"):
        restore(in_file, done.file, None, None)


def test_a_backup_is_refused_inside_the_project_over_a_file_and_for_what_is_no_officer(
    in_file: Project, tmp_path: Path
) -> None:
    (tmp_path / "there").write_text("x", encoding="utf-8")
    for file in (in_file.data / "one.backup", tmp_path / "there"):
        with pytest.raises(WorkspaceError, match="LC118"):
            back_up(in_file, file, ())
    with pytest.raises(WorkspaceError, match="LC119"):
        back_up(in_file, tmp_path / "new", ("age1nobody",))
    assert not (tmp_path / "new").exists()
    done = back_up(in_file, tmp_path / "there", (), replace=True)
    assert done is not None
    with pytest.raises(WorkspaceError, match="LC118"):
        restore(in_file, done.file, None, None)


def test_a_key_list_that_was_out_of_reach_is_renewed_by_doctor(in_file: Project, tmp_path: Path) -> None:
    officer, _ = identity(tmp_path)
    away = tmp_path / "away"
    done = back_up(in_file, away / "one.backup", (officer,))
    assert done is not None
    old = done.keys.read_bytes()
    away.rename(tmp_path / "unplugged")
    receipt = erased(in_file, SOMEBODY).receipt
    assert receipt is not None
    assert receipt.lists_missed == (list_path(in_file, done.file).name,)
    assert is_unfinished(in_file)
    assert {r.name: r.result for r in rights_health(in_file)}["Key list of backups"] == "fail"
    (tmp_path / "unplugged").rename(away)
    assert {r.result for r in rights_health(in_file)} == {"pass"}
    assert done.keys.read_bytes() != old
    assert not is_unfinished(in_file)


def test_backups_and_key_lists_are_for_their_owner_only(in_file: Project, tmp_path: Path) -> None:
    done = back_up(in_file, tmp_path / "away" / "one.backup", ())
    assert done is not None
    if os.name == "posix":
        assert [path.stat().st_mode & 0o077 for path in (done.file, done.keys)] == [0, 0]
    assert sorted(path.name for path in done.file.parent.iterdir()) == sorted(
        [done.file.name, done.keys.name]
    )


def test_a_second_backup_gives_new_people_keys_and_keeps_the_old_ones(
    in_file: Project, tmp_path: Path
) -> None:
    first = back_up(in_file, tmp_path / "away" / "one.backup", ())
    load(in_file, "people", people_rows(62))
    second = back_up(in_file, tmp_path / "away" / "two.backup", ())
    assert first is not None
    assert second is not None
    assert count(in_file, "person_key") == 62
    with reading(in_file):
        pass
    assert restore(emptied(in_file), first.file, None, None).people == 60
