"""What was typed, as values: a claim out of its options, a question for the pool (pure)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import cast

from evaluation.errors import EvaluationError
from evaluation.evidence.gap_map import COLUMNS
from evaluation.evidence.model import SCALES, Record, Scale
from evaluation.evidence.pool import Asked
from evaluation.evidence.readings import Question
from evaluation.evidence.record_file import read_records
from workspace.errors import Fault, did_you_mean
from workspace.toml_source import TomlSource

OPTIONS = {"text": "--claim", "id": "--id", "said_by": "--said-by"}


def claim_from(answers: Mapping[str, str], day: dt.date, also_a_file: bool) -> Record:
    """A claim from options, under the same rules as one from a file."""
    if also_a_file or not answers["text"].strip():
        raise EvaluationError(
            "LC551",
            "give a file, or a claim, not both"
            if also_a_file
            else "there is neither a file nor a claim to add",
            'lifecourse evidence add FILE.toml; or --claim "…" --id NAME --said-by "…"',
        )
    lacking = [option for key, option in OPTIONS.items() if not answers[key].strip()]
    if lacking:
        raise EvaluationError.gather(
            Fault("LC551", "", f"a claim needs {option}", f"Add {option} …") for option in lacking
        )
    plain = {key: value for key, value in answers.items() if value} | {"date": day}
    (found,) = read_records(TomlSource("the options", {"claim": [plain]}, {}))
    return found


def asked_from(
    outcome: str, scale: str, margin: float | None, moderator: str, *, without_disputed: bool
) -> Asked:
    """The question for the pool."""
    known = [name for name in SCALES if name != "unclear"]
    if scale and scale not in known:
        raise EvaluationError(
            "LC552",
            f"there is no scale '{scale}'.{did_you_mean(scale, known)}",
            f"One of: {', '.join(known)}.",
        )
    if margin is not None and (
        not margin > 0 or (margin == 1 and Question(cast(Scale, scale), "lower").is_ratio)
    ):
        raise EvaluationError(
            "LC552", "--margin is above 0, and of a ratio not 1", "Like 0.05; of a ratio like 0.85."
        )
    return Asked(outcome, cast(Scale, scale) if scale else None, margin, moderator, without_disputed)


def across_from(name: str) -> str:
    """What stands across the map."""
    if name not in COLUMNS:
        raise EvaluationError(
            "LC552", f"'{name}' cannot stand across the map", f"One of: {', '.join(COLUMNS)}."
        )
    return name
