"""The command that shows where an evaluation stands on other people's ladders of evidence."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from workspace import console


def evaluate_ladder(
    evaluation: Annotated[str, typer.Argument(help="An evaluation (EVAL-003), or the JSON of a result.")],
) -> None:
    """The same facts on six ladders of evidence: the grade, what decided it, and what one step up needs."""
    from evaluation.ladders import row_of
    from evaluation.store import load_rungs
    from workspace.project import find_project

    named = Path(evaluation)
    project = None if named.suffix == ".json" else find_project()
    found = load_rungs(project, evaluation)

    def view() -> None:
        console.say(f"{evaluation}: how others would grade it. A grade says how sure, not how good.")
        console.table(
            ["Ladder", "Grade", "Because", "One step up needs"],
            [list(row_of(rung)) for rung in found],
        )

    rows = [{"ladder": r.ladder, "grade": r.grade, "fact": r.fact, "step_up": r.step_up} for r in found]
    console.present({"evaluation": evaluation, "rungs": rows}, view)
