"""Commands that make reports for the team: report quarterly, annual, home-office, needs, closing."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from evaluation.team import errors as _codes  # noqa: F401 - declares the codes for ``lifecourse explain``
from workspace import console
from workspace.project import Project, find_project

if TYPE_CHECKING:
    from evaluation.team.known import Known
    from evaluation.team.paper import Paper

OutFolder = Annotated[Path | None, typer.Option(help="Where to write; default: the project's reports/.")]
KnownOn = Annotated[
    datetime | None,
    typer.Option(formats=["%Y-%m-%d"], help="Only what was entered by this day; default: today."),
]


def join_team(report_app: typer.Typer) -> None:
    """Add the reports for the team to the group ``report``."""
    report_app.command("quarterly")(report_quarterly)
    report_app.command("annual")(report_annual)
    report_app.command("home-office")(report_home_office)
    report_app.command("needs")(report_needs)
    report_app.command("closing")(report_closing)


def report_quarterly(
    quarter: Annotated[str, typer.Argument(metavar="QUARTER", help="2026-Q3.")],
    known_on: KnownOn = None,
    out: OutFolder = None,
) -> None:
    """What is new this quarter, against plan and by exception; what is due; whom to chase."""
    from evaluation.team.asked import quarter_of
    from evaluation.team.known_store import known_on as knowledge
    from evaluation.team.quarterly import quarterly

    project = find_project()
    known = knowledge(project, known_on.date() if known_on else None)
    period = quarter_of(quarter, known.day)
    _write(project, known, quarterly(known, period), f"quarterly-{period.text}", out)


def report_annual(
    year: Annotated[str, typer.Argument(metavar="YEAR", help="2026, or 2025/26.")],
    years: Annotated[
        str, typer.Option("--year", help="When 2025/26 begins: financial or school.")
    ] = "financial",
    known_on: KnownOn = None,
    out: OutFolder = None,
) -> None:
    """The annual review: theory, findings, money beside verdicts, commitments, equality, learning."""
    from evaluation.team.annual import annual
    from evaluation.team.asked import year_of
    from evaluation.team.known_store import known_on as knowledge

    project = find_project()
    known = knowledge(project, known_on.date() if known_on else None)
    period = year_of(year, years, known.day)
    _write(project, known, annual(known, period), f"annual-{period.text.replace('/', '-')}", out)


def report_home_office(
    period: Annotated[str, typer.Argument(metavar="PERIOD", help="2026-Q3, 2026, 2025/26 or 2026-10.")],
    layout: Annotated[
        str, typer.Option(help="A layout with its version; default: the newest.")
    ] = "home-office",
    known_on: KnownOn = None,
    out: OutFolder = None,
) -> None:
    """A monitoring return in a fixed layout: the same entries give the same bytes; what is missing is named."""
    from evaluation.team.asked import period_of
    from evaluation.team.home_office import monitoring_return
    from evaluation.team.known_store import known_on as knowledge
    from evaluation.team.known_store import load_layout
    from evaluation.team.return_files import return_files
    from evaluation.team.words import counted

    project = find_project()
    known = knowledge(project, known_on.date() if known_on else None)
    made = monitoring_return(known, period_of(period, known.day), load_layout(layout))
    folder = f"{made.layout.id}-{made.period.text.replace('/', '-')}"
    written = _leave(
        project, known, out, [(f"{folder}/{name}", data) for name, data in return_files(made)], made.measures
    )
    numbers = {name: len(made.rows[name]) for name in ("figures", "missing", "corrections")}
    said = (
        f"{counted(numbers['figures'], 'figure')}, {numbers['missing']} missing (LC728), "
        f"{numbers['corrections']} corrected."
    )
    console.present(
        {"layout": made.layout.label, "period": made.period.text, **numbers, "files": list(written)},
        lambda: _show(written, said),
    )


def report_needs(
    period: Annotated[str, typer.Option(help="Only figures of this period; default: the newest.")] = "",
    known_on: KnownOn = None,
    out: OutFolder = None,
) -> None:
    """Tables for the strategic needs assessment: context and success measures by place, with rates and ranges."""
    from evaluation.team.asked import period_of
    from evaluation.team.known_store import known_on as knowledge
    from evaluation.team.needs import needs

    project = find_project()
    known = knowledge(project, known_on.date() if known_on else None)
    chosen = period_of(period, known.day) if period else None
    name = f"needs-{chosen.text.replace('/', '-')}" if chosen else "needs"
    _write(project, known, needs(known, chosen), name, out)


def report_closing(
    name: Annotated[str, typer.Argument(metavar="PROJECT", help="Its id: PRJ-001.")],
    known_on: KnownOn = None,
    out: OutFolder = None,
) -> None:
    """The closing report of a project: planned against delivered, money, verdicts, what is left, the lesson."""
    from evaluation.team.closing import closing
    from evaluation.team.known_store import known_on as knowledge
    from theory_of_change.delivery.model import Project as Funded
    from theory_of_change.delivery.store import found

    project = find_project()
    known = knowledge(project, known_on.date() if known_on else None)
    one = found({each.id: each for each in known.projects}, name, Funded)
    _write(project, known, closing(known, one), f"closing-{one.id}", out)


def _write(project: Project, known: Known, paper: Paper, name: str, out: Path | None) -> None:
    from evaluation.team.html import as_html
    from evaluation.team.tables_csv import table_files
    from evaluation.word.report import word_report

    page = as_html(paper)
    files = [
        (f"{name}/{name}.html", page.encode("utf-8")),
        (f"{name}/{name}.docx", word_report(page)),
        *((f"{name}/tables/{file}", data) for file, data in table_files(paper)),
    ]
    written = _leave(project, known, out, files, paper.subjects)
    payload = {
        "report": paper.kind,
        "title": paper.title,
        "missing": list(paper.missing),
        "files": list(written),
    }
    said = (
        "What is missing from it is named on its first page."
        if paper.missing
        else "Nothing is missing from it."
    )
    console.present(payload, lambda: _show(written, said))


def _leave(
    project: Project,
    known: Known,
    out: Path | None,
    files: Sequence[tuple[str, bytes]],
    subjects: tuple[str, ...],
) -> tuple[str, ...]:
    from cohorts.gate.outgoing import Outgoing
    from cohorts.gate.writing import write_outgoing
    from evaluation.team.success import outputs_of

    outputs = outputs_of(known, subjects)
    leaving = [Outgoing(name, data, subjects, outputs) for name, data in files]
    return write_outgoing(project, out or project.reports, leaving, verb="report.team")


def _show(written: Sequence[str], said: str) -> None:
    verb = "Would write" if console.current().dry_run else "Wrote"
    for path in written[:2]:
        console.say(f"{verb} {path}")
    console.say(f"and {len(written) - 2} more files beside. {said}")
