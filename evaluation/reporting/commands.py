"""Commands that make documents of saved results: report."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from workspace import console
from workspace.project import find_project

report_app = typer.Typer(
    help="Reports made of saved results.", no_args_is_help=True, rich_markup_mode=None, add_completion=False
)
report_app.callback()(lambda: None)  # a group, however few commands it has

EvaluationName = Annotated[str, typer.Argument(help="The evaluation: EVAL-001.")]
OutFolder = Annotated[Path | None, typer.Option(help="Where to write; default: the project's reports/.")]


@report_app.command("evaluation")
def report_evaluation(name: EvaluationName, out: OutFolder = None) -> None:
    """Write the report of an evaluation again, from the result as it was released."""
    from cohorts.gate.outgoing import Outgoing
    from cohorts.gate.writing import write_outgoing
    from evaluation.reporting.html import render_whole
    from evaluation.saved.store import whole_result

    project = find_project()
    page = render_whole(whole_result(project, name)).encode("utf-8")
    files = [Outgoing(f"{name}.html", page, (name,))]
    written = write_outgoing(project, out or project.reports, files, verb="report.evaluation")
    verb = "Would write" if console.current().dry_run else "Wrote"
    console.present(
        {"evaluation": name, "files": list(written)},
        lambda: console.say(f"{verb} {', '.join(written)}."),
    )
