"""Commands of the foundations: init, demo, status, doctor, explain, audit."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from workspace import console, noticeboard, views
from workspace.errors import EXPLANATIONS, WorkspaceError, did_you_mean
from workspace.project import create_project, discard, find_project, refuse_used_folder

audit_app = typer.Typer(
    no_args_is_help=True,
    rich_markup_mode=None,
    add_completion=False,
    help="The hash-chained log of every change.",
)


def join(app: typer.Typer) -> None:
    """Add these commands to the program."""
    for command in (init, demo, status, doctor, explain):
        app.command()(command)
    app.add_typer(audit_app, name="audit")


def init(
    folder: Annotated[Path, typer.Argument(help="A new or empty folder.")],
    name: Annotated[str, typer.Option(help="The project's name; default: the folder's.")] = "",
) -> None:
    """Make a project folder with an empty database."""
    from workspace.audit import record
    from workspace.database import create_database, writing

    if console.current().dry_run:
        _would_make(folder)
        return
    existed = folder.exists()
    project = create_project(folder, name)
    try:
        create_database(project)
        with writing(project) as session:
            record(session, "project.init", project.settings.project_id)
    except BaseException:
        discard(project.root, keep_folder=existed)
        raise
    console.present(
        {"project": project.settings.project_id, "folder": project.root.as_posix()},
        lambda: views.made(project),
    )


def demo(
    context: typer.Context,
    folder: Annotated[Path, typer.Argument(help="A new or empty folder.")] = Path("practice"),
) -> None:
    """Make a practice project from real public data and run it from partner file to verdict."""
    from workspace.practice import run_practice

    if console.current().dry_run:
        _would_make(folder)
        return
    findings = run_practice(folder, context.obj)
    console.present(findings, lambda: views.practice(findings))


def _would_make(folder: Path) -> None:
    refuse_used_folder(folder)
    console.present(
        {"folder": folder.resolve().as_posix(), "written": False},
        lambda: console.say(f"Would make a project in {folder.resolve().name}. Nothing was written."),
    )


def status() -> None:
    """Say what the project holds and what to do next."""
    project = find_project()
    lines = [line for _, reporter in sorted(noticeboard.STATUS.items()) for line in reporter(project)]
    payload = {
        "project": project.settings.name,
        "practice": project.settings.practice,
        "lines": [{"heading": x.heading, "text": x.text, "next": x.next_step} for x in lines],
    }
    console.present(payload, lambda: views.status(project, lines))


def doctor(
    upgrade: Annotated[
        bool, typer.Option("--upgrade", help="Bring an older database to the newest layout.")
    ] = False,
) -> None:
    """Check the project, its database, its key and this machine."""
    from workspace.database import upgrade_database
    from workspace.health import workspace_health

    project = find_project()
    if upgrade and not console.current().dry_run:
        upgrade_database(project)
    readings = workspace_health(project) + [r for check in noticeboard.HEALTH for r in check(project)]
    payload = {
        "checks": [{"name": r.name, "result": r.result, "note": r.note, "hint": r.hint} for r in readings]
    }
    console.present(payload, lambda: views.health(readings))
    if any(reading.result == "fail" for reading in readings):
        raise typer.Exit(1)


def explain(code: Annotated[str, typer.Argument(help="A code such as LC210.")]) -> None:
    """Say what a code means and what to do about it."""
    wanted = code.upper()
    if wanted not in EXPLANATIONS:
        raise WorkspaceError(
            "LC130",
            f"'{code}' is not a code of this program.{did_you_mean(wanted, EXPLANATIONS)}",
            "Codes look like LC210.",
        )
    found = EXPLANATIONS[wanted]
    payload = {"code": wanted, "title": found.title, "meaning": found.meaning, "remedy": found.remedy}
    console.present(payload, lambda: views.explanation(wanted, found))


@audit_app.command("log")
def audit_log(
    last: Annotated[int, typer.Option(help="How many of the newest entries.", min=1)] = 50,
) -> None:
    """Show who did what, newest last."""
    from workspace.audit import read_log

    entries = read_log(find_project())[-last:]
    payload = {
        "entries": [
            {
                "sequence": e.sequence,
                "at": e.at,
                "actor": e.actor,
                "action": e.action,
                "subject": e.subject,
                "details": e.details,
                "digest": e.digest,
            }
            for e in entries
        ]
    }
    console.present(payload, lambda: views.log(entries))


@audit_app.command("verify")
def audit_verify() -> None:
    """Walk the chain of fingerprints; exit 1 when it does not add up."""
    from workspace.audit import read_log, verify

    reading = verify(read_log(find_project()))
    payload = {
        "entries": reading.entries,
        "head": reading.head,
        "first_bad": reading.first_bad,
        "reason": reading.reason,
    }
    console.present(payload, lambda: views.chain(reading))
    if reading.first_bad is not None:
        raise typer.Exit(1)
