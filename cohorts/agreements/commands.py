"""Commands of the cohort floor: agreement."""

from __future__ import annotations

from typing import Annotated

import typer

from workspace import console
from workspace.project import find_project

agreement_app = typer.Typer(
    help="What was agreed about data, and until when.",
    no_args_is_help=True,
    rich_markup_mode=None,
    add_completion=False,
)


@agreement_app.command("add")
def agreement_add(
    name: Annotated[str, typer.Argument(help="A short name: small letters, digits, hyphens.", metavar="ID")],
    title: Annotated[str, typer.Option(help="The agreement in words.")],
    source: Annotated[list[str], typer.Option(help="A source that comes under it; may be repeated.")],
) -> None:
    """Write a first agreement file for you to complete. Until it is signed it has no force."""
    from cohorts.actions import checked_name
    from cohorts.agreements.sharing import add_agreement

    sources = [checked_name(one) for one in source]
    shown = add_agreement(find_project(), checked_name(name), title, sources)
    verb = "Would write" if console.current().dry_run else "Wrote"
    console.present(
        {"agreement": name, "file": shown},
        lambda: console.say(
            f"{verb} {shown}. Complete it, then\n  lifecourse agreement check {name}\n"
            f'and write agreement = "{name}" into [source] of each source that comes under it.'
        ),
    )


@agreement_app.command("check")
def agreement_check(
    name: Annotated[str, typer.Argument(help="The agreement; without it all of them.", metavar="ID")] = "",
) -> None:
    """Say what is wrong: unsigned, not started, lapsed, overdue, or exceeded by a source. Exit 1 when anything is."""
    from cohorts.agreements import views
    from cohorts.agreements.sharing import check_agreements
    from workspace.clock import today

    faults = check_agreements(find_project(), name, today())
    console.present(views.faults_payload(faults), lambda: views.faults(faults))
    if faults:
        raise typer.Exit(1)


@agreement_app.command("list")
def agreement_list() -> None:
    """The data-sharing agreements of this project."""
    from cohorts.agreements import views
    from cohorts.agreements.sharing import load_agreements
    from workspace.clock import today

    found, on = load_agreements(find_project()), today()
    console.present(views.agreements_payload(found, on), lambda: views.agreements(found, on))
