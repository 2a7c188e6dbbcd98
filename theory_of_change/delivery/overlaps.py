"""Projects that do the same in the same place for the same people, and money by what it went to (pure)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import combinations

from theory_of_change.delivery.model import Project


@dataclass(frozen=True, slots=True)
class Overlap:
    """Two projects and what they share."""

    first: Project
    second: Project
    outcomes: tuple[str, ...]

    @property
    def text(self) -> str:
        """What they share, in a line."""
        where = self.first.place or "all places"
        return f"{', '.join(self.outcomes)} in {where}" + (
            f", ages {self.first.age_band}" if self.first.age_band else ""
        )


def overlaps(projects: Iterable[Project]) -> list[Overlap]:
    """Pairs of projects that run at the same time, in one place, for one age band, towards a shared outcome.

    A project that names no place or age band is taken to be for all.
    """
    live = [project for project in projects if project.state != "closed" and project.outcomes]
    found = []
    for first, second in combinations(live, 2):
        shared = tuple(name for name in first.outcomes if name in second.outcomes)
        same = all(
            not a or not b or a.casefold() == b.casefold()
            for a, b in ((first.place, second.place), (first.age_band, second.age_band))
        )
        if shared and same and _at_once(first, second):
            found.append(Overlap(first, second, shared))
    return found


def _at_once(first: Project, second: Project) -> bool:
    """ISO days sort as texts; an end that is not set is open."""
    return (first.starts or "") <= (second.ends or "9999") and (second.starts or "") <= (first.ends or "9999")


def money_by(projects: Sequence[Project], key: str) -> list[tuple[str, int, float, float]]:
    """Money by tier, priority, place or partner: name, projects, awarded, spent; the most first."""
    found: dict[str, tuple[int, float, float]] = {}
    for project in projects:
        if project.state == "bid":
            continue
        name = str(getattr(project, key)) or "not said"
        n, awarded, spent = found.get(name, (0, 0.0, 0.0))
        found[name] = (n + 1, awarded + project.awarded, spent + project.spent)
    return sorted(((name, *rest) for name, rest in found.items()), key=lambda row: (-row[2], row[0]))
