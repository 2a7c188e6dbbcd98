"""``link review`` at the edge: the questions that wait, and what was decided."""

from __future__ import annotations

from cohorts.agreements.use_gate import permit_linked
from cohorts.linking.reviews import Review, list_reviews
from cohorts.linking.store import history_of
from cohorts.store import find_cohort
from workspace.audit import note_reading
from workspace.database import reading
from workspace.project import Project


def reviews_of(project: Project, cohort_name: str, *, everything: bool) -> list[Review]:
    """The open questions about a cohort, or all."""
    with reading(project) as session:
        cohort = find_cohort(session, cohort_name)
        permit_linked(session, project, cohort)
        found = list_reviews(session, cohort.cohort_id, everything=everything)
    note_reading(project, "link.review.list", cohort.cohort_id)
    return found


def decisions_of(project: Project, cohort_name: str) -> list[tuple[str, str, str, str, str, str]]:
    """What people decided about a cohort, oldest first."""
    with reading(project) as session:
        return history_of(session, find_cohort(session, cohort_name).cohort_id)
