"""Weighting: people count more or less, until the arms are alike on what was observed.

Estimands: ATT or ATE by inverse probability weights, ATO (those who might have gone either way) by overlap
weights, ATT by entropy balancing. On the difference scale; for a binary outcome a risk difference.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal, cast

import numpy as np
import polars as pl

from evaluation.balance import balance_check, balance_rows
from evaluation.frame import AnalysisFrame
from evaluation.inference import Distribution
from evaluation.methods.nothing import no_estimate, refuse_unused
from evaluation.methods.observed import baseline_reading, cluster_check, cluster_codes, dressed, error_of
from evaluation.methods.time_to_event import compare_times, weighted_times
from evaluation.model import BalanceRow, Check, Estimate, FlowStep, MethodResult, Sensitivity
from evaluation.observed.e_value import e_value_check
from evaluation.observed.propensity import Separation
from evaluation.observed.selection import log_odds_of, selection_check
from evaluation.observed.support import support_check
from evaluation.observed.weights import (
    CannotBalance,
    Weights,
    effective_size,
    entropy_weights,
    score_weights,
    weighted_effect,
)
from evaluation.plan import AnalysisPlan, Design, PlannedOutcome
from evaluation.regression.event_checks import event_checks, exposure_check
from evaluation.regression.linear import Array, covariate_matrix
from evaluation.regression.ratios import as_ratio
from workspace.toml_source import Section

Kind = Literal["iptw", "overlap", "entropy"]
KINDS: tuple[Kind, ...] = ("iptw", "overlap", "entropy")
ESTIMANDS = {"iptw": ("ATT", "ATE"), "overlap": ("ATO",), "entropy": ("ATT",)}
FEWEST_EFFECTIVE, FEW_EFFECTIVE = 30, 0.5
MOST_ON_ONE = 0.10
CUT = 0.99
MOST_TRIM = 0.4
EQUATION = "the score's own error is counted"


@dataclass(frozen=True, slots=True)
class WeightingSettings:
    """``kind`` of weights; ``trim``: scores below it or above 1 - it are left out; ``interval``: distribution."""

    kind: Kind = "iptw"
    trim: float = 0.0
    interval: Distribution = "normal"


def read_settings(section: Section | None) -> WeightingSettings:
    """Read [design.weighting]."""
    if section is None:
        return WeightingSettings()
    settings = WeightingSettings(
        cast(Kind, section.text("kind", "iptw", one_of=KINDS)),
        section.number("trim", 0.0, low=0, high=MOST_TRIM) or 0.0,
        cast(Distribution, section.text("interval", "normal", one_of=("t", "normal"))),
    )
    if settings.kind != "iptw" and settings.trim:
        section.fault("LC406", "trim", f"'trim' does not go with {settings.kind} weights", "Remove it.")
    section.finish()
    return settings


def check_design(design: Design, section: Section) -> None:
    """Keys of [design] this method needs or cannot use."""
    if not design.covariates:
        section.fault(
            "LC402", "", "weighting needs covariates", 'Add covariates = ["…"]: what decided who was treated.'
        )
    hint = "Name it among the covariates instead."
    refuse_unused(design, section, "weighting", ("exact", "strata"), hint)
    settings: WeightingSettings | None = design.settings
    if settings and design.estimand not in ESTIMANDS[settings.kind]:
        fitting = " or ".join(ESTIMANDS[settings.kind])
        section.fault(
            "LC406",
            "estimand",
            f"{settings.kind} weights estimate the {fitting}, not the {design.estimand}",
            f'Write estimand = "{ESTIMANDS[settings.kind][0]}", or choose another kind.',
        )


def describe(settings: WeightingSettings, design: Design) -> tuple[tuple[str, str], ...]:
    """The settings in words, for the report."""
    kinds = {
        "iptw": f"inverse probability of treatment ({design.estimand}), logistic score without penalty",
        "overlap": "overlap weights (ATO), logistic score without penalty",
        "entropy": "entropy balancing of every covariate's mean (ATT)",
    }
    trimmed = f"; scores outside {settings.trim:g} to {1 - settings.trim:g} left out" if settings.trim else ""
    errors = "influence functions of the whole system" + (
        f", summed by '{design.cluster}'" if design.cluster else f", so that {EQUATION}"
    )
    return (("Weights", kinds[settings.kind] + trimmed), ("Standard errors", errors))


def estimate_effect(frame: AnalysisFrame, plan: AnalysisPlan, outcome: PlannedOutcome) -> MethodResult:
    """Estimate the effect by a difference of weighted means.

    Assumptions: no unobserved confounding given the covariates, overlap, a right score model (or, for entropy
    balancing, an outcome or score that is linear in the covariates), no interference.
    Variance: M-estimation, the estimated weights counted (see :mod:`evaluation.observed.weights`).
    """
    settings: WeightingSettings = plan.design.settings
    estimand = plan.design.estimand
    try:
        weights = _weights(frame, settings, estimand)
    except (Separation, CannotBalance) as problem:
        return MethodResult(no_estimate(frame, plan, outcome, estimand), (_no_overlap(problem),))
    treated = frame.data["treated"].to_numpy()
    kept = weights.values > 0
    if min(int(kept[treated == arm].sum()) for arm in (0, 1)) < 2:
        return MethodResult(no_estimate(frame, plan, outcome, estimand), (_no_overlap(None),))
    seen = frame.data.filter(pl.Series(kept))
    events = () if outcome.timing else event_checks(seen, outcome)
    if any(check.consequence == "block" for check in events):
        return MethodResult(no_estimate(frame, plan, outcome, estimand), events)
    found = _compared(frame, plan, outcome, weights)
    estimate = found.estimate
    trimmed = int((~kept).sum())
    if trimmed:
        named = f"{estimand} among scores of {settings.trim:g} to {1 - settings.trim:g}"
        estimate = replace(estimate, estimand=named)
    balance = _balance(frame, weights, estimand)
    checks = [
        *events,
        *exposure_check(frame.data, outcome),
        *found.checks,
        *_effective(treated, weights),
        *_on_few(treated, weights),
        *cluster_check(frame),
        balance_check(balance),
    ]
    checks += [
        *((support_check(weights.score[kept], treated[kept]),) if weights.score is not None else ()),
        *(selection_check(log_odds_of(weights, treated)) if settings.kind != "overlap" else ()),
        *_trim_check(trimmed, len(treated), settings),
        *baseline_reading(frame, balance, adjusted=False),
    ]
    known = None if outcome.timing else e_value_check(estimate)
    flow = (FlowStep("kept after trimming", len(treated) - trimmed, "scores beyond the trimming limits"),)
    return MethodResult(
        estimate,
        (*checks, *((known,) if known else ())),
        balance,
        found.sensitivity,
        found.path,
        flow if trimmed else (),
        sample=np.flatnonzero(kept),
    )


def _compared(
    frame: AnalysisFrame, plan: AnalysisPlan, outcome: PlannedOutcome, weights: Weights
) -> MethodResult:
    """The weighted comparison itself with its other ways: of means, or of times."""
    others = _other_weights(frame, plan, weights)
    if outcome.timing:
        main = weighted_times(frame, plan, outcome, weights)
        ways = tuple((name, weighted_times(frame, plan, outcome, turned)) for name, turned in others)
        return compare_times(frame, plan, outcome, main, ways)
    return MethodResult(
        _fit(frame, plan, outcome, weights),
        (),
        sensitivity=tuple(Sensitivity(name, _fit(frame, plan, outcome, turned)) for name, turned in others),
    )


def _weights(frame: AnalysisFrame, settings: WeightingSettings, estimand: str) -> Weights:
    treated = frame.data["treated"].to_numpy()
    matrix, _ = covariate_matrix(frame.data, tuple(f"x:{name}" for name in frame.covariates))
    if settings.kind == "entropy":
        return entropy_weights(treated, matrix)
    return score_weights(treated, matrix, estimand, settings.trim)


def _no_overlap(problem: Exception | None) -> Check:
    if isinstance(problem, CannotBalance):
        note = (
            "No weights of the comparison people give them the treated people's means: nobody comparable is there. "
            "Use fewer or broader covariates, or another comparison pool."
        )
    elif problem is None:
        note = "The trimming limits leave nobody in an arm. Trim less, or look for another comparison pool."
    else:
        note = (
            "The covariates separate the arms completely: nobody treated has anyone comparable. Use fewer or "
            "broader covariates."
        )
    return Check("overlap", "fail", None, None, "block", note)


def _fit(frame: AnalysisFrame, plan: AnalysisPlan, outcome: PlannedOutcome, weights: Weights) -> Estimate:
    settings: WeightingSettings = plan.design.settings
    y, treated = frame.data["outcome"].to_numpy(), frame.data["treated"].to_numpy()
    clusters = cluster_codes(frame)
    exposure = frame.data["exposure"].to_numpy() if "exposure" in frame.data.columns else None
    value, means, influence = weighted_effect(y, treated, weights, outcome.effect, exposure)
    sizes = [round(effective_size(weights.values[treated == arm])) for arm in (0, 1)]
    estimate = dressed(
        frame,
        plan,
        outcome,
        value=value,
        means=means,
        error=error_of(influence, clusters),
        parameters=weights.design.shape[1] + 1,
        clusters=clusters,
        kept=weights.values > 0,
        worth=sum(sizes),
        interval=settings.interval,
    )
    return as_ratio(estimate) if outcome.is_ratio else estimate


def _balance(frame: AnalysisFrame, weights: Weights, estimand: str) -> tuple[BalanceRow, ...]:
    values, names = covariate_matrix(
        frame.data, tuple(f"x:{name}" for name in frame.covariates), every_level=True
    )
    return balance_rows(
        values,
        tuple(name.removeprefix("x:") for name in names),
        frame.data["treated"].to_numpy(),
        weights=weights.values,
        scale="treated" if estimand == "ATT" else "both",
    )


def _effective(treated: Array, weights: Weights) -> tuple[Check, ...]:
    """How many evenly weighted people each arm is worth; below what a comparison needs there is no verdict."""
    sizes = [(effective_size(weights.values[treated == arm]), int((treated == arm).sum())) for arm in (1, 0)]
    size = min(part for part, _ in sizes)
    said = f"weighted, the smaller arm is worth {size:.0f} people"
    if size < FEWEST_EFFECTIVE:
        note = f"After weighting too few carry the comparison: {said}, fewer than {FEWEST_EFFECTIVE}."
        return (Check("effective sample", "fail", size, FEWEST_EFFECTIVE, "block", note),)
    share = min(part / whole for part, whole in sizes)
    if share < FEW_EFFECTIVE:
        note = f"Weights are uneven: {said}; an arm keeps {100 * share:.0f} % of its size."
        return (Check("effective sample", "warn", size, FEWEST_EFFECTIVE, "none", note),)
    return (Check("effective sample", "pass", size, FEWEST_EFFECTIVE, "none", f"{said.capitalize()}."),)


def _on_few(treated: Array, weights: Weights) -> tuple[Check, ...]:
    shares = [float(w.max() / w.sum()) for w in (weights.values[treated == arm] for arm in (0, 1))]
    if max(shares) <= MOST_ON_ONE:
        return ()
    note = "One person carries more than a tenth of an arm."
    return (Check("weight on few", "warn", max(shares), MOST_ON_ONE, "downgrade", note),)


def _trim_check(trimmed: int, total: int, settings: WeightingSettings) -> tuple[Check, ...]:
    if not trimmed:
        return ()
    note = (
        f"{100 * trimmed / total:.0f} % of people have a score beyond {settings.trim:g} or {1 - settings.trim:g} and "
        "are left out: the result speaks of the others alone."
    )
    result: Literal["info", "warn"] = "warn" if trimmed / total > MOST_ON_ONE else "info"
    return (Check("trimming", result, trimmed / total, MOST_ON_ONE, "none", note),)


def _other_weights(
    frame: AnalysisFrame, plan: AnalysisPlan, weights: Weights
) -> tuple[tuple[str, Weights], ...]:
    """The same estimand by other weights; and with the largest weights cut, which trades bias for noise."""
    if frame.bare:
        return ()
    settings: WeightingSettings = plan.design.settings
    estimand = plan.design.estimand
    ways: list[tuple[str, Weights]] = []
    other: dict[Kind, Kind] = {"iptw": "entropy", "entropy": "iptw"}
    if estimand == "ATT" and settings.kind in other:
        kind = other[settings.kind]
        try:
            turned = _weights(frame, replace(settings, kind=kind, trim=0.0), estimand)
            name = "entropy balancing" if kind == "entropy" else "inverse probability weights"
            ways.append((name, turned))
        except (Separation, CannotBalance):
            pass
    cut = _cut(weights, frame.data["treated"].to_numpy())
    ways.append(("largest hundredth of weights cut", cut))
    return tuple(ways)


def _cut(weights: Weights, treated: Array) -> Weights:
    """Weights above the 99th percentile of their arm brought down to it; a cut weight no longer moves."""
    values, slope = weights.values.copy(), weights.slope.copy()
    for arm in (0, 1):
        rows = (treated == arm) & (values > 0)
        limit = float(np.quantile(values[rows], CUT))
        over = rows & (values > limit)
        values[over], slope[over] = limit, 0.0
    return replace(weights, values=values, slope=slope)
