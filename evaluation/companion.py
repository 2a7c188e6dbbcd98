"""A companion of another scale beside the main effect: does it point the same way? (pure)."""

from __future__ import annotations

from evaluation.model import Better, Estimate
from evaluation.plan import PlannedOutcome
from evaluation.verdict import Ruling, orient, rule

SAYS_A_WAY = {"works": 1, "too-small-to-matter": 1, "harms": -1}


def companion_disagrees(estimate: Estimate, outcome: PlannedOutcome, ruling: Ruling) -> bool:
    """Say whether a companion takes away the direction that the main effect gave, or turns it round.

    More time without the event goes with a lower hazard, so beside a hazard ratio the better way is turned. A companion
    has no smallest difference that matters; where the main answer gives no direction it can only contradict by giving
    one.
    """
    turned: Better = outcome.better
    if outcome.effect == "hazard-ratio":
        turned = "higher" if outcome.better == "lower" else "lower"
    view = orient(estimate, turned, None)
    if view is None or ruling.answer == "not-assessable":
        return False
    found = SAYS_A_WAY.get(rule(view, ()).answer, 0)
    return found != SAYS_A_WAY.get(ruling.answer, 0)
