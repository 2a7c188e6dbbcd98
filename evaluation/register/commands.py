"""Commands of the register: finding list, show, publish, dispute, resolve; plan stop."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

import typer

from evaluation.register import errors as _codes  # noqa: F401 - declares the codes for ``lifecourse explain``
from workspace import console
from workspace.noticeboard import HealthReading, StatusLine, post_health
from workspace.project import Project, find_project

finding_app = typer.Typer(
    help="The register of every planned evaluation.",
    no_args_is_help=True,
    rich_markup_mode=None,
    add_completion=False,
)
Named = Annotated[str, typer.Argument(help="An evaluation (EVAL-003), or a plan's id.")]
Reason = Annotated[str, typer.Option(help="Why, in words that stay.")]
By = Annotated[str, typer.Option(help="Who says so: a person, a body.")]


@finding_app.command("list")
def finding_list(
    priority: Annotated[
        str, typer.Option(help="Only what belongs to one priority of the theory; a former name will do.")
    ] = "",
) -> None:
    """The whole register, newest first: nulls, harms, stopped and overdue evaluations among them."""
    from evaluation.register import views
    from evaluation.register.payload import register_payload
    from evaluation.register.store import load_register
    from evaluation.theory_tests.actions import of_one_priority

    project = find_project()
    found = load_register(project)
    payload = register_payload(found)
    if priority:
        found, named = of_one_priority(project, found, priority)
        payload = register_payload(found) | {"priority": named.id, "name": named.name}
    console.present(payload, lambda: views.register(found))


@finding_app.command("show")
def finding_show(name: Named) -> None:
    """One planned evaluation: its lock, its runs, and what was noted about it since."""
    from dataclasses import asdict

    from evaluation.register import views
    from evaluation.register.actions import find_entry
    from evaluation.register.findings_store import sentences_of
    from evaluation.register.payload import entry_payload
    from evaluation.register.store import load_register
    from evaluation.theory_tests.actions import where_it_belongs

    project = find_project()
    entry, _ = find_entry(load_register(project), name)
    said = sentences_of(project, entry)
    belongs = where_it_belongs(project, entry)
    payload = entry_payload(entry, said) | ({"belongs": asdict(belongs)} if belongs else {})
    console.present(payload, lambda: views.entry(entry, said, belongs.lines() if belongs else ()))


@finding_app.command("publish")
def finding_publish(
    name: Named,
    where: Annotated[
        str, typer.Option(help="Where it can be read: an address, a journal, a meeting's paper.")
    ],
    on: Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d"], help="When; default: today.")] = None,
) -> None:
    """Note where a finding was published. It releases nothing: that is for the release gate."""
    from evaluation.register.actions import publish_finding

    done = publish_finding(find_project(), name, where, on.date() if on else None)
    _present(done, f"Noted: {done.about} was published. Nothing was released by this.")


@finding_app.command("dispute")
def finding_dispute(name: Named, reason: Reason, by: By) -> None:
    """Note that a finding is disputed. It stays where it is, and in every pool, marked as disputed."""
    from evaluation.register.actions import dispute_finding

    done = dispute_finding(find_project(), name, reason, by)
    _present(done, f"Noted: {done.about} is disputed (dispute {done.number}).")


@finding_app.command("resolve")
def finding_resolve(
    name: Named,
    ruled: Annotated[str, typer.Option(help="upheld, not-upheld or withdrawn.")],
    reason: Reason,
    by: By,
    dispute: Annotated[
        int | None, typer.Option(help="Which dispute, where there are several.", min=1)
    ] = None,
) -> None:
    """Note how a dispute of a finding ended."""
    from evaluation.register.actions import resolve_dispute

    done = resolve_dispute(find_project(), name, dispute, ruled, reason, by)
    _present(done, f"Noted: the dispute of {done.about} ended: {ruled.replace('-', ' ')}.")


def plan_stop(
    plan: Annotated[str, typer.Argument(help="The plan's id.")],
    reason: Reason,
) -> None:
    """Say that a planned evaluation was stopped, and why. It stays in the register."""
    from evaluation.register.actions import stop_plan

    done = stop_plan(find_project(), plan, reason)
    owed = " Outcomes were collected: its finding is still owed." if done.entry.collected.outcomes else ""
    _present(done, f"Noted: '{done.about}' was stopped. It stays in the register.{owed}")


def _present(done: Any, words: str) -> None:
    from evaluation.register import views
    from evaluation.register.payload import entry_payload

    payload = {"note": done.number or None, "about": done.about, **entry_payload(done.entry)}
    console.present(payload, lambda: views.noted(done, words))


def register_status(project: Project) -> list[StatusLine]:
    """What is owed, and what is missing; nothing where all is well."""
    from evaluation.register.store import load_register

    found = load_register(project)
    lines = [
        StatusLine("Overdue", f"{e.plan.plan_id}: the report was due on {e.plan.reported_by}", _step(e))
        for e in found.entries
        if e.overdue
    ]
    lines += [
        StatusLine("Evidence", f"evidence/{name}.json {_gone(state)}", f"lifecourse finding show {name}")
        for name, state, _ in found.tally.missing
    ]
    lines += [
        StatusLine("Plan file", f"plans/{e.plan.plan_id}.toml is missing; its lock stands", "")
        for e in found.entries
        if not e.plan.file_there
    ]
    return lines


def _step(entry: Any) -> str:
    stopped = entry.state == "stopped"
    return f"lifecourse {'finding show' if stopped else 'evaluate run'} {entry.plan.plan_id}"


def _gone(state: str) -> str:
    return "is missing" if state == "missing" else "was changed since it was written"


def _health(project: Project) -> list[HealthReading]:
    """Findings that are not where they were written; nothing where all are."""
    from evaluation.register.store import load_register
    from workspace.errors import WorkspaceError

    try:
        tally = load_register(project).tally
    except WorkspaceError:  # the store cannot be read: that is said already
        return []
    hint = (
        "Restore the files from git or a backup; lifecourse finding list names them with their fingerprints."
    )
    named = ", ".join(f"{name} {_gone(state)}" for name, state, _ in tally.missing)
    return [HealthReading("findings", "fail", named, hint)] if named else []


post_health(_health)
