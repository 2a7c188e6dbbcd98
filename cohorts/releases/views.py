"""Row-level releases as the terminal shows them, and as plain data. Counts only, under the disclosure profile."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

from cohorts.releases.actions import Released
from cohorts.releases.k_report import report_lines, report_payload
from cohorts.releases.notices import Notice
from cohorts.releases.people import Prepared
from cohorts.releases.register import Release
from workspace.console import say, table


def counted(prepared: Prepared) -> None:
    """The k-report, before anything is written."""
    say(f"{prepared.cohort.cohort_id} {prepared.cohort.definition.name}: how alone people are in these rows")
    for line in report_lines(prepared.report, prepared.terms.profile):
        say(f"  {line}")


def released_payload(done: Released) -> dict[str, Any]:
    """A release."""
    return {
        **_described(done.release),
        "written": done.written,
        "files": list(done.files) if done.written else [],
        "k_report": report_payload(done.prepared.report, done.prepared.terms.profile),
        "of_the_same_cohort": list(done.beside),
    }


def released(done: Released) -> None:
    """What was released, and what to do with it."""
    counted(done.prepared)
    entry = done.release
    say()
    if not done.written:
        say(f"Dry run: nothing was written. It would go to {entry.recipient} in {entry.setting}.")
    else:
        say(f"{entry.release_id}: wrote {', '.join(done.files)}")
        say(f"For {entry.recipient} in {entry.setting}; to be destroyed by {entry.expires.isoformat()}.")
    for other in done.beside:
        say(
            f"Also out: {other}. Its pseudonyms are others; rows of people who are alone could be joined by them."
        )
    if done.written:
        say(f"When it was destroyed: lifecourse cohort releases destroyed {entry.release_id}")


def _described(entry: Release) -> dict[str, Any]:
    return {
        "release": entry.release_id,
        "cohort": entry.cohort_id,
        "day": entry.day.isoformat(),
        "recipient": entry.recipient,
        "safe_setting": entry.setting,
        "state": entry.state,
        "columns": list(entry.columns),
        "people": entry.people,
        "agreements": [{"id": name, "version": version} for name, version in entry.agreements],
        "plan": entry.plan or None,
        "protection": entry.protection,
        "destroy_by": entry.expires.isoformat(),
        "sha256": entry.sha256,
        "closed_on": entry.closed_on or None,
    }


def releases_payload(found: Sequence[Release], on: dt.date) -> dict[str, Any]:
    """The register."""
    return {"releases": [{**_described(one), "overdue": one.is_overdue(on)} for one in found]}


def releases(found: Sequence[Release], on: dt.date) -> None:
    """The register, oldest first."""
    if not found:
        say("Nothing was released. lifecourse cohort export COHORT --to … --recipient … --out …")
        return
    headings = ["Id", "Cohort", "Day", "Recipient", "Safe setting", "People", "Destroy by", "State"]
    rows = [
        [
            one.release_id,
            one.cohort_id,
            one.day.isoformat(),
            one.recipient,
            one.setting,
            f"{one.people:,}",
            one.expires.isoformat(),
            "overdue: destroy it" if one.is_overdue(on) else f"{one.state} {one.closed_on}".strip(),
        ]
        for one in found
    ]
    table(headings, rows)


def notice_payload(done: Notice) -> dict[str, Any]:
    """A notice to a recipient."""
    return {
        "release": done.release.release_id,
        "recipient": done.release.recipient,
        "anybody": done.anybody,
        "written": done.written,
        "file": done.file if done.written else None,
    }


def notice(done: Notice) -> None:
    """What to send to whom."""
    if not done.anybody:
        say(f"Nobody has left since {done.release.release_id}: there is nothing to tell.")
    elif not done.written:
        say("Dry run: nothing was written.")
    else:
        say(
            f"Wrote {done.file}. Send it to {done.release.recipient}: rows under these pseudonyms are to be destroyed."
        )
