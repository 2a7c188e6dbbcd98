"""How bad must those missing be before the answer is another one? Delta adjustment, arm by arm (pure).

Missing outcomes of an arm are moved by delta from what the analysis takes them to be; the arm's mean moves by delta
times the share missing, and so does a difference. The interval keeps its width: only the middle is in doubt here.
Source: National Research Council (2010); Carpenter and Kenward (2013), chapter 10; Cro et al. (2020).
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

from evaluation.frame import ArmCounts
from evaluation.inference import moved_by
from evaluation.missing.facts import TippingPoint
from evaluation.model import Check, Estimate
from evaluation.plan import PlannedOutcome

FURTHEST = 3.0
STEPS = 60
HALVINGS = 20
NEAR = 0.2
Turned = Callable[[Estimate], str]


@dataclass(frozen=True, slots=True)
class _Scale:
    """What is needed to move an arm: shares missing, means, SD, and the ends of the scale."""

    shares: tuple[float, float]
    means: tuple[float, float]
    sd: float
    ends: tuple[float, float]

    def room(self, arm: int, sign: float) -> float:
        """The furthest those missing of an arm can be moved, in the outcome's unit."""
        end = self.ends[1] if sign > 0 else self.ends[0]
        return min(FURTHEST * self.sd, max(abs(end - self.means[arm]), 0.0))


def tipping_points(
    estimate: Estimate, arms: ArmCounts, outcome: PlannedOutcome, answer: str, turned: Turned
) -> tuple[TippingPoint, ...]:
    """The nearest shift that changes the answer: of either arm alone, and of both apart; against and in favour.

    ``turned`` gives the answer of an estimate. Nothing where there is no estimate, or nothing is missing.
    """
    scale = _scale(estimate, arms, outcome)
    if scale is None or estimate.std_error is None:
        return ()
    worse = -1.0 if outcome.better == "higher" else 1.0
    found = []
    for direction, sign in (("against the programme", worse), ("in the programme's favour", -worse)):
        for who, moves in (
            ("those with the programme", (sign, 0.0)),
            ("those without it", (0.0, -sign)),
            ("both, in opposite directions", (sign, -sign)),
        ):
            if any(move and not share for move, share in zip(moves, scale.shares, strict=True)):
                continue
            found.append(_nearest(estimate, outcome, scale, moves, (who, direction), answer, turned))
    return tuple(found)


def _scale(estimate: Estimate, arms: ArmCounts, outcome: PlannedOutcome) -> _Scale | None:
    means = (estimate.treated_mean, estimate.comparison_mean)
    if not arms.overall or estimate.value is None or means[0] is None or means[1] is None:
        return None
    ends = (
        -math.inf if outcome.minimum is None else outcome.minimum,
        math.inf if outcome.maximum is None else outcome.maximum,
    )
    sd = estimate.outcome_sd or 0.0
    if outcome.kind == "binary":
        ends, share = (0.0, 1.0), (means[0] + means[1]) / 2
        sd = math.sqrt(max(share * (1 - share), 0.0))
    elif outcome.kind == "count":
        ends, sd = (0.0, math.inf), sd * means[1] if outcome.is_ratio else sd
    return _Scale((arms.treated_share, arms.comparison_share), (means[0], means[1]), sd, ends) if sd else None


def _nearest(
    estimate: Estimate,
    outcome: PlannedOutcome,
    scale: _Scale,
    moves: tuple[float, float],
    names: tuple[str, str],
    answer: str,
    turned: Turned,
) -> TippingPoint:
    furthest = min(scale.room(arm, move) for arm, move in enumerate(moves) if move)

    def other(size: float) -> str:
        moved = shifted(estimate, outcome, scale.shares, scale.means, (moves[0] * size, moves[1] * size))
        return answer if moved is None else turned(moved)

    sizes = [furthest * step / STEPS for step in range(1, STEPS + 1)]
    hit = next((size for size in sizes if other(size) != answer), None)
    if hit is None:
        return TippingPoint(*names, None, None, answer)
    low, high = hit - furthest / STEPS, hit
    for _ in range(HALVINGS):
        middle = (low + high) / 2
        low, high = (low, middle) if other(middle) != answer else (middle, high)
    sign = moves[0] or moves[1]
    return TippingPoint(*names, sign * high, sign * high / scale.sd, other(high))


def shifted(
    estimate: Estimate,
    outcome: PlannedOutcome,
    shares: tuple[float, float],
    means: tuple[float, float],
    by: tuple[float, float],
) -> Estimate | None:
    """The estimate with the missing of each arm (treated first) moved ``by``; ``None`` where a ratio would be none."""
    after = tuple(mean + share * move for mean, share, move in zip(means, shares, by, strict=True))
    if not outcome.is_ratio:
        return moved_by(estimate, (after[0] - means[0]) - (after[1] - means[1]), is_ratio=False)
    logs = []
    for now, then in zip(means, after, strict=True):
        odd = outcome.effect == "odds-ratio"
        if min(now, then) <= 0 or (odd and max(now, then) >= 1):
            return None
        rest = math.log((1 - now) / (1 - then)) if odd else 0.0
        logs.append(math.log(then / now) + rest)
    return moved_by(estimate, logs[0] - logs[1], is_ratio=True)


def tipping_check(points: tuple[TippingPoint, ...], outcome: PlannedOutcome) -> tuple[Check, ...]:
    """The nearest tipping points in a sentence; nearer than 0.2 SD is a warning."""
    if not points:
        return ()
    found = [point for point in points if point.in_sd is not None]
    if not found:
        note = "No shift of the missing outcomes within the scale, or within 3 SD, would change the answer."
        return (Check("tipping point", "pass", None, NEAR, "none", note),)
    nearest = min(found, key=lambda point: abs(point.in_sd or 0.0))
    size = abs(nearest.in_sd or 0.0)
    alone = [p for p in found if not p.who.startswith("both")] or found
    first = min(alone, key=lambda point: abs(point.in_sd or 0.0))
    unit = f" {outcome.unit}" if outcome.unit else ""
    shift, spread = first.shift or 0.0, abs(first.in_sd or 0.0)
    note = (
        f"The answer changes if missing outcomes of {first.who} lie {abs(shift):.3g}{unit} ({spread:.2f} SD) "
        f"{'above' if shift > 0 else 'below'} what the analysis takes them to be"
    )
    note += "." if nearest is first else f"; of both arms, in opposite directions, {size:.2f} SD each."
    return (Check("tipping point", "warn" if size < NEAR else "info", size, NEAR, "none", note),)
