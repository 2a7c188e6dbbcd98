"""What the command of checklists shows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from evaluation.checklists.model import Checked
from workspace import console


def as_payload(name: str, checked: Sequence[Checked]) -> Mapping[str, Any]:
    """Every checklist as plain data; ``source`` says which numbers are from memory."""
    keys = ("item", "topic", "asks", "where", "source")
    return {
        "evaluation": name,
        "checklists": [
            {
                "name": one.name,
                "title": one.title,
                "note": one.note,
                "answered": one.answered,
                "items": [dict(zip(keys, row, strict=True)) for row in one.rows],
            }
            for one in checked
        ],
    }


def checklists(checked: Sequence[Checked]) -> None:
    """Each checklist as a table: item, topic, where."""
    for one in checked:
        rows = [[number, topic, where] for number, topic, _, where, _ in one.rows]
        console.table(["Item", "Topic", "Where it is"], rows, title=one.title)
        console.say(f"{one.answered} of {len(one.rows)} answered, in part or whole. {one.note}")
        console.say()
