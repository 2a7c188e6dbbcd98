"""``lifecourse project template``, ``import`` and ``returns``: the quarterly returns of partners."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from theory_of_change.errors import TheoryError
from theory_of_change.returns import codes as _codes  # noqa: F401 - declares codes for ``lifecourse explain``
from workspace import console
from workspace.noticeboard import StatusLine
from workspace.project import Project, find_project


def template(
    to: Annotated[Path, typer.Option(help="The workbook to write: FILE.xlsx.")],
    partner: Annotated[str, typer.Option(help="Only the projects of one partner.")] = "",
    quarter: Annotated[str, typer.Option(help="2026-Q3; the last that has ended when not given.")] = "",
) -> None:
    """Write the workbook of a quarterly return: money and deliveries, actions, words, voices."""
    from theory_of_change.delivery import store
    from theory_of_change.delivery.model import Project as Funded
    from theory_of_change.delivery.model import of_kind
    from theory_of_change.returns.workbook import blank_return, return_bytes
    from theory_of_change.views import counted
    from workspace.errors import did_you_mean
    from workspace.files import write_atomically

    if to.suffix.lower() != ".xlsx":
        raise TheoryError("LC230", "the template is an Excel workbook", "End the name with .xlsx.")
    if to.exists():
        raise TheoryError("LC238", f"{to.name} exists; it is not written over", "Name another file.")
    things = store.everything(find_project())
    partners = {one.partner for one in of_kind(things, Funded) if one.partner}
    if partner and partner not in partners:
        raise TheoryError(
            "LC351", f"no project has the partner '{partner}'.{did_you_mean(partner, partners)}"
        )
    blank = blank_return(things, partner, _quarter(quarter))
    dry = console.current().dry_run
    if not dry:
        write_atomically(to, return_bytes(blank))
    parts = (counted(len(blank.projects), "project"), counted(len(blank.actions), "open action"))
    said = f"{'Would write' if dry else 'Wrote'} {to.name} for {blank.quarter}: {', '.join(parts)}, "
    said += f"{counted(len(blank.voices), 'voice')} to answer."
    payload = {"file": to.name, "partner": blank.partner, "quarter": blank.quarter, "written": not dry}
    console.present(payload, lambda: console.say(f"{said} Then: lifecourse project import {to.name}"))


def _quarter(text: str) -> str:
    from theory_of_change.returns.owed import last_quarter
    from theory_of_change.tracking.periods import read_period
    from workspace.clock import today

    if not text:
        return last_quarter(today()).text
    found = read_period(text)
    if found is None or "Q" not in found.text:
        raise TheoryError(
            "LC360", "--quarter is not a quarter", "Write it like 2026-Q3, which is July to September."
        )
    return found.text


def import_(
    file: Annotated[Path, typer.Argument(help="A filled-in workbook of project template.")],
    replace: Annotated[
        bool, typer.Option("--replace", help="What differs corrects the return that is held.")
    ] = False,
) -> None:
    """Take over a quarterly return: all of it, or nothing and every fault by sheet and cell."""
    from theory_of_change.delivery import store
    from theory_of_change.returns.cells import read_return
    from theory_of_change.returns.entries import taken
    from theory_of_change.returns.layout import SHEETS
    from theory_of_change.table_cells import sheet_cells
    from workspace.clock import today
    from workspace.files import reaching

    folder = find_project()
    with reaching("the file", "read", file.name, "Check the path.", TheoryError):
        data = file.read_bytes()
    sheets = sheet_cells(data, lambda names: [name for name in names if name in SHEETS])
    if sheets is None:
        hint = "Save it as .xlsx, or start from: lifecourse project template --to FILE.xlsx"
        raise TheoryError(
            "LC357", "the file is not an Excel workbook that can be read", hint, where=file.name
        )
    found = taken(
        read_return(sheets, file.name), store.everything(folder), today().isoformat(), replace=replace
    )
    store.enter_all(folder, found.entries)
    counts = {
        "projects": found.count("PRJ"),
        "actions": found.count("ACT"),
        "voices": found.count("VOI"),
        "words": found.count("RET"),
        "unchanged": found.unchanged,
    }
    dry = console.current().dry_run
    console.present({**counts, "written": not dry}, lambda: console.say(_taken_over(counts, dry=dry)))


def _taken_over(counts: dict[str, int], *, dry: bool) -> str:
    from theory_of_change.views import counted

    parts = [counted(counts[name], name.removesuffix("s")) for name in ("projects", "actions", "voices")]
    words = "; the partner's words" if counts["words"] else ""
    same = f"; {counts['unchanged']} as they were" if counts["unchanged"] else ""
    return f"{'Would take over' if dry else 'Took over'}: {', '.join(parts)}{words}{same}."


def returns(
    reminders: Annotated[
        bool, typer.Option("--reminders", help="Print words to remind each partner.")
    ] = False,
) -> None:
    """Show which partners owe a quarterly return, of what and since when. Nothing is sent to anybody."""
    from theory_of_change.delivery import store
    from theory_of_change.delivery.model import Project as Funded
    from theory_of_change.delivery.model import of_kind
    from theory_of_change.returns.owed import last_quarter, owed_returns, returned_share
    from workspace.clock import today

    projects, day = of_kind(store.everything(find_project()), Funded), today()
    found, quarter = owed_returns(projects, day), last_quarter(day)
    there, wanted = returned_share(projects, quarter)
    payload = {
        "quarter": quarter.text,
        "returned": there,
        "partners": wanted,
        "owed": [
            {**asdict(each), "late_days": max(0, each.late(day)), "reminder": each.reminder(day)}
            for each in found
        ],
    }

    def view() -> None:
        console.say(f"{quarter.text}: {there} of {wanted} partners returned all they had to.")
        rows = [
            (each.partner, each.quarter, ", ".join(each.projects), str(each.due),
             f"{late} days late" if (late := each.late(day)) > 0 else "to come")
            for each in found
        ]  # fmt: skip
        if rows:
            console.table(("Partner", "Quarter", "Of", "Due", "State"), rows)
        for each in found if reminders else ():
            console.say(each.reminder(day))

    console.present(payload, view)


def status_lines(project: Project) -> list[StatusLine]:
    """The line of returns in ``lifecourse status``, where one is late."""
    from theory_of_change.delivery import store
    from theory_of_change.delivery.model import Project as Funded
    from theory_of_change.delivery.model import of_kind
    from theory_of_change.returns.owed import owed_returns
    from theory_of_change.views import counted
    from workspace.clock import today

    found = owed_returns(of_kind(store.everything(project), Funded), today())
    late = [each for each in found if each.late(today()) > 0]
    partners = counted(len({each.partner for each in late}), "partner")
    said = f"{counted(len(late), 'return')} overdue from {partners}"
    return [StatusLine("Returns", said, "lifecourse project returns")] if late else []
