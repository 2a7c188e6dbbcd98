"""``status`` is read on screens, in logs and in mails to whoever helps: no number in it counts somebody exactly."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from cohorts.store import totals
from tests.commands.program import Program
from workspace.database import reading
from workspace.project import find_project


def test_status_says_what_is_held_without_an_exact_count(
    small: Path, program: Program, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(small)
    with reading(find_project()) as session:
        people, values, _ = totals(session)
    for words in (("status",), ("status", "--json")):
        said = program.well(*words, cwd=small).out
        assert f"{5 * round(people / 5)} people, about {round(values / people)} values each" in said
        numbers = {int(n.replace(",", "")) for n in re.findall(r"\d[\d,]*", said)}
        assert values not in numbers
