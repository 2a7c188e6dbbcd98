"""The program in a process of its own: exit codes, streams, signals and encodings as the shell sees them."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import polars as pl
import pyreadstat
import pytest

from tests.commands.bad_cohort_inputs import workbook
from tests.commands.program import ROOT, Program, in_another_process


@pytest.fixture
def env(place: Path) -> dict[str, str]:
    """The isolated environment, for another process."""
    return dict(os.environ)


def test_help_and_version_come_on_standard_output(place: Path, env: dict[str, str]) -> None:
    shown = in_another_process("--help", cwd=place, env=env)
    assert (shown.code, shown.err) == (0, "")
    assert "Usage:" in shown.out
    version = in_another_process("--version", cwd=place, env=env)
    assert version.code == 0
    assert version.out.startswith("lifecourse ")


def test_an_error_goes_to_standard_error_with_its_exit_code(place: Path, env: dict[str, str]) -> None:
    outcome = in_another_process("status", cwd=place, env=env)
    assert (outcome.code, outcome.out) == (2, "")
    assert outcome.err.startswith("LC101 ")


def test_an_error_as_json_goes_to_standard_output(place: Path, env: dict[str, str]) -> None:
    outcome = in_another_process("status", "--json", cwd=place, env=env)
    assert (outcome.code, outcome.err) == (2, "")
    assert outcome.payload["error"]["faults"][0]["code"] == "LC101"


def test_wrong_usage_exits_with_two_and_shows_no_traceback(place: Path, env: dict[str, str]) -> None:
    outcome = in_another_process("plan", "lock", "--where", "x", cwd=place, env=env)
    assert (outcome.code, outcome.out) == (2, "")
    assert "Traceback" not in outcome.err


def test_a_whole_path_from_init_to_doctor_in_processes(place: Path, env: dict[str, str]) -> None:
    assert in_another_process("init", "mine", cwd=place, env=env).code == 0
    inside = place / "mine"
    assert in_another_process("key", "create", cwd=inside, env=env).code == 0
    doctor = in_another_process("doctor", "--json", cwd=inside / "plans", env=env)
    assert doctor.code == 0, doctor.said
    assert {check["result"] for check in json.loads(doctor.out)["checks"]} == {"pass"}


def test_an_output_that_is_not_unicode_gets_question_marks_and_never_a_fault(
    place: Path, env: dict[str, str]
) -> None:
    env |= {"PYTHONIOENCODING": "ascii", "PYTHONUTF8": "0"}
    shown = in_another_process("explain", "LC853", cwd=place, env=env)
    assert shown.code == 0, shown.err
    for words in (
        ("explain", "LC816"),
        ("init", "Förderung", "--dry-run"),
        ("--project", "Förderung", "status"),
    ):
        outcome = in_another_process(*words, cwd=place, env=env)
        assert "LC199" not in outcome.said
        assert outcome.said.isascii()
    as_json = in_another_process("explain", "LC816", "--json", cwd=place, env=env)
    assert "…" in as_json.payload["remedy"]


def test_a_reader_that_stops_early_sees_no_fault(place: Path, env: dict[str, str]) -> None:
    command = f'"{sys.executable}" -m cli measure list | head -1'
    done = subprocess.run(
        command,
        shell=True,
        cwd=place,
        env=env | {"PYTHONPATH": str(ROOT)},
        capture_output=True,
        check=False,
        timeout=60,
    )
    assert b"LC199" not in done.stderr
    assert b"Traceback" not in done.stderr


def test_a_temporary_folder_that_takes_no_files_gives_one_message_and_no_traceback(
    place: Path, env: dict[str, str]
) -> None:
    """The record of a fault cannot be written: a second fault would print the first one's words."""
    program = (
        "-c",
        "import tempfile, cli, workspace.commands as w, typer\n"
        "def broken():\n    raise RuntimeError('Quilbrax 9991234560')\n"
        "cli.app.command('broken')(broken)\n"
        "tempfile.tempdir = '/nowhere/at/all'\n"
        "cli.main()",
    )
    outcome = in_another_process("broken", cwd=place, env=env, program=program)
    assert (outcome.code, outcome.out) == (70, "")
    assert outcome.err.startswith("LC199 ")
    assert "Quilbrax" not in outcome.err
    assert "Traceback" not in outcome.err


@pytest.mark.parametrize("damage", ["cut", "changed"])
@pytest.mark.parametrize("kind", ["xlsx", "sav", "dta"])
def test_a_damaged_file_is_refused_whatever_its_kind(
    kind: str, damage: str, program: Program, small: Path, tmp_path: Path
) -> None:
    """A reader written in C or Rust may raise anything: here every tenth byte of a sound file is spoilt in turn."""
    path = small / "inbox" / f"bad.{kind}"
    frame = pl.DataFrame({"Prison_number": ["Z9001XX", "Z9002XX"], "Aid": [0.0, 1.0]})
    if kind == "xlsx":
        path.write_bytes(workbook("Page one"))
    else:
        write: Any = pyreadstat.write_sav if kind == "sav" else pyreadstat.write_dta
        write(frame, str(path))
    sound = path.read_bytes()
    step = max(1, len(sound) // 60)
    for position in range(0, len(sound), step):
        spoilt = bytes([sound[position] ^ 0x55])
        path.write_bytes(sound[:position] + (b"" if damage == "cut" else spoilt + sound[position + 1 :]))
        outcome = program("source", "inspect", f"inbox/bad.{kind}", cwd=small)
        assert outcome.code in {0, 11}, outcome.err
        assert "LC199" not in outcome.err
