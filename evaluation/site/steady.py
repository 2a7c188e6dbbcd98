"""Counts of a cohort that stay as they were published until at least so many people have come or gone (pure).

Two editions of the site that differ by a few people would tell who they are. So a count moves only when it differs
from every edition before by none or by the threshold and more; until then the newest published one stands.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from cohorts.disclosure import publish_share
from cohorts.gate.outputs import Cell, State, Table, predicate
from workspace.settings import DisclosureProfile

COUNT = "count"


@dataclass(frozen=True, slots=True, repr=False)
class Place:
    """A count of a payload: its name, how many it truly is, and where it stands."""

    name: str
    n: int
    row: dict[str, Any] = field(compare=False)
    key: str = "n"


def universe(cohort: str) -> str:
    """What the gate's ledger calls the counts of a cohort on the site."""
    return f"site:{cohort}"


def steadied(
    cohort: str, places: Sequence[Place], earlier: Mapping[str, Sequence[Cell]], profile: DisclosureProfile
) -> Table:
    """The counts for the gate; where the published one still stands it is put into its row, in place.

    ``earlier`` gives the cells of each count in the editions before, oldest first.
    """
    cells = []
    for place in places:
        before = earlier.get(place.name, ())
        near = any(0 < abs(place.n - cell.n) < profile.threshold for cell in before)
        cells.append(_kept(place, before[-1]) if near else _fresh(place))
    return Table(f"counts of {cohort}", universe(cohort), tuple(cells))


def with_share(row: dict[str, Any], name: str, counts: Table, profile: DisclosureProfile) -> None:
    """The share seen of a row again, of the people behind the counts that are shown; none where one is not."""
    behind = {text: cell.n for cell in counts.cells for text in cell.where.levels(COUNT) or ()}
    hidden = {"due", "seen"} & set(row.get("not_shown", ())) or row["due"] is None or row["seen"] is None
    due, seen = behind[f"{name}: due"], behind[f"{name}: seen"]
    row["seen_share"] = None if hidden else publish_share(seen, due, profile)


def _fresh(place: Place) -> Cell:
    shown = place.row[place.key]
    hidden: State = "not-shown" if place.key in place.row.get("not_shown", ()) else "withheld"
    return Cell(_where(place.name), place.n, shown, hidden if shown is None else "shown")


def _kept(place: Place, cell: Cell) -> Cell:
    place.row[place.key] = cell.shown
    others = set(place.row.get("not_shown", ())) - {place.key}
    place.row["not_shown"] = sorted(others | ({place.key} if cell.state == "not-shown" else set()))
    return cell


def _where(name: str) -> Any:
    return predicate({COUNT: name})
