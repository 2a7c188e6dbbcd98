"""What a saved result lets one say, and which of its outcomes a sentence speaks about (pure)."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from typing import Any

from evaluation.claims.model import Subject

LOCKED = "locked before outcomes"
ALONE = ("before-after",)
PREFIX = 5
ENOUGH = 0.6
_SMALL = frozenset(
    {"the", "and", "with", "within", "from", "that", "this", "those", "their", "year", "years", "after", "before",
     "per", "for", "not", "one", "two", "was", "are", "has", "had", "its"}
)  # fmt: skip
_WORD = re.compile(r"[a-z0-9]+")


def subjects_of(payload: Any) -> tuple[Subject, ...]:
    """The outcomes of a result's JSON. Raises KeyError or TypeError where it is none."""
    exploratory = payload["plan"]["state"] != LOCKED
    named = str(payload.get("evaluation") or payload["plan"]["id"])
    return tuple(_subject(one, named, payload["method"], exploratory) for one in payload["outcomes"])


def _subject(one: Any, evaluation: str, method: str, exploratory: bool) -> Subject:
    verdict, estimate = one["verdict"], one["estimate"]
    compared = method not in ALONE and verdict["answer"] != "changed" and verdict["detail"] != "no-comparison"
    return Subject(
        evaluation=evaluation,
        measure=str(one["measure"]),
        name=str(one["name"]),
        role=one["role"],
        kind=one["kind"],
        better=one["better"],
        unit=str(one["unit"]),
        effect=estimate["effect"],
        answer=verdict["answer"],
        detail=str(verdict["detail"]),
        security=int(verdict["security"]),
        value=_finite(estimate["value"]),
        low=_finite(estimate["conf_low"]),
        high=_finite(estimate["conf_high"]),
        treated_mean=_finite(estimate["treated_mean"]),
        comparison_mean=_finite(estimate["comparison_mean"]),
        exploratory=exploratory or not one["planned"] or one["role"] == "exploratory",
        compared=compared,
        said=(str(verdict["sentence"]), *map(str, verdict["can_say"])),
    )


def _finite(value: Any) -> float | None:
    number = None if value is None else float(value)
    return number if number is not None and math.isfinite(number) else None


def stems(text: str) -> frozenset[str]:
    """The beginnings of a text's words that carry meaning."""
    words = _WORD.findall(text.lower())
    return frozenset(word[:PREFIX] for word in words if len(word) > 2 and word not in _SMALL)


def named_in(text: str, subjects: Sequence[Subject]) -> tuple[Subject, ...]:
    """The outcomes a text names by their name or column: all its words, or most of those of a long name."""
    found, words = [], stems(text)
    for subject in subjects:
        wanted = stems(subject.name)
        there = len(wanted & words)
        whole = bool(wanted) and there == len(wanted)
        most = len(wanted) > 3 and there / len(wanted) >= ENOUGH
        if whole or most or re.search(rf"(?<!\w){re.escape(subject.measure)}(?!\w)", text):
            found.append(subject)
    return tuple(found)


def primary_of(subjects: Sequence[Subject]) -> Subject | None:
    """The outcome that carries the headline."""
    return next((subject for subject in subjects if subject.role == "primary"), None)
