"""Events that a plan draws from a cohort's lives: which, within what time, and when nobody is at risk (pure)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from cohorts.lives.definition import UNKNOWN, LifeDefinition
from workspace.errors import did_you_mean
from workspace.toml_source import Section

ONLY_DRAWN = ("categories", "within_months", "waiting_months", "spell", "states")
NOT_DRAWN = ("entry", "duration", "event", "off_clock", "intervals", "changing", "wave")
MOST_MONTHS = 1200


@dataclass(frozen=True, slots=True)
class Drawn:
    """All events of some kinds (and categories) of each person within months of their index date.

    Records are complete ``waiting_months`` before their end. In spells of kind ``spell`` (in ``states``, or any) nobody
    is at risk. ``ending`` is a kind of event after which none can come.
    """

    events: tuple[str, ...]
    within_months: float
    waiting_months: float = 0.0
    categories: tuple[str, ...] = ()
    spell: str = ""
    states: tuple[str, ...] = ()
    ending: str = ""

    @property
    def needs(self) -> tuple[tuple[str, str], ...]:
        """What must have been loaded: (table, kind)."""
        events = [("event", kind) for kind in (*self.events, *([self.ending] if self.ending else []))]
        return tuple(dict.fromkeys([*events, *([("spell", self.spell)] if self.spell else [])]))


def read_drawn(section: Section) -> Drawn | None:
    """Read the keys of events drawn from a cohort; ``None`` where the plan names columns."""
    if not section.has("events"):
        for key in ONLY_DRAWN:
            if section.has(key):
                said = f"'{key}' goes with events, the kinds of a cohort's events"
                section.fault("LC406", key, said, 'Add events = ["…"], or remove it.')
        return None
    if not section.boolean("recurrent"):
        hint = "Add recurrent = true; for the first event alone the cohort derives days-to-event."
        section.fault("LC406", "events", "'events' draws every event, so it needs recurrent = true", hint)
    for key in NOT_DRAWN:
        if section.has(key):
            said = f"'{key}' does not go with events: the times are worked out of the cohort's records"
            section.fault("LC406", key, said, "Remove it.")
    found = Drawn(
        events=section.texts("events", required=True),
        within_months=section.number("within_months", required=True, above=0, high=MOST_MONTHS) or 1.0,
        waiting_months=section.number("waiting_months", 0.0, low=0, high=120) or 0.0,
        categories=section.texts("categories"),
        spell=section.text("spell"),
        states=section.texts("states"),
        ending=section.text("competing"),
    )
    if not found.events:
        section.fault("LC403", "events", "'events' names no kind of event", "lifecourse cohort show COHORT")
    if found.states and not found.spell:
        section.fault("LC406", "states", "'states' needs spell: the kind they are states of", "Add spell.")
    if found.ending in found.events and found.ending:
        section.fault("LC403", "competing", "'competing' is among the events", "Take it out of one of them.")
    return found


def undeclared(drawn: Drawn, life: LifeDefinition) -> Iterator[str]:
    """What the plan draws and the cohort does not declare, in words."""
    known = {event.kind: event for event in life.events}
    for kind in (*drawn.events, drawn.ending):
        if kind and kind not in known:
            yield f"the cohort declares no event '{kind}'.{did_you_mean(kind, known)}".removesuffix(".")
    if all(kind in known and known[kind].process for kind in drawn.events):
        yield f"it would count {', '.join(drawn.events)} alone, which closer watching produces"
    if not drawn.spell:
        return
    held = life.spell(drawn.spell)
    if held is None:
        kinds = [spell.kind for spell in life.spells]
        yield f"the cohort declares no spell '{drawn.spell}'.{did_you_mean(drawn.spell, kinds)}".removesuffix(
            "."
        )
        return
    for state in drawn.states:
        if state not in held.states or state == UNKNOWN:
            yield f"spell '{drawn.spell}' has no state '{state}'"


def drawn_words(drawn: Drawn) -> str:
    """What is counted and when, in words, for the report."""
    of = f" ({', '.join(drawn.categories)})" if drawn.categories else ""
    said = f"{', '.join(drawn.events)}{of} within {drawn.within_months:g} months of the index date"
    if drawn.waiting_months:
        said += f", as far as records were complete ({drawn.waiting_months:g} months before their end)"
    if drawn.spell:
        kind = f"{drawn.spell} ({', '.join(drawn.states)})" if drawn.states else drawn.spell
        said += (
            f"; time in {kind} is no time at risk, and events then do not count, save on the first day of it"
        )
    ends = f"; {drawn.ending} ends it" if drawn.ending else ""
    return f"{said}{ends}; several on one day count once; time out of sight is left out"
