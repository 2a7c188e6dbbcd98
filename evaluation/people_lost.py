"""What people lost could do to an answer: the boundary, the bias in the outcome's own unit, what follows (pure).

Source of boundary and model: What Works Clearinghouse standards handbook, table II.1; Deke and Chiang. That
clearinghouse does not ask quasi-experiments for their attrition but for groups that are alike among those analysed, so
the model speaks of designs in which chance decided; a trial that lost too many is asked the same as they are.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import polars as pl

from cohorts.following.attrition import attrition_class, worst_bias
from evaluation.balance import balance_rows, baseline_check
from evaluation.figures import FactTable
from evaluation.frame import AnalysisFrame
from evaluation.model import RATIOS, Check, Effect, Estimate
from evaluation.plan import PlannedOutcome

BIAS = "attrition bias"
EQUAL = "baseline equivalence"
DECIDING, NOTED = 1.0, 0.5  # implied bias over the difference that matters: trust goes down; is noted
MOST_LOST, SOME_LOST = 0.50, 0.70  # analysed, of all the plan is about: caps security below; is noted below
FEWEST_LOST = 30  # people lost of whom means are shown
WHO_WAS_LOST = "who was lost"


def loss_checks(
    frame: AnalysisFrame, estimate: Estimate, outcome: PlannedOutcome, *, by_chance: bool, adjusted: bool
) -> tuple[Check, ...]:
    """The boundary; of trials the implied bias too, and beyond the boundary whether those left were alike before."""
    boundary = _boundary(frame)
    if not by_chance:
        return (boundary,)
    bias = bias_check(frame, estimate, outcome)
    equal = (_alike(frame, adjusted=adjusted),) if beyond_boundary(frame) else ()
    return (boundary, *((bias,) if bias else ()), *equal)


def beyond_boundary(frame: AnalysisFrame) -> bool:
    """Say whether people, or clusters, were lost beyond the optimistic boundary."""
    arms = [arms for arms in (frame.arms, frame.cluster_arms) if arms is not None and arms.treated]
    return any(attrition_class(arm.overall, arm.differential) == "high" for arm in arms)


def _boundary(frame: AnalysisFrame) -> Check:
    arms = frame.arms
    found = attrition_class(arms.overall, arms.differential)
    said = f"Overall {100 * arms.overall:.1f} %, {100 * arms.differential:.1f} points apart between the arms"
    if found == "low":
        note = f"{said}: low by the cautious boundary."
        return Check("attrition", "pass", arms.differential, None, "none", note)
    if found == "optimistic":
        note = f"{said}: low only by the optimistic boundary."
        return Check("attrition", "warn", arms.differential, None, "downgrade", note)
    note = f"{said}: high by either boundary."
    return Check("attrition", "fail", arms.differential, None, "downgrade", note)


def bias_check(frame: AnalysisFrame, estimate: Estimate, outcome: PlannedOutcome) -> Check | None:
    """The largest bias that the cautious model lets people lost cause, against the difference that matters.

    In SDs of the outcome (Deke and Chiang) times the outcome's SD: in its own unit, of shares that of 0 and 1, of
    ratios the SD on the log scale, near the comparison's mean. Times to an event have a check of their own, of time
    lost; where nobody of an arm is left there is nothing to be biased.
    """
    arms, spread = frame.arms, estimate.outcome_sd
    shares = arms.treated_share, arms.comparison_share
    if outcome.timing or not spread or estimate.value is None or max(shares) >= 1:
        return None
    bias, margin = worst_bias(*shares) * spread, outcome.minimum_important_difference
    told = Told(outcome.effect, outcome.unit, margin)
    note = bias_words(bias, told)
    if not bias:
        return Check(BIAS, "pass", 0.0, margin, "none", note)
    if margin is None:
        return Check(BIAS, "info", bias, None, "none", note)
    limit = abs(math.log(margin)) if outcome.is_ratio else margin
    if bias >= DECIDING * limit:
        return Check(BIAS, "fail", bias, limit, "downgrade", note)
    return Check(BIAS, "warn" if bias >= NOTED * limit else "pass", bias, limit, "none", note)


@dataclass(frozen=True, slots=True)
class Told:
    """What a bias is told in: the effect's scale, the outcome's unit, the difference that matters."""

    effect: Effect
    unit: str
    margin: float | None


def bias_words(bias: float, told: Told) -> str:
    """What people lost could account for, to two digits: more would tell how many were lost."""
    if not bias:
        return "Nobody was lost, so nobody lost can account for any of it."
    said = f"People lost could alone account for {_size(bias, told)}"
    if told.margin is None:
        return f"{said}; no difference that matters was set."
    margin = f"{100 * told.margin:.3g}" if told.effect == "risk-difference" else f"{told.margin:.3g}"
    return f"{said}; the difference that matters is {margin}."


def _size(bias: float, told: Told) -> str:
    if told.effect in RATIOS:
        return f"a ratio of up to {_two(math.exp(bias))} (or down to {_two(math.exp(-bias))})"
    if told.effect == "risk-difference":
        return f"up to {_two(100 * bias)} in every 100"
    return f"up to {_two(bias)}{f' {told.unit}' if told.unit else ''}"


def _two(value: float) -> str:
    """Two digits; of a ratio near 1 two decimals."""
    return f"{value:.2f}" if 0.1 <= value < 2 else f"{float(f'{value:.2g}'):g}"


def _alike(frame: AnalysisFrame, *, adjusted: bool) -> Check:
    """Beyond the boundary a trial is judged as a comparison: those analysed must have been alike before."""
    if not frame.baseline:
        note = (
            "So many were lost that chance no longer vouches for those left, and the plan names no outcome before the "
            "programme (baseline) to show that they were alike."
        )
        return Check(EQUAL, "fail", None, None, "downgrade", note)
    values = frame.data[f"x:{frame.baseline}"]
    if frame.data["treated"].n_unique() < 2:
        note = "In one arm nobody is left, so equivalence cannot be judged."
        return Check(EQUAL, "fail", None, None, "downgrade", note)
    if not values.dtype.is_numeric() or values.null_count():
        note = f"The baseline '{frame.baseline}' is no number for everybody, so equivalence cannot be judged."
        return Check(EQUAL, "fail", None, None, "downgrade", note)
    column = values.cast(pl.Float64).to_numpy().reshape(-1, 1)
    treated = frame.data["treated"].to_numpy()
    (row,) = balance_rows(column, (frame.baseline,), treated, scale="both")
    return baseline_check(row.smd_before, frame.baseline, adjusted=adjusted)


def funnel_check(due: pl.DataFrame, estimate: Estimate, *, by_chance: bool) -> Check | None:
    """People analysed as a share of all the plan is about: of the treated, and where chance decided of both arms.

    ``due``: everybody whom the plan's rule takes and whose arm is known, with ``treated``. Whoever was not ripe, not
    seen, not known well enough or not comparable is lost on the way.
    """
    treated = int(due["treated"].sum() or 0)
    whole, kept = (due.height, estimate.n) if by_chance else (treated, estimate.n_treated)
    if not whole:
        return None
    share = min(kept / whole, 1.0)
    who = "people" if by_chance else "those treated"
    said = f"{100 * share:.0f} % of {who} the plan is about were analysed"
    if share < MOST_LOST:
        note = f"{said}: the answer is about those left, and trust goes no higher than 2."
        return Check("funnel", "fail", share, MOST_LOST, "downgrade", note)
    if share < SOME_LOST:
        note = f"{said}: look at who was lost, and where."
        return Check("funnel", "warn", share, SOME_LOST, "none", note)
    return Check("funnel", "pass", share, SOME_LOST, "none", f"{said}.")


def who_was_lost(due: pl.DataFrame, frame: AnalysisFrame) -> tuple[FactTable, ...]:
    """How those with outcome and covariates differ from all who were due, covariate by covariate, in SDs of all.

    Nothing where fewer than 30 were lost: their means would be told.
    """
    seen = due["participant"].is_in(frame.data["participant"].implode())
    if due.height - int(seen.sum()) < FEWEST_LOST:
        return ()
    rows: list[tuple[str | float | None, ...]] = []
    for name in frame.covariates:
        if name not in due.columns or not due[name].dtype.is_numeric():
            continue
        whole, kept = (
            due[name].cast(pl.Float64).drop_nulls(),
            due.filter(seen)[name].cast(pl.Float64).drop_nulls(),
        )
        spread, all_mean, kept_mean = whole.std(), whole.mean(), kept.mean()
        if (
            isinstance(spread, float)
            and spread > 0
            and isinstance(all_mean, float)
            and isinstance(kept_mean, float)
        ):
            rows.append((name, round((kept_mean - all_mean) / spread, 2)))
    if not rows:
        return ()
    note = "A difference beyond 0.10 says that the answer is about other people than those the plan set out with."
    columns = ("Known before", "Those analysed less all who were due (SD)")
    return (FactTable(WHO_WAS_LOST, "Who was lost on the way", columns, tuple(rows), note),)
