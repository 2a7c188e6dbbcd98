"""A synthetic twin as files: the table, and beside it the dictionary that says what it is and is not (pure)."""

from __future__ import annotations

import io
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import polars as pl

from cohorts.synthetic import MARK, PARTICIPANT, PlantedEffect
from cohorts.twins.summary import INDEX, Blueprint, Portrait
from workspace.settings import DisclosureProfile

STATEMENT = "Synthetic data. No row is a person. Do not report a result of it as a finding."
FORMATS = ("csv", "parquet")
NAMED = "SYNTHETIC"
LEAKS = (
    "The number of people and every share: from counts rounded to {rounding}. A category or a reason of fewer than "
    "{threshold} people, none included, has the share of {half} people, whatever its true one.",
    "The shape of each number: its quantiles with at least {threshold} people on both sides and between two of them, "
    "rounded. Never a minimum or a maximum: tails are straight lines.",
    "How columns go together: one rounded correlation for each pair seen together in at least {three} people. A step "
    "of the rounding moves at least {threshold} people between the cells of the two-by-two table behind it.",
    "Which of two dates never comes before the other, and whether all values of a number are whole.",
    "The dictionary itself: names, kinds, units, labels, waves, declared ranges and codes.",
    "Of a sealed variable nothing but the dictionary: its values were not read.",
)
NOT_KEPT = (
    "How three or more columns go together beyond their pairs, and curved relations.",
    "How a category without an order goes together with others, beyond the order of its codes.",
    "Schools, wings or areas as groups in which people are alike; rare values and outliers.",
    "Sealed variables go together with nothing, apart from the waves of one variable with each other.",
)


@dataclass(frozen=True, slots=True)
class Making:
    """How a twin was made."""

    cohort: str
    title: str
    version: str
    seed: int
    people: int
    basis: str
    effects: tuple[PlantedEffect, ...]
    profile: DisclosureProfile


def marks(making: Making) -> dict[str, str]:
    """What a Parquet file says of itself, and what other tools show of it."""
    return {
        "lifecourse.synthetic": "1",
        "lifecourse.statement": STATEMENT,
        "lifecourse.seed": str(making.seed),
        "lifecourse.version": making.version,
    }


def table_bytes(frame: pl.DataFrame, form: str, making: Making) -> bytes:
    """The table in one of the formats; the same table gives the same bytes."""
    buffer = io.BytesIO()
    if form == "parquet":
        frame.write_parquet(buffer, compression="zstd", statistics=False, metadata=marks(making))
    else:
        frame.write_csv(buffer)
    return buffer.getvalue()


def dictionary_text(blueprint: Blueprint, making: Making) -> str:
    """The codebook beside the table, as JSON."""
    return json.dumps(dictionary_payload(blueprint, making), indent=2, ensure_ascii=False) + "\n"


def dictionary_payload(blueprint: Blueprint, making: Making) -> dict[str, Any]:
    """Codebook, seed, version, planted effects, and what of the real people shows through."""
    profile = making.profile
    filled = {
        "threshold": profile.threshold,
        "rounding": profile.rounding,
        "half": f"{profile.threshold / 2:g}",
        "three": 3 * profile.threshold,
    }
    real = making.basis == "summaries"
    return {
        "statement": STATEMENT,
        "cohort": making.cohort,
        "title": making.title,
        "lifecourse": making.version,
        "seed": making.seed,
        "people": making.people,
        "made_from": "disclosure-safe summaries and the dictionary" if real else "the dictionary alone",
        "disclosure": {"threshold": profile.threshold, "rounding": profile.rounding},
        "planted_effects": [{"outcome": e.outcome, "arm": e.arm, "size": e.size} for e in making.effects],
        "leaks": [text.format(**filled) for text in LEAKS]
        if real
        else [LEAKS[4], "Nothing else: nobody was read."],
        "not_kept": list(NOT_KEPT),
        "columns": [*_fixed(), *(_column(portrait) for portrait in blueprint.columns)],
    }


def _fixed() -> list[dict[str, Any]]:
    return [
        {"heading": MARK, "kind": "binary", "note": "Always 1: " + STATEMENT},
        {"heading": PARTICIPANT, "kind": "text", "note": "A running number; it belongs to nobody."},
    ]


def _column(portrait: Portrait) -> dict[str, Any]:
    facts = portrait.facts
    is_index = facts.heading == INDEX
    return {
        "heading": facts.heading,
        "variable": facts.variable,
        "wave": None if is_index else facts.wave,
        "months": None if is_index else facts.months,
        "kind": facts.kind,
        "unit": facts.unit or ("days since 1970-01-01" if facts.kind == "date" and not is_index else ""),
        "label": facts.label,
        "minimum": facts.minimum,
        "maximum": facts.maximum,
        "basis": portrait.basis,
        "sealed": facts.sealed,
        "levels": [
            {"level": level, "share": round(share, 4)}
            for level, share in zip(portrait.levels, portrait.shares, strict=True)
        ],
        "quantiles": [
            {"share": round(share, 4), "value": value}
            for share, value in zip(portrait.probabilities, portrait.knots, strict=True)
            if 0 < share < 1
        ],
        "whole_numbers": portrait.whole,
        "missing": [
            {"reason": reason or None, "share": round(share, 4)} for reason, share in portrait.missing
        ],
    }


def notes(blueprint: Blueprint) -> Sequence[str]:
    """What a reader of the screen should know: columns that come from the dictionary alone, and why."""
    sealed = [p.facts.heading for p in blueprint.columns if p.facts.sealed]
    flat = [p.facts.heading for p in blueprint.columns if p.basis == "dictionary" and not p.facts.sealed]
    said = []
    if sealed:
        said.append(f"Sealed, so not read; made flat from the dictionary: {', '.join(sealed)}.")
    if flat:
        said.append(f"Made flat from the dictionary alone: {', '.join(flat)}.")
    return said
