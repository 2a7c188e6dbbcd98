"""Which boxes, links, priorities and tiers of a theory a planned evaluation belongs to (pure)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from evaluation.errors import EvaluationError
from evaluation.register.model import Entry, Planned
from theory_of_change.drawing.parts import priorities_in_use
from theory_of_change.model import Theory
from theory_of_change.priorities import current_name
from theory_of_change.priority_use import NamedPriority, named_priorities
from workspace.errors import did_you_mean


@dataclass(frozen=True, slots=True)
class Belonging:
    """Where an evaluation stands in the theory. A finding may belong to several priorities and tiers."""

    boxes: tuple[str, ...]
    links: tuple[str, ...]
    priorities: tuple[NamedPriority, ...]
    tiers: tuple[str, ...]

    def lines(self) -> tuple[str, ...]:
        """The same in words, each part on a line of its own where there is any."""
        parts = (
            ("boxes", ", ".join(self.boxes)),
            ("priorities", "; ".join(_spoken(one) for one in self.priorities)),
            ("tier", ", ".join(self.tiers)),
        )
        return tuple(f"{name:<12} {words}" for name, words in parts if words)


def _spoken(one: NamedPriority) -> str:
    """``Preventing Offending (formerly reducing-reoffending, so called since 2022-04-01)``."""
    before = f"formerly {', '.join(one.formerly)}" if one.formerly else ""
    called = f"so called since {one.since.isoformat()}" if one.since else ""
    more = ", ".join(part for part in (before, called) if part)
    return f"{one.name} ({more})" if more else one.name


def belonging(theory: Theory, plan: Planned) -> Belonging:
    """By both ends of the links its plan names, and by the boxes that name its outcomes; nothing is guessed."""
    links = tuple(name for name in plan.links if theory.link(name) is not None)
    ends = {end for name in links for end in name.split(">")}
    outcomes = {name.partition("@")[0] for name in plan.outcomes}
    boxes = tuple(box for box in theory.boxes if box.id in ends or set(box.measures) & outcomes)
    return Belonging(
        tuple(box.id for box in boxes),
        links,
        named_priorities(theory, [name for box in boxes for name in box.priority]),
        tuple(dict.fromkeys(box.tier for box in boxes if box.tier)),
    )


def find_priority(theory: Theory, name: str) -> NamedPriority:
    """The priority of a name of today, or of a former one."""
    used = priorities_in_use(theory)
    wanted = current_name(theory.priorities, name.strip())
    if wanted not in used:
        problem = f"no box of the theory has the priority '{name}'.{did_you_mean(name, used)}"
        raise EvaluationError("LC241", problem, f"There is {', '.join(used) or 'none'}.")
    return named_priorities(theory, [wanted])[0]


def of_priority(theory: Theory, entries: Sequence[Entry], name: str) -> tuple[Entry, ...]:
    """The entries that belong to a priority, whether it is their first or their second."""
    return tuple(
        entry for entry in entries if name in {one.id for one in belonging(theory, entry.plan).priorities}
    )
