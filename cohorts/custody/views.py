"""A change of key as the terminal shows it, and as plain data. Counts are published ones."""

from __future__ import annotations

from typing import Any

from cohorts.custody.rotation import Rotation
from cohorts.disclosure import publish_count, shown_count
from workspace.console import say

AGAIN = "Enter them again at once: lifecourse link forbid"


def rotated(done: Rotation, *, written: bool) -> None:
    """What was made again, what was lost, where the old key lies."""
    if not written:
        say("Every token could be made again. Dry run: nothing was written.")
    else:
        again = "every token was made again" if done.tokens else "nobody was held under it"
        say(f"Changed key {done.old_key_id} to {done.new_key_id}; {again}.")
    if done.lost:
        say(f"{'Lost' if written else 'Would be lost'}, because nothing supplied makes it again:")
        say(f"  entries of the do-not-link register  {shown_count(done.lost.register, done.profile)}")
        say(f"  decisions that two are not one       {shown_count(done.lost.decisions, done.profile)}")
        say(AGAIN)
    if written:
        say(f"The old key lies beside it as {done.kept_old}. Destroy it: lifecourse key retire --file …")


def rotation_payload(done: Rotation, *, written: bool) -> dict[str, Any]:
    """The same as plain data; a count that is too small to be shown is null."""
    return {
        "old": done.old_key_id,
        "new": done.new_key_id if written else None,
        "written": written,
        "lost": {
            "anything": bool(done.lost),
            "register": publish_count(done.lost.register, done.profile),
            "decisions": publish_count(done.lost.decisions, done.profile),
        },
    }
