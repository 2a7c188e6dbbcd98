"""The people of a study before a plan is applied to them, and what may be wrong with their columns (pure)."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field, replace

import polars as pl

from cohorts.expressions import read_rule
from evaluation.model import FlowStep
from evaluation.plan import AnalysisPlan, PlannedOutcome

FIRST_ROWS = 10
MOST_GROUPS = 12


@dataclass(frozen=True, slots=True)
class Ripeness:
    """When an outcome is complete: follow-up and waiting months after the index date, and the data cut-off.

    With a school year, follow-up lasts to its end for a child born on the index date. ``watched``: people count for as
    long as they were watched, so they are ripe once that has begun.
    """

    follow_up_months: float
    waiting_months: float
    cut_off: dt.date | None
    school_year: str = ""
    watched: bool = False


@dataclass(frozen=True, slots=True)
class LinkedSource:
    """Whose records of a source were found by linkage: columns ``participant, linked, truth``.

    ``truth`` is what national ids say: ``same`` (the person has a record there, and it is the one linked if any),
    ``other`` (the record linked is somebody else's) or ``unknown``.
    """

    source: str
    people: pl.DataFrame

    def __repr__(self) -> str:
        """Never the data."""
        return f"LinkedSource({self.source!r}, {self.people.height} people)"


@dataclass(frozen=True, slots=True)
class StudyTable:
    """The people of a study before the plan is applied to them.

    ``frame`` has a column ``participant``; in project mode also ``index_date``. ``row_of`` is added to a row's
    index to name it in a message (2 for a CSV file: its heading is row 1); 0 hides row numbers.
    ``earlier`` are the flow steps before this table, ``clusters`` the unit the cohort's people come in, if any.
    ``earlier_people`` are the people after each of them, where the store says who (for the gate's ledger).
    ``linkage`` gives, for outcome columns that a linked source feeds, how its records were found.
    """

    frame: pl.DataFrame
    name: str
    row_of: int
    earlier: tuple[FlowStep, ...] = ()
    ripeness: tuple[tuple[str, Ripeness], ...] = ()
    linkage: tuple[tuple[str, LinkedSource], ...] = ()
    clusters: str = ""
    earlier_people: tuple[pl.Series | None, ...] = field(default=(), repr=False, compare=False)

    def __repr__(self) -> str:
        """Never the data."""
        return f"StudyTable({self.name!r}, {self.frame.height} rows)"


def needed_columns(plan: AnalysisPlan) -> tuple[str, ...]:
    """Every column the plan's design names, outcomes apart; further ones a method's settings list as ``columns``."""
    d = plan.design
    rule = read_rule(plan.population.where).names if plan.population.where else ()
    received = getattr(d.settings, "compliance", "")
    groups = tuple(one.by for one in plan.subgroups)
    levels = [column for _, column in d.levels]
    names = (
        d.treatment,
        *d.covariates,
        *d.exact,
        d.cluster,
        d.strata,
        d.unit,
        received,
        *levels,
        *groups,
        *rule,
    )
    names = (*names, d.time, d.weights, plan.population.definition, plan.population.complete)
    names = (
        *names,
        *getattr(d.settings, "columns", ()),
        getattr(d.settings, "first_treated", ""),
        *plan.analysis.auxiliary,
    )
    return tuple(dict.fromkeys(name for name in names if name))


def delivery_columns(plan: AnalysisPlan) -> tuple[str, ...]:
    """The columns in which delivery shows, further than those the design names itself."""
    needed = needed_columns(plan)
    return tuple(name for name in (plan.delivery.columns if plan.delivery else ()) if name not in needed)


def beside(outcome: PlannedOutcome) -> tuple[str, ...]:
    """Columns an outcome needs beside its own."""
    return tuple(name for name in (outcome.baseline, outcome.exposure) if name)


def wave_columns(outcome: PlannedOutcome) -> tuple[str, ...]:
    """The columns of an outcome that is followed over several waves, in their order."""
    return tuple(column_of(replace(outcome, wave=wave)) for wave in outcome.waves)


def column_of(outcome: PlannedOutcome) -> str:
    """The study table's column of an outcome; of a time to an event, the column that says whether it came."""
    if outcome.timing:
        return outcome.timing.event
    return (
        f"{outcome.measure}@{outcome.wave}"
        if outcome.wave and "@" not in outcome.measure
        else outcome.measure
    )


def rows_named(table: StudyTable, bad: pl.Series) -> str:
    """Name the first rows that are bad, or how many there are where rows must not be named."""
    hits = bad.fill_null(value=False).arg_true().to_list()
    if not table.row_of:
        return "some people" if len(hits) > 1 else "one person"
    shown = ", ".join(str(hit + table.row_of) for hit in hits[:FIRST_ROWS])
    more = f" and {len(hits) - FIRST_ROWS} more" if len(hits) > FIRST_ROWS else ""
    return f"row{'s' if len(hits) > 1 else ''} {shown}{more}"
