"""What the plan and evaluate commands do, step by step."""

from __future__ import annotations

import datetime as dt
import importlib.metadata
import platform
import time
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from cohorts.agreements.use_gate import permit_use
from cohorts.areas.store import find_areas
from cohorts.gate.ledger import Behind
from cohorts.gate.outgoing import Outgoing
from cohorts.gate.store import keep_cells, sketched
from cohorts.gate.writing import write_outgoing
from cohorts.store import find_cohort
from evaluation.amending.running import closed_to, facts_of_run, open_version, with_audit
from evaluation.differences.store import add_footings, change_seen, hold_back
from evaluation.economics.actions import with_economics
from evaluation.errors import EvaluationError
from evaluation.finding import Finding, gather_finding
from evaluation.ladders import Facts, climb
from evaluation.lock_states import UNLOCKED, outside_lock
from evaluation.locking import open_plan
from evaluation.methods.registry import METHODS, by_chance
from evaluation.model import DataFacts, PlanFacts, Result
from evaluation.outputs import cells_of_run
from evaluation.panels.from_areas import area_names, permit_plan, table_from_areas, with_area_columns
from evaluation.panels.from_waves import by_wave, from_waves, in_rows
from evaluation.panels.protection import without_small_cells
from evaluation.plan import AnalysisPlan, Design, fingerprint
from evaluation.power_analysis.store import as_locked, locked_power
from evaluation.printed import errors as _form_codes  # noqa: F401 - LC713
from evaluation.protection import masked, profile_for, released
from evaluation.records import EvaluationRecord
from evaluation.reporting.html import render_report
from evaluation.result import as_payload
from evaluation.saved.model import Whole
from evaluation.saved.store import keep_whole
from evaluation.settings_words import settings_words
from evaluation.store import (
    add_evaluation,
    discard_result,
    load_plan,
    refuse_existing_plan,
    save_new_plan,
    save_result,
    sha256_of_text,
    table_from_file,
)
from evaluation.study import columns_read, table_from_cohort
from evaluation.subgroups.keys import explored_by
from evaluation.times.from_lives import by_person, drawn_outcomes, lives_read
from evaluation.word.report import word_report
from theory_of_change.model import Measure, Theory
from theory_of_change.store import load_catalogue
from workspace import console
from workspace.audit import record, rounded
from workspace.clock import now
from workspace.database import next_id, reading, writing
from workspace.front_door import program_version
from workspace.project import Project
from workspace.settings import DisclosureProfile

PACKAGES = ("numpy", "polars", "scipy", "statsmodels")


@dataclass(frozen=True, slots=True)
class Ran:
    """A result, where it was written, and the disclosure profile it is shown under."""

    result: Result
    payload: dict[str, Any]
    finding: str
    report: str
    profile: DisclosureProfile | None = None
    word: str = ""


def new_plan(project_: Project, plan_id: str, method: str, text: str) -> str:
    """Write a new plan file."""
    if method not in METHODS:
        raise EvaluationError("LC404", f"there is no method '{method}'", "lifecourse evaluate methods")
    if console.current().dry_run:
        return project_.shown(refuse_existing_plan(project_, plan_id))
    with writing(project_) as session:
        record(session, "plan.new", plan_id)
        return save_new_plan(project_, plan_id, text)


def run_on_file(
    plan_file: Path, data: Path, out: Path | None, by: tuple[str, ...] = (), *, word: bool = False
) -> Ran:
    """File mode: a plan on a pseudonymised table; no project, no database, no key. ``by``: subgroups it lacks.

    ``word`` writes the report as a Word file too.
    """
    began = time.monotonic()
    if word and out is None:
        raise EvaluationError("LC713", "--word has no folder to write to", "Name one: --out DIR")
    planned = load_plan(plan_file, load_catalogue())
    if drawn_outcomes(planned):
        raise EvaluationError(
            "LC406",
            "'events' are drawn from a cohort's records; a file holds rows of intervals",
            "In a project: lifecourse evaluate run PLAN. For a file name entry, duration and unit.",
            where=plan_file.name,
        )
    plan = _explored(planned, by)
    table, sha = table_from_file(data, plan)
    finding = gather_finding(table, plan, UNLOCKED)
    facts = PlanFacts(plan.id, plan.title, fingerprint(planned), UNLOCKED)
    raw = _result("", plan, facts, DataFacts(table.frame.height, sha, ""), finding, began)
    result = graded(with_economics(raw, plan, plan_file.parent, None), plan.design)
    payload = as_payload(result, None)
    profile = DisclosureProfile()  # for what is read; the JSON is the exact record of whoever holds the rows
    shown = masked(without_small_cells(raw, profile), profile)
    shown = graded(with_economics(shown, plan, plan_file.parent, profile), plan.design)
    if out is None or console.current().dry_run:
        return Ran(shown, payload, "", "", profile)
    page = render_report(shown, profile)
    files = [
        Outgoing(f"{plan.id}.html", page.encode("utf-8")),
        Outgoing(f"{plan.id}.json", f"{console.to_json(payload)}\n".encode()),
        *([Outgoing(f"{plan.id}.docx", word_report(page))] if word else []),
    ]
    write_outgoing(None, out, files, verb="evaluate.file")
    word_file = f"{plan.id}.docx" if word else ""
    return Ran(shown, payload, f"{plan.id}.json", f"{plan.id}.html", profile, word_file)


def _explored(plan: AnalysisPlan, by: tuple[str, ...]) -> AnalysisPlan:
    """The plan with subgroups asked for beside it; a method of panels has none."""
    if by and METHODS[plan.design.method].reads == "panel":
        raise EvaluationError(
            "LC406",
            f"subgroups are not in this version of method '{plan.design.method}'",
            'Plan each group on its own: where = "…".',
        )
    return explored_by(plan, by)


def run_in_project(
    project_: Project,
    name: str,
    *,
    exploratory: bool,
    known_on: dt.date | None = None,
    by: tuple[str, ...] = (),
    version: int | None = None,
) -> Ran | None:
    """Project mode: a locked plan on the cohort, saved to the register, to evidence/ and to reports/.

    A dry run stops before anything is read: a result that is seen is a result that is in the register. ``known_on``
    takes the data as they were known at the end of that day, before later corrections. ``by`` are subgroups that the
    plan does not name: they leave the lock as it is, and are stamped exploratory. ``version`` takes a registered text
    in place of the plan's file. ``exploratory`` keeps the run outside the lock, also of a plan that is locked: it is
    no finding of the register, nothing sealed is opened for it, and it is stamped wherever it is shown.
    """
    began = time.monotonic()
    planned, theory, measures = (
        open_plan(project_, name) if version is None else open_version(project_, name, version)
    )
    plan = _explored(planned, by)
    as_known = known_on.isoformat() if known_on else ""
    if plan.population.areas:
        return _run_on_areas(
            project_, planned, (theory, measures), began, exploratory=exploratory, known_on=known_on
        )
    with reading(project_) as session:
        facts = facts_of_run(session, project_, planned, exploratory=exploratory)
        cohort = find_cohort(session, plan.population.cohort)
        asked = by_wave(plan)
        columns = columns_read(session, cohort, asked, measures)
        profile = permit_use(session, project_, cohort, "evaluation", columns, lives=lives_read(cohort, plan))
        if console.current().dry_run:
            return None
        with closed_to(facts.state):
            table, sha = table_from_cohort(
                session, cohort, asked, measures, unsealed=not outside_lock(facts.state), known_on=known_on
            )
        table = from_waves(table, plan)
        seen, stored = change_seen(session), locked_power(session, plan.id)
    as_run = in_rows(by_person(plan))
    finding = as_locked(gather_finding(table, as_run, facts.state, theory), stored)
    behind = cells_of_run(table, as_run, finding, cohort.cohort_id, profile)
    people = table.frame["participant"].n_unique()
    data = DataFacts(people, sha, cohort.definition.name, as_known)
    return _keep(project_, profile, plan, _Run(facts, data, finding, began, seen, behind))


def _run_on_areas(
    project_: Project,
    plan: AnalysisPlan,
    known: tuple[Theory | None, dict[str, Measure]],
    began: float,
    *,
    exploratory: bool,
    known_on: dt.date | None,
) -> Ran | None:
    """The same on area series. Nobody can withdraw from a count of places, so no result is held back."""
    theory, measures = known
    with reading(project_) as session:
        facts = facts_of_run(session, project_, plan, exploratory=exploratory)
        areas = find_areas(session, plan.population.areas)
        names = area_names(session, areas, plan, measures)
        profile = permit_plan(session, project_, areas, plan, names, outcomes=True)
        if console.current().dry_run:
            return None
        locked = not outside_lock(facts.state)
        stored = locked_power(session, plan.id)
        with closed_to(facts.state):
            table, sha = table_from_areas(session, areas, plan, measures, unsealed=locked, known_on=known_on)
    finding = as_locked(gather_finding(table, with_area_columns(plan), facts.state, theory), stored)
    data = DataFacts(table.frame.height, sha, areas.name, known_on.isoformat() if known_on else "")
    return _keep(project_, profile, plan, _Run(facts, data, finding, began, 0))


@dataclass(frozen=True, slots=True)
class _Run:
    """A run before it has its number."""

    facts: PlanFacts
    data: DataFacts
    finding: Finding
    began: float
    seen: int
    behind: tuple[Behind, ...] = ()


def _keep(project_: Project, profile: DisclosureProfile, plan: AnalysisPlan, run: _Run) -> Ran:
    """Enter the run in the register and write its files: both, or neither."""
    number = ""
    try:
        with writing(project_) as session:
            people = not plan.population.areas  # nobody withdraws from a count of places
            held = hold_back(session, plan, run.finding.outcomes, profile, run.seen) if people else None
            if held is None:
                number = next_id(session, "EVAL")
                add_footings(session, number, plan, run.finding.outcomes, profile, run.seen)
                keep_cells(session, number, sketched(session, run.behind))
                raw = _result(number, plan, run.facts, run.data, run.finding, run.began)
                return _enter(session, project_, profile, plan, raw)
    except BaseException:
        discard_result(project_, number)
        raise
    raise held  # after the commit: how it differs is kept


def _enter(
    session: Any, project_: Project, profile: DisclosureProfile, plan: AnalysisPlan, raw: Result
) -> Ran:
    safe = released(masked(without_small_cells(raw, profile), profile), profile)
    safe = with_economics(safe, plan, project_.root, profile_for(safe.primary.units, profile))
    result = with_audit(session, graded(safe, plan.design))  # graded last: what is masked stays masked
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
    head, practice = _head(session), project_.settings.practice
    keep_whole(session, Whole(result, profile, head, practice))
    page = render_report(result, profile, audit_head=head, practice=practice)
    return Ran(result, payload, *save_result(project_, number, text, page), profile)


def _head(session: Any) -> str:
    from sqlmodel import select

    from workspace.records import AuditEntry

    last = session.exec(select(AuditEntry.digest).order_by(AuditEntry.sequence.desc()).limit(1)).first()  # type: ignore[attr-defined]
    return str(last or "")


def graded(result: Result, design: Design) -> Result:
    """The result with its place on every ladder, from the facts as they stand in it."""
    method, primary = METHODS[result.method], result.primary
    tested = sum(link.finding != "not tested" and link.rests_on != "delivery" for link in result.links)
    known = sum(part.result != "not known" for part in result.delivery.parts) if result.delivery else 0
    moderators = sum(group.registered for group in primary.subgroups)
    maryland = method.levels_of(design)[1]
    rungs = climb(Facts(method.name, maryland, primary, tested, moderators, by_chance(design), known))
    return replace(result, ladders={rung.ladder: rung.grade for rung in rungs}, rungs=rungs)


def _result(
    number: str, plan: AnalysisPlan, facts: PlanFacts, data: DataFacts, finding: Finding, began: float
) -> Result:
    method = METHODS[plan.design.method]
    primary = next(outcome for outcome in finding.outcomes if outcome.role == "primary")
    return Result(
        evaluation=number,
        plan=facts,
        data=data,
        method=method.name,
        identifies=method.identifies,
        settings=settings_words(plan),
        flow=primary.flow,
        outcomes=finding.outcomes,
        links=finding.links,
        delivery=finding.delivery,
        failure=finding.failure,
        mediation=finding.mediation,
        ladders={},
        provenance={
            "lifecourse": program_version(),
            "python": platform.python_version(),
            "packages": {name: importlib.metadata.version(name) for name in PACKAGES},
            "seed": plan.design.seed,
            "started": now(),
            "seconds": round(time.monotonic() - began, 2),
            **({"data_known_on": data.known_on} if data.known_on else {}),
        },
    )
