"""What a cohort declares about lives: kinds of spells and events, and the variables derived from them (pure)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from cohorts.lives.file import WORD, read_word
from workspace.toml_source import Section

UNKNOWN = "unknown"
EVENT_KINDS = ("event-count", "event-within", "days-to-event")
SPELL_KINDS = ("time-in-state", "days-at-liberty")
DOSE_KINDS = ("dose", "share-attended")
DERIVED_KINDS = (*EVENT_KINDS, *SPELL_KINDS, *DOSE_KINDS, "family")
DOSES = (
    "sessions-planned", "sessions-attended", "minutes-planned", "minutes", "fidelity", "first-session", "last-session",
)  # fmt: skip
_NAME = re.compile(r"[a-z][a-z0-9_]{0,62}")


@dataclass(frozen=True, slots=True)
class SpellKind:
    """A dimension of states. Of states that overlap, the one named first counts.

    ``exclusive`` refuses overlaps. ``otherwise`` is the state of observed time in no spell.
    """

    kind: str
    states: tuple[str, ...]
    exclusive: bool = False
    otherwise: str = UNKNOWN


@dataclass(frozen=True, slots=True)
class EventKind:
    """A kind of event. ``process`` marks what closer watching alone produces; after ``terminal`` nothing follows."""

    kind: str
    process: bool = False
    terminal: bool = False


@dataclass(frozen=True, slots=True)
class Derived:
    """A variable worked out from spells, events, exposures or relations in a window after the index date.

    The window runs from ``from_months`` to before ``to_months``; the records need ``waiting_months`` more.
    ``competing`` names kinds of events, or a state of a spell as ``custody:recall``. ``spell`` (and ``states`` of it)
    beside days-to-event is where nobody is at risk of the event: those days are told apart, as time off the clock.
    """

    name: str
    kind: str
    wave: str
    from_months: float = 0.0
    to_months: float = 0.0
    waiting_months: float = 0.0
    events: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    spell: str = ""
    states: tuple[str, ...] = ()
    intervention: str = ""
    of: str = ""
    relations: tuple[str, ...] = ()
    competing: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Burden:
    """How many of these measures a person may be asked within some months."""

    name: str
    measures: tuple[str, ...]
    most: int
    months: float


@dataclass(frozen=True, slots=True)
class LifeDefinition:
    """All that a cohort declares about lives. ``cluster`` is the unit its people come in, such as a school."""

    spells: tuple[SpellKind, ...] = ()
    events: tuple[EventKind, ...] = ()
    derived: tuple[Derived, ...] = ()
    burdens: tuple[Burden, ...] = ()
    cluster: str = ""

    def spell(self, kind: str) -> SpellKind | None:
        """The kind of spell of that name."""
        return next((known for known in self.spells if known.kind == kind), None)

    @property
    def names(self) -> tuple[str, ...]:
        """Every derived variable."""
        return tuple(name for item in self.derived for name in names_of(item))

    @property
    def terminal(self) -> tuple[str, ...]:
        """The kinds of events after which nothing follows."""
        return tuple(known.kind for known in self.events if known.terminal)

    @classmethod
    def from_data(cls, data: Mapping[str, Any]) -> LifeDefinition:
        """Read back what ``dataclasses.asdict`` made; a definition older than these keys has none."""
        return cls(
            tuple(SpellKind(**_tuples(item)) for item in data.get("spells", ())),
            tuple(EventKind(**item) for item in data.get("events", ())),
            tuple(Derived(**_tuples(item)) for item in data.get("derived", ())),
            tuple(Burden(**_tuples(item)) for item in data.get("burdens", ())),
            data.get("cluster", ""),
        )


def _tuples(item: Mapping[str, Any]) -> dict[str, Any]:
    return {key: tuple(value) if isinstance(value, list) else value for key, value in item.items()}


def read_life_definition(file: Section, waves: set[str]) -> LifeDefinition:
    """Read the tables of a template about lives; faults are gathered in the section's list."""
    spells = tuple(_spell(section) for section in file.tables("spell"))
    events = tuple(_event(section) for section in file.tables("event"))
    sections = file.tables("derived")
    derived = tuple(_derived(section, waves) for section in sections)
    found = LifeDefinition(spells, events, derived, tuple(_burden(s) for s in file.tables("burden")))
    taken: set[str] = set()
    for section, item in zip(sections, derived, strict=True):
        _check_derived(section, item, found)
        for name in names_of(item):
            if name in taken:
                section.fault(section.codes.wrong, "name", f"there are two derived variables '{name}'")
            taken.add(name)
    return found


def _spell(section: Section) -> SpellKind:
    states = section.texts("states", required=True)
    if any(not WORD.fullmatch(state) for state in states):
        section.fault(section.codes.wrong, "states", "'states' lists words such as on-roll")
    found = SpellKind(
        read_word(section, "kind", required=True),
        tuple(dict.fromkeys(states)),
        section.boolean("exclusive"),
        read_word(section, "otherwise") or UNKNOWN,
    )
    section.finish()
    return found


def _event(section: Section) -> EventKind:
    found = EventKind(
        read_word(section, "kind", required=True), section.boolean("process"), section.boolean("terminal")
    )
    section.finish()
    return found


def _burden(section: Section) -> Burden:
    found = Burden(
        section.text("name", required=True),
        section.texts("measures", required=True),
        section.integer("most", 1, required=True, low=0) or 0,
        section.number("months", 12.0, above=0, high=1200) or 12.0,
    )
    section.finish()
    return found


def _derived(section: Section, waves: set[str]) -> Derived:
    kind = section.text("kind", required=True, one_of=DERIVED_KINDS)
    found = Derived(
        name=section.text("name", required=True),
        kind=kind,
        wave=section.text("wave", required=True, one_of=sorted(waves)),
        from_months=section.number("from_months", 0.0, low=-1200, high=1200) or 0.0,
        to_months=section.number("to_months", 0.0, required=kind != "family", low=-1200, high=1200) or 0.0,
        waiting_months=section.number("waiting_months", 0.0, low=0, high=120) or 0.0,
        events=section.texts("events"),
        categories=section.texts("categories"),
        spell=read_word(section, "spell"),
        states=section.texts("states"),
        intervention=read_word(section, "intervention"),
        of=section.text("of", one_of=DOSES),
        relations=section.texts("relations"),
        competing=section.texts("competing"),
    )
    section.finish()
    return found


def names_of(item: Derived) -> tuple[str, ...]:
    """The variables a declaration makes: itself, whether the event came, time off the clock, each competing event."""
    event = (f"{item.name}_event",) if item.kind == "days-to-event" else ()
    away = (off_clock_name(item),) if item.kind == "days-to-event" and item.spell else ()
    return (item.name, *event, *away, *(competing_name(item, named) for named in item.competing))


def off_clock_name(item: Derived) -> str:
    """The variable of the days within days-to-event that were spent in the spell it names."""
    return f"{item.name}_off_clock"


def competing_name(item: Derived, named: str) -> str:
    """The binary variable that says whether a competing event came first: ``custody:recall`` ends in ``_recall``."""
    return f"{item.name}_{named.rpartition(':')[2].replace('-', '_')}"


_NEEDS = {
    **dict.fromkeys(EVENT_KINDS, ("events",)),
    "time-in-state": ("spell", "states"),
    "days-at-liberty": ("spell",),
    "dose": ("intervention", "of"),
    "share-attended": ("intervention",),
    "family": ("relations",),
}


def _check_derived(section: Section, item: Derived, life: LifeDefinition) -> None:
    codes = section.codes
    if item.name and not _NAME.fullmatch(item.name):
        section.fault(
            codes.wrong, "name", "'name' must be small letters, digits and _, beginning with a letter"
        )
    for key in _NEEDS.get(item.kind, ()):
        if not getattr(item, key):
            section.fault(codes.missing, "", f"kind {item.kind} needs '{key}'", f"Add {key} = … to it.")
    if item.kind != "family" and item.to_months <= item.from_months:
        section.fault(codes.wrong, "to_months", "the window must end after it begins")
    if item.competing and item.kind not in ("event-within", "days-to-event"):
        section.fault(codes.wrong, "competing", f"kind {item.kind} takes no 'competing'")
    _check_events(section, item, life)
    _check_states(section, item, life)


def _check_events(section: Section, item: Derived, life: LifeDefinition) -> None:
    known = {event.kind: event for event in life.events}
    for kind in item.events:
        if kind not in known:
            section.fault(section.codes.wrong, "events", f"no [[event]] is of kind '{kind}'", "Declare it.")
    if item.events and all(kind in known and known[kind].process for kind in item.events):
        section.fault(
            "LC868",
            "events",
            f"'{item.name}' would count {', '.join(item.events)} alone, which closer watching produces",
            "Count it beside what people did, as an event of its own or under competing.",
        )
    for named in item.competing:
        spell, _, state = named.partition(":")
        held = life.spell(spell)
        if not (named in known or (held and state in held.states)):
            section.fault(
                section.codes.wrong,
                "competing",
                f"'{named}' is neither an event nor a state like custody:recall",
            )


def _check_states(section: Section, item: Derived, life: LifeDefinition) -> None:
    if not item.spell:
        return
    held = life.spell(item.spell)
    if held is None:
        section.fault(section.codes.wrong, "spell", f"no [[spell]] is of kind '{item.spell}'", "Declare it.")
        return
    strange = [state for state in item.states if state not in (*held.states, held.otherwise, UNKNOWN)]
    if strange:
        section.fault(
            section.codes.wrong, "states", f"spell '{item.spell}' has no state '{strange[0]}'", "Declare it."
        )
