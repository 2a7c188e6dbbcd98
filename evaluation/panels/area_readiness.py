"""Whether a plan on area series could be decided, and what was known of the data by then; asked before the lock."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping
from dataclasses import dataclass

import polars as pl
from sqlmodel import Session

from cohorts.areas.periods import Step, day_of
from cohorts.areas.store import (
    StoredAreas,
    find_areas,
    list_measures,
    load_area_mapping,
    mapping_names,
    periods_seen,
)
from cohorts.errors import CohortError
from evaluation.decidable import Doubt, Projection, Prospects, expected, too_small
from evaluation.decidable import project as project_outcome
from evaluation.panels.axis import text_of
from evaluation.panels.frame import NEVER
from evaluation.panels.from_areas import AreaNames, area_access, area_names, permit_plan, places, start_day
from evaluation.plan import AnalysisPlan
from evaluation.store import areas_reported
from theory_of_change.model import Measure
from workspace.errors import did_you_mean
from workspace.project import Project

STEP_DAYS: dict[Step, float] = {"day": 1.0, "week": 7.0, "month": 30.44, "quarter": 91.31, "year": 365.25}


@dataclass(frozen=True, slots=True)
class AreaReadiness:
    """What is known of a plan on areas: the state of its data, what it could show, and why it cannot be decided."""

    data_state: str
    projection: Projection
    doubts: tuple[Doubt, ...]
    prospects: Prospects


def area_readiness(
    session: Session, project: Project, plan: AnalysisPlan, measures: Mapping[str, Measure]
) -> AreaReadiness:
    """Check a plan against the areas there are. No outcome is read; groups are, under the areas' agreements."""
    collection = find_areas(session, plan.population.areas)
    names = area_names(session, collection, plan, measures)
    permit_plan(session, project, collection, plan, names, outcomes=False)
    areas = places(session, collection, plan)
    state = area_access(
        session,
        collection,
        plan,
        measures,
        areas_reported(session, project, collection.collection_id, collection.name),
    )
    known = {*(m.name for m in list_measures(session, collection.collection_id)), *areas.columns}
    known |= _promised(project, collection)
    prospects = _prospects(session, collection, plan, names, areas)
    found = (*_unknown(names, known, collection), *_nobody(plan, areas), *_late(plan, areas))
    doubts = (*found, *too_small(plan, prospects))
    projection = project_outcome(plan, plan.primaries[0], prospects)
    return AreaReadiness(state, projection, doubts, expected(plan, prospects))


def _prospects(
    session: Session, collection: StoredAreas, plan: AnalysisPlan, names: AreaNames, areas: pl.DataFrame
) -> Prospects:
    """Areas of each kind; periods before the start that are held, and after it those held or to come by the report."""
    treated, others = _arms(plan, areas) or (None, None)
    primary = names.outcomes[0][1] if names.outcomes else None
    start = start_day(plan, areas)
    if primary is None or start is None:
        return Prospects(treated, others)
    held = periods_seen(session, collection.collection_id, [primary.name]).get(primary.name, {})
    days = [day for day in (day_of(period) for period in held) if day is not None]
    before, after = sum(day < start for day in days), sum(day >= start for day in days)
    if plan.reported_by and plan.reported_by > start:
        after = max(after, int((plan.reported_by - start).days / STEP_DAYS[primary.step]))
    return Prospects(treated, others, before=before or None, after=after or None)


def _promised(project: Project, collection: StoredAreas) -> set[str]:
    """Measures and attributes that the area sources of a collection promise, loaded or not."""
    found: set[str] = set()
    for name in mapping_names(project):
        with contextlib.suppress(CohortError):
            mapping, _ = load_area_mapping(project, name)
            if mapping.areas in (collection.name, collection.collection_id):
                found |= set(mapping.fields)
    return found


def _unknown(names: AreaNames, known: set[str], collection: StoredAreas) -> list[Doubt]:
    absent = [name for name in names.unknown if name not in known]
    said = [f"neither the areas '{collection.name}' nor their sources have '{name}'" for name in absent]
    near = [did_you_mean(name, known).removesuffix(".") for name in absent]
    return [Doubt("unknown-variable", f"{a}.{b}" if b else a) for a, b in zip(said, near, strict=True)]


def _arms(plan: AnalysisPlan, areas: pl.DataFrame) -> tuple[int, int] | None:
    """Treated areas and those to compare with; ``None`` where the plan's areas do not say."""
    settings = plan.design.settings
    named = getattr(settings, "treated_units", ())
    if named:
        pool = len(settings.donors) or areas.height - len(named) - len(settings.exclude_units)
        return len(named), max(pool, 0)
    treatment = plan.design.treatment
    first = str(getattr(plan.design.settings, "first_treated", "") or "")
    if treatment and treatment in areas.columns:
        marks = areas[treatment].drop_nulls().cast(pl.Float64, strict=False)
        return int((marks == 1).sum()), int((marks == 0).sum())
    if first and first in areas.columns:
        started = ~text_of(areas[first]).fill_null("").is_in(list(NEVER))
        return int(started.sum()), areas.height - int(started.sum())
    return None


def _nobody(plan: AnalysisPlan, areas: pl.DataFrame) -> list[Doubt]:
    """Areas of one kind only: nothing to compare, or nothing that was treated."""
    arms = _arms(plan, areas)
    if arms is None:
        return []
    treated, others = arms
    if str(getattr(plan.design.settings, "first_treated", "") or ""):
        others = areas.height  # those that start later are compared with till then
    if treated and others:
        return []
    said = "no area is marked as treated" if not treated else "no area is left to compare with"
    return [Doubt("nobody-to-compare", said)]


def _late(plan: AnalysisPlan, areas: pl.DataFrame) -> list[Doubt]:
    start = start_day(plan, areas)
    if start is None or plan.reported_by is None or start <= plan.reported_by:
        return []
    return [
        Doubt("ripe-too-late", f"the programme starts on {start}, the report is due on {plan.reported_by}")
    ]
