"""What the release commands show: decisions in words, never a number that was withheld (plain data and text)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from cohorts.gate.actions import Held, Lying, Released
from cohorts.gate.sealed_store import Beside
from cohorts.gate.store import Left
from workspace.console import current, say, table
from workspace.errors import Fault


def checked_payload(found: Sequence[Held], lying: Lying) -> dict[str, Any]:
    """Decisions, and what is out."""
    return {
        "checked": [_held(one) for one in found],
        "out": [_beside(one) for one in lying.releases],
        "not_released": list(lying.strangers),
    }


def _beside(one: Beside) -> dict[str, Any]:
    return {
        "release": one.release,
        "manifest": one.manifest,
        "seal": one.seal,
        "key": one.key_id or None,
        "problems": [_fault(fault) for fault in faults_of(one)],
    }


def faults_of(one: Beside) -> list[Fault]:
    """What is not as it was released."""
    hint = "Find out who changed it. Build or release it again; the register keeps what was released."
    return [Fault("LC910", one.release, said, hint) for said in one.faults]


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


def checked(found: Sequence[Held], lying: Lying) -> None:
    """Decisions, then what is out."""
    held(found)
    beside = lying.releases
    for one in beside:
        said = "not as it was released" if one.faults else "as it was released"
        say(f"{one.release}: {said}; {_SEALS[one.seal].format(key=one.key_id)}")
        for fault in faults_of(one):
            say(f"  {fault}")
    if any(one.faults for one in beside):
        say("  Find out who changed it. Build or release it again; the register keeps what was released.")
    for name in lying.strangers:
        say(
            f"{name}: in public/, and no release names it: nothing was looked through. Take it away or release it."
        )
    if not found and not beside:
        say("Nothing that was released lies in public/. lifecourse release check EVAL-001")


_SEALS = {
    "keyed": "sealed under key {key}",
    "unkeyed": "sealed without a key, so that its seal shows mistakes, not forgery",
    "changed": "its seal does not fit",
    "key-missing": "sealed under key {key}, which is not here, so that its seal could not be checked",
}


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
