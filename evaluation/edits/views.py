"""What the command of edited sentences shows."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from evaluation.edits.edit_store import Editing
from workspace import console


def as_payload(done: Editing) -> Mapping[str, Any]:
    """What became of the file, and every sentence, as plain data."""
    return {
        "evaluation": done.evaluation,
        "file": done.file,
        "state": done.state,
        "written": not console.current().dry_run,
        "sentences": [
            {"id": one.id, "generated": one.generated or None, "shown": one.text, "edited": one.edited}
            for one in done.shown
        ],
    }


def edited(done: Editing) -> None:
    """In a few lines: what was done, which sentences are the team's, what comes next."""
    dry = console.current().dry_run
    if done.state == "begun":
        console.say(f"{'Would write' if dry else 'Wrote'} {done.file} with {len(done.shown)} sentences.")
        console.say(f"Word them anew in text = …, then: lifecourse report edit {done.evaluation}")
        return
    changed = [one for one in done.shown if one.edited]
    if not changed:
        console.say(f"{done.file}: every sentence is the program's own.")
        return
    verb = "would be accepted" if dry else done.state
    console.say(f"{done.file}: {len(changed)} worded by the team, {verb}. The audit log says who and when.")
    for one in changed:
        console.say(f"  {one.id}: {one.text}")
    console.say(f"Next: lifecourse report evaluation {done.evaluation}")
