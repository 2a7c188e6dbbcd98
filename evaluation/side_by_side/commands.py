"""Commands that hold saved results side by side."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from evaluation.families import errors as _codes  # noqa: F401 - declares this topic's codes
from workspace import console

Evaluation = Annotated[str, typer.Argument(help="An evaluation (EVAL-003), or the JSON of a result.")]


def _load(name: str) -> Any:
    """A saved result, as what is compared of it."""
    from evaluation.side_by_side.saved import read_saved
    from evaluation.store import load_saved, no_result
    from workspace.project import find_project

    named = Path(name)
    payload = load_saved(None if named.suffix == ".json" else find_project(), name)
    try:
        return read_saved(named.stem, payload)
    except (KeyError, TypeError, ValueError, AttributeError, OverflowError):
        raise no_result(named.name, "it lacks outcomes or their verdicts") from None


def evaluate_compare(
    one: Evaluation,
    other: Evaluation,
    outcome: Annotated[str, typer.Option(help="The outcome; else the first result's primary one.")] = "",
) -> None:
    """Two results on the same outcome side by side, such as with another comparison group, and whether they agree."""
    from evaluation.side_by_side.agreement import compared
    from evaluation.side_by_side.views import agreement_payload, show_agreement

    results = _load(one), _load(other)
    found = compared(*results, outcome)
    console.present(agreement_payload(results, found), lambda: show_agreement(results, found))


def evaluate_sensitivity(evaluation: Evaluation) -> None:
    """Every other way of asking that the plan fixed beforehand, and whether it would turn the verdict."""
    from evaluation.side_by_side.views import sensitivity_payload, show_sensitivity

    result = _load(evaluation)
    console.present(sensitivity_payload(result), lambda: show_sensitivity(result))
