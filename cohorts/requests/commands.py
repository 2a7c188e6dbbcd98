"""Commands of people's rights: cohort withdraw, cohort erase, cohort rights."""

from __future__ import annotations

import datetime as dt
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from workspace import console
from workspace.project import Project, find_project

if TYPE_CHECKING:
    from cohorts.requests.people_named import Named

rights_app = typer.Typer(
    rich_markup_mode=None,
    add_completion=False,
    invoke_without_command=True,
    help="Rights requests and their clocks; without a word: the list.",
)
Kind = Annotated[
    str, typer.Option(help="Kind of identifier, typed when asked or piped in, such as nhs-number.")
]
Source = Annotated[str, typer.Option(help="The source whose file --file is, or whose local ids they are.")]
File = Annotated[Path | None, typer.Option(help="A small file with a source's identifier columns.")]
Pack = Annotated[Path | None, typer.Option(help="With two keys: a partner's pack, made by partner name.")]
RequestId = Annotated[
    str, typer.Option("--request", help="Carry out a request entered before, such as RGT-001.")
]
Reason = Annotated[
    str, typer.Option(help="Who or what asks, as a code: person, parent-or-guardian, partner, …")
]
Received = Annotated[str, typer.Option(help="When the request came (yyyy-mm-dd); default: today.")]
Tell = Annotated[
    bool, typer.Option("--tell", help="Say whether anybody was found; the log notes that you asked.")
]
Given = Annotated[str, typer.Argument(help="The request, such as RGT-001.")]


def withdraw(
    kind: Kind = "",
    scope: Annotated[str, typer.Option(help="future-collection, linkage, use or all.")] = "all",
    by: Annotated[str, typer.Option(help="withdrawal, restriction or objection.")] = "withdrawal",
    source: Source = "",
    file: File = None,
    pack: Pack = None,
    request: RequestId = "",
    reason: Reason = "person",
    received: Received = "",
    tell: Tell = False,
) -> None:
    """Take people out of collection, linkage or use. They are named at a prompt or in a file, never as words here."""
    from cohorts.requests import views
    from cohorts.requests.actions import Order
    from cohorts.requests.actions import withdraw as carry_out

    project = find_project()
    order = Order(by, scope, request, reason, received=_day(received))
    named = _named(project, "withdraw", pack, kind, source, file)
    done = carry_out(project, named, order, tell=tell)
    console.present(views.done_payload(done), lambda: views.withdrawn(done, scope))


def erase(
    kind: Kind = "",
    source: Source = "",
    file: File = None,
    pack: Pack = None,
    request: RequestId = "",
    reason: Reason = "person",
    received: Received = "",
    vault: Annotated[
        Path | None, typer.Option(help="The identity vault: take them out of it too, as its custodian.")
    ] = None,
    identity: Annotated[Path | None, typer.Option(help="The custodian's identity, which opens it.")] = None,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask: I am sure.")] = False,
    tell: Tell = False,
) -> None:
    """Erase people for good: rows, tokens, keys, backups. They are named at a prompt or in a file."""
    from cohorts.requests import views
    from cohorts.requests.actions import Order
    from cohorts.requests.actions import erase as carry_out

    project = find_project()
    order = Order("erasure", "all", request, reason, received=_day(received))
    opened = _vault(vault, identity)
    if not console.current().dry_run:
        _refuse_unasked(yes=yes)
    named = _named(project, "erase", pack, kind, source, file)
    if not yes and not console.current().dry_run:
        _confirm()
    done = carry_out(project, named, order, tell=tell, vault=opened)
    console.present(views.done_payload(done), lambda: views.erased(done))


def _vault(folder: Path | None, identity: Path | None) -> tuple[Path, Path] | None:
    """A vault and what opens it: both or neither."""
    from cohorts.errors import CohortError

    if (folder is None) != (identity is None):
        raise CohortError(
            "LC849", "a vault opens with its custodian's identity only", "Give --vault and --identity."
        )
    return (folder, identity) if folder and identity else None


def _refuse_unasked(*, yes: bool) -> None:
    """Where nobody can be asked, only ``--yes`` confirms; said before anybody is looked up."""
    from workspace.errors import GateNotMet

    if not yes and (console.current().no_input or not sys.stdin.isatty()):
        raise GateNotMet("LC894", "an erasure has to be confirmed, and nobody can be asked", "Give --yes.")


def _confirm() -> None:
    from workspace.errors import GateNotMet

    if not typer.confirm("Erase whoever was named, for good?", err=True):
        raise GateNotMet("LC894", "the erasure was not confirmed; nothing was changed", "Answer yes.")


def _named(
    project: Project, request: str, pack: Path | None, kind: str, source: str, file: Path | None
) -> Named:
    """Whom the request is about: from a partner's pack, from a small file, or typed."""
    from cohorts.packs.names_store import people_in_pack, refuse_typed
    from cohorts.requests.actions import name_people
    from cohorts.requests.typed import typed_identifiers

    if pack is not None:
        return people_in_pack(project, pack, request)
    refuse_typed(project, request)
    return name_people(project, kind, source, file, [] if file else typed_identifiers(kind))


def _day(text: str) -> dt.date | None:
    from cohorts.errors import CohortError

    try:
        return dt.date.fromisoformat(text) if text else None
    except ValueError:
        raise CohortError("LC897", "--received is not a date", "Write it like 2026-03-31.") from None


@rights_app.callback()
def rights(context: typer.Context) -> None:
    """Rights requests: due dates, what was decided; overdue ones are marked."""
    from cohorts.requests import views
    from cohorts.requests.actions import requests_of

    if context.invoked_subcommand is not None:
        return
    rows = requests_of(find_project())
    console.present(views.requests_payload(rows), lambda: views.requests(rows))


@rights_app.command("open")
def rights_open(
    kind: Annotated[str, typer.Argument(help="withdrawal, restriction, objection, erasure or access.")],
    scope: Annotated[str, typer.Option(help="future-collection, linkage, use or all.")] = "all",
    received: Received = "",
    is_complex: Annotated[bool, typer.Option("--complex", help="Three months instead of one.")] = False,
) -> None:
    """Enter a request that is to be decided later, and start its clock. Nothing of the person is kept with it."""
    from cohorts.requests.actions import Order, open_new

    made = open_new(find_project(), Order(kind, scope, received=_day(received)), is_complex=is_complex)
    console.present(
        {"request": made}, lambda: console.say(f"{made}: {kind}. lifecourse cohort rights shows its clock.")
    )


@rights_app.command("pause")
def rights_pause(request: Given) -> None:
    """Stop the clock: who they are, or what they mean, had to be asked."""
    _change(request, "pause")


@rights_app.command("resume")
def rights_resume(request: Given) -> None:
    """Let the clock run again."""
    _change(request, "resume")


@rights_app.command("answer")
def rights_answer(
    request: Given,
    search: Annotated[
        str, typer.Option(help="What was searched: whole-store, one-source, not-needed.")
    ] = "not-needed",
) -> None:
    """Close a request that was granted elsewhere, such as one for access."""
    _change(request, "granted", search=search)


@rights_app.command("refuse")
def rights_refuse(
    request: Given,
    exemption: Annotated[
        str, typer.Option(help="The ground, as a code: research-purpose, legal-obligation, …")
    ],
    partly: Annotated[bool, typer.Option("--partly", help="Refused in part only.")] = False,
) -> None:
    """Refuse a request, wholly or partly, on a ground that is written down."""
    _change(request, "partly" if partly else "refused", exemption=exemption)


@rights_app.command("lift")
def rights_lift(request: Given) -> None:
    """End a withdrawal, restriction or objection: its people are used again."""
    _change(request, "lift")


def _change(request: str, step: str, *, exemption: str = "", search: str = "not-needed") -> None:
    from cohorts.requests.actions import change

    change(find_project(), request, step, exemption=exemption, search=search)
    word = "Would enter" if console.current().dry_run else "Entered"
    payload = {"request": request.upper(), "step": step, "written": not console.current().dry_run}
    console.present(payload, lambda: console.say(f"{word}: {request.upper()} {step}."))
