"""release check, approve and log, on a small project: what leaves, what stays, who looked."""

from __future__ import annotations

import getpass
import hashlib
import json
from pathlib import Path

import pytest

from cohorts.gate.records import GateCell
from cohorts.gate.seals import manifest_key, read_seal
from cohorts.keys import load_key
from cohorts.pseudonyms import PseudonymKey
from evaluation.outputs import FLOW
from tests.commands.program import Program
from tests.commands.small_project import PLAN, project_at
from workspace.database import reading
from workspace.statements import run

NEARLY = PLAN.replace('id = "aid"', 'id = "nearly"').replace(
    'cohort = "leavers"',
    'cohort = "leavers"\nwhere = \'convictions < 6 or area == "South"\'',
)

MATCHED = PLAN.replace('id = "aid"', 'id = "pairs"').replace("randomised", "matching")


@pytest.fixture
def ran(program: Program, small: Path) -> Path:
    """The small project with its locked plan run: EVAL-001."""
    program.well("evaluate", "run", "locked", cwd=small)
    return small


def decision(program: Program, root: Path, name: str, code: int) -> dict:  # type: ignore[type-arg]
    outcome = program("--json", "release", "check", name, cwd=root)
    assert outcome.code == code, outcome.said
    return dict(outcome.payload["checked"][0])


def test_an_evaluation_passes_and_leaves_with_its_manifest(program: Program, ran: Path) -> None:
    assert decision(program, ran, "EVAL-001", 0)["decision"] == "pass"
    program.well("release", "approve", "EVAL-001", "--by", "A. Second", "--role", "data protection", cwd=ran)
    public = ran / "public"
    assert (public / "EVAL-001.html").read_bytes() == (ran / "reports" / "EVAL-001.html").read_bytes()
    manifest = json.loads((public / "manifests" / "OUT-001.json").read_text(encoding="utf-8"))
    sums = {file["name"]: file["sha256"] for file in manifest["files"]}
    assert sums == {
        name: hashlib.sha256((public / name).read_bytes()).hexdigest()
        for name in ("EVAL-001.html", "EVAL-001.json")
    }
    assert manifest["approved"][0]["by"] == "A. Second"
    assert manifest["about"][0]["flow"][0]["n"] == 80
    assert manifest["rules"]["threshold"] == 10
    key = key_beside(ran)
    assert manifest["sealed"] == {"by": "HMAC-SHA-256", "key": key.key_id}
    assert read_seal(manifest, [manifest_key(key, project_at(ran).settings.project_id)]) == "keyed"
    said = program.well("release", "log", cwd=ran).out
    assert "OUT-001" in said
    assert "EVAL-001" in said


def key_beside(root: Path) -> PseudonymKey:
    return load_key(project_at(root))


def out(program: Program, root: Path, code: int, *names: str) -> dict:  # type: ignore[type-arg]
    outcome = program("--json", "release", "check", *names, cwd=root)
    assert outcome.code == code, outcome.said
    return dict(outcome.payload["out"][0])


def test_what_is_out_is_checked_against_its_seal_and_the_register(program: Program, ran: Path) -> None:
    assert "Nothing that was released" in program.well("release", "check", cwd=ran).out
    program.well("release", "approve", "EVAL-001", "--by", "A. Second", cwd=ran)
    assert out(program, ran, 0)["seal"] == "keyed"
    assert out(program, ran, 0, "out-001")["problems"] == []
    assert program("release", "check", "OUT-009", cwd=ran).code == 11
    (ran / "public" / "mine.html").write_text("<p>x</p>", encoding="utf-8")
    found = program.well("--json", "release", "check", cwd=ran).payload
    assert found["not_released"] == ["public/mine.html"]
    assert "no release names it" in program.well("release", "check", cwd=ran).out
    page = ran / "public" / "EVAL-001.html"
    whole = page.read_bytes()
    page.write_bytes(whole + b" ")
    assert out(program, ran, 3)["problems"][0]["code"] == "LC910"
    page.write_bytes(whole)
    path = ran / "public" / "manifests" / "OUT-001.json"
    text = path.read_text(encoding="utf-8")
    for changed in (
        text.replace("A. Second", "L. Lead"),
        json.dumps(without_key(json.loads(text))),
        "no manifest",
    ):
        path.write_text(changed, encoding="utf-8")
        assert out(program, ran, 3)["seal"] == "changed"
    said = program("release", "check", cwd=ran).out
    assert "LC910 the manifest is not as it was sealed" in said


def without_key(manifest: dict) -> dict:  # type: ignore[type-arg]
    """A forger without the key can only make a seal of the old kind: the audit log knows that there was a key."""
    bare = {k: v for k, v in manifest.items() if k not in ("seal", "sealed")}
    return {**bare, "seal": hashlib.sha256(json.dumps(bare, sort_keys=True).encode()).hexdigest()}


def test_the_same_release_twice_is_one_release(program: Program, ran: Path) -> None:
    for _ in range(2):
        program.well("release", "approve", "EVAL-001", "--by", "A. Second", cwd=ran)
    assert len(program.well("--json", "release", "log", cwd=ran).payload["releases"]) == 1


def test_nobody_approves_what_they_ran_themselves(program: Program, ran: Path) -> None:
    refused = program("release", "approve", "EVAL-001", "--by", getpass.getuser(), cwd=ran)
    assert refused.code == 4
    assert "LC907" in refused.said
    settings = ran / "lifecourse.toml"
    text = settings.read_text(encoding="utf-8").replace('# lead = "Name"', 'lead = "L. Lead"')
    settings.write_text(text, encoding="utf-8")
    assert program("release", "approve", "EVAL-001", "--by", "A. Second", cwd=ran).code == 4
    assert program("release", "approve", "EVAL-001", "--by", "L. Lead", cwd=ran).code == 0


def test_a_run_on_all_but_a_few_of_the_same_people_is_refused(program: Program, ran: Path) -> None:
    """The second plan leaves seven of the eighty out: those with six convictions in the North."""
    program.well("release", "approve", "EVAL-001", "--by", "A. Second", cwd=ran)
    (ran / "plans" / "nearly.toml").write_text(NEARLY, encoding="utf-8")
    program.well("plan", "lock", "nearly", cwd=ran)
    program.well("evaluate", "run", "nearly", cwd=ran)
    held = decision(program, ran, "EVAL-002", 3)
    assert {fault["code"] for fault in held["withheld"]} == {"LC905"}
    refused = program("release", "approve", "EVAL-002", "--by", "A. Second", cwd=ran)
    assert refused.code == 3
    assert not (ran / "public" / "EVAL-002.html").exists()


def test_a_matched_set_of_all_but_a_few_is_refused_though_the_same_people_were_analysed(
    program: Program, ran: Path
) -> None:
    """Of the eighty who were analysed four are matched with nobody: beside the effect on all, theirs could be told."""
    program.well("release", "approve", "EVAL-001", "--by", "A. Second", cwd=ran)
    (ran / "plans" / "pairs.toml").write_text(MATCHED, encoding="utf-8")
    program.well("plan", "lock", "pairs", "--waive", "A test of the gate.", cwd=ran)
    program.well("evaluate", "run", "pairs", cwd=ran)
    held = decision(program, ran, "EVAL-002", 3)
    assert {fault["code"] for fault in held["withheld"]} == {"LC905"}
    assert {fault["where"] for fault in held["withheld"]} == {"EVAL-002"}
    assert all("EVAL-001, which is out as OUT-001," in fault["problem"] for fault in held["withheld"])


def test_a_group_of_all_but_a_few_of_the_released_people_is_refused(program: Program, ran: Path) -> None:
    """The North without those of six convictions is out; then the effect by area would tell of these few."""
    plan = NEARLY.replace('convictions < 6 or area == "South"', 'convictions < 6 and area == "North"')
    (ran / "plans" / "nearly.toml").write_text(plan, encoding="utf-8")
    program.well("plan", "lock", "nearly", "--waive", "A test of the gate.", cwd=ran)
    program.well("evaluate", "run", "nearly", cwd=ran)
    program.well("release", "approve", "EVAL-002", "--by", "A. Second", cwd=ran)
    assert decision(program, ran, "EVAL-001", 0)["decision"] == "pass"
    program.well("evaluate", "run", "locked", "--by", "area", cwd=ran)
    held = decision(program, ran, "EVAL-003", 3)["withheld"]
    assert {fault["code"] for fault in held} == {"LC905"}
    assert any("group of area North" in fault["problem"] for fault in held)


def test_a_file_by_hand_needs_a_second_person_and_an_identifier_stays_whoever_looks(
    program: Program, ran: Path
) -> None:
    note = ran / "reports" / "note.html"
    note.write_text("<p>About EVAL-001.</p>", encoding="utf-8")
    assert decision(program, ran, "note.html", 4)["second_person"][0]["code"] == "LC906"
    program.well("release", "approve", "note.html", "--by", "A. Second", cwd=ran)
    assert decision(program, ran, "note.html", 0)["decision"] == "pass"
    note.write_text("<p>About EVAL-001 again.</p>", encoding="utf-8")  # other bytes: look again
    assert decision(program, ran, "note.html", 4)["decision"] == "second person"
    note.write_text("<p>Ask at L1 8JQ.</p>", encoding="utf-8")
    found = decision(program, ran, "note.html", 3)["withheld"][0]
    assert found["code"] == "LC902"
    assert "8JQ" not in json.dumps(found)
    assert program("release", "approve", "note.html", "--by", "A. Second", cwd=ran).code == 3


def test_a_run_of_an_older_version_is_for_a_second_person(
    program: Program, ran: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from cohorts.gate import public

    monkeypatch.setattr(public, "cells_kept", lambda session, subjects=None: [])
    assert decision(program, ran, "EVAL-001", 4)["second_person"][0]["code"] == "LC906"


def test_a_dry_run_lets_nothing_out(program: Program, ran: Path) -> None:
    said = program.well("--dry-run", "release", "approve", "EVAL-001", "--by", "A. Second", cwd=ran).out
    assert "Nothing was entered or written" in said
    assert not list((ran / "public").rglob("*.html"))
    assert "Nothing was released" in program.well("release", "log", cwd=ran).out


def test_unknown_names_are_refused(program: Program, ran: Path) -> None:
    refused = program("release", "check", "EVAL-9", cwd=ran)
    assert refused.code == 11
    assert "LC908" in refused.said
    assert program("release", "check", "../lifecourse.toml", cwd=ran).code == 11


def test_nothing_the_commands_say_holds_a_true_count(program: Program, ran: Path) -> None:
    with reading(project_at(ran)) as session:
        blank = run(session, f"SELECT count(*) FROM {GateCell.__tablename__} WHERE sketch = ''").scalar()
        steps = run(
            session, f"SELECT count(*) FROM {GateCell.__tablename__} WHERE output = ?", (FLOW,)
        ).scalar()
    assert blank == 0
    assert steps >= 3
    said = program.well("--json", "release", "check", "EVAL-001", cwd=ran).out
    assert not any(character.isdigit() for character in said.replace("EVAL-001", ""))
