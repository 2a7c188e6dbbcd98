"""A method's answer over imputed data sets: estimated in each, pooled, with what imputing took away (pure)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
import polars as pl

from evaluation.frame import AnalysisFrame
from evaluation.gates import FEWEST
from evaluation.methods.nothing import no_estimate
from evaluation.missing.chained import CannotImpute
from evaluation.missing.imputation import Imputed, gaps_in, impute
from evaluation.missing.pooling import Pooled, pool_estimates
from evaluation.model import BalanceRow, Check, FlowStep, MethodResult
from evaluation.plan import AnalysisPlan, PlannedOutcome

Estimator = Callable[[AnalysisFrame, AnalysisPlan, PlannedOutcome], MethodResult]
NOISY = 0.10
FEWEST_TO_IMPUTE = 2
RANKS = {"block": 0, "downgrade": 1, "none": 2}
RESULTS = {"fail": 0, "warn": 1, "info": 2, "pass": 3}


@dataclass(frozen=True, slots=True)
class ImputedEffect:
    """The pooled result; ``pooled`` is ``None`` where there is no number, or nothing was missing."""

    result: MethodResult
    pooled: Pooled | None
    imputed: Imputed | None


def imputed_effect(
    whole: AnalysisFrame,
    plan: AnalysisPlan,
    outcome: PlannedOutcome,
    estimator: Estimator,
    number: int | None = None,
) -> ImputedEffect:
    """Impute, estimate in each data set, pool. Without gaps it is the complete-case answer, and says so."""
    treated = float(whole.data["treated"].sum())
    if min(treated, whole.data.height - treated) < FEWEST_TO_IMPUTE:
        note = "Fewer than two people whose cluster and strata are known are left in an arm: nothing can be imputed."
        return _nothing(whole, plan, outcome, note)
    if not gaps_in(whole, outcome).any():
        beside = [name for name in whole.data.columns if name.startswith(("a:", "w:"))]
        result = estimator(replace(whole, data=whole.data.drop(beside)), plan, outcome)
        note = "Nothing is missing: the answer is that of complete cases, and nothing was imputed."
        check = Check("imputation", "pass", 0.0, None, "none", note)
        return ImputedEffect(replace(result, checks=(*result.checks, check)), None, None)
    try:
        imputed = impute(whole, plan, outcome, number)
    except (CannotImpute, np.linalg.LinAlgError) as problem:
        said = (
            str(problem)
            if isinstance(problem, CannotImpute)
            else "the columns depend on one another too closely"
        )
        return _nothing(whole, plan, outcome, f"Nothing could be imputed: {said}.")
    found = [estimator(frame, plan, outcome) for frame in imputed.frames]
    pooled = pool_estimates([one.estimate for one in found], is_ratio=outcome.is_ratio)
    checks = _worst(found)
    if pooled is None:
        missing = next(one for one in found if one.estimate.value is None or one.estimate.std_error is None)
        result = MethodResult(missing.estimate, checks, found[0].balance)
        return ImputedEffect(result, None, imputed)
    estimate, numbers = pooled
    checks = (*checks, *imputation_checks(imputed, numbers, plan), *_few_seen(whole))
    flow = tuple(replace(step, reason=f"{step.reason} (first data set)") for step in found[0].flow)
    steps = (FlowStep("analysed, gaps filled", whole.data.height, "none: gaps were filled"), *flow)
    result = MethodResult(estimate, checks, _mean_balance([one.balance for one in found]), (), (), steps)
    return ImputedEffect(result, numbers, imputed)


def _nothing(whole: AnalysisFrame, plan: AnalysisPlan, outcome: PlannedOutcome, note: str) -> ImputedEffect:
    seen = replace(whole, data=whole.data.filter(pl.col("outcome").is_not_null()))
    check = Check("imputation", "fail", None, None, "block", note)
    return ImputedEffect(
        MethodResult(no_estimate(seen, plan, outcome, plan.design.estimand), (check,)), None, None
    )


def imputation_checks(imputed: Imputed, pooled: Pooled, plan: AnalysisPlan) -> tuple[Check, Check]:
    """How it was imputed with the fraction of missing information, and whether more data sets would move the answer."""
    how = (
        "within each arm"
        if imputed.separate
        else "in both arms together, the arm as a column, for want of people"
    )
    inside = ", with random intercepts for clusters" if imputed.clustered else ""
    models = "; ".join(f"{name} by {words}" for name, words in imputed.models[:6])
    more = f" and {len(imputed.models) - 6} more" if len(imputed.models) > 6 else ""
    beside = f" Auxiliary: {', '.join(plan.analysis.auxiliary)}." if plan.analysis.auxiliary else ""
    note = (
        f"{pooled.imputations} data sets by chained equations {how}{inside}, seed {plan.design.seed}: {models}{more}."
        f"{beside} Pooled by Rubin's rules; the reading is the share of the information that is missing. It assumes "
        "that what is missing is as the models say, given what was seen."
    )
    noise = pooled.monte_carlo / pooled.std_error if pooled.std_error else 0.0
    said = f"Drawing {pooled.imputations} data sets leaves an error of {noise:.2f} standard errors in the estimate"
    told = (
        Check("Monte Carlo error", "pass", noise, NOISY, "none", f"{said}.")
        if noise <= NOISY
        else Check("Monte Carlo error", "warn", noise, NOISY, "none", f"{said}: plan more imputations.")
    )
    return Check("imputation", "info", pooled.missing_share, None, "none", note), told


def _few_seen(whole: AnalysisFrame) -> tuple[Check, ...]:
    """Imputed people are no people: an arm needs as many seen as any other analysis does."""
    seen = min(whole.arms.treated_seen, whole.arms.comparison_seen)
    if seen >= FEWEST:
        return ()
    note = f"The outcome of fewer than {FEWEST} people was seen in an arm: what was imputed is not evidence of its own."
    return (Check("people seen", "fail", float(seen), FEWEST, "block", note),)


def _worst(found: Sequence[MethodResult]) -> tuple[Check, ...]:
    """Of each check the worst over the data sets, in the order in which they are first met."""
    kept: dict[str, Check] = {}
    for one in found:
        for check in one.checks:
            other = kept.get(check.name)
            if other is None or _severity(check) < _severity(other):
                kept[check.name] = check
    times = Counter(check.name for one in found for check in one.checks)
    return tuple(_somewhere(check, times[check.name], len(found)) for check in kept.values())


def _somewhere(check: Check, times: int, data_sets: int) -> Check:
    """A check that only some data sets gave says so: others may say the contrary beside it."""
    if times >= data_sets:
        return check
    return replace(check, note=f"{check.note} So in {times} of {data_sets} data sets.")


def _severity(check: Check) -> tuple[int, int]:
    return RANKS[check.consequence], RESULTS[check.result]


def _mean_balance(tables: Sequence[tuple[BalanceRow, ...]]) -> tuple[BalanceRow, ...]:
    """Balance averaged over the data sets, for covariates that all of them have."""
    by_name = [{row.covariate: row for row in rows} for rows in tables]
    rows = []
    for name in by_name[0] if by_name else ():
        same = [named[name] for named in by_name if name in named]
        if len(same) == len(by_name):
            before, after, ratio = (
                _mean([getattr(row, part) for row in same])
                for part in ("smd_before", "smd_after", "variance_ratio")
            )
            rows.append(BalanceRow(name, before, after, ratio))
    return tuple(rows)


def _mean(values: Sequence[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return float(np.mean(known)) if len(known) == len(values) else None
