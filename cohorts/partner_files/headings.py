"""The headings of a partner's file held against those its source promises (pure)."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence

from cohorts.errors import CohortError
from workspace.errors import Fault, did_you_mean


def heading_faults(
    name: str, there: Iterable[str], wanted: Iterable[str], known: Collection[str]
) -> list[Fault]:
    """Every heading of ``wanted`` that the file ``name`` lacks, and every heading in it that is not ``known``."""
    there = list(there)
    strange = [heading for heading in there if heading not in known]
    absent = [heading for heading in wanted if heading not in there]
    missing = [
        Fault(
            "LC811",
            name,
            f"there is no column '{heading}'.{did_you_mean(heading, strange)}",
            "Correct the heading.",
        )
        for heading in absent
    ]
    return missing + [
        Fault(
            "LC810",
            name,
            f"the source does not know the column '{heading}'",
            "Map it, or add it to ignore = […].",
        )
        for heading in strange
    ]


def refuse_headless(name: str, there: Collection[str], wanted: Sequence[str]) -> None:
    """Refuse a file in which nothing is recognised: its first row may hold people, so no heading is quoted."""
    if any(heading in there for heading in wanted):
        return
    raise CohortError(
        "LC811",
        "none of the source's columns is in the file; its heading row may be missing",
        f"The file needs these headings: {', '.join(wanted)}.",
        where=name,
    )
