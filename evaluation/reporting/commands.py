"""Commands that make documents of saved results: report."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from evaluation.annexes.commands import report_annex
from evaluation.checklists.commands import report_checklist
from evaluation.data_protection.commands import join_data_protection
from evaluation.edits.commands import report_edit
from evaluation.replication.commands import report_replication
from evaluation.team.commands import join_team
from workspace import console
from workspace.project import find_project

report_app = typer.Typer(
    help="Reports made of saved results.", no_args_is_help=True, rich_markup_mode=None, add_completion=False
)
report_app.callback()(lambda: None)  # a group, however few commands it has

EvaluationName = Annotated[str, typer.Argument(help="The evaluation: EVAL-001.")]
OutFolder = Annotated[Path | None, typer.Option(help="Where to write; default: the project's reports/.")]
FormOption = Annotated[
    str, typer.Option(help="html, word, pdf or all. A PDF needs a browser on this machine.")
]


@report_app.command("evaluation")
def report_evaluation(name: EvaluationName, to: FormOption = "html", out: OutFolder = None) -> None:
    """Write the report of an evaluation again, from the result as it was released: HTML, Word, PDF."""
    from cohorts.gate.writing import write_outgoing
    from evaluation.edits.edit_store import shown_sentences
    from evaluation.printed.forms import checked_form, in_forms
    from evaluation.reporting.html import render_whole
    from evaluation.saved.store import whole_result

    form, project = checked_form(to), find_project()
    whole = whole_result(project, name)
    files = in_forms(name, render_whole(whole, shown_sentences(project, whole)), form, (name,))
    written = write_outgoing(project, out or project.reports, files, verb="report.evaluation")
    verb = "Would write" if console.current().dry_run else "Wrote"
    console.present(
        {"evaluation": name, "files": list(written)},
        lambda: console.say(f"{verb} {', '.join(written)}."),
    )


report_app.command("annex")(report_annex)
report_app.command("checklist")(report_checklist)
report_app.command("edit")(report_edit)
join_team(report_app)
join_data_protection(report_app)
report_app.command("replication")(report_replication)
