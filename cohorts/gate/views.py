"""What the release commands show: decisions in words, never a number that was withheld (plain data and text)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from cohorts.gate.actions import Held, Released
from cohorts.gate.store import Left
from workspace.console import current, say, table
from workspace.errors import Fault


def held_payload(found: Sequence[Held]) -> dict[str, Any]:
    """Decisions."""
    return {"checked": [_held(one) for one in found]}


def _held(one: Held) -> dict[str, Any]:
    return {
        "name": one.name,
        "decision": one.decision.word,
        "files": [file.name for file in one.files],
        "withheld": [_fault(fault) for fault in one.decision.refused],
        "second_person": [_fault(fault) for fault in one.decision.looked_at],
    }


def _fault(fault: Fault) -> dict[str, str]:
    return {"code": fault.code, "where": fault.where, "problem": fault.problem, "hint": fault.hint}


def held(found: Sequence[Held]) -> None:
    """Each name with what the gate says, and what to do."""
    for one in found:
        say(f"{one.name}: {_WORDS[one.decision.word]}")
        for fault in (*one.decision.refused, *one.decision.looked_at):
            say(f"  {fault}")
        hints = dict.fromkeys(fault.hint for fault in one.decision.refused if fault.hint)
        for hint in hints:
            say(f"  {hint}")
        if not one.decision.refused:
            say(f"  Let it out: lifecourse release approve {one.name} --by PERSON")


_WORDS = {
    "pass": "passes the rules, the ledger and the scan of its files",
    "withheld": "may not leave",
    "second person": "may leave once a second person has looked at it",
}


def released_payload(done: Released) -> dict[str, Any]:
    """An approval and what left."""
    given = done.approval
    return {
        "name": done.held.name,
        "approved_by": given.person if given else None,
        "role": (given.role or None) if given else None,
        "written": given is not None,
        "files": list(done.files),
    }


def released(done: Released) -> None:
    """The approval, the files, and what lies beside them."""
    if done.approval is None:
        say(f"Dry run: {', '.join(done.files)} would leave. Nothing was entered or written.")
        return
    say(f"{done.held.name}: looked at by {done.approval.person}. Wrote {', '.join(done.files)}")
    say("public/manifests/ says under which rules, and carries the fingerprints.")
    if done.approval.entered_by in done.held.made_by:
        say("It was entered at the login that made it: the log cannot show that two people were there.")


def log_payload(found: Sequence[Left]) -> dict[str, Any]:
    """The register."""
    return {
        "releases": [
            {
                "release": one.release_id,
                "at": one.at,
                "verb": one.verb,
                "about": list(one.subjects),
                "files": [{"name": name, "sha256": sha} for name, sha in one.files],
                "entered_by": one.entered_by,
            }
            for one in found
        ]
    }


def log(found: Sequence[Left]) -> None:
    """The register, oldest first."""
    if not found:
        say("Nothing was released. lifecourse release check EVAL-001")
        return
    rows = [
        [one.release_id, one.at[:10], one.verb, ", ".join(one.subjects) or "-", _files(one), one.entered_by]
        for one in found
    ]
    table(["Id", "Day", "By", "About", "Files", "Entered by"], rows)


def _files(one: Left) -> str:
    names = [name for name, _ in one.files]
    if current().verbose or len(names) <= 3:
        return ", ".join(names)
    return f"{', '.join(names[:2])} and {len(names) - 2} more"
