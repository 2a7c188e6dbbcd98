"""Days as people write them in commands and cells (pure)."""

from __future__ import annotations

import datetime as dt


def day_of(text: str) -> dt.date | None:
    """The day that a text written 2026-03-31 names; ``None`` where it is none."""
    try:
        return dt.date.fromisoformat(text) if len(text) == 10 else None
    except ValueError:
        return None
