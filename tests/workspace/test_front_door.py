"""Options that may stand anywhere; errors as text and JSON; faults of ours without a word of data."""

from __future__ import annotations

import json
import sys
import tempfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workspace.console import RunSettings, configure
from workspace.errors import Fault, GateNotMet, LifecourseError, WorkspaceError
from workspace.front_door import FLAGS, hoisted, program_version, show_bug, show_error, version

SECRET = "Quilbrax 999 123 4560"


@pytest.mark.parametrize(
    ("words", "front"),
    [
        ("status --json", "--json status"),
        ("evaluate run p --plain --data f --json", "--plain --json evaluate run p --data f"),
        ("status --project x --verbose", "--project x --verbose status"),
        ("status --project=x", "--project=x status"),
        ("status --project", "status --project"),
        ("explain -- --json", "explain -- --json"),
        ("--dry-run init x --no-input", "--dry-run --no-input init x"),
        ("", ""),
    ],
)
def test_global_options_may_stand_anywhere(words: str, front: str) -> None:
    assert hoisted(words.split()) == front.split()


@given(st.lists(st.sampled_from([*sorted(FLAGS), "run", "--data", "--", "x", "--project=y"]), max_size=8))
def test_no_word_is_lost_or_made_and_hoisting_twice_is_hoisting_once(words: list[str]) -> None:
    once = hoisted(words)
    assert sorted(once) == sorted(words)
    assert hoisted(once) == once
    if "--" in words:
        tail = words[words.index("--") :]
        assert once[len(once) - len(tail) :] == tail


def test_one_fault_is_one_message_with_place_problem_hint_and_where_to_read_more(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert show_error(WorkspaceError("LC101", "a problem", "do this", where="f:3")) == 2
    shown = capsys.readouterr()
    assert shown.out == ""
    assert shown.err == "LC101 f:3: a problem\n  do this\nMore: lifecourse explain LC101\n"


def test_several_faults_are_shown_together_and_counted(capsys: pytest.CaptureFixture[str]) -> None:
    error = GateNotMet.gather([Fault("LC420", "", "one"), Fault("LC421", "g", "two", "hint")])
    assert show_error(error) == 4
    assert capsys.readouterr().err == (
        "LC420 one\nLC421 g: two\n  hint\n2 problems; nothing was changed.\nMore: lifecourse explain LC420\n"
    )


@pytest.mark.parametrize("how", ["configured", "typed"])
def test_with_json_an_error_is_one_document_on_standard_output(
    how: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    if how == "configured":
        configure(RunSettings(json=True))
    else:
        monkeypatch.setattr(sys, "argv", ["lifecourse", "status", "--json"])
    show_error(WorkspaceError("LC101", "a problem", where="f"))
    shown = capsys.readouterr()
    assert shown.err == ""
    assert json.loads(shown.out) == {
        "error": {
            "exit_code": 2,
            "faults": [{"code": "LC101", "where": "f", "problem": "a problem", "hint": ""}],
        }
    }


def broken(cell: str) -> None:
    local = {cell: cell}
    raise KeyError(local[cell] + "?")


def fault() -> Exception:
    """An error whose words, cause and local variables hold data."""
    try:
        try:
            broken(SECRET)
        except KeyError as first:
            raise ValueError(f"cannot read {SECRET}") from first
    except ValueError as error:
        error.add_note(SECRET)
        return error
    raise AssertionError


def test_the_record_of_a_fault_holds_kinds_and_places_and_no_word_of_the_message(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    assert show_bug(fault()) == 70
    (record,) = tmp_path.iterdir()
    shown = capsys.readouterr()
    content = record.read_text(encoding="utf-8")
    assert record.name in shown.err
    assert shown.err.startswith("LC199 ")
    assert "ValueError" in content
    assert "test_front_door.py:" in content
    for said in (content, shown.out, shown.err):
        assert not any(
            word in said for word in ("Quilbrax", "4560", "cannot read", str(Path(__file__).parent))
        )


def test_the_same_fault_has_the_same_number(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    for _ in range(2):
        show_bug(fault())
    assert len(list(tmp_path.iterdir())) == 1


@pytest.mark.parametrize("as_json", [True, False])
def test_a_record_that_cannot_be_written_is_no_second_fault(
    as_json: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "nowhere"))
    configure(RunSettings(json=as_json))
    assert show_bug(fault()) == 70
    shown = capsys.readouterr()
    assert "could not be written" in (shown.out if as_json else shown.err)
    assert "Quilbrax" not in shown.out + shown.err


def test_the_version_is_printed_and_the_program_stops(capsys: pytest.CaptureFixture[str]) -> None:
    import typer

    version(wanted=False)
    with pytest.raises(typer.Exit):
        version(wanted=True)
    assert capsys.readouterr().out == f"lifecourse {program_version()}\n"


def test_an_error_of_the_root_kind_is_our_fault() -> None:
    assert LifecourseError.exit_code == 70
