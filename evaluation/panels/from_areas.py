"""A study table out of area series: the plan's measures by area and period, and what could be known of them before.

Columns: ``area`` (code), ``period`` (canonical text), the measures and attributes the plan names, and for every outcome
``definition@OUTCOME`` and ``complete@OUTCOME``; ``definition`` and ``complete`` are the first primary's.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace

import polars as pl
from sqlmodel import Session

from cohorts.areas.periods import STEPS, day_of, first_days, last_days
from cohorts.areas.permits import permit_area_use
from cohorts.areas.store import (
    StoredAreas,
    StoredMeasure,
    area_table,
    find_areas,
    list_measures,
    periods_seen,
    read_series,
)
from evaluation.decidable import variable_named, variable_of
from evaluation.errors import EvaluationError
from evaluation.model import FlowStep
from evaluation.panels.area_columns import added_up, covered, labelled, spread_over
from evaluation.plan import AnalysisPlan, PlannedOutcome
from evaluation.study import digest_of
from evaluation.study_table import StudyTable, beside, column_of, needed_columns
from theory_of_change.model import Measure
from workspace.errors import did_you_mean
from workspace.project import Project
from workspace.settings import DisclosureProfile

OWN = ("area", "period", "name", "parent", "valid_from")
ABOUT = ("definition", "complete")


@dataclass(frozen=True, slots=True)
class AreaNames:
    """What a plan's names stand for: outcomes (column, measure), further measures, attributes, and what is unknown."""

    outcomes: tuple[tuple[str, StoredMeasure], ...]
    measures: tuple[StoredMeasure, ...]
    attributes: tuple[str, ...]
    unknown: tuple[str, ...]

    @property
    def read(self) -> tuple[str, ...]:
        """Measures and attributes that a run reads, as agreements name them."""
        stored = [measure.name for _, measure in self.outcomes] + [m.name for m in self.measures]
        return tuple(dict.fromkeys((*stored, *self.attributes)))


def names_of_plan(
    plan: AnalysisPlan, stored: Sequence[StoredMeasure], areas: pl.DataFrame, measures: Mapping[str, Measure]
) -> AreaNames:
    """Look every name of a plan up among a collection's measures and attributes."""
    known = {one.name: one for one in stored}
    attributes = [name for name in areas.columns if name not in OWN]
    outcomes: list[tuple[str, StoredMeasure]] = []
    unknown: list[str] = []
    for outcome in plan.outcomes:
        variable = variable_of(outcome, measures)
        if variable in known:
            outcomes.append((column_of(outcome), known[variable]))
        else:
            unknown.append(variable)
    wanted = [*needed_columns(plan), *(name for outcome in plan.outcomes for name in beside(outcome))]
    wanted = [name for name in dict.fromkeys(wanted) if name not in (*OWN, *ABOUT)]
    wanted = [name for name in wanted if name not in dict(outcomes)]
    wanted += [m.denominator for _, m in outcomes if m.kind == "rate" and m.denominator in known]
    further = tuple(known[name] for name in dict.fromkeys(wanted) if name in known)
    unknown += [name for name in wanted if name not in known and name not in attributes]
    return AreaNames(tuple(outcomes), further, tuple(n for n in attributes if n in wanted), tuple(unknown))


def area_names(
    session: Session, collection: StoredAreas, plan: AnalysisPlan, measures: Mapping[str, Measure]
) -> AreaNames:
    """The same, out of the store."""
    stored = list_measures(session, collection.collection_id)
    return names_of_plan(plan, stored, places(session, collection, plan), measures)


def places(session: Session, collection: StoredAreas, plan: AnalysisPlan) -> pl.DataFrame:
    """The areas a plan compares: the collection's own, or those they are added up to."""
    if not plan.population.roll_up:
        return area_table(session, collection.collection_id)
    if not collection.parents:
        raise EvaluationError(
            "LC406",
            f"the areas '{collection.name}' are parts of no other collection, so they cannot be added up",
            "Remove roll_up, or make the collection with --parents.",
        )
    return area_table(session, collection.parents)


def permit_plan(
    session: Session,
    project: Project,
    collection: StoredAreas,
    plan: AnalysisPlan,
    names: AreaNames,
    *,
    outcomes: bool,
) -> DisclosureProfile:
    """The profile a plan's result is shown under, once agreements let its attributes (and ``outcomes``) be read."""
    asked = names.read if outcomes else names.attributes
    profile = permit_area_use(session, project, collection, "evaluation", asked)
    if not plan.population.roll_up or not collection.parents:
        return profile
    above = permit_area_use(
        session, project, find_areas(session, collection.parents), "evaluation", names.attributes
    )
    return DisclosureProfile(max(profile.threshold, above.threshold), max(profile.rounding, above.rounding))


def _added_up(
    session: Session,
    collection: StoredAreas,
    series: dict[str, pl.DataFrame],
    read: Mapping[str, StoredMeasure],
) -> dict[str, pl.DataFrame]:
    for name, measure in read.items():
        if measure.kind not in ("count", "denominator"):
            raise EvaluationError(
                "LC406",
                f"'{name}' is a {measure.kind}, which cannot be added up",
                "Load the counts and their denominator, and plan those.",
            )
    parts = area_table(session, collection.collection_id)
    return {
        name: added_up(one, parts, last_days(one["period"], read[name].step, read[name].year_starts))
        for name, one in series.items()
    }


def refuse_unknown(names: AreaNames, collection: StoredAreas, known: Collection[str]) -> None:
    """Refuse a plan that names what the collection does not have."""
    if names.unknown:
        first = names.unknown[0]
        said = f"the areas '{collection.name}' have neither a measure nor an attribute '{first}'."
        raise EvaluationError(
            "LC453",
            f"{said}{did_you_mean(first, known)}",
            f"lifecourse areas show {collection.name}",
        )


def with_area_columns(plan: AnalysisPlan) -> AnalysisPlan:
    """The plan as it is run on stored series: definitions and whole periods are always looked at."""
    population = replace(plan.population, units="areas", definition="definition", complete="complete")
    return replace(plan, population=population)


def table_from_areas(
    session: Session,
    collection: StoredAreas,
    plan: AnalysisPlan,
    measures: Mapping[str, Measure],
    *,
    unsealed: bool,
    known_on: dt.date | None = None,
) -> tuple[StudyTable, str]:
    """The collection's areas by period with the plan's columns, and a fingerprint of exactly these values.

    ``unsealed`` says that the plan is locked; without it sealed values are refused. ``known_on`` takes the values as
    they were known at the end of that day.
    """
    areas = places(session, collection, plan)
    stored = list_measures(session, collection.collection_id)
    names = names_of_plan(plan, stored, areas, measures)
    refuse_unknown(names, collection, [*(m.name for m in stored), *areas.columns])
    read = {m.name: m for m in (*(m for _, m in names.outcomes), *names.measures)}
    long = read_series(session, collection.collection_id, read.values(), unsealed=unsealed, known_on=known_on)
    series = {name: long.filter(pl.col("measure") == name) for name in read}
    if plan.population.roll_up:
        series = _added_up(session, collection, series, read)
    main = names.outcomes[0][1]
    _refuse_steps(names, main)
    keys = ["area", "period"]
    outcome_series = [series[m.name].select(keys) for _, m in names.outcomes]
    frame = pl.concat(outcome_series).unique().sort(keys)
    frame = frame.join(areas.select("area", *_attributes(names, plan, areas)), on="area", how="left")
    for measure in names.measures:
        frame = spread_over(frame, main, series[measure.name], measure)
    for column, measure in names.outcomes:
        frame = _with_outcome(frame, column, measure, series[measure.name])
    first = column_of(plan.primaries[0])
    frame = frame.with_columns(pl.col(f"{name}@{first}").alias(name) for name in ABOUT)
    frame = frame.with_columns(pl.int_range(frame.height, dtype=pl.Int64).alias("participant"))
    steps = (FlowStep(f"areas and periods in {collection.name}", frame.height, ""),)
    return StudyTable(frame, collection.name, 0, steps), digest_of(frame)


def _attributes(names: AreaNames, plan: AnalysisPlan, areas: pl.DataFrame) -> list[str]:
    wanted = set(needed_columns(plan))
    return [*names.attributes, *(name for name in OWN[2:] if name in wanted and name in areas.columns)]


def _refuse_steps(names: AreaNames, main: StoredMeasure) -> None:
    """Outcomes have one step; what stands beside them has the same or a coarser one."""
    for measure in (*(m for _, m in names.outcomes), *names.measures):
        place = STEPS.index(measure.step)
        beside_ = measure in names.measures
        if place == STEPS.index(main.step) or (beside_ and place > STEPS.index(main.step)):
            continue
        raise EvaluationError(
            "LC406",
            f"'{measure.name}' is a series by {measure.step}, '{main.name}' one by {main.step}",
            "Plan outcomes of one step; what stands beside them has the same step or a coarser one.",
        )


def _with_outcome(
    frame: pl.DataFrame, column: str, measure: StoredMeasure, series: pl.DataFrame
) -> pl.DataFrame:
    """An outcome with its definition, its completeness and, for a rate, the events behind it."""
    own = labelled(series, measure)
    ends = last_days(own["period"], measure.step, measure.year_starts)
    starts = first_days(own["period"], measure.step, measure.year_starts)
    own = own.with_columns(covered(own, starts, ends).alias("complete"))
    own = own.select(
        "area",
        "period",
        pl.col("value").alias(column),
        pl.col("definition").alias(f"definition@{column}"),
        pl.col("complete").alias(f"complete@{column}"),
    )
    frame = frame.join(own, on=["area", "period"], how="left", maintain_order="left")
    if measure.kind == "rate" and measure.denominator in frame.columns:
        events = pl.col(column) * pl.col(measure.denominator) / measure.per
        frame = frame.with_columns(events.alias(f"events@{column}"))
    return frame


def start_day(plan: AnalysisPlan, areas: pl.DataFrame) -> dt.date | None:
    """The first day on which the programme can have had an effect anywhere; ``None`` where the plan does not say."""
    start = str(getattr(plan.design.settings, "start", "") or "")
    if start:
        return day_of(start)
    column = str(getattr(plan.design.settings, "first_treated", "") or "")
    if not column or column not in areas.columns:
        return None
    days = [_day(value) for value in areas[column].drop_nulls().unique().to_list()]
    known = [day for day in days if day is not None]
    return min(known) if known else None


def _day(value: object) -> dt.date | None:
    text = f"{value:.15g}" if isinstance(value, float) else str(value)
    return None if text in ("", "0") else day_of(text)


def area_access(
    session: Session,
    collection: StoredAreas,
    plan: AnalysisPlan,
    measures: Mapping[str, Measure],
    reported: Collection[str],
) -> str:
    """What could be known of the data, worked out from the store and never taken on trust.

    An outcome counts as seen where a value of a period that is not over before the programme starts was ever loaded
    unsealed, or an earlier run has shown a result of it. Earlier periods are baseline. Without a start every period
    counts.
    """
    names = area_names(session, collection, plan, measures)
    if any(_was_reported(outcome, reported, measures) for outcome in plan.outcomes):
        return "outcomes seen"
    start = start_day(plan, places(session, collection, plan))
    outcomes = {m.name: m for _, m in names.outcomes}
    beside_ = {m.name: m for m in names.measures if m.kind != "denominator"}
    seen = periods_seen(session, collection.collection_id, {**outcomes, **beside_})
    before = bool(names.attributes) or any(seen.get(name) for name in beside_)
    hidden = False
    for name, measure in outcomes.items():
        for period, flags in seen.get(name, {}).items():
            if True in flags and _reaches(period, measure, start):
                return "outcomes seen"
            before = before or True in flags
            hidden = hidden or False in flags
    if before:
        return "baseline seen"
    return "collected, unseen" if hidden else "nothing collected"


def _was_reported(
    outcome: PlannedOutcome, reported: Collection[str], measures: Mapping[str, Measure]
) -> bool:
    variable = variable_of(outcome, measures)
    return any(variable_named(name.partition("@")[0], measures) == variable for name in reported)


def _reaches(period: str, measure: StoredMeasure, start: dt.date | None) -> bool:
    if start is None:
        return True
    last = last_days(pl.Series([period]), measure.step, measure.year_starts)[0]
    return bool(last >= start)
