"""The ready plans that come with the program."""

from __future__ import annotations

from pathlib import Path

from evaluation.errors import EvaluationError
from evaluation.panels.starter_areas import on_areas
from workspace.errors import did_you_mean

FOLDER = Path(__file__).parent


def template_names() -> list[str]:
    """The names of the templates."""
    return sorted(path.stem for path in FOLDER.glob("*.toml"))


def ready_plan(template: str, plan_id: str, areas: str = "") -> str:
    """The text of a ready plan under an id of its own, and on another collection where one is named."""
    if template not in template_names():
        known = template_names()
        problem = f"there is no template of a plan '{template}'.{did_you_mean(template, known)}"
        raise EvaluationError("LC242", problem, f"There is {', '.join(known)}.")
    text = (FOLDER / f"{template}.toml").read_text(encoding="utf-8")
    named = text.replace('id = "ID"', f'id = "{plan_id}"', 1).replace(" ID\n", f" {plan_id}\n")
    named = named.replace(" ID  ", f" {plan_id}  ")
    return on_areas(named, areas) if areas else named
