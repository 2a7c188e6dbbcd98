"""The two ends of the flow that no delivery tells of: who was allocated to which arm, and how many were analysed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sqlmodel import Session

from cohorts.disclosure import publish_count, shown_count
from cohorts.follow_up_store import find_arm
from cohorts.store import StoredCohort, find_cohort, list_variables, read_wide
from cohorts.use_gate import permit_use
from workspace.console import say, table
from workspace.database import reading
from workspace.noticeboard import results_of
from workspace.project import Project
from workspace.settings import DisclosureProfile

Arms = list[tuple[str, int]]


def allocated_to(session: Session, stored: StoredCohort, arm: str) -> Arms:
    """How many of the enrolled are in each arm of a binary variable, and of how many it is not known.

    Raises
    ------
    CohortError
        ``LC861``: it is no binary variable of one wave.
    GateNotMet
        ``LC859``: it was loaded sealed.
    """
    name, wave = find_arm(list_variables(session, stored.cohort_id), arm)
    held = read_wide(session, stored.cohort_id, [(name, wave)])[f"{name}@{wave}"]
    unknown = held.null_count()
    arms = [(f"{name} = {value}", int((held == value).sum())) for value in (1, 0)]
    return [*arms, *([("not known", unknown)] if unknown else [])]


def ends_of_flow(
    project: Project, name: str, arm: str
) -> tuple[DisclosureProfile, dict[str, Any], Callable[[], None], Callable[[], None]]:
    """The profile, the payload, and the views of those allocated and of those analysed.

    Raises
    ------
    GateNotMet
        An agreement does not allow the cohort to be counted, or the arm was loaded sealed.
    """
    with reading(project) as session:
        stored = find_cohort(session, name)
        profile = permit_use(session, project, stored, "follow-up")
        arms = allocated_to(session, stored, arm) if arm else []
    results = results_of(project, stored.cohort_id)
    analysed = [(r.result_id, r.about, measure, n) for r in results for measure, n in r.analysed]
    payload = {
        "arm": arm or None,
        "allocated": [{"arm": name, "n": publish_count(n, profile)} for name, n in arms],
        "analysed": [
            {"result": result, "plan": plan, "measure": measure, "n": publish_count(n, profile)}
            for result, plan, measure, n in analysed
        ],
    }

    def view_allocated() -> None:
        if arms:
            table(["Allocated", "People"], [[name, shown_count(n, profile)] for name, n in arms])

    def view_analysed() -> None:
        if analysed:
            say("Analysed, as each result was made:")
            rows = [[*names, shown_count(n, profile)] for *names, n in analysed]
            table(["Result", "Plan", "Outcome", "People"], rows)

    return profile, payload, view_allocated, view_analysed
