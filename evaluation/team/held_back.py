"""Which success figures are not shown, because they count a few people or would give such a count away (pure).

A count from 1 to the threshold less one is withheld. Where parts and their whole are held of one area and period, or
areas and the whole area, what is left unshown must leave every count from 1 to the threshold less one possible: else
the smallest of the others goes too, and at last the whole. Figures that are shown are as they came, not rounded: they
are the sources' own published numbers.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from cohorts.disclosure import is_small, share_is_safe
from theory_of_change.tracking.model import COUNT, SHARE, FigureRow, Tracked
from theory_of_change.tracking.periods import Period
from workspace.settings import DisclosureProfile

Slot = tuple[str, str, Period]
Family = tuple[Slot, tuple[Slot, ...]]


def held_back(
    measures: Mapping[str, Tracked], rows: Iterable[FigureRow], profile: DisclosureProfile
) -> frozenset[Slot]:
    """The measures, areas and periods whose figures are not shown."""
    figures = {row.slot: row for row in rows if row.value is not None and row.measure in measures}
    counts = {slot: round(row.value or 0) for slot, row in figures.items() if measures[slot[0]].unit == COUNT}
    hidden = {slot for slot, count in counts.items() if is_small(count, profile)}
    hidden |= {slot for slot, row in figures.items() if not _safe_share(measures[slot[0]], row, profile)}
    families = list(_families(measures, counts))
    before = -1
    while before != len(hidden):
        before = len(hidden)
        for family in families:
            _complete(family, counts, hidden, profile)
    return frozenset(hidden)


def _safe_share(measure: Tracked, row: FigureRow, profile: DisclosureProfile) -> bool:
    if row.of is None:
        return True
    if measure.unit == SHARE:
        return share_is_safe((row.value or 0) / 100, round(row.of), profile)
    return not is_small(round(row.of), profile)


def _families(measures: Mapping[str, Tracked], counts: Mapping[Slot, int]) -> Iterator[Family]:
    """Every whole with its parts: of measures in one area and period, and of areas of one measure and period."""
    together: dict[tuple[str, Period], list[Slot]] = {}
    places: dict[tuple[str, Period], list[Slot]] = {}
    for slot in counts:
        together.setdefault(slot[1:], []).append(slot)
        if slot[1]:
            places.setdefault((slot[0], slot[2]), []).append(slot)
    for whole in counts:
        name, area, period = whole
        parts = [slot for slot in together[area, period] if measures[slot[0]].part_of == name]
        if parts:
            yield whole, tuple(parts)
        if not area and (name, period) in places:
            yield whole, tuple(places[name, period])


def _complete(
    family: Family, counts: Mapping[Slot, int], hidden: set[Slot], profile: DisclosureProfile
) -> None:
    """Hide more of a family until what is hidden of it cannot be worked out."""
    whole, parts = family
    rest = counts[whole] - sum(counts[part] for part in parts)
    while whole not in hidden:
        unseen = [counts[part] for part in parts if part in hidden] + ([rest] if rest > 0 else [])
        if not _tells(unseen, profile):
            return
        shown = [part for part in parts if part not in hidden and counts[part]]
        hidden.add(min(shown, key=lambda part: (counts[part], part)) if shown else whole)


def _tells(unseen: Sequence[int], profile: DisclosureProfile) -> bool:
    """Say whether counts of which only the sum can be worked out would tell a small one among them."""
    several = sum(count > 0 for count in unseen)
    small = any(is_small(count, profile) for count in unseen)
    room = (
        profile.threshold - 1 + several - 1
    )  # any small count is possible while each of the others is at least 1
    return small and (several < 2 or sum(unseen) < room)
