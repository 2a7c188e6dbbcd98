"""An outcome followed over several waves, in a trial: one model of all waves, the difference at the named one (pure).

Everybody seen at one wave or more counts; those lost later are taken to be like people with the same earlier waves.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
import polars as pl

from evaluation.clusters.robust import cluster_products, robust_contrast
from evaluation.frame import AnalysisFrame
from evaluation.gates import FEWEST
from evaluation.inference import critical, estimate_from, hedges_g, pooled_sd
from evaluation.methods.nothing import no_estimate, outcome_means
from evaluation.methods.observed import cluster_codes
from evaluation.missing.imputed_effect import Estimator
from evaluation.missing.wave_model import Structure, WaveContrast, WaveFit, contrast_at, fit_waves, whitened
from evaluation.model import Check, Estimate, FlowStep, MethodResult, PathRow, Sensitivity
from evaluation.plan import AnalysisPlan, PlannedOutcome
from evaluation.regression.linear import Array, Fit, NotIdentified, covariate_matrix, independent_columns

WAVE = "wave: "
ONE_WAVE = "only the wave itself"


@dataclass(frozen=True, slots=True)
class _Waves:
    """People seen at some wave with known covariates: outcomes (n, J), design (n, p), clusters (n,) if any."""

    frame: AnalysisFrame
    y: Array
    design: Array
    clusters: npt.NDArray[np.int64] | None
    at: int

    @property
    def treated(self) -> Array:
        return np.asarray(self.design[:, -1])

    def seen(self, wave: int) -> tuple[int, int]:
        """People seen at a wave, the treated first."""
        there = ~np.isnan(self.y[:, wave])
        return int((there & (self.treated == 1)).sum()), int((there & (self.treated == 0)).sum())


def waves_effect(
    whole: AnalysisFrame,
    cases: AnalysisFrame,
    plan: AnalysisPlan,
    outcome: PlannedOutcome,
    estimator: Estimator,
) -> MethodResult:
    """The difference at the plan's wave from one model of all of them, a path row a wave, and the wave on its own.

    Covariance over waves unstructured, by REML, with Satterthwaite's degrees of freedom; where it cannot be told, a
    random intercept for each person. With clusters the errors are CR2 around that model.
    """
    alone = estimator(cases, plan, outcome)
    if any(check.consequence == "block" for check in alone.checks):
        return alone
    try:
        ready = _ready(whole, plan, outcome)
        fit, structure = _fitted(ready)
        estimate = _estimate(ready, fit, ready.at, plan, outcome)
    except (NotIdentified, np.linalg.LinAlgError):
        note = (
            "The waves do not tell the coefficients of this model: too few people were seen at two waves alike, or a "
            "wave does not vary. Name fewer waves or covariates."
        )
        check = Check("waves", "fail", None, None, "block", note)
        return replace(
            alone, estimate=no_estimate(cases, plan, outcome), checks=(*alone.checks, check), sensitivity=()
        )
    lines = [Sensitivity(ONE_WAVE, alone.estimate), *_other_structure(ready, plan, outcome, structure)]
    lines += [replace(way, name=f"{ONE_WAVE}: {way.name}") for way in alone.sensitivity]
    checks = (*alone.checks, _check(ready, structure, outcome), *_few_seen(ready))
    flow = (FlowStep("seen at one wave or more", len(ready.y), "seen at no wave, or a covariate is missing"),)
    path = tuple(_row(ready, fit, wave, name, plan) for wave, name in enumerate(outcome.waves))
    return MethodResult(estimate, checks, alone.balance, tuple(lines), path, (*flow, *alone.flow))


def _ready(whole: AnalysisFrame, plan: AnalysisPlan, outcome: PlannedOutcome) -> _Waves:
    names = [f"x:{name}" for name in whole.covariates]
    columns = [f"w:{wave}" for wave in outcome.waves]
    data = whole.data.drop_nulls(names) if names else whole.data
    data = data.filter(pl.any_horizontal(pl.col(name).is_not_null() for name in columns))
    frame = replace(whole, data=data)
    adjusted = getattr(plan.design.settings, "adjust", "ancova") != "none"
    used = tuple(names) if adjusted else ()
    used = (*used, "strata") if adjusted and "strata" in data.columns else used
    raw, labels = covariate_matrix(data, used)
    treated = data["treated"].to_numpy()
    spread = raw.std(axis=0)
    scaled = (raw - raw.mean(axis=0)) / np.where(spread > 0, spread, 1.0)
    design, kept = independent_columns(
        np.column_stack([np.ones(len(treated)), scaled, treated]), ("1", *labels, "treated")
    )
    y = data.select(pl.col(name).fill_null(float("nan")) for name in columns).to_numpy().astype(np.float64)
    if "treated" not in kept or len(y) <= design.shape[1]:
        raise NotIdentified
    return _Waves(frame, y, design, cluster_codes(frame), outcome.waves.index(outcome.wave))


def _fitted(ready: _Waves) -> tuple[WaveFit, Structure]:
    try:
        return fit_waves(ready.y, ready.design), "unstructured"
    except NotIdentified:
        return fit_waves(ready.y, ready.design, "random-intercept"), "random-intercept"


def _contrast(ready: _Waves, fit: WaveFit, wave: int) -> tuple[WaveContrast, int | None]:
    """The difference at a wave, and how many clusters stand behind its error."""
    found = contrast_at(fit, wave)
    if ready.clusters is None:
        return found, None
    outcomes, columns, people = whitened(fit, ready.y, ready.design)
    combination = np.zeros(columns.shape[1])
    combination[(wave + 1) * ready.design.shape[1] - 1] = 1.0
    robust = robust_contrast(cluster_products(columns, outcomes, ready.clusters[people]), combination, "CR2")
    return WaveContrast(found.value, robust.std_error, robust.df), int(ready.clusters.max()) + 1


def _estimate(
    ready: _Waves, fit: WaveFit, wave: int, plan: AnalysisPlan, outcome: PlannedOutcome
) -> Estimate:
    contrast, clusters = _contrast(ready, fit, wave)
    if not contrast.df > 0:
        raise NotIdentified
    y, treated = ready.y[:, wave], ready.treated
    there = ~np.isnan(y)
    _, arms, variances, _ = outcome_means(y[there], treated[there])
    spread = pooled_sd(arms[0], variances[0], arms[1], variances[1])
    found = Fit(contrast.value, contrast.std_error, contrast.df, clusters, (), 0.0)
    middle = ready.design[:, :-1].mean(axis=0)
    without = float(fit.coefficients[wave, :-1] @ middle)
    people = int(treated.sum())
    return estimate_from(
        found, estimand="ITT", effect=outcome.effect, alpha=plan.analysis.alpha, distribution="t",
        arms=(people, len(treated) - people), means=(without + contrast.value, without), spread=spread,
        standardised=hedges_g(found, spread, sum(arms), plan.analysis.alpha),
    )  # fmt: skip


def _row(ready: _Waves, fit: WaveFit, wave: int, name: str, plan: AnalysisPlan) -> PathRow:
    """One wave's difference; no number where fewer than thirty people of an arm were seen at it."""
    contrast, _ = _contrast(ready, fit, wave)
    if min(ready.seen(wave)) < FEWEST or not contrast.df > 0:
        return PathRow(f"{WAVE}{name}", None, None, None, None)
    reach = critical(1 - plan.analysis.alpha, contrast.df, "t") * contrast.std_error
    value = contrast.value
    return PathRow(f"{WAVE}{name}", value, contrast.std_error, value - reach, value + reach)


def _other_structure(
    ready: _Waves, plan: AnalysisPlan, outcome: PlannedOutcome, structure: Structure
) -> list[Sensitivity]:
    if structure == "random-intercept":
        return []
    try:
        fit = fit_waves(ready.y, ready.design, "random-intercept")
        return [
            Sensitivity(
                "all waves, a random intercept for each person",
                _estimate(ready, fit, ready.at, plan, outcome),
            )
        ]
    except (NotIdentified, np.linalg.LinAlgError):
        return []


def _check(ready: _Waves, structure: Structure, outcome: PlannedOutcome) -> Check:
    words = "unstructured" if structure == "unstructured" else "a random intercept for each person"
    errors = "CR2 errors by cluster" if ready.clusters is not None else "Satterthwaite's degrees of freedom"
    note = (
        f"One model of {len(outcome.waves)} waves by REML, covariance over waves {words}, {errors}; every covariate "
        f"and the programme have a coefficient at each wave. The answer is the difference at {outcome.wave}. Those "
        "lost are taken to be like people with the same arm, covariates and waves seen."
    )
    if structure == "unstructured":
        return Check("waves", "info", float(len(outcome.waves)), None, "none", note)
    note += " Too few people were seen at pairs of waves for a covariance without structure."
    return Check("waves", "warn", float(len(outcome.waves)), None, "none", note)


def _few_seen(ready: _Waves) -> tuple[Check, ...]:
    seen = min(ready.seen(ready.at))
    if seen >= FEWEST:
        return ()
    note = f"Fewer than {FEWEST} people of an arm were seen at the wave of the answer: other waves cannot stand for it."
    return (Check("people seen", "fail", float(seen), FEWEST, "block", note),)
