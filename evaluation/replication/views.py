"""What the terminal shows of a replication pack."""

from __future__ import annotations

from typing import Any

from evaluation.replication.actions import Packed
from workspace import console


def packed_payload(done: Packed) -> dict[str, Any]:
    """The pack as plain data."""
    return {
        "pack": done.name,
        "data": done.kind,
        "files": list(done.files),
        "release": done.release or None,
        "destroy_by": done.until or None,
        "outcomes": done.outcomes,
        "outcomes_in_r": done.in_r,
        "not_in_r": [{"outcome": label, "why": why} for label, why in done.not_in_r],
        "written": not console.current().dry_run,
    }


def packed(done: Packed) -> None:
    """What was written, what is in it, and what R does not repeat."""
    verb = "Would write" if console.current().dry_run else "Wrote"
    if done.release:
        console.say(f"{verb} {', '.join(done.files)}.")
        rows = f"people's rows, released as {done.release}: to be destroyed by {done.until}"
    else:
        console.say(f"{verb} {len(done.files) - 1} files and {done.files[-1]}.")
        rows = "the rows as they are"
    if done.kind == "synthetic":
        rows = "made-up rows: its numbers are not the report's"
    console.say(f"It holds {rows}. R repeats {done.in_r} of {done.outcomes} outcomes.")
    for label, why in done.not_in_r:
        console.say(f"Not in R: {label}: {why}.")
    console.say("Try it in its folder: Rscript R/analysis.R, and python python/analysis.py.")
