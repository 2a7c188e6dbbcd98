"""Progress is shown to people who watch, and to nobody else."""

from __future__ import annotations

import sys

import pytest

from workspace import console
from workspace.progress import Steps


def walk() -> None:
    with Steps(("read", "compare")) as steps:
        steps.next()
        steps.next()


def test_nothing_is_said_where_nobody_watches(capsys: pytest.CaptureFixture[str]) -> None:
    walk()
    assert capsys.readouterr() == ("", "")


def test_verbose_names_the_steps_on_standard_error(capsys: pytest.CaptureFixture[str]) -> None:
    with console.borrowed(verbose=True):
        walk()
    out, err = capsys.readouterr()
    assert out == ""
    assert err.splitlines()[:2] == ["read", "compare"]


def test_a_terminal_gets_a_bar_on_standard_error(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    monkeypatch.setenv("FORCE_COLOR", "1")
    walk()
    out, err = capsys.readouterr()
    assert out == ""
    assert "read" in err or "compare" in err
    with console.borrowed(json=True):
        walk()
    assert capsys.readouterr() == ("", "")
