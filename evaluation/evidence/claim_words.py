"""What a claim's own words give away, as far as a few fixed words go (pure).

A stand-in: the reader of claims on this floor takes its place once it is there.
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
class ClaimFacts:
    """Figures and words of a claim: per cents, worst places, a comparison, words of cause."""

    per_cents: tuple[float, ...]
    worst_places: bool
    compared: bool
    causal: bool


def read_claim(text: str) -> ClaimFacts:
    """Read a claim's text. What is not said by fixed words is not seen."""
    return ClaimFacts(
        tuple(float(found) for found in _PERCENT.findall(text)),
        bool(_WORST.search(text)),
        bool(_COMPARED.search(text)),
        bool(_CAUSAL.search(text)),
    )
