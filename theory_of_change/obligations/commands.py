"""``lifecourse obligation``: add, list, done."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated

import typer

from theory_of_change.days import day_of
from theory_of_change.errors import TheoryError
from theory_of_change.obligations import codes as _codes  # noqa: F401 - declares codes for ``lifecourse explain``
from theory_of_change.obligations.model import Done, Obligation, overdue, upcoming
from theory_of_change.obligations.obligation_store import enter, load_register, named, next_name
from workspace import console
from workspace.clock import today
from workspace.noticeboard import StatusLine
from workspace.project import Project, find_project

obligation_app = typer.Typer(
    help="Obligations: duties by law, grant or agreement, and when they are due.",
    no_args_is_help=True,
    rich_markup_mode=None,
    add_completion=False,
)


@obligation_app.command("add")
def add(
    duty: Annotated[str, typer.Argument(help="What has to be done.")],
    source: Annotated[str, typer.Option(help="Where it comes from: an act, a grant, an agreement.")],
    due: Annotated[str, typer.Option(help="The first day it is due: 2027-01-31.")],
    owner: Annotated[str, typer.Option(help="A role that sees to it, not a person's name.")] = "",
    every: Annotated[
        str, typer.Option(help="once, month, quarter, half-year, year, two-years or three-years.")
    ] = "once",
    note: Annotated[str, typer.Option(help="What to know.")] = "",
) -> None:
    """Enter an obligation into obligations.toml."""
    project = find_project()
    day = day_of(due)
    if day is None:
        raise TheoryError("LC355", "--due is not a day", "Write it as 2027-01-31.")
    new = Obligation(next_name(load_register(project)), duty, source, day, owner, every, note)
    dry = console.current().dry_run
    if not dry:
        enter(project, new)
    said = f"{'Would add' if dry else 'Added'} {new.id}, due {day}."
    console.present({**asdict(new), "written": not dry}, lambda: console.say(said))


@obligation_app.command("done")
def done(
    obligation: Annotated[str, typer.Argument(metavar="OBLIGATION", help="Its id: OBL-001.")],
    by: Annotated[str, typer.Option(help="Who did it: a role.")],
    on: Annotated[str, typer.Option(help="The day; today when not given.")] = "",
    note: Annotated[str, typer.Option(help="Where it lies, or what to know.")] = "",
) -> None:
    """Enter that an obligation was met; the next day of one that comes back is worked out."""
    project = find_project()
    register = load_register(project)
    one = named(register, obligation)
    due = register.next_due(one)
    day = day_of(on) if on else today()
    if due is None:
        raise TheoryError("LC356", f"{one.id} comes once and was done", "lifecourse obligation list --all")
    if day is None or day > today():
        raise TheoryError("LC355", "--on is no day that has come", "Write it as 2026-11-22.")
    entry, dry = Done(one.id, due, day, by, note), console.current().dry_run
    if not by.strip():
        raise TheoryError("LC354", "nobody is named who did it", "--by ROLE")
    if not dry:
        enter(project, entry)
    following = register.next_due(one) if dry else load_register(project).next_due(one)
    late = f", {(day - due).days} days late" if day > due else ""
    said = f"{'Would enter' if dry else 'Entered'}: {one.id} of {due} was done on {day}{late}."
    said += f" It is due again on {following}." if following and not dry else ""
    console.present({**asdict(entry), "next": following, "written": not dry}, lambda: console.say(said))


@obligation_app.command("list")
def list_obligations(
    every: Annotated[bool, typer.Option("--all", help="What was done too.")] = False,
) -> None:
    """Show what has to be done and by when, overdue first."""
    register, day = load_register(find_project()), today()
    found = upcoming(register)
    payload = {
        "obligations": [
            {**asdict(each.obligation), "next": each.day, "overdue": each.day < day} for each in found
        ],
        "done": [asdict(each) for each in register.done] if every else [],
    }

    def view() -> None:
        rows = [
            (each.obligation.id, each.obligation.duty, each.obligation.owner or "nobody", str(each.day),
             each.state(day), each.obligation.source)
            for each in found
        ]  # fmt: skip
        if rows:
            console.table(("Id", "What", "Owner", "Due", "State", "From"), rows)
        else:
            console.say("Nothing is to be done.")
        for entry in register.done if every else ():
            console.say(
                f"{entry.obligation} of {entry.due}: done on {entry.on} by {entry.by}. {entry.note}".rstrip()
            )

    console.present(payload, view)


def status_lines(project: Project) -> list[StatusLine]:
    """The line of obligations in ``lifecourse status``: what is overdue, else what comes next."""
    try:
        found = upcoming(load_register(project))
    except TheoryError as error:
        return [
            StatusLine(
                "Obligations", f"cannot be read: {len(error.faults)} faults", "lifecourse obligation list"
            )
        ]
    if not found:
        return []
    late, first = overdue(found, today()), found[0]
    text = f"{late} overdue; first: " if late else "next: "
    return [
        StatusLine(
            "Obligations",
            f"{text}{first.obligation.duty}, {first.day}",
            "lifecourse obligation list" if late else "",
        )
    ]
