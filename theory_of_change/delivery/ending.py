"""What becomes of a project when its money ends, and who heard of what it taught (pure)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

from theory_of_change.delivery.model import Project

ENDING_DAYS = 180  # days before the last day of a project from which it needs an exit plan


def ending(projects: Iterable[Project], today: dt.date, days: int = ENDING_DAYS) -> list[tuple[Project, str]]:
    """Projects with money that end within so many days or name no end, and what is missing; the first to end first."""
    found = []
    for project in projects:
        if project.state != "awarded":
            continue
        left = (dt.date.fromisoformat(project.ends) - today).days if project.ends else None
        if left is None:
            found.append((project, "no last day is set" + ("" if project.exit_plan else ", no exit plan")))
        elif left <= days:
            when = f"ended {-left} days ago and is not closed" if left < 0 else f"ends in {left} days"
            found.append((project, when + ("" if project.exit_plan else ", no exit plan")))
    return sorted(found, key=lambda pair: pair[0].ends or "9999")


def lessons(projects: Iterable[Project]) -> list[Project]:
    """Projects that taught something, those nobody was told of first."""
    return sorted((each for each in projects if each.learned), key=lambda each: (bool(each.told), each.id))
