"""What the plan and evaluate commands do, step by step."""

from __future__ import annotations

import datetime as dt
import importlib.metadata
import platform
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cohorts.store import StoredCohort, StoredVariable, find_cohort, list_variables, read_wide
from evaluation.decidable import Doubt, Projection, Prospects, doubts, project
from evaluation.errors import EvaluationError
from evaluation.finding import Finding, gather_finding
from evaluation.gates import LOCKED_BEFORE
from evaluation.methods.registry import METHODS
from evaluation.model import DataFacts, PlanFacts, Result
from evaluation.plan import AnalysisPlan, PlannedOutcome, fingerprint
from evaluation.protection import masked
from evaluation.records import EvaluationRecord
from evaluation.reporting.html import render_report
from evaluation.result import as_payload
from evaluation.store import (
    Lock,
    add_evaluation,
    add_lock,
    discard_result,
    find_lock,
    load_plan,
    plan_path,
    refuse_existing_plan,
    save_new_plan,
    save_result,
    sha256_of_text,
    table_from_file,
)
from evaluation.study import Resolved, data_access, resolve, table_from_cohort
from theory_of_change.model import Measure, Theory
from theory_of_change.store import load_catalogue, load_theory
from workspace import console
from workspace.audit import record, rounded
from workspace.database import next_id, reading, writing
from workspace.errors import GateNotMet
from workspace.files import write_atomically
from workspace.front_door import program_version
from workspace.project import Project
from workspace.settings import DisclosureProfile

PACKAGES = ("numpy", "polars", "scipy", "statsmodels")


@dataclass(frozen=True, slots=True)
class Ran:
    """A result and where it was written."""

    result: Result
    payload: dict[str, Any]
    finding: str
    report: str


@dataclass(frozen=True, slots=True)
class Readiness:
    """What ``plan check`` found: the plan, its prospects, and why it could not be decided."""

    plan: AnalysisPlan
    data_state: str
    projection: Projection
    doubts: tuple[Doubt, ...]
    lock: Lock | None


def known_measures(project_: Project) -> tuple[Theory | None, dict[str, Measure]]:
    """The theory, if there is one, and every measure a plan may name."""
    measures = load_catalogue()
    if not project_.theory_file.exists():
        return None, measures
    theory = load_theory(project_)
    return theory, measures | {measure.id: measure for measure in theory.measures}


def open_plan(project_: Project, name: str) -> tuple[AnalysisPlan, Theory | None, dict[str, Measure]]:
    """A plan of the project, checked against its theory."""
    theory, measures = known_measures(project_)
    path = plan_path(project_, name)
    plan = load_plan(path, measures, project_.shown(path))
    if not plan.population.cohort:
        raise EvaluationError(
            "LC402",
            "a plan of a project names its cohort",
            'Add cohort = "…" to [population].',
            where=project_.shown(path),
        )
    if path.parent == project_.plans and plan.id != path.stem:
        raise EvaluationError(
            "LC403",
            f"the plan's id is '{plan.id}' but its file is called '{path.name}'",
            "Give both the same name: the lock and the register go by the id.",
            where=project_.shown(path),
        )
    missing = [link for link in plan.links if theory is None or theory.link(link) is None]
    if missing:
        raise EvaluationError(
            "LC411",
            f"the theory has no link '{missing[0]}'",
            "lifecourse theory show",
            where=project_.shown(path),
        )
    return plan, theory, measures


def readiness(project_: Project, name: str) -> Readiness:
    """Check a plan against the people there are."""
    plan, _, measures = open_plan(project_, name)
    with reading(project_) as session:
        cohort = find_cohort(session, plan.population.cohort)
        variables = {v.name: v for v in list_variables(session, cohort.cohort_id)}
        state = _data_state(plan, variables, measures)
        prospects = _prospects(session, cohort, plan, variables, measures)
        lock = find_lock(session, plan.id)
    primary = plan.primaries[0]
    return Readiness(
        plan, state, project(primary, prospects, plan.analysis.alpha), doubts(plan, prospects), lock
    )


def _resolved(
    plan: AnalysisPlan, variables: Mapping[str, StoredVariable], measures: Mapping[str, Measure]
) -> tuple[list[Resolved], list[Resolved]]:
    """What of the plan's variables is there already; what is not is simply not collected yet."""
    one: list[Resolved] = []
    design: list[Resolved] = []
    for outcome in plan.outcomes:
        single = _only(plan, outcome)
        try:
            ahead, after = resolve(single, variables, measures)
        except EvaluationError:
            continue
        design += ahead
        one += after
    return design, one


def _only(plan: AnalysisPlan, outcome: PlannedOutcome) -> AnalysisPlan:
    from dataclasses import replace

    return replace(plan, outcomes=(outcome,))


def _data_state(
    plan: AnalysisPlan, variables: Mapping[str, StoredVariable], measures: Mapping[str, Measure]
) -> str:
    design, outcomes = _resolved(plan, variables, measures)
    if not outcomes and any(plan.design.treatment == v.name and v.waves for v in variables.values()):
        return "baseline seen"
    return data_access(variables, design, outcomes)


def _prospects(
    session: Any,
    cohort: StoredCohort,
    plan: AnalysisPlan,
    variables: Mapping[str, StoredVariable],
    measures: Mapping[str, Measure],
) -> Prospects:
    """The arms as they stand, from the treatment variable alone; and when the last person will be ripe."""
    stored = variables.get(plan.design.treatment.partition("@")[0])
    if stored is None or not stored.waves:
        return Prospects()
    wave = plan.design.treatment.partition("@")[2] or stored.waves[0]
    if wave in stored.sealed_waves:
        return Prospects()
    frame = read_wide(session, cohort.cohort_id, [(stored.name, wave)])
    arm = frame[f"{stored.name}@{wave}"]
    treated, comparison = int((arm == 1).sum()), int((arm == 0).sum())
    newest = frame["index_date"].max()
    known = measures.get(plan.primaries[0].measure)
    months = (known.follow_up_months or 0) + (known.waiting_months or 0) if known else 0
    ripe = _later(newest, months) if isinstance(newest, dt.date) else None
    return Prospects(treated, comparison, ripe)


def _later(day: dt.date, months: int) -> dt.date:
    import polars as pl

    moved = pl.Series([day]).dt.offset_by(f"{months}mo")[0]
    return moved if isinstance(moved, dt.date) else day


def lock_plan(project_: Project, name: str, waiver: str) -> tuple[Readiness, Lock]:
    """Lock a plan. A plan that cannot be decided is refused unless waived with a reason."""
    ready = readiness(project_, name)
    if ready.lock:
        same = ready.lock.sha256 == fingerprint(ready.plan)
        said = "is locked already" if same else "is locked already, with another text"
        raise GateNotMet("LC422", f"plan '{ready.plan.id}' {said}", "A changed plan needs a new id.")
    if ready.doubts and not waiver.strip():
        raise GateNotMet(
            "LC423",
            f"plan '{ready.plan.id}' cannot be decided: {'; '.join(d.text for d in ready.doubts)}",
            'Change it, or lock it all the same: --waive "reason"',
        )
    if console.current().dry_run:
        return ready, Lock(ready.plan.id, fingerprint(ready.plan), ready.data_state, waiver, "", "")
    said = f"{waiver.strip()} (waived: {'; '.join(d.text for d in ready.doubts)})" if ready.doubts else ""
    with writing(project_) as session:
        if find_lock(session, ready.plan.id):
            raise GateNotMet(
                "LC422", f"plan '{ready.plan.id}' is locked already", "A changed plan needs a new id."
            )
        lock = add_lock(session, ready.plan, ready.data_state, said)
        record(
            session,
            "plan.lock",
            ready.plan.id,
            {"sha256": lock.sha256, "data": lock.data_state, "waived": bool(said)},
        )
    return ready, lock


def new_plan(project_: Project, plan_id: str, method: str, text: str) -> str:
    """Write a new plan file."""
    if method not in METHODS:
        raise EvaluationError("LC404", f"there is no method '{method}'", "lifecourse evaluate methods")
    if console.current().dry_run:
        return project_.shown(refuse_existing_plan(project_, plan_id))
    with writing(project_) as session:
        record(session, "plan.new", plan_id)
        return save_new_plan(project_, plan_id, text)


def run_on_file(plan_file: Path, data: Path, out: Path | None) -> Ran:
    """File mode: a plan on a pseudonymised table; no project, no database, no key."""
    began = time.monotonic()
    plan = load_plan(plan_file, load_catalogue())
    table, sha = table_from_file(data, plan)
    finding = gather_finding(table, plan, "unlocked")
    facts = PlanFacts(plan.id, plan.title, fingerprint(plan), "unlocked")
    result = _result("", plan, facts, DataFacts(table.frame.height, sha, ""), finding, began)
    payload = as_payload(result, None)
    if out is None or console.current().dry_run:
        return Ran(result, payload, "", "")
    name = plan.id or plan_file.stem
    write_atomically(out / f"{name}.json", console.to_json(payload) + "\n")
    page = render_report(masked(result, DisclosureProfile()), DisclosureProfile())
    write_atomically(out / f"{name}.html", page)
    return Ran(result, payload, f"{name}.json", f"{name}.html")


def run_in_project(project_: Project, name: str, *, exploratory: bool) -> Ran:
    """Project mode: a locked plan on the cohort, saved to the register, to evidence/ and to reports/."""
    began = time.monotonic()
    plan, theory, measures = open_plan(project_, name)
    with reading(project_) as session:
        lock = find_lock(session, plan.id)
        facts = _plan_facts(plan, lock, exploratory=exploratory)
        cohort = find_cohort(session, plan.population.cohort)
        table, sha = table_from_cohort(session, cohort, plan, measures, unsealed=lock is not None)
    finding = gather_finding(table, plan, facts.state, theory)
    data = DataFacts(table.frame.height, sha, cohort.definition.name)
    if console.current().dry_run:
        result = masked(_result("EVAL-…", plan, facts, data, finding, began), project_.settings.disclosure)
        return Ran(result, as_payload(result, project_.settings.disclosure), "", "")
    return _keep(project_, plan, facts, data, finding, began)


def _keep(
    project_: Project, plan: AnalysisPlan, facts: PlanFacts, data: DataFacts, finding: Finding, began: float
) -> Ran:
    """Enter the run in the register and write its files: both, or neither."""
    number = ""
    try:
        with writing(project_) as session:
            number = next_id(session, "EVAL")
            return _enter(session, project_, plan, _result(number, plan, facts, data, finding, began))
    except BaseException:
        discard_result(project_, number)
        raise


def _enter(session: Any, project_: Project, plan: AnalysisPlan, raw: Result) -> Ran:
    profile = project_.settings.disclosure
    result = masked(raw, profile)
    payload = as_payload(result, profile)
    text = console.to_json(payload) + "\n"
    primary, number = result.primary.verdict, result.evaluation
    add_evaluation(
        session,
        EvaluationRecord(
            evaluation_id=number,
            plan_id=plan.id,
            plan_sha256=result.plan.sha256,
            plan_state=result.plan.state,
            answer=primary.answer,
            security=primary.security,
            result_sha256=sha256_of_text(text),
            run_at=str(result.provenance["started"]),
        ),
    )
    details = {"plan": plan.id, "state": result.plan.state, "answer": primary.answer}
    record(session, "evaluate.run", number, {**details, "people": rounded(result.primary.estimate.n)})
    page = render_report(result, profile, audit_head=_head(session), practice=project_.settings.practice)
    return Ran(result, payload, *save_result(project_, number, text, page))


def _head(session: Any) -> str:
    from sqlmodel import select

    from workspace.records import AuditEntry

    last = session.exec(select(AuditEntry.digest).order_by(AuditEntry.sequence.desc()).limit(1)).first()  # type: ignore[attr-defined]
    return str(last or "")


def _plan_facts(plan: AnalysisPlan, lock: Lock | None, *, exploratory: bool) -> PlanFacts:
    """The plan's state: locked before or after outcomes, or unlocked, which must be asked for."""
    sha = fingerprint(plan)
    if lock is None:
        if not exploratory:
            raise GateNotMet(
                "LC420",
                f"plan '{plan.id}' is not locked",
                f"lifecourse plan lock {plan.id}; or run it with --exploratory",
            )
        return PlanFacts(plan.id, plan.title, sha, "unlocked")
    if lock.sha256 != sha:
        raise GateNotMet(
            "LC421",
            f"plan '{plan.id}' was changed after it was locked on {lock.locked_at[:10]}",
            "Restore its text, or give the changed plan a new id.",
        )
    state = "locked after outcomes" if lock.data_state == "outcomes seen" else LOCKED_BEFORE
    return PlanFacts(
        plan.id, plan.title, sha, state, (), lock.waiver, lock.locked_at, lock.locked_by, lock.data_state
    )


def _result(
    number: str, plan: AnalysisPlan, facts: PlanFacts, data: DataFacts, finding: Finding, began: float
) -> Result:
    method = METHODS[plan.design.method]
    primary = next(outcome for outcome in finding.outcomes if outcome.role == "primary")
    settings = (
        *method.describe(plan.design.settings, plan.design),
        ("Adjusted for", ", ".join(plan.design.covariates) or "nothing more"),
        ("Assumes", method.assumes),
    )
    ladders: dict[str, int | str | None] = {
        "sms": method.sms_level,
        "padlocks": primary.verdict.security,
        "wwc": None,
        "eif": None,
        "grade": None,
        "emmie": None,
    }
    return Result(
        evaluation=number,
        plan=facts,
        data=data,
        method=method.name,
        identifies=method.identifies,
        settings=settings,
        flow=primary.flow,
        outcomes=finding.outcomes,
        links=finding.links,
        ladders=ladders,
        provenance={
            "lifecourse": program_version(),
            "python": platform.python_version(),
            "packages": {name: importlib.metadata.version(name) for name in PACKAGES},
            "seed": plan.design.seed,
            "started": dt.datetime.now(dt.UTC).isoformat(timespec="seconds"),
            "seconds": round(time.monotonic() - began, 2),
        },
    )
