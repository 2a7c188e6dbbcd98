"""What may be shown of area series: totals by period with small counts withheld, completeness, breaks (pure).

A total over all areas stands beside the totals of the periods, so the withheld ones are solved for, and where what is
printed would tell one too closely another period is kept back as well (``cohorts/complementary.py``).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import polars as pl

from cohorts.areas.store import StoredAreas, StoredMeasure
from cohorts.attacks.margins import Puzzle
from cohorts.complementary import protect
from cohorts.disclosure import publish_count
from workspace.settings import DisclosureProfile

COUNTED = ("count", "denominator")


def series_payload(
    collection: StoredAreas,
    measures: Sequence[StoredMeasure],
    held: pl.DataFrame,
    profile: DisclosureProfile,
    *,
    shown: bool = True,
) -> dict[str, Any]:
    """A collection and its series as plain data; without ``shown`` no total (agreements forbid it)."""
    payload: dict[str, Any] = {
        "id": collection.collection_id,
        "name": collection.name,
        "title": collection.title,
        "kind": collection.kind,
        "areas": collection.size,
        "measures": [
            _measure(one, collection.size, held.filter(pl.col("measure") == one.name), profile, shown=shown)
            for one in measures
        ],
    }
    protect(payload, total_puzzle, profile)
    return payload


def _measure(
    measure: StoredMeasure, size: int, held: pl.DataFrame, profile: DisclosureProfile, *, shown: bool
) -> dict[str, Any]:
    counted = measure.kind in COUNTED and shown
    rows = [
        _period(measure, str(name[0]), part, profile, size=size, counted=counted)
        for name, part in held.group_by("period", maintain_order=True)
    ]
    added = held.filter(pl.col("period").is_in([row["period"] for row in rows if row["counted"]]))
    whole = counted and measure.kind == "count" and added.height > 0
    return {
        "name": measure.name,
        "kind": measure.kind,
        "step": measure.step,
        "unit": measure.unit,
        "denominator": measure.denominator,
        "per": measure.per,
        "breaks": [
            {"source": source, "period": b.period, "why": b.why, "note": b.note}
            for source, b in measure.breaks
        ],
        "total": publish_count(_whole(added), profile) if whole else None,
        "adds_up": whole,
        "periods": rows,
    }


def _period(
    measure: StoredMeasure,
    period: str,
    part: pl.DataFrame,
    profile: DisclosureProfile,
    *,
    size: int,
    counted: bool,
) -> dict[str, Any]:
    """One period over all areas. Counts of places are no counts of people and stay as they are."""
    sealed = bool(part["sealed"].max())
    reporting = int(part["areas"].sum())
    row: dict[str, Any] = {
        "period": period,
        "areas": reporting,
        "areas_missing": max(size - reporting, 0),
        "complete": part["complete"].min(),
        "sources": sorted(part["source"].unique().to_list()),
        "definitions": sorted(part["definition"].unique().to_list()),
        "sealed": sealed,
        "counted": counted and not sealed and reporting > 0,
        "total": None,
    }
    if row["counted"]:
        row["total"] = publish_count(_whole(part), profile)
    return row


def _whole(part: pl.DataFrame) -> int:
    return round(float(part["total"].sum() or 0))


def total_puzzle(payload: Mapping[str, Any], profile: DisclosureProfile) -> Puzzle:
    """The printed totals of a collection and how they hang together: a measure's periods add up to its total."""
    puzzle = Puzzle("areas show", profile)
    for measure in payload["measures"]:
        if not measure["adds_up"]:
            continue
        parts = [puzzle.take(row, "total") for row in measure["periods"] if row["counted"]]
        if parts:
            puzzle.total(puzzle.take(measure, "total"), *parts)
    return puzzle
