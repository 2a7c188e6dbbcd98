"""Identifiers from a hidden prompt or standard input; never from the words of a command, which others can read."""

from __future__ import annotations

import sys

import typer

from cohorts.errors import CohortError
from workspace import console


def typed_identifiers(kind: str) -> list[str]:
    """Identifiers of one kind, one a line."""
    if not kind:
        raise CohortError("LC893", "nobody was named", "Give --kind nhs-number, or --source and --file.")
    if not sys.stdin.isatty():
        return [line.strip() for line in sys.stdin if line.strip()]
    if console.current().no_input:
        raise CohortError("LC893", "nobody was named, and nobody can be asked", "Pipe the identifier in.")
    return [str(typer.prompt(kind, hide_input=True, err=True))]


def typed_pairs() -> list[str]:
    """Lines of two identifiers with a comma between; at a terminal one pair is asked for."""
    if not sys.stdin.isatty() or console.current().no_input:
        return sys.stdin.read().splitlines()
    asked = (typer.prompt(f"{which} identifier", hide_input=True, err=True) for which in ("First", "Second"))
    return [",".join(asked)]
