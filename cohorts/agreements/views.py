"""How agreements and the delivery log look in a terminal, in JSON, in ``status`` and in ``doctor``."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

from cohorts.agreements.agreement import Agreement
from cohorts.agreements.permission import SOON_DAYS, lapses_soon, standing, standing_for_use
from cohorts.agreements.sharing import Outlook
from cohorts.disclosure import WITHHELD
from cohorts.quality import DeliveryQuality, LayoutChange
from workspace.console import say, table
from workspace.errors import Fault
from workspace.noticeboard import HealthReading, StatusLine

CHECK = "lifecourse agreement check"


def faults(found: Sequence[Fault]) -> None:
    """One line a fault, the place first."""
    for fault in found:
        say(str(fault))
    if not found:
        say("Every agreement is in force and no source exceeds one.")


def faults_payload(found: Sequence[Fault]) -> dict[str, Any]:
    """Faults as plain data."""
    return {
        "problems": [{"code": f.code, "where": f.where, "problem": f.problem, "hint": f.hint} for f in found]
    }


def agreements(found: Sequence[Agreement], on: dt.date) -> None:
    """All agreements and how they stand."""
    if not found:
        say("No agreement yet. lifecourse agreement add ID --title … --source …")
        return
    rows = [
        [a.id, a.version, a.title, ", ".join(a.sources), a.gateway, a.expires.isoformat(), _state(a, on)]
        for a in found
    ]
    table(["Agreement", "Version", "Title", "Sources", "Gateway", "Last day", "State"], rows)


def _state(agreement: Agreement, on: dt.date) -> str:
    if agreement.use_until and standing(agreement, on) and not standing_for_use(agreement, on):
        return f"lapsed, its data may be used until {agreement.use_until.isoformat()}"
    days = (agreement.expires - on).days
    soon = f"in force, lapses in {days} days" if lapses_soon(agreement, on) else "in force"
    return standing(agreement, on).split(":")[0] or soon


def agreements_payload(found: Sequence[Agreement], on: dt.date) -> dict[str, Any]:
    """All agreements as plain data."""
    return {
        "agreements": [
            {
                "id": a.id,
                "version": a.version,
                "title": a.title,
                "parties": list(a.parties),
                "gateway": a.gateway,
                "sources": list(a.sources),
                "linkages": list(a.linkages),
                "purposes": list(a.purposes),
                "outputs": a.outputs,
                "safe_settings": list(a.safe_settings),
                "expires": a.expires.isoformat(),
                "use_until": a.use_until.isoformat() if a.use_until else None,
                "in_force": not standing(a, on),
                "state": _state(a, on),
            }
            for a in found
        ]
    }


def quality(log: Sequence[DeliveryQuality], change: LayoutChange | None) -> None:
    """The delivery log, oldest delivery of each source first."""
    if log:
        headings = ["Source", "Loaded", "Rows", "Accepted", "No value", "Days late", "Agreement"]
        table(headings, [_delivery(d) for d in log])
    else:
        say("Nothing has been loaded.")
    if change is None:
        return
    for heading in change.added:
        say(f"LC810 added column: {heading}")
    for heading in change.removed:
        say(f"LC811 removed column: {heading}")
    for heading in change.changed:
        say(f"LC806 changed choices, type or bounds: {heading}")
    if not (change.added or change.removed or change.changed):
        say("The file has the columns the source expects.")


def _delivery(d: DeliveryQuality) -> list[str]:
    return [
        d.source,
        d.loaded.isoformat(),
        WITHHELD if d.rows is None else f"{d.rows:,}",
        _percent(d.accepted_share),
        _percent(d.missing_share),
        "" if d.late_days is None else f"{d.late_days}",
        d.agreement,
    ]


def _percent(share: float | None) -> str:
    return WITHHELD if share is None else f"{100 * share:.0f} %"


def quality_payload(log: Sequence[DeliveryQuality], change: LayoutChange | None) -> dict[str, Any]:
    """The delivery log as plain data; what is withheld is null."""
    deliveries = [
        {
            "source": d.source,
            "loaded": d.loaded.isoformat(),
            "rows": d.rows,
            "accepted_share": d.accepted_share,
            "missing_share": d.missing_share,
            "late_days": d.late_days,
            "agreement": d.agreement,
        }
        for d in log
    ]
    if change is None:
        return {"deliveries": deliveries}
    return {
        "deliveries": deliveries,
        "layout": {
            "added": list(change.added),
            "removed": list(change.removed),
            "changed": list(change.changed),
        },
    }


def status_lines(found: Outlook) -> list[StatusLine]:
    """One line for ``status``, where there is any agreement."""
    if not found.there:
        return []
    text = f"{found.in_force} of {found.there} in force"
    if found.soon:
        text += f"; within {SOON_DAYS} days lapses: {', '.join(found.soon)}"
    wanting = found.soon or found.faulty or found.in_force < found.there
    return [StatusLine("Agreements", text, CHECK if wanting else "")]


def health_readings(found: Outlook) -> list[HealthReading]:
    """One line for ``doctor``, where there is any agreement."""
    if not found.there:
        return []
    if found.faulty:
        note = f"{found.faulty} of {found.there} cannot be read"
        return [HealthReading("Agreements", "fail", note, CHECK)]
    if found.soon:
        note = f"lapses within {SOON_DAYS} days: {', '.join(found.soon)}"
        return [HealthReading("Agreements", "warn", note, "Renew it with the partner.")]
    if found.in_force < found.there:
        note = f"{found.there - found.in_force} of {found.there} not in force"
        return [HealthReading("Agreements", "warn", note, CHECK)]
    return [HealthReading("Agreements", "pass", f"{found.there} in force")]
