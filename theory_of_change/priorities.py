"""The priorities of a strategy, with the names they had before: an old name still resolves (pure)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Priority:
    """One priority: its id of today, its name, the ids it had before, and since when it carries this name."""

    id: str
    name: str = ""
    formerly: tuple[str, ...] = ()
    since: dt.date | None = None
    line: int = 0


def current_name(priorities: Iterable[Priority], name: str) -> str:
    """The id a priority has today; a name nobody declared stays as it is."""
    return next((each.id for each in priorities if name == each.id or name in each.formerly), name)


def spoken_name(priorities: Iterable[Priority], name: str) -> str:
    """The name people read: ``Preventing Offending`` for ``preventing-offending``."""
    return next((each.name for each in priorities if each.id == name and each.name), name)
