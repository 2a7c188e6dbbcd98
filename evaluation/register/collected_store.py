"""How far the outcomes of a locked plan have come, from the database and the lock alone: a plan file may be gone."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

import polars as pl
from sqlmodel import Session, col, func, select

from cohorts.areas.store import find_areas
from cohorts.areas.store import list_measures as area_measures
from cohorts.errors import CohortError
from cohorts.lives.windows import due_on
from cohorts.records import Enrolment
from cohorts.store import StoredCohort, find_cohort, list_variables
from evaluation.decidable import variable_named
from evaluation.register.model import Collected
from theory_of_change.model import Measure
from workspace.statements import run


def collected_of(session: Session, plan: Mapping[str, Any], measures: Mapping[str, Measure]) -> Collected:
    """Whether primary outcomes of a canonical plan are there, sealed or not, and when the last person's is ripe.

    The month is that of the newest index date moved by the follow-up and waiting time of the primary outcome.
    """
    try:
        if plan["population"].get("areas"):
            return Collected(_areas_collected(session, plan, measures))
        cohort = find_cohort(session, plan["population"].get("cohort", ""))
        return _of_people(session, cohort, plan, measures)
    except (CohortError, KeyError, TypeError, AttributeError):
        return Collected(None)


def _primaries(plan: Mapping[str, Any]) -> list[dict[str, Any]]:
    return [outcome for outcome in plan["outcomes"] if outcome["role"] == "primary"]


def _areas_collected(session: Session, plan: Mapping[str, Any], measures: Mapping[str, Measure]) -> bool:
    areas = find_areas(session, plan["population"]["areas"])
    numbers = [
        known.measure_id
        for known in area_measures(session, areas.collection_id)
        for outcome in _primaries(plan)
        if known.name in (outcome["measure"], variable_named(outcome["measure"], measures))
    ]
    return any(
        run(session, "SELECT 1 FROM area_value WHERE measure_id = ? LIMIT 1", (number,)).first()
        for number in numbers
    )


def _of_people(
    session: Session, cohort: StoredCohort, plan: Mapping[str, Any], measures: Mapping[str, Measure]
) -> Collected:
    variables = {variable.name: variable.waves for variable in list_variables(session, cohort.cohort_id)}
    there = False
    waits: list[tuple[float, str]] = []
    for outcome in _primaries(plan):
        drawn = (outcome.get("timing") or {}).get("drawn")
        if drawn:
            there = there or _events_loaded(session, cohort, drawn["events"])
            waits.append((drawn["within_months"] + drawn.get("waiting_months", 0), ""))
            continue
        waves = variables.get(variable_named(outcome["measure"], measures), ())
        wave = outcome.get("wave", "")
        there = there or (wave in waves if wave else bool(waves))
        due = cohort.definition.wave(wave)
        waits.append((_months(cohort, outcome["measure"], measures), ""))
        waits.append((due.months, due.school_year) if due else (0.0, ""))
    return Collected(there, _month(session, cohort, waits))


def _events_loaded(session: Session, cohort: StoredCohort, events: Sequence[str]) -> bool:
    rows = run(
        session,
        "SELECT DISTINCT c.kind FROM coverage c JOIN delivery d ON d.delivery_id = c.delivery_id "
        "WHERE d.cohort_id = ? AND c.about = 'event'",
        (cohort.cohort_id,),
    )
    return bool({str(row[0]) for row in rows} & set(events))


def _months(cohort: StoredCohort, measure: str, measures: Mapping[str, Measure]) -> float:
    """Follow-up and waiting months: the measure's own, else the cohort's window for it, as at the lock."""
    known = measures.get(measure)
    if known:
        return (known.follow_up_months or 0) + (known.waiting_months or 0)
    named = variable_named(measure, measures)
    windows = [w for w in cohort.definition.measures if w.measure == named]
    return max((w.follow_up_months + w.waiting_months for w in windows), default=0.0)


def _month(session: Session, cohort: StoredCohort, waits: Sequence[tuple[float, str]]) -> str:
    """The month, not the day: a day would be that of one person."""
    newest = session.exec(
        select(func.max(col(Enrolment.index_date))).where(Enrolment.cohort_id == cohort.cohort_id)
    ).first()
    if not newest:
        return ""
    day = pl.DataFrame({"day": [dt.date.fromisoformat(newest)]})
    ends = [due_on(pl.col("day"), months, year).dt.strftime("%Y-%m") for months, year in waits]
    return str(max(day.select(end).item() for end in ends))
