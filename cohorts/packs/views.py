"""What the partner sees: what was checked, and the report of what leaves the building."""

from __future__ import annotations

from typing import Any

from cohorts import views
from cohorts.intake import IntakeReport
from cohorts.packs.link_store import LinkPreparation
from cohorts.packs.names_pack import REQUESTS
from cohorts.packs.names_store import Naming
from cohorts.packs.store import Preparation, observation_counts
from workspace.console import say, table


def preparation(done: Preparation, name: str, *, written: bool) -> None:
    """The intake report, then what leaves. Its reader has the file; counts are exact."""
    views.intake(done.intake.report)
    report = done.intake.report
    say()
    say("What leaves the building")
    kinds = [item.kind for item in done.mapping.identifiers]
    say(
        f"  people          {report.people:,}, each by tokens of {', '.join(kinds)}, in the order of the tokens"
    )
    if done.mapping.index_date:
        say("  index date      one a person")
    table(
        ["Variable", "Values", "Reasons why there is none"],
        [[variable, f"{values:,}", f"{reasons:,}"] for variable, values, reasons in observation_counts(done)],
    )
    if done.open_lists:
        say(
            f"  Labels as they stand in the file: {', '.join(done.open_lists)}. Check that no name is among them."
        )
    say(f"What stays: {', '.join(done.dropped)}, the order of the rows, and the file itself")
    verb = "Wrote" if written else "Dry run: would write"
    how = "encrypted" if done.encrypted else "NOT encrypted: use --to, or a channel that is"
    say(f"{verb} {name} for project {done.project_id}, link key {done.link_key_id}, {how}")


def preparation_payload(done: Preparation, name: str, *, written: bool) -> dict[str, Any]:
    """The same as plain data."""
    report = done.intake.report
    return {
        **views.report_payload(report),
        "pack": name,
        "written": written,
        "encrypted": done.encrypted,
        "project_id": done.project_id,
        "source": done.mapping.id,
        "link_key_id": done.link_key_id,
        "people": report.people,
        "identifiers": [item.kind for item in done.mapping.identifiers],
        "variables": [
            {"variable": variable, "values": values, "reasons": reasons}
            for variable, values, reasons in observation_counts(done)
        ],
        "labels_from_the_file": list(done.open_lists),
        "stays": list(done.dropped),
    }


def link_preparation(done: LinkPreparation, name: str, *, written: bool) -> None:
    """What leaves the building for a linkage. Its reader has the file; counts are exact."""
    kinds = [item.kind for item in done.mapping.identifiers]
    say(
        f"{done.mapping.id}: {done.rows:,} rows read, {done.people:,} people, {done.left_out:,} rows left out"
    )
    say()
    say("What leaves the building")
    say(f"  people  {done.people:,}, each by tokens of {', '.join(kinds)}, in the order of the tokens")
    table(["Compared by tokens of", "Filled"], [[kind, f"{filled:,}"] for kind, filled in done.fields])
    say(f"What stays: {', '.join(done.stays)}, their order, and the file itself")
    verb = "Wrote" if written else "Dry run: would write"
    say(
        f"{verb} {name} for project {done.project_id}, link key {done.link_key_id}, round {done.round}, encrypted"
    )
    say("The other partner prepares with the same round and the same version of the program. Use it once.")


def link_preparation_payload(done: LinkPreparation, name: str, *, written: bool) -> dict[str, Any]:
    """The same as plain data."""
    return {
        "purpose": "linkage",
        "pack": name,
        "written": written,
        "encrypted": True,
        "project_id": done.project_id,
        "source": done.mapping.id,
        "link_key_id": done.link_key_id,
        "round": done.round,
        "rows": done.rows,
        "people": done.people,
        "left_out": done.left_out,
        "identifiers": [item.kind for item in done.mapping.identifiers],
        "fields": [{"kind": kind, "filled": filled} for kind, filled in done.fields],
        "stays": list(done.stays),
    }


def naming(done: Naming, name: str, *, written: bool) -> None:
    """A pack that names people: what it is for, and how the hub uses it. Its reader typed the identifiers."""
    verb = "Wrote" if written else "Dry run: would write"
    one, many = ("pair", "pairs") if done.request == "forbid" else ("person", "people")
    what = one if done.people == 1 else many
    how = "encrypted" if done.encrypted else "NOT encrypted: use --to, or a channel that is"
    say(
        f"{verb} {name}: {done.people:,} {what} by tokens, for project {done.project_id}, link key "
        f"{done.link_key_id}, {how}"
    )
    say(f"The hub can use it for this alone: lifecourse {REQUESTS[done.request]} --pack {name}")
    if done.request == "erase":
        say("Leave the people out of your next file: the hub cannot know them any more.")


def naming_payload(done: Naming, name: str, *, written: bool) -> dict[str, Any]:
    """The same as plain data."""
    return {
        "pack": name,
        "written": written,
        "request": done.request,
        "people": done.people,
        "project_id": done.project_id,
        "link_key_id": done.link_key_id,
        "encrypted": done.encrypted,
    }


def refused(report: IntakeReport) -> None:
    """A file that was not prepared: all that is wrong with it."""
    views.intake(report)
    say('Nothing was written. Have the rows corrected, or agree on rejects = "set-aside" with the hub.')


def refused_payload(report: IntakeReport) -> dict[str, Any]:
    """The same as plain data."""
    return {**views.report_payload(report), "written": False}
