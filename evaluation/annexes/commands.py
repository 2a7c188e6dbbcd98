"""The command that writes the annexes of a report: report annex."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from workspace import console
from workspace.project import find_project


def report_annex(
    name: Annotated[str, typer.Argument(help="The evaluation: EVAL-001.")],
    out: Annotated[
        Path | None, typer.Option(help="Where to write; default: reports/annexes/ and the evaluation's name.")
    ] = None,
) -> None:
    """Write every number of a report as CSV (one table a file), as JSON, and as one OpenDocument workbook."""
    from cohorts.gate.writing import write_outgoing
    from evaluation.annexes.building import annex_files
    from evaluation.edits.edit_store import shown_sentences
    from evaluation.reporting.html import report_checklists
    from evaluation.saved.store import whole_result

    project = find_project()
    whole = whole_result(project, name)
    files = annex_files(whole, report_checklists(whole), shown_sentences(project, whole))
    folder = out or project.reports / "annexes" / name
    written = write_outgoing(project, folder, files, verb="report.annex")
    verb = "Would write" if console.current().dry_run else "Wrote"
    console.present(
        {"evaluation": name, "files": list(written)},
        lambda: console.say(f"{verb} {len(written)} files, from {written[0]} to {written[-1]}."),
    )
