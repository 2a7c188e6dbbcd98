"""What cohorts hold of a theory's boxes, read through the gate of agreements. What is sealed is never read."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import polars as pl
from sqlmodel import Session, col, select

from cohorts.actions import eligible_people
from cohorts.agreements.use_gate import permit_use
from cohorts.definition import CohortDefinition
from cohorts.expressions import read_rule
from cohorts.follow_up import is_mature, school_year_of
from cohorts.store import StoredCohort, StoredVariable, data_until, list_cohorts, list_variables, read_wide
from evaluation.amending.store import registered_text
from evaluation.decidable import variable_named
from evaluation.records import PlanLock
from evaluation.theory_tests.data import CLUSTER, CohortData, Place
from theory_of_change.model import Measure, Theory
from workspace.errors import GateNotMet
from workspace.project import Project

UNREAD = ("date",)
Treatments = Mapping[tuple[str, str], str]


@dataclass(frozen=True, slots=True)
class Held:
    """What cohorts hold: data that may be read, why others may not, and which variables there are at all.

    ``there`` gives, for each box, the cohorts with values of it, sealed or not.
    """

    data: tuple[CohortData, ...]
    refused: tuple[str, ...]
    there: Mapping[str, tuple[str, ...]]


def held_data(session: Session, project: Project, theory: Theory) -> Held:
    """Every cohort with at least two boxes of the theory in it."""
    measures = {measure.id: measure for measure in theory.measures}
    treatments = planned_treatments(session, theory)
    data, refused = [], []
    there: dict[str, list[str]] = {}
    for cohort in list_cohorts(session):
        variables = {v.name: v for v in list_variables(session, cohort.cohort_id)}
        found = _boxes_in(theory, cohort, variables, measures, treatments)
        for box in found:
            there.setdefault(box, []).append(cohort.definition.name)
        try:
            one = _read(session, project, cohort, variables, found, measures)
        except GateNotMet as error:
            refused += [f"{cohort.definition.name}: {fault.problem}" for fault in error.faults]
            continue
        if one is not None:
            data.append(one)
    return Held(tuple(data), tuple(refused), {box: tuple(names) for box, names in there.items()})


def planned_treatments(session: Session, theory: Theory) -> dict[tuple[str, str], str]:
    """The column that says who got an activity, by cohort and box: what locked plans of that one activity name."""
    found: dict[tuple[str, str], str] = {}
    for row in session.exec(select(PlanLock).order_by(col(PlanLock.locked_at))).all():
        plan = json.loads(registered_text(row.plan_id, 1, row.canonical, row.sha256))
        begins = {link.partition(">")[0] for link in plan.get("links", ())}
        activities = [id_ for id_ in begins if (box := theory.box(id_)) and box.kind == "activity"]
        cohort, treatment = plan["population"].get("cohort", ""), plan["design"].get("treatment", "")
        if len(activities) == 1 and cohort and treatment and not plan["design"].get("arm"):
            found.setdefault((cohort, activities[0]), treatment)
    return found


def _boxes_in(
    theory: Theory,
    cohort: StoredCohort,
    variables: Mapping[str, StoredVariable],
    measures: Mapping[str, Measure],
    treatments: Treatments,
) -> dict[str, tuple[StoredVariable, str, str]]:
    """For each box the first variable of it that has values, with the measure's id and the better direction."""
    found = {}
    for box in theory.boxes:
        named = [(variable_named(m, measures), m, measures[m]) for m in box.measures if m in measures]
        choices = [(name, id_, m.better) for name, id_, m in named if m.kind != "time-to-event"]
        keys = ((name, box.id) for name in (cohort.definition.name, cohort.cohort_id))
        choices += [(treatments[key].partition("@")[0], "", "higher") for key in keys if key in treatments]
        for name, id_, better in choices:
            stored = variables.get(name)
            if stored and stored.waves and stored.kind not in UNREAD:
                found[box.id] = (stored, id_, better)
                break
    return found


def _read(
    session: Session,
    project: Project,
    cohort: StoredCohort,
    variables: Mapping[str, StoredVariable],
    found: Mapping[str, tuple[StoredVariable, str, str]],
    measures: Mapping[str, Measure],
) -> CohortData | None:
    """The cohort's people with every open column of these boxes; nothing where fewer than two are open."""
    months = {wave.name: wave.months for wave in cohort.definition.waves}
    places, closed = {}, []
    for box, (stored, id_, better) in found.items():
        lot = not id_
        open_ = [wave for wave in stored.waves if wave not in stored.sealed_waves]
        if open_:
            places[box] = tuple(
                Place(f"{stored.name}@{w}", stored.name, w, months[w], stored.kind, better, lot)
                for w in open_
            )
        else:
            closed.append(box)
    if len(places) < 2:
        return None
    life = cohort.definition.life
    beside = [*_first_waves(_gate_names(cohort.definition), variables)]
    unit = _first_waves([life.cluster] if life.cluster in variables else [], variables)
    columns = {(p.variable, p.wave) for each in places.values() for p in each} | {*beside, *unit}
    profile = permit_use(session, project, cohort, "evaluation", columns)
    frame = _eligible(read_wide(session, cohort.cohort_id, sorted(columns)), cohort, variables, beside)
    ids = {stored.name: id_ for stored, id_, _ in found.values()}
    frame = _ripe(session, cohort, frame, {p for each in places.values() for p in each}, ids, measures)
    frame = _labelled(frame, places.values(), variables)
    if unit:
        frame = frame.with_columns(pl.col(f"{unit[0][0]}@{unit[0][1]}").alias(CLUSTER))
    return CohortData(
        cohort.definition.name, cohort.cohort_id, frame, places, profile, life.cluster, tuple(closed)
    )


def _gate_names(definition: CohortDefinition) -> tuple[str, ...]:
    return tuple(read_rule(definition.eligibility).names) if definition.eligibility else ()


def _first_waves(names: Iterable[str], variables: Mapping[str, StoredVariable]) -> list[tuple[str, str]]:
    """Each variable at its first wave; a rule of eligibility is read there."""
    return [(name, variables[name].waves[0]) for name in names if name in variables and variables[name].waves]


def _eligible(
    wide: pl.DataFrame,
    cohort: StoredCohort,
    variables: Mapping[str, StoredVariable],
    gate: list[tuple[str, str]],
) -> pl.DataFrame:
    """Whom the cohort takes."""
    if len(gate) < len(_gate_names(cohort.definition)):
        return wide.clear()  # nothing says who is eligible, so nobody is known to be
    labels = {v.name: v.labels for v in variables.values() if v.kind == "category"}
    plain = wide.rename({f"{name}@{wave}": name for name, wave in gate})
    return wide.filter(eligible_people(plain, cohort.definition, labels).fill_null(value=False))


def _ripe(
    session: Session,
    cohort: StoredCohort,
    frame: pl.DataFrame,
    places: set[Place],
    ids: Mapping[str, str],
    measures: Mapping[str, Measure],
) -> pl.DataFrame:
    """Values of people whose follow-up was over by the source's cut-off; the others' are not known yet."""
    changed = []
    for place in sorted(places, key=lambda one: one.column):
        cut_off = data_until(session, cohort.cohort_id, place.variable, place.wave)
        follow_up, waiting = _windows(cohort, place, measures.get(ids.get(place.variable, "")))
        if cut_off is not None and follow_up + waiting > 0:
            year = school_year_of(cohort.definition, place.wave)
            over = is_mature(pl.col("index_date"), follow_up, waiting, cut_off, year)
            changed.append(pl.when(over).then(pl.col(place.column)).otherwise(None).alias(place.column))
    return frame.with_columns(changed) if changed else frame


def _windows(cohort: StoredCohort, place: Place, measure: Measure | None) -> tuple[float, float]:
    """Months of follow-up and of waiting: the cohort's window at this wave, else the measure's, else the wave's."""
    for window in cohort.definition.measures:
        if window.wave == place.wave and window.measure in (place.variable, measure.id if measure else ""):
            return window.follow_up_months, window.waiting_months
    if measure is not None and measure.follow_up_months is not None:
        return float(measure.follow_up_months), float(measure.waiting_months or 0)
    return max(place.months, 0.0), 0.0


def _labelled(
    frame: pl.DataFrame, places: Iterable[tuple[Place, ...]], variables: Mapping[str, StoredVariable]
) -> pl.DataFrame:
    """Codes of categories as their labels."""
    for place in {p for each in places for p in each}:
        labels = variables[place.variable].labels
        if place.kind == "category" and labels:
            names = {float(code): label for code, label in enumerate(labels)}
            renamed = frame[place.column].replace_strict(names, default=None, return_dtype=pl.String)
            frame = frame.with_columns(renamed.alias(place.column))
    return frame
