"""What every analysis of a trial of clusters shares: covariates, dressed estimates, balance, lines that may fail."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from evaluation.balance import balance_rows
from evaluation.clusters.model import Prepared
from evaluation.frame import AnalysisFrame
from evaluation.inference import critical, estimate_from, hedges_g, pooled_sd
from evaluation.methods.cluster_settings import ClusterRandomisedSettings
from evaluation.methods.nothing import outcome_means
from evaluation.model import BalanceRow, Check, EffectSize, Estimate, Sensitivity
from evaluation.plan import AnalysisPlan, PlannedOutcome
from evaluation.regression.linear import Fit, NotIdentified, covariate_matrix
from evaluation.trials.inversion import Ends

Wanted = list[tuple[bool, str, Callable[[], Estimate]]]


@dataclass(frozen=True, slots=True)
class Case:
    """One outcome of a trial of clusters on its way; each analysis adds what else it needs."""

    frame: AnalysisFrame
    plan: AnalysisPlan
    outcome: PlannedOutcome
    settings: ClusterRandomisedSettings


def adjusters(frame: AnalysisFrame, settings: ClusterRandomisedSettings) -> tuple[str, ...]:
    """The columns adjusted for, strata among them."""
    if settings.adjust == "none":
        return ()
    names = tuple(f"x:{name}" for name in frame.covariates)
    return (*names, "strata") if "strata" in frame.data.columns else names


def unidentified() -> Check:
    """The model cannot be told from the clusters there are."""
    note = (
        "There are too few clusters, or too little variation within them, for the columns of the model: an arm is "
        "empty, the covariates say all there is, or every cluster has one person."
    )
    return Check("identification", "fail", None, None, "block", note)


def dropped(ready: Prepared) -> tuple[Check, ...]:
    """Covariates that were left out because they add nothing."""
    if not ready.dropped:
        return ()
    shown = ", ".join(name.removeprefix("x:") for name in ready.dropped[:5])
    note = f"Left out because they add nothing to the others: {shown}."
    return (Check("covariates", "info", float(len(ready.dropped)), None, "none", note),)


def dressed(
    fit: Fit,
    frame: AnalysisFrame,
    plan: AnalysisPlan,
    outcome: PlannedOutcome,
    standardised: EffectSize | None = None,
) -> Estimate:
    """An estimate with its intervals (t), people and means."""
    y, treated = frame.data["outcome"].to_numpy(), frame.data["treated"].to_numpy()
    means, arms, variances, _ = outcome_means(y, treated)
    return estimate_from(
        fit,
        estimand="ITT",
        effect=outcome.effect,
        alpha=plan.analysis.alpha,
        distribution="t",
        arms=arms,
        means=means,
        spread=pooled_sd(arms[0], variances[0], arms[1], variances[1]),
        standardised=standardised,
    )


def g_of(fit: Fit, sd: float, n: int, alpha: float) -> EffectSize | None:
    """Hedges' g of an effect over a standard deviation, its interval as wide as the effect's own degrees of freedom."""
    found = hedges_g(fit, sd, n, alpha)
    if found is None:
        return None
    half = (
        (found.conf_high - found.value) * critical(1 - alpha, fit.df, "t") / critical(1 - alpha, n - 2, "t")
    )
    return EffectSize(found.kind, found.value, found.value - half, found.value + half)


def balance_of(frame: AnalysisFrame) -> tuple[BalanceRow, ...]:
    """Covariates of the people of the two arms."""
    names = tuple(f"x:{name}" for name in frame.covariates)
    values, labels = covariate_matrix(frame.data, names, every_level=True)
    treated = frame.data["treated"].to_numpy()
    if not labels or min(treated.sum(), (1 - treated).sum()) < 2:
        return ()
    return balance_rows(values, tuple(label.removeprefix("x:") for label in labels), treated, scale="both")


def tested(estimate: Estimate, p_value: float, interval: Callable[[float], Ends], alpha: float) -> Estimate:
    """An estimate whose inference is a test's: its p-value, and the values it does not reject."""
    wide, narrow = interval(alpha), interval(2 * alpha)
    return replace(
        estimate, p_value=p_value, df=None,
        conf_low=wide[0], conf_high=wide[1], narrow_low=narrow[0], narrow_high=narrow[1],
    )  # fmt: skip


def lines_of(wanted: Wanted) -> tuple[Sensitivity, ...]:
    """The ways that are asked for and can be gone."""
    return tuple(
        Sensitivity(name, estimate)
        for asked, name, way in wanted
        if asked and (estimate := _tried(way)) is not None
    )


def _tried(way: Callable[[], Estimate]) -> Estimate | None:
    try:
        return way()
    except NotIdentified:
        return None
