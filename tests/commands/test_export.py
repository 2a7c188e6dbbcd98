"""Rows leave only for a named safe setting, as every agreement allows, and never twice under the same pseudonyms."""

from __future__ import annotations

import csv
import datetime as dt
import io
import json
import os
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from cohorts.custody.age_files import new_identity
from cohorts.custody.token_store import all_tokens, stolen_tokens
from cohorts.errors import CohortError
from cohorts.releases import actions
from tests.cohorts.test_backup import elsewhere
from tests.commands.exporting import (
    COARSE,
    FIELDS,
    PLAIN,
    SETTING,
    agree,
    export,
    exported,
    make_agreed,
    opened,
    unlocked,
)
from tests.commands.program import Program, snapshot
from tests.commands.small_project import prison_number
from workspace.clock import today as current_date
from workspace.database import reading, writing
from workspace.files import write_atomically
from workspace.statements import run

TODAY = current_date()


@pytest.fixture
def site(program: Program, place: Path, database_url: str, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The small project, agreed on row by row; on the embedded file, then on a server."""
    if database_url:
        monkeypatch.setenv("LIFECOURSE_DATABASE_URL", database_url)
    return make_agreed(program, place / "project")


@pytest.fixture
def one(program: Program, place: Path) -> Path:
    """The same on the embedded file only, for what does not hang on the store."""
    return make_agreed(program, place / "project")


def rows_of(path: Path) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(path.read_text("utf-8"))))


def beside(path: Path, paper: str) -> dict[str, object]:
    return dict(json.loads(path.with_suffix(f".{paper}.json").read_text("utf-8")))


def refused(program: Program, root: Path, code: str, exit_code: int, *words: str, to: str = SETTING) -> str:
    """What is said of an export that must be refused, and that nothing was left behind."""
    before = snapshot(root.parent)
    outcome = export(program, root, "refused.csv", *words, to=to)
    assert (outcome.code, outcome.err.split()[0]) == (exit_code, code), outcome.said
    assert snapshot(root.parent) == before
    assert program.well("cohort", "releases", "--json", cwd=root).payload == {"releases": []}
    return outcome.err


# ---- what leaves


def test_rows_leave_under_pseudonyms_by_month_sorted_and_with_their_papers(
    program: Program, site: Path
) -> None:
    path = exported(program, site, "rows.csv")
    rows = rows_of(path)
    assert list(rows[0]) == ["pseudonym", "index_month", "age_at_release", "aid", "area", "convictions"]
    names = [row["pseudonym"] for row in rows]
    assert len(set(names)) == 80
    assert names == sorted(names)
    assert {row["index_month"] for row in rows} == {"2021-03"}
    assert {row["convictions"] for row in rows} == {"0 to under 4", "4 to under 8"}
    # By hand: the area is South for every third of 80 people, the first among them.
    assert [sum(row["area"] == area for row in rows) for area in ("South", "North")] == [27, 53]
    manifest, dictionary = beside(path, "manifest"), beside(path, "dictionary")
    assert (manifest["release"], manifest["safe_setting"], manifest["recipient"]) == (
        "REL-001",
        SETTING,
        "University",
    )
    assert manifest["destroy_by"] == (TODAY + dt.timedelta(days=365)).isoformat()
    assert manifest["agreements"] == [{"id": "shared", "version": "1"}]
    assert manifest["k_report"] == {
        "people": 80,
        "quasi_identifiers": ["index_month", "age_at_release", "aid", "area", "convictions"],
        "not_counted": [],
        "alone": 0,
        "in_classes_below_threshold": 70,
        "threshold": 10,
        "limit": 0.0,
        "within_limit": True,
        "drivers": [],
    }
    columns = dictionary["columns"]
    assert isinstance(columns, list)
    assert [column["heading"] for column in columns] == list(rows[0])
    area = next(column for column in columns if column["heading"] == "area")
    assert (area["labels"], area["with_value"], area["others_may_know_it"]) == (["North", "South"], 80, True)
    assert os.stat(path).st_mode & 0o077 == 0


def test_nothing_that_leaves_holds_an_identifier_a_number_a_day_or_a_token_of_the_store(
    program: Program, site: Path
) -> None:
    folder = exported(program, site, "rows.csv").parent
    exported(program, site, "more.parquet", "--plan", "locked")
    with reading(opened(site)) as session:
        tokens = [*stolen_tokens(session), *all_tokens(session)["token"].to_list()]
    assert len(tokens) == 160
    made = [path for path in sorted(folder.iterdir()) if path.is_file()]
    assert len(made) == 6
    frame = pl.read_parquet(folder / "more.parquet")
    for data in (*(path.read_bytes() for path in made), frame.write_csv().encode()):
        for token in tokens:
            assert token not in data
            assert token.hex()[:32].encode() not in data
        assert not [i for i in range(80) if prison_number(i).encode() in data]
        assert b"Quilbrax" not in data
        assert b"2021-03-" not in data


def test_two_releases_of_the_same_people_share_no_pseudonym(program: Program, site: Path) -> None:
    first, second = (rows_of(exported(program, site, f"{name}.csv")) for name in ("one", "two"))
    assert not {row["pseudonym"] for row in first} & {row["pseudonym"] for row in second}
    said = program.well("cohort", "releases", "--json", cwd=site).payload["releases"]
    assert [release["release"] for release in said] == ["REL-001", "REL-002"]
    assert said[0]["sha256"] != said[1]["sha256"]
    attacked = program("attack", "--quick", "--authority", "A. Lead, owner", "--json", cwd=site).payload
    trial = next(one for one in attacked["attacks"] if one["name"] == "release-pseudonyms")
    assert trial["verdict"] == "pass"
    assert "in 3 releases, of which 2 are in the register" in trial["tried"]


def test_an_id_that_comes_again_after_a_restore_still_makes_other_pseudonyms(
    program: Program, one: Path
) -> None:
    first = rows_of(exported(program, one, "first.csv"))
    with writing(opened(one)) as session:  # as after an older backup: neither the entry nor the counter
        run(session, "DELETE FROM row_release")
        run(session, "DELETE FROM counter WHERE prefix = 'REL'")
    again = exported(program, one, "again.csv")
    assert beside(again, "manifest")["release"] == "REL-001"
    assert not {row["pseudonym"] for row in first} & {row["pseudonym"] for row in rows_of(again)}


def test_a_release_is_encrypted_to_its_recipient_alone(program: Program, one: Path) -> None:
    identity, recipient = new_identity()
    secret = next(line for line in identity.decode().splitlines() if line.startswith("AGE-SECRET-KEY"))
    said = export(program, one, "rows.csv", *COARSE, "--recipient-key", recipient, "--json").payload
    path = one.parent / "rows.csv.age"
    assert said["files"] == ["rows.dictionary.json", "rows.manifest.json", "rows.csv.age"]
    assert not (one.parent / "rows.csv").exists()
    assert b"South" not in path.read_bytes()
    rows = list(csv.DictReader(io.StringIO(unlocked(path, secret).decode())))
    assert len(rows) == 80
    stranger = next(
        line for line in new_identity()[0].decode().splitlines() if line.startswith("AGE-SECRET-KEY")
    )
    with pytest.raises(CohortError):
        unlocked(path, stranger)


def test_a_wave_leaves_under_the_name_of_its_variable_and_people_not_seen_then_are_blank(
    program: Program, one: Path
) -> None:
    visits = ["Prison number,Visit,Arrested", *(f"{prison_number(i)},24,{i % 2}" for i in range(60))]
    (one / "inbox" / "more.csv").write_text("\n".join(visits) + "\n", encoding="utf-8")
    program.well("source", "load", "arrests", "inbox/more.csv", cwd=one)
    asked = ("--variables", "aid,arrested@24-months")
    assert export(program, one, "rows.csv", *PLAIN, *asked).code == 0
    path = one.parent / "rows.csv"
    rows = rows_of(path)
    assert list(rows[0])[-1] == "arrested"
    assert sum(row["arrested"] == "" for row in rows) == 20
    columns = beside(path, "dictionary")["columns"]
    assert isinstance(columns, list)
    assert (columns[-1]["wave"], columns[-1]["with_value"]) == ("24-months", 60)


@pytest.mark.parametrize(
    ("period", "heading", "value"),
    [("quarter", "index_quarter", "2021-Q1"), ("year", "index_year", "2021"), ("none", None, None)],
)
def test_the_index_date_can_leave_coarser_or_not_at_all(
    period: str, heading: str | None, value: str | None, program: Program, one: Path
) -> None:
    first = rows_of(exported(program, one, "rows.csv", "--coarsen", f"index_date={period}"))[0]
    assert [name for name in first if name.startswith("index")] == ([heading] if heading else [])
    assert first.get(heading or "") == value


def test_withdrawn_people_and_those_who_are_not_eligible_stay_behind(
    program: Program, site: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO(f"{prison_number(4)}\n{prison_number(5)}\n"))
    program.well("cohort", "withdraw", "--kind", "prison-number", "--scope", "use", cwd=site)
    assert len(rows_of(exported(program, site, "rows.csv"))) == 78


# ---- what does not


def test_a_source_without_an_agreement_never_leaves(program: Program, one: Path) -> None:
    path = one / "sources" / "arrests.toml"
    path.write_text(path.read_text("utf-8").replace('agreement = "shared"\n', ""), encoding="utf-8")
    agree(one, sources='["releases"]', linkages='["arrests"]')
    fine = export(program, one, "fine.csv", *PLAIN, "--variables", "aid")
    assert fine.code == 0, fine.said  # nothing of the arrests is in it
    outcome = export(program, one, "rows.csv", *COARSE, *PLAIN, "--plan", "locked")
    assert (outcome.code, outcome.err.split()[0]) == (4, "LC960")
    assert "source 'arrests' has no agreement" in outcome.err
    assert not (one.parent / "rows.csv").exists()


@pytest.mark.parametrize(
    ("code", "words", "lines"),
    [
        ("LC960", "allows aggregate outputs only", {"outputs": '"aggregate"', "safe_settings": ""}),
        ("LC960", "does not name the safe setting", {"safe_settings": '["Elsewhere"]'}),
        ("LC875", "may not be used for row-level release", {"purposes": '["linkage"]'}),
        ("LC875", "does not name the field 'area'", {"fields": FIELDS.replace('"area", ', "")}),
        ("LC875", "does not name the field 'index_date'", {"fields": FIELDS.replace('"index_date", ', "")}),
        ("LC874", "suspended", {"suspended": TODAY.isoformat()}),
    ],
)
def test_what_the_agreement_does_not_allow_stays(
    code: str, words: str, lines: dict[str, Any], program: Program, one: Path
) -> None:
    agree(one, **lines)
    assert words in refused(program, one, code, 4, *COARSE, *PLAIN)


def test_a_lapsed_agreement_stops_a_release_and_the_last_day_of_use_is_the_day_of_destruction(
    program: Program, one: Path
) -> None:
    agree(one, days=-1)
    refused(program, one, "LC874", 4, *COARSE, *PLAIN)
    until = (TODAY + dt.timedelta(days=90)).isoformat()
    agree(one, days=-1, use_until=until)
    assert beside(exported(program, one, "rows.csv"), "manifest")["destroy_by"] == until


def test_sealed_outcomes_leave_only_for_the_locked_plan_that_reads_them(program: Program, site: Path) -> None:
    coarse = (*COARSE[:2], *PLAIN)
    assert "'arrested'" in refused(program, site, "LC859", 4, "--variables", "arrested", *PLAIN)
    refused(program, site, "LC420", 4, "--plan", "aid", *coarse)
    rows = rows_of(exported(program, site, "rows.csv", "--plan", "locked"))
    # By hand: 4 in 10 of 80 people were arrested.
    assert sum(row["arrested"] == "1" for row in rows) == 32
    plan = site / "plans" / "locked.toml"
    plan.write_text(plan.read_text("utf-8").replace("seed = 1", "seed = 2"), encoding="utf-8")
    outcome = export(program, site, "more.csv", "--plan", "locked", *coarse)
    assert (outcome.code, outcome.err.split()[0]) == (4, "LC421")


def test_a_plan_of_another_cohort_opens_nothing(program: Program, one: Path) -> None:
    program.well("cohort", "new", "others", "--template", "prison-leavers", cwd=one)
    plan = (one / "plans" / "aid.toml").read_text("utf-8")
    plan = plan.replace('id = "aid"', 'id = "far"').replace('cohort = "leavers"', 'cohort = "others"')
    (one / "plans" / "far.toml").write_text(plan, encoding="utf-8")
    assert "another cohort" in refused(program, one, "LC403", 12, "--plan", "far", *PLAIN)


def test_people_who_would_stand_out_hold_the_release_back(program: Program, one: Path) -> None:
    said = refused(program, one, "LC963", 3, *PLAIN)
    assert "80 people are alone with what others may know of them, and nobody may be" in said
    assert "age_at_release, convictions (strongest first)" in said


def test_a_safe_setting_may_have_a_limit_of_its_own_and_declared_quasi_identifiers(
    program: Program, one: Path
) -> None:
    agree(one, unique_limits=f'{{ "{SETTING}" = 0.5 }}')
    refused(program, one, "LC963", 3, *PLAIN)
    agree(one, unique_limits=f'{{ "{SETTING}" = 1 }}')
    outcome = export(program, one, "rows.csv", *PLAIN, "--json")
    report = outcome.payload["k_report"]
    assert (report["alone"], report["limit"], report["within_limit"]) == (80, 1.0, True)
    assert report["drivers"][0]["variable"] == "age_at_release"
    agree(one, quasi_identifiers='["aid", "area"]')
    report = export(program, one, "more.csv", *PLAIN, "--json").payload["k_report"]
    assert report["quasi_identifiers"] == ["index_month", "aid", "area"]
    assert report["not_counted"] == ["age_at_release", "convictions"]
    assert report["alone"] == 0


def test_too_few_people_are_no_release(program: Program, one: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    gone = "".join(f"{prison_number(i)}\n" for i in range(72))
    monkeypatch.setattr("sys.stdin", io.StringIO(gone))
    program.well("cohort", "withdraw", "--kind", "prison-number", "--scope", "use", cwd=one)
    assert "fewer than 10 people" in refused(program, one, "LC963", 3, *COARSE, *PLAIN)


@pytest.mark.parametrize(
    ("code", "exit_code", "words"),
    [
        ("LC962", 11, ("--variables", "aidd", *PLAIN)),
        ("LC962", 11, ("--variables", "aid@24-months", *PLAIN)),
        ("LC962", 11, ("--band", "area=5", *PLAIN)),
        ("LC962", 11, ("--band", "age_at_release=0", *PLAIN)),
        ("LC962", 11, ("--band", "age_at_release", *PLAIN)),
        ("LC962", 11, ("--band", "nothing=5", *PLAIN)),
        ("LC962", 11, ("--coarsen", "aid=small", *PLAIN)),
        ("LC962", 11, ("--coarsen", "area=North", *PLAIN)),
        ("LC962", 11, ("--coarsen", "area=North+Wset", *PLAIN)),
        ("LC962", 11, ("--coarsen", "index_date=day", *PLAIN)),
        ("LC961", 4, ()),
        ("LC961", 4, ("--plain-file", "--reason", "encrypted-disk", "--recipient-key", "age1x")),
        ("LC966", 11, ("--plain-file",)),
        ("LC966", 11, ("--plain-file", "--reason", "I trust them")),
        ("LC846", 11, ("--recipient-key", "age1x")),
    ],
)
def test_wrong_words_are_refused_before_anything_is_written(
    code: str, exit_code: int, words: tuple[str, ...], program: Program, one: Path
) -> None:
    refused(program, one, code, exit_code, *words)


def test_rows_are_never_put_into_the_project_a_synced_folder_or_over_another_file(
    program: Program, one: Path
) -> None:
    (one.parent / "Dropbox").mkdir()
    (one.parent / "there.manifest.json").write_text("{}", encoding="utf-8")
    for out in ("project/rows.csv", "project/data/rows.csv", "Dropbox/rows.csv", "there.csv", "rows.xlsx"):
        before = snapshot(one.parent)
        outcome = export(program, one, out, *COARSE, *PLAIN)
        assert (outcome.code, outcome.err.split()[0]) == (11, "LC964"), out
        assert snapshot(one.parent) == before


def test_nothing_leaves_unasked_and_a_dry_run_only_counts(program: Program, one: Path) -> None:
    before = snapshot(one.parent)
    outcome = export(program, one, "rows.csv", *COARSE, *PLAIN, yes=False)
    assert (outcome.code, outcome.err.split()[0]) == (4, "LC961")
    dry = export(program, one, "rows.csv", *COARSE, *PLAIN, "--dry-run", yes=False)
    assert "in classes below 10        70" in dry.out
    assert "Dry run: nothing was written." in dry.out
    assert snapshot(one.parent) == before


@pytest.mark.parametrize(("answer", "code"), [("y", 0), ("n", 4)])
def test_whoever_is_asked_sees_the_count_first(
    answer: str, code: int, program: Program, one: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    typed = io.StringIO(f"{answer}\n")
    monkeypatch.setattr(typed, "isatty", lambda: True, raising=False)
    monkeypatch.setattr("sys.stdin", typed)
    outcome = export(program, one, "rows.csv", *COARSE, *PLAIN, yes=False)
    assert outcome.code == code, outcome.said
    assert outcome.out.startswith("COH-001 leavers: how alone people are in these rows")
    assert (one.parent / "rows.csv").exists() == (code == 0)


def test_nothing_is_released_under_a_suspected_key(program: Program, one: Path) -> None:
    program.well("key", "compromise", "--reason", "laptop lost", cwd=one)
    refused(program, one, "LC847", 4, *COARSE, *PLAIN)


def test_a_file_that_cannot_be_written_leaves_nothing_and_the_register_says_so(
    program: Program, site: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(path: Path, content: bytes, *, private: bool = False) -> None:
        if path.suffix == ".csv":
            raise CohortError("LC107", "the file cannot be written: no space left on device", "Free some.")
        write_atomically(path, content, private=private)

    monkeypatch.setattr(actions, "write_atomically", full)
    assert export(program, site, "rows.csv", *COARSE, *PLAIN).code == 11
    assert [path.name for path in site.parent.iterdir() if path.is_file()] == []
    (kept,) = program.well("cohort", "releases", "--json", cwd=site).payload["releases"]
    assert (kept["release"], kept["state"]) == ("REL-001", "not written")
    monkeypatch.undo()


# ---- the register


def test_the_register_the_log_status_and_doctor_know_what_is_out(program: Program, site: Path) -> None:
    assert "Nothing was released" in program.well("cohort", "releases", cwd=site).out
    agree(site, threshold="15", version='"2"')
    exported(program, site, "rows.csv")
    entry = program.well("audit", "log", "--last", "1", "--json", cwd=site).payload["entries"][0]
    assert (entry["action"], entry["subject"]) == ("cohort.export", "REL-001")
    details = json.loads(entry["details"])
    assert (details["people"], details["agreements"], details["setting"]) == (80, "shared 2", SETTING)
    assert program.well("audit", "verify", "--json", cwd=site).payload["first_bad"] is None
    assert "REL-001  COH-001" in program.well("cohort", "releases", cwd=site).out
    assert "Releases    1 out" in program.well("status", cwd=site).out
    assert "1 out, the first ends on" in program.well("doctor", cwd=site).out
    with writing(opened(site)) as session:
        run(session, "UPDATE row_release SET expires = '2026-01-31'")
    assert "to be destroyed by now: REL-001" in program.well("status", cwd=site).out
    said = program.well("doctor", cwd=site).out
    assert f"REL-001 to University in {SETTING}, {TODAY.isoformat()}: destroy by 2026-01-31" in said
    assert "overdue: destroy it" in program.well("cohort", "releases", cwd=site).out
    assert program.well("cohort", "releases", "destroyed", "rel-001", "--dry-run", cwd=site).out
    program.well("cohort", "releases", "destroyed", "rel-001", cwd=site)
    (kept,) = program.well("cohort", "releases", "--json", cwd=site).payload["releases"]
    assert (kept["state"], kept["closed_on"], kept["overdue"]) == ("destroyed", TODAY.isoformat(), False)
    assert "Releases" not in program.well("status", cwd=site).out
    for release in ("REL-001", "REL-009"):
        outcome = program("cohort", "releases", "destroyed", release, cwd=site)
        assert (outcome.code, outcome.err.split()[0]) == (11, "LC965")


def test_an_erasure_says_who_must_be_told_and_the_recipient_learns_whose_rows_go(
    program: Program, site: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = {row["pseudonym"] for row in rows_of(exported(program, site, "rows.csv"))}
    notice = ("cohort", "releases", "removals", "REL-001", "--out", site.parent / "gone.csv", *PLAIN)
    assert "Nobody has left since REL-001" in program.well(*notice, cwd=site).out
    monkeypatch.setattr("sys.stdin", io.StringIO(f"{prison_number(7)}\n"))
    said = program.well("cohort", "erase", "--kind", "prison-number", "--yes", "--json", cwd=site).payload
    words = f"REL-001 to University in {SETTING}, {TODAY.isoformat()}"
    assert said["releases_to_tell"] == [words]
    receipt = json.loads((site / "data" / "receipts" / "RGT-001.json").read_text("utf-8"))
    assert receipt["releases_to_tell"] == [words]
    assert words in (site / "data" / "receipts" / "RGT-001.txt").read_text("utf-8")
    monkeypatch.setattr("sys.stdin", io.StringIO(f"{prison_number(8)}\n"))
    program.well("cohort", "withdraw", "--kind", "prison-number", "--scope", "use", cwd=site)
    assert program.well(*notice, "--dry-run", cwd=site).out.startswith("Dry run")
    assert program.well(*notice, cwd=site).out.startswith("Wrote gone.csv. Send it to University")
    gone = {row["pseudonym"] for row in rows_of(site.parent / "gone.csv")}
    assert len(gone) == 2
    assert gone < before
    # Their rows are those of persons 7 and 8: of two arms, in two areas.
    kept = [row for row in rows_of(site.parent / "rows.csv") if row["pseudonym"] in gone]
    assert sorted((row["aid"], row["area"]) for row in kept) == [("0", "North"), ("1", "North")]
    assert len(rows_of(exported(program, site, "after.csv"))) == 78


def test_pseudonyms_of_another_key_are_not_made_up(program: Program, one: Path) -> None:
    exported(program, one, "rows.csv")
    with writing(opened(one)) as session:
        run(session, "UPDATE row_release SET key_id = 'another'")
    outcome = program(
        "cohort", "releases", "removals", "REL-001", "--out", one.parent / "x.csv", *PLAIN, cwd=one
    )
    assert (outcome.code, outcome.err.split()[0]) == (11, "LC965")


def test_a_backup_brings_the_register_back_to_either_store(
    program: Program, site: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    exported(program, site, "rows.csv")
    before = program.well("cohort", "releases", "--json", cwd=site).payload
    assert before["releases"][0]["release"] == "REL-001"
    file = site.parent / "away" / "one.backup"
    program.well("backup", file, cwd=site)
    lost = elsewhere(opened(site))
    if os.environ.get("LIFECOURSE_DATABASE_URL"):
        monkeypatch.setenv("LIFECOURSE_DATABASE_URL", lost.settings.database_url)
    program.well("restore", file, cwd=site)
    assert program.well("cohort", "releases", "--json", cwd=site).payload == before
    assert beside(exported(program, site, "next.csv"), "manifest")["release"] == "REL-002"
