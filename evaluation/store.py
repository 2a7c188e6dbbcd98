"""The store of the evaluation floor: plan files, locks, study tables, results."""

from __future__ import annotations

import contextlib
import hashlib
import json
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl
from sqlmodel import Session, col, select

from cohorts.gate.outgoing import Outgoing
from cohorts.gate.writing import write_outgoing
from cohorts.partner_files.extracts import read_extract
from cohorts.store import StoredCohort, find_cohort
from evaluation.economics.store import load_tables
from evaluation.errors import EvaluationError
from evaluation.model import Rung
from evaluation.plan import AnalysisPlan, canonical, fingerprint
from evaluation.plan_file import read_plan
from evaluation.records import EvaluationFooting, EvaluationRecord, PlanLock, PlanVersion
from evaluation.study_table import (
    StudyTable,
    beside,
    column_of,
    delivery_columns,
    needed_columns,
    wave_columns,
)
from theory_of_change.model import Measure
from workspace.audit import actor
from workspace.clock import now
from workspace.database import reading
from workspace.errors import did_you_mean
from workspace.files import reaching, sha256_of, write_atomically
from workspace.noticeboard import PostedResult
from workspace.project import Project
from workspace.toml_source import read_toml

FILE_MISSING = ("NA", "NaN", "nan", ".")


def plan_path(project: Project, name: str) -> Path:
    """A plan of the project by its id, or a path to one."""
    path = Path(name)
    if path.suffix == ".toml":
        return path if path.is_file() or path.is_absolute() else project.root / path
    known = sorted(file.stem for file in project.plans.glob("*.toml"))
    if name not in known:
        raise EvaluationError(
            "LC424",
            f"there is no plan '{name}'.{did_you_mean(name, known)}",
            f"Plans: {', '.join(known) or 'none yet'}. Make one: lifecourse plan new ID",
        )
    return project.plans / f"{name}.toml"


def load_plan(path: Path, measures: Mapping[str, Measure], shown: str = "") -> AnalysisPlan:
    """Read a plan file."""
    source = read_toml(path, EvaluationError, name=shown or path.name)
    return read_plan(source, measures, load_tables().unit_costs)


def list_plans(project: Project) -> list[str]:
    """The ids of the project's plan files."""
    return sorted(file.stem for file in project.plans.glob("*.toml"))


def save_new_plan(project: Project, plan_id: str, text: str) -> str:
    """Write a new plan file; return its path as shown."""
    path = refuse_existing_plan(project, plan_id)
    write_atomically(path, text)
    return project.shown(path)


def refuse_existing_plan(project: Project, plan_id: str) -> Path:
    """Where a new plan would be; a plan file is never written over."""
    path = project.plans / f"{plan_id}.toml"
    if path.exists():
        raise EvaluationError(
            "LC425",
            f"there is a plan '{plan_id}' already",
            f"Edit {project.shown(path)}, or choose another id.",
        )
    return path


@dataclass(frozen=True, slots=True)
class Lock:
    """A lock as the database holds it."""

    plan_id: str
    sha256: str
    data_state: str
    waiver: str
    locked_at: str
    locked_by: str


def find_lock(session: Session, plan_id: str) -> Lock | None:
    """The lock of a plan, if there is one."""
    row = session.get(PlanLock, plan_id)
    return (
        Lock(row.plan_id, row.sha256, row.data_state, row.waiver, row.locked_at, row.locked_by)
        if row
        else None
    )


def later_texts(session: Session, plan_id: str) -> tuple[str, ...]:
    """Fingerprints of the texts that were registered after a plan's lock."""
    rows = session.exec(select(PlanVersion.sha256).where(PlanVersion.plan_id == plan_id)).all()
    return tuple(map(str, rows))


def add_lock(session: Session, plan: AnalysisPlan, data_state: str, waiver: str) -> Lock:
    """Lock a plan in the caller's transaction."""
    who, moment = actor(), now()
    session.add(
        PlanLock(
            plan_id=plan.id,
            sha256=fingerprint(plan),
            canonical=canonical(plan),
            data_state=data_state,
            waiver=waiver,
            locked_at=moment,
            locked_by=who,
        )
    )
    session.flush()
    return Lock(plan.id, fingerprint(plan), data_state, waiver, moment, who)


def add_evaluation(session: Session, record: EvaluationRecord) -> None:
    """Add a run to the register; nothing in it is ever changed."""
    session.add(record)
    session.flush()


@dataclass(frozen=True, slots=True)
class RegisterLine:
    """One run in the register."""

    evaluation_id: str
    plan_id: str
    answer: str
    security: int


def list_evaluations(session: Session) -> list[RegisterLine]:
    """All runs, oldest first."""
    rows = session.exec(select(EvaluationRecord).order_by(col(EvaluationRecord.evaluation_id))).all()
    return [RegisterLine(row.evaluation_id, row.plan_id, row.answer, row.security) for row in rows]


def results_on(project: Project, cohort_id: str) -> list[PostedResult]:
    """The evaluations that rest on a cohort: of plans whose lock, or else whose file, names it."""
    with reading(project) as session:
        stored = find_cohort(session, cohort_id)
        found = session.exec(select(EvaluationRecord).order_by(col(EvaluationRecord.evaluation_id))).all()
        people: dict[str, list[tuple[str, int]]] = {}
        for foot in session.exec(select(EvaluationFooting).order_by(col(EvaluationFooting.measure))).all():
            people.setdefault(foot.evaluation_id, []).append((foot.measure, foot.analysed))
        rows = [
            PostedResult(row.evaluation_id, row.plan_id, row.run_at, tuple(people.get(row.evaluation_id, ())))
            for row in found
        ]
        locks = {lock.plan_id: lock.canonical for lock in session.exec(select(PlanLock)).all()}
    names = (stored.cohort_id, stored.definition.name)
    return [row for row in rows if _cohort_of(project, row.about, locks.get(row.about, "")) in names]


def measures_reported(session: Session, project: Project, stored: StoredCohort) -> set[str]:
    """The outcomes (``measure`` or ``measure@wave``) of a cohort that runs in the register have shown somebody."""
    return _reported(session, project, (stored.cohort_id, stored.definition.name), "cohort")


def areas_reported(session: Session, project: Project, *names: str) -> set[str]:
    """The same of a collection of areas, by its id and name."""
    return _reported(session, project, names, "areas")


def _reported(session: Session, project: Project, names: tuple[str, ...], about: str) -> set[str]:
    locks = {lock.plan_id: lock.canonical for lock in session.exec(select(PlanLock)).all()}
    runs = session.exec(select(EvaluationRecord)).all()
    known = {
        plan: _about(project, plan, locks.get(plan, ""), about) for plan in {run.plan_id for run in runs}
    }
    found = {run.evaluation_id for run in runs if known[run.plan_id] in names}
    feet = session.exec(select(EvaluationFooting)).all()
    return {foot.measure for foot in feet if foot.evaluation_id in found}


def _cohort_of(project: Project, plan_id: str, canonical: str) -> str:
    """The cohort a plan is about; empty where its file is gone or cannot be read."""
    return _about(project, plan_id, canonical, "cohort")


def _about(project: Project, plan_id: str, canonical: str, key: str) -> str:
    """The cohort, or the areas, a plan is about; empty where there is none or its file cannot be read."""
    try:
        if canonical:
            return str(json.loads(canonical)["population"].get(key, ""))
        table = tomllib.loads(plan_path(project, plan_id).read_text(encoding="utf-8"))
        return str(table["population"].get(key, ""))
    except (EvaluationError, OSError, KeyError, TypeError, ValueError, AttributeError):
        return ""


def sha256_of_text(text: str) -> str:
    """Fingerprint of a text."""
    return hashlib.sha256(text.encode("utf-8")).hexdigest()


def table_from_file(path: Path, plan: AnalysisPlan) -> tuple[StudyTable, str]:
    """A study table from a pseudonymised file (CSV, CSV.gz, Parquet, Stata, SPSS), and the file's fingerprint.

    Only the plan's columns are kept. A column whose values are all numbers is a number, any other a category;
    blank, NA, NaN and "." mean missing.
    """
    raw = read_extract(path)
    wanted = (
        *needed_columns(plan),
        *(column_of(o) for o in plan.outcomes),
        *(name for o in plan.outcomes for name in beside(o)),
        *(name for o in plan.outcomes if o.timing for name in o.timing.columns),
        *(name for o in plan.outcomes for name in wave_columns(o)),
        *delivery_columns(plan),
    )
    names = [name for name in dict.fromkeys(wanted) if name in raw.frame.columns]
    kept = raw.frame.select(names).with_columns(pl.all().str.strip_chars())
    kept = kept.with_columns(pl.when(pl.all().is_in(FILE_MISSING)).then(None).otherwise(pl.all()).name.keep())
    frame = pl.DataFrame([_typed(kept[name]) for name in names]) if names else pl.DataFrame()
    if "participant" not in frame.columns:
        frame = frame.with_columns(pl.int_range(raw.frame.height, dtype=pl.Int64).alias("participant"))
    return StudyTable(frame, raw.name, raw.first_row), sha256_of(path)


def _typed(series: pl.Series) -> pl.Series:
    """Numbers where every value is one; texts otherwise."""
    number = series.cast(pl.Float64, strict=False)
    finite = number.is_finite() | number.is_null()
    whole = number.null_count() == series.null_count() and bool(finite.all())
    return number if whole else series


def save_result(project: Project, name: str, payload: str, page: str) -> tuple[str, str]:
    """Write a finding and its report, both looked through by the gate or neither; return both paths as shown."""
    files = (
        Outgoing(f"{project.evidence.name}/{name}.json", payload.encode("utf-8"), (name,)),
        Outgoing(f"{project.reports.name}/{name}.html", page.encode("utf-8"), (name,)),
    )
    finding, report = write_outgoing(project, project.root, files, verb="evaluate.run")
    return finding, report


def load_saved(project: Project | None, name: str) -> dict[str, Any]:
    """A saved result as plain data: an evaluation of the project, or a result's JSON."""
    path = Path(name) if project is None else project.evidence / f"{name}.json"
    hint = "lifecourse status names the evaluations; or give the path of a result's JSON."
    if project is not None and not path.is_file():
        known = sorted(file.stem for file in project.evidence.glob("EVAL-*.json"))
        raise EvaluationError("LC426", f"there is no evaluation '{name}'.{did_you_mean(name, known)}", hint)
    with reaching("the result", "read", path.name, hint, EvaluationError):
        raw = path.read_bytes()
    try:
        found = json.loads(raw.decode("utf-8-sig"))
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, dict):
        raise no_result(path.name, "it is no JSON of a result")
    return found


def no_result(name: str, why: str) -> EvaluationError:
    """What is said of a file that is no result of this version."""
    said = f"the file is no result of this version: {why}"
    return EvaluationError("LC427", said, "Run the plan again: lifecourse evaluate run PLAN", where=name)


def load_rungs(project: Project | None, name: str) -> tuple[Rung, ...]:
    """Where a saved result stands on the ladders."""
    try:
        return tuple(
            Rung(r["ladder"], r["grade"], r["fact"], r["step_up"]) for r in load_saved(project, name)["rungs"]
        )
    except (KeyError, TypeError):
        shown = Path(name).name if project is None else f"{name}.json"
        raise no_result(shown, "it holds no ladders") from None


def discard_result(project: Project, name: str) -> None:
    """Take back the files of a run that did not make it into the register."""
    for path in (project.evidence / f"{name}.json", project.reports / f"{name}.html"):
        if name:
            with contextlib.suppress(OSError):  # the error that brought us here is the one to show
                path.unlink(missing_ok=True)
