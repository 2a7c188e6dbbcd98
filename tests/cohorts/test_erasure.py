"""After an erasure nothing of the person is found: not in the store's bytes, not in copies, not in files."""

from __future__ import annotations

import gzip
import json
import os
import shutil
import zipfile
from pathlib import Path

import polars as pl
import pytest

from cohorts.custody.seal import unseal_tokens
from cohorts.custody.seal_store import (
    NEXT,
    fitting_seal,
    make_next_seal,
    seal_path,
    sealed_under,
    settle_seals,
)
from cohorts.custody.token_store import all_tokens, open_seal
from cohorts.errors import CohortError
from cohorts.keys import load_key
from cohorts.pseudonyms import tokenise
from cohorts.requests.actions import rights_health
from cohorts.requests.erasure import finish_erasures, is_unfinished
from cohorts.requests.person_tables import table_shapes
from cohorts.requests.residue import patterns_of, search
from tests.cohorts.loading import load, make_project, nhs, people_rows, pnc
from tests.cohorts.rightful import count, erased, full, holding, numbers_of, withdrawn
from workspace.audit import read_log, verify
from workspace.database import create_database, database_path, reading, writing
from workspace.errors import GateNotMet
from workspace.project import Project
from workspace.statements import insert_frame, run

SOMEBODY = 17


def token_of(project: Project, identifier: str, kind: str) -> bytes:
    """What brute force finds: the token of an identifier under the pseudonym key."""
    tokens = tokenise(pl.Series([identifier]), kind, load_key(project), project.settings.project_id)
    return bytes(tokens[0])


def traces(project: Project, i: int) -> tuple[bytes, ...]:
    """Everything that would show a person: identifiers and tokens in every form."""
    tokens = [token_of(project, nhs(i), "nhs-number"), token_of(project, pnc(i)[2:], "pnc-id")]
    tokens = [token for token in tokens if token]
    return patterns_of([("nhs-number", nhs(i)), ("pnc-id", pnc(i))], tokens)


def sealed_tokens(project: Project) -> set[bytes]:
    """The tokens as they stand in the database."""
    with writing(project) as session:
        return {bytes(row[0]) for row in run(session, "SELECT token FROM pseudonym")}


def test_every_row_of_the_person_goes_and_everybody_else_stays(project: Project) -> None:
    number = numbers_of(project, nhs(SOMEBODY))[0]
    with reading(project) as session:
        tables = [(shape.name, shape.people) for shape in table_shapes(session) if shape.people]
        before = {name: run(session, f"SELECT count(*) FROM {name}").scalar() for name, _ in tables}
    erased(project, SOMEBODY)
    with reading(project) as session:
        for name, columns in tables:
            for column in columns:
                assert run(session, f"SELECT count(*) FROM {name} WHERE {column} = {number}").scalar() == 0
        after = {name: run(session, f"SELECT count(*) FROM {name}").scalar() for name, _ in tables}
    gone = {name: before[name] - after[name] for name in before if before[name] != after[name]}
    assert gone == {"participant": 1, "pseudonym": 2, "enrolment": 1, "observation": 3}
    assert numbers_of(project, nhs(SOMEBODY)) == []
    assert numbers_of(project, *(nhs(i) for i in range(60))) == [n for n in range(1, 61) if n != number]


def test_every_table_with_a_person_in_it_is_known(project: Project) -> None:
    """A table that somebody adds is emptied without being named anywhere: by its column or its foreign key."""
    with writing(project) as session:
        run(session, "CREATE TABLE later (participant_id INTEGER PRIMARY KEY, note TEXT)")
        run(
            session,
            "CREATE TABLE pair (pair_id INTEGER PRIMARY KEY, "
            "one INTEGER REFERENCES participant(participant_id), other INTEGER REFERENCES participant(participant_id))",
        )
    with reading(project) as session:
        shapes = {shape.name: shape for shape in table_shapes(session)}
        assert {s.name for s in shapes.values() if "participant_id" in s.names} == {
            s.name for s in shapes.values() if "participant_id" in s.people
        }
        assert shapes["pair"].people == ("one", "other")
        assert shapes["tombstone"].people == ()
    mine, other = numbers_of(project, nhs(SOMEBODY))[0], numbers_of(project, nhs(1))[0]
    with writing(project) as session:
        insert_frame(session, "later", pl.DataFrame({"participant_id": [mine, other], "note": ["a", "b"]}))
        insert_frame(
            session, "pair", pl.DataFrame({"pair_id": [1, 2], "one": [other, other], "other": [mine, other]})
        )
    erased(project, SOMEBODY)
    assert (count(project, "later"), count(project, "pair")) == (1, 1)


def test_no_bytes_of_the_person_are_left_in_the_project(in_file: Project) -> None:
    before = traces(in_file, SOMEBODY)
    assert holding(in_file.root, before, but=()) == ["inbox/outcomes.csv", "inbox/people.csv"]
    sealed = sealed_tokens(in_file)
    done = erased(in_file, SOMEBODY)
    left = sealed - sealed_tokens(in_file)
    assert len(left) == len(sealed)  # everybody's token is under another seal now
    assert holding(in_file.root, [*before, *left]) == []
    assert holding(in_file.root.parent / "keys", before, but=()) == []
    assert done.receipt is not None
    assert done.receipt.residue is not None
    assert done.receipt.residue.found == (
        "inbox/people.csv",
    )  # typed by NHS number, which outcomes.csv has not


def test_an_old_copy_of_the_file_cannot_be_searched_by_brute_force(in_file: Project, tmp_path: Path) -> None:
    """Whoever has the pseudonym key and an old copy can hash every identifier there is, and finds nobody."""
    copy = tmp_path / "old.sqlite"
    with writing(in_file) as session:
        plain = set(all_tokens(session)["token"])
    assert {
        token_of(in_file, nhs(SOMEBODY), "nhs-number"),
        token_of(in_file, pnc(SOMEBODY)[2:], "pnc-id"),
    } <= plain
    shutil.copyfile(database_path(in_file), copy)
    erased(in_file, SOMEBODY)
    shutil.copyfile(copy, database_path(in_file))  # put back, as after a crash of the disk
    guesses = {token_of(in_file, nhs(i), "nhs-number") for i in range(60)}
    with reading(in_file) as session:
        held = [
            bytes(row[0]) for row in run(session, "SELECT token FROM pseudonym WHERE kind = 'nhs-number'")
        ]
        current = sealed_under(session)
    assert len(held) == 60
    assert not guesses & set(held)
    with pytest.raises(GateNotMet, match="LC891"):
        fitting_seal(in_file, current)
    own = seal_path(in_file)
    assert len(list(own.parent.glob("*.seal*"))) == 1
    newest = fitting_seal(in_file, own.read_text("ascii").splitlines()[-2].split()[-1])
    assert not guesses & set(unseal_tokens(pl.Series(held, dtype=pl.Binary), newest).to_list())


def test_numbers_do_not_follow_the_order_of_tokens(in_file: Project) -> None:
    """Else a number would say between which two tokens an erased one lay."""
    with writing(in_file) as session:
        held = all_tokens(session).filter(pl.col("kind") == "nhs-number").sort("token")
    assert held["participant_id"].to_list() != sorted(held["participant_id"])


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0, reason="reads the server's own files")
def test_no_bytes_of_the_person_are_left_in_the_tables_of_a_server(
    empty_database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import psycopg

    monkeypatch.setenv("LIFECOURSE_KEY_FILE", str(tmp_path / "keys" / "test.key"))
    monkeypatch.setenv("LIFECOURSE_DATABASE_URL", empty_database)
    project = full(make_project(tmp_path))
    patterns, sealed = traces(project, SOMEBODY), sealed_tokens(project)

    def in_tables() -> bool:
        with psycopg.connect(empty_database, autocommit=True) as connection:
            connection.execute("CHECKPOINT")
            (folder,) = connection.execute("SHOW data_directory").fetchone() or ("",)
            names = connection.execute(
                "SELECT pg_relation_filepath(oid) FROM pg_class WHERE relkind IN ('r', 'i') AND oid > 16383"
            ).fetchall()
        parts = [Path(folder, name).read_bytes() for (name,) in names if Path(folder, name).exists()]
        return any(pattern in part for part in parts for pattern in (*patterns, *sealed))

    assert in_tables()
    erased(project, SOMEBODY)
    assert not in_tables()


def test_the_receipt_says_what_went_and_names_nobody(project: Project) -> None:
    number = numbers_of(project, nhs(SOMEBODY))[0]
    with reading(project) as session:
        old = sealed_under(session)
    receipt = erased(project, SOMEBODY).receipt
    assert receipt is not None
    path = project.root / receipt.file
    said = json.loads(path.read_text("utf-8"))
    assert (said["request"], said["seal_key_destroyed"], said["store_written_anew"]) == ("RGT-001", old, True)
    assert said["deleted"]["observation"] == 0  # three rows: fewer than may be shown
    assert said["sha256"] == receipt.sha256
    log = read_log(project)
    assert {"sequence": log[-2].sequence, "digest": log[-2].digest} == said["audit_entry"]
    assert (log[-2].action, log[-1].action) == ("cohort.erase", "cohort.erase.receipt")
    assert receipt.sha256 in log[-1].details
    assert verify(log).first_bad is None
    assert holding(path.parent, traces(project, SOMEBODY), but=()) == []
    assert f'"{number}"' not in path.read_text("utf-8")
    assert path.stat().st_mode & 0o077 == 0
    assert "Receipt of erasure RGT-001" in path.with_suffix(".txt").read_text("utf-8")


def test_a_tombstone_keeps_number_reason_and_request_and_no_token(project: Project) -> None:
    number = numbers_of(project, nhs(SOMEBODY))[0]
    erased(project, SOMEBODY)
    with reading(project) as session:
        rows = [tuple(row) for row in run(session, "SELECT number, request_id, reason, scope FROM tombstone")]
    assert rows == [(number, "RGT-001", "person", "all")]


def test_an_erasure_of_somebody_who_is_not_held_looks_the_same(project: Project) -> None:
    known, unknown = erased(project, SOMEBODY), erased(project, 5_000)
    assert (known.found, unknown.found) == (None, None)
    assert [done.receipt is not None for done in (known, unknown)] == [True, True]
    entries = [entry for entry in read_log(project) if entry.action == "cohort.erase"]
    assert entries[0].details == entries[1].details
    assert count(project, "participant") == 59


def test_loads_go_on_after_an_erasure_and_join_the_same_people(project: Project) -> None:
    erased(project, SOMEBODY)
    rows = ["pnc,arrests", *(f"{pnc(i)},{i % 3}" for i in range(60))]
    again = load(project, "outcomes", rows[:1] + rows[2:])
    assert again.result is not None
    assert (again.result.people, again.result.unchanged, again.result.unknown_people) == (58, 58, 1)


def test_a_restricted_person_can_be_erased_and_the_restriction_goes_with_them(project: Project) -> None:
    withdrawn(project, SOMEBODY, 18, kind="restriction")
    erased(project, SOMEBODY)
    assert count(project, "person_scope") == 3


def test_two_people_in_one_request_are_both_erased(project: Project) -> None:
    erased(project, 3, 4)
    assert count(project, "participant") == 58
    assert count(project, "tombstone", "request_id = 'RGT-001'") == 2


def test_compressed_partner_files_are_looked_into_and_named(in_file: Project) -> None:
    with gzip.open(in_file.inbox / "old.csv.gz", "wt") as file:
        file.write(f"nhs\n{nhs(SOMEBODY)}\n")
    number = nhs(SOMEBODY)
    with zipfile.ZipFile(in_file.inbox / "sheet.xlsx", "w", zipfile.ZIP_DEFLATED) as book:
        book.writestr("xl/sharedStrings.xml", f"<t>{number[:3]} {number[3:6]} {number[6:]}</t>" * 9)
    (in_file.inbox / "broken.gz").write_bytes(b"\x1f\x8b no")
    (in_file.inbox / "table.parquet").write_bytes(b"PAR1")
    (in_file.root / "reports" / "note.html").write_text(token_of(in_file, nhs(SOMEBODY), "nhs-number").hex())
    residue = search(in_file, traces(in_file, SOMEBODY))
    assert residue.found == (
        "inbox/old.csv.gz", "inbox/outcomes.csv", "inbox/people.csv", "inbox/sheet.xlsx", "reports/note.html",
    )  # fmt: skip
    assert residue.unsearched == ("inbox/broken.gz", "inbox/table.parquet")


def test_an_interrupted_erasure_is_finished_by_doctor(
    in_file: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    import cohorts.requests.actions as actions

    monkeypatch.setattr(actions, "finish_erasures", lambda *_: [])
    erased(in_file, SOMEBODY)
    monkeypatch.setattr(actions, "finish_erasures", finish_erasures)
    assert is_unfinished(in_file)
    assert seal_path(in_file).with_name(seal_path(in_file).name + NEXT).exists()
    assert numbers_of(in_file, nhs(1)) != []  # the new key is used although the old one is still there
    assert {r.name: r.result for r in rights_health(in_file)} == {"Interrupted erasure": "pass"}
    assert {r.name: r.result for r in rights_health(in_file)} == {"seal key": "pass"}
    receipt = json.loads((in_file.data / "receipts" / "RGT-001.json").read_text("utf-8"))
    assert receipt["search_of_files"].startswith("not searched")
    assert not is_unfinished(in_file)
    assert finish_erasures(in_file) == []


def test_a_key_for_an_erasure_that_never_came_about_is_destroyed(in_file: Project) -> None:
    make_next_seal(in_file)
    beside = seal_path(in_file).with_name(seal_path(in_file).name + NEXT)
    assert beside.exists()
    erased(in_file, 5_000)
    assert not beside.exists()
    assert numbers_of(in_file, nhs(SOMEBODY)) != []


def test_a_seal_killed_while_the_old_one_was_written_over_still_opens(in_file: Project) -> None:
    with writing(in_file) as session:
        current = open_seal(session)
    path = seal_path(in_file)
    path.rename(path.with_name(path.name + NEXT))
    path.write_bytes(b"#" * 200)
    assert fitting_seal(in_file, current.key_id) == current
    settle_seals(in_file, current.key_id)
    assert fitting_seal(in_file, current.key_id) == current
    assert [file.name for file in path.parent.iterdir() if "seal" in file.name] == [path.name]


@pytest.mark.parametrize(
    ("harm", "code"),
    [
        (lambda path: path.unlink(), "LC890"),
        (lambda path: path.write_text("rubbish"), "LC892"),
        (lambda path: path.write_text(path.read_text().replace(" test-", " rest-")), "LC892"),
        (lambda path: path.write_text(path.read_text()[:-6] + "AAA=\n"), "LC892"),
    ],
)
def test_a_seal_key_that_is_away_or_damaged_stops_a_load(in_file: Project, harm: object, code: str) -> None:
    harm(seal_path(in_file))  # type: ignore[operator]
    with pytest.raises((GateNotMet, CohortError)) as error:
        load(in_file, "people", people_rows(61))
    assert error.value.code == code
    assert error.value.exit_code == (4 if code == "LC890" else 11)
    assert {r.result for r in rights_health(in_file)} == {"fail"}


def test_a_seal_key_inside_the_project_is_refused(in_file: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LIFECOURSE_SEAL_FILE", str(in_file.root / "my.seal"))
    with pytest.raises(CohortError, match="LC841"):
        load(in_file, "people", people_rows(61))


def test_a_store_whose_tokens_were_never_sealed_is_sealed_by_its_first_write(project: Project) -> None:
    with writing(project) as session:
        plain = all_tokens(session)
        run(session, "DELETE FROM pseudonym")
        run(session, "DELETE FROM seal")
        insert_frame(session, "pseudonym", plain.sort("kind", "token"))
    assert set(plain["token"]) == sealed_tokens(project)
    done = load(project, "people", people_rows(61))
    assert done.result is not None
    assert (done.result.new_people, done.result.people) == (1, 61)
    assert not set(plain["token"]) & sealed_tokens(project)


def test_a_dry_run_on_a_new_store_makes_no_seal_key(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from workspace import console

    monkeypatch.setenv("LIFECOURSE_KEY_FILE", str(tmp_path / "keys" / "test.key"))
    project = make_project(tmp_path)
    database_path(project).unlink()
    create_database(project)
    from cohorts.actions import new_cohort

    new_cohort(project, "leavers", "prison-leavers", "", "")
    before = console.current()
    console.configure(console.RunSettings(dry_run=True))
    try:
        load(project, "people", people_rows(20))
    finally:
        console.configure(before)
    assert not seal_path(project).exists()
    load(project, "people", people_rows(20))
    assert seal_path(project).stat().st_mode & 0o077 == 0
