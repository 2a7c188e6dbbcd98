"""What compiled code prints past Python is kept off standard error, and only while it is asked to."""

from __future__ import annotations

import os

import pytest

from workspace.quiet import nothing_on_stderr


def test_nothing_reaches_standard_error_within_and_all_of_it_again_afterwards(
    capfd: pytest.CaptureFixture[str],
) -> None:
    with nothing_on_stderr():
        os.write(2, b"from compiled code")
    os.write(2, b"afterwards")
    assert capfd.readouterr().err == "afterwards"


def test_an_error_within_comes_out_and_standard_error_is_back(capfd: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(ValueError, match="damaged"), nothing_on_stderr():
        raise ValueError("damaged")
    os.write(2, b"told")
    assert capfd.readouterr().err == "told"


def test_a_program_without_standard_error_is_not_stopped(monkeypatch: pytest.MonkeyPatch) -> None:
    def closed(_: int) -> int:
        raise OSError

    monkeypatch.setattr(os, "dup", closed)
    done = []
    with nothing_on_stderr():
        done.append(True)
    assert done == [True]
