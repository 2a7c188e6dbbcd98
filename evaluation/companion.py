"""A companion of another scale beside the main effect: does it point the same way? (pure)."""

from __future__ import annotations

from evaluation.model import RATIOS, Better, Estimate
from evaluation.plan import PlannedOutcome
from evaluation.verdict import Ruling, orient, rule

SAYS_A_WAY = {"works": 1, "too-small-to-matter": 1, "harms": -1}


def companion_disagrees(estimate: Estimate, outcome: PlannedOutcome, ruling: Ruling) -> bool:
    """Say whether a companion takes away the direction that a ratio gave, or turns it round.

    More time without the event goes with a lower hazard, so for ratios of times, and beside a hazard ratio for
    differences of them, the better way is turned; for shares and numbers of events, and for steps of a scale, it is
    not. A companion has no smallest difference that matters; where the main answer gives no direction it can only
    contradict by giving one.
    """
    beside_hazards = outcome.effect == "hazard-ratio" and estimate.effect == "difference"
    of_time = estimate.effect == "time-ratio" or beside_hazards
    turned: Better = "higher" if outcome.better == "lower" else "lower"
    view = orient(estimate, turned if of_time else outcome.better, None, is_ratio=estimate.effect in RATIOS)
    if view is None or ruling.answer == "not-assessable":
        return False
    found = SAYS_A_WAY.get(rule(view, ()).answer, 0)
    return found != SAYS_A_WAY.get(ruling.answer, 0)
