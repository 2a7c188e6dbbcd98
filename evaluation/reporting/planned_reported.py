"""What a report says of the plan's versions: changes from it, and every outcome planned against reported (pure)."""

from __future__ import annotations

from evaluation.amending.model import Planned
from evaluation.amending.versions import deviation_words
from evaluation.model import Result
from evaluation.reporting.tables import Table

STANDINGS = {
    "kept": "kept: reported as it was locked",
    "dropped": "dropped",
    "added": "added after the lock",
    "promoted": "promoted",
    "demoted": "demoted",
    "redefined": "redefined",
}


def deviation_lines(result: Result) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """Each amendment and deviation in a sentence, with what it changed."""
    return tuple((deviation_words(one), one.changes) for one in result.plan.deviations)


def planned_table(result: Result) -> Table | None:
    """Every outcome as it was first locked beside how it is reported; nothing where no plan was locked."""
    found = result.plan.audit
    if found is None:
        return None
    head = ("Outcome", "Planned as", "Reported as", "What became of it", "What was changed")
    names = [one.name for one in found.outcomes]
    rows = tuple(_row(one, alone=names.count(one.name) == 1) for one in found.outcomes)
    return Table("Planned against reported", head, rows)


def _row(one: Planned, *, alone: bool) -> tuple[str, ...]:
    """An outcome; one whose name another has too is told apart by its measure."""
    told = [*one.changes, *([one.note] if one.note else [])]
    return (
        one.name if alone else f"{one.name} ({one.measure})",
        one.planned_role,
        one.reported_role,
        STANDINGS[one.standing],
        "; ".join(told) or "nothing",
    )
