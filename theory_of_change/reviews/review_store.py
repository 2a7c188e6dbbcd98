"""The decisions of reviews in ``theory/reviews.toml``: added at the end, never changed."""

from __future__ import annotations

from pathlib import Path

from theory_of_change.reviews.decisions import Decision, decision_text, read_decisions
from workspace.project import Project

HEAD = "# Decisions of reviews of the theory, oldest first. Added to by: lifecourse theory review\n"


def review_file(project: Project) -> Path:
    """Where the decisions are kept."""
    return project.root / "theory" / "reviews.toml"


def load_decisions(project: Project) -> tuple[Decision, ...]:
    """Every decision, oldest first."""
    path = review_file(project)
    if not path.exists():
        return ()
    return read_decisions(path.read_bytes().decode("utf-8-sig", "replace"), project.shown(path))


def with_decision(project: Project, decision: Decision) -> dict[Path, str]:
    """The file with one more decision below the others, to be written."""
    path = review_file(project)
    before = path.read_bytes().decode("utf-8-sig") if path.exists() else HEAD
    return {path: before.rstrip("\n") + "\n\n" + decision_text(decision)}
