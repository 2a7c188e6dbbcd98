"""Beside the effect of a trial: a randomisation test, and the effect on those who took the programme up (pure)."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from evaluation.frame import AnalysisFrame
from evaluation.inference import critical, estimate_from, pooled_sd
from evaluation.methods.nothing import outcome_means
from evaluation.model import CACE, Check, Effect, Estimate, Sensitivity
from evaluation.plan import AnalysisPlan, PlannedOutcome
from evaluation.regression.linear import Array, NotIdentified
from evaluation.trials.compliance import WEAK, TakeUp, take_up
from evaluation.trials.model import Adjust, codes, trial_covariates
from evaluation.trials.permutation import permutation_test

TAKEN_UP = "effect on those who took it up (CACE)"
DIFFERENCES: dict[str, Effect] = {
    "continuous": "difference",
    "ordinal": "difference",
    "binary": "risk-difference",
}


def randomisation_check(
    frame: AnalysisFrame, plan: AnalysisPlan, outcome: PlannedOutcome, adjust: Adjust, p_value: float | None
) -> Check:
    """The p-value of allocation alone beside the model's. Strata are kept; covariates are taken out as planned."""
    y, treated = frame.data["outcome"].to_numpy(), frame.data["treated"].to_numpy()
    if "exposure" in frame.data.columns:  # what is above or below what the exposure alone would bring
        exposure = frame.data["exposure"].to_numpy()
        y = y - exposure * y.sum() / exposure.sum()
    has_strata = "strata" in frame.data.columns
    strata = codes(frame, "strata") if has_strata else np.zeros(len(y), dtype=np.int64)
    covariates, _ = trial_covariates(frame, "none" if adjust == "none" else "ancova")
    alpha = plan.analysis.alpha
    try:
        test = permutation_test(y, treated, covariates, strata, seed=plan.design.seed)
    except NotIdentified:
        note = "No other allocation was possible, so nothing can be said from allocation alone."
        return Check("randomisation test", "info", None, alpha, "none", note)
    said = "all" if test.exact else "drawn"
    rests = f"{test.allocations:,} allocations ({said}{'' if test.exact else f', seed {plan.design.seed}'})"
    note = f"p = {test.p_value:.4f} over {rests}"
    apart = p_value is not None and (p_value < alpha) != (test.p_value < alpha)
    if apart:
        note += f"; the model's interval speaks otherwise (p = {p_value:.4f}): take neither for certain."
    else:
        note += ", that the programme changed nobody; it agrees with the model's interval."
    return Check("randomisation test", "warn" if apart else "info", test.p_value, alpha, "none", note)


def compliance_lines(
    frame: AnalysisFrame, plan: AnalysisPlan, outcome: PlannedOutcome, adjust: Adjust
) -> tuple[tuple[Check, ...], tuple[Sensitivity, ...]]:
    """Take-up in each arm with the strength of the first stage, and the effect on compliers as a companion."""
    known = frame.data["received"].is_not_null()
    part = replace(frame, data=frame.data.filter(known))
    lost = frame.data.height - part.data.height
    y, assigned = part.data["outcome"].to_numpy(), part.data["treated"].to_numpy()
    if min(assigned.sum(), len(assigned) - assigned.sum()) < 2:
        return (_unknown("What was taken up is known of too few people."),), ()
    covariates, _ = trial_covariates(part, "none" if adjust == "none" else "ancova")
    received = part.data["received"].to_numpy()
    alpha = plan.analysis.alpha
    levels = tuple(
        critical(1 - a, float(max(len(y) - 2 - covariates.shape[1], 1)), "t") for a in (alpha, 2 * alpha)
    )
    try:
        found = take_up(y, assigned, received, covariates, levels)
    except NotIdentified:
        return (
            _unknown(
                "Take-up does not differ between the arms: what taking it up does cannot be worked out."
            ),
        ), ()
    check = _first_stage(found, lost)
    if outcome.kind not in DIFFERENCES:
        return (check,), ()
    return (check,), (Sensitivity(TAKEN_UP, _complier(found, y, assigned, plan, outcome)),)


def _first_stage(found: TakeUp, lost: int) -> Check:
    with_, without = (100 * share for share in found.shares)
    said = (
        f"{with_:.1f} % of those offered the programme took it up, {without:.1f} % of the others; difference "
        f"{100 * found.difference:.1f} points (standard error {100 * found.std_error:.2f}), F {found.strength:.1f}"
    )
    tail = "; take-up is not known of some people, whom this leaves out" if lost else ""
    if found.difference < 0:
        note = f"{said}{tail}. Fewer took it up where it was offered: look at the columns."
        return Check("take-up", "fail", found.strength, WEAK, "none", note)
    if found.strength < WEAK:
        note = (
            f"{said}{tail}. Below {WEAK:g} the offer hardly moved take-up: the effect on those who took it up has an "
            "Anderson-Rubin interval, or none where that is unbounded."
        )
        return Check("take-up", "warn", found.strength, WEAK, "none", note)
    return Check("take-up", "pass", found.strength, WEAK, "none", f"{said}{tail}.")


def _unknown(note: str) -> Check:
    return Check("take-up", "warn", None, WEAK, "none", note)


def _complier(
    found: TakeUp, y: Array, assigned: Array, plan: AnalysisPlan, outcome: PlannedOutcome
) -> Estimate:
    """The effect on compliers, on the difference scale; its interval by Anderson and Rubin where the offer is weak."""
    means, arms, variances, _ = outcome_means(y, assigned)
    estimate = estimate_from(
        found.effect,
        estimand=CACE,
        effect=DIFFERENCES[outcome.kind],
        alpha=plan.analysis.alpha,
        distribution="t",
        arms=arms,
        means=means,
        spread=pooled_sd(arms[0], variances[0], arms[1], variances[1]),
        standardised=None,
    )
    if found.strength >= WEAK:
        return estimate
    wide, narrow = found.ends
    return replace(
        estimate,
        std_error=None,
        p_value=None,
        conf_low=wide[0] if wide else None,
        conf_high=wide[1] if wide else None,
        narrow_low=narrow[0] if narrow else None,
        narrow_high=narrow[1] if narrow else None,
    )
