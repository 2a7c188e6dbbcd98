"""Whether a plan on area series could be decided, and what was known of the data by then; asked before the lock."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping
from dataclasses import dataclass

import polars as pl
from sqlmodel import Session

from cohorts.areas.store import (
    StoredAreas,
    find_areas,
    list_measures,
    load_area_mapping,
    mapping_names,
)
from cohorts.errors import CohortError
from evaluation.decidable import Doubt, Projection
from evaluation.panels.axis import text_of
from evaluation.panels.frame import NEVER
from evaluation.panels.from_areas import AreaNames, area_access, area_names, permit_plan, places, start_day
from evaluation.plan import AnalysisPlan
from evaluation.store import areas_reported
from theory_of_change.model import Measure
from workspace.errors import did_you_mean
from workspace.project import Project

NOT_PROJECTED = "what a panel of areas could show is not worked out ahead of its data by this version"


@dataclass(frozen=True, slots=True)
class AreaReadiness:
    """What is known of a plan on areas: the state of its data, what it could show, and why it cannot be decided."""

    data_state: str
    projection: Projection
    doubts: tuple[Doubt, ...]


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
    doubts = (*_unknown(names, known, collection), *_nobody(plan, areas), *_late(plan, areas))
    return AreaReadiness(state, Projection(None, None, NOT_PROJECTED), doubts)


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


def _nobody(plan: AnalysisPlan, areas: pl.DataFrame) -> list[Doubt]:
    """Areas of one kind only: nothing to compare, or nothing that was treated."""
    treatment = plan.design.treatment
    first = str(getattr(plan.design.settings, "first_treated", "") or "")
    if treatment and treatment in areas.columns:
        marks = areas[treatment].drop_nulls().cast(pl.Float64, strict=False)
        treated, others = int((marks == 1).sum()), int((marks == 0).sum())
    elif first and first in areas.columns:
        started = ~text_of(areas[first]).fill_null("").is_in(list(NEVER))
        treated, others = int(started.sum()), areas.height
    else:
        return []
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
