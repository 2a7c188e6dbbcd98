"""A theory by question and answer."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import typer

from theory_of_change.asking import prompts
from theory_of_change.asking.interview import Question, interview
from theory_of_change.gaps import find_gaps
from theory_of_change.store import load_catalogue
from theory_of_change.theory_file import parse_theory
from theory_of_change.theory_text import theory_text
from workspace.clock import today

ANSWERS = [
    "", "Mentoring", "secondary", "A talk every week", "They know each other", "", "Fewer offend", "short",
    "Trust", "Old ties", "12", "yes",
    "Football", "primary", "A match every week", "It is fun", "Knees", "o1", "Team spirit", "", "soon", "no",
    "Less violence", "It adds up", "", "24",
]  # fmt: skip


def test_the_answers_become_a_theory_that_the_check_accepts() -> None:
    answers: Iterator[str] = iter(ANSWERS)
    theory = interview(lambda question: next(answers), "Mersey")
    assert list(answers) == []
    assert [box.id for box in theory.boxes] == ["A1", "P1", "O1", "A2", "P2", "I1"]
    assert [link.id for link in theory.links] == ["A1>P1", "P1>O1", "A2>P2", "P2>O1", "O1>I1"]
    assert [link.lag_months for link in theory.links] == [None, 12, None, None, 24]
    again = parse_theory(theory_text(theory), load_catalogue())
    assert [gap for gap in find_gaps(again, today()) if gap.severity == "error"] == []


def test_an_answer_that_cannot_be_used_is_asked_for_again(monkeypatch: pytest.MonkeyPatch) -> None:
    given = iter(["", "maybe", "Y", "  ", "some  words ", ""])
    monkeypatch.setattr(typer, "prompt", lambda *_, **__: next(given))
    assert prompts.ask(Question("Another?", ("yes", "no"))) == "yes"
    assert prompts.ask(Question("What?")) == "some words"
    assert prompts.ask(Question("Who?", needed=False)) == ""


def test_nobody_is_asked_where_nobody_sits() -> None:
    assert not prompts.can_ask()
