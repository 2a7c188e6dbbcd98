"""Times to an event with known truth: coverage, size of the tests, and false verdicts, on draws with fixed seeds."""

from __future__ import annotations

import math

import numpy as np
import pytest

from evaluation.model import Answer
from evaluation.times.cox import fit_cox, proportionality, robust_covariance
from evaluation.times.survival import Array, Times, kaplan_meier, restricted_mean
from tests.evaluation.studies import number, primary
from tests.evaluation.times import time_plan, watched_people

pytestmark = pytest.mark.simulation
Z, DRAWS = 3.3, 800
MARGIN = 'minimum_important_difference = 0.7\nmid_source = "made up"\n'


def within(share: float, draws: int = DRAWS) -> float:
    """Monte-Carlo allowance for a share."""
    return Z * math.sqrt(share * (1 - share) / draws)


def draw_times(draw: np.random.Generator, ratio: float, n: int = 100) -> tuple[Times, Array]:
    treated = np.repeat([1.0, 0.0], n)
    event, gone = draw.exponential(30 / np.where(treated == 1, ratio, 1.0)), draw.uniform(20, 60, 2 * n)
    return Times(np.ceil(np.minimum(event, gone)), (event <= gone).astype(np.float64)), treated


@pytest.mark.parametrize("ratio", [1.0, 0.5])
def test_cox_covers_the_truth_and_its_tests_keep_their_size(ratio: float) -> None:
    draw = np.random.default_rng(31)
    model = robust = bent = 0
    values = []
    for _ in range(DRAWS):
        times, treated = draw_times(draw, ratio)
        fit = fit_cox(times, treated[:, None])
        away = abs(float(fit.coefficients[0]) - math.log(ratio))
        model += away <= 1.96 * math.sqrt(fit.covariance[0, 0])
        robust += away <= 1.96 * math.sqrt(robust_covariance(fit)[0, 0])
        bent += proportionality(fit, times).p_values[0] < 0.05
        values.append(float(fit.coefficients[0]))
    assert model / DRAWS == pytest.approx(0.95, abs=within(0.05))
    assert robust / DRAWS == pytest.approx(0.95, abs=within(0.05))
    assert bent / DRAWS == pytest.approx(0.05, abs=within(0.05))
    assert np.mean(values) == pytest.approx(
        math.log(ratio), abs=Z * float(np.std(values)) / math.sqrt(DRAWS) + 0.01
    )


def test_the_difference_in_mean_time_covers_the_truth() -> None:
    """Times are whole weeks, rounded up: the truth is the area under exp(-rate x floor(t))."""
    draw, horizon = np.random.default_rng(32), 20
    truth = sum(math.exp(-0.5 / 30 * t) - math.exp(-t / 30) for t in range(horizon))
    kept = 0
    for _ in range(DRAWS):
        times, treated = draw_times(draw, 0.5)
        one, zero = (restricted_mean(kaplan_meier(times.of(treated == arm)), horizon) for arm in (1, 0))
        kept += abs(one[0] - zero[0] - truth) <= 1.96 * math.hypot(one[1], zero[1])
    assert kept / DRAWS == pytest.approx(0.95, abs=within(0.05))


@pytest.mark.parametrize(
    ("method", "covariates", "pull"),
    [("randomised", ["x"], 0.0), ("weighting", ["x"], 0.8), ("matching", ["x"], 0.8)],
)
def test_a_programme_that_does_nothing_is_seldom_said_to_work_or_to_harm(
    method: str, covariates: list[str], pull: float
) -> None:
    draws = 120
    plan = time_plan(method, covariates=covariates, outcome=MARGIN)
    claims: list[Answer] = []
    kept = 0
    for seed in range(draws):
        found = primary(watched_people(200, seed, ratio=1.0, pull=pull), plan)
        claims.append(found.verdict.answer)
        kept += number(found.estimate.conf_low) <= 1 <= number(found.estimate.conf_high)
    false = sum(answer in {"works", "harms", "too-small-to-matter"} for answer in claims)
    assert false / draws <= 0.05 + within(0.05, draws)
    assert kept / draws >= 0.95 - within(0.05, draws)
