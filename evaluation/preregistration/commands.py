"""The command that writes a plan as a document."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from workspace import console
from workspace.project import find_project


def plan_export(
    plan: Annotated[str, typer.Argument(help="The plan's id, or a path to its file.")],
    form: Annotated[
        str,
        typer.Option("--as", help="osf: a preregistration; eef: a statistical analysis plan (EEF, YEF)."),
    ],
    to: Annotated[Path, typer.Option(help="A new file: .md or .docx (Word).")],
    version: Annotated[int | None, typer.Option(help="A registered version; without it the last.")] = None,
) -> None:
    """Write a plan in sentences under the headings of a public registry or a funder, as Markdown or Word."""
    from evaluation.preregistration.actions import export_plan

    done = export_plan(find_project(), plan, form, to, version)
    verb = "Wrote" if done.written else "Would write"
    state = f"version {done.version}" if done.version else "a draft: it is not locked"
    payload = {
        "plan": done.plan_id, "version": done.version, "as": done.form, "file": done.file, "written": done.written,
    }  # fmt: skip
    console.present(payload, lambda: console.say(f"{verb} {done.file}: {done.plan_id}, {state}"))
