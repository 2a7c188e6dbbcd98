"""Commands of the gate: release check, release approve, release log."""

from __future__ import annotations

from typing import Annotated

import typer

from cohorts.gate import errors as _codes  # noqa: F401 - declares the gate's codes for ``lifecourse explain``
from workspace import console
from workspace.project import find_project

release_app = typer.Typer(
    help="What may leave: check it, have a second person approve it, see what is out.",
    no_args_is_help=True,
    rich_markup_mode=None,
    add_completion=False,
)
NOT_YET, WITHHELD = 4, 3


@release_app.command("check")
def release_check(
    names: Annotated[
        list[str] | None,
        typer.Argument(
            help="Evaluations (EVAL-001), files in reports/, or releases (OUT-001); else all that is out."
        ),
    ] = None,
) -> None:
    """Hold evaluations and files against the gate, and what is out against its seals.

    Exit 3 where something is withheld or not as it was released, 4 where a second person has to look first.
    """
    from cohorts.gate import views
    from cohorts.gate.actions import check

    found, lying = check(find_project(), names or [])
    console.present(views.checked_payload(found, lying), lambda: views.checked(found, lying))
    if any(one.decision.refused for one in found) or any(one.faults for one in lying.releases):
        raise typer.Exit(WITHHELD)
    if any(one.decision.looked_at for one in found):
        raise typer.Exit(NOT_YET)


@release_app.command("approve")
def release_approve(
    name: Annotated[str, typer.Argument(help="The evaluation, or the file in reports/.")],
    by: Annotated[str, typer.Option(help="Who looked at it: not the person who ran or built it.")],
    role: Annotated[str, typer.Option(help="In which role.")] = "",
) -> None:
    """Enter a second person's approval, and let it out into public/ with its manifest."""
    from cohorts.gate import views
    from cohorts.gate.actions import approve

    done = approve(find_project(), name, by, role)
    console.present(views.released_payload(done), lambda: views.released(done))


@release_app.command("log")
def release_log() -> None:
    """Everything that was released through the gate, oldest first."""
    from cohorts.gate import views
    from cohorts.gate.actions import log

    found = log(find_project())
    console.present(views.log_payload(found), lambda: views.log(found))
