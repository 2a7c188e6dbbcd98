"""The delivery log with the quality of each delivery, and how a new file's layout differs (pure)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from cohorts.disclosure import publish_count, publish_share
from cohorts.errors import CohortError
from cohorts.partner_files.mapping import SourceMapping
from workspace.settings import DisclosureProfile


@dataclass(frozen=True, slots=True)
class DeliveryFacts:
    """One delivery as the store knows it: exact counts, never shown. ``values`` are those it still supplies."""

    source: str
    loaded: dt.date
    rows: int
    accepted: int
    values: int
    missing: int
    data_until: dt.date | None
    agreement: str


@dataclass(frozen=True, slots=True)
class DeliveryQuality:
    """One delivery as it may be shown. Shares are worked out from the counts as published, or withheld."""

    source: str
    loaded: dt.date
    rows: int | None
    accepted_share: float | None
    missing_share: float | None
    late_days: int | None
    agreement: str


@dataclass(frozen=True, slots=True)
class LayoutChange:
    """Columns of a file that the mapping does not know, and columns it names that the file lacks.

    ``changed`` are columns whose choices, kind or bounds are others in a newer REDCap dictionary.
    """

    added: tuple[str, ...]
    removed: tuple[str, ...]
    changed: tuple[str, ...] = ()

    def with_newer(self, other: LayoutChange) -> LayoutChange:
        """Both changes together, each column once."""
        pairs = ((self.added, other.added), (self.removed, other.removed), (self.changed, other.changed))
        return LayoutChange(*(tuple(dict.fromkeys((*a, *b))) for a, b in pairs))


def quality_of(facts: DeliveryFacts, profile: DisclosureProfile) -> DeliveryQuality:
    """What may be shown of a delivery: rows, shares, and days from the end of the data to the load."""
    return DeliveryQuality(
        facts.source,
        facts.loaded,
        publish_count(facts.rows, profile),
        publish_share(facts.accepted, facts.rows, profile),
        publish_share(facts.missing, facts.values, profile),
        (facts.loaded - facts.data_until).days if facts.data_until else None,
        facts.agreement,
    )


def layout_change(headings: Sequence[str], mapping: SourceMapping, name: str) -> LayoutChange:
    """Compare a file's headings with a mapping. They are only quoted once some of them are recognised."""
    there = [heading.strip() for heading in headings]
    removed = tuple(heading for heading in mapping.columns if heading not in there)
    if len(removed) == len(mapping.columns):
        raise CohortError(
            "LC811",
            "none of the columns of the source is in the file",
            "Is it the right file?",
            where=name,
        )
    return LayoutChange(_unknown(there, mapping), removed)


def _unknown(there: Iterable[str], mapping: SourceMapping) -> tuple[str, ...]:
    known = {*mapping.columns, *mapping.ignore}
    return tuple(heading for heading in there if heading not in known)
