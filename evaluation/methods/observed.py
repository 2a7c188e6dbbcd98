"""What methods for observed (not allocated) comparisons share: dressing a difference of means, baseline, overlap."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import polars as pl

from evaluation.balance import baseline_check
from evaluation.frame import AnalysisFrame
from evaluation.inference import Distribution, estimate_from, hedges_g, pooled_sd
from evaluation.methods.nothing import outcome_means
from evaluation.model import BalanceRow, Check, Estimate
from evaluation.plan import AnalysisPlan, PlannedOutcome
from evaluation.regression.linear import Fit
from evaluation.regression.ratios import log_spread

Array = npt.NDArray[np.float64]
Codes = npt.NDArray[np.int64]
FEWEST_FOR_AN_INTERVAL, FEWEST_CLUSTERS = 3, 10  # in an arm; in all


def cluster_codes(frame: AnalysisFrame) -> Codes | None:
    """Clusters as numbers, where the plan names them."""
    if "cluster" not in frame.data.columns:
        return None
    return np.unique(frame.data["cluster"].to_numpy(), return_inverse=True)[1].astype(np.int64)


def cluster_check(frame: AnalysisFrame) -> tuple[Check, ...]:
    """Clusters in the arm that has fewest: with one or two, errors summed within clusters mean nothing."""
    if "cluster" not in frame.data.columns:
        return ()
    counts = frame.data.group_by("treated").agg(pl.col("cluster").n_unique().alias("n"))["n"].to_list()
    fewest = float(min(counts))
    if fewest < FEWEST_FOR_AN_INTERVAL:
        note = (
            "Fewer than three clusters in an arm: no interval can be trusted. Look for people in more clusters, or "
            "name smaller ones."
        )
        return (Check("clusters", "fail", fewest, FEWEST_FOR_AN_INTERVAL, "block", note),)
    total = frame.data["cluster"].n_unique()
    if total < FEWEST_CLUSTERS:
        note = f"{total} clusters are too few for these errors."
        return (Check("clusters", "fail", float(total), FEWEST_CLUSTERS, "downgrade", note),)
    return (Check("clusters", "pass", float(total), FEWEST_CLUSTERS, "none", f"{total} clusters."),)


def error_of(influence: Array, clusters: Codes | None) -> float:
    """Standard error of a sum of influences; with clusters summed within each first, times G/(G-1)."""
    if clusters is None:
        return float(np.sqrt((influence * influence).sum()))
    sums = np.bincount(clusters, weights=influence)
    return float(np.sqrt(len(sums) / max(len(sums) - 1, 1) * (sums * sums).sum()))


def dressed(
    frame: AnalysisFrame,
    plan: AnalysisPlan,
    outcome: PlannedOutcome,
    *,
    value: float,
    means: tuple[float, float],
    error: float,
    parameters: int,
    clusters: Codes | None,
    kept: npt.NDArray[np.bool_],
    worth: int,
    interval: Distribution,
) -> Estimate:
    """An estimate from a difference and its error.

    ``parameters`` are taken from the degrees of freedom, ``worth`` is how many people the comparison is worth (for
    Hedges' g), ``kept`` says who took part. With clusters the distribution is t with G - 1.
    """
    y, treated = frame.data["outcome"].to_numpy()[kept], frame.data["treated"].to_numpy()[kept]
    _, arms, variances, _ = outcome_means(y, treated)
    spread = pooled_sd(arms[0], variances[0], arms[1], variances[1]) if sum(arms) > 3 else 0.0
    count = int(clusters.max()) + 1 if clusters is not None else None
    df = float(count - 1 if count else sum(arms) - parameters)
    fit = Fit(value, error if df > 0 else 0.0, max(df, 1.0), count, (), 0.0)
    by_sd = outcome.kind != "binary" and not outcome.is_ratio
    standardised = None if not by_sd else hedges_g(fit, spread, worth, plan.analysis.alpha)
    return estimate_from(
        fit,
        estimand=plan.design.estimand,
        effect=outcome.effect,
        alpha=plan.analysis.alpha,
        distribution="t" if count else interval,
        arms=arms,
        means=means,
        spread=log_spread(outcome.effect, means[1], spread) if outcome.is_ratio else spread,
        standardised=standardised,
    )


def baseline_reading(
    frame: AnalysisFrame, balance: tuple[BalanceRow, ...], *, adjusted: bool
) -> tuple[Check, ...]:
    """Baseline equivalence after the design did its work, where the plan names the outcome's baseline."""
    if not frame.baseline:
        return ()
    row = next((row for row in balance if row.covariate == frame.baseline), None)
    return (baseline_check(row.smd_after if row else None, frame.baseline, adjusted=adjusted),)
