"""What one outcome of a plan could show at one size: smallest effect found, and the chance of ruling one out (pure)."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace

from evaluation.methods.registry import METHODS
from evaluation.plan import AnalysisPlan, PlannedOutcome
from evaluation.power import chance_of_finding, chance_of_none, detectable, equivalence_power
from evaluation.power_analysis import clusters, panels, people, places
from evaluation.power_analysis.assumed import Assumed
from evaluation.power_analysis.series import Simulated, series_of
from evaluation.power_analysis.sizes import Size
from evaluation.power_analysis.spread import Spread, in_sd, per_hundred, spread_of
from evaluation.power_analysis.stated import TRIED, Factors, Gathering, Stated

POWER = 0.8
ROUNDS, WIDEST = 60, 18.0
Design = Callable[[AnalysisPlan, Size, Gathering], Factors | str]
SERIES = "interrupted-time-series"
BY_METHOD: dict[str, Design] = {
    "randomised": people.randomised,
    "cluster-randomised": clusters.cluster_randomised,
    "matching": people.matching,
    "weighting": people.weighting,
    "doubly-robust": people.weighting,
    "regression-discontinuity": people.discontinuity,
    "difference-in-differences": panels.difference_in_differences,
    "staggered-adoption": panels.staggered,
    "synthetic-control": panels.synthetic_control,
    "displacement-difference": places.displacement,
    "day-crossover": places.days,
    "before-after": places.before_after,
}
UNREACHABLE = "more than the whole rate would have to go: no effect could be found in that direction"


@dataclass(frozen=True, slots=True)
class Promise:
    """What could be shown, or in ``reason`` why that is not known.

    ``effect`` is the smallest found with 80 % power, on the analysis scale (log of a ratio), without a sign;
    ``detectable`` the same as the outcome is read (a ratio on the side of benefit); ``in_sd`` and ``per_hundred``
    likewise. ``equivalence``: the chance that the 1 - 2 alpha interval lies inside the margin when there is no effect;
    ``at_margin``: the chance of finding an effect as large as the margin; ``none``: that the verdict, without
    an effect, says there is none that matters. ``std_error`` is that without an effect.
    """

    outcome: PlannedOutcome
    size: Size
    reason: str = ""
    std_error: float | None = None
    df: float | None = None
    effect: float | None = None
    detectable: float | None = None
    in_sd: float | None = None
    per_hundred: float | None = None
    margin: float | None = None
    equivalence: float | None = None
    at_margin: float | None = None
    none: float | None = None
    stated: tuple[Stated, ...] = ()
    notes: tuple[str, ...] = ()


def alpha_of(plan: AnalysisPlan, outcome: PlannedOutcome) -> float:
    """The error rate the verdict on this outcome uses: two primaries share the plan's."""
    shared = outcome.role == "primary" and len(plan.primaries) > 1
    return plan.analysis.alpha / len(plan.primaries) if shared else plan.analysis.alpha


def promise(plan: AnalysisPlan, outcome: PlannedOutcome, size: Size) -> Promise:
    """Work out what an outcome could show at a size."""
    gathering = Gathering(plan, outcome)
    if plan.design.method == "before-after":
        return Promise(outcome, size, reason=places.before_after(plan, size, gathering))
    spread = spread_of(outcome, gathering)
    if isinstance(spread, str):
        return Promise(outcome, size, reason=spread)
    if plan.design.method == SERIES:
        return _simulated(plan, outcome, size, spread, gathering)
    design = BY_METHOD.get(plan.design.method)
    if design is None:
        return Promise(outcome, size, reason="what a plan of this method could show is not worked out")
    factors = design(plan, size, gathering)
    if isinstance(factors, str):
        return Promise(outcome, size, reason=factors)
    return _worked_out(plan, outcome, size, (spread, factors), gathering)


def margin_of(outcome: PlannedOutcome) -> float | None:
    """The minimum important difference on the analysis scale, without a sign."""
    margin = outcome.minimum_important_difference
    return abs(math.log(margin)) if margin and outcome.is_ratio else margin


def _worked_out(
    plan: AnalysisPlan,
    outcome: PlannedOutcome,
    size: Size,
    parts: tuple[Spread, Factors],
    gathering: Gathering,
) -> Promise:
    spread, factors = parts
    if (
        plan.design.method == "displacement-difference"
    ):  # an effect is a sum over places, the spread that of one count
        still = spread.comparison
        spread = replace(spread, treated=lambda _: still, reachable=lambda _: True)
    alpha, sign = alpha_of(plan, outcome), 1.0 if outcome.better == "higher" else -1.0

    def error(effect: float) -> float:
        return math.sqrt(
            spread.treated(sign * effect) * factors.treated + spread.comparison * factors.comparison
        )

    effect = solve(lambda e: detectable(error(e), alpha=alpha, power=POWER, df=factors.df))
    if not math.isfinite(effect) or not spread.reachable(sign * effect):
        gathering.notes.append(UNREACHABLE)
        effect = detectable(error(0.0), alpha=alpha, power=POWER, df=factors.df)
    margin = margin_of(outcome) if spread.known else None
    made = _said(plan, outcome, size, spread, effect, gathering)
    if margin is None:
        return replace(made, std_error=error(0.0), df=factors.df)
    return replace(
        made,
        std_error=error(0.0),
        df=factors.df,
        margin=margin,
        equivalence=equivalence_power(error(0.0), margin, alpha=alpha, df=factors.df),
        at_margin=chance_of_finding(error(margin), margin, alpha=alpha, df=factors.df),
        none=chance_of_none(error(0.0), margin, alpha=alpha, df=factors.df),
    )


def _said(
    plan: AnalysisPlan,
    outcome: PlannedOutcome,
    size: Size,
    spread: Spread,
    effect: float,
    gathering: Gathering,
) -> Promise:
    sign = 1.0 if outcome.better == "higher" else -1.0
    own = math.exp(sign * effect) if outcome.is_ratio else effect
    hundred = per_hundred(outcome, spread, sign * effect)
    return Promise(
        outcome,
        size,
        effect=effect,
        detectable=own if spread.known else None,
        in_sd=None if plan.design.method == "displacement-difference" else in_sd(outcome, spread, effect),
        per_hundred=abs(hundred)
        if hundred is not None and METHODS[plan.design.method].reads == "people"
        else None,
        stated=tuple(dict.fromkeys(gathering.stated)),
        notes=tuple(dict.fromkeys(gathering.notes)),
    )


def _simulated(
    plan: AnalysisPlan, outcome: PlannedOutcome, size: Size, spread: Spread, gathering: Gathering
) -> Promise:
    alpha, sign = alpha_of(plan, outcome), 1.0 if outcome.better == "higher" else -1.0
    still = series_of(plan, outcome, spread, size, gathering)
    if isinstance(still, str):
        return Promise(outcome, size, reason=still)
    effect = still.detectable(alpha, POWER)
    moved: Simulated | str = still
    if outcome.is_ratio and math.isfinite(effect):
        moved = series_of(plan, outcome, spread, size, gathering, sign * effect)
        effect = moved.detectable(alpha, POWER) if not isinstance(moved, str) else effect
    if not math.isfinite(effect):
        return Promise(outcome, size, reason="no effect was found four times in five in the simulated series")
    made = replace(_said(plan, outcome, size, spread, effect, gathering), std_error=still.error)
    margin = margin_of(outcome) if spread.known else None
    if margin is None:
        return made
    there = moved if isinstance(moved, Simulated) else still
    return replace(
        made,
        margin=margin,
        equivalence=still.equivalence(margin, alpha),
        at_margin=there.power(sign * margin, alpha),
        none=still.none(margin, alpha),
    )


def solve(step: Callable[[float], float]) -> float:
    """The effect that equals what its own error could just show: bisected; infinite where none is found below 50 SE."""
    first = step(0.0)
    high = first / 8
    while step(high) > high:
        high *= 1.25
        if high > WIDEST * first:
            return math.inf
    low = 0.0
    for _ in range(ROUNDS):
        middle = (low + high) / 2
        low, high = (middle, high) if step(middle) > middle else (low, middle)
    return high


@dataclass(frozen=True, slots=True)
class Tried:
    """The same at another value of an assumption nobody stated."""

    name: str
    words: str
    value: float
    promise: Promise


def tried(plan: AnalysisPlan, outcome: PlannedOutcome, size: Size) -> tuple[Tried, ...]:
    """Every assumption that is a default, over the values it is tried at (an ICC over 0.05 to 0.20: rule R24)."""
    found = promise(plan, outcome, size)
    rows = []
    for stated in found.stated:
        if stated.doubtful and plan.design.method != SERIES:
            rows += [
                Tried(
                    stated.name, stated.words, value, promise(_with(plan, stated.name, value), outcome, size)
                )
                for value in TRIED[stated.name]
            ]
    return tuple(rows)


def _with(plan: AnalysisPlan, name: str, value: float) -> AnalysisPlan:
    if hasattr(plan.design.settings, name):
        settings = replace(plan.design.settings, **{name: value})
        return replace(plan, design=replace(plan.design, settings=settings))
    return replace(plan, assumed=replace(plan.assumed or Assumed(), **{name: value}))  # type: ignore[arg-type]


@dataclass(frozen=True, slots=True)
class Needed:
    """Sizes at which the margin is found, and ruled out, four times in five; ``None``: out of reach."""

    to_find: Size | None
    to_rule_out: Size | None


MOST = 10_000_000


def needed(plan: AnalysisPlan, outcome: PlannedOutcome, size: Size) -> Needed | None:
    """How many people (clusters of the same size, units) it takes; ``None`` where nothing can be said of it."""
    margin = margin_of(outcome)
    now = promise(plan, outcome, size)
    if margin is None or now.equivalence is None or plan.design.method in (SERIES, "synthetic-control"):
        return None

    def finds(p: Promise) -> bool:
        return p.effect is not None and UNREACHABLE not in p.notes and p.effect <= margin

    def rules_out(p: Promise) -> bool:
        return p.equivalence is not None and p.equivalence >= POWER

    return Needed(_smallest(plan, outcome, size, finds), _smallest(plan, outcome, size, rules_out))


def _smallest(
    plan: AnalysisPlan, outcome: PlannedOutcome, size: Size, enough: Callable[[Promise], bool]
) -> Size | None:
    """The smallest size of the same mix that is enough: by clusters where whole clusters are allocated."""
    by_clusters = plan.design.method == "cluster-randomised" and size.clusters_treated
    base = float(size.clusters_treated or 1) if by_clusters else float(size.treated or size.comparison or 1)

    def at(n: int) -> Size:
        return size.times(n / base)

    high = 1
    while not enough(promise(plan, outcome, at(high))):
        high *= 2
        if high > MOST:
            return None
    low = high // 2
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if enough(promise(plan, outcome, at(middle))) else (middle, high)
    return at(high)
