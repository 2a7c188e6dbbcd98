"""What a source file says about lives: spells, events, exposures, observability and relations. Values only."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

LEFT_OUT = "-"


@dataclass(frozen=True, slots=True)
class Coded:
    """A fixed word, or a column whose codes stand for words; a code that stands for ``-`` leaves its row out."""

    fixed: str = ""
    column: str = ""
    codes: Mapping[str, str] = field(default_factory=dict)

    @property
    def words(self) -> tuple[str, ...]:
        """Every word that can come out."""
        found = [self.fixed] if self.fixed else list(self.codes.values())
        return tuple(dict.fromkeys(word for word in found if word not in ("", LEFT_OUT)))


@dataclass(frozen=True, slots=True)
class SpellColumns:
    """A stretch of time in a state. ``last_day`` says that the end column holds the last day in the state."""

    kind: str
    state: Coded
    start: str
    end: str
    last_day: bool = False
    end_reason: Coded = field(default_factory=Coded)
    unit: str = ""

    @property
    def columns(self) -> tuple[str, ...]:
        """The headings read."""
        return (self.state.column, self.start, self.end, self.end_reason.column, self.unit)


@dataclass(frozen=True, slots=True)
class EventColumns:
    """Something that happened on a day. ``number`` only tells like rows apart and is not kept."""

    kind: Coded
    date: str
    month_only: bool = False
    category: Coded = field(default_factory=Coded)
    number: str = ""

    @property
    def columns(self) -> tuple[str, ...]:
        """The headings read."""
        return (self.kind.column, self.date, self.category.column, self.number)


@dataclass(frozen=True, slots=True)
class ExposureColumns:
    """A planned session of an intervention, and what came of it."""

    intervention: Coded
    date: str
    attended: str
    planned_minutes: str = ""
    minutes: str = ""
    fidelity: str = ""
    provider: str = ""
    mode: Coded = field(default_factory=Coded)

    @property
    def columns(self) -> tuple[str, ...]:
        """The headings read."""
        numbers = (self.attended, self.planned_minutes, self.minutes, self.fidelity)
        return (self.intervention.column, self.date, *numbers, self.provider, self.mode.column)


@dataclass(frozen=True, slots=True)
class ObservabilityColumns:
    """A stretch in which these kinds of events or spells would have been seen, and why it ended."""

    sees: tuple[str, ...]
    start: str
    end: str
    last_day: bool = False
    reason: Coded = field(default_factory=Coded)

    @property
    def columns(self) -> tuple[str, ...]:
        """The headings read."""
        return (self.start, self.end, self.reason.column)


@dataclass(frozen=True, slots=True)
class RelationColumns:
    """A column that identifies another person, whom the row's own person is related to."""

    relation: str
    column: str
    kind: str

    @property
    def columns(self) -> tuple[str, ...]:
        """The headings read."""
        return (self.column,)


@dataclass(frozen=True, slots=True)
class LifeColumns:
    """All of a source's tables about lives."""

    spells: tuple[SpellColumns, ...] = ()
    events: tuple[EventColumns, ...] = ()
    exposures: tuple[ExposureColumns, ...] = ()
    observability: tuple[ObservabilityColumns, ...] = ()
    relations: tuple[RelationColumns, ...] = ()

    def __bool__(self) -> bool:
        """Say whether there is any."""
        return bool(self.spells or self.events or self.exposures or self.observability or self.relations)

    @property
    def columns(self) -> tuple[str, ...]:
        """Every heading that is read."""
        headings = [
            *(item.columns for item in self.spells),
            *(item.columns for item in self.events),
            *(item.columns for item in self.exposures),
            *(item.columns for item in self.observability),
            *(item.columns for item in self.relations),
        ]
        return tuple(heading for columns in headings for heading in columns if heading)

    @property
    def covers(self) -> tuple[tuple[str, str], ...]:
        """What the source tells of: (table, kind), also where a file holds no row of it."""
        spells = [("spell", item.kind) for item in self.spells]
        events = [("event", word) for item in self.events for word in item.kind.words]
        exposures = [("exposure", word) for item in self.exposures for word in item.intervention.words]
        seen = [("observability", kind) for item in self.observability for kind in item.sees]
        relations = [("relation", item.relation) for item in self.relations]
        return tuple(dict.fromkeys((*spells, *events, *exposures, *seen, *relations)))

    @property
    def fields(self) -> tuple[str, ...]:
        """What an agreement must name: ``spell:custody``, ``event:arrest`` and so on."""
        return tuple(f"{table}:{kind}" for table, kind in self.covers)
