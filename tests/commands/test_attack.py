"""The attack on one's own store: the demonstration holds, stores and outputs that were weakened do not."""

from __future__ import annotations

import contextlib
import csv
import hashlib
import json
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import polars as pl
import pytest
import typer.main

import cli
from cohorts.attacks import actions as attack_actions
from cohorts.attacks.canaries import provoked_errors
from cohorts.attacks.insider import trawl
from cohorts.attacks.runs import provoke, verbs_of
from cohorts.attacks.surroundings import Around
from cohorts.custody.token_store import add_tokens, all_tokens
from cohorts.keys import load_key
from cohorts.linking.marks import mark_of
from cohorts.linking.store import forbid
from tests.commands.program import Program, snapshot
from workspace.database import writing
from workspace.errors import GateNotMet
from workspace.project import Project
from workspace.settings import read_settings

AUTHORITY = "A. Lead, senior risk owner, 2026-11-20"
ROOT = typer.main.get_command(cli.app)


def opened(folder: Path) -> Project:
    return Project(folder, read_settings(folder / "lifecourse.toml"))


@pytest.fixture
def verdicts(monkeypatch: pytest.MonkeyPatch) -> Callable[[Path], dict[str, str]]:
    """Run the attacks on files and store in this process, without those that run the program."""
    monkeypatch.setattr(attack_actions, "provoke", lambda run, quick: [])
    monkeypatch.setattr(attack_actions, "printed", lambda project, run, cohorts, areas, quick: [])
    monkeypatch.setattr(attack_actions, "gather_around", lambda: Around({}, {}, b""))
    monkeypatch.setattr(attack_actions, "QUICK", 300)

    def run(folder: Path) -> dict[str, str]:
        order = attack_actions.Order(AUTHORITY, quick=True)
        assault, _ = attack_actions.attack(opened(folder), order, lambda words: 0, ROOT)
        return {trial.name: trial.verdict for trial in assault.trials}

    return run


def broken(found: dict[str, str]) -> set[str]:
    return {name for name, verdict in found.items() if verdict == "fail"}


@contextlib.contextmanager
def store_of(folder: Path) -> Iterator[sqlite3.Connection]:
    connection = sqlite3.connect(folder / "data" / "cohort.sqlite")
    connection.execute("PRAGMA secure_delete = ON")
    try:
        yield connection
        connection.commit()
    finally:
        connection.close()


@pytest.mark.slow
def test_the_demonstration_survives_the_attack(program: Program, practice: Path) -> None:
    """Follow-up by arm among it: every withheld count is still anything from 1 to 9 after all sums are solved."""
    said = program("attack", "--authority", AUTHORITY, "--out", "evidence.html", "--json", cwd=practice)
    assert said.code == 0, said.payload["broken"]
    assert said.err == ""
    found = json.loads((practice / "evidence.json").read_text("utf-8"))
    assert found["broken"] == []
    page = (practice / "evidence.html").read_text("utf-8")
    assert AUTHORITY in page
    assert page.count("<h2>") == 23
    by_name = {attack["name"]: attack for attack in said.payload["attacks"]}
    assert int(by_name["margins"]["tried"].split()[0].replace(",", "")) > 100
    assert len(by_name) == 23
    assert {name for name, a in by_name.items() if a["verdict"] == "not-applicable"} == {
        "composite-keys", "cannot-link", "timing", "backups", "packs", "release-pseudonyms", "twins",
    }  # fmt: skip
    assert "the project's own keys (2) in five forms" in by_name["stolen-store"]["tried"]
    assert "of 0 of 14 arms" in by_name["reconstruction"]["found"][-1]
    assert int(by_name["canaries"]["tried"].split()[0]) > 40
    log = program.well("audit", "log", "--json", cwd=practice).payload["entries"]
    (begun,) = (place for place, entry in enumerate(log) if entry["action"] == "attack.begin")
    assert json.loads(log[begun]["details"]) == {"authority": AUTHORITY, "quick": False}
    assert log[-1]["action"] == "attack.end"
    between = log[begun + 1 : -1]
    assert all(json.loads(entry["details"]).get("looked") for entry in between), (
        "its looks are logged like anybody's"
    )
    assert "cohort.flow" in {entry["action"] for entry in between}
    assert json.loads(log[-1]["details"]) == {"fail": 0, "not-applicable": 7, "pass": 16}
    assert program.well("audit", "verify", cwd=practice)


def test_a_quick_attack_tries_every_attack_on_fewer_tables(program: Program, small: Path) -> None:
    said = program("attack", "--quick", "--authority", AUTHORITY, "--json", cwd=small)
    assert said.code == 0, said.payload["broken"]
    assert len(said.payload["attacks"]) == 23
    log = program.well("audit", "log", "--json", cwd=small).payload["entries"]
    (begun,) = (entry for entry in log if entry["action"] == "attack.begin")
    assert json.loads(begun["details"]) == {"authority": AUTHORITY, "quick": True}


def test_without_authority_nothing_is_tried(program: Program, small: Path) -> None:
    before = snapshot(small)
    refused = program("attack", cwd=small)
    assert (refused.code, refused.out) == (4, "")
    assert refused.err.startswith("LC950")
    with pytest.raises(GateNotMet):
        attack_actions.attack(opened(small), attack_actions.Order("  "), lambda words: 0, ROOT)
    assert snapshot(small) == before


def test_a_dry_run_tries_nothing_and_writes_nothing(program: Program, small: Path) -> None:
    before = snapshot(small)
    said = program.well("attack", "--authority", AUTHORITY, "--out", "x.md", "--dry-run", cwd=small)
    assert said.out.startswith("Would run every attack")
    assert snapshot(small) == before


@pytest.mark.parametrize("out", ["report.docx", "there.json", "there.md"])
def test_a_report_is_markdown_html_or_json_and_never_takes_the_place_of_another(
    out: str, program: Program, small: Path
) -> None:
    (small / "there.json").write_text("{}", encoding="utf-8")
    refused = program("attack", "--authority", AUTHORITY, "--out", out, cwd=small)
    assert (refused.code, refused.err.split()[0]) == (11, "LC951")
    assert (small / "there.json").read_text("utf-8") == "{}"


def test_the_small_project_holds_and_its_report_says_so(
    program: Program, small: Path, verdicts: Callable[[Path], dict[str, str]]
) -> None:
    assert broken(verdicts(small)) == set()
    said = program.well("attack", "--quick", "--authority", AUTHORITY, "--out", "report.md", cwd=small)
    assert "0 of 23 attacks succeeded." in said.out
    text = (small / "report.md").read_text("utf-8")
    assert "## Counting through all identifiers: held" in text
    assert broken(verdicts(small)) == set(), "the report itself gives nothing away"


def test_true_twins_of_every_cohort_give_nobody_away(
    program: Program, practice: Path, verdicts: Callable[[Path], dict[str, str]]
) -> None:
    for n, cohort in enumerate(("prison-leavers", "kindergarten", "early-programme")):
        form = ("csv", "parquet")[n % 2]
        program.well("cohort", "synthesise", cohort, "--out", f"reports/{cohort}.{form}", cwd=practice)
    assert broken(verdicts(practice)) == set()


def unkeyed_tokens(folder: Path) -> None:
    with (folder / "inbox" / "releases.csv").open(encoding="utf-8") as file, store_of(folder) as store:
        numbers = [row["Prison number"] for row in csv.DictReader(file)]
        holders = store.execute("SELECT DISTINCT participant_id FROM pseudonym ORDER BY 1").fetchall()
        store.execute("DELETE FROM pseudonym")
        rows = [
            (hashlib.sha256(n.encode()).digest()[:16], h[0]) for n, h in zip(numbers, holders, strict=True)
        ]
        store.executemany("INSERT INTO pseudonym VALUES ('prison-number', ?, ?, 'k')", rows)


def key_in_the_folder(folder: Path) -> None:
    key = next((folder.parent.parent / "config").rglob("*.key"))
    shutil.copy(key, folder / "definitions" / "notes.txt")


def tokens_of_surnames(folder: Path) -> None:
    with store_of(folder) as store:
        store.execute("CREATE TABLE name_token (participant_id INTEGER, surname BLOB)")
        store.executemany(
            "INSERT INTO name_token VALUES (?, ?)", [(i, bytes([i % 5]) * 16) for i in range(80)]
        )


def composite_keys_of_many(folder: Path) -> None:
    with store_of(folder) as store:
        store.execute("CREATE TABLE match_key (participant_id INTEGER, value TEXT)")
        rows = [(i, hashlib.sha256(bytes([i % 9])).hexdigest()) for i in range(80)]
        store.executemany("INSERT INTO match_key VALUES (?, ?)", rows)


def rows_of_people(folder: Path) -> None:
    with store_of(folder) as store:
        rows = store.execute(
            "SELECT e.index_date, MAX(CASE WHEN v.name = 'age_at_release' THEN o.value END), MAX(CASE WHEN v.name = "
            "'convictions' THEN o.value END) FROM enrolment e JOIN observation o USING (participant_id) "
            "JOIN variable v USING (variable_id) GROUP BY e.participant_id"
        ).fetchall()
    text = "index_date,age_at_release,convictions\n" + "".join(f"{d},{a},{c}\n" for d, a, c in rows)
    (folder / "reports" / "for-a-colleague.csv").write_text(text, encoding="utf-8")


def people_called_synthetic(folder: Path) -> None:
    rows_of_people(folder)
    path = folder / "reports" / "for-a-colleague.csv"
    head, *rows = path.read_text("utf-8").splitlines()
    marked = "\n".join([f"synthetic,{head}", *(f"1,{row}" for row in rows)]) + "\n"
    (folder / "SYNTHETIC-twin.csv").write_text(marked, encoding="utf-8")
    path.unlink()


def exact_flow(folder: Path) -> None:
    flow = [{"step": "enrolled", "n": 83, "reason": ""}, {"step": "eligible", "n": 79, "reason": ""}]
    (folder / "evidence" / "EVAL-900.json").write_text(
        json.dumps({"flow": flow, "outcomes": []}), encoding="utf-8"
    )


def result(name: str, treated: int, events: int) -> tuple[str, dict[str, Any]]:
    estimate = {"n_treated": 5 * round(treated / 5), "n_comparison": 40, "treated_mean": events / treated,
                "comparison_mean": 0.5}  # fmt: skip
    outcome = {"measure": "m", "kind": "binary", "estimate": estimate, "checks": []}
    return name, {"data": {"rows": 80, "cohort": "leavers"}, "flow": [], "outcomes": [outcome]}


def few_events(folder: Path) -> None:
    name, payload = result("EVAL-901", 41, 3)
    (folder / "evidence" / f"{name}.json").write_text(json.dumps(payload), encoding="utf-8")


def nested_results(folder: Path) -> None:
    for name, payload in (result("EVAL-902", 43, 20), result("EVAL-903", 39, 19)):
        (folder / "evidence" / f"{name}.json").write_text(json.dumps(payload), encoding="utf-8")


def saturated(folder: Path) -> None:
    name, payload = result("EVAL-904", 40, 20)
    payload["outcomes"][0]["estimate"]["df"] = 3.0
    (folder / "evidence" / f"{name}.json").write_text(json.dumps(payload), encoding="utf-8")


def people_shaken_a_little(folder: Path) -> None:
    """Somebody adds a little to every number and calls the rows synthetic: no row is the very row of a person."""
    people_called_synthetic(folder)
    path = folder / "SYNTHETIC-twin.csv"
    head, *rows = path.read_text("utf-8").splitlines()
    cut = [row.split(",") for row in rows]
    shaken = [f"1,{day},{float(age) + 0.01},{float(convictions) + 0.01}" for _, day, age, convictions in cut]
    path.write_text("\n".join([head, *shaken]) + "\n", encoding="utf-8")


def formula(folder: Path) -> None:
    (folder / "public").mkdir(exist_ok=True)
    (folder / "public" / "areas.csv").write_text('area,n\n"=HYPERLINK(""x"")",10\n', encoding="utf-8")


def name_in_a_report(folder: Path) -> None:
    (folder / "reports" / "note.html").write_text("<p>Quilbrax007 was arrested</p>", encoding="utf-8")


def number_in_the_store(folder: Path) -> None:
    with store_of(folder) as store:
        store.execute("UPDATE variable SET unit = 'Z1003KD' WHERE name = 'aid'")


def copy_beside(folder: Path) -> None:
    shutil.copy(folder / "data" / "cohort.sqlite", folder / "data" / "before-the-load")


def deleted_and_not_overwritten(folder: Path) -> None:
    connection = sqlite3.connect(folder / "data" / "cohort.sqlite")
    connection.execute("PRAGMA secure_delete = OFF")
    connection.execute("CREATE TABLE scratch (x TEXT)")
    connection.executemany("INSERT INTO scratch VALUES (?)", [(f"{i} somebody",) for i in range(3000)])
    connection.commit()
    connection.execute("DROP TABLE scratch")
    connection.commit()
    connection.close()


def joined_against_the_register(folder: Path) -> None:
    """Somebody holds two identifiers that the register keeps apart."""
    project = opened(folder)
    key = load_key(project)
    token = b"a token of hers!"
    with writing(project) as session:
        first = all_tokens(session).row(0, named=True)
        added = {"kind": ["nhs-number"], "token": [token], "participant_id": [first["participant_id"]]}
        add_tokens(session, pl.DataFrame(added).with_columns(key_id=pl.lit(first["key_id"])))
        marks = (
            mark_of(first["kind"], first["token"], key, "forbid"),
            mark_of("nhs-number", token, key, "forbid"),
        )
        forbid(session, marks, "at-risk")


def trawling(folder: Path) -> None:
    for n in range(10):
        with contextlib.closing(sqlite3.connect(folder / "data" / "cohort.sqlite")) as store:
            last = store.execute("SELECT MAX(sequence) FROM audit_entry").fetchone()[0]
            row = (
                last + 1,
                "2026-01-01",
                "x",
                "evaluate.run",
                f"EVAL-{n}",
                '{"people": 15, "plan": "one"}',
                "0",
                f"{n}",
            )
            store.execute("INSERT INTO audit_entry VALUES (?, ?, ?, ?, ?, ?, ?, ?)", row)
            store.commit()


WEAKENED: list[tuple[Callable[[Path], None], str]] = [
    (unkeyed_tokens, "brute-force"), (key_in_the_folder, "stolen-store"), (tokens_of_surnames, "frequency"),
    (composite_keys_of_many, "composite-keys"), (rows_of_people, "row-linkage"),
    (people_called_synthetic, "row-linkage twins"), (exact_flow, "margins"),
    (few_events, "reconstruction"), (saturated, "small-models"),
    (people_shaken_a_little, "twins"), (nested_results, "differencing"), (formula, "formulas"),
    (name_in_a_report, "traces"), (number_in_the_store, "traces"), (copy_beside, "residue"),
    (deleted_and_not_overwritten, "residue"), (joined_against_the_register, "cannot-link"), (trawling, "insider"),
]  # fmt: skip


@pytest.mark.parametrize(("weaken", "name"), WEAKENED, ids=[f"{w.__name__} {n}" for w, n in WEAKENED])
def test_a_weakened_store_or_output_fails_the_attack_on_it_and_no_other(
    weaken: Callable[[Path], None], name: str, small: Path, verdicts: Callable[[Path], dict[str, str]]
) -> None:
    assert not set(name.split()) & broken(verdicts(small))
    weaken(small)
    assert broken(verdicts(small)) == set(name.split())


def test_a_program_that_quotes_cells_fails_the_canary_attack(place: Path) -> None:
    def leaky(words: Any) -> int:
        file = next((Path(word) for word in words if str(word).endswith(".csv")), None)
        print(file.read_text("utf-8") if file else "")
        return 0

    assert provoked_errors(provoke(leaky, quick=True)).verdict == "fail"
    assert provoked_errors(provoke(lambda words: 1, quick=True)).verdict == "pass"


def test_every_command_of_the_program_is_walked() -> None:
    verbs = verbs_of(ROOT)
    words = {verb.words for verb in verbs}
    assert {"attack", "cohort synthesise", "source load", "audit verify"} <= words
    assert trawl(verbs, [], [80], [], 10).verdict == "pass"
