"""What an area source says: which column is the area, the period, and which measure. Values only."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, get_args

from cohorts.areas.periods import Step
from cohorts.partner_files.dates import DateForm

MeasureKind = Literal["count", "rate", "number", "denominator"]
MEASURE_KINDS: tuple[MeasureKind, ...] = get_args(MeasureKind)
BREAKS = ("coding", "recording", "boundary", "source", "other")
NOT_STATED = "not stated"
RESERVED = ("area", "period", "definition", "complete", "participant", "parent", "name", "valid_from")


@dataclass(frozen=True, slots=True)
class AttributeColumn:
    """A column that says something of an area that does not change."""

    column: str
    name: str
    kind: Literal["number", "text"]


@dataclass(frozen=True, slots=True)
class AreaColumns:
    """Columns about the areas themselves: code, and where they are listed their name, parent and first day."""

    code: str
    name: str = ""
    parent: str = ""
    valid_from: str = ""
    attributes: tuple[AttributeColumn, ...] = ()


@dataclass(frozen=True, slots=True)
class PeriodColumn:
    """The period's column and form, and the column that says which share of the period was recorded, if any."""

    column: str
    step: Step
    form: str
    year_starts: int = 1
    complete: str = ""


@dataclass(frozen=True, slots=True)
class MeasureColumn:
    """A measure: of a wide file its column, of a long one its code in the measure column.

    ``per`` is what a rate is per (100,000 people), ``denominator`` the measure it is divided by. ``open`` values are
    never sealed: covariates.
    """

    column: str
    name: str
    kind: MeasureKind
    definition: str = ""
    definition_column: str = ""
    denominator: str = ""
    per: float = 1.0
    unit: str = ""
    minimum: float | None = None
    maximum: float | None = None
    open: bool = False


@dataclass(frozen=True, slots=True)
class DeclaredBreak:
    """From this period on a measure (or every measure, where none is named) is counted in another way."""

    measure: str
    period: str
    why: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class AreaMapping:
    """One partner file of area series, or of areas alone.

    ``areas`` is the collection it feeds, ``lists`` says that it may add areas to it. ``long_measure`` and
    ``long_value`` are headings of a long file. Of a delivery loaded sealed, periods before ``open_before`` stay open.
    """

    id: str
    title: str
    organisation: str
    areas: str
    lists: bool
    agreement: str
    encoding: str
    sheet: str
    dates: DateForm
    rejects: Literal["stop", "set-aside"]
    ignore: tuple[str, ...]
    missing: Mapping[str, str]
    data_until: dt.date | None
    open_before: str
    columns_of_area: AreaColumns
    period: PeriodColumn | None
    long_measure: str
    long_value: str
    measures: tuple[MeasureColumn, ...]
    breaks: tuple[DeclaredBreak, ...]

    @property
    def columns(self) -> tuple[str, ...]:
        """Every heading that is read, once."""
        area = self.columns_of_area
        named = [area.code, area.name, area.parent, area.valid_from, *(a.column for a in area.attributes)]
        if self.period:
            named += [self.period.column, self.period.complete]
        named += [self.long_measure, self.long_value]
        named += [] if self.long_measure else [m.column for m in self.measures]
        named += [m.definition_column for m in self.measures]
        return tuple(dict.fromkeys(heading for heading in named if heading))

    @property
    def fields(self) -> tuple[str, ...]:
        """What it takes out of a file, as an agreement names it: measures and attributes."""
        names = (*(m.name for m in self.measures), *(a.name for a in self.columns_of_area.attributes))
        return tuple(dict.fromkeys(names))

    def breaks_of(self, measure: str) -> tuple[DeclaredBreak, ...]:
        """The breaks declared for a measure."""
        return tuple(one for one in self.breaks if one.measure in ("", measure))
