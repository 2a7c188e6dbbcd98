"""What a source file says: which column of a partner's file means what. Values only."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, get_args

from cohorts.lives.columns import LifeColumns
from cohorts.partner_files.dates import DateForm

NOT_RECORDED = "not recorded"
MISSING_REASONS = (
    NOT_RECORDED,
    "not asked",
    "refused",
    "not known",
    "not applicable",
    "not shared",
    "withdrawn",
    "failed validation",
)
VariableKind = Literal["number", "binary", "category", "date", "age", "age-months"]
VARIABLE_KINDS: tuple[VariableKind, ...] = get_args(VariableKind)
AGES = ("age", "age-months")


@dataclass(frozen=True, slots=True)
class IdentifierColumn:
    """A column that says who a row is about. It is turned into a pseudonym and then forgotten."""

    column: str
    kind: str
    required: bool = True


@dataclass(frozen=True, slots=True)
class VariableColumn:
    """A column that becomes a variable.

    ``events`` (the values of the wave column at which it is asked; none: at all) and ``asked_when`` (branching
    logic) belong to the layout ``redcap``.
    """

    column: str
    name: str
    kind: VariableKind
    minimum: float | None = None
    maximum: float | None = None
    unit: str = ""
    label: str = ""
    wave: str = ""
    recode: Mapping[str, float | str] = field(default_factory=dict)
    missing: Mapping[str, str] = field(default_factory=dict)
    codes: tuple[str, ...] = ()
    events: tuple[str, ...] = ()
    asked_when: str = ""


@dataclass(frozen=True, slots=True)
class MatchingColumn:
    """A column by which ``link run`` compares people. A load knows it and drops it."""

    column: str
    kind: str


@dataclass(frozen=True, slots=True)
class SourceMapping:
    """One partner extract: its columns, its wave, its dates, its missing codes.

    ``index_date`` is the heading of the index date's column, or empty; ``agreement`` the id of the data-sharing
    agreement the extract comes under, or empty. ``layout`` is ``redcap`` or empty; with it ``repeat_instrument``
    names the repeating instrument that is read, and ``repeat`` the instance: ``first``, ``last`` or a number.
    """

    id: str
    title: str
    organisation: str
    cohort: str
    enrols: bool
    encoding: str
    sheet: str
    dates: DateForm
    rejects: Literal["stop", "set-aside"]
    wave: str
    wave_column: str
    waves: Mapping[str, str]
    data_until: dt.date | None
    ignore: tuple[str, ...]
    missing: Mapping[str, str]
    identifiers: tuple[IdentifierColumn, ...]
    index_date: str
    variables: tuple[VariableColumn, ...]
    agreement: str = ""
    layout: str = ""
    repeat_instrument: str = ""
    repeat: str = ""
    data_from: dt.date | None = None
    life: LifeColumns = field(default_factory=LifeColumns)
    approached: Mapping[str, int] = field(default_factory=dict)
    matching: tuple[MatchingColumn, ...] = ()

    @property
    def columns(self) -> tuple[str, ...]:
        """Every heading that is read, once, in the order of the file's tables."""
        named = [item.column for item in self.identifiers]
        named += [self.index_date, self.wave_column, *(item.column for item in self.variables)]
        named += self.life.columns
        return tuple(dict.fromkeys(heading for heading in named if heading))

    @property
    def namespace(self) -> str:
        """Whose local ids these are: the organisation's, or this source's own where none is named."""
        return " ".join(self.organisation.lower().split()) or self.id


def plain_code(text: str) -> str:
    """A code as it is compared: trimmed, in small letters, ``1.0`` as ``1``."""
    return re.sub(r"^(-?[0-9]+)\.0+$", r"\1", text.strip().lower())
