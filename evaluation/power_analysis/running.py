"""What a running study's cohort holds so far, for a projection: people, arms, who was seen. No outcome is read."""

from __future__ import annotations

import datetime as dt
from typing import Any

from sqlmodel import Session

from cohorts.agreements.use_gate import permit_use
from cohorts.disclosure import publish_count
from cohorts.errors import CohortError
from cohorts.follow_up import FollowUp, follow_up_payload, protected
from cohorts.following.store import find_arm, follow_up_of
from cohorts.store import StoredCohort, find_cohort, list_variables, read_wide
from evaluation.decidable import Prospects, size_of, variable_of
from evaluation.errors import EvaluationError
from evaluation.locking import Readiness, known_measures, readiness
from evaluation.methods.registry import METHODS
from evaluation.plan import AnalysisPlan
from evaluation.power_analysis.projection import (
    MONTH,
    Course,
    Recruited,
    course_of,
    security_in_reach,
    sentences,
)
from workspace.audit import note_reading
from workspace.clock import today
from workspace.database import reading
from workspace.errors import GateNotMet
from workspace.project import Project, find_project
from workspace.settings import DisclosureProfile


def project_now(name: str) -> dict[str, Any]:
    """The projection of a plan as plain data, with its sentences."""
    project, day = find_project(), today()
    ready = readiness(project, name)
    plan = ready.plan
    if not plan.population.cohort or METHODS[plan.design.method].reads == "panel":
        raise EvaluationError(
            "LC512",
            f"plan '{plan.id}' follows no people up: there is nothing to project",
            f"lifecourse plan power {name}",
        )
    with reading(project) as session:
        cohort = find_cohort(session, plan.population.cohort)
        profile = permit_use(session, project, cohort, "follow-up")
        recruited = _recruited(session, cohort, plan, day, profile)
        row = _row(session, project, cohort, ready, day)
    note_reading(project, "plan.project", plan.id)
    return _payload(ready, recruited, row, day, profile)


def _recruited(
    session: Session, cohort: StoredCohort, plan: AnalysisPlan, day: dt.date, profile: DisclosureProfile
) -> Recruited:
    """People of each arm and since when, from the treatment variable and the index dates alone."""
    try:
        name, wave = find_arm(list_variables(session, cohort.cohort_id), plan.design.treatment)
    except (CohortError, GateNotMet) as problem:
        raise EvaluationError(
            "LC513",
            f"the arms of '{plan.design.treatment}' cannot be told apart yet: {problem.faults[0].problem}",
            f"Load it, or: lifecourse plan power {plan.id}",
        ) from None
    frame = read_wide(session, cohort.cohort_id, [(name, wave)])
    arm, first = frame[f"{name}@{wave}"], frame["index_date"].min()
    counts = [publish_count(int((arm == which).sum()), profile) for which in (1, 0)]
    months = (day - first).days / MONTH if isinstance(first, dt.date) else 0.0
    until = plan.assumed.recruit_until if plan.assumed else None
    left = (until - day).days / MONTH if until else 0.0
    return Recruited(counts[0], counts[1], round(months), max(left, 0.0))


def _row(
    session: Session, project: Project, cohort: StoredCohort, ready: Readiness, day: dt.date
) -> FollowUp | None:
    """How everybody stands at the primary outcome, arm by arm; nothing where it was never declared or loaded."""
    outcome = ready.plan.primaries[0]
    variable = variable_of(outcome, known_measures(project)[1])
    rows = follow_up_of(session, cohort, day, ready.plan.design.treatment)
    fitting = [r for r in rows if r.variable == variable and outcome.wave in ("", r.wave)]
    return fitting[-1] if fitting else None


def _payload(
    ready: Readiness, recruited: Recruited, row: FollowUp | None, day: dt.date, profile: DisclosureProfile
) -> dict[str, Any]:
    plan = ready.plan
    shown = (
        protected({"follow_up": [follow_up_payload(row, profile)]}, profile)["follow_up"][0] if row else {}
    )
    attrition = shown.get("attrition") or {}
    share = shown.get("seen_share")
    course = course_of(plan, recruited, share, size_of(plan, ready.shown or Prospects()))
    level, set_by = 0, tuple[str, ...]()
    if course:
        lost = None if share is None else 1 - share
        level, set_by = security_in_reach(
            METHODS[plan.design.method].levels_of(plan.design)[0], course.expected, lost
        )
    until = plan.assumed.recruit_until if plan.assumed else None
    facts = {
        "recruit_until": until.isoformat() if until else None,
        "seen_share": share,
        "overdue": shown.get("overdue"),
        "set_by": set_by,
    }
    return {
        "plan": plan.id,
        "as_of": day.isoformat(),
        "outcome": plan.primaries[0].measure,
        "recruited": {"treated": recruited.treated, "comparison": recruited.comparison},
        **{key: value for key, value in facts.items() if key != "set_by"},
        "attrition": attrition or None,
        "final": _final(course) if course else None,
        "security_in_reach": level if course else None,
        "security_set_by": list(set_by) if course else [],
        "sentences": sentences(plan, course, attrition, facts, level),
    }


def _final(course: Course) -> dict[str, Any]:
    ends = {
        "expected": course.expected,
        "fewest": course.fewest,
        "most": course.most,
        "planned": course.planned,
    }
    return {
        name: None
        if found is None
        else {
            "treated": found.size.treated,
            "comparison": found.size.comparison,
            "detectable": found.detectable,
            "detectable_sd": found.in_sd,
            "equivalence_power": found.equivalence,
            "reason": found.reason or None,
        }
        for name, found in ends.items()
    }
