"""Evidence as plain data, for ``--json`` (pure)."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from evaluation.evidence.actions import Added, Library
from evaluation.evidence.claim_readings import Assessed
from evaluation.evidence.conflicts import Conflict
from evaluation.evidence.figures import printed
from evaluation.evidence.gap_map import GapMap
from evaluation.evidence.kept import kept
from evaluation.evidence.model import Reading, Study
from evaluation.evidence.pool import Pool
from evaluation.evidence.pool_fit import Coefficient
from evaluation.evidence.readings import design_level, read_version
from evaluation.register.payload import register_payload


def added_payload(added: tuple[Added, ...], *, written: bool) -> dict[str, Any]:
    """What became of each record."""
    return {
        "records": [{"id": one.record.id, "what": one.what, "file": _file(one.record.id)} for one in added],
        "written": written,
    }


def _file(record_id: str) -> str:
    return f"evidence/outside/{record_id}.json"


def library_payload(library: Library) -> dict[str, Any]:
    """Studies, claims, our own register, what is missing, and how many conflicts."""
    return {
        "studies": [study_payload(study) for study, _ in library.studies],
        "claims": [claim_payload(one) for one in library.claims],
        "own": register_payload(library.register),
        "missing": [asdict(gone) for gone in library.gone],
        "conflicts": len(library.conflicts),
    }


def study_payload(study: Study) -> dict[str, Any]:
    """A study with every version and how each would be read."""
    plain = kept(study)["study"][0]
    newest = study.newest()
    plain["design_level_at_most"] = design_level(study.design)
    for version, data in zip(study.versions, plain["version"], strict=True):
        data["newest"] = version in newest
        data["reading"] = _reading(read_version(study, version))
    return {"status": "study", **plain}


def claim_payload(one: Assessed) -> dict[str, Any]:
    """A claim with what it comes to and what would answer it."""
    return {
        "status": "claim",
        **kept(one.claim)["claim"][0],
        "reading": _reading(one.reading),
        "design_that_would_answer": one.design,
        "questions": list(one.questions),
    }


def _reading(reading: Reading) -> dict[str, Any]:
    return {
        "answer": reading.answer,
        "detail": reading.detail,
        "sentence": reading.sentence,
        "checks": [asdict(check) for check in reading.checks],
    }


def conflicts_payload(conflicts: tuple[Conflict, ...]) -> dict[str, Any]:
    """Every pair of versions that differ."""
    return {
        "conflicts": [
            {
                "study": one.study,
                "part": one.part or None,
                "differs": list(one.differs),
                "earlier": asdict(one.earlier),
                "later": asdict(one.later),
                "question": one.question,
            }
            for one in conflicts
        ]
    }


def pool_payload(pool: Pool) -> dict[str, Any]:
    """A pooled answer; ``analysis`` on the scale of analysis (ratios as logs), ``value`` and its ends as printed."""
    scale = pool.question.scale
    return {
        "outcome": pool.asked.outcome,
        "scale": scale,
        "better": pool.question.better,
        "minimum_important_difference": pool.question.margin,
        "margin_source": pool.margin_source,
        "model": pool.model,
        "effects": len(pool.rows),
        "studies": len(pool.studies),
        "value": printed(pool.average.value, scale),
        "conf_low": printed(pool.average.conf_low, scale),
        "conf_high": printed(pool.average.conf_high, scale),
        "predicted": [printed(end, scale) for end in pool.predicted] if pool.predicted else None,
        "analysis": _coefficient(pool.average)
        | {"predicted": list(pool.predicted) if pool.predicted else None},
        "moderators": [_coefficient(one) for one in pool.moderators],
        "spread": asdict(pool.spread),
        "verdict": _reading(pool.reading)
        | {"fragile": bool(pool.flipped_by), "flipped_by": list(pool.flipped_by), "new_place": pool.new_place},
        "otherwise": [
            asdict(one)
            | {name: printed(getattr(one, name), scale) for name in ("value", "conf_low", "conf_high")}
            for one in pool.otherwise
        ],
        "small_studies": {"statistic": pool.asymmetry[0], "df": pool.asymmetry[1], "p_value": pool.asymmetry[2],
                          "filled": pool.filled} if pool.asymmetry else None,
        "forest": forest(pool),
        "left_out": [asdict(one) for one in pool.left_out],
    }  # fmt: skip


def _coefficient(one: Coefficient) -> dict[str, Any]:
    return asdict(one)


def forest(pool: Pool) -> list[dict[str, Any]]:
    """The rows of a forest chart, as printed, with 95 % intervals from the errors that were pooled."""
    scale, rows = pool.question.scale, []
    for row in pool.rows:
        half = 1.959963984540054 * float(row.found.std_error or 0.0)
        rows.append(
            {
                "label": row.candidate.label,
                "origin": row.candidate.origin,
                "design": row.candidate.design,
                "date": row.candidate.date,
                "disputed": row.candidate.disputed,
                "value": printed(row.found.value, scale),
                "conf_low": printed(row.found.value - half, scale),
                "conf_high": printed(row.found.value + half, scale),
                "weight": row.weight,
                "taken": row.found.source,
            }
        )
    return rows


def map_payload(found: GapMap) -> dict[str, Any]:
    """The map: rows, columns and cells; a gap is a cell without a study."""
    return {
        "across": found.across,
        "outcomes": [{"id": row, "text": text} for row, text in found.rows],
        "columns": [{"id": column, "text": text} for column, text in found.columns],
        "cells": [
            {**asdict(cell), "answers": dict(cell.answers), "gap": cell.is_gap} for cell in found.cells
        ],
    }
