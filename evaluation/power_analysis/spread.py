"""How much one person's outcome varies, on the scale of the effect, and what the effect is in other words (pure).

Sources: the variance of a share is p (1 - p); of the log of a mean count, overdispersion over the mean; of a log hazard
ratio one over the expected events (Schoenfeld 1983); of a log odds ratio of an ordered scale 3.2 with four even steps
(Whitehead 1993).
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

from evaluation.inference import COX
from evaluation.plan import PlannedOutcome
from evaluation.power_analysis.stated import PLAN, Gathering, Stated

FOUR_EVEN_STEPS = 3.2  # Whitehead (1993): 3 / (1 - sum of cubed shares) for a log odds ratio of a scale
EDGE = 1e-9
FURTHEST = -5.0  # a log ratio beyond it (1 in 150) is no effect anybody could find


def near(effect: float) -> bool:
    """Say whether a log ratio is one that could be found at all."""
    return effect > FURTHEST


@dataclass(frozen=True, slots=True)
class Spread:
    """Variance of one outcome in the comparison, and among the treated at a true effect (signed, on its scale).

    ``sd`` in the outcome's own unit; 1 with ``known`` False where the plan names none, so that effects are in SD.
    ``rate``: without the programme. ``reachable``: whether an effect leaves a share between 0 and 1.
    """

    comparison: float
    treated: Callable[[float], float]
    sd: float
    rate: float | None = None
    known: bool = True
    reachable: Callable[[float], bool] = lambda _: True


def spread_of(outcome: PlannedOutcome, gathering: Gathering) -> Spread | str:
    """The spread of a planned outcome, or what the plan must say to have it."""
    if outcome.kind == "ordinal" and outcome.is_ratio:
        return Spread(FOUR_EVEN_STEPS, lambda _: FOUR_EVEN_STEPS, math.pi / math.sqrt(3))
    if outcome.counts:
        return _of_count(outcome, gathering)
    if outcome.kind == "binary" or outcome.timing:
        rate = outcome.expected_rate
        if rate is None:
            return "give expected_rate in the outcome to have this worked out"
        gathering.stated.append(Stated("expected_rate", rate, PLAN))
        if outcome.timing:
            return Spread(1 / rate, lambda _: 1 / rate, math.sqrt(rate * (1 - rate)) or 1.0, rate)
        return _of_share(outcome.effect, rate)
    known = outcome.expected_sd is not None
    sd = outcome.expected_sd or 1.0
    if known:
        gathering.stated.append(Stated("expected_sd", sd, PLAN))
    else:
        gathering.notes.append(
            "Give expected_sd in the outcome to have this in its own unit; till then it is in SD."
        )
    return Spread(sd * sd, lambda _: sd * sd, sd, known=known)


def _of_count(outcome: PlannedOutcome, gathering: Gathering) -> Spread | str:
    rate = outcome.expected_rate
    if not rate:
        return "give expected_rate in the outcome to have this worked out"
    gathering.stated.append(Stated("expected_rate", rate, PLAN))
    if outcome.expected_sd:
        wide = outcome.expected_sd**2 / rate
        gathering.stated.append(Stated("expected_sd", outcome.expected_sd, PLAN))
    else:
        wide = gathering.take("overdispersion")
    sd = math.sqrt(wide * rate)
    if outcome.is_ratio:
        return Spread(
            wide / rate, lambda e: wide / (rate * math.exp(max(e, FURTHEST))), sd, rate, reachable=near
        )
    return Spread(
        wide * rate, lambda e: wide * max(rate + e, EDGE), sd, rate, reachable=lambda e: rate + e > 0
    )


def _of_share(effect: str, rate: float) -> Spread:
    """Risks with the programme follow from the risk without it and the effect."""
    sd = math.sqrt(rate * (1 - rate))

    def risk(e: float) -> float:
        if effect == "risk-ratio":
            return rate * math.exp(e)
        if effect == "odds-ratio":
            odds = rate / (1 - rate) * math.exp(e) if rate < 1 else math.inf
            return odds / (1 + odds) if math.isfinite(odds) else 1.0
        return rate + e

    def variance(share: float) -> float:
        p = min(max(share, EDGE), 1 - EDGE)
        if effect == "risk-ratio":
            return (1 - p) / p
        return 1 / (p * (1 - p)) if effect == "odds-ratio" else p * (1 - p)

    def reachable(e: float) -> bool:
        return 0 <= risk(e) <= 1 and (effect == "risk-difference" or near(e))

    return Spread(variance(rate), lambda e: variance(risk(e)), sd, rate, reachable=reachable)


def in_sd(outcome: PlannedOutcome, spread: Spread, effect: float) -> float | None:
    """An effect (on its scale, unsigned) in standard deviations of the outcome; ``None`` where there is none."""
    if outcome.effect == "odds-ratio":
        return effect / COX
    if outcome.effect == "hazard-ratio":
        return effect * math.sqrt(6) / math.pi
    if outcome.is_ratio:
        return (spread.rate or 0.0) * (1 - math.exp(-effect)) / spread.sd if spread.sd else None
    return effect / spread.sd if spread.sd else None


def per_hundred(outcome: PlannedOutcome, spread: Spread, effect: float) -> float | None:
    """A signed effect (on its scale) as people, or events, in every 100 people; ``None`` for other measures."""
    rate = spread.rate
    if rate is None:
        return None
    if not outcome.is_ratio:
        return 100 * effect
    if outcome.effect == "hazard-ratio":
        return 100 * ((1 - rate) - math.pow(1 - rate, math.exp(effect)))
    if outcome.effect == "odds-ratio":
        odds = rate / (1 - rate) * math.exp(effect) if rate < 1 else math.inf
        return 100 * (odds / (1 + odds) - rate) if math.isfinite(odds) else 0.0
    return 100 * rate * (math.exp(effect) - 1)
