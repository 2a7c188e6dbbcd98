"""A part of a theory small enough to read: the boxes of one priority, and what leads to them and from them (pure)."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import replace

from theory_of_change.errors import TheoryError
from theory_of_change.model import Link, Theory
from theory_of_change.priorities import current_name
from workspace.errors import did_you_mean

MOST_BOXES = 60  # more boxes on one page cannot be read


def priorities_in_use(theory: Theory) -> tuple[str, ...]:
    """The priorities boxes carry, under their names of today, as the theory lists them, then as boxes name them."""
    used = dict.fromkeys(name for box in theory.boxes for name in theory.priorities_of(box))
    listed = [each.id for each in theory.priorities if each.id in used]
    return tuple(dict.fromkeys([*listed, *used]))


def of_priority(theory: Theory, name: str) -> Theory:
    """The boxes of one priority, and those of none that lie on a way to or from them."""
    wanted, used = current_name(theory.priorities, name), priorities_in_use(theory)
    if wanted not in used:
        problem = f"no box has the priority '{name}'.{did_you_mean(name, used)}"
        raise TheoryError("LC231", problem, f"There is {', '.join(used) or 'none'}.")
    own = {box.id for box in theory.boxes if wanted in theory.priorities_of(box)}
    free = {box.id for box in theory.boxes if not box.priority}
    onward = [(link.from_box, link.to_box) for link in theory.links if not link.feedback]
    back = [(end, start) for start, end in onward]
    return only_boxes(theory, own | _reached(own, free, onward) | _reached(own, free, back))


def _reached(start: Collection[str], through: Collection[str], steps: Iterable[tuple[str, str]]) -> set[str]:
    """Boxes of ``through`` reached from ``start`` without passing any other box."""
    steps = list(steps)
    found: set[str] = set()
    edge = set(start)
    while edge:
        edge = {end for begin, end in steps if begin in edge and end in through} - found
        found |= edge
    return found


def only_boxes(theory: Theory, kept: Collection[str]) -> Theory:
    """The theory with these boxes alone, and the links between them."""
    boxes = tuple(box for box in theory.boxes if box.id in kept)
    links = tuple(_trimmed(link, kept) for link in theory.links if {link.from_box, link.to_box} <= set(kept))
    return replace(theory, boxes=boxes, links=links)


def _trimmed(link: Link, kept: Collection[str]) -> Link:
    return replace(link, factors=tuple(name for name in link.factors if name in kept))
