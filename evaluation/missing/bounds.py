"""What an effect can be whatever the missing outcomes were: worst cases of a bounded scale, and Lee's trimming (pure).

Worst cases (Manski 1990) fill every gap with an end of the scale and ask the method again. Lee's bounds (2009) are for
trials: they take it that the programme moves who is seen in one direction only, trim the arm that is seen more, and
speak of those who would be seen in either arm. Interval over both ends: Imbens and Manski (2004).
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np
import polars as pl
from scipy.optimize import brentq
from scipy.special import ndtr

from evaluation.frame import AnalysisFrame
from evaluation.missing.facts import Bound
from evaluation.missing.imputed_effect import Estimator
from evaluation.model import Check, Estimate
from evaluation.plan import AnalysisPlan, PlannedOutcome
from evaluation.regression.linear import Array

WORST, TRIMMED = "worst cases (Manski)", "trimmed (Lee)"
DRAWS = 299
FEWEST_LEFT = 10


def worst_cases(
    whole: AnalysisFrame, plan: AnalysisPlan, outcome: PlannedOutcome, estimator: Estimator
) -> Bound | None:
    """The effect with every gap at the end of the scale that favours one arm, and the other way round.

    Only for outcomes with two ends: yes or no, or with ``minimum`` and ``maximum``. People with a missing covariate are
    left out, as the complete-case answer leaves them out.
    """
    low, high = (0.0, 1.0) if outcome.kind == "binary" else (outcome.minimum, outcome.maximum)
    if low is None or high is None:
        return None
    names = [f"x:{name}" for name in whole.covariates]
    data = (
        whole.data.filter(pl.all_horizontal(pl.col(n).is_not_null() for n in names)) if names else whole.data
    )
    data = data.drop([name for name in data.columns if name.startswith(("a:", "w:"))])
    ends = []
    for one, zero in ((low, high), (high, low)):
        filled = pl.when(pl.col("treated") == 1).then(pl.lit(one)).otherwise(pl.lit(zero))
        frame = replace(whole, data=data.with_columns(pl.col("outcome").fill_null(filled)), bare=True)
        ends.append(estimator(frame, plan, outcome).estimate)
    return _bound(WORST, ends[0], ends[1])


def _bound(name: str, low: Estimate, high: Estimate) -> Bound | None:
    if low.value is None or high.value is None:
        return None
    return Bound(name, low.value, high.value, low.std_error, high.std_error, low.conf_low, high.conf_high)


@dataclass(frozen=True, slots=True)
class _Arm:
    """Outcomes seen in an arm (k,), and how many people it has."""

    seen: Array
    n: int

    @property
    def share(self) -> float:
        return len(self.seen) / self.n


def lee_bounds(whole: AnalysisFrame, outcome: PlannedOutcome, alpha: float, seed: int) -> Bound | None:
    """Lee's bounds of an unadjusted difference; ``None`` for ratios, and where trimming leaves hardly anybody.

    Errors are Lee's; with clusters a bootstrap of whole clusters within arms.
    """
    if outcome.is_ratio:
        return None
    arms = _arms(whole.data)
    if min(len(arm.seen) for arm in arms) < FEWEST_LEFT:
        return None
    low, high = _ends(arms)
    if "cluster" in whole.data.columns:
        errors = _resampled(whole.data, seed)
    else:
        errors = (_error(arms, lowest=True), _error(arms, lowest=False))
    if errors is None or not all(math.isfinite(error) and error > 0 for error in errors):
        return None
    reach = _reach(high - low, max(errors), alpha)
    return Bound(TRIMMED, low, high, errors[0], errors[1], low - reach * errors[0], high + reach * errors[1])


def _arms(data: pl.DataFrame) -> tuple[_Arm, _Arm]:
    parts = [data.filter(pl.col("treated") == arm)["outcome"] for arm in (1, 0)]
    one, zero = (_Arm(part.drop_nulls().sort().to_numpy(), max(part.len(), 1)) for part in parts)
    return one, zero


def _ends(arms: tuple[_Arm, _Arm]) -> tuple[float, float]:
    """The lowest and the highest difference: the arm seen more loses its highest, or its lowest, outcomes."""
    one, zero = arms
    if one.share >= zero.share:
        excess = 1 - zero.share / one.share if one.share else 0.0
        rest = float(zero.seen.mean())
        return trimmed_mean(one.seen, excess, top=True) - rest, trimmed_mean(
            one.seen, excess, top=False
        ) - rest
    excess, rest = 1 - one.share / zero.share, float(one.seen.mean())
    return rest - trimmed_mean(zero.seen, excess, top=False), rest - trimmed_mean(zero.seen, excess, top=True)


def trimmed_mean(ranked: Array, share: float, *, top: bool) -> float:
    """Mean of ranked outcomes without a share at the top or bottom; a person may be cut in part."""
    keep = (1 - share) * len(ranked)
    weights = np.clip(keep - np.arange(len(ranked)), 0.0, 1.0)
    return float(np.average(ranked if top else ranked[::-1], weights=weights))


def _error(arms: tuple[_Arm, _Arm], *, lowest: bool) -> float:
    """Lee (2009), proposition 3: what is left, where and how much is cut, and the other arm."""
    one, zero = arms
    more, less = (one, zero) if one.share >= zero.share else (zero, one)
    cut_top = lowest if more is one else not lowest
    excess = 1 - less.share / more.share
    n, p = more.n + less.n, excess
    ranked = more.seen if cut_top else more.seen[::-1]
    kept = ranked[: max(math.ceil((1 - p) * len(ranked)), 2)]
    edge, middle = float(kept[-1]), float(kept.mean())
    seen_share = len(more.seen) / n
    within = (float(kept.var(ddof=1)) + (edge - middle) ** 2 * p) / (seen_share * (1 - p))
    part = more.n / n
    uncertain = (1 - p) ** 2 * (
        (1 - more.share) / (part * more.share) + (1 - less.share) / ((1 - part) * less.share)
    )
    other = float(less.seen.var(ddof=1)) / (len(less.seen) / n)
    return math.sqrt((within + (edge - middle) ** 2 * uncertain + other) / n)


def _resampled(data: pl.DataFrame, seed: int) -> tuple[float, float] | None:
    """Standard deviations of both ends over bootstrap samples of whole clusters, drawn within arms."""
    draw = np.random.default_rng(seed)
    parts = [
        [
            part["outcome"].to_numpy()
            for part in data.filter(pl.col("treated") == arm).partition_by("cluster", maintain_order=True)
        ]
        for arm in (1, 0)
    ]
    if min(len(part) for part in parts) < 3:
        return None
    found = []
    for _ in range(DRAWS):
        arms = []
        for clusters in parts:
            y = np.concatenate([clusters[k] for k in draw.integers(0, len(clusters), len(clusters))])
            arms.append(_Arm(np.sort(y[~np.isnan(y)]), len(y)))
        if min(len(arm.seen) for arm in arms) >= 2:
            found.append(_ends((arms[0], arms[1])))
    spread = np.asarray(found).std(axis=0, ddof=1)
    return float(spread[0]), float(spread[1])


def _reach(width: float, error: float, alpha: float) -> float:
    """Imbens and Manski's critical value: between the one-sided (wide bounds) and the two-sided one (none)."""
    wide = width / error
    return float(brentq(lambda c: float(ndtr(c + wide) - ndtr(-c)) - (1 - alpha), 0.1, 10.0))


def bounds_check(bounds: tuple[Bound, ...], outcome: PlannedOutcome) -> tuple[Check, ...]:
    """Whether the direction survives the worst the missing outcomes could do."""
    neutral = 1.0 if outcome.is_ratio else 0.0
    found = []
    for bound in bounds:
        open_ends = bound.low <= neutral <= bound.high
        whom = " for those who would be seen in either arm" if bound.name == TRIMMED else ""
        said = (
            f"{bound.name.capitalize()}: the effect lies between {bound.low:.2g} and {bound.high:.2g}{whom}"
        )
        tail = "its direction is not certain then." if open_ends else "its direction stands."
        name = "bounds, trimmed" if bound.name == TRIMMED else "bounds, worst cases"
        found.append(Check(name, "info", None, None, "none", f"{said}; {tail}"))
    return tuple(found)
