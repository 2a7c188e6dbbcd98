"""Common support of a score: who of the treated has comparison people on both sides of them (pure)."""

from __future__ import annotations

from evaluation.model import Check
from evaluation.regression.linear import Array

MOST_KEPT, FEWEST_KEPT = 0.90, 0.70


def support_check(score: Array, treated: Array) -> Check:
    """Share of the treated whose score lies within the range of the comparison's, against the bands of matching."""
    theirs = score[treated == 0]
    inside = (score >= theirs.min()) & (score <= theirs.max())
    share = float(inside[treated == 1].mean())
    said = f"{100 * share:.0f} % of those treated have a score within the comparison's range"
    if share < FEWEST_KEPT:
        note = f"Only {said}: for the others the weights say nothing that was seen."
        return Check("common support", "fail", share, FEWEST_KEPT, "downgrade", note)
    if share < MOST_KEPT:
        return Check("common support", "warn", share, MOST_KEPT, "none", f"{said}.")
    return Check("common support", "pass", share, MOST_KEPT, "none", f"{said}.")
