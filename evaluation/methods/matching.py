"""Matching on the propensity score, then regression on the matched people.

Estimand: the average effect on those treated who found a match (ATT; named otherwise when many did not).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal, cast

import numpy as np
import numpy.typing as npt

from evaluation.balance import balance_check, balance_rows, baseline_check
from evaluation.frame import AnalysisFrame
from evaluation.inference import Distribution, cox_index, estimate_from, hedges_g, pooled_sd
from evaluation.linear import Array, NotIdentified, covariate_matrix, treatment_effect
from evaluation.methods.nothing import no_estimate, outcome_means
from evaluation.methods.time_to_event import compare_times, matched_times
from evaluation.model import BalanceRow, Check, Estimate, FlowStep, MethodResult, Sensitivity
from evaluation.nearest import Rows, match_pairs
from evaluation.plan import AnalysisPlan, Design, PlannedOutcome
from evaluation.propensity import Separation, logit_score
from evaluation.watched import Watched
from workspace.toml_source import Section

MOST_KEPT, FEWEST_KEPT = 0.90, 0.70


@dataclass(frozen=True, slots=True)
class MatchingSettings:
    """``caliper`` is in SD of the logit score over everyone; 0 means none. ``distance``: logit or probability."""

    ratio: int = 1
    caliper: float = 0.2
    replace: bool = False
    distance: Literal["logit", "probability"] = "logit"
    adjust: Literal["regression", "none"] = "regression"
    order: Literal["largest", "smallest"] = "largest"
    interval: Distribution = "t"


def read_settings(section: Section | None) -> MatchingSettings:
    """Read [design.matching]."""
    if section is None:
        return MatchingSettings()
    settings = MatchingSettings(
        section.integer("ratio", 1, low=1) or 1,
        cast(float, section.number("caliper", 0.2, low=0)),
        section.boolean("replace"),
        cast(
            Literal["logit", "probability"],
            section.text("distance", "logit", one_of=("logit", "probability")),
        ),
        cast(
            Literal["regression", "none"], section.text("adjust", "regression", one_of=("regression", "none"))
        ),
        cast(
            Literal["largest", "smallest"], section.text("order", "largest", one_of=("largest", "smallest"))
        ),
        cast(Distribution, section.text("interval", "t", one_of=("t", "normal"))),
    )
    section.finish()
    return settings


def check_design(design: Design, section: Section) -> None:
    """Keys of [design] this method needs or cannot use."""
    if not design.covariates:
        section.fault(
            "LC402", "", "matching needs covariates", 'Add covariates = ["…"]: what decided who was treated.'
        )
    for key, value in (("cluster", design.cluster), ("strata", design.strata)):
        if value:
            section.fault(
                "LC406",
                key,
                f"'{key}' is not used by matching in this version",
                "Remove it; use exact to match within groups.",
            )


def describe(settings: MatchingSettings, design: Design) -> tuple[tuple[str, str], ...]:
    """The settings in words, for the report."""
    caliper = (
        f"within {settings.caliper:g} SD of the logit score" if settings.caliper else "without a caliper"
    )
    exact = f", exactly alike on {', '.join(design.exact)}" if design.exact else ""
    reuse = "with" if settings.replace else "without"
    adjusted = "regression on the covariates" if settings.adjust == "regression" else "difference of means"
    return (
        ("Score", f"logistic regression without penalty, compared on the {settings.distance} scale"),
        (
            "Matching",
            (
                f"{settings.ratio} nearest, {caliper}{exact}, {reuse} replacement; "
                f"{settings.order} score first, ties to the lowest row"
            ),
        ),
        (
            "After matching",
            (
                f"{adjusted}; errors clustered by matched "
                f"set{' and by person' if settings.replace else ''} (CR1)"
            ),
        ),
    )


def estimate_effect(frame: AnalysisFrame, plan: AnalysisPlan, outcome: PlannedOutcome) -> MethodResult:
    """Estimate the effect on the treated by nearest-neighbour matching on the propensity score.

    Assumptions: no unobserved confounding given the covariates, overlap, no interference.
    Variance: CR1 clustered by matched set, and by person as well where people may serve twice; the estimated
    score is taken as given, which is conservative for the ATT.
    Source: Rosenbaum and Rubin (1983, 1985); Ho, Imai, King and Stuart (2007); Austin (2011) on calipers.
    """
    settings: MatchingSettings = plan.design.settings
    try:
        logit = _score(frame)
    except Separation:
        note = (
            "The covariates separate the arms completely: nobody treated has anyone "
            "comparable. Use fewer or broader covariates."
        )
        return MethodResult(
            no_estimate(frame, plan, outcome, "ATT"), (Check("overlap", "fail", None, None, "block", note),)
        )
    pairs = _pairs(frame, logit, settings)
    if pairs.shape[0] == 0:
        note = (
            "No treated person has anyone comparable within the caliper. Widen the caliper "
            "or look for another comparison pool."
        )
        return MethodResult(
            no_estimate(frame, plan, outcome, "ATT"),
            (Check("overlap", "fail", 0.0, FEWEST_KEPT, "block", note),),
        )
    balance = _balance(frame, pairs)
    found = _compared(frame, plan, outcome, settings, pairs, logit)
    estimate, checks = found.estimate, found.checks
    kept, support = _support(frame, pairs)
    if kept < FEWEST_KEPT:
        estimate = replace(estimate, estimand="ATT among the matched")
    start = _baseline(frame, balance, adjusted=settings.adjust == "regression")
    checks = (*checks, support, balance_check(balance), *start, *_variety(pairs))
    people = len(np.unique(pairs[:, 0])) + len(np.unique(pairs[:, 1]))
    flow = (FlowStep("matched", people, "nobody comparable, or not needed for a comparison"),)
    return MethodResult(estimate, checks, balance, found.sensitivity, found.path, flow)


def _compared(
    frame: AnalysisFrame,
    plan: AnalysisPlan,
    outcome: PlannedOutcome,
    settings: MatchingSettings,
    pairs: Rows,
    logit: Array,
) -> MethodResult:
    """The comparison of matched people with its other ways: of means, or of times."""
    others = _other_pairs(frame, settings, logit)
    if outcome.timing:
        main = _watched(frame, plan, outcome, settings, pairs)
        ways = tuple(
            (name.replace("difference of means", "not adjusted"), _watched(frame, plan, outcome, way, found))
            for name, way, found in others
        )
        return compare_times(frame, plan, outcome, main, ways)
    estimate, checks = _fit(frame, plan, outcome, settings, pairs)
    return MethodResult(
        estimate,
        checks,
        sensitivity=tuple(
            Sensitivity(name, _fit(frame, plan, outcome, way, found)[0]) for name, way, found in others
        ),
    )


def _watched(
    frame: AnalysisFrame, plan: AnalysisPlan, outcome: PlannedOutcome, settings: MatchingSettings, pairs: Rows
) -> Watched:
    adjust = settings.adjust == "regression"
    return matched_times(frame, plan, outcome, _stacked(pairs), adjust=adjust, twice=settings.replace)


def _covariates(frame: AnalysisFrame) -> tuple[Array, tuple[str, ...]]:
    return covariate_matrix(frame.data, tuple(f"x:{name}" for name in frame.covariates))


def _score(frame: AnalysisFrame) -> Array:
    matrix, _ = _covariates(frame)
    return logit_score(frame.data["treated"].to_numpy(), matrix)


def _pairs(frame: AnalysisFrame, logit: Array, settings: MatchingSettings) -> Rows:
    """Matched pairs; within each combination of the exact variables on their own."""
    treated = frame.data["treated"].to_numpy()
    score = logit if settings.distance == "logit" else 1 / (1 + np.exp(-logit))
    caliper = settings.caliper * float(score.std(ddof=1)) if settings.caliper else None
    groups = [np.arange(len(score))]
    if frame.exact:
        keys = frame.data.select(f"x:{name}" for name in frame.exact).with_row_index("row")
        parts = keys.group_by([f"x:{name}" for name in frame.exact], maintain_order=True).agg("row")["row"]
        groups = [np.sort(part.to_numpy()).astype(np.int64) for part in parts]
    found = []
    for rows in groups:
        local = match_pairs(
            score[rows],
            treated[rows],
            caliper=caliper,
            ratio=settings.ratio,
            replace=settings.replace,
            ascending=settings.order == "smallest",
        )
        found.append(rows[local] if local.size else np.empty((0, 2), dtype=np.int64))
    return np.concatenate(found)


def _stacked(pairs: Rows) -> tuple[Rows, Array, Rows]:
    """Rows of the matched data, their weights and their matched set: treated once a set, comparisons share it."""
    sets, index, size = np.unique(pairs[:, 0], return_inverse=True, return_counts=True)
    rows = np.concatenate([sets, pairs[:, 1]])
    weights = np.concatenate([np.ones(len(sets)), 1 / size[index]])
    return rows, weights, np.concatenate([np.arange(len(sets)), index]).astype(np.int64)


def _fit(
    frame: AnalysisFrame, plan: AnalysisPlan, outcome: PlannedOutcome, settings: MatchingSettings, pairs: Rows
) -> tuple[Estimate, tuple[Check, ...]]:
    rows, weights, sets = _stacked(pairs)
    y, treated = frame.data["outcome"].to_numpy()[rows], frame.data["treated"].to_numpy()[rows]
    matrix, names = _covariates(frame)
    covariates = matrix[rows] if settings.adjust == "regression" else np.empty((len(rows), 0))
    clusters: tuple[npt.NDArray[np.int64], ...] = (sets, rows) if settings.replace else (sets,)
    try:
        fit = treatment_effect(
            y, treated, covariates, names if covariates.shape[1] else (), weights=weights, clusters=clusters
        )
    except NotIdentified:
        note = "Too few matched people for the covariates. Use fewer covariates, or a wider caliper."
        return no_estimate(frame, plan, outcome, "ATT"), (
            Check("identification", "fail", None, None, "block", note),
        )
    _, arms, variances, events = outcome_means(y, treated)
    means = tuple(float(np.average(y[treated == arm], weights=weights[treated == arm])) for arm in (1, 0))
    arms = (arms[0], len(np.unique(pairs[:, 1])))
    spread = pooled_sd(arms[0], variances[0], max(arms[1], 2), variances[1]) if sum(arms) > 3 else 0.0
    simple = settings.ratio == 1 and not settings.replace
    if outcome.kind == "binary":
        standardised = cox_index(events, arms, plan.analysis.alpha) if simple else None
    else:
        standardised = hedges_g(fit, spread, sum(arms), plan.analysis.alpha)
    estimate = estimate_from(
        fit,
        estimand="ATT",
        effect=outcome.effect,
        alpha=plan.analysis.alpha,
        distribution=settings.interval,
        arms=arms,
        means=(means[0], means[1]),
        spread=spread,
        standardised=standardised,
    )
    return estimate, ()


def _weights(n: int, pairs: Rows) -> Array:
    rows, weights, _ = _stacked(pairs)
    total = np.zeros(n)
    np.add.at(total, rows, weights)
    return total


def _balance(frame: AnalysisFrame, pairs: Rows) -> tuple[BalanceRow, ...]:
    values, names = covariate_matrix(
        frame.data, tuple(f"x:{name}" for name in frame.covariates), every_level=True
    )
    treated = frame.data["treated"].to_numpy()
    return balance_rows(
        values, tuple(n.removeprefix("x:") for n in names), treated, weights=_weights(len(treated), pairs)
    )


def _support(frame: AnalysisFrame, pairs: Rows) -> tuple[float, Check]:
    """How many of the treated found a match."""
    total = int(frame.data["treated"].sum())
    kept = len(np.unique(pairs[:, 0])) / total
    said = f"{100 * kept:.0f} % of those treated found someone comparable"
    if kept < FEWEST_KEPT:
        return kept, Check(
            "common support",
            "fail",
            kept,
            FEWEST_KEPT,
            "downgrade",
            f"Only {said}: the result speaks of those alone.",
        )
    if kept < MOST_KEPT:
        return kept, Check(
            "common support", "warn", kept, MOST_KEPT, "none", f"{said}; the others are left out."
        )
    return kept, Check("common support", "pass", kept, MOST_KEPT, "none", f"{said}.")


def _baseline(frame: AnalysisFrame, balance: tuple[BalanceRow, ...], *, adjusted: bool) -> tuple[Check, ...]:
    if not frame.baseline:
        return ()
    row = next((row for row in balance if row.covariate == frame.baseline), None)
    return (baseline_check(row.smd_after if row else None, frame.baseline, adjusted=adjusted),)


def _variety(pairs: Rows) -> tuple[Check, ...]:
    """How many comparison people carry the comparison, and how unevenly."""
    _, times = np.unique(pairs[:, 1], return_counts=True)
    share = float(times.max() / times.sum())
    if share > 0.1:
        return (
            Check(
                "weight on few",
                "warn",
                share,
                0.1,
                "downgrade",
                "One comparison person carries more than a tenth of the comparison.",
            ),
        )
    return ()


def _other_pairs(
    frame: AnalysisFrame, settings: MatchingSettings, logit: Array
) -> tuple[tuple[str, MatchingSettings, Rows], ...]:
    """The same question with other choices that the plan could have made."""
    if frame.bare:
        return ()
    other = "none" if settings.adjust == "regression" else "regression"
    adjusted = "difference of means after matching" if other == "none" else "regression after matching"
    turned = "smallest" if settings.order == "largest" else "largest"
    choices = [
        (adjusted, replace(settings, adjust=cast(Literal["regression", "none"], other))),
        (f"{turned} score first", replace(settings, order=cast(Literal["largest", "smallest"], turned))),
        ("without a caliper", replace(settings, caliper=0.0))
        if settings.caliper
        else ("caliper of 0.2 SD", replace(settings, caliper=0.2)),
        ("without replacement", replace(settings, replace=False))
        if settings.replace
        else ("with replacement", replace(settings, replace=True)),
    ]
    ways = []
    for name, choice in choices:
        pairs = _pairs(frame, logit, choice)
        if pairs.shape[0]:
            ways.append((name, choice, pairs))
    return tuple(ways)
