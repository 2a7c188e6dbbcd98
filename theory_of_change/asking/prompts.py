"""Questions on the terminal: asked again until the answer can be used."""

from __future__ import annotations

import sys

import typer

from theory_of_change.asking.interview import Question
from workspace import console
from workspace.console import say


def can_ask() -> bool:
    """Whether there is somebody to ask."""
    now = console.current()
    return sys.stdin.isatty() and sys.stdout.isatty() and not (now.no_input or now.json or now.quiet)


def ask(question: Question) -> str:
    """Put one question and return its answer, without blanks around it."""
    choices = f" [{'/'.join(question.choices)}]" if question.choices else ""
    while True:
        given: str = typer.prompt(
            question.text + choices, default=question.default, show_default=bool(question.default)
        )
        answer = " ".join(given.split())
        if question.choices:
            near = [choice for choice in question.choices if answer and choice.startswith(answer.lower())]
            if len(near) == 1:
                return near[0]
            say(f"Please answer one of: {', '.join(question.choices)}.")
        elif answer or not question.needed:
            return answer
        else:
            say("An answer is needed here.")
