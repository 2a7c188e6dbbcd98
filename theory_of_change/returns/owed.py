"""Who owes a return, of which project and quarter, since when; and words to remind them (pure). Nothing is sent."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass

from theory_of_change.delivery.model import Project
from theory_of_change.tracking.due import next_period
from theory_of_change.tracking.periods import Period
from workspace.days import days_after, month_end, months_later

DAYS_TO_RETURN = 30  # days after a quarter by which its return is due
QUARTERS_BACK = 8  # quarters that are still asked for


@dataclass(frozen=True, slots=True)
class Owed:
    """A partner, the quarter, its projects without a return, and the day it was due."""

    partner: str
    quarter: str
    projects: tuple[str, ...]
    due: dt.date

    def late(self, today: dt.date) -> int:
        """Days since it was due; below 0 where it is still to come."""
        return (today - self.due).days

    def reminder(self, today: dt.date) -> str:
        """Words for a message, to be sent by hand."""
        when = f"was due on {self.due}" if self.late(today) > 0 else f"is due on {self.due}"
        return (
            f"To {self.partner}: the return for {self.quarter} {when}. We still need {', '.join(self.projects)}. "
            "Please fill in the workbook we sent, also where nothing was spent or delivered: a nought is an answer."
        )


def quarter_of(day: dt.date) -> Period:
    """The quarter of a day."""
    first = dt.date(day.year, day.month - (day.month - 1) % 3, 1)
    return Period(first, month_end(first, 2))


def last_quarter(today: dt.date) -> Period:
    """The newest quarter that has ended."""
    return quarter_of(days_after(quarter_of(today).first, -1))


def owed_returns(projects: Iterable[Project], today: dt.date) -> tuple[Owed, ...]:
    """Returns that are not there, the one owed longest first.

    A project with money owes one for each quarter that has ended and in which it ran: from its first day (from its
    award where it names none) to its last. A partner that is not named stands under the project.
    """
    lacking: dict[tuple[str, str], list[str]] = {}
    due: dict[str, dt.date] = {}
    oldest = months_later(quarter_of(today).first, -3 * QUARTERS_BACK)
    for project in projects:
        if project.state == "bid":
            continue
        begin = dt.date.fromisoformat(project.starts or project.awarded_on or today.isoformat())
        end = dt.date.fromisoformat(project.ends) if project.ends else dt.date.max
        quarter = quarter_of(max(begin, oldest))
        while quarter.last < today and quarter.first <= end:
            if quarter.text not in project.quarters:
                who = project.partner or f"{project.id} {project.name}"
                lacking.setdefault((who, quarter.text), []).append(project.id)
                due[quarter.text] = days_after(quarter.last, DAYS_TO_RETURN)
            quarter = next_period(quarter)
    found = [Owed(who, quarter, tuple(names), due[quarter]) for (who, quarter), names in lacking.items()]
    return tuple(sorted(found, key=lambda each: (each.due, each.partner)))


def returned_share(projects: Iterable[Project], quarter: Period) -> tuple[int, int]:
    """Of the partners with a project that ran in a quarter, how many returned all of them; and how many there are."""
    by_partner: dict[str, list[bool]] = {}
    for project in projects:
        begin = project.starts or project.awarded_on
        ran = project.state != "bid" and begin <= quarter.last.isoformat()
        if ran and (not project.ends or project.ends >= quarter.first.isoformat()):
            by_partner.setdefault(project.partner or project.id, []).append(quarter.text in project.quarters)
    return sum(all(held) for held in by_partner.values()), len(by_partner)
