"""The command that words a report's sentences anew: report edit."""

from __future__ import annotations

from typing import Annotated

import typer

from evaluation.edits import errors as _codes  # noqa: F401 - declares LC715 to LC722 for ``lifecourse explain``
from workspace import console
from workspace.project import find_project


def report_edit(name: Annotated[str, typer.Argument(help="The evaluation: EVAL-001.")]) -> None:
    """Word the sentences of page one anew: the first time writes them to a file, after that checks your words.

    Exit 1 when a sentence says what the result does not bear.
    """
    from evaluation.edits import views
    from evaluation.edits.edit_store import edit_report

    done = edit_report(find_project(), name)
    console.present(views.as_payload(done), lambda: views.edited(done))
