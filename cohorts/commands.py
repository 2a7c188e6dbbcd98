"""Commands of the cohort floor: key, source, cohort."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from cohorts import errors as _codes  # noqa: F401 - declares this floor's codes for ``lifecourse explain``
from cohorts.agreements.commands import agreement_app as agreement_app
from cohorts.areas.commands import area_lines
from cohorts.areas.commands import areas_app as areas_app
from cohorts.backups.commands import join_backup as join_backup
from cohorts.custody.commands import compromise, escrow, mark_readings, recover, retire, rotate
from cohorts.custody.commands import key_app as key_app
from cohorts.custody.vault_commands import vault_app
from cohorts.following.commands import cohort_flow, cohort_follow_up, cohort_quality
from cohorts.gate.commands import release_app as release_app
from cohorts.linking.commands import link_app as link_app
from cohorts.lives.commands import cohort_derive
from cohorts.packs.commands import partner_app as partner_app
from cohorts.packs.commands import source_kit
from cohorts.releases.commands import join_releases
from cohorts.requests.commands import erase, rights_app, withdraw
from cohorts.twins.commands import cohort_synthesise
from workspace import console
from workspace.noticeboard import HealthReading, StatusLine, post_health, post_status
from workspace.project import Project, find_project

_OPTIONS = {"no_args_is_help": True, "rich_markup_mode": None, "add_completion": False}
source_app = typer.Typer(help="Partner files: how they are read, and loading them.", **_OPTIONS)  # type: ignore[arg-type]
cohort_app = typer.Typer(help="Who is followed, from when, at which waves.", **_OPTIONS)  # type: ignore[arg-type]


@source_app.command("add")
def source_add(
    name: Annotated[str, typer.Argument(help="A short name: small letters, digits, hyphens.")],
    file: Annotated[Path, typer.Option("--from", help="An extract whose headings are read.")],
    cohort: Annotated[str, typer.Option(help="The cohort it feeds.")],
    redcap: Annotated[
        Path | None,
        typer.Option(help="A REDCap data dictionary: --from is the raw data export of its project."),
    ] = None,
    events: Annotated[Path | None, typer.Option(help="With --redcap: the project's events.")] = None,
    instruments: Annotated[
        Path | None, typer.Option(help="With --redcap: which instrument belongs to which event.")
    ] = None,
    missing: Annotated[
        list[str] | None, typer.Option(help='With --redcap: a missing-data code, like "-99=not-asked".')
    ] = None,
    repeating: Annotated[
        list[str] | None, typer.Option(help="With --redcap: an instrument that repeats but has no rows yet.")
    ] = None,
) -> None:
    """Write a first mapping file for an extract, guessed from its headings, for you to correct."""
    from cohorts.actions import add_source

    project = find_project()
    if redcap or events or instruments or missing or repeating:
        from cohorts.redcap.views import add_and_show

        add_and_show(
            project, name, (redcap, file, events, instruments), cohort, missing or [], repeating or []
        )
        return
    shown, text = add_source(project, name, file, cohort)
    payload = {"source": name, "file": shown, "text": text}
    verb = "Would write" if console.current().dry_run else "Wrote"
    console.present(
        payload,
        lambda: console.say(
            f"{verb} {shown}. Every line is a guess: check it, then\n  lifecourse source "
            f"inspect {file} --source {name}"
        ),
    )


@source_app.command("inspect")
def source_inspect(
    file: Annotated[Path, typer.Argument(help="The partner's file.")],
    source: Annotated[
        str, typer.Option(help="Check it against this mapping; without it only the shape is shown.")
    ] = "",
) -> None:
    """Try a file without loading it: its shape, or the whole intake report. Exit 1 when it has problems."""
    from cohorts import views
    from cohorts.actions import inspect_file, shape_of

    project = find_project()
    if not source:
        shape = shape_of(project, file)
        console.present(
            shape,
            lambda: console.table(
                ["Column", "Filled"], [[c["column"], c["filled"]] for c in shape["columns"]]
            ),
        )
        return
    report = inspect_file(project, source, file)
    console.present(views.intake_payload(report), lambda: views.intake(report))
    if report.problems:
        raise typer.Exit(1)


@source_app.command("load")
def source_load(
    source: Annotated[str, typer.Argument(help="The mapping's name.")],
    file: Annotated[Path, typer.Argument(help="The partner's file.")],
    sealed: Annotated[
        bool, typer.Option("--sealed", help="Keep these values unreadable until a plan is locked.")
    ] = False,
    replace: Annotated[
        bool, typer.Option("--replace", help="Let values that differ replace those held.")
    ] = False,
    vault: Annotated[
        Path | None, typer.Option(help="Also keep who is who in this identity vault, for its custodian.")
    ] = None,
) -> None:
    """Load a partner's file: all of it or nothing. Loading the same file again changes nothing."""
    from cohorts import views
    from cohorts.actions import load_file

    project = find_project()
    done = load_file(project, source, file, sealed=sealed, replace=replace, vault=vault)
    payload = {
        "source": source,
        "already_loaded": done.result is None,
        "written": done.written,
        **views.intake_payload(done.report),
    }

    def view() -> None:
        if done.report:
            views.intake(done.report)
        if done.result is None:
            console.say(f"{source}: this file was loaded before; nothing was changed.")
        elif done.written:
            views.loaded(
                source, done.result, sealed=sealed, profile=done.profile or project.settings.disclosure
            )
        else:
            console.say("Dry run: nothing was written.")

    console.present(payload, view)


@source_app.command("check")
def source_check(
    source: Annotated[str, typer.Argument(help="The mapping's name; without it every source.")] = "",
    file: Annotated[
        Path | None, typer.Option(help="The newest file: its columns are compared with the mapping.")
    ] = None,
    redcap: Annotated[
        Path | None,
        typer.Option(help="The newest REDCap data dictionary: its fields and choices are compared."),
    ] = None,
) -> None:
    """The delivery log with its quality over time. Exit 1 when the layout of --file or --redcap has changed."""
    from cohorts.agreements import views
    from cohorts.delivery_log import check_source

    log, change = check_source(find_project(), source, file, redcap)
    console.present(views.quality_payload(log, change), lambda: views.quality(log, change))
    if change and (change.added or change.removed or change.changed):
        raise typer.Exit(1)


@source_app.command("list")
def source_list() -> None:
    """The mapping files of this project."""
    from cohorts.store import load_mapping

    project = find_project()
    names = sorted(path.stem for path in project.sources.glob("*.toml"))
    mappings = [load_mapping(project, name)[0] for name in names]
    rows = [[m.id, m.title, m.organisation, m.cohort] for m in mappings]
    console.present(
        {"sources": [dict(zip(("id", "title", "organisation", "cohort"), row, strict=True)) for row in rows]},
        lambda: console.table(["Source", "Title", "From", "Cohort"], rows),
    )


@cohort_app.command("new")
def cohort_new(
    name: Annotated[str, typer.Argument(help="A short name: small letters, digits, hyphens.")],
    template: Annotated[str, typer.Option(help="early-years, school, prison-leavers, or a .toml file.")],
    title: Annotated[str, typer.Option(help="The cohort in words.")] = "",
    eligible: Annotated[
        str | None, typer.Option(help="A rule that replaces the template's, like: age >= 18")
    ] = None,
) -> None:
    """Make a cohort from a template."""
    from cohorts.actions import new_cohort

    made = new_cohort(find_project(), name, template, title, eligible)
    console.present(
        {"cohort": made.cohort_id, "name": made.definition.name, "template": made.definition.template},
        lambda: console.say(
            f"{'Would make' if console.current().dry_run else 'Made'} {made.cohort_id} "
            f"{made.definition.name} from template {made.definition.template}"
        ),
    )


@cohort_app.command("list")
def cohort_list() -> None:
    """The cohorts of this project."""
    from cohorts import views
    from cohorts.store import list_cohorts
    from workspace.database import reading

    with reading(find_project()) as session:
        cohorts = list_cohorts(session)
    payload = {
        "cohorts": [
            {"id": c.cohort_id, "name": c.definition.name, "title": c.definition.title} for c in cohorts
        ]
    }
    console.present(payload, lambda: views.cohort_list(cohorts))


@cohort_app.command("show")
def cohort_show(name: Annotated[str, typer.Argument(help="The cohort's name or id.")]) -> None:
    """One cohort: definition, waves, variables. How many are enrolled is left out where agreements forbid it."""
    from cohorts import views
    from cohorts.actions import cohort_payload
    from cohorts.agreements.sharing import shown_profile
    from cohorts.agreements.use_gate import refusals
    from cohorts.lives import views as life_views
    from cohorts.store import find_cohort, flow_facts, list_variables
    from workspace.audit import note_reading
    from workspace.database import reading

    project = find_project()
    with reading(project) as session:
        stored = find_cohort(session, name)
        variables = list_variables(session, stored.cohort_id)
        why_not = refusals(session, project, stored, "follow-up", ())
        enrolled = None if why_not else flow_facts(session, stored.cohort_id).enrolled
        profile = shown_profile(session, project, stored.cohort_id)
    if enrolled is not None:
        note_reading(project, "cohort.show", stored.cohort_id)
    lives = life_views.declared_payload(stored.definition.life)

    def view() -> None:
        views.cohort(stored, variables, enrolled, profile)
        life_views.declared(lives)
        views.left_out(why_not)

    payload = cohort_payload(stored, variables, enrolled, profile)
    refused = [{"code": f.code, "where": f.where, "problem": f.problem} for f in why_not]
    console.present({**payload, "lives": lives, "left_out": refused}, view)


def _status(project: Project) -> list[StatusLine]:
    from cohorts.agreements import views as agreement_views
    from cohorts.agreements.sharing import outlook, shown_profile
    from cohorts.keys import key_path
    from cohorts.releases.actions import release_lines
    from cohorts.store import list_cohorts, totals
    from cohorts.views import held_words
    from workspace.database import reading

    with reading(project) as session:
        cohorts = list_cohorts(session)
        people, values, deliveries = totals(session)
        profile = shown_profile(session, project)
    key = key_path(project).is_file()
    names = ", ".join(c.definition.name for c in cohorts) or "none"
    held = held_words(people, values, deliveries, profile)
    return [
        StatusLine("Key", "there" if key else "missing", "" if key else "lifecourse key create"),
        StatusLine("Cohorts", names, "" if cohorts else "lifecourse cohort new NAME --template …"),
        StatusLine("Held", held, "" if deliveries else "lifecourse source load SOURCE FILE"),
        *agreement_views.status_lines(outlook(project)),
        *release_lines(project),
        *area_lines(project),
    ]


def _health(project: Project) -> list[HealthReading]:
    from cohorts.agreements.sharing import outlook
    from cohorts.agreements.views import health_readings
    from cohorts.keys import key_health
    from cohorts.requests.actions import rights_health

    return [
        *key_health(project),
        *mark_readings(project),
        *health_readings(outlook(project)),
        *rights_health(project),
    ]


post_status(_status, floor=1)
post_health(_health)
source_app.command("kit")(source_kit)
key_app.add_typer(vault_app, name="vault")
for _name, _command in (
    ("escrow", escrow),
    ("recover", recover),
    ("rotate", rotate),
    ("retire", retire),
    ("compromise", compromise),
):
    key_app.command(_name)(_command)
cohort_app.command("flow")(cohort_flow)
cohort_app.command("follow-up")(cohort_follow_up)
cohort_app.command("quality")(cohort_quality)
cohort_app.command("synthesise")(cohort_synthesise)
cohort_app.command("derive")(cohort_derive)
cohort_app.command("withdraw")(withdraw)
cohort_app.command("erase")(erase)
cohort_app.add_typer(rights_app, name="rights")
join_releases(cohort_app)
