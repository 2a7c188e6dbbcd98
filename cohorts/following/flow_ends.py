"""The two ends of the flow that no delivery tells of: who was allocated to which arm, and how many were analysed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlmodel import Session

from cohorts.agreements.use_gate import permit_use
from cohorts.disclosure import publish_count
from cohorts.following.store import find_arm
from cohorts.store import StoredCohort, find_cohort, list_variables, read_wide
from cohorts.views import published
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


def ends_of_flow(project: Project, name: str, arm: str) -> tuple[DisclosureProfile, dict[str, Any]]:
    """The profile, and the payload of those allocated and of those analysed.

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
    return profile, payload


def show_allocated(payload: Mapping[str, Any], profile: DisclosureProfile) -> None:
    """How many were allocated to each arm, where an arm was asked for."""
    if payload["allocated"]:
        rows = [[row["arm"], published(row, "n", profile)] for row in payload["allocated"]]
        table(["Allocated", "People"], rows)


def show_analysed(payload: Mapping[str, Any], profile: DisclosureProfile) -> None:
    """How many each result rests on."""
    if payload["analysed"]:
        say("Analysed, as each result was made:")
        names = ("result", "plan", "measure")
        rows = [[*(row[name] for name in names), published(row, "n", profile)] for row in payload["analysed"]]
        table(["Result", "Plan", "Outcome", "People"], rows)
