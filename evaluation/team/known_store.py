"""Reads what a project knew on a day: the store of success figures, delivery, the register, kept results."""

from __future__ import annotations

import datetime as dt
import json
import tomllib
from dataclasses import replace
from pathlib import Path
from typing import Any

from sqlmodel import Session, select

from evaluation.amending.store import registered_text
from evaluation.errors import EvaluationError
from evaluation.records import PlanLock
from evaluation.register.store import load_register
from evaluation.saved.store import whole_results
from evaluation.team import errors as _codes  # noqa: F401 - declares the codes of these reports
from evaluation.team.findings import Found, found_in
from evaluation.team.known import Entered, Known, day_of, register_on
from evaluation.team.layout import Layout, layout_of
from theory_of_change.delivery.store import all_events
from theory_of_change.obligations.model import Register
from theory_of_change.obligations.obligation_store import load_register as load_obligations
from theory_of_change.reviews.review_store import load_decisions
from theory_of_change.store import load_theory
from theory_of_change.tracking import store as figures
from workspace.clock import today
from workspace.database import reading
from workspace.errors import did_you_mean
from workspace.files import reaching
from workspace.project import Project

LAYOUTS = Path(__file__).parent / "layouts"


def known_on(project: Project, day: dt.date | None) -> Known:
    """Everything the project knew on a day; today where none is given.

    Raises
    ------
    EvaluationError
        ``LC726``: the day is still to come.
    """
    now = today()
    if day and day > now:
        raise EvaluationError("LC726", f"{day} is still to come", "--known-on a day that is over, or today.")
    day = day or now
    with reading(project) as session:
        logged = figures.read_entries(session)
        covariates = _covariates(session)
    events = [event for event in all_events(project) if day_of(event.at) <= day]
    return Known(
        name=project.settings.name,
        day=day,
        measures=figures.load_tracked(project) if figures.has_tracked(project) else {},
        entries=tuple(Entered(day_of(at), row) for at, row in logged if day_of(at) <= day),
        events=tuple(events),
        register=register_on(load_register(project), day),
        found=_found(project, covariates),
        theory=load_theory(project) if project.theory_file.exists() else None,
        decisions=load_decisions(project),
        profile=project.settings.disclosure,
        obligations=_obligations(project, day),
        practice=project.settings.practice,
    )


def _covariates(session: Session) -> dict[str, tuple[str, ...]]:
    """What each locked plan adjusts for, from the text that was locked."""
    found = {}
    for lock in session.exec(select(PlanLock)).all():
        plan: dict[str, Any] = json.loads(registered_text(lock.plan_id, 1, lock.canonical, lock.sha256))
        found[lock.plan_id] = tuple(str(name) for name in plan.get("design", {}).get("covariates") or ())
    return found


def _obligations(project: Project, day: dt.date) -> Register:
    """Duties, with what was done of them by a day."""
    held = load_obligations(project)
    return replace(held, done=tuple(each for each in held.done if each.on <= day))


def _found(project: Project, covariates: dict[str, tuple[str, ...]]) -> tuple[Found, ...]:
    return tuple(
        found_in(whole.result, whole.profile, covariates.get(whole.result.plan.id, ()))
        for whole in whole_results(project)
    )


def load_layout(name: str) -> Layout:
    """A layout that comes with the program: ``home-office``, its newest, or ``home-office-1``.

    Raises
    ------
    EvaluationError
        ``LC727``: there is none of that name, or it cannot be read.
    """
    files = {path.stem: path for path in sorted(LAYOUTS.glob("*.toml"))}
    versions = [stem for stem in files if stem.rpartition("-")[0] == name]
    chosen = name if name in files else max(versions, key=lambda s: int(s.rpartition("-")[2]), default="")
    if not chosen:
        raise EvaluationError(
            "LC727",
            f"there is no layout '{name}'.{did_you_mean(name, files)}",
            f"Layouts: {', '.join(files)}.",
        )
    with reaching("the layout", "read", files[chosen].name, error=EvaluationError):
        text = files[chosen].read_text(encoding="utf-8")
    return layout_of(tomllib.loads(text), files[chosen].name)
