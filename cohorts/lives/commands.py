"""Commands about lives, and what the cohort commands say of them beside everything else."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated, Any

import typer

from workspace import console
from workspace.project import Project, find_project

if TYPE_CHECKING:
    from sqlmodel import Session

    from cohorts.store import StoredCohort
    from workspace.settings import DisclosureProfile

Said = tuple[dict[str, Any], Callable[[], None]]


def cohort_derive(name: Annotated[str, typer.Argument(help="The cohort's name or id.")]) -> None:
    """Work out the cohort's derived variables again. Every load does it; doing it twice changes nothing."""
    from cohorts.agreements.use_gate import permit_deriving
    from cohorts.lives import views as life_views
    from cohorts.lives.derive_store import derive_all
    from cohorts.store import find_cohort
    from workspace.audit import record
    from workspace.database import reading, writing

    project, dry = find_project(), console.current().dry_run
    with (reading if dry else writing)(project) as session:  # whatever a reader writes is taken back
        stored = find_cohort(session, name)
        profile = permit_deriving(session, project, stored)
        done = derive_all(session, stored)
        if not dry:
            record(session, "cohort.derive", stored.cohort_id, {"changed": bool(done.added or done.changed)})
    payload = life_views.derived_payload(done, profile)
    title = f"{stored.cohort_id} {stored.definition.name}"
    console.present(
        {"cohort": stored.cohort_id, "written": not dry, **payload},
        lambda: life_views.derived(title, payload, profile, written=not dry),
    )


def quality_of_lives(session: Session, stored: StoredCohort, profile: DisclosureProfile) -> Said:
    """Sessions planned and delivered, and burden: payload and view."""
    from cohorts.lives import views as life_views
    from cohorts.lives.lives_of import burdens_of, deliveries_of

    payload = life_views.quality_payload(deliveries_of(session, stored), burdens_of(session, stored), profile)
    return payload, lambda: life_views.quality(payload, profile)


def flow_of_lives(
    project: Project, session: Session, stored: StoredCohort, profile: DisclosureProfile
) -> Said:
    """Approached, linked, followed: payload and view."""
    from cohorts.lives import views as life_views
    from cohorts.lives.lives_of import linked_to, wave_flow
    from cohorts.store import approached_of
    from workspace.clock import today

    linked, waves = linked_to(session, stored.cohort_id), wave_flow(session, stored, today())
    approached = approached_of(project, stored.definition.name)
    payload = life_views.flow_payload(approached, linked, waves, profile)
    return payload, lambda: life_views.flow(payload, profile)


def last_seen_of(session: Session, stored: StoredCohort, profile: DisclosureProfile) -> Said:
    """Where people were seen last: payload and view."""
    from cohorts.lives import views as life_views
    from cohorts.lives.lives_of import last_seen

    payload = life_views.last_seen_payload(last_seen(session, stored), profile)
    return {"last_seen": payload}, lambda: life_views.last_seen(payload, profile)
