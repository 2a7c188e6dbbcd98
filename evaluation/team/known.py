"""What a project knew on a day: everything a report for the team is made of (pure).

Entries of the store are added and never changed, so what was known on any earlier day is what was entered by then.
The theory, its reviews and the texts of measures lie in files and are those of today.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, replace

from evaluation.register.model import Register
from evaluation.register.states import build_register
from evaluation.success_figures import rounded_row
from evaluation.team.findings import Found
from theory_of_change.delivery.model import Action, Event, Project, Voice, of_kind, standing
from theory_of_change.model import Theory
from theory_of_change.obligations.model import Register as Obligations
from theory_of_change.reviews.decisions import Decision
from theory_of_change.tracking.due import Due, due_figures
from theory_of_change.tracking.model import FigureRow, Tracked
from theory_of_change.tracking.moves import Move, Series, moves_of
from theory_of_change.tracking.periods import Period
from workspace.days import days_after
from workspace.settings import DisclosureProfile

Slot = tuple[str, str, Period]


@dataclass(frozen=True, slots=True)
class Entered:
    """A figure as it was logged, and on which day."""

    day: dt.date
    row: FigureRow


@dataclass(frozen=True, slots=True)
class Known:
    """What was known on ``day``."""

    name: str
    day: dt.date
    measures: Mapping[str, Tracked]
    entries: tuple[Entered, ...]
    events: tuple[Event, ...]
    register: Register
    found: tuple[Found, ...]
    theory: Theory | None
    decisions: tuple[Decision, ...]
    profile: DisclosureProfile
    obligations: Obligations
    practice: bool = False

    @property
    def exact(self) -> dict[Slot, Entered]:
        """Of each measure, area and period the newest figure that holds a number, else the newest."""
        held: dict[Slot, Entered] = {}
        for entry in self.entries:
            before = held.get(entry.row.slot)
            if before is None or entry.row.value is not None or before.row.value is None:
                held[entry.row.slot] = entry
        return held

    @property
    def current(self) -> dict[Slot, Entered]:
        """The same as it may be told: own counts rounded. What is small is not told; ``success.hidden_in`` names it."""
        return {slot: self.told(entry) for slot, entry in self.exact.items()}

    def told(self, entry: Entered) -> Entered:
        """An entry with its own counts rounded."""
        row = rounded_row(entry.row, self.measures.get(entry.row.measure), self.profile)
        return replace(entry, row=row)

    @property
    def series(self) -> Series:
        """The current figures in order of time."""
        return Series(entry.row for entry in self.current.values())

    @property
    def moves(self) -> list[Move]:
        """Every figure held against the one before it."""
        return moves_of(self.measures, self.series)

    def due(self, until: dt.date) -> list[Due]:
        """Figures expected by a day and not there, the longest due first."""
        asked: dict[Slot, int] = {}
        for entry in self.entries:
            if entry.row.status == "asked":
                asked[entry.row.slot] = asked.get(entry.row.slot, 0) + 1
        found = due_figures(self.measures, self.series, days_after(until, 1), asked)
        return sorted(
            (each for each in found if each.due <= until), key=lambda each: (each.due, each.measure.id)
        )

    @property
    def projects(self) -> list[Project]:
        """Projects as they stood."""
        return of_kind(standing(self.events), Project)

    @property
    def actions(self) -> list[Action]:
        """Actions as they stood."""
        return of_kind(standing(self.events), Action)

    @property
    def voices(self) -> list[Voice]:
        """Voices as they stood."""
        return of_kind(standing(self.events), Voice)

    def history(self, subject: str) -> list[Event]:
        """All that happened to one of them."""
        return [event for event in self.events if event.subject == subject]


def register_on(register: Register, day: dt.date) -> Register:
    """The register as it stood at the end of a day. Whether outcomes were collected by then is not on record."""
    end = f"{day.isoformat()}~"  # after every time of that day
    entries = register.entries
    plans = [entry.plan for entry in entries if entry.plan.locked_at and entry.plan.locked_at <= end]
    return build_register(
        sorted(plans, key=lambda plan: plan.locked_at),
        [run for entry in entries for run in entry.runs if run.run_at <= end],
        [note for entry in entries for note in entry.notes if note.noted_at <= end],
        {entry.plan.plan_id: entry.collected for entry in entries},
        day.isoformat(),
    )


def day_of(at: str) -> dt.date:
    """The day of a time as the store writes it."""
    return dt.date.fromisoformat(at[:10])


def within(at: str, period: Period) -> bool:
    """Say whether a time, or a day written as text, lies in a period."""
    return period.first <= day_of(at) <= period.last


def without_words(known: Known) -> tuple[str, ...]:
    """Runs whose words were not kept: an older version made them."""
    held = {one.evaluation for one in known.found}
    runs = [run.evaluation_id for entry in known.register.entries for run in entry.runs]
    return tuple(sorted(name for name in runs if name not in held))
