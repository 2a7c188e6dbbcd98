"""The command that attacks the partnership's own store, files and outputs."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from workspace import console
from workspace.project import find_project


def join(app: typer.Typer) -> None:
    """Add the command to the program."""
    app.command()(attack)


def attack(
    context: typer.Context,
    authority: Annotated[
        str, typer.Option(help="Who allowed this: name, role, date. It is kept in the audit log.")
    ] = "",
    out: Annotated[
        Path | None, typer.Option(help="Write the evidence: .md or .html, and the same as .json beside it.")
    ] = None,
    quick: Annotated[bool, typer.Option("--quick", help="Smaller slices and fewer commands.")] = False,
) -> None:
    """Try to re-identify people in your own store, files and outputs. Exit 1 when an attack succeeds."""
    from cohorts.attacks.actions import Order
    from cohorts.attacks.actions import attack as run_all
    from cohorts.attacks.report import payload_of
    from cohorts.attacks.views import assault_shown

    assault, files = run_all(
        find_project(), Order(authority, out, quick), context.obj, context.find_root().command
    )
    console.present(payload_of(assault) | {"files": files}, lambda: assault_shown(assault, files))
    if assault.broken:
        raise typer.Exit(1)
