"""Decisions about measures in ``theory/measure-reviews.toml``, and measures.toml as it was at each minuted review."""

from __future__ import annotations

from pathlib import Path

from theory_of_change.errors import TheoryError
from theory_of_change.tracking.measure_reviews.decisions import (
    MeasureDecision,
    decision_text,
    read_decisions,
)
from theory_of_change.tracking.measures_file import read_tracked
from theory_of_change.tracking.model import Tracked
from workspace.clock import today
from workspace.project import Project
from workspace.toml_source import read_toml

HEAD = "# Decisions about measures, oldest first. Added to by: lifecourse measure review\n"
MEASURES_FILE = "measures.toml"


def _file(project: Project) -> Path:
    return project.root / "theory" / "measure-reviews.toml"


def _folder(project: Project) -> Path:
    return project.root / "theory" / "measures"


def load_decisions(project: Project) -> tuple[MeasureDecision, ...]:
    """Every decision, oldest first."""
    path = _file(project)
    if not path.exists():
        return ()
    return read_decisions(path.read_bytes().decode("utf-8-sig", "replace"), project.shown(path))


def with_decision(project: Project, decision: MeasureDecision) -> dict[Path, str]:
    """The file with one more decision below the others, to be written."""
    path = _file(project)
    before = path.read_bytes().decode("utf-8-sig") if path.exists() else HEAD
    return {path: before.rstrip("\n") + "\n\n" + decision_text(decision)}


def copy_of_measures(project: Project) -> dict[Path, bytes]:
    """A copy of measures.toml under today's date, to be written over an earlier one of the same day."""
    return {_folder(project) / f"{today().isoformat()}.toml": (project.root / MEASURES_FILE).read_bytes()}


def earlier_measures(project: Project) -> dict[str, Tracked] | None:
    """The measures at the newest minuted review before today; ``None`` where there was none."""
    kept = sorted(path for path in _folder(project).glob("*.toml") if path.stem < today().isoformat())
    return read_tracked(read_toml(kept[-1], TheoryError, name=project.shown(kept[-1]))) if kept else None
