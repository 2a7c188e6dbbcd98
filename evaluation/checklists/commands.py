"""The command that fills reporting checklists: report checklist."""

from __future__ import annotations

from typing import Annotated

import typer

from workspace import console
from workspace.project import find_project


def report_checklist(name: Annotated[str, typer.Argument(help="The evaluation: EVAL-001.")]) -> None:
    """The reporting checklists of the design, with where the report answers each item and what is left to write."""
    from evaluation.checklists import views
    from evaluation.reporting.html import report_checklists
    from evaluation.saved.store import whole_result

    checked = report_checklists(whole_result(find_project(), name))
    console.present(views.as_payload(name, checked), lambda: views.checklists(checked))
