"""Known truth for ratios of trials: coverage, and errors of the first kind, at base rates of 5, 25 and 50 per cent.

Two arms of 150; a covariate that matters. Allowances are Monte-Carlo error: 3.3 standard errors of a share.
"""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy.special import expit

from evaluation.inference import critical
from evaluation.observed.propensity import Separation
from evaluation.regression.linear import Array, Fit
from evaluation.regression.ratios import prepare, rate_fit, standardised_fit
from evaluation.trials.permutation import permutation_test

pytestmark = pytest.mark.simulation

DRAWS, N, Z = 500, 150, 3.3
RATIO = 0.8


def within(share: float, draws: int = DRAWS) -> float:
    return Z * math.sqrt(share * (1 - share) / draws)


def covers(fit: Fit, truth: float) -> bool:
    return abs(fit.value - truth) <= critical(0.95, fit.df, "t") * fit.std_error


def arms(draw: np.random.Generator, n: int) -> tuple[Array, Array]:
    return np.repeat([1.0, 0.0], n), draw.normal(size=2 * n)


@pytest.mark.parametrize(("base", "n"), [(0.05, 500), (0.25, N), (0.50, N)])
def test_intervals_of_a_risk_ratio_cover(base: float, n: int) -> None:
    """The risk is base (1 + 0.4 tanh x) without the programme, and RATIO of that with it."""
    draw = np.random.default_rng(20261122)
    hits = tried = 0
    for _ in range(DRAWS):
        treated, x = arms(draw, n)
        risk = base * (1 + 0.4 * np.tanh(x)) * np.where(treated == 1, RATIO, 1.0)
        y = (draw.uniform(size=2 * n) < risk).astype(float)
        if min(y[treated == arm].sum() for arm in (0, 1)) == 0:
            continue
        tried += 1
        hits += covers(
            standardised_fit(y, prepare(treated, x[:, None], ("x",)), "risk-ratio", "HC2"), math.log(RATIO)
        )
    assert tried == DRAWS
    assert 0.95 - within(0.95) <= hits / tried <= 0.95 + within(0.95) + 0.01


@pytest.mark.parametrize("base", [0.05, 0.25, 0.50])
@pytest.mark.parametrize("size", [math.inf, 1.0])
def test_intervals_of_a_rate_ratio_cover_with_counts_that_vary_more_than_chance(
    base: float, size: float
) -> None:
    """Events a person of ``base`` on average over uneven time; gamma frailty of size 1 or none."""
    draw = np.random.default_rng(20261123)
    n, hits = (400 if base < 0.1 else N), 0
    for _ in range(DRAWS):
        treated, x = arms(draw, n)
        time = draw.uniform(0.5, 1.5, 2 * n)
        frailty = np.ones(2 * n) if math.isinf(size) else draw.gamma(size, 1 / size, 2 * n)
        y = draw.poisson(base * time * np.exp(0.3 * x + math.log(RATIO) * treated) * frailty).astype(float)
        fit, _ = rate_fit(y, prepare(treated, x[:, None], ("x",)), time, "HC2")
        hits += covers(fit, math.log(RATIO))
    assert 0.95 - within(0.95) <= hits / DRAWS <= 0.95 + within(0.95) + 0.01


def test_the_odds_ratio_of_a_null_trial_is_called_one_time_in_twenty() -> None:
    draw = np.random.default_rng(20261124)
    called = lost = 0
    for _ in range(DRAWS):
        treated, x = arms(draw, 60)
        y = (draw.uniform(size=120) < expit(-1 + x)).astype(float)
        try:
            fit = standardised_fit(y, prepare(treated, x[:, None], ("x",)), "odds-ratio", "HC2")
        except Separation:
            lost += 1
            continue
        called += not covers(fit, 0.0)
    assert lost == 0
    assert called / DRAWS <= 0.05 + within(0.05)


def test_the_randomisation_test_rejects_one_time_in_twenty_however_skewed_the_outcome() -> None:
    draw, strata = np.random.default_rng(20261125), np.arange(40) % 4
    draws, called = 300, 0
    for _ in range(draws):
        treated = np.zeros(40)
        for stratum in range(4):
            treated[draw.permutation(np.flatnonzero(strata == stratum))[:4]] = 1
        y: Array = np.asarray(np.exp(1.5 * draw.normal(size=40)) + strata, dtype=np.float64)
        dummies = (strata[:, None] == np.arange(1, 4)).astype(np.float64)
        called += permutation_test(y, treated, dummies, strata, draws=199, seed=0).p_value <= 0.05
    assert abs(called / draws - 0.05) <= within(0.05, draws)
