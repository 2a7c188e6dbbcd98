"""The rights and backup commands as they are typed: nobody is named on the command line, answers tell nothing."""

from __future__ import annotations

import io
import json
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.commands.program import Outcome, Program, snapshot
from tests.commands.small_project import prison_number

ERASE = ("cohort", "erase", "--kind", "prison-number", "--yes")
WITHDRAW = ("cohort", "withdraw", "--kind", "prison-number")
Say = Callable[..., Outcome]


@pytest.fixture
def say(program: Program, small: Path, monkeypatch: pytest.MonkeyPatch) -> Say:
    """Run a command in the small project with words piped in."""

    def run(typed: str, *words: str | Path) -> Outcome:
        monkeypatch.setattr(sys, "stdin", io.StringIO(typed))
        return program(*words, cwd=small)

    return run


def person(i: int) -> str:
    return prison_number(i) + "\n"


def test_somebody_held_and_somebody_not_get_the_same_answer(say: Say) -> None:
    for words in (WITHDRAW, ERASE):
        known, unknown = say(person(3), *words, "--json"), say("A9999ZZ\n", *words, "--json")
        assert (known.code, unknown.code) == (0, 0)
        shapes = [
            json.dumps({k: type(v).__name__ for k, v in said.payload.items()}) for said in (known, unknown)
        ]
        assert shapes[0] == shapes[1]
        assert (known.payload["found"], unknown.payload["found"]) == (None, None)


def test_the_custodian_can_ask_to_be_told_and_the_log_says_so(say: Say) -> None:
    assert say(person(3), *WITHDRAW, "--tell").out.endswith("Somebody was found.\n")
    assert say("A9999ZZ\n", *ERASE, "--tell", "--json").payload["found"] is False
    assert say(person(4), *ERASE, "--tell", "--json").payload["found"] is True
    log = say("", "audit", "log", "--json").payload["entries"]
    assert ['"told": true' in e["details"] for e in log if e["action"] == "cohort.erase"] == [True, True]


def test_no_output_and_no_file_but_the_inbox_holds_the_identifier(say: Say, small: Path) -> None:
    said = say(person(5), *ERASE)
    assert "inbox/releases.csv" in said.out
    assert "inbox/arrests.csv" in said.out
    assert prison_number(5) not in said.said
    for path in small.rglob("*"):
        if path.is_file() and "inbox" not in path.parts:
            assert prison_number(5).encode() not in path.read_bytes()


def test_a_small_file_names_people_by_its_sources_columns(say: Say, small: Path) -> None:
    file = small / "inbox" / "who.csv"
    file.write_text(f"Prison number,Remark\n{prison_number(1)},x\n{prison_number(2)},y\n", encoding="utf-8")
    said = say("", "cohort", "erase", "--source", "releases", "--file", file, "--yes", "--tell")
    assert (said.code, "Somebody was found." in said.out) == (0, True)
    assert say("", "cohort", "show", "leavers", "--json").payload["enrolled"] == 80  # 78, rounded
    file.write_text("Name\nQuilbrax\n", encoding="utf-8")
    refused = say("", "cohort", "erase", "--source", "releases", "--file", file, "--yes")
    assert (refused.code, refused.err.split()[0]) == (11, "LC893")
    assert say("", "cohort", "erase", "--file", file, "--yes").code == 11


@pytest.mark.parametrize(
    ("typed", "words", "code", "exit_code"),
    [
        ("", WITHDRAW, "LC893", 11),
        ("", ("cohort", "withdraw"), "LC893", 11),
        ("A12\n", WITHDRAW, "LC896", 11),
        ("Z1004KD\n", (*WITHDRAW, "--scope", "some"), "LC897", 11),
        ("Z1004KD\n", (*WITHDRAW, "--by", "erasure"), "LC897", 11),
        ("Z1004KD\n", (*WITHDRAW, "--received", "yesterday"), "LC897", 11),
        ("Z1004KD\n", (*WITHDRAW, "--received", "2999-01-01"), "LC897", 11),
        ("Z1004KD\n", (*WITHDRAW, "--request", "RGT-777"), "LC895", 11),
        ("Z1004KD\n", ERASE[:-1], "LC894", 4),
        ("Z1004KD\n", (*ERASE[:-1], "--no-input"), "LC894", 4),
        ("", ("cohort", "rights", "refuse", "RGT-001", "--exemption", "because"), "LC897", 11),
    ],
)
def test_what_cannot_be_carried_out_is_refused_and_changes_nothing(
    typed: str, words: tuple[str, ...], code: str, exit_code: int, say: Say, small: Path
) -> None:
    before = snapshot(small)
    said = say(typed, *words)
    assert (said.code, said.err.split()[0].rstrip(":")) == (exit_code, code), said.said
    assert snapshot(small) == before
    assert "Z1004KD" not in said.said


@pytest.mark.parametrize(("answer", "code"), [("y", 0), ("n", 4)])
def test_an_erasure_is_confirmed_at_a_prompt(
    answer: str, code: int, program: Program, small: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import typer

    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    asked: list[object] = []

    def prompt(text: str, **how: object) -> str:
        asked.append((text, how["hide_input"]))
        return prison_number(6)

    monkeypatch.setattr(sys, "stdin", Terminal())
    monkeypatch.setattr(typer, "prompt", prompt)
    monkeypatch.setattr(typer, "confirm", lambda *_, **__: answer == "y")
    said = program(*ERASE[:-1], cwd=small)
    assert said.code == code, said.said
    assert asked == [("prison-number", True)]
    assert said.err.startswith("LC894") == (answer == "n")


@pytest.mark.parametrize(
    "words", [WITHDRAW, ERASE, ("cohort", "rights", "open", "access"), ("backup", "../../one.backup")]
)
def test_a_dry_run_writes_nothing(words: tuple[str, ...], say: Say, small: Path) -> None:
    before = snapshot(small.parent.parent)
    assert say(person(3), *words, "--dry-run").out
    assert say(person(3), *words, "--dry-run", "--json").payload
    assert snapshot(small.parent.parent) == before


def test_requests_are_entered_paused_answered_and_listed(say: Say) -> None:
    assert say("", "cohort", "rights").out.startswith("No rights requests yet")
    assert say("", "cohort", "rights", "open", "access", "--received", "2026-01-31", "--json").payload == {
        "request": "RGT-001"
    }
    for words in (
        ("pause", "RGT-001"),
        ("resume", "rgt-001"),
        ("answer", "RGT-001", "--search", "whole-store"),
    ):
        assert say("", "cohort", "rights", *words).code == 0
    assert say("", "cohort", "rights", "open", "objection", "--scope", "use", "--complex").code == 0
    assert (
        say("", "cohort", "rights", "refuse", "RGT-002", "--exemption", "research-purpose", "--partly").code
        == 0
    )
    rows = say("", "cohort", "rights", "--json").payload["requests"]
    assert [(r["kind"], r["decision"], r["state"]) for r in rows] == [
        ("access", "granted", "answered late"), ("objection", "partly", "answered"),
    ]  # fmt: skip
    assert "research-purpose" in say("", "cohort", "rights").out


def test_an_overdue_request_shows_in_the_list_and_in_doctor(say: Say) -> None:
    say("", "cohort", "rights", "open", "erasure", "--received", "2020-01-31")
    assert "overdue by" in say("", "cohort", "rights").out
    checks = {c["name"]: c["note"] for c in say("", "doctor", "--json").payload["checks"]}
    assert checks["Rights requests"] == "1 overdue"
    assert say(person(3), *ERASE, "--request", "RGT-001").code == 0
    assert "overdue" not in say("", "doctor").out
    assert say(person(3), *WITHDRAW, "--request", "RGT-001").err.startswith("LC895")


def test_a_withdrawal_is_lifted(say: Say) -> None:
    def steps() -> list[str]:
        return [s["step"] for s in say("", "cohort", "flow", "leavers", "--json").payload["steps"]]

    say(person(3), *WITHDRAW, "--scope", "use")
    assert "withdrawn or restricted" in steps()
    assert say("", "cohort", "rights", "lift", "RGT-001").code == 0
    assert "withdrawn or restricted" not in steps()


def test_a_load_says_that_somebody_withdrew_without_saying_how_many(say: Say, small: Path) -> None:
    say(person(3), *WITHDRAW)
    path = small / "inbox" / "releases.csv"
    path.write_text(path.read_text("utf-8") + "\n", encoding="utf-8")
    said = say("", "source", "load", "releases", path)
    assert "withdrawn       fewer than 10; nothing of theirs was stored" in said.out


def test_a_backup_is_written_and_restored(say: Say, small: Path) -> None:
    file = small.parent.parent / "away" / "one.backup"
    said = say("", "backup", file, "--json").payload
    assert (said["people"], said["written"]) == (80, True)
    assert "--officer" in say("", "backup", file, "--replace").out
    say(person(3), *ERASE)
    assert say("", "restore", file).err.startswith("LC118")
    (small / "data" / "cohort.sqlite").unlink()
    assert say("", "restore", file, "--dry-run", "--json").payload == {
        "written": False,
        "people": 80,
        "left_out": None,
    }
    assert not (small / "data" / "cohort.sqlite").exists()
    assert "Left out, erased after the backup was made: fewer than 10." in say("", "restore", file).out
    assert say("", "audit", "verify").code == 0
    assert say("", "doctor").code == 0


def test_a_run_again_after_an_erasure_is_held_and_its_difference_kept_for_the_custodian(
    say: Say, small: Path
) -> None:
    assert say("", "evaluate", "run", "locked").code == 0
    assert say("", "evaluate", "differences").out.startswith("No result was run again")
    say(person(3), *ERASE)
    before = snapshot(small / "evidence", small / "reports")
    held = say("", "evaluate", "run", "locked")
    assert (held.code, held.err.split()[0]) == (3, "LC901")
    assert "EVAL-001 stands" in held.err
    assert snapshot(small / "evidence", small / "reports") == before
    (kept,) = say("", "evaluate", "differences", "--json").payload["statements"]
    assert kept["text"] == (
        "fewer than 10 people apart, effects not said: fewer than 10 erasures since EVAL-001"
    )
    assert kept["held"] is True
    assert say("", "evaluate", "differences", "--dry-run", "--json").payload == {"statements": 1}
    assert "the earlier one stands" in say("", "evaluate", "differences").out
    log = say("", "audit", "log", "--json").payload["entries"]
    assert [e["action"] for e in log][-3:] == [
        "evaluate.hold",
        "evaluate.differences",
        "evaluate.differences",
    ]


def test_a_copy_of_the_plan_under_another_name_is_held_too(say: Say, small: Path) -> None:
    assert say("", "evaluate", "run", "locked").code == 0
    say(person(3), *WITHDRAW, "--scope", "use")
    text = (small / "plans" / "locked.toml").read_text("utf-8").replace('id = "locked"', 'id = "other"')
    (small / "plans" / "other.toml").write_text(text, encoding="utf-8")
    assert say("", "plan", "lock", "other").code == 0
    assert say("", "evaluate", "run", "other").code == 3


def test_after_ten_people_have_left_the_plan_runs_again_and_says_who_may_not_be_used(say: Say) -> None:
    assert say("", "evaluate", "run", "locked").code == 0
    say("".join(person(i) for i in range(10)), *WITHDRAW, "--scope", "use")
    again = say("", "evaluate", "run", "locked", "--json")
    assert again.code == 0, again.said
    flow = {step["step"]: step["n"] for step in again.payload["flow"]}
    assert (flow["enrolled in the cohort"], flow["may be used"]) == (80, 70)
    (kept,) = say("", "evaluate", "differences", "--json").payload["statements"]
    assert kept["held"] is False
    assert kept["text"].startswith("80 → 70 people: 10 withdrawals since EVAL-001; effect ")
