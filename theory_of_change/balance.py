"""How the work is spread: activities by tier and priority (pure)."""

from __future__ import annotations

from theory_of_change.model import TIERS, Theory
from theory_of_change.priorities import spoken_name

NONE = "no priority"


def balance_of(theory: Theory) -> dict[str, dict[str, int]]:
    """For each priority, how many activities reach everyone, people at risk, and people already involved.

    An activity of two priorities counts in both rows; the row ``all`` counts every activity once.
    """
    activities = [box for box in theory.boxes if box.kind == "activity"]
    rows: dict[str, dict[str, int]] = {}
    for box in activities:
        names = [spoken_name(theory.priorities, name) for name in theory.priorities_of(box)] or [NONE]
        for name in (*names, "all"):
            row = rows.setdefault(name, dict.fromkeys(TIERS, 0))
            row[box.tier] = row.get(box.tier, 0) + 1
    total = rows.pop("all", dict.fromkeys(TIERS, 0))
    return {**rows, "all": total}
