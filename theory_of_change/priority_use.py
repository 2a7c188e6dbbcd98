"""Which priorities of the strategy a box or a measure belongs to, with the names they had and since when (pure).

For whoever lists findings, measures or actions by priority: an old name of a priority finds what its new name holds.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass

from theory_of_change.model import Theory
from theory_of_change.priorities import current_name


@dataclass(frozen=True, slots=True)
class NamedPriority:
    """A priority: its id of today, the name people read, former ids, and the day since which it is called so."""

    id: str
    name: str
    formerly: tuple[str, ...] = ()
    since: dt.date | None = None


def named_priorities(theory: Theory, names: Iterable[str]) -> tuple[NamedPriority, ...]:
    """Priorities by their ids, old ones too: each once, in the order in which they first come."""
    by_id = {each.id: each for each in theory.priorities}
    found = []
    for name in dict.fromkeys(current_name(theory.priorities, name) for name in names):
        held = by_id.get(name)
        found.append(
            NamedPriority(name, held.name or name, held.formerly, held.since)
            if held
            else NamedPriority(name, name)
        )
    return tuple(found)
