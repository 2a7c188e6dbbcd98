"""Commands of row-level releases: cohort export, cohort releases."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from workspace import console
from workspace.noticeboard import HealthReading, post_health
from workspace.project import Project, find_project

releases_app = typer.Typer(
    rich_markup_mode=None,
    add_completion=False,
    invoke_without_command=True,
    help="Row-level releases: who has what, and until when; without a word: the list.",
)
Keys = Annotated[
    list[str] | None,
    typer.Option(
        "--recipient-key",
        help="Encrypt it to this age recipient (age1…, or a file of them); may be repeated.",
    ),
]
Plain = Annotated[
    bool, typer.Option("--plain-file", help="Do not encrypt it; needs --reason. Not for files that travel.")
]
Reason = Annotated[
    str,
    typer.Option(help="With --plain-file: encrypted-disk, encrypted-channel or inside-safe-setting."),
]
Given = Annotated[str, typer.Argument(help="The release, such as REL-001.")]


def cohort_export(
    name: Annotated[str, typer.Argument(help="The cohort's name or id.")],
    setting: Annotated[
        str, typer.Option("--to", help="The safe setting, as the agreements name it.", metavar="SETTING")
    ],
    recipient: Annotated[str, typer.Option(help="Who receives it.")],
    out: Annotated[Path, typer.Option(help="A new .csv or .parquet file outside the project.")],
    variables: Annotated[
        str,
        typer.Option(
            help="Which variables, with commas: a,b@wave; default: all of the plan, or all not sealed."
        ),
    ] = "",
    plan: Annotated[str, typer.Option(help="A locked plan: the sealed outcomes it reads may leave.")] = "",
    band: Annotated[
        list[str] | None,
        typer.Option(help="VARIABLE=WIDTH: numbers by bands; may be repeated.", metavar="VARIABLE=WIDTH"),
    ] = None,
    coarsen: Annotated[
        list[str] | None,
        typer.Option(
            help="VARIABLE=LABEL+LABEL or VARIABLE=small: put categories together; "
            "index_date=month, quarter, year or none.",
            metavar="VARIABLE=…",
        ),
    ] = None,
    recipient_key: Keys = None,
    plain_file: Plain = False,
    reason: Reason = "",
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask: I am sure.")] = False,
) -> None:
    """Release rows of people to a named safe setting, as every agreement over them allows."""
    from cohorts.releases import views
    from cohorts.releases.actions import preview, release_rows
    from cohorts.releases.people import Wanted, refuse_standing_out
    from cohorts.releases.targets import Delivery

    project = find_project()
    asked = tuple(text for text in variables.split(",") if text.strip())
    wanted = Wanted(name, setting, asked, plan, tuple(band or ()), tuple(coarsen or ()))
    delivery = Delivery(recipient, out, tuple(recipient_key or ()), plain_file, reason)
    if not yes and not console.current().dry_run:
        refuse_unasked()
        prepared = preview(project, wanted, delivery)
        views.counted(prepared)
        refuse_standing_out(prepared)
        confirm()
    done = release_rows(project, wanted, delivery)
    console.present(views.released_payload(done), lambda: views.released(done))


def refuse_unasked() -> None:
    """LC961 where nobody can be asked to confirm."""
    from workspace.errors import GateNotMet

    if console.current().no_input or console.current().json or not sys.stdin.isatty():
        raise GateNotMet("LC961", "a release has to be confirmed, and nobody can be asked", "Give --yes.")


def confirm() -> None:
    """Ask; LC961 where the answer is no."""
    from workspace.errors import GateNotMet

    if not typer.confirm("Release these rows?", err=True):
        raise GateNotMet("LC961", "the release was not confirmed; nothing was written", "Answer yes.")


@releases_app.callback()
def releases(context: typer.Context) -> None:
    """Row-level releases: who has what, until when, and which should be destroyed by now."""
    from cohorts.releases import views
    from cohorts.releases.actions import releases_of
    from workspace.clock import today

    if context.invoked_subcommand is not None:
        return
    found, on = releases_of(find_project()), today()
    console.present(views.releases_payload(found, on), lambda: views.releases(found, on))


@releases_app.command("destroyed")
def releases_destroyed(release: Given) -> None:
    """Enter that a recipient has destroyed what they had."""
    from cohorts.releases.actions import note_destroyed

    known = note_destroyed(find_project(), release)
    written = not console.current().dry_run
    word = "Entered" if written else "Would enter"
    console.present(
        {"release": known, "state": "destroyed", "written": written},
        lambda: console.say(f"{word}: {known} was destroyed."),
    )


@releases_app.command("removals")
def releases_removals(
    release: Given,
    out: Annotated[Path, typer.Option(help="A new .csv file outside the project.")],
    recipient_key: Keys = None,
    plain_file: Plain = False,
    reason: Reason = "",
) -> None:
    """Write for a recipient whose rows must go: people who were erased or withdrawn since the release."""
    from cohorts.releases import views
    from cohorts.releases.notices import tell_recipient
    from cohorts.releases.targets import Delivery

    delivery = Delivery("", out, tuple(recipient_key or ()), plain_file, reason)
    done = tell_recipient(find_project(), release, delivery)
    console.present(views.notice_payload(done), lambda: views.notice(done))


def _health(project: Project) -> list[HealthReading]:
    from cohorts.releases.actions import release_readings

    return release_readings(project)


def join_releases(cohort_app: typer.Typer) -> None:
    """Add these commands to the group of cohorts."""
    cohort_app.command("export")(cohort_export)
    cohort_app.add_typer(releases_app, name="releases")
    post_health(_health)
