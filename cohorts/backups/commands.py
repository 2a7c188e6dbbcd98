"""Commands for keeping the store: backup, restore."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from workspace import console
from workspace.project import find_project


def join_backup(app: typer.Typer) -> None:
    """Add these commands to the program."""
    for command in (backup, restore):
        app.command()(command)


def backup(
    file: Annotated[Path, typer.Argument(help="The archive to write, outside the project.")],
    officer: Annotated[
        list[str] | None,
        typer.Option(help="An age recipient (age1…) who can open the key list; repeat for more."),
    ] = None,
    replace: Annotated[bool, typer.Option("--replace", help="Write over an archive of that name.")] = False,
) -> None:
    """Write a backup in which each person is sealed under their own key, and the key list beside it."""
    from cohorts.backups.store import back_up
    from cohorts.requests import views

    project = find_project()
    officers = tuple(officer or ())
    done = back_up(project, file, officers, replace=replace)
    profile = project.settings.disclosure
    console.present(
        views.backup_payload(done, profile), lambda: views.backed_up(done, profile, officers=bool(officers))
    )


def restore(
    file: Annotated[Path, typer.Argument(help="The archive.")],
    keys: Annotated[
        Path | None, typer.Option(help="The key list; default: the one beside the archive.")
    ] = None,
    identity: Annotated[Path | None, typer.Option(help="An officer's age identity file.")] = None,
) -> None:
    """Restore a backup into an empty or missing database, without those who were erased since."""
    from cohorts.backups.restoring import restore as carry_out
    from cohorts.disclosure import publish_count
    from cohorts.requests import views

    project = find_project()
    done = carry_out(project, file, keys, identity)
    profile = project.settings.disclosure
    payload = {
        "written": done.written,
        "people": publish_count(done.people, profile),
        "left_out": publish_count(done.left_out, profile),
    }
    console.present(payload, lambda: views.restored(done, profile))
