"""Times to an event under a design: the hazard ratio, what stands beside it, and what makes it doubtful.

Estimand: the ratio of hazards, the chance of the event in the next moment among those who have not had it yet. With
covariates it is the ratio among people alike on them, which is further from 1 than the ratio over everybody. With a
competing event it is cause-specific. The difference of restricted mean times needs no proportional hazards.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from evaluation.cox import CannotFit
from evaluation.curve_path import curve_rows
from evaluation.frame import AnalysisFrame
from evaluation.linear import Array, NotIdentified, covariate_matrix
from evaluation.methods.nothing import no_estimate, without_inference
from evaluation.methods.observed import cluster_codes
from evaluation.model import Check, MethodResult, Sensitivity
from evaluation.plan import AnalysisPlan, PlannedOutcome
from evaluation.survival import Times, Whole
from evaluation.time_checks import (
    clock_checks,
    competing_check,
    events_check,
    follow_up_check,
    proportionality_check,
)
from evaluation.watched import (
    Watched,
    furthest,
    hazard_ratio,
    restricted_difference,
    subdistribution_ratio,
    unadjusted,
)
from evaluation.weights import Weights

MEAN_TIME = "difference in mean time without the event"
NO_FIT = (
    "No hazard ratio can be worked out: a covariate parts those with the event from the others, or says what another "
    "one says. Use fewer or broader covariates."
)
NO_ARM = "The covariates leave nothing of the treatment to be estimated: an arm is empty or is one of the covariates."


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
    data = frame.data if rows is None else frame.data[rows]
    treated = data["treated"].to_numpy()
    stop = data["duration"].to_numpy()
    entry = data["entry"].to_numpy() if "entry" in data.columns else None
    names = tuple(f"x:{name}" for name in frame.covariates) if adjust else ()
    matrix, labels = covariate_matrix(data, names)
    planned = outcome.timing.horizon if outcome.timing else None
    reach = furthest(treated, stop)
    codes = cluster_codes(frame) if rows is None else None
    return Watched(
        times=Times(stop, data["outcome"].to_numpy(), entry),
        treated=treated,
        covariates=matrix,
        names=labels,
        arms=(int(treated.sum()), int((1 - treated).sum())),
        estimand=estimand,
        alpha=plan.analysis.alpha,
        horizon=min(planned or reach, reach),
        competing=data["competing"].to_numpy() if "competing" in data.columns else None,
        clusters=() if codes is None else (codes,),
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
    events = events_check(watched)
    few = events.consequence == "block"
    try:
        fit = hazard_ratio(watched)
    except (CannotFit, NotIdentified) as problem:
        note = NO_ARM if isinstance(problem, NotIdentified) else NO_FIT
        blocked = events if few else Check("identification", "fail", None, None, "block", note)
        return MethodResult(no_estimate(frame, plan, outcome, watched.estimand), (blocked,))
    if few:
        return MethodResult(without_inference(fit.estimate), (events,))
    planned = outcome.timing.horizon if outcome.timing else None
    other = competing_check(watched)
    checks = (
        events,
        proportionality_check(watched, fit),
        follow_up_check(watched),
        *((other,) if other else ()),
        *clock_checks(watched, planned),
        *_dropped(fit.dropped),
    )
    return MethodResult(fit.estimate, checks, sensitivity=_beside(watched, ways), path=curve_rows(watched))


def _beside(watched: Watched, ways: tuple[tuple[str, Watched], ...]) -> tuple[Sensitivity, ...]:
    """Mean times first, then the subdistribution ratio, then the same ratio under other settings."""
    told = f"{MEAN_TIME}, up to {watched.horizon:g}"
    found = [Sensitivity(told, restricted_difference(watched))]
    try:
        other = subdistribution_ratio(watched)
    except CannotFit:
        other = None
    if other:
        found.append(Sensitivity("subdistribution hazard ratio (Fine and Gray), not adjusted", other))
    for name, way in ways:
        try:
            found.append(Sensitivity(name, hazard_ratio(way).estimate))
        except (CannotFit, NotIdentified):
            continue
    return tuple(found)


def _dropped(names: tuple[str, ...]) -> tuple[Check, ...]:
    if not names:
        return ()
    shown = ", ".join(name.removeprefix("x:") for name in names[:5])
    note = f"Left out because they add nothing to the others: {shown}."
    return (Check("covariates", "info", float(len(names)), None, "none", note),)


def trial_times(
    frame: AnalysisFrame, plan: AnalysisPlan, outcome: PlannedOutcome, *, adjust: bool, errors: str
) -> MethodResult:
    """Times in a trial: Cox regression on the arm and what was known before, one baseline hazard a stratum.

    ``errors``: ``classical`` are the model's; every other name stands for the robust ones.
    """
    watched = watch(frame, plan, outcome, estimand="ITT", adjust=adjust)
    watched = replace(watched, robust=errors != "classical")
    if adjust and "strata" in frame.data.columns:
        labels = frame.data["strata"].to_numpy()
        watched = replace(watched, strata=np.unique(labels, return_inverse=True)[1].astype(np.int64))
    ways = []
    if watched.names or watched.strata is not None:
        ways.append(("not adjusted", unadjusted(watched)))
    if not watched.clusters:
        said = "errors of the model" if watched.robust else "robust errors"
        ways.append((said, replace(watched, robust=not watched.robust)))
    return compare_times(frame, plan, outcome, watched, tuple(ways))


def matched_times(
    frame: AnalysisFrame,
    plan: AnalysisPlan,
    outcome: PlannedOutcome,
    stacked: tuple[Whole, Array, Whole],
    *,
    adjust: bool,
    twice: bool,
) -> Watched:
    """Matched people as they were watched: weighted within sets, errors by set, and by person who serves twice."""
    rows, weights, sets = stacked
    watched = watch(frame, plan, outcome, estimand="ATT", rows=rows, adjust=adjust)
    treated = watched.treated == 1
    arms = (int(treated.sum()), len(np.unique(rows[~treated])))
    return replace(watched, weights=weights, clusters=(sets, rows) if twice else (sets,), arms=arms)


def weighted_times(
    frame: AnalysisFrame, plan: AnalysisPlan, outcome: PlannedOutcome, weights: Weights
) -> Watched:
    """Weighted people as they were watched; the error of the estimated weights counts. No covariates."""
    watched = watch(frame, plan, outcome, estimand=plan.design.estimand)
    kept = weights.values > 0
    arms = tuple(int((kept & watched.arm(which)).sum()) for which in (1, 0))
    return replace(watched, weights=weights.values, estimated=weights, arms=(arms[0], arms[1]))
