"""Running a plan that has versions: which text is run, what the run may call itself, and what it is held against."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

from evaluation.amending.audit import audit
from evaluation.amending.model import Version
from evaluation.amending.rebuilding import rebuilt
from evaluation.amending.store import RunLine, runs_of, versions_of
from evaluation.amending.versions import (
    LOCKED_AFTER,
    deviations_of,
    last_before_outcomes,
    last_with,
    state_of,
)
from evaluation.errors import EvaluationError
from evaluation.lock_states import EXPLORED, UNLOCKED, outside_lock
from evaluation.locking import known_measures, refuse_unknown_links
from evaluation.model import PlanFacts, Result
from evaluation.plan import AnalysisPlan, fingerprint
from evaluation.store import load_plan, plan_path
from evaluation.wording import ANSWER_WORDS
from theory_of_change.model import Measure, Theory
from workspace.database import reading
from workspace.errors import GateNotMet
from workspace.project import Project

SEALED = ("LC589", "LC859")  # sealed series, and sealed values of people


def named_plan(project: Project, name: str) -> str:
    """The id that a name or a path stands for; a registered plan needs no file."""
    if not name.endswith(".toml"):
        return name
    path = plan_path(project, name)
    return (
        load_plan(path, known_measures(project)[1], project.shown(path)).id if path.is_file() else path.stem
    )


def chosen_version(versions: Sequence[Version], plan_id: str, number: int | None) -> Version:
    """A version by its number, or the last one."""
    if not versions:
        hint = f"lifecourse plan lock {plan_id}"
        raise GateNotMet("LC502", f"plan '{plan_id}' is not locked, so it has no versions", hint)
    found = versions[-1] if number is None else next((v for v in versions if v.number == number), None)
    if found is None:
        raise EvaluationError(
            "LC503",
            f"plan '{plan_id}' has no version {number}",
            f"It has versions 1 to {versions[-1].number}: lifecourse plan diff {plan_id}",
        )
    return found


def plan_of(version: Version) -> AnalysisPlan:
    """The plan of a registered version."""
    plan = rebuilt(version.canonical)
    if plan is None:
        raise EvaluationError(
            "LC504",
            f"version {version.number} of plan '{version.plan_id}' was registered by another version of the program",
            "Run it with the version of the program that registered it.",
        )
    return plan


def open_version(
    project: Project, name: str, number: int
) -> tuple[AnalysisPlan, Theory | None, dict[str, Measure]]:
    """A registered version of a plan, ready to run; its file is not looked at."""
    plan_id = named_plan(project, name)
    with reading(project) as session:
        plan = plan_of(chosen_version(versions_of(session, plan_id), plan_id, number))
    theory, measures = known_measures(project)
    refuse_unknown_links(plan, theory, f"version {number} of {plan_id}")
    return plan, theory, measures


def facts_of_run(session: Any, project: Project, plan: AnalysisPlan, *, exploratory: bool) -> PlanFacts:
    """What a run of this text may call itself. A text that was never registered must be asked for, or is refused."""
    versions, sha = versions_of(session, plan.id), fingerprint(plan)
    if not versions:
        if not exploratory:
            hint = f"lifecourse plan lock {plan.id}; or run it with --exploratory"
            raise GateNotMet("LC420", f"plan '{plan.id}' is not locked", hint)
        return PlanFacts(plan.id, plan.title, sha, UNLOCKED)
    used = last_with(versions, sha)
    if used is None:
        raise GateNotMet(
            "LC421",
            f"plan '{plan.id}' was changed after it was locked on {versions[0].at[:10]}",
            f'Restore its text, or register the change: lifecourse plan amend {plan.id} --reason "…"',
        )
    first, state = versions[0], EXPLORED if exploratory else state_of(versions, used.number)
    waived = [v.waiver for v in versions if v.waiver and v.number in (1, used.number)]
    facts = PlanFacts(
        plan.id, plan.title, sha, state, deviations_of(versions, used.number), "; ".join(waived)
    )
    facts = replace(facts, locked_at=first.at, locked_by=first.by, data_state=first.data_state)
    told = as_locked(versions, state, runs_of(session, project, plan.id))
    return replace(facts, version=used.number if len(versions) > 1 else 0, as_locked=told)


@contextmanager
def closed_to(state: str) -> Iterator[None]:
    """Within, an exploration of a locked plan that meets sealed values is told to run under the lock."""
    try:
        yield
    except GateNotMet as refused:
        if state != EXPLORED or refused.code not in SEALED:
            raise
        hint = "An exploration opens nothing that is sealed. Run it under its lock, without --exploratory."
        raise GateNotMet(refused.code, refused.faults[0].problem, hint) from None


def as_locked(versions: Sequence[Version], state: str, runs: Sequence[RunLine]) -> tuple[str, ...]:
    """Beside a run of a deviation, and beside an exploration of a locked plan: what was found under the lock.

    That is what the last version locked before outcomes came to, or that it was not run yet.
    """
    before = last_before_outcomes(versions)
    if before is None or state not in (LOCKED_AFTER, EXPLORED):
        return ()
    named = f"Version {before.number}, registered before outcomes could be seen"
    found = [run for run in runs if run.sha256 == before.sha256 and not outside_lock(run.state)]
    if not found:
        return (
            f"{named}, has not been run: lifecourse evaluate run {before.plan_id} --version {before.number}.",
        )
    return tuple(
        f"{named}: {ANSWER_WORDS.get(run.answer, run.answer)}, security {run.security} of 5 ({run.evaluation})."
        for run in found
    )


def with_audit(session: Any, result: Result) -> Result:
    """The result beside what was first locked; an exploration is held to nothing, and does not claim to be."""
    if outside_lock(result.plan.state):
        return result
    versions = versions_of(session, result.plan.id)
    used = last_with(versions, result.plan.sha256)
    if used is None:
        return result
    found = audit(versions[0].canonical, used.canonical, result.outcomes)
    return replace(result, plan=replace(result.plan, audit=found))
