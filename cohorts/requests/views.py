"""Rights requests, receipts, backups as the terminal shows them, and as plain data."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from cohorts.backups.restoring import Restored
from cohorts.backups.store import BackedUp
from cohorts.disclosure import publish_count, shown_count
from cohorts.requests.actions import Done
from cohorts.rights import Clock, Request
from workspace.console import say, table
from workspace.settings import DisclosureProfile

TOLD = {True: "Somebody was found.", False: "Nobody was found."}


def requests_payload(rows: Sequence[tuple[Request, Clock]]) -> dict[str, Any]:
    """Requests and their clocks."""
    return {
        "requests": [
            {
                "id": request.request_id,
                "kind": request.kind,
                "scope": request.scope,
                "received": request.clock_started.isoformat(),
                "complex": request.complex,
                "due": clock.due.isoformat(),
                "days_left": clock.days_left,
                "state": clock.state,
                "decision": request.decision,
                "exemption": request.exemption,
            }
            for request, clock in rows
        ]
    }


def requests(rows: Sequence[tuple[Request, Clock]]) -> None:
    """Requests and their clocks, oldest first."""
    if not rows:
        say("No rights requests yet. lifecourse cohort rights open KIND, or cohort withdraw, or cohort erase")
        return
    headings = ["Id", "Kind", "Scope", "Received", "Due", "State", "Decision"]
    cells = [
        [
            r.request_id,
            r.kind,
            r.scope,
            r.clock_started.isoformat(),
            c.due.isoformat(),
            _state(c),
            _decision(r),
        ]
        for r, c in rows
    ]
    table(headings, cells)


def _state(clock: Clock) -> str:
    if clock.state in ("open", "paused"):
        return f"{clock.state}, {clock.days_left} days left"
    return f"overdue by {-clock.days_left} days" if clock.state == "overdue" else clock.state


def _decision(request: Request) -> str:
    return f"{request.decision} ({request.exemption})" if request.exemption else request.decision


def done_payload(done: Done) -> dict[str, Any]:
    """What was carried out: the same shape whether anybody was found or not."""
    receipt = done.receipt
    residue = receipt.residue if receipt else None
    return {
        "request": done.request_id,
        "written": done.written,
        "found": done.found,
        "receipt": {"file": receipt.file, "sha256": receipt.sha256} if receipt else None,
        "still_found_in": list(residue.found) if residue else [],
        "not_searched": list(residue.unsearched) if residue else [],
        "key_lists_not_reached": list(receipt.lists_missed) if receipt else [],
        "identity_vault": receipt.vault if receipt else "",
        "releases_to_tell": list(receipt.releases) if receipt else [],
    }


def withdrawn(done: Done, scope: str) -> None:
    """A withdrawal."""
    if not done.written:
        say("Dry run: nothing was written.")
    else:
        say(f"{done.request_id}: whoever was named is out of: {scope}.")
    _tell(done)


def erased(done: Done) -> None:
    """An erasure."""
    if done.receipt is None:
        say("Dry run: nothing was erased.")
        return
    say(f"{done.request_id}: whoever was named is erased. Receipt: {done.receipt.file}")
    _tell(done)
    residue = done.receipt.residue
    if residue and residue.found:
        say("Still found in these files, which the program does not touch:")
        for name in residue.found:
            say(f"  {name}")
        say("Delete them or take the person out, and ask the partner to leave them out of the next file.")
    if residue and residue.unsearched:
        say(f"Not searched: {', '.join(residue.unsearched)}")
    if done.receipt.lists_missed:
        say("The key list of backups was out of reach: attach its disk, then run lifecourse doctor.")
    for release in done.receipt.releases:
        say(
            f"May be among the rows of {release}: lifecourse cohort releases removals {release[:7]} --out FILE"
        )
    if done.receipt.vault:
        say(f"Identity vault: {done.receipt.vault}.")
    say("Replace the safe copy of the seal key: the old one opens nothing any more.")


def _tell(done: Done) -> None:
    if done.found is not None:
        say(TOLD[done.found])


def backup_payload(done: BackedUp | None, profile: DisclosureProfile) -> dict[str, Any]:
    """A backup."""
    if done is None:
        return {"written": False}
    return {
        "written": True,
        "file": done.file.name,
        "keys": done.keys.name,
        "sha256": done.sha256,
        "people": publish_count(done.people, profile),
        "key_lists_not_reached": list(done.unreached),
    }


def backed_up(done: BackedUp | None, profile: DisclosureProfile, *, officers: bool) -> None:
    """A backup in words."""
    if done is None:
        say("Dry run: a backup would be written.")
        return
    say(f"Wrote {done.file.name}: {shown_count(done.people, profile)} people, read back and whole.")
    say(f"Their keys are in {done.keys.name}. There is one list a folder: copy the archive, never the list.")
    if not officers:
        say("The list opens with the seal key alone. With --officer age1… an officer could open it, too.")
    if done.unreached:
        say("Another folder's key list was out of reach: attach its disk, then run lifecourse doctor.")


def restored(done: Restored, profile: DisclosureProfile) -> None:
    """A restore in words."""
    verb = "Restored" if done.written else "Would restore"
    say(f"{verb} {shown_count(done.people, profile)} people.")
    if done.left_out:
        say(f"Left out, erased after the backup was made: {shown_count(done.left_out, profile)}.")
