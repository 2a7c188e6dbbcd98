"""The clock, read in one place: UTC, so that two machines of a team agree on the day."""

from __future__ import annotations

import datetime as dt


def now() -> str:
    """The time, to the second."""
    return dt.datetime.now(dt.UTC).isoformat(timespec="seconds")


def today() -> dt.date:
    """The date."""
    return dt.datetime.now(dt.UTC).date()
