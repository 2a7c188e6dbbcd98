"""The demonstration: it runs, it fails where the trials failed, and it gives nobody away."""

from __future__ import annotations

import csv
import datetime as dt
import json
import re
import sqlite3
from collections import Counter
from collections.abc import Iterable, Mapping
from io import StringIO
from pathlib import Path

import polars as pl
import pytest

from tests.commands.conftest import Made
from tests.commands.program import ROOT, Program, snapshot
from tests.demo.make_demo_files import make

INBOX = ROOT / "workspace" / "demo" / "inbox"
# The day on which every pupil starts: it stands in no person's place.
SHARED_DATES = {dt.date(2020, 9, 1)}
LOADS = (
    ("prison-releases", "prison-releases.csv"),
    ("school-census", "school-census.csv"),
    ("health-visits", "health-visits.xlsx"),
    ("police-arrests", "police-arrests.csv"),
    ("school-tests", "school-tests.csv"),
    ("assessments", "assessments.csv"),
)


def rows_of(name: str) -> list[dict[str, str]]:
    """The rows of a bundled CSV file, whatever its encoding."""
    data = (INBOX / name).read_bytes()
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = data.decode("cp1252")
    return list(csv.DictReader(StringIO(text, newline="")))


def written_forms(day: dt.date) -> set[str]:
    """A birth date as partners and programs write it."""
    return {f"{day:%d/%m/%Y}", f"{day:%Y-%m-%d}"}


def births_of_children() -> set[dt.date]:
    """The birth dates of the cohort that is followed from birth."""
    return set(
        pl.read_excel(INBOX / "health-visits.xlsx", sheet_name="Children")["Date of birth"].cast(pl.Date)
    )


@pytest.fixture(scope="session")
def personal() -> dict[str, set[str]]:
    """Everything in the partner files that says who somebody is."""
    releases, census = rows_of("prison-releases.csv"), rows_of("school-census.csv")
    arrests, assessments = rows_of("police-arrests.csv"), rows_of("assessments.csv")
    children = pl.read_excel(INBOX / "health-visits.xlsx", sheet_name="Children")["NHS number"]
    police = {row["PNC ID"] for row in releases} | {row["pnc_id"] for row in arrests}
    health = {str(number) for number in children} | {row["NHS number"] for row in assessments}
    births = {dt.datetime.strptime(row["Date of birth"], "%d/%m/%Y").date() for row in [*releases, *census]}
    births |= births_of_children()
    return {
        "prison number": {row["Prison number"] for row in releases},
        "PNC ID": police | {number[2:] for number in police},
        "PNC ID without stroke": {number.replace("/", "") for number in police},
        "UPN": {row["UPN"] for row in [*census, *rows_of("school-tests.csv")]},
        "NHS number": health | {f"{n[:3]} {n[3:6]} {n[6:]}" for n in health},
        "surname": {row["Surname"] for row in releases},
        "birth date": {form for day in births - SHARED_DATES for form in written_forms(day)},
    }


@pytest.fixture(scope="session")
def tokens(demo: Made) -> list[bytes]:
    """The pseudonyms that the database holds."""
    connection = sqlite3.connect(demo.root / "data" / "cohort.sqlite")
    found = [bytes(row[0]) for row in connection.execute("SELECT token FROM pseudonym")]
    connection.close()
    return found


def kept_files(folders: Iterable[Path]) -> dict[str, bytes]:
    """The raw bytes of every file below the folders."""
    paths = [path for folder in folders for path in sorted(folder.rglob("*")) if path.is_file()]
    return {path.name: path.read_bytes() for path in paths}


def found_in(data: bytes, needles: Iterable[str]) -> int:
    """How many of the needles occur, in UTF-8 or Windows-1252; never which, so that no log shows them."""
    wanted = {
        needle.encode(encoding).decode("latin-1") for needle in needles for encoding in ("utf-8", "cp1252")
    }
    text = pl.Series([data.decode("latin-1")])
    hits = text.str.extract_many(sorted(wanted), overlapping=True).explode().drop_nulls()
    return int(hits.n_unique())


def assert_nobody_in(places: Mapping[str, bytes], personal: Mapping[str, set[str]]) -> None:
    """No identifier, surname or birth date in any of the places."""
    assert places
    leaks = {
        (place, kind): hits
        for place, data in places.items()
        for kind, needles in personal.items()
        if (hits := found_in(data, needles))
    }
    assert leaks == {}


def test_the_demonstration_runs_and_says_what_it_did(demo: Made) -> None:
    assert demo.outcome.code == 0, demo.outcome.err
    assert demo.outcome.err == ""
    assert demo.outcome.out.count("  $ lifecourse ") == 19
    assert "What was found" in demo.outcome.out
    assert "Everyone in it is made up" in demo.outcome.out


def test_it_makes_three_cohorts_and_four_evaluations_not_all_of_them_successes(
    program: Program, practice: Path
) -> None:
    cohorts = program.well("cohort", "list", "--json", cwd=practice).payload["cohorts"]
    assert [cohort["id"] for cohort in cohorts] == ["COH-001", "COH-002", "COH-003"]
    findings = [
        json.loads(path.read_text("utf-8")) for path in sorted((practice / "evidence").glob("*.json"))
    ]
    assert [finding["evaluation"] for finding in findings] == [f"EVAL-00{n}" for n in (1, 2, 3, 4)]
    answers = {
        finding["plan"]["id"]: next(
            o["verdict"]["answer"] for o in finding["outcomes"] if o["role"] == "primary"
        )
        for finding in findings
    }
    assert answers == {
        "aid-on-release": "inconclusive",
        "small-classes": "works",
        "teaching-aide": "no-meaningful-effect",
        "early-programme": "works",
    }
    assert {finding["plan"]["state"] for finding in findings} == {"locked before outcomes"}
    assert {path.name for path in (practice / "reports").iterdir()} == {
        f"EVAL-00{n}.html" for n in (1, 2, 3, 4)
    }


def test_outcomes_were_sealed_when_the_plans_were_locked(program: Program, practice: Path) -> None:
    log = program.well("audit", "log", "--json", cwd=practice).payload["entries"]
    locks = [json.loads(entry["details"]) for entry in log if entry["action"] == "plan.lock"]
    assert [lock["data"] for lock in locks] == ["baseline seen"] * 4
    loads = {
        entry["subject"]: json.loads(entry["details"])["sealed"]
        for entry in log
        if entry["action"] == "source.load"
    }
    assert [name for name, sealed in loads.items() if sealed] == [
        "police-arrests",
        "school-tests",
        "assessments",
    ]


def test_nothing_outside_the_project_was_touched_but_the_key(demo: Made) -> None:
    assert list(demo.temporary.iterdir()) == []
    assert sorted(path.suffix for path in demo.config.rglob("*") if path.is_file()) == [".key", ".seal"]
    assert not [*demo.root.rglob("*.key"), *demo.root.rglob("*.seal")]
    assert [path.name for path in (demo.root / "data").iterdir()] == ["cohort.sqlite"]


def test_the_search_finds_people_where_they_are(personal: dict[str, set[str]], demo: Made) -> None:
    """The search itself is tested: in the partner files every kind of person's mark is found."""
    inbox = kept_files([demo.root / "inbox"])
    for kind in ("prison number", "PNC ID", "UPN", "NHS number", "surname", "birth date"):
        assert any(found_in(data, personal[kind]) >= 50 for data in inbox.values()), kind
    assert {kind: len(found) > 50 for kind, found in personal.items()} == dict.fromkeys(personal, True)


def test_no_identifier_name_or_birth_date_is_anywhere_but_in_the_partner_files(
    personal: dict[str, set[str]], demo: Made
) -> None:
    folders = [demo.root / name for name in ("reports", "evidence", "public", "plans", "sources")]
    places = kept_files([*folders, demo.temporary])
    places |= {
        path.name: path.read_bytes() for path in (demo.root / "lifecourse.toml", demo.root / "theory.toml")
    }
    places |= {"stdout": demo.outcome.out.encode(), "stderr": demo.outcome.err.encode()}
    assert_nobody_in(places, personal)


def test_the_raw_bytes_of_the_database_hold_no_identifier_name_or_birth_date(
    personal: dict[str, set[str]], demo: Made
) -> None:
    """In one cohort people are followed from birth on: there the index date is the birth date, and only there."""
    from_birth = {form for day in births_of_children() for form in (f"{day:%Y-%m-%d}",)}
    places = kept_files([demo.root / "data"])
    assert list(places) == ["cohort.sqlite"]
    assert_nobody_in(places, personal | {"birth date": personal["birth date"] - from_birth})
    connection = sqlite3.connect(demo.root / "data" / "cohort.sqlite")
    tables = [row[0] for row in connection.execute("SELECT name FROM sqlite_schema WHERE type = 'table'")]
    holding = {
        table
        for table in tables
        for row in connection.execute(f"SELECT * FROM {table}")
        if any(isinstance(cell, str) and cell in from_birth for cell in row)
    }
    connection.close()
    assert holding == {"enrolment"}


def test_no_command_that_shows_the_project_names_anybody(
    program: Program, practice: Path, personal: dict[str, set[str]]
) -> None:
    commands = [
        "audit log --last 500", "status", "doctor", "cohort show prison-leavers", "cohort flow kindergarten",
        "source list", "plan show aid-on-release", "key status",
        "source inspect inbox/prison-releases.csv --source prison-releases",
        "source inspect inbox/health-visits.xlsx",
        "source inspect inbox/school-census.csv --source school-census",
    ]  # fmt: skip
    said = {}
    for words in commands:
        for extra in ([], ["--json"], ["--verbose"]):
            said[f"{words} {extra}"] = program.well(*words.split(), *extra, cwd=practice).said.encode()
    assert_nobody_in(said, personal)


def test_pseudonyms_stay_in_the_database(demo: Made, tokens: list[bytes]) -> None:
    assert len(tokens) > 6000
    assert {len(token) for token in tokens} == {16}
    places = kept_files([demo.root / name for name in ("reports", "evidence", "public")])
    places |= {"stdout": demo.outcome.out.encode(), "stderr": demo.outcome.err.encode()}
    for place, data in places.items():
        hexes = set(re.findall(rb"[0-9a-f]{32}", data.lower()))
        runs = {
            run[i : i + 32]
            for run in re.findall(rb"[0-9a-f]{33,}", data.lower())
            for i in range(len(run) - 31)
        }
        assert not {token.hex().encode() for token in tokens} & (hexes | runs), place
        assert not any(token in data for token in tokens), place


def test_the_secret_of_the_key_is_nowhere_in_the_project(demo: Made) -> None:
    text = next(demo.config.rglob("*.key")).read_text(encoding="utf-8")
    secret = re.search(r'secret = "([^"]+)"', text)
    assert secret
    places = kept_files([demo.root]) | {"stdout": demo.outcome.out.encode()}
    assert not [place for place, data in places.items() if secret[1].encode() in data]


def counted(root: Path) -> dict[str, int]:
    """How many rows each table of people and values holds."""
    connection = sqlite3.connect(root / "data" / "cohort.sqlite")
    tables = ("participant", "pseudonym", "enrolment", "delivery", "observation", "holding", "audit_entry")
    found = {name: int(connection.execute(f"SELECT COUNT(*) FROM {name}").fetchone()[0]) for name in tables}
    connection.close()
    return found


def test_loading_the_same_files_again_changes_nothing(program: Program, practice: Path) -> None:
    before, rows = snapshot(practice), counted(practice)
    for source, file in LOADS:
        outcome = program.well("source", "load", source, f"inbox/{file}", cwd=practice)
        assert "loaded before; nothing was changed" in outcome.out
        assert program.well("source", "load", source, f"inbox/{file}", "--json", cwd=practice).payload[
            "already_loaded"
        ]
    assert counted(practice) == rows
    assert snapshot(practice) == before, "not a byte of the database differs"


def test_every_planned_outcome_is_reported_and_run_again_gives_the_same_numbers(
    program: Program, practice: Path
) -> None:
    first = json.loads((practice / "evidence" / "EVAL-001.json").read_text("utf-8"))
    again = program.well("evaluate", "run", "aid-on-release", "--json", cwd=practice).payload
    assert again["evaluation"] == "EVAL-005"
    assert again["outcomes"] == first["outcomes"]
    assert again["data"] == first["data"]
    planned = Counter((practice / "plans" / "aid-on-release.toml").read_text("utf-8").splitlines())[
        "[[outcome]]"
    ]
    assert len(first["outcomes"]) == planned


@pytest.mark.parametrize("command", ["audit verify", "doctor", "theory check"])
def test_what_it_made_is_sound(command: str, program: Program, practice: Path) -> None:
    outcome = program.well(*command.split(), cwd=practice)
    assert "FAIL" not in outcome.out
    assert outcome.err == ""


def test_with_json_it_prints_one_json_document_and_nothing_else(program: Program, place: Path) -> None:
    outcome = program.well("demo", "practice", "--json")
    assert outcome.err == ""
    assert set(outcome.payload) == {"folder", "findings", "seconds"}
    assert len(outcome.payload["findings"]) == 4
    for finding in outcome.payload["findings"]:
        assert (place / finding["report"]).is_file()


def test_it_leaves_a_folder_that_is_in_use_untouched(program: Program, place: Path) -> None:
    (place / "mine").mkdir()
    (place / "mine" / "letter.txt").write_text("dear", encoding="utf-8")
    before = snapshot(place.parent)
    outcome = program("demo", "mine")
    assert (outcome.code, outcome.out) == (2, "")
    assert outcome.err.startswith("LC102 mine: ")
    assert snapshot(place.parent) == before


def test_dry_it_writes_nothing(program: Program, place: Path) -> None:
    before = snapshot(place.parent)
    assert program.well("demo", "practice", "--dry-run").out.startswith("Would make a project in practice.")
    assert program.well("demo", "practice", "--dry-run", "--json").payload["written"] is False
    assert snapshot(place.parent) == before


def test_the_bundled_partner_files_are_those_the_maker_makes(tmp_path: Path) -> None:
    make(tmp_path)
    assert {path.name for path in tmp_path.iterdir()} == {path.name for path in INBOX.iterdir()}
    for made in tmp_path.glob("*.csv"):
        assert made.read_bytes() == (INBOX / made.name).read_bytes(), made.name
    ours, theirs = (
        pl.read_excel(folder / "health-visits.xlsx", sheet_name="Children") for folder in (tmp_path, INBOX)
    )
    assert ours.equals(theirs)
    assert ours.schema == theirs.schema
