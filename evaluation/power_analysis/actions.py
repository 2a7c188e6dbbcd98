"""Power analyses step by step: of a plan in a project, or of a plan file alone."""

from __future__ import annotations

from pathlib import Path

from evaluation.decidable import Prospects, size_of
from evaluation.locking import readiness
from evaluation.plan import AnalysisPlan
from evaluation.power_analysis.report import Asked, OutcomePower, power_of, sizes_of
from evaluation.power_analysis.sizes import planned_size
from evaluation.store import load_plan
from theory_of_change.store import load_catalogue
from workspace.audit import note_reading
from workspace.errors import LifecourseError
from workspace.project import Project, find_project

NO_PROJECT = "LC101"


def project_of(name: str) -> Project | None:
    """The project a plan is in; ``None`` for a plan file that stands alone."""
    path = Path(name)
    if path.suffix != ".toml" or not path.is_file():
        return find_project()
    try:
        project = find_project()
    except LifecourseError as problem:
        if problem.code != NO_PROJECT:
            raise
        return None
    return project if path.resolve().parent == project.plans.resolve() else None


def analyse(name: str, asked: Asked) -> tuple[AnalysisPlan, tuple[OutcomePower, ...]]:
    """What a plan could show: with the people there are and those it plans, or with the sizes asked for."""
    project = project_of(name)
    if project is None:
        plan = load_plan(Path(name), load_catalogue())
        return plan, power_of(plan, sizes_of(asked, planned_size(plan.assumed)))
    ready = readiness(project, name)
    found = power_of(ready.plan, sizes_of(asked, size_of(ready.plan, ready.shown or Prospects())))
    note_reading(project, "plan.power", ready.plan.id)
    return ready.plan, found
