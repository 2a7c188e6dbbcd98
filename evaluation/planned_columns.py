"""What a locked plan reads of a cohort: what may leave row by row for it, sealed outcomes among it."""

from __future__ import annotations

from sqlmodel import Session

from cohorts.store import find_cohort
from evaluation.errors import EvaluationError
from evaluation.locking import open_plan
from evaluation.panels.from_waves import by_wave
from evaluation.plan import fingerprint
from evaluation.store import find_lock, later_texts
from evaluation.study import columns_read
from workspace.errors import GateNotMet
from workspace.project import Project


def columns_of_locked_plan(
    session: Session, project: Project, cohort_id: str, name: str
) -> set[tuple[str, str]]:
    """The variables and waves a plan reads, once it is locked and about this cohort.

    Raises
    ------
    GateNotMet
        LC420: it is not locked. LC421: it was changed since.
    EvaluationError
        LC403: it is about another cohort; and whatever is wrong with the plan.
    """
    plan, _, measures = open_plan(project, name)
    if plan.population.areas:
        raise EvaluationError("LC403", f"plan '{plan.id}' is about areas", "Name a plan of this cohort.")
    cohort = find_cohort(session, plan.population.cohort)
    if cohort.cohort_id != cohort_id:
        raise EvaluationError(
            "LC403", f"plan '{plan.id}' is about another cohort", "Name a plan of this cohort."
        )
    lock = find_lock(session, plan.id)
    if lock is None:
        raise GateNotMet("LC420", f"plan '{plan.id}' is not locked", f"lifecourse plan lock {plan.id}")
    if fingerprint(plan) not in (lock.sha256, *later_texts(session, plan.id)):
        raise GateNotMet(
            "LC421",
            f"plan '{plan.id}' was changed after it was locked on {lock.locked_at[:10]}",
            f'Restore its text; or register the change: lifecourse plan amend {plan.id} --reason "…"',
        )
    return columns_read(session, cohort, by_wave(plan), measures)
