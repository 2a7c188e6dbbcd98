"""Individually randomised: a difference between arms, alone or adjusted for what was known before.

Estimand: the average effect of being offered the programme (intention to treat), on the difference scale; for
a binary outcome a risk difference from the linear probability model, which randomisation makes unbiased.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal, cast

import numpy as np
import polars as pl

from evaluation.balance import balance_rows
from evaluation.frame import AnalysisFrame
from evaluation.inference import Distribution, cox_index, estimate_from, hedges_g, pooled_sd
from evaluation.linear import Array, Errors, NotIdentified, covariate_matrix, treatment_effect
from evaluation.methods.nothing import no_estimate, outcome_means
from evaluation.methods.time_to_event import trial_times
from evaluation.model import BalanceRow, Check, Estimate, MethodResult, Sensitivity
from evaluation.plan import AnalysisPlan, Design, PlannedOutcome
from workspace.toml_source import Section

FEWEST_CLUSTERS = 10
MANY_CLUSTERS = 40
RED_CLUSTERS = 8


@dataclass(frozen=True, slots=True)
class RandomisedSettings:
    """``adjust``: ancova or none. ``errors``: variance estimator. ``interval``: reference distribution."""

    adjust: Literal["ancova", "none"] = "ancova"
    errors: Errors = "HC2"
    interval: Distribution = "t"


def read_settings(section: Section | None) -> RandomisedSettings:
    """Read [design.randomised]."""
    if section is None:
        return RandomisedSettings()
    settings = RandomisedSettings(
        cast(Literal["ancova", "none"], section.text("adjust", "ancova", one_of=("ancova", "none"))),
        cast(Errors, section.text("errors", "HC2", one_of=("classical", "HC0", "HC1", "HC2", "HC3"))),
        cast(Distribution, section.text("interval", "t", one_of=("t", "normal"))),
    )
    for key in ("compliance", "randomisation_p"):
        if section.has(key):
            section.fault("LC406", key, f"'{key}' is not in this version", "Remove it.")
    section.finish()
    return settings


def check_design(design: Design, section: Section) -> None:
    """Keys of [design] this method cannot use."""
    if design.exact:
        section.fault(
            "LC406", "exact", "'exact' belongs to matching, not to a randomised design", "Remove it."
        )


def describe(settings: RandomisedSettings, design: Design) -> tuple[tuple[str, str], ...]:
    """The settings in words, for the report."""
    strata = f", one intercept a stratum of '{design.strata}'" if design.strata else ""
    adjusted = (
        f"adjusted for what was known before{strata}"
        if settings.adjust == "ancova"
        else "difference of means"
    )
    errors = f"clustered by '{design.cluster}' (CR1)" if design.cluster else settings.errors
    return (("Model", adjusted), ("Standard errors", errors), ("Interval", settings.interval))


def estimate_effect(frame: AnalysisFrame, plan: AnalysisPlan, outcome: PlannedOutcome) -> MethodResult:
    """Estimate the intention-to-treat effect on one outcome.

    Assumptions: allocation by chance, no interference, outcomes missing at random within what is adjusted for.
    Variance: HC2 by default with n - k degrees of freedom (conservative under a superpopulation and exact for
    the Neyman variance without covariates); CR1 with G - 1 when the plan names a cluster.
    Source: Neyman (1923); Freedman (2008); MacKinnon and White (1985).
    """
    settings: RandomisedSettings = plan.design.settings
    if outcome.timing:
        return _times(frame, plan, outcome, settings)
    estimate, checks = _fit(frame, plan, outcome, settings, clustered=bool(plan.design.cluster))
    balance = _balance(frame)
    return MethodResult(
        estimate,
        (*checks, *_chance_imbalance(balance, frame), *_cluster_check(frame)),
        balance,
        _other_ways(frame, plan, outcome, settings),
    )


def _times(
    frame: AnalysisFrame, plan: AnalysisPlan, outcome: PlannedOutcome, settings: RandomisedSettings
) -> MethodResult:
    adjust = settings.adjust == "ancova"
    found = trial_times(frame, plan, outcome, adjust=adjust, errors=settings.errors)
    balance = _balance(frame)
    checks = (*found.checks, *_chance_imbalance(balance, frame), *_cluster_check(frame))
    return replace(found, checks=checks, balance=balance)


def _fit(
    frame: AnalysisFrame,
    plan: AnalysisPlan,
    outcome: PlannedOutcome,
    settings: RandomisedSettings,
    *,
    clustered: bool,
    by: str = "cluster",
) -> tuple[Estimate, tuple[Check, ...]]:
    data = frame.data
    y, treated = data["outcome"].to_numpy(), data["treated"].to_numpy()
    covariates, names = _adjusters(frame, settings)
    groups = (_codes(data[by]),) if clustered else ()
    try:
        fit = treatment_effect(y, treated, covariates, names, errors=settings.errors, clusters=groups)
    except NotIdentified:
        note = (
            "The covariates leave nothing of the treatment to be estimated: an arm is "
            "empty or is one of the covariates."
        )
        return no_estimate(frame, plan, outcome), (
            Check("identification", "fail", None, None, "block", note),
        )
    means, arms, variances, events = outcome_means(y, treated)
    spread = pooled_sd(arms[0], variances[0], arms[1], variances[1])
    if outcome.kind == "binary":
        standardised = cox_index(events, arms, plan.analysis.alpha)
    else:
        standardised = hedges_g(fit, spread, len(y), plan.analysis.alpha)
    estimate = estimate_from(
        fit,
        estimand="ITT",
        effect=outcome.effect,
        alpha=plan.analysis.alpha,
        distribution=settings.interval,
        arms=arms,
        means=means,
        spread=spread,
        standardised=standardised,
    )
    return estimate, _dropped(fit.dropped)


def _adjusters(frame: AnalysisFrame, settings: RandomisedSettings) -> tuple[Array, tuple[str, ...]]:
    if settings.adjust == "none":
        return np.empty((frame.data.height, 0)), ()
    names = tuple(f"x:{name}" for name in frame.covariates)
    if "strata" in frame.data.columns:
        names = (*names, "strata")
    return covariate_matrix(frame.data, names)


def _codes(labels: pl.Series) -> np.typing.NDArray[np.int64]:
    return np.unique(labels.to_numpy(), return_inverse=True)[1].astype(np.int64)


def _dropped(names: tuple[str, ...]) -> tuple[Check, ...]:
    if not names:
        return ()
    shown = ", ".join(name.removeprefix("x:") for name in names[:5])
    return (
        Check(
            "covariates",
            "info",
            float(len(names)),
            None,
            "none",
            f"Left out because they add nothing to the others: {shown}.",
        ),
    )


def _balance(frame: AnalysisFrame) -> tuple[BalanceRow, ...]:
    values, names = covariate_matrix(
        frame.data, tuple(f"x:{name}" for name in frame.covariates), every_level=True
    )
    treated = frame.data["treated"].to_numpy()
    if not names or min(treated.sum(), (1 - treated).sum()) < 2:
        return ()
    return balance_rows(values, tuple(n.removeprefix("x:") for n in names), treated, scale="both")


def _chance_imbalance(rows: tuple[BalanceRow, ...], frame: AnalysisFrame) -> tuple[Check, ...]:
    """Chance alone makes arms differ; an imbalance is shown beside what chance would do, and fails nothing."""
    readings = [abs(row.smd_before) for row in rows if row.smd_before is not None]
    if not readings:
        return ()
    from scipy.special import ndtr

    treated = float(frame.data["treated"].sum())
    error = float(np.sqrt(1 / treated + 1 / (frame.data.height - treated)))
    share = 2 * (1 - float(ndtr(0.10 / error)))
    beyond = sum(reading > 0.10 for reading in readings)
    note = (
        f"{beyond} of {len(readings)} baseline differences are beyond 0.10 SD; "
        "with this many people chance alone "
        f"puts each one there {100 * share:.0f} times in a hundred."
    )
    return (Check("chance imbalance", "info", max(readings), 0.10, "none", note),)


def _cluster_check(frame: AnalysisFrame) -> tuple[Check, ...]:
    """Clusters in the arm that has fewest, against the limits of the gates table; under eight in all is a red flag."""
    if "cluster" not in frame.data.columns:
        return ()
    counts = frame.data.group_by("treated").agg(pl.col("cluster").n_unique().alias("n"))["n"].to_list()
    fewest, total = float(min(counts)), frame.data["cluster"].n_unique()
    if fewest < 3:
        note = "Fewer than three clusters in an arm: no interval can be trusted."
        return (Check("clusters", "fail", fewest, 3, "block", note),)
    if total < RED_CLUSTERS:
        note = "Fewer than eight clusters in all: this interval hardly deserves trust."
        return (Check("clusters", "fail", fewest, FEWEST_CLUSTERS, "downgrade", note),)
    if fewest < FEWEST_CLUSTERS:
        note = "Fewer than ten clusters in an arm: intervals are likely to be too narrow."
        return (Check("clusters", "warn", fewest, FEWEST_CLUSTERS, "downgrade", note),)
    if fewest < MANY_CLUSTERS:
        note = "With fewer than forty clusters an arm these intervals can be somewhat too narrow."
        return (Check("clusters", "warn", fewest, MANY_CLUSTERS, "none", note),)
    return (Check("clusters", "pass", fewest, FEWEST_CLUSTERS, "none", "Enough clusters in each arm."),)


def _other_ways(
    frame: AnalysisFrame, plan: AnalysisPlan, outcome: PlannedOutcome, settings: RandomisedSettings
) -> tuple[Sensitivity, ...]:
    """The same question without adjustment, and with errors that allow for likeness within strata."""
    ways: list[Sensitivity] = []
    clustered = bool(plan.design.cluster)
    if settings.adjust == "ancova" and (frame.covariates or "strata" in frame.data.columns):
        plain = RandomisedSettings("none", settings.errors, settings.interval)
        ways.append(
            Sensitivity(
                "difference of means, not adjusted", _fit(frame, plan, outcome, plain, clustered=clustered)[0]
            )
        )
    if (
        "strata" in frame.data.columns
        and not clustered
        and frame.data["strata"].n_unique() >= FEWEST_CLUSTERS
    ):
        name = f"errors clustered by {plan.design.strata}"
        ways.append(Sensitivity(name, _fit(frame, plan, outcome, settings, clustered=True, by="strata")[0]))
    return tuple(ways)
