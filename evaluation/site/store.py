"""All that a project holds for its site, read in one go. Counts of people leave here only as they may be shown."""

from __future__ import annotations

from typing import Any

from cohorts.actions import flow_of, flow_payload
from cohorts.agreements.sharing import shown_profile
from cohorts.agreements.use_gate import permit_use
from cohorts.attacks.printed import flow_puzzle
from cohorts.complementary import protect
from cohorts.follow_up import FollowUp, follow_up_payload, protected
from cohorts.following.store import follow_up_of
from cohorts.gate.store import cells_kept
from cohorts.store import StoredCohort, list_cohorts
from evaluation.edits.edit_store import shown_sentences
from evaluation.evidence.actions import gap_map, load_library
from evaluation.saved.store import whole_result, without_whole
from evaluation.site.model import CohortFacts, Held
from evaluation.site.own_figures import Editions, editions_of
from evaluation.site.steady import Place, steadied, universe, with_share
from theory_of_change.delivery.model import Action, Voice, of_kind
from theory_of_change.delivery.store import everything
from theory_of_change.model import Theory
from theory_of_change.submodels.partner_store import load_merged
from theory_of_change.tracking.actions import Kept, kept
from theory_of_change.tracking.checks import check_figures
from theory_of_change.tracking.store import has_tracked
from workspace.audit import note_reading, read_log
from workspace.clock import today
from workspace.database import reading
from workspace.errors import GateNotMet
from workspace.project import Project
from workspace.settings import DisclosureProfile

LOCK = "plan.lock"


def load_held(project: Project) -> Held:
    """Everything of the project that the site shows, as it stands today."""
    library = load_library(project)
    runs = [run.evaluation_id for entry in library.register.entries for run in entry.runs]
    lost = set(without_whole(project))
    things = everything(project)
    measures = kept(project) if has_tracked(project) else None
    with reading(project) as session:
        stored, profile = list_cohorts(session), shown_profile(session, project)
        editions = editions_of([(entry.universe, entry.cell) for entry in cells_kept(session)])
    theory = load_merged(project) if project.theory_file.exists() else None
    wholes = {name: whole_result(project, name) for name in runs if name not in lost}
    return Held(
        name=project.settings.name,
        practice=project.settings.practice,
        contact=_contact(project, theory),
        profile=profile,
        today=today(),
        register=library.register,
        wholes=wholes,
        worded={name: shown_sentences(project, whole) for name, whole in wholes.items()},
        once_locked=tuple(sorted({entry.subject for entry in read_log(project) if entry.action == LOCK})),
        library=library,
        gaps=gap_map(project, "activity"),
        theory=theory,
        measures=measures,
        concerns=_concerns(measures),
        actions=tuple(of_kind(things, Action)),
        voices=tuple(of_kind(things, Voice)),
        cohorts=tuple(_cohort(project, one, editions) for one in stored),
        editions=editions,
    )


def _contact(project: Project, theory: Theory | None) -> str:
    """Who answers: the role ``contact`` of lifecourse.toml, else who owns the theory."""
    return dict(project.settings.roles).get("contact", theory.owner if theory else "")


def _concerns(measures: Kept | None) -> tuple:  # type: ignore[type-arg]
    return tuple(check_figures(measures.measures, measures.rows)) if measures else ()


def _cohort(project: Project, stored: StoredCohort, editions: Editions) -> CohortFacts:
    """A cohort with its counts; without them where an agreement does not let them be read."""
    with reading(project) as session:
        try:
            profile = permit_use(session, project, stored, "follow-up")
        except GateNotMet as refused:
            why = tuple(fault.problem for fault in refused.faults)
            own = shown_profile(session, project, stored.cohort_id)
            return CohortFacts(stored.cohort_id, stored.definition, own, left_out=why)
        rows = follow_up_of(session, stored, today())
    note_reading(project, "site.cohort", stored.cohort_id)
    steps, places = _steps(project, stored.definition.name, profile)
    follow_up = protected(
        {"cohort": stored.cohort_id, "follow_up": [follow_up_payload(row, profile) for row in rows]}, profile
    )["follow_up"]
    for row, shown in zip(rows, follow_up, strict=True):
        places += _standing(row, shown)
    earlier = editions.get(universe(stored.cohort_id), {})
    counts = steadied(stored.cohort_id, places, earlier, profile)
    for row, shown in zip(rows, follow_up, strict=True):
        with_share(shown, _name(row), counts, profile)
    return CohortFacts(
        stored.cohort_id, stored.definition, profile, tuple(steps), tuple(follow_up), counts=counts
    )


def _name(row: FollowUp) -> str:
    return f"{row.variable} at {row.wave}"


def _standing(row: FollowUp, shown: dict[str, Any]) -> list[Place]:
    """The counts of a row of follow-up, each with its name."""
    name, everybody = _name(row), row.everybody
    keys = ("due", "seen", "overdue", "not_yet_due")
    places = [Place(f"{name}: {key}", getattr(everybody, key), shown, key) for key in keys]
    lost = zip(everybody.missing, shown["missing"], strict=True)
    return places + [Place(f"{name}: {reason}", n, item) for (reason, n), item in lost]


def _steps(
    project: Project, name: str, profile: DisclosureProfile
) -> tuple[list[dict[str, Any]], list[Place]]:
    """Who came in, as it may be shown; and the true counts behind it."""
    found = flow_of(project, name)
    payload = flow_payload(*found, profile)
    protect(payload, flow_puzzle, profile)
    steps = payload["steps"]
    return steps, [Place(step, n, row) for (step, n), row in zip(found[2], steps, strict=True)]
