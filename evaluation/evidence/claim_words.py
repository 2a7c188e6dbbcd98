"""What a claim's own words give away, as far as a few fixed words go (pure).

A stand-in with the fields of ``evaluation/claims/reading.py``, which takes its place: one import in
``claim_readings.py``.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

_PERCENT = re.compile(r"(\d+(?:\.\d+)?)\s*(?:%|per\s?cent)", re.IGNORECASE)
_WORST = re.compile(r"\bhot\s?-?spots?\b|\bworst\b|\bmost (?:violent|affected|prolific)\b", re.IGNORECASE)
_COMPARED = re.compile(
    r"\b(?:compared (?:with|to)|than (?:in )?(?:similar|other)|control|comparison)\b", re.IGNORECASE
)
_CAUSAL = re.compile(
    r"\b(?:work(?:s|ing|ed)|reduced|because of|thanks to|led to|evidence shows|proven?)\b", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class ClaimReading:
    """Words of a claim: worst places, a comparison, a change in per cent, words of cause."""

    names_worst: bool
    names_comparison: bool
    relative_change: bool
    causal: tuple[str, ...]


def read_claim(text: str) -> ClaimReading:
    """Read a claim's text. What is not said by fixed words is not seen."""
    return ClaimReading(
        bool(_WORST.search(text)),
        bool(_COMPARED.search(text)),
        bool(_PERCENT.search(text)),
        tuple(_CAUSAL.findall(text)),
    )
