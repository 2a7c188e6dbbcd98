"""Rights of people over their data: what can be asked, what is decided, and by when (pure).

The clock is that of the UK GDPR: one month from the day the request came, two more where it is complex, and
no time passes while one has to ask back (who they are, or what they mean).
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Literal

from workspace.days import days_after, months_later

COLLECTION, LINKAGE, USE, ALL = "future-collection", "linkage", "use", "all"
SCOPES = (COLLECTION, LINKAGE, USE, ALL)
KINDS = ("withdrawal", "restriction", "objection", "erasure", "access")
BARRING = KINDS[:3]
DECISIONS = ("granted", "refused", "partly")
REASONS = ("person", "parent-or-guardian", "partner", "court-order", "unlawful", "retention-over")
EXEMPTIONS = (
    "research-purpose",
    "legal-obligation",
    "public-task",
    "legal-claims",
    "unfounded",
    "cannot-identify",
)
SEARCHES = ("whole-store", "one-source", "not-needed")
STANDARD_MONTHS, COMPLEX_MONTHS = 1, 3


@dataclass(frozen=True, slots=True)
class Request:
    """A request as the store holds it: nothing of it says who asked."""

    request_id: str
    kind: str
    scope: str
    clock_started: dt.date
    complex: bool
    paused_from: dt.date | None
    paused_days: int
    decision: str
    exemption: str
    decided_on: dt.date | None


@dataclass(frozen=True, slots=True)
class Clock:
    """Where a request stands: the day by which it must be answered, and the days left (negative: overdue)."""

    due: dt.date
    days_left: int
    state: Literal["open", "paused", "overdue", "answered", "answered late"]


def expanded(scope: str, kind: str = "withdrawal") -> tuple[str, ...]:
    """The single scopes that a scope stands for. A restriction stops every use but keeping."""
    if scope == ALL or kind == "restriction":
        return (COLLECTION, LINKAGE, USE)
    return (scope,)


def clock_of(request: Request, today: dt.date) -> Clock:
    """The clock of a request on a day."""
    months = COMPLEX_MONTHS if request.complex else STANDARD_MONTHS
    paused = request.paused_days + ((today - request.paused_from).days if request.paused_from else 0)
    due = days_after(months_later(request.clock_started, months), paused)
    if request.decided_on is not None:
        state: Literal["answered", "answered late"] = (
            "answered late" if request.decided_on > due else "answered"
        )
        return Clock(due, (due - request.decided_on).days, state)
    left = (due - today).days
    if request.paused_from is not None:
        return Clock(due, left, "paused")
    return Clock(due, left, "overdue" if left < 0 else "open")
