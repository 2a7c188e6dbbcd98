"""What the findings of an entry say, from the files that are still what was written."""

from __future__ import annotations

from typing import Any

from evaluation.register.model import Entry
from evaluation.register.store import load_finding
from workspace.project import Project


def sentences_of(project: Project, entry: Entry) -> dict[str, dict[str, Any]]:
    """For each evaluation whose file is there: the verdict's sentence of every outcome, primary first."""
    found = {}
    for run in entry.runs:
        finding = load_finding(project, run)
        if finding is not None:
            found[run.evaluation_id] = {"sentences": [_sentence(o) for o in finding.get("outcomes", ())]}
    return found


def _sentence(outcome: dict[str, Any]) -> str:
    said = outcome.get("verdict", {}).get("sentence", "")
    return f"{outcome.get('name') or outcome.get('measure')} ({outcome.get('role')}): {said}"
