"""Times to an event under a design: the hazard ratio, what stands beside it, and what makes it doubtful.

Estimand: the ratio of hazards, the chance of the event in the next moment among those who have not had it yet. With
covariates it is the ratio among people alike on them, which is further from 1 than the ratio over everybody. With a
competing event it is cause-specific. The difference of restricted mean times needs no proportional hazards.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from evaluation.frame import AnalysisFrame
from evaluation.matched.people import Matched
from evaluation.methods.observed import cluster_codes
from evaluation.methods.recurrent_events import compare_events, ratio_or_refusal
from evaluation.model import MethodResult, Sensitivity
from evaluation.observed.weights import Weights
from evaluation.plan import AnalysisPlan, PlannedOutcome
from evaluation.regression.linear import NotIdentified, covariate_matrix
from evaluation.times.checks import (
    changing_check,
    clock_checks,
    competing_check,
    dropped_check,
    events_check,
    follow_up_check,
    gray_check,
    proportionality_check,
    time_off_check,
)
from evaluation.times.companions import companions
from evaluation.times.cox import CannotFit
from evaluation.times.curve_path import curve_rows
from evaluation.times.rows import time_rows
from evaluation.times.survival import Times, Whole
from evaluation.times.watched import (
    Watched,
    furthest,
    hazard_ratio,
    restricted_difference,
    subdistribution_ratio,
    unadjusted,
)

MEAN_TIME = "difference in mean time without the event"


def watch(
    frame: AnalysisFrame,
    plan: AnalysisPlan,
    outcome: PlannedOutcome,
    *,
    estimand: str,
    rows: Whole | None = None,
    adjust: bool = False,
) -> Watched:
    """The people of a frame, or some rows of them, as they were watched; the plan's clusters count."""
    data, person = time_rows(frame, rows)
    treated = data["treated"].to_numpy()
    stop = data["duration"].to_numpy()
    entry = data["entry"].to_numpy() if "entry" in data.columns else None
    names = tuple(f"x:{name}" for name in frame.covariates) if adjust else ()
    matrix, labels = covariate_matrix(data, names)
    planned = outcome.timing.horizon if outcome.timing else None
    reach = furthest(treated, stop)
    codes = cluster_codes(frame) if rows is None else None
    if codes is not None and person is not None:
        codes = codes[person]
    first = slice(None) if person is None else np.unique(person, return_index=True)[1]
    return Watched(
        times=Times(stop, data["outcome"].to_numpy(), entry),
        treated=treated,
        covariates=matrix,
        names=labels,
        arms=(int(treated[first].sum()), int((1 - treated[first]).sum())),
        estimand=estimand,
        alpha=plan.analysis.alpha,
        horizon=min(planned or reach, reach),
        competing=data["competing"].to_numpy() if "competing" in data.columns else None,
        clusters=() if codes is None else (codes,),
        person=person,
        recurrent=outcome.timing is not None and outcome.timing.recurrent,
    )


def compare_times(
    frame: AnalysisFrame,
    plan: AnalysisPlan,
    outcome: PlannedOutcome,
    watched: Watched,
    ways: tuple[tuple[str, Watched], ...] = (),
) -> MethodResult:
    """The hazard ratio, the difference in mean time beside it, the checks, the curves; ``ways`` are other settings.

    Too few events, or no finite ratio, leave people and shares and a check that blocks.
    """
    if watched.recurrent:
        return compare_events(frame, plan, outcome, watched, ways)
    events = events_check(watched)
    fit = ratio_or_refusal(frame, plan, outcome, watched, events)
    if isinstance(fit, MethodResult):
        return fit
    planned = outcome.timing.horizon if outcome.timing else None
    other = competing_check(watched)
    held = proportionality_check(watched, fit)
    checks = (
        events,
        held,
        follow_up_check(watched),
        *((other,) if other else ()),
        *gray_check(watched),
        *clock_checks(watched, planned),
        *time_off_check(frame),
        *changing_check(outcome),
        *dropped_check(fit.dropped),
    )
    return MethodResult(
        fit.estimate,
        checks,
        sensitivity=_beside(watched, ways, parted=held.result != "pass"),
        path=curve_rows(watched),
    )


def _beside(
    watched: Watched, ways: tuple[tuple[str, Watched], ...], *, parted: bool
) -> tuple[Sensitivity, ...]:
    """Mean times first, then shares and the subdistribution ratio, then the same ratio under other settings.

    Where hazards ``parted``, a model that does not need them in proportion.
    """
    told = f"{MEAN_TIME}, up to {watched.horizon:g}"
    found = [Sensitivity(told, restricted_difference(watched))]
    try:
        other = subdistribution_ratio(watched)
    except CannotFit:
        other = None
    if other:
        found.append(Sensitivity("subdistribution hazard ratio (Fine and Gray), not adjusted", other))
    found += companions(watched, parted=parted)
    for name, way in ways:
        try:
            found.append(Sensitivity(name, hazard_ratio(way).estimate))
        except (CannotFit, NotIdentified):
            continue
    return tuple(found)


def trial_times(
    frame: AnalysisFrame, plan: AnalysisPlan, outcome: PlannedOutcome, *, adjust: bool, errors: str
) -> MethodResult:
    """Times in a trial: Cox regression on the arm and what was known before, one baseline hazard a stratum.

    ``errors``: ``classical`` are the model's; every other name stands for the robust ones.
    """
    watched = watch(frame, plan, outcome, estimand="ITT", adjust=adjust)
    watched = replace(watched, robust=errors != "classical" or watched.recurrent)
    if adjust and "strata" in frame.data.columns:
        labels = np.unique(frame.data["strata"].to_numpy(), return_inverse=True)[1].astype(np.int64)
        watched = replace(watched, strata=labels if watched.person is None else labels[watched.person])
    ways = []
    if watched.names or watched.strata is not None:
        ways.append(("not adjusted", unadjusted(watched)))
    if outcome.timing and outcome.timing.changing and adjust:
        ways.append(("without covariates that change over time", _at_start(frame, plan, outcome, watched)))
    if not watched.clusters and not watched.recurrent:
        said = "errors of the model" if watched.robust else "robust errors"
        ways.append((said, replace(watched, robust=not watched.robust)))
    return compare_times(frame, plan, outcome, watched, tuple(ways))


def _at_start(frame: AnalysisFrame, plan: AnalysisPlan, outcome: PlannedOutcome, watched: Watched) -> Watched:
    """The same people, adjusted only for what does not change."""
    changing = outcome.timing.changing if outcome.timing else ()
    kept = tuple(name for name in frame.covariates if name not in changing)
    still = watch(replace(frame, covariates=kept), plan, outcome, estimand=watched.estimand, adjust=True)
    return replace(watched, covariates=still.covariates, names=still.names)


def matched_times(
    frame: AnalysisFrame,
    plan: AnalysisPlan,
    outcome: PlannedOutcome,
    matched: Matched,
    *,
    adjust: bool,
) -> Watched:
    """Matched people as they were watched: weighted within sets, errors by set, and by person who serves twice."""
    rows, weights, clusters = matched.rows, matched.weights, matched.clusters
    watched = watch(frame, plan, outcome, estimand="ATT", rows=rows, adjust=adjust)
    treated = frame.data["treated"].to_numpy()[rows] == 1
    arms = (int(treated.sum()), len(np.unique(rows[~treated])))
    if watched.person is not None:
        weights = weights[watched.person]
        clusters = tuple(labels[watched.person] for labels in clusters)
    return replace(watched, weights=weights, clusters=clusters, arms=arms)


def weighted_times(
    frame: AnalysisFrame, plan: AnalysisPlan, outcome: PlannedOutcome, weights: Weights
) -> Watched:
    """Weighted people as they were watched; the error of the estimated weights counts. No covariates."""
    watched = watch(frame, plan, outcome, estimand=plan.design.estimand)
    kept, treated = weights.values > 0, frame.data["treated"].to_numpy()
    arms = tuple(int((kept & (treated == which)).sum()) for which in (1, 0))
    each = weights.values if watched.person is None else weights.values[watched.person]
    return replace(watched, weights=each, estimated=weights, arms=(arms[0], arms[1]))
