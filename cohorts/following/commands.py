"""Commands about following a cohort: flow, follow-up, quality. Each look is written into the audit log."""

from __future__ import annotations

from typing import Annotated

import typer

from cohorts.lives.commands import flow_of_lives, last_seen_of, quality_of_lives
from workspace import console
from workspace.project import find_project


def cohort_flow(
    name: Annotated[str, typer.Argument(help="The cohort's name or id.")],
    arm: Annotated[
        str, typer.Option(help="A binary variable: show how many were allocated to its arms.")
    ] = "",
) -> None:
    """How many people at each step, from delivery to follow-up and analysis. Small counts are withheld."""
    from cohorts import views
    from cohorts.actions import flow_of, flow_payload
    from cohorts.attacks.printed import flow_puzzle
    from cohorts.complementary import protect
    from cohorts.following.flow_ends import ends_of_flow, show_allocated, show_analysed
    from workspace.audit import note_reading
    from workspace.database import reading

    project = find_project()
    profile, ends = ends_of_flow(project, name, arm)
    stored, facts, steps, observed = flow_of(project, name)
    with reading(project) as session:
        lives, show_lives = flow_of_lives(project, session, stored, profile)
    note_reading(project, "cohort.flow", stored.cohort_id, {"arm": arm} if arm else {})
    payload = {**flow_payload(stored, facts, steps, observed, profile), **lives, **ends}
    protect(payload, flow_puzzle, profile)

    def view() -> None:
        views.flow(stored, payload, profile)
        show_allocated(payload, profile)
        show_lives()
        show_analysed(payload, profile)

    console.present(payload, view)


def cohort_follow_up(
    name: Annotated[str, typer.Argument(help="The cohort's name or id.")],
    arm: Annotated[
        str, typer.Option(help="A binary variable: show its two arms, and attrition between them.")
    ] = "",
) -> None:
    """Who is due, seen and overdue at each wave. Sealed outcomes are counted, never read."""
    from cohorts.agreements.use_gate import permit_use
    from cohorts.follow_up import follow_up_payload, protected
    from cohorts.following import views as follow_up_views
    from cohorts.following.store import follow_up_of
    from cohorts.store import find_cohort
    from workspace.audit import note_reading
    from workspace.clock import today
    from workspace.database import reading

    project = find_project()
    with reading(project) as session:
        stored = find_cohort(session, name)
        profile = permit_use(session, project, stored, "follow-up")
        found = follow_up_of(session, stored, today(), arm)
        lives, show_lives = last_seen_of(session, stored, profile)
    note_reading(project, "cohort.follow-up", stored.cohort_id, {"arm": arm} if arm else {})
    rows = [follow_up_payload(row, profile) for row in found]
    payload = protected({"cohort": stored.cohort_id, "arm": arm or None, "follow_up": rows, **lives}, profile)
    title = f"{stored.cohort_id} {stored.definition.name}"

    def view() -> None:
        follow_up_views.follow_up(title, rows, profile)
        if rows:
            show_lives()

    console.present(payload, view)


def cohort_quality(name: Annotated[str, typer.Argument(help="The cohort's name or id.")]) -> None:
    """How complete and varied the values are, and how fresh the sources. Exit 0 whatever is found."""
    from cohorts.agreements.use_gate import permit_use
    from cohorts.following import views as follow_up_views
    from cohorts.following.completeness import quality_payload
    from cohorts.following.store import fillings_of, sources_of, turnouts_of
    from cohorts.store import find_cohort
    from workspace.audit import note_reading
    from workspace.clock import today
    from workspace.database import reading

    project = find_project()
    with reading(project) as session:
        stored = find_cohort(session, name)
        profile = permit_use(session, project, stored, "follow-up")
        found = fillings_of(session, stored), turnouts_of(session, stored), sources_of(session, stored)
        lives, show_lives = quality_of_lives(session, stored, profile)
    note_reading(project, "cohort.quality", stored.cohort_id)
    payload = quality_payload(*found, today(), profile)
    title = f"{stored.cohort_id} {stored.definition.name}"

    def view() -> None:
        follow_up_views.quality(title, payload, profile)
        show_lives()

    console.present({"cohort": stored.cohort_id, **payload, **lives}, view)
