"""What a run may call itself: under the lock of its plan, and since when, or outside it (pure)."""

from __future__ import annotations

UNLOCKED = "unlocked"
EXPLORED = "run outside the lock"  # the plan is locked, and this run of it was asked for as an exploration
OUTSIDE = (UNLOCKED, EXPLORED)


def outside_lock(state: str) -> bool:
    """Say whether a run is an exploration: no finding of the register, and nothing sealed was opened for it."""
    return state in OUTSIDE
