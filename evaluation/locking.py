"""Checking and locking a plan: what could be shown with the people there are, and what was known by then."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from typing import Any

import polars as pl

from cohorts.agreements.use_gate import permit_use
from cohorts.disclosure import publish_count
from cohorts.lives.windows import DAYS_A_MONTH
from cohorts.store import (
    StoredCohort,
    StoredVariable,
    declared_variables,
    find_cohort,
    list_variables,
    read_wide,
)
from evaluation.amending.store import log_head
from evaluation.arms import arm_labels
from evaluation.decidable import (
    Doubt,
    Projection,
    Prospects,
    doubts,
    project,
    size_of,
    unclustered,
    unknown_names,
    variable_named,
    variable_of,
)
from evaluation.errors import EvaluationError
from evaluation.panels.area_readiness import area_readiness
from evaluation.panels.from_waves import by_wave, waves_before
from evaluation.plan import AnalysisPlan, PlannedOutcome, fingerprint
from evaluation.power_analysis.instead import Instead, other_outcomes
from evaluation.power_analysis.snapshots import planned_snapshot
from evaluation.store import (
    Lock,
    add_lock,
    find_lock,
    later_texts,
    load_plan,
    measures_reported,
    plan_path,
)
from evaluation.study import Resolved, data_access, design_names, outcome_names, resolve_there
from evaluation.times.drawn import undeclared
from evaluation.times.from_lives import drawn_outcomes, lives_seen
from theory_of_change.model import Measure, Theory
from theory_of_change.store import load_catalogue, load_theory
from workspace import console
from workspace.audit import record
from workspace.database import reading, writing
from workspace.days import days_after, months_later
from workspace.errors import GateNotMet
from workspace.project import Project
from workspace.settings import DisclosureProfile

_AMEND = 'A plan is locked once. Register a changed text: lifecourse plan amend {} --reason "…"'


@dataclass(frozen=True, slots=True)
class Readiness:
    """What ``plan check`` found: the plan, its prospects, and why it could not be decided."""

    plan: AnalysisPlan
    data_state: str
    projection: Projection
    doubts: tuple[Doubt, ...]
    lock: Lock | None
    registered: tuple[str, ...] = ()
    shown: Prospects | None = None

    @property
    def changed(self) -> bool:
        """Say whether the plan's text is another than any that was registered."""
        return self.lock is not None and fingerprint(self.plan) not in (self.lock.sha256, *self.registered)


def known_measures(project_: Project) -> tuple[Theory | None, dict[str, Measure]]:
    """The theory, if there is one, and every measure a plan may name."""
    measures = load_catalogue()
    if not project_.theory_file.exists():
        return None, measures
    theory = load_theory(project_)
    return theory, measures | {measure.id: measure for measure in theory.measures}


def open_plan(project_: Project, name: str) -> tuple[AnalysisPlan, Theory | None, dict[str, Measure]]:
    """A plan of the project, checked against its theory."""
    theory, measures = known_measures(project_)
    path = plan_path(project_, name)
    plan = load_plan(path, measures, project_.shown(path))
    if any(o.timing and o.timing.intervals and not o.drawn for o in plan.outcomes):
        raise EvaluationError(
            "LC406",
            "rows of intervals ('recurrent', 'intervals') are read from a file; a cohort has one row a person",
            'lifecourse evaluate run PLAN --data FILE; or let them be drawn: events = ["…"], within_months = …',
            where=project_.shown(path),
        )
    if not (plan.population.cohort or plan.population.areas):
        raise EvaluationError(
            "LC402",
            "a plan of a project names its cohort, or its areas",
            'Add cohort = "…", or areas = "…", to [population].',
            where=project_.shown(path),
        )
    if path.parent == project_.plans and plan.id != path.stem:
        raise EvaluationError(
            "LC403",
            f"the plan's id is '{plan.id}' but its file is called '{path.name}'",
            "Give both the same name: the lock and the register go by the id.",
            where=project_.shown(path),
        )
    refuse_unknown_links(plan, theory, project_.shown(path))
    return plan, theory, measures


def refuse_unknown_links(plan: AnalysisPlan, theory: Theory | None, where: str) -> None:
    """Refuse a plan that tests a link the theory does not have."""
    missing = [link for link in plan.links if theory is None or theory.link(link) is None]
    if missing:
        said = f"the theory has no link '{missing[0]}'"
        raise EvaluationError("LC411", said, "lifecourse theory show", where=where)


def readiness(project_: Project, name: str) -> Readiness:
    """Check a plan against the people, or the areas, there are."""
    plan, _, measures = open_plan(project_, name)
    return readiness_of(project_, plan, measures)


def others_than(project_: Project, ready: Readiness) -> tuple[Instead, ...]:
    """Other main outcomes, where the one planned could show too little."""
    if ready.lock is not None or not any(doubt.code == "too-small" for doubt in ready.doubts):
        return ()
    return other_outcomes(ready.plan, *known_measures(project_))


def readiness_of(project_: Project, plan: AnalysisPlan, measures: dict[str, Measure]) -> Readiness:
    """The same of a plan that was read already, or was made again from the register."""
    if plan.population.areas:
        with reading(project_) as session:
            ready = area_readiness(session, project_, plan, measures)
            lock, registered = find_lock(session, plan.id), later_texts(session, plan.id)
            return Readiness(
                plan, ready.data_state, ready.projection, ready.doubts, lock, registered, ready.prospects
            )
    with reading(project_) as session:
        cohort = find_cohort(session, plan.population.cohort)
        variables = {v.name: v for v in list_variables(session, cohort.cohort_id)}
        reported = measures_reported(session, project_, cohort)
        ahead = by_wave(plan)
        state = _data_state(ahead, variables, measures, reported, waves_before(plan))
        state = "outcomes seen" if lives_seen(session, cohort, plan) else state
        profile = permit_use(session, project_, cohort, "evaluation", _columns_ahead(plan, variables))
        prospects = _with_waves(_prospects(session, cohort, plan, variables, measures), plan)
        lock, registered = find_lock(session, plan.id), later_texts(session, plan.id)
    shown = shown_prospects(prospects, profile)
    projection = project(plan, plan.primaries[0], shown)
    life = cohort.definition.life
    known = {*variables, *declared_variables(project_, cohort.definition.name), *life.names}
    found = (
        *unknown_names(ahead, known, measures),
        *(Doubt("unknown-variable", s) for _, one in drawn_outcomes(plan) for s in undeclared(one, life)),
        *unclustered(plan, life.cluster),
        *doubts(plan, prospects, shown),
    )
    return Readiness(plan, state, projection, found, lock, registered, shown)


def _with_waves(prospects: Prospects, plan: AnalysisPlan) -> Prospects:
    """Of people followed from wave to wave: how many waves lie before the start, and how many after."""
    before = len(waves_before(plan))
    return (
        replace(prospects, before=before, after=len(plan.outcomes[0].waves) - before) if before else prospects
    )


def shown_prospects(prospects: Prospects, profile: DisclosureProfile) -> Prospects:
    """The arms as they may be told: what could be shown at full precision would tell how many people there are."""
    arms = (prospects.n_treated, prospects.n_comparison)
    treated, comparison = (None if n is None else publish_count(n, profile) for n in arms)
    return replace(prospects, n_treated=treated, n_comparison=comparison)


def _data_state(
    plan: AnalysisPlan,
    variables: Mapping[str, StoredVariable],
    measures: Mapping[str, Measure],
    reported: Collection[str],
    before: Collection[str] = (),
) -> str:
    """What could be known: of the rows, as they were loaded; and of outcomes, from results that were seen before.

    Of a panel the outcomes of waves ``before`` the programme's start are baseline. What is not loaded yet counts as not
    collected, and hides nothing of what is. Delivery is no outcome; its records often come last, and decide no state.
    """
    design = resolve_there(design_names(plan), variables)
    outcomes = resolve_there(outcome_names(plan, measures), variables)
    design += [outcome for outcome in outcomes if outcome.wave in before]
    outcomes = [outcome for outcome in outcomes if outcome.wave not in before]
    if any(_was_reported(outcome, reported, measures) for outcome in outcomes):
        return "outcomes seen"
    if not outcomes and any(plan.design.treatment == v.name and v.waves for v in variables.values()):
        return "baseline seen"
    return data_access(variables, design, outcomes)


def _was_reported(outcome: Resolved, reported: Collection[str], measures: Mapping[str, Measure]) -> bool:
    """Say whether an earlier run has shown a result of this variable at this wave."""
    for name in reported:
        measure, _, wave = name.partition("@")
        if variable_named(measure, measures) == outcome.variable and wave in ("", outcome.wave):
            return True
    return False


def _prospects(
    session: Any,
    cohort: StoredCohort,
    plan: AnalysisPlan,
    variables: Mapping[str, StoredVariable],
    measures: Mapping[str, Measure],
) -> Prospects:
    """The arms as they stand, from the treatment variable alone; and when the last person will be ripe."""
    stored = variables.get(plan.design.treatment.partition("@")[0])
    if stored is None or not stored.waves:
        return Prospects()
    wave = plan.design.treatment.partition("@")[2] or stored.waves[0]
    if wave in stored.sealed_waves:
        return Prospects()
    group = _at_one_wave(plan.design.cluster, variables)
    frame = read_wide(session, cohort.cohort_id, [(stored.name, wave), *([group] if group else [])])
    arm = _two_arms(frame[f"{stored.name}@{wave}"], stored, plan)
    treated, comparison = int((arm == 1).sum()), int((arm == 0).sum())
    newest = frame["index_date"].max()
    months = _months(cohort, plan.primaries[0], measures)
    ripe = _later(newest, months) if isinstance(newest, dt.date) else None
    if group is None:
        return Prospects(treated, comparison, ripe)
    names = frame["@".join(group)]
    clusters = [int(names.filter(arm == which).drop_nulls().n_unique()) for which in (1, 0)]
    return Prospects(treated, comparison, ripe, clusters[0], clusters[1])


def _columns_ahead(plan: AnalysisPlan, variables: Mapping[str, StoredVariable]) -> set[tuple[str, str]]:
    """What is read before a lock: the arms and the clusters, as far as they are there and not sealed."""
    found = (_at_one_wave(name, variables) for name in (plan.design.treatment, plan.design.cluster))
    return {place for place in found if place}


def _two_arms(series: pl.Series, stored: StoredVariable, plan: AnalysisPlan) -> pl.Series:
    """1 and 0 for the arms a plan picks out of several; the variable itself where it names none."""
    if not plan.design.arm:
        return series
    labels = arm_labels(series)
    if stored.kind == "category":
        names = {str(code): label for code, label in enumerate(stored.labels)}
        labels = labels.replace_strict(names, default=None, return_dtype=pl.String)
    arms = {plan.design.arm: 1.0, plan.design.comparison: 0.0}
    return labels.replace_strict(arms, default=None, return_dtype=pl.Float64)


def _at_one_wave(name: str, variables: Mapping[str, StoredVariable]) -> tuple[str, str] | None:
    """A variable and the wave it was seen at; ``None`` when it is not there yet, or sealed."""
    stored = variables.get(name.partition("@")[0])
    if stored is None or not stored.waves:
        return None
    wave = name.partition("@")[2] or stored.waves[0]
    return None if wave in stored.sealed_waves or wave not in stored.waves else (stored.name, wave)


def _months(cohort: StoredCohort, outcome: PlannedOutcome, measures: Mapping[str, Measure]) -> float:
    """Follow-up and waiting months of a primary outcome: the measure's own, else the cohort's window for it."""
    known = measures.get(outcome.measure)
    if outcome.drawn:
        return outcome.drawn.within_months + outcome.drawn.waiting_months
    if known:
        return (known.follow_up_months or 0) + (known.waiting_months or 0)
    windows = [w for w in cohort.definition.measures if w.measure == variable_of(outcome, measures)]
    return max((w.follow_up_months + w.waiting_months for w in windows), default=0.0)


def _later(day: dt.date, months: float) -> dt.date:
    whole = int(months)
    return days_after(months_later(day, whole), round((months - whole) * DAYS_A_MONTH))


def snapshot_of(ready: Readiness) -> dict[str, object]:
    """What the plan could show when it was locked, outcome by outcome, from numbers of people as they may be told."""
    size = size_of(ready.plan, ready.shown or Prospects())
    found = planned_snapshot(ready.plan, size)
    return {"power": found} if found else {}


def lock_plan(project_: Project, name: str, waiver: str) -> tuple[Readiness, Lock]:
    """Lock a plan. A plan that cannot be decided is refused unless waived with a reason.

    What could be known of the data is found out before the store is held for writing; where another command wrote
    meanwhile, the lock is refused (LC506), so that it never claims less was known than was.
    """
    with reading(project_) as session:
        head = log_head(session)
    ready = readiness(project_, name)
    if ready.lock:
        same = ready.lock.sha256 == fingerprint(ready.plan)
        said = "is locked already" if same else "is locked already, with another text"
        raise GateNotMet("LC422", f"plan '{ready.plan.id}' {said}", _AMEND.format(ready.plan.id))
    if ready.doubts and not waiver.strip():
        raise GateNotMet(
            "LC423",
            f"plan '{ready.plan.id}' cannot be decided: {'; '.join(d.text for d in ready.doubts)}",
            'Change it, or lock it all the same: --waive "reason"',
        )
    if console.current().dry_run:
        return ready, Lock(ready.plan.id, fingerprint(ready.plan), ready.data_state, waiver, "", "")
    said = f"{waiver.strip()} (waived: {'; '.join(d.text for d in ready.doubts)})" if ready.doubts else ""
    with writing(project_) as session:
        if find_lock(session, ready.plan.id):
            said = f"plan '{ready.plan.id}' is locked already"
            raise GateNotMet("LC422", said, _AMEND.format(ready.plan.id))
        if log_head(session) != head:
            raise GateNotMet("LC506", "somebody worked in the project meanwhile", "Run the command again.")
        lock = add_lock(session, ready.plan, ready.data_state, said)
        record(
            session,
            "plan.lock",
            ready.plan.id,
            {"sha256": lock.sha256, "data": lock.data_state, "waived": bool(said), **snapshot_of(ready)},
        )
    return ready, lock
