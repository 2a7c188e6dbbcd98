"""The effect on an ordered scale in a trial: one odds ratio for every cut, and what stands beside it (pure)."""

from __future__ import annotations

import math

import numpy as np

from evaluation.frame import AnalysisFrame
from evaluation.inference import critical
from evaluation.model import Check
from evaluation.plan import PlannedOutcome
from evaluation.regression.linear import Array, Errors, Fit, NotIdentified
from evaluation.regression.ratios import prepare
from evaluation.trials.ordinal import Codes, SameAtEveryCut, fit_ordered, same_at_every_cut, superiority

MOST_STEPS = 50
LOGISTIC_SD = math.pi / math.sqrt(3)  # of the hidden scale behind the model: one SD in log odds
FEWEST_ON_A_STEP = 5


def ordered_fit(
    y: Array,
    treated: Array,
    covariates: Array,
    names: tuple[str, ...],
    errors: Errors,
    clusters: Codes | None,
) -> tuple[Fit, tuple[Check, ...]]:
    """The log of the common odds ratio of standing higher, and the test of its being common.

    Raises NotIdentified where there is one step only or more than 50, Separation where the model has no answer.
    """
    levels = np.unique(y, return_inverse=True)[1].astype(np.int64)
    count = int(levels.max()) + 1
    prepared = prepare(treated, covariates, names)
    design = np.ascontiguousarray(prepared.design[:, 1:])
    n, k = design.shape
    groups = None if clusters is None else int(clusters.max()) + 1
    if not 2 <= count <= MOST_STEPS or n <= k + count - 1 or groups == 1:
        raise NotIdentified
    model = fit_ordered(levels, design)
    error = math.sqrt(max(float(model.covariance(errors, clusters)[-1, -1]), 0.0))
    df = float(n - k - count + 1 if groups is None else groups - 1)
    fit = Fit(float(model.beta[-1]), error, df, groups, prepared.dropped, 0.0)
    return fit, (_proportional(same_at_every_cut(levels, design), count),)


def _proportional(test: SameAtEveryCut | None, count: int) -> Check:
    name = "proportional odds"
    if count == 2:
        return Check(
            name, "info", None, None, "none", "Two steps were seen: there is one cut, and nothing to test."
        )
    if test is None:
        note = "Whether the odds ratio is the same at every cut could not be tested: too few people stand beyond them."
        return Check(name, "warn", None, 0.05, "downgrade", note)
    ratios = ", ".join(f"{math.exp(value):.2f}" for value in test.at_cuts)
    said = f"odds ratios at the cuts, lowest first: {ratios}"
    if test.p_value < 0.05:
        note = (
            f"The programme does not move every cut of the scale alike ({said}; Brant test p = {test.p_value:.3f}): "
            "the one odds ratio is an average of them. Read the average steps and the probability beside it."
        )
        return Check(name, "warn", test.p_value, 0.05, "downgrade", note)
    found = f"{said}; Brant test p = {test.p_value:.3f}"
    note = f"No evidence that the programme moves some cuts more than others ({found})."
    return Check(name, "pass", test.p_value, 0.05, "none", note)


def level_checks(frame: AnalysisFrame, outcome: PlannedOutcome) -> tuple[Check, ...]:
    """Steps that hardly anyone stands on; a scale with one step, or too many, has no odds ratio."""
    if not outcome.is_ratio:
        note = (
            "The steps of this ordered scale are taken as equally far apart: the effect is a difference of average "
            'steps. effect = "odds-ratio" rests on their order alone.'
        )
        return (Check("ordered scale", "info", None, None, "none", note),)
    y, treated = frame.data["outcome"].to_numpy(), frame.data["treated"].to_numpy()
    steps = np.unique(y)
    if not 2 <= len(steps) <= MOST_STEPS:
        what = (
            "Everybody stands on one step"
            if len(steps) < 2
            else f"The scale has more than {MOST_STEPS} steps"
        )
        note = f"{what}: no odds ratio can be had. Plan a difference instead."
        return (Check("ordered scale", "fail", float(len(steps)), MOST_STEPS, "block", note),)
    counts = np.array([[(y[treated == arm] == step).sum() for step in steps] for arm in (1, 0)])
    empty = int((counts == 0).any(axis=0).sum())
    rare = int((counts.sum(axis=0) < FEWEST_ON_A_STEP).sum())
    said = f"{len(steps)} steps were seen; their order alone counts"
    if empty or rare:
        note = f"{said}. {empty} of them are empty in an arm, on {rare} fewer than {FEWEST_ON_A_STEP} people stand."
        return (Check("ordered scale", "info", float(len(steps)), MOST_STEPS, "none", note),)
    return (Check("ordered scale", "pass", float(len(steps)), MOST_STEPS, "none", f"{said}."),)


def superiority_check(frame: AnalysisFrame, alpha: float, clusters: Codes | None) -> Check:
    """How often somebody with the programme stands higher than somebody without: needs no model, and no distances."""
    y, treated = frame.data["outcome"].to_numpy(), frame.data["treated"].to_numpy()
    found = superiority(y, treated, clusters)
    half = critical(1 - alpha, None, "normal") * found.std_error
    low, high = (100 * min(max(end, 0.0), 1.0) for end in (found.value - half, found.value + half))
    note = (
        f"Of a person with the programme and one without, drawn at random, the first stands higher "
        f"{100 * found.value:.1f} times in a hundred ({low:.1f} to {high:.1f}; ties count half; not adjusted)."
    )
    return Check("probability of superiority", "info", found.value, 0.5, "none", note)
