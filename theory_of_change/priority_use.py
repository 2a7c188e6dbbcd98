"""Which priorities of the strategy a box or a measure belongs to, with the names they had and since when (pure).

For whoever lists findings, measures or actions by priority: an old name of a priority finds what its new name holds.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from theory_of_change.model import Box, Theory
from theory_of_change.priorities import current_name
from theory_of_change.tracking.model import Tracked


@dataclass(frozen=True, slots=True)
class NamedPriority:
    """A priority: its id of today, the name people read, former ids, and the day since which it is called so."""

    id: str
    name: str
    formerly: tuple[str, ...] = ()
    since: dt.date | None = None


def priorities_of_box(theory: Theory, box: str) -> tuple[NamedPriority, ...]:
    """The priorities of a box, first one first; none where the theory has no such box."""
    found = theory.box(box)
    return named_priorities(theory, found.priority) if found else ()


def priorities_of_measure(
    theory: Theory, measure: str, tracked: Mapping[str, Tracked] | None = None
) -> tuple[NamedPriority, ...]:
    """The priorities of every box a measure shows: boxes that name it, and the box its entry in measures.toml names."""
    own = tracked[measure].box if tracked and measure in tracked else ""
    boxes: Iterable[Box] = (box for box in theory.boxes if measure in box.measures or box.id == own)
    return named_priorities(theory, [name for box in boxes for name in box.priority])


def is_of_priority(theory: Theory, wanted: str, held: Iterable[NamedPriority]) -> bool:
    """Say whether a priority, by its id, its name or a former id, is among those held."""
    words = wanted.strip().casefold()
    named = next((p.id for p in theory.priorities if words == p.name.casefold()), "")
    wanted = named or current_name(theory.priorities, wanted.strip())
    return any(each.id == wanted for each in held)


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
