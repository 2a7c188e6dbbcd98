"""The commands about money: what a plan's effect must be to pay, and what a saved result was worth."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from evaluation.economics import errors as _codes  # noqa: F401 - declares the codes for ``lifecourse explain``
from workspace import console


def plan_break_even(
    plan: Annotated[str, typer.Argument(help="The plan's id, or a path to its file.")],
) -> None:
    """The smallest effect that pays for what a place costs, held against the plan's difference that matters."""
    from evaluation.economics import views
    from evaluation.economics.actions import break_even_of
    from evaluation.locking import open_plan
    from workspace.project import find_project

    project = find_project()
    found = break_even_of(open_plan(project, plan)[0], project.root)
    console.present({"plan": found.plan, "economics": found.payload}, lambda: views.break_even(found))


def evaluate_economics(
    evaluation: Annotated[str, typer.Argument(help="An evaluation (EVAL-003), or the JSON of a result.")],
    costs: Annotated[Path, typer.Option(help="A TOML file with a table [economics], as a plan has it.")],
) -> None:
    """What a saved result was worth, with costs that its plan did not name. It reads no data about people."""
    from evaluation.economics import views
    from evaluation.economics.actions import appraise_saved
    from workspace.project import find_project

    project = None if Path(evaluation).suffix == ".json" else find_project()
    name, found = appraise_saved(project, evaluation, costs)
    payload = {"evaluation": evaluation, "outcome": name, "economics": asdict(found)}
    console.present(payload, lambda: views.economics(evaluation, name, found))
