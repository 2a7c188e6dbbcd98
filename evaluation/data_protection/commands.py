"""The command that makes the data-protection impact assessment: report dpia."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from evaluation.data_protection import errors as _codes  # noqa: F401 - declares the codes for ``lifecourse explain``
from workspace import console
from workspace.project import find_project


def join_data_protection(report_app: typer.Typer) -> None:
    """Add it to the group ``report``."""
    report_app.command("dpia")(report_dpia)


def report_dpia(
    to: Annotated[str, typer.Option("--to", help="html, word, pdf or all.")] = "word",
    attack: Annotated[
        Path | None, typer.Option(help="Evidence of lifecourse attack (.json); without it none is quoted.")
    ] = None,
    out: Annotated[Path | None, typer.Option(help="Where to write; default: the project's reports/.")] = None,
) -> None:
    """A data-protection impact assessment, filled with what the project knows and marked where people must write."""
    from cohorts.gate.writing import write_outgoing
    from evaluation.data_protection.assessment import assessment
    from evaluation.data_protection.facts_store import facts_of
    from evaluation.printed.forms import checked_form, in_forms
    from evaluation.team.html import as_html

    project, form = find_project(), checked_form(to)
    paper = assessment(facts_of(project, attack))
    files = in_forms("dpia/dpia", as_html(paper), form, ())
    written = write_outgoing(project, out or project.reports, files, verb="report.dpia")
    payload = {"report": paper.kind, "to_fill_in": list(paper.missing), "files": list(written)}

    def show() -> None:
        for path in written:
            console.say(f"{'Would write' if console.current().dry_run else 'Wrote'} {path}")
        console.say(
            f"{len(paper.missing)} things are for people to fill in; they are listed on its first page."
        )

    console.present(payload, show)
