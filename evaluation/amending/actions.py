"""What the commands on registered plans do, step by step: amend, diff, audit, list."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from evaluation.amending.audit import audit
from evaluation.amending.changes import changes
from evaluation.amending.model import Audit, Change, Version
from evaluation.amending.rebuilding import rebuilt
from evaluation.amending.running import chosen_version, named_plan
from evaluation.amending.store import (
    INTACT,
    RunLine,
    add_version,
    locked_plans,
    log_head,
    missing_by_log,
    runs_of,
    titles_of,
    versions_of,
)
from evaluation.amending.versions import kind_of, last_with, most_seen, standing_words
from evaluation.errors import EvaluationError
from evaluation.lock_states import outside_lock
from evaluation.locking import Readiness, known_measures, open_plan, readiness_of
from evaluation.plan import AnalysisPlan, canonical, fingerprint
from evaluation.store import list_plans, load_plan, plan_path
from theory_of_change.model import Measure
from workspace import console
from workspace.audit import record
from workspace.database import reading, writing
from workspace.errors import GateNotMet, LifecourseError
from workspace.project import Project

LOCK_GONE = "the log says it was locked, and the lock is not in the store"


@dataclass(frozen=True, slots=True)
class Amended:
    """A registered change: the version, what it changes in the one before, and whether it was written."""

    version: Version
    changes: tuple[Change, ...]
    written: bool


@dataclass(frozen=True, slots=True)
class Compared:
    """Two texts of a plan and what differs; ``to`` is the file or a version."""

    plan_id: str
    base: int
    to: str
    changes: tuple[Change, ...]
    versions: tuple[Version, ...]


@dataclass(frozen=True, slots=True)
class AuditedRun:
    """One run held against what was first locked; without an audit it was outside the lock, or its text is unknown."""

    run: RunLine
    version: int
    audit: Audit | None

    @property
    def in_order(self) -> bool:
        """Say whether everything is reported as it was first locked, and the result is as it was written.

        A run outside the lock was stamped as that, and is held to nothing.
        """
        held = outside_lock(self.run.state) if self.audit is None else self.audit.kept
        return held and self.run.evidence == INTACT


@dataclass(frozen=True, slots=True)
class PlanAudit:
    """All runs of a plan held against what was first locked."""

    plan_id: str
    versions: tuple[Version, ...]
    runs: tuple[AuditedRun, ...]
    problem: str = ""

    @property
    def in_order(self) -> bool:
        """Say whether nothing was moved, in any run."""
        return not self.problem and all(one.in_order for one in self.runs)


@dataclass(frozen=True, slots=True)
class PlanLine:
    """A plan of the project, with or without its file: what a register of all evaluations starts from."""

    plan_id: str
    title: str
    state: str
    sha256: str
    note: str
    versions: tuple[Version, ...]
    runs: tuple[RunLine, ...]


def amend_plan(project: Project, name: str, reason: str, waiver: str) -> Amended:
    """Register the plan's file as its next version: an amendment or a deviation, as the data have it."""
    plan, _, measures = open_plan(project, name)
    with reading(project) as session:
        versions, head = versions_of(session, plan.id), log_head(session)
    _refuse(plan, versions, reason)
    ready = readiness_of(project, plan, measures)
    waived = _waived(ready, waiver)
    state = _most_known(project, ready, versions, measures)
    kind = kind_of(state, versions)
    found = changes(versions[-1].canonical, canonical(plan), seen=kind == "deviation")
    if console.current().dry_run:
        number = versions[-1].number + 1
        draft = replace(versions[-1], number=number, sha256=fingerprint(plan), canonical=canonical(plan))
        draft = replace(
            draft, kind=kind, reason=reason.strip(), data_state=state, waiver=waived, at="", by=""
        )
        return Amended(draft, found, written=False)
    with writing(project) as session:
        if log_head(session) != head:
            raise GateNotMet("LC506", "somebody worked in the project meanwhile", "Run the command again.")
        added = add_version(session, plan, versions, kind, reason.strip(), (state, waived))
        details = {"version": added.number, "kind": kind, "sha256": added.sha256, "data": state}
        record(session, "plan.amend", plan.id, {**details, "waived": bool(waived)})
    return Amended(added, found, written=True)


def _refuse(plan: AnalysisPlan, versions: Sequence[Version], reason: str) -> None:
    if not versions:
        said = f"plan '{plan.id}' is not locked: edit its file as you like"
        raise GateNotMet("LC502", said, f"Then: lifecourse plan lock {plan.id}")
    same = last_with(versions, fingerprint(plan))
    if same:
        said = f"the file of plan '{plan.id}' says what version {same.number} says"
        raise EvaluationError("LC500", said, f"lifecourse evaluate run {plan.id} follows it")
    first = rebuilt(versions[0].canonical)
    if first and _about(first) != _about(plan):
        raise EvaluationError(
            "LC505",
            f"the file of plan '{plan.id}' is about other people or areas than the plan that was locked",
            "Give it an id of its own: lifecourse plan new ID",
        )
    if not reason.strip():
        hint = f'lifecourse plan amend {plan.id} --reason "…"'
        raise EvaluationError("LC501", f"a change of the locked plan '{plan.id}' needs a reason", hint)


def _about(plan: AnalysisPlan) -> tuple[str, str, str]:
    return plan.population.cohort, plan.population.areas, plan.population.units


def _waived(ready: Readiness, waiver: str) -> str:
    if not ready.doubts:
        return ""
    said = "; ".join(doubt.text for doubt in ready.doubts)
    if not waiver.strip():
        raise GateNotMet(
            "LC423",
            f"the amended plan '{ready.plan.id}' cannot be decided: {said}",
            'Change it, or register it all the same: --waive "reason"',
        )
    return f"{waiver.strip()} (waived: {said})"


def _most_known(
    project: Project, ready: Readiness, versions: Sequence[Version], measures: dict[str, Measure]
) -> str:
    """What could be known of the outcomes of any text of the plan: a text that drops what was seen hides nothing.

    A version that cannot be made again counts as seen.
    """
    states = [ready.data_state, *(version.data_state for version in versions)]
    for version in versions:
        plan = rebuilt(version.canonical)
        if plan is None:
            return "outcomes seen"
        states.append(readiness_of(project, plan, measures).data_state)
    with reading(project) as session:
        run = bool(runs_of(session, project, ready.plan.id))
    return "outcomes seen" if run else most_seen(states)


def compare_plan(project: Project, name: str, number: int | None) -> Compared:
    """The plan's file against its last version; with a number, that version against the one before it."""
    if number is not None:
        plan_id = named_plan(project, name)
        with reading(project) as session:
            versions = versions_of(session, plan_id)
        new = chosen_version(versions, plan_id, number)
        old = chosen_version(versions, plan_id, max(1, number - 1))
        found = changes(old.canonical, new.canonical, seen=new.kind == "deviation")
        return Compared(plan_id, old.number, f"version {new.number}", found, versions)
    plan, _, _ = open_plan(project, name)
    with reading(project) as session:
        versions = versions_of(session, plan.id)
        seen = bool(versions) and bool(runs_of(session, project, plan.id))
    last = chosen_version(versions, plan.id, None)
    after = seen or kind_of(last.data_state, versions) == "deviation"
    found = changes(last.canonical, canonical(plan), seen=after)
    return Compared(plan.id, last.number, "the file", found, versions)


def audit_plan(project: Project, name: str) -> PlanAudit:
    """Hold every run of a plan against what was first locked. Neither its file nor its results are needed."""
    plan_id = named_plan(project, name)
    with reading(project) as session:
        versions, runs = versions_of(session, plan_id), runs_of(session, project, plan_id)
        missing = missing_by_log(session, plan_id)
    if not versions and not missing:
        hint = f"lifecourse plan lock {plan_id}; lifecourse plan list names the plans"
        raise GateNotMet(
            "LC502", f"plan '{plan_id}' was never locked, so there is nothing to hold it to", hint
        )
    audited = tuple(_audited(run, versions) for run in runs)
    problem = f"the log has what the register has not: {', '.join(missing)}" if missing else ""
    return PlanAudit(plan_id, versions, audited, problem)


def _audited(run: RunLine, versions: Sequence[Version]) -> AuditedRun:
    used = last_with(versions, run.sha256)
    if used is None:
        return AuditedRun(run, 0, None)
    if outside_lock(run.state):
        return AuditedRun(run, used.number, None)
    return AuditedRun(run, used.number, audit(versions[0].canonical, used.canonical))


def planned_evaluations(project: Project) -> tuple[PlanLine, ...]:
    """Every plan that has a file or was ever locked, in the order of their ids."""
    files = {name: _in_file(project, name) for name in list_plans(project)}
    with reading(project) as session:
        known = sorted({*files, *locked_plans(session)})
        gone = {name for name in locked_plans(session) if not versions_of(session, name)}
        found = {name: (versions_of(session, name), runs_of(session, project, name)) for name in known}
    return tuple(_line(name, files, found[name], name in gone) for name in known)


def _in_file(project: Project, name: str) -> AnalysisPlan | None:
    try:
        path = plan_path(project, name)
        return load_plan(path, known_measures(project)[1], project.shown(path))
    except LifecourseError:
        return None


def _line(
    name: str,
    files: dict[str, AnalysisPlan | None],
    found: tuple[tuple[Version, ...], tuple[RunLine, ...]],
    gone: bool,
) -> PlanLine:
    versions, runs = found
    plan = files.get(name)
    sha = versions[-1].sha256 if versions else fingerprint(plan) if plan else ""
    title = titles_of(versions) or (plan.title if plan else "")
    note = _file_note(name in files, plan, versions)
    return PlanLine(name, title, standing_words(versions), sha, LOCK_GONE if gone else note, versions, runs)


def _file_note(there: bool, plan: AnalysisPlan | None, versions: Sequence[Version]) -> str:
    if not there:
        return "its file is gone"
    if plan is None:
        return "its file cannot be read"
    if not versions:
        return ""
    used = last_with(versions, fingerprint(plan))
    if used is None:
        return "its file was changed and is not registered"
    return "" if used is versions[-1] else f"its file is version {used.number}"
