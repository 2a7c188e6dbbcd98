"""Obligations and when each is due next. Frozen; a value checks itself when made."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable
from dataclasses import dataclass

from theory_of_change.errors import TheoryError
from workspace.days import LAST, months_later
from workspace.errors import Fault, did_you_mean

EVERY = {"once": 0, "month": 1, "quarter": 3, "half-year": 6, "year": 12, "two-years": 24, "three-years": 36}
OBLIGATION_ID = re.compile(r"OBL-[0-9]{3,}")
SOON_DAYS = 60  # days before an obligation is due from which it is told as coming


@dataclass(frozen=True, slots=True)
class Obligation:
    """A duty: what, from where it comes, its first day, who sees to it, and how often it comes back."""

    id: str
    duty: str
    source: str
    due: dt.date
    owner: str = ""
    every: str = "once"
    note: str = ""

    def __post_init__(self) -> None:
        faults = []
        if not OBLIGATION_ID.fullmatch(self.id):
            faults.append(Fault("LC355", "id", "an id is written OBL-001"))
        faults += [
            Fault("LC354", key, f"'{key}' is empty", f"Say {key}.")
            for key in ("duty", "source")
            if not str(getattr(self, key)).strip()
        ]
        if self.every not in EVERY:
            said = f"'every' must be one of {', '.join(EVERY)}.{did_you_mean(self.every, EVERY)}"
            faults.append(Fault("LC355", "every", said))
        if faults:
            raise TheoryError.gather(faults)


@dataclass(frozen=True, slots=True)
class Done:
    """That an obligation was met: the day it was due, the day it was done, by whom."""

    obligation: str
    due: dt.date
    on: dt.date
    by: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class Register:
    """All obligations, and all that was done."""

    obligations: tuple[Obligation, ...] = ()
    done: tuple[Done, ...] = ()

    def of(self, name: str) -> Obligation | None:
        """One of them by its id."""
        return next((each for each in self.obligations if each.id == name.upper()), None)

    def next_due(self, obligation: Obligation) -> dt.date | None:
        """The first of its days that was not done; ``None`` where it comes once and was done."""
        met = {each.due for each in self.done if each.obligation == obligation.id}
        step = EVERY[obligation.every]
        if not step:
            return None if obligation.due in met else obligation.due
        number, day = 0, obligation.due
        while day in met:
            if day == LAST:
                return None  # the calendar has no day after it
            number += 1
            day = months_later(obligation.due, number * step)
        return day


@dataclass(frozen=True, slots=True)
class Upcoming:
    """An obligation with its next day."""

    obligation: Obligation
    day: dt.date

    def state(self, today: dt.date) -> str:
        """Overdue, coming or later, with the days."""
        days = (self.day - today).days
        if days < 0:
            return f"overdue for {-days} days"
        return f"in {days} days" if days <= SOON_DAYS else ""


def upcoming(register: Register) -> tuple[Upcoming, ...]:
    """Every obligation that is still to be met, the one due first first: overdue ones lead."""
    found = [Upcoming(each, day) for each in register.obligations if (day := register.next_due(each))]
    return tuple(sorted(found, key=lambda each: (each.day, each.obligation.id)))


def overdue(found: Iterable[Upcoming], today: dt.date) -> int:
    """How many are late."""
    return sum(each.day < today for each in found)
