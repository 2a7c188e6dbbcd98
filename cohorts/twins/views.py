"""How a synthetic twin looks in a terminal."""

from __future__ import annotations

from typing import Any

from cohorts.twins.file import STATEMENT
from cohorts.twins.store import Twin
from workspace.console import say


def twin_payload(twin: Twin) -> dict[str, Any]:
    """What was made, as plain data."""
    return {
        "cohort": twin.cohort,
        "table": twin.table,
        "dictionary": twin.dictionary,
        "people": twin.people,
        "columns": twin.columns,
        "made_from": twin.basis,
        "notes": list(twin.notes),
        "statement": STATEMENT,
        "written": twin.written,
    }


def made(twin: Twin) -> None:
    """Where the table and its dictionary are, and what to know of them."""
    verb = "Wrote" if twin.written else "Would write"
    say(f"{verb} {twin.table}: {twin.people:,} made-up people, {twin.columns} columns.")
    say(f"{verb} {twin.dictionary}: the codebook, the seed, and what of the real people shows through.")
    for note in twin.notes:
        say(note)
    say(STATEMENT)
