"""What people see, what machines see, and what neither sees."""

from __future__ import annotations

import contextlib
import datetime as dt
import io
import json
import math
import sys
from typing import Any

import pytest

from workspace import console
from workspace.console import RunSettings


class Terminal(io.StringIO):
    """A terminal."""

    def isatty(self) -> bool:
        return True


def show() -> None:
    console.present({"n": 1}, lambda: console.say("for people"))


def test_people_get_text_and_machines_get_json(capsys: pytest.CaptureFixture[str]) -> None:
    show()
    assert capsys.readouterr().out == "for people\n"
    console.configure(RunSettings(json=True))
    show()
    console.say("not shown")
    console.table(["a"], [["b"]])
    assert json.loads(capsys.readouterr().out) == {"n": 1}


@pytest.mark.parametrize("number", [math.nan, math.inf, -math.inf])
def test_numbers_that_are_not_finite_become_null(number: float) -> None:
    payload = {"a": number, "b": [1.5, (number, {"c": number})], 3: dt.date(2026, 1, 2)}
    assert json.loads(console.to_json(payload)) == {
        "a": None,
        "b": [1.5, [None, {"c": None}]],
        "3": "2026-01-02",
    }


def test_what_json_cannot_hold_is_a_fault_of_ours_and_not_written_half() -> None:
    with pytest.raises(TypeError):
        console.to_json({"a": object()})


@pytest.mark.parametrize(
    ("settings", "no_color", "styled"),
    [(RunSettings(), "", True), (RunSettings(plain=True), "", False), (RunSettings(), "1", False)],
)
def test_boxes_and_colour_only_on_a_terminal_that_wants_them(
    settings: RunSettings, no_color: str, styled: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = Terminal()
    monkeypatch.setattr(sys, "stdout", out)
    monkeypatch.setenv("NO_COLOR", no_color)
    monkeypatch.setenv("TERM", "xterm")
    console.configure(settings)
    assert console.is_styled() is styled
    console.table(["Head"], [["[bold]cell[/bold]"]], title="T")
    assert ("─" in out.getvalue() or "━" in out.getvalue()) is styled
    assert "[bold]cell[/bold]" in out.getvalue(), "a cell is text, never markup"


def test_a_pipe_never_gets_boxes(capsys: pytest.CaptureFixture[str]) -> None:
    console.table(["Head", "B"], [["cell", "x"], ["longer cell", ""]], title="T")
    assert capsys.readouterr().out == "T\nHead         B\ncell         x\nlonger cell\n"


def test_asides_go_to_standard_error_and_only_when_wanted(capsys: pytest.CaptureFixture[str]) -> None:
    console.whisper("quiet")
    console.configure(RunSettings(verbose=True))
    console.whisper("loud")
    shown = capsys.readouterr()
    assert (shown.out, shown.err) == ("", "loud\n")


def test_borrowed_settings_come_back_and_what_was_presented_is_collected(
    capsys: pytest.CaptureFixture[str],
) -> None:
    console.configure(RunSettings(json=True))
    with contextlib.suppress(RuntimeError), console.borrowed(json=False, quiet=True) as collected:
        show()
        console.say("nothing")
        raise RuntimeError
    assert collected == [{"n": 1}]
    assert console.current() == RunSettings(json=True)
    assert capsys.readouterr().out == ""
    show()
    assert collected == [{"n": 1}], "afterwards nothing is collected any more"


@pytest.mark.parametrize("encoding", ["ascii", "cp1252", "utf-8"])
def test_an_old_terminal_gets_question_marks_and_json_stays_json(
    encoding: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    raw = io.BytesIO()
    stream = io.TextIOWrapper(raw, encoding=encoding)
    monkeypatch.setattr(sys, "stdout", stream)
    console.say("✓ é")
    console.write_json({"a": "✓ é 😀"})
    stream.flush()
    first, _, rest = raw.getvalue().decode(encoding).partition("\n")
    assert first == {"ascii": "? ?", "cp1252": "? é", "utf-8": "✓ é"}[encoding]
    loaded: Any = json.loads(rest)
    assert loaded == {"a": "✓ é 😀"}
