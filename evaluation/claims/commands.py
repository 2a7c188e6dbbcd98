"""The command that checks what a text claims."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from evaluation.claims import errors as _codes  # noqa: F401 - declares LC535 to LC539 for ``lifecourse explain``
from workspace import console


def evidence_claims(
    document: Annotated[Path, typer.Argument(help="A text: .md, .txt, .docx or .html.")],
    result: Annotated[
        list[str] | None,
        typer.Option(help="A result it speaks about: EVAL-003, or the JSON of a result. May be given again."),
    ] = None,
) -> None:
    """Check what a text claims: against what words can bear, and against the results it speaks about.

    Exit 1 when there is an error, 0 when there are only warnings.
    """
    from evaluation.claims import views
    from evaluation.claims.document_store import (
        load_language,
        load_subjects,
        project_here,
        read_document,
    )
    from evaluation.claims.linter import lint

    named, project = result or [], project_here()
    passages = read_document(document)
    subjects = [subject for one in named for subject in load_subjects(project, one)]
    findings = lint(passages, subjects, load_language(project))
    console.present(
        views.as_payload(document.name, named, findings), lambda: views.claims(document.name, named, findings)
    )
    if any(one.severity == "error" for one in findings):
        raise typer.Exit(1)
