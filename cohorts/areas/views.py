"""How area series look in a terminal, in JSON and in ``status``."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from cohorts import views as cohort_views
from cohorts.agreements import views as agreement_views
from cohorts.areas.actions import AreaCheck, AreasLoaded
from cohorts.areas.store import StoredAreas
from workspace.console import say, table
from workspace.errors import Fault
from workspace.noticeboard import StatusLine
from workspace.settings import DisclosureProfile


def listed(found: Sequence[StoredAreas]) -> None:
    """All collections."""
    if not found:
        say("No collection of areas yet. lifecourse areas new NAME --title … --kind …")
        return
    table(
        ["Id", "Name", "Title", "Kind", "Areas"],
        [[a.collection_id, a.name, a.title, a.kind, f"{a.size:,}"] for a in found],
    )


def listed_payload(found: Sequence[StoredAreas]) -> dict[str, Any]:
    """All collections as plain data."""
    return {
        "collections": [
            {"id": a.collection_id, "name": a.name, "title": a.title, "kind": a.kind, "areas": a.size}
            for a in found
        ]
    }


def shown(payload: Mapping[str, Any], why_not: Sequence[Fault], profile: DisclosureProfile) -> None:
    """One collection: its measures, their breaks, and totals by period as far as they may be shown."""
    parents = f", parts of {payload['parents']}" if payload["parents"] else ""
    say(f"{payload['id']} {payload['name']}: {payload['title']}")
    say(f"  {payload['areas']:,} areas ({payload['kind']}){parents}")
    for measure in payload["measures"]:
        say("")
        say(f"{measure['name']}: {_kind(measure)}, by {measure['step']}")
        for one in measure["breaks"]:
            note = f" ({one['note']})" if one["note"] else ""
            say(f"  break from {one['period']}: {one['why']}{note}; source {one['source']}")
        table(
            ["Period", "Areas", "Missing", "Complete", "Total", "Definition", "Source"],
            [_period(row, profile) for row in measure["periods"]],
        )
        if measure["adds_up"]:
            say(f"  all open periods: {_count(measure, profile)}")
    if not payload["measures"]:
        say("Nothing has been loaded: lifecourse areas load SOURCE FILE")
    if why_not:
        say("Totals are not shown:")
    for fault in why_not:
        say(f"  {fault}")


def _kind(measure: Mapping[str, Any]) -> str:
    per = f" per {measure['per']:,.0f}" if measure["kind"] == "rate" else ""
    over = f" of {measure['denominator']}" if measure["denominator"] else ""
    return f"{measure['kind']}{per}{over}"


def _period(row: Mapping[str, Any], profile: DisclosureProfile) -> list[str]:
    total = "sealed" if row["sealed"] else _count(row, profile) if row["counted"] else ""
    complete = "" if row["complete"] is None else f"{100 * row['complete']:.0f} %"
    texts = [", ".join(row[key]) for key in ("definitions", "sources")]
    return [row["period"], f"{row['areas']:,}", f"{row['areas_missing']:,}", complete, total, *texts]


def _count(row: Mapping[str, Any], profile: DisclosureProfile) -> str:
    return cohort_views.published(row, "total", profile)


def loaded(source: str, done: AreasLoaded, *, sealed: bool) -> None:
    """What a load did."""
    if done.report:
        cohort_views.intake(done.report)
    if done.result is None:
        say(f"{source}: this file was loaded before; nothing was changed.")
        return
    if not done.written:
        say("Dry run: nothing was written.")
        return
    say(f"Loaded {source}{' (sealed: unreadable until a plan is locked)' if sealed else ''}")
    say(f"  areas           {done.result.areas:,}, of them new {done.result.new_areas:,}")
    say(
        f"  values          {done.result.added:,} added, {done.result.unchanged:,} already held, "
        f"{done.result.replaced:,} replaced"
    )


def loaded_payload(source: str, done: AreasLoaded) -> dict[str, Any]:
    """The same as plain data."""
    result = done.result
    counts = (
        {
            "areas": result.areas,
            "new_areas": result.new_areas,
            "added": result.added,
            "unchanged": result.unchanged,
            "replaced": result.replaced,
        }
        if result
        else {}
    )
    return {
        "source": source,
        "already_loaded": result is None,
        "written": done.written,
        **counts,
        **cohort_views.intake_payload(done.report),
    }


def checked(found: AreaCheck) -> None:
    """The delivery log, the state of each series, and the intake report of a file."""
    if found.report:
        cohort_views.intake(found.report)
    agreement_views.quality(found.log, None)
    if not found.series:
        return
    headings = [
        "Areas",
        "Measure",
        "First",
        "Last",
        "Periods",
        "Absent",
        "Missing cells",
        "Incomplete",
        "Definitions",
    ]
    rows = [
        [
            s.areas, s.measure, s.first, s.last, f"{s.periods:,}", f"{s.absent:,}", f"{s.missing_cells:,}",
            f"{s.incomplete:,}", f"{s.definitions:,}",
        ]
        for s in found.series
    ]  # fmt: skip
    table(
        [*headings, "Breaks", "Sealed from"],
        [[*r, f"{s.breaks}", s.sealed_from] for r, s in zip(rows, found.series, strict=True)],
    )


def checked_payload(found: AreaCheck) -> dict[str, Any]:
    """The same as plain data."""
    series = [
        {
            "areas": s.areas,
            "measure": s.measure,
            "first": s.first,
            "last": s.last,
            "periods": s.periods,
            "absent_periods": s.absent,
            "missing_cells": s.missing_cells,
            "incomplete_periods": s.incomplete,
            "definitions": s.definitions,
            "breaks": s.breaks,
            "sealed_from": s.sealed_from or None,
        }
        for s in found.series
    ]
    file = {"file": cohort_views.intake_payload(found.report)} if found.report else {}
    return {**agreement_views.quality_payload(found.log, None), "series": series, **file}


def status_lines(found: Sequence[StoredAreas]) -> list[StatusLine]:
    """One line for ``status``, where there is any collection."""
    if not found:
        return []
    text = ", ".join(f"{a.name} ({a.size:,})" for a in found)
    empty = next((a.name for a in found if not a.size), "")
    return [
        StatusLine("Areas", text, f"lifecourse areas add SOURCE --from FILE --areas {empty}" if empty else "")
    ]
