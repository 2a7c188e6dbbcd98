"""Individually randomised: a difference between arms, alone or adjusted for what was known before.

Estimand: the average effect of being offered the programme (intention to treat): a difference of means or risks, or a
ratio of risks, odds or rates standardised over everybody. Risk differences come from the linear probability model,
which randomisation makes unbiased, unless a logistic one is asked for.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal, cast

import numpy as np
import polars as pl

from evaluation.balance import balance_rows
from evaluation.frame import AnalysisFrame
from evaluation.inference import Distribution
from evaluation.methods.nothing import no_estimate
from evaluation.methods.time_to_event import trial_times
from evaluation.model import BalanceRow, Check, MethodResult, Sensitivity
from evaluation.plan import AnalysisPlan, Design, PlannedOutcome
from evaluation.regression.event_checks import event_checks, exposure_check
from evaluation.regression.linear import Errors, Freedom, covariate_matrix
from evaluation.trials.companions import compliance_lines, randomisation_check
from evaluation.trials.model import Adjust, Approach, codes, trial_effect
from evaluation.trials.ordered_scales import level_checks, superiority_check
from workspace.toml_source import Section

FEWEST_CLUSTERS = 10
MANY_CLUSTERS = 40
RED_CLUSTERS = 8


@dataclass(frozen=True, slots=True)
class RandomisedSettings:
    """``adjust``: ancova, lin or none. ``errors``: variance estimator. ``interval``: reference distribution.

    ``df``: of an HC2 error. ``model``: of a yes-or-no outcome's difference. ``compliance``: the column of what was
    taken up. ``randomisation_p``: whether to test by allocation alone as well.
    """

    adjust: Adjust = "ancova"
    errors: Errors = "HC2"
    interval: Distribution = "t"
    df: Freedom = "satterthwaite"
    model: Literal["linear", "logistic"] = "linear"
    compliance: str = ""
    randomisation_p: bool = False


def read_settings(section: Section | None) -> RandomisedSettings:
    """Read [design.randomised]."""
    if section is None:
        return RandomisedSettings()
    settings = RandomisedSettings(
        cast(Adjust, section.text("adjust", "ancova", one_of=("ancova", "lin", "none"))),
        cast(Errors, section.text("errors", "HC2", one_of=("classical", "HC0", "HC1", "HC2", "HC3"))),
        cast(Distribution, section.text("interval", "t", one_of=("t", "normal"))),
        cast(Freedom, section.text("df", "satterthwaite", one_of=("satterthwaite", "residual"))),
        cast(Literal["linear", "logistic"], section.text("model", "linear", one_of=("linear", "logistic"))),
        section.text("compliance"),
        section.boolean("randomisation_p"),
    )
    if section.has("df") and settings.df == "satterthwaite" and settings.errors != "HC2":
        section.fault("LC406", "df", f"'satterthwaite' goes with HC2, not {settings.errors}", "Remove it.")
    section.finish()
    return settings


def check_design(design: Design, section: Section) -> None:
    """Keys of [design] this method cannot use."""
    if design.exact:
        section.fault(
            "LC406", "exact", "'exact' belongs to matching, not to a randomised design", "Remove it."
        )
    settings: RandomisedSettings | None = design.settings
    if settings and settings.randomisation_p and design.cluster:
        section.fault(
            "LC406",
            "cluster",
            "'randomisation_p' tests the allocation of people one by one, not of clusters",
            "Use cluster-randomised, or remove it.",
        )


def check_outcome(design: Design, outcome: PlannedOutcome) -> str:
    """What a setting cannot do with an outcome."""
    settings: RandomisedSettings | None = design.settings
    if settings is None:
        return ""
    if settings.adjust == "lin" and (outcome.is_ratio or settings.model == "logistic"):
        return f"adjust = \"lin\" goes with least squares, not with a model of '{outcome.effect}'"
    if settings.model == "logistic" and outcome.kind != "binary":
        return f"model = \"logistic\" is for yes-or-no outcomes; '{outcome.measure}' is {outcome.kind}"
    return ""


def describe(settings: RandomisedSettings, design: Design) -> tuple[tuple[str, str], ...]:
    """The settings in words, for the report."""
    strata = f", one intercept a stratum of '{design.strata}'" if design.strata else ""
    adjusted = {
        "ancova": f"adjusted for what was known before{strata}",
        "lin": f"adjusted for what was known before{strata}, each with its own slope in each arm (Lin)",
        "none": "difference of means",
    }[settings.adjust]
    if settings.model == "logistic":
        adjusted += "; logistic regression, standardised over everybody"
    errors = f"clustered by '{design.cluster}' (CR1)" if design.cluster else settings.errors
    satterthwaite = settings.df == "satterthwaite" and errors == "HC2" and settings.interval == "t"
    freedom = ", degrees of freedom by Satterthwaite" if satterthwaite else ""
    return (("Model", adjusted), ("Standard errors", errors + freedom), ("Interval", settings.interval))


def estimate_effect(frame: AnalysisFrame, plan: AnalysisPlan, outcome: PlannedOutcome) -> MethodResult:
    """Estimate the intention-to-treat effect on one outcome.

    Assumptions: allocation by chance, no interference, outcomes missing at random within what is adjusted for.
    Variance: HC2 by default with Satterthwaite degrees of freedom for differences (Welch's without covariates) and
    n - k for ratios, whose error is that of the log; CR1 with G - 1 when the plan names a cluster.
    Source: Neyman (1923); Freedman (2008); MacKinnon and White (1985); Bell and McCaffrey (2002); Lin (2013).
    """
    settings: RandomisedSettings = plan.design.settings
    if outcome.timing:
        return _times(frame, plan, outcome, settings)
    balance = _balance(frame)
    shared = (*_chance_imbalance(balance, frame), *_cluster_check(frame))
    ordered = outcome.kind == "ordinal"
    events = level_checks(frame, outcome) if ordered else event_checks(frame.data, outcome)
    if any(check.consequence == "block" for check in events):
        return MethodResult(no_estimate(frame, plan, outcome), (*events, *shared), balance)
    way = _approach(settings, outcome, "cluster" if plan.design.cluster else "")
    estimate, checks = trial_effect(frame, plan, outcome, way)
    ways = _other_ways(frame, plan, outcome, way)
    if outcome.kind == "count":
        checks = (*checks, *exposure_check(frame.data, outcome))
    if ordered:
        groups = codes(frame, way.by) if way.by else None
        checks = (*checks, superiority_check(frame, plan.analysis.alpha, groups))
    if settings.randomisation_p and not frame.bare:
        p = estimate.p_value
        checks = (*checks, randomisation_check(frame, plan, outcome, settings.adjust, p))
    if settings.compliance and not frame.bare:
        taken, companions = compliance_lines(frame, plan, outcome, settings.adjust)
        checks, ways = (*checks, *taken), (*ways, *companions)
    return MethodResult(estimate, (*events, *checks, *shared), balance, ways)


def _times(
    frame: AnalysisFrame, plan: AnalysisPlan, outcome: PlannedOutcome, settings: RandomisedSettings
) -> MethodResult:
    adjust = settings.adjust != "none"
    found = trial_times(frame, plan, outcome, adjust=adjust, errors=settings.errors)
    balance = _balance(frame)
    checks = (*found.checks, *_chance_imbalance(balance, frame), *_cluster_check(frame))
    return replace(found, checks=checks, balance=balance)


def _approach(settings: RandomisedSettings, outcome: PlannedOutcome, by: str) -> Approach:
    logistic = settings.model == "logistic" and outcome.kind == "binary"
    return Approach(settings.adjust, settings.errors, settings.df, settings.interval, logistic, by=by)


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
    frame: AnalysisFrame, plan: AnalysisPlan, outcome: PlannedOutcome, way: Approach
) -> tuple[Sensitivity, ...]:
    """The same question without adjustment, with another model, and with errors that allow for likeness in strata."""
    if frame.bare:
        return ()
    turned: list[tuple[str, Approach]] = []
    strata = "strata" in frame.data.columns
    steps: tuple[tuple[str, PlannedOutcome, Approach], ...] = ()
    if outcome.kind == "ordinal" and outcome.is_ratio:
        steps = (("average steps apart", replace(outcome, effect="difference"), way),)
    if way.adjust != "none" and (frame.covariates or strata):
        name = "not adjusted" if outcome.is_ratio else "difference of means, not adjusted"
        turned.append((name, replace(way, adjust="none", logistic=False)))
    if outcome.kind == "count":
        turned.append(("negative binomial", replace(way, family="negative-binomial")))
    if strata and not way.by and frame.data["strata"].n_unique() >= FEWEST_CLUSTERS:
        turned.append((f"errors clustered by {plan.design.strata}", replace(way, by="strata")))
    asked = (*steps, *((name, outcome, other) for name, other in turned))
    return tuple(Sensitivity(name, trial_effect(frame, plan, what, other)[0]) for name, what, other in asked)
