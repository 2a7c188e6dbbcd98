"""Known truth for missing data: coverage of imputation and of weights under MAR, bounds that contain the truth.

Allowances are Monte-Carlo error: 3.3 standard errors of a share or of a mean.
"""

from __future__ import annotations

import math
from functools import cache

import numpy as np
import polars as pl
import pytest

from evaluation.frame import build_frame
from evaluation.methods.registry import METHODS
from evaluation.missing.bounds import lee_bounds, worst_cases
from evaluation.missing.imputed_effect import imputed_effect
from evaluation.missing.weighed_effect import weighed_effect
from evaluation.model import Estimate
from tests.evaluation.studies import make_plan, number, study

pytestmark = pytest.mark.simulation

DRAWS, EFFECT, Z, FEW = 150, 0.4, 3.3, 8


def draw_study(seed: int, n: int = 300, *, chosen: bool = False) -> pl.DataFrame:
    """n people; the outcome is lost by x and by arm (40 %), and a second covariate is blank for a fifth by x."""
    draw = np.random.default_rng([20261122, seed])
    x, z = draw.normal(size=n), draw.normal(size=n)
    pull = 0.5 * x if chosen else 0.0
    treat = (draw.random(n) < 1 / (1 + np.exp(-pull))).astype(np.float64)
    y = EFFECT * treat + x + 0.5 * z + draw.normal(size=n)
    lost = draw.random(n) < 1 / (1 + np.exp(0.5 - 1.2 * x * (2 * treat - 1)))
    blank = draw.random(n) < 0.4 / (1 + np.exp(-x))
    frame = pl.DataFrame({"unit": [f"P{i:04d}" for i in range(n)], "treat": treat, "x": x, "z": z, "y": y})
    return frame.with_columns(
        y=pl.when(pl.Series(lost)).then(None).otherwise(pl.col("y")),
        z=pl.when(pl.Series(blank)).then(None).otherwise(pl.col("z")),
    )


def missed(estimates: list[Estimate], truth: float = EFFECT) -> tuple[float, float, float]:
    """Mean error, share of intervals that hold the truth, and the ratio of mean error to spread of estimates."""
    values = np.array([number(e.value) for e in estimates])
    held = np.mean([number(e.conf_low) <= truth <= number(e.conf_high) for e in estimates])
    errors = np.array([number(e.std_error) for e in estimates])
    return float(values.mean() - truth), float(held), float(np.sqrt((errors**2).mean()) / values.std(ddof=1))


def within(share: float = 0.95, draws: int = DRAWS) -> float:
    return Z * math.sqrt(share * (1 - share) / draws)


@cache
def imputed(method: str) -> tuple[tuple[Estimate, ...], tuple[Estimate, ...]]:
    """Imputed and complete-case estimates; the trial is not adjusted, so that its complete cases are biased."""
    settings = 'adjust = "none"' if method == "randomised" else ""
    design = 'unit = "unit"' + ('\nestimand = "ATE"' if method == "weighting" else "")
    rule = '[analysis]\nmissing = "multiple-imputation"'
    plan = make_plan(method, covariates=["x", "z"], design=design, settings=settings, more=rule)
    outcome, estimator = plan.outcomes[0], METHODS[method].estimate
    ours, plain = [], []
    for seed in range(DRAWS):
        table = study(draw_study(seed, 300 if method == "randomised" else 400, chosen=method != "randomised"))
        whole = build_frame(table, plan, outcome, gaps=True)
        found = imputed_effect(whole, plan, outcome, estimator, FEW)
        ours.append(found.result.estimate)
        plain.append(estimator(build_frame(table, plan, outcome), plan, outcome).estimate)
    return tuple(ours), tuple(plain)


@pytest.mark.parametrize("method", ["randomised", "weighting"])
def test_imputed_intervals_hold_the_truth_as_often_as_they_say(method: str) -> None:
    bias, held, ratio = missed(list(imputed(method)[0]))
    spread = np.std([number(e.value) for e in imputed(method)[0]])
    assert abs(bias) < Z * spread / math.sqrt(DRAWS)
    assert held > 0.95 - within()
    assert 0.85 < ratio < 1.25


def test_complete_cases_of_the_unadjusted_trial_do_not() -> None:
    bias, held, _ = missed(list(imputed("randomised")[1]))
    assert abs(bias) > 0.3
    assert held < 0.8


def test_weighted_intervals_hold_the_truth_as_often_as_they_say() -> None:
    plan = make_plan(
        "randomised",
        covariates=["x"],
        design='unit = "unit"',
        settings='adjust = "none"',
        more='[analysis]\nmissing = "inverse-probability"\ntruncate = 1',
    )
    outcome, estimator = plan.outcomes[0], METHODS["randomised"].estimate
    found = [
        weighed_effect(
            build_frame(study(draw_study(seed, 800)), plan, outcome, gaps=True), plan, outcome, estimator
        ).estimate
        for seed in range(DRAWS)
    ]
    bias, held, ratio = missed(found)
    assert abs(bias) < 0.06  # weights bring their own bias of order 1/n
    assert held > 0.95 - within()
    assert 0.85 < ratio < 1.15


def test_bounds_contain_the_truth_even_where_missing_is_not_at_random() -> None:
    """Who would do badly is lost, more without the programme: complete cases are wrong, the bounds are not."""
    plan = make_plan("randomised", kind="binary")
    outcome, estimator = plan.outcomes[0], METHODS["randomised"].estimate
    worst, trimmed, plain = [], [], []
    for seed in range(150):
        draw = np.random.default_rng([7, seed])
        treat, mood = np.tile([1.0, 0.0], 300), draw.normal(size=600)
        would = [(mood + shift + draw.normal(size=600) > 0) for shift in (0.0, 0.3)]
        y = np.where(treat == 1, would[1], would[0]).astype(np.float64)
        always = mood > -0.5
        seen = always | ((treat == 1) & (mood > -1.0))
        frame = pl.DataFrame({"treat": treat, "y": pl.Series(y).set(pl.Series(~seen), None)})
        table = study(frame)
        whole = build_frame(table, plan, outcome, gaps=True)
        everybody = float(would[1].mean()) - float(would[0].mean())
        in_both = float(would[1][always].mean()) - float(would[0][always].mean())
        bound, narrow = worst_cases(whole, plan, outcome, estimator), lee_bounds(whole, outcome, 0.05, 0)
        assert bound is not None
        assert narrow is not None
        worst.append(bound.low <= everybody <= bound.high)
        trimmed.append(number(narrow.conf_low) <= in_both <= number(narrow.conf_high))
        case = estimator(build_frame(table, plan, outcome), plan, outcome).estimate
        plain.append(number(case.value) - everybody)
        assert narrow.high - narrow.low < bound.high - bound.low
    assert np.mean(worst) == 1.0
    assert np.mean(trimmed) > 0.95 - within(draws=150)
    assert np.mean(plain) < -0.02
