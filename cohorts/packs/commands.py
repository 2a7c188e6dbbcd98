"""Commands of the cohort floor that run at a partner's, and the one that gives partners what they need."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from workspace import console
from workspace.project import find_project

partner_app = typer.Typer(
    help="At the partner's: prepare a file, so that identifiers never leave.",
    no_args_is_help=True,
    rich_markup_mode=None,
    add_completion=False,
)


@partner_app.callback()
def partner() -> None:
    """At the partner's: prepare a file, so that identifiers never leave."""


@partner_app.command("prepare")
def partner_prepare(
    file: Annotated[Path, typer.Argument(help="Your own file, with identifiers.")],
    source: Annotated[Path, typer.Option(help="The mapping file the hub sent.", metavar="MAPPING")],
    key: Annotated[Path, typer.Option(help="The link key you share with the other partners.")],
    out: Annotated[Path, typer.Option(help="The pack to write, like releases.lcpack.")],
    to: Annotated[
        list[str] | None, typer.Option(help="Encrypt it to this age recipient, or to those in a file.")
    ] = None,
    purpose: Annotated[
        str, typer.Option("--for", help="loading, or linkage: what people are compared by, and no values.")
    ] = "loading",
    in_round: Annotated[
        str,
        typer.Option("--round", help="For a linkage: a word both partners use, a new one each time."),
    ] = "",
) -> None:
    """Check a file, turn identifiers into tokens, drop what is not asked for, and write a pack to send to the hub.

    Needs no project and no database. Exit 1 when the file has problems; with rejects = "stop" nothing is written then.
    """
    from cohorts.custody.age_files import recipients_from
    from cohorts.intake import IntakeRefused
    from cohorts.packs import views
    from cohorts.packs.store import prepare

    recipients = recipients_from(to) if to else []
    if _is_linkage(purpose, in_round):
        _prepare_link(file, source, key, out, recipients, in_round)
        return
    try:
        done = prepare(file, source, key, out, recipients)
    except IntakeRefused as refused:
        report = refused.report
        console.present(views.refused_payload(report), lambda: views.refused(report))
        raise typer.Exit(1) from None
    written = not console.current().dry_run
    console.present(
        views.preparation_payload(done, out.name, written=written),
        lambda: views.preparation(done, out.name, written=written),
    )
    if done.intake.report.problems:
        raise typer.Exit(1)


def _is_linkage(purpose: str, in_round: str) -> bool:
    from cohorts.errors import CohortError

    if purpose not in ("loading", "linkage") or (in_round and purpose == "loading"):
        raise CohortError(
            "LC839", "a pack is made for loading or for a linkage, and only a linkage has a round",
            "--for loading, or --for linkage --round WORD",
        )  # fmt: skip
    return purpose == "linkage"


def _prepare_link(
    file: Path, source: Path, key: Path, out: Path, recipients: list[str], in_round: str
) -> None:
    from cohorts.packs import views
    from cohorts.packs.link_store import prepare_link

    done = prepare_link(file, source, key, out, recipients, in_round)
    written = not console.current().dry_run
    console.present(
        views.link_preparation_payload(done, out.name, written=written),
        lambda: views.link_preparation(done, out.name, written=written),
    )


@partner_app.command("name")
def partner_name(
    request: Annotated[str, typer.Option("--for", help="withdraw, erase, or forbid (keep pairs apart).")],
    key: Annotated[Path, typer.Option(help="The link key you share with the other partners.")],
    out: Annotated[Path, typer.Option(help="The pack to write, like who.lcpack.")],
    kind: Annotated[str, typer.Option(help="Kind of identifier, typed when asked or piped in.")] = "",
    source: Annotated[
        Path | None, typer.Option(help="The mapping of --file, or of local ids.", metavar="MAPPING")
    ] = None,
    file: Annotated[Path | None, typer.Option(help="A small file with the identifier columns.")] = None,
    other_kind: Annotated[str, typer.Option(help="Pairs: the kind of the second; the same by default.")] = "",
    other_source: Annotated[
        Path | None, typer.Option(help="Pairs: the mapping of the second's local ids.", metavar="MAPPING")
    ] = None,
    to: Annotated[
        list[str] | None, typer.Option(help="Encrypt it to this age recipient, or to those in a file.")
    ] = None,
) -> None:
    """Name people for a request at the hub: identifiers are asked for, or piped in, and leave as tokens in a pack.

    Pairs (--for forbid) are lines of two identifiers with a comma between. Needs no project and no database.
    """
    from cohorts.custody.age_files import recipients_from
    from cohorts.packs import views
    from cohorts.packs.names_store import Who, check_who, name_for
    from cohorts.requests.typed import typed_identifiers, typed_pairs

    recipients = recipients_from(to) if to else []
    who = Who(kind, source, file, other_kind, other_source)
    check_who(request, who)
    typed = typed_pairs() if request == "forbid" else [] if file else typed_identifiers(kind)
    done = name_for(request, who, typed, key, out, recipients)
    written = not console.current().dry_run
    console.present(
        views.naming_payload(done, out.name, written=written),
        lambda: views.naming(done, out.name, written=written),
    )


def source_kit(
    source: Annotated[str, typer.Argument(help="The mapping's name.")],
    out: Annotated[Path, typer.Option(help="A new folder to send to the partner.")],
) -> None:
    """Write what a partner needs to prepare files: the mapping, whom to encrypt to, and the command to type."""
    from cohorts.packs.store import write_kit

    files, command = write_kit(find_project(), source, out)
    verb = "Would write" if console.current().dry_run else "Wrote"
    console.present(
        {"source": source, "files": files, "command": command, "written": not console.current().dry_run},
        lambda: console.say(
            f"{verb} {', '.join(files)} in {out.name}. Nothing in it is secret. The partner types\n  {command}"
        ),
    )
