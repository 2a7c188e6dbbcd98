"""What is said where nothing can be estimated: people and means; and of keys and outcomes a method cannot have."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from evaluation.frame import AnalysisFrame
from evaluation.model import Estimate
from evaluation.plan import AnalysisPlan, Design, PlannedOutcome
from evaluation.regression.linear import Array
from workspace.toml_source import Section


def refuse_unused(
    design: Design, section: Section, name: str, keys: Iterable[str], hint: str = "Remove it.", **hints: str
) -> None:
    """A fault for each key of [design] that is named and that method ``name`` has no use for; ``hints`` by key."""
    for key in keys:
        if getattr(design, key):
            section.fault("LC406", key, f"'{key}' is not used by {name}", hints.get(key, hint))


def anything(design: Design, outcome: PlannedOutcome) -> str:
    """No fault: the method estimates whatever goes with its kinds of outcome."""
    return ""


def outcome_means(
    y: Array, treated: Array
) -> tuple[tuple[float, float], tuple[int, int], tuple[float, float], tuple[int, int]]:
    """Means, sizes, variances and sums (events, for a binary outcome) of the two arms, treated first."""
    one, zero = y[treated == 1], y[treated == 0]
    return (
        (float(one.mean()), float(zero.mean())),
        (len(one), len(zero)),
        (float(one.var(ddof=1)) if len(one) > 1 else 0.0, float(zero.var(ddof=1)) if len(zero) > 1 else 0.0),
        (round(float(one.sum())), round(float(zero.sum()))),
    )


def no_estimate(
    frame: AnalysisFrame, plan: AnalysisPlan, outcome: PlannedOutcome, estimand: str = "ITT"
) -> Estimate:
    """An estimate without a number: people and means only."""
    data = frame.data
    one, zero = data.filter(data["treated"] == 1)["outcome"], data.filter(data["treated"] == 0)["outcome"]
    means = [float(str(s.mean())) if s.len() else None for s in (one, zero)]
    return Estimate(
        estimand,
        outcome.effect,
        None,
        None,
        None,
        None,
        1 - plan.analysis.alpha,
        None,
        None,
        one.len(),
        zero.len(),
        None,
        means[0],
        means[1],
    )


def without_inference(estimate: Estimate) -> Estimate:
    """Take the inference off an estimate that too few people bear; means and counts stay."""
    return replace(
        estimate,
        value=None,
        std_error=None,
        conf_low=None,
        conf_high=None,
        p_value=None,
        df=None,
        narrow_low=None,
        narrow_high=None,
        standardised=None,
    )
