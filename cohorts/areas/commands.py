"""Commands of area series: areas new, add, list, show, load, check. No person is in any of them."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from workspace import console
from workspace.noticeboard import StatusLine
from workspace.project import Project, find_project

areas_app = typer.Typer(
    help="Series of places by period: counts and rates with their definitions, denominators and breaks.",
    no_args_is_help=True,
    rich_markup_mode=None,
    add_completion=False,
)


@areas_app.command("new")
def areas_new(
    name: Annotated[str, typer.Argument(help="A short name: small letters, digits, hyphens.")],
    title: Annotated[str, typer.Option(help="The collection in words.")] = "",
    kind: Annotated[str, typer.Option(help="What each is: force area, borough, LSOA, hotspot, …")] = "area",
    parents: Annotated[str, typer.Option(help="The collection these areas are part of.")] = "",
) -> None:
    """Make an empty collection of areas; a source with lists = true fills it."""
    from cohorts.areas.actions import new_areas

    made = new_areas(find_project(), name, title, kind, parents)
    dry = console.current().dry_run
    console.present(
        {"areas": None if dry else made.collection_id, "name": made.name, "kind": made.kind},
        lambda: console.say(
            f"{'Would make' if dry else f'Made {made.collection_id}'} {made.name} ({made.kind}). Next:\n"
            f"  lifecourse areas add SOURCE --from FILE --areas {made.name}"
        ),
    )


@areas_app.command("add")
def areas_add(
    source: Annotated[str, typer.Argument(help="A short name: small letters, digits, hyphens.")],
    file: Annotated[Path, typer.Option("--from", help="A file whose headings are read.")],
    areas: Annotated[str, typer.Option(help="The collection it feeds.")],
) -> None:
    """Write a first mapping file for a file of area series, guessed from its headings, for you to correct."""
    from cohorts.areas.actions import add_area_source

    shown, text = add_area_source(find_project(), source, file, areas)
    verb = "Would write" if console.current().dry_run else "Wrote"
    console.present(
        {"source": source, "file": shown, "text": text},
        lambda: console.say(
            f"{verb} {shown}. Every line is a guess: check it, then\n  lifecourse areas check {source} --file {file}"
        ),
    )


@areas_app.command("list")
def areas_list() -> None:
    """The collections of areas of this project."""
    from cohorts.areas import views
    from cohorts.areas.store import list_areas
    from workspace.database import reading

    with reading(find_project()) as session:
        found = list_areas(session)
    console.present(views.listed_payload(found), lambda: views.listed(found))


@areas_app.command("show")
def areas_show(name: Annotated[str, typer.Argument(help="The collection's name or id.")]) -> None:
    """One collection: totals by period (small counts withheld), breaks, completeness. Sealed values stay unread."""
    from cohorts.areas import views
    from cohorts.areas.actions import show_areas
    from workspace.audit import note_reading

    project = find_project()
    payload, why_not, profile = show_areas(project, name)
    if not why_not:
        note_reading(project, "areas.show", payload["id"])
    refused = [{"code": f.code, "where": f.where, "problem": f.problem} for f in why_not]
    console.present({**payload, "left_out": refused}, lambda: views.shown(payload, why_not, profile))


@areas_app.command("load")
def areas_load(
    source: Annotated[str, typer.Argument(help="The mapping's name.")],
    file: Annotated[Path, typer.Argument(help="The partner's file.")],
    sealed: Annotated[
        bool,
        typer.Option(
            "--sealed", help="Keep outcomes unreadable until a plan is locked (open_before says from when)."
        ),
    ] = False,
    replace: Annotated[
        bool,
        typer.Option("--replace", help="Let values that differ replace those held; the old ones are kept."),
    ] = False,
) -> None:
    """Load a file of area series: all of it or nothing. Loading the same file again changes nothing."""
    from cohorts.areas import views
    from cohorts.areas.actions import load_areas

    done = load_areas(find_project(), source, file, sealed=sealed, replace=replace)
    console.present(views.loaded_payload(source, done), lambda: views.loaded(source, done, sealed=sealed))


@areas_app.command("check")
def areas_check(
    source: Annotated[str, typer.Argument(help="The mapping's name; without it every collection.")] = "",
    file: Annotated[
        Path | None, typer.Option(help="A file: it is read as a load would, and nothing is stored.")
    ] = None,
) -> None:
    """The delivery log, and what each series lacks. Exit 1 when --file has problems."""
    from cohorts.areas import views
    from cohorts.areas.actions import check_areas
    from cohorts.errors import CohortError

    if file is not None and not source:
        raise CohortError("LC803", "--file is read with one source", "lifecourse areas check SOURCE --file …")
    found = check_areas(find_project(), source, file)
    console.present(views.checked_payload(found), lambda: views.checked(found))
    if found.report and found.report.problems:
        raise typer.Exit(1)


def area_lines(project: Project) -> list[StatusLine]:
    """What ``status`` says of areas."""
    from cohorts.areas.store import list_areas
    from cohorts.areas.views import status_lines
    from workspace.database import reading

    with reading(project) as session:
        return status_lines(list_areas(session))
