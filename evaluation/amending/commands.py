"""Commands on registered plans: amend, diff, audit, list."""

from __future__ import annotations

from typing import Annotated

import typer

from evaluation.amending import errors as _codes  # noqa: F401 - declares its codes for ``lifecourse explain``
from workspace import console
from workspace.project import find_project

PlanName = Annotated[str, typer.Argument(help="The plan's id, or a path to its file.")]


def plan_amend(
    plan: PlanName,
    reason: Annotated[str, typer.Option(help="Why the plan is changed: printed in every report.")] = "",
    waive: Annotated[str, typer.Option(help="Register a plan that cannot be decided, with the reason.")] = "",
) -> None:
    """Register the changed file of a locked plan as its next version, and say what it changes."""
    from evaluation.amending import views
    from evaluation.amending.actions import amend_plan
    from evaluation.amending.shown import changes_payload, version_payload

    done = amend_plan(find_project(), plan, reason, waive)
    payload = {
        "plan": done.version.plan_id,
        **version_payload(done.version),
        "changes": changes_payload(done.changes),
        "written": done.written,
    }
    console.present(payload, lambda: views.amended(done))


def plan_diff(
    plan: PlanName,
    version: Annotated[
        int | None, typer.Option(help="What this version changed, in place of what the file would.")
    ] = None,
) -> None:
    """What a plan's file changes in its last registered version, in words; or what a version changed."""
    from evaluation.amending import views
    from evaluation.amending.actions import compare_plan
    from evaluation.amending.shown import changes_payload, version_payload

    found = compare_plan(find_project(), plan, version)
    payload = {
        "plan": found.plan_id,
        "from_version": found.base,
        "to": found.to,
        "changes": changes_payload(found.changes),
        "versions": [version_payload(one) for one in found.versions],
    }
    console.present(payload, lambda: views.compared(found))


def plan_audit(plan: PlanName) -> None:
    """Planned against reported, over all runs of a plan. Exit 1 when anything was moved since the lock."""
    from evaluation.amending import views
    from evaluation.amending.actions import audit_plan
    from evaluation.amending.shown import audit_payload, version_payload

    found = audit_plan(find_project(), plan)
    runs = [
        {
            "evaluation": one.run.evaluation,
            "version": one.version,
            "at": one.run.at,
            "state": one.run.state,
            "answer": one.run.answer,
            "security": one.run.security,
            "evidence": one.run.evidence,
            "audit": audit_payload(one.audit) if one.audit else None,
        }
        for one in found.runs
    ]
    payload = {
        "plan": found.plan_id,
        "in_order": found.in_order,
        "problem": found.problem,
        "versions": [version_payload(one) for one in found.versions],
        "evaluations": runs,
    }
    console.present(payload, lambda: views.audited(found))
    if not found.in_order:
        raise typer.Exit(1)


def plan_list() -> None:
    """Every plan of the project: those with a file, and all that were ever locked."""
    from evaluation.amending import views
    from evaluation.amending.actions import planned_evaluations
    from evaluation.amending.shown import version_payload

    found = planned_evaluations(find_project())
    plans = [
        {
            "plan": one.plan_id,
            "title": one.title,
            "state": one.state,
            "sha256": one.sha256,
            "note": one.note,
            "versions": [version_payload(version) for version in one.versions],
            "evaluations": [run.evaluation for run in one.runs],
        }
        for one in found
    ]
    console.present({"plans": plans}, lambda: views.listed(found))
