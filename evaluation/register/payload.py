"""The register as plain data, for ``--json`` and for pages that will be built on it (pure)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from evaluation.register.model import Entry, Note, Register, RunLine


def register_payload(register: Register) -> dict[str, Any]:
    """Everything: no entry is left out, whatever its answer."""
    tally = register.tally
    return {
        "tally": {
            **{k: v for k, v in asdict(tally).items() if k not in ("missing", "answers")},
            "share_reported": tally.share_reported,
            "answers": dict(tally.answers),
        },
        "missing": [{"evaluation": e, "file": state, "sha256": sha} for e, state, sha in tally.missing],
        "entries": [entry_payload(entry) for entry in register.entries],
    }


def entry_payload(entry: Entry, findings: Mapping[str, dict[str, Any]] | None = None) -> dict[str, Any]:
    """One entry; ``findings`` are the sentences of the evaluations whose files are there."""
    return {
        "plan": asdict(entry.plan) | {"links": list(entry.plan.links), "outcomes": list(entry.plan.outcomes)},
        "state": entry.state,
        "overdue": entry.overdue,
        "outcomes_collected": entry.collected.outcomes,
        "ripe_in": entry.collected.ripe_in or None,
        "months_to_finding": entry.months_to_finding,
        "answers": list(entry.answers),
        "runs": [_run(run) | (findings or {}).get(run.evaluation_id, {}) for run in entry.runs],
        "notes": [_note(note) for note in entry.notes],
    }


def _run(run: RunLine) -> dict[str, Any]:
    return {
        "evaluation": run.evaluation_id,
        "exploratory": run.is_exploratory,
        "plan_state": run.plan_state,
        "answer": run.answer,
        "security": run.security,
        "run_at": run.run_at,
        "sha256": run.sha256,
        "file": run.file,
    }


def _note(note: Note) -> dict[str, Any]:
    kept = {k: v for k, v in asdict(note).items() if v not in ("", None)}
    return {"note": kept.pop("number"), **kept}
