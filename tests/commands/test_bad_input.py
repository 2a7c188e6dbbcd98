"""Whatever is wrong: one clear message, the right exit code, nothing half-saved, nobody's data repeated."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest

from tests.commands import bad_agreement_inputs, bad_cohort_inputs, bad_other_inputs, bad_redcap_inputs
from tests.commands.bad_row import Bad
from tests.commands.program import SECRET_VARIABLES, Outcome, Program, snapshot

BAD = [
    pytest.param(bad, id=f"{group}: {bad.name}")
    for group, rows in (
        ("source", bad_cohort_inputs.SOURCES),
        ("file", bad_cohort_inputs.FILES),
        ("row", bad_cohort_inputs.ROWS),
        ("cohort", bad_cohort_inputs.COHORTS),
        ("key", bad_cohort_inputs.KEYS),
        ("agreement", bad_agreement_inputs.AGREEMENTS),
        ("redcap", bad_redcap_inputs.REDCAP),
        ("workspace", bad_other_inputs.WORKSPACE),
        ("theory", bad_other_inputs.THEORY),
        ("plan", bad_other_inputs.PLANS),
        ("data", bad_other_inputs.DATA),
    )
    for bad in rows
]


@pytest.fixture(autouse=True)
def _own_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """A row may set these variables; they are put back."""
    for name in SECRET_VARIABLES:
        monkeypatch.setenv(name, "")
        monkeypatch.delenv(name)


def cells_of(path: Path) -> set[str]:
    """The cells of four or more characters below the first line of a text file."""
    if not path.is_file() or path.is_symlink():
        return set()
    lines = path.read_bytes().decode("utf-8", "replace").splitlines()[1:]
    return {cell.strip('"') for line in lines for cell in line.split(",") if len(cell.strip('"')) >= 4}


def test_the_table_is_long_enough_and_has_no_row_twice() -> None:
    names = [str(param.id) for param in BAD]
    assert len(set(names)) == len(names) >= 50


@pytest.mark.parametrize("bad", BAD)
def test_bad_input_is_refused_in_words_and_changes_nothing(bad: Bad, program: Program, small: Path) -> None:
    bad.arrange(small)
    words = shlex.split(bad.words) if "'" not in bad.words else bad.words.split(" ")
    watched = (small, small.parent.parent / "config", small.parent.parent / "temporary", small.parent)
    before = snapshot(*watched)
    spoken, written = program(*words, cwd=small), program(*words, "--json", cwd=small)
    assert snapshot(*watched) == before, "something was left behind or changed"
    check_text(bad, spoken)
    check_json(bad, written)
    for secret in {*bad.secret, *cells_of(small / bad.file)} if bad.file else bad.secret:
        assert secret not in spoken.said + written.said, "a cell of the data was repeated"


def check_text(bad: Bad, spoken: Outcome) -> None:
    """One message for people on standard error, and nothing on standard output."""
    assert spoken.code == bad.exit_code, spoken.said
    assert "Traceback" not in spoken.said
    assert spoken.out == ""
    assert bad.place in spoken.err
    if not bad.code:
        assert spoken.err.count("Error: ") == 1
        return
    headline = [line for line in spoken.err.splitlines() if re.match(r"LC\d{3} ", line)]
    assert headline
    assert headline[0].startswith(f"{bad.code} "), spoken.err
    assert spoken.err.count("More: lifecourse explain") == 1
    assert spoken.err.rstrip().endswith(f"explain {bad.code}")


def check_json(bad: Bad, written: Outcome) -> None:
    """One JSON document on standard output, with code, place, problem and hint, and silence otherwise."""
    assert written.code == bad.exit_code
    if not bad.code:
        return
    assert written.err == ""
    error = written.payload["error"]
    assert error["exit_code"] == bad.exit_code
    first = error["faults"][0]
    assert set(first) == {"code", "where", "problem", "hint"}
    assert first["code"] == bad.code
    assert first["problem"]
    assert bool(first["hint"]) >= bad.hint, "there is nothing to do about it"
    assert bad.place in f"{first['where']}: {first['problem']}"


@pytest.mark.parametrize("command", [("doctor",), ("key", "status")])
def test_doctor_and_key_status_report_a_damaged_key_with_exit_one(
    command: tuple[str, ...], program: Program, small: Path
) -> None:
    bad_cohort_inputs.damaged_key(small)
    outcome = program(*command, cwd=small)
    assert outcome.code == 1
    assert "LC843" in outcome.out


def test_doctor_reports_a_database_from_the_future_and_what_to_do(program: Program, small: Path) -> None:
    bad_other_inputs.future(small)
    outcome = program("doctor", "--json", cwd=small)
    assert outcome.code == 1
    failed = [check for check in outcome.payload["checks"] if check["result"] == "fail"]
    assert [check["name"] for check in failed] == ["Database"]
    assert "pip install --upgrade" in failed[0]["hint"]
