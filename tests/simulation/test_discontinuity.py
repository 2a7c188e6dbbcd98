"""Known truth at a cut-off: coverage where outcomes bend, scores in whole units, take-up, clusters; bunching found.

Allowances are Monte-Carlo error: 3.3 standard errors of a share. The curves are those of Calonico, Cattaneo and
Titiunik (2014): one fitted to elections to the House (Lee), one to Head Start, one that bends more.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

from benchmarks.calibration.people_worlds import lee, scores
from evaluation.discontinuity.bandwidths import choose_bandwidths
from evaluation.discontinuity.continuity import covariate_jumps
from evaluation.discontinuity.density import density_jump, near_count
from evaluation.discontinuity.jump import Jump, Recipe, jump_at_cutoff, sorted_scores
from evaluation.discontinuity.people import People
from evaluation.discontinuity.settings import Rule

pytestmark = pytest.mark.simulation

Array = npt.NDArray[np.float64]
Z, NORMAL = 3.3, 1.959964
DRAWS = 300


def within(share: float, draws: int = DRAWS) -> float:
    return Z * math.sqrt(share * (1 - share) / draws)


def head_start(x: Array) -> Array:
    low = 3.71 + 2.3 * x + 3.28 * x**2 + 1.45 * x**3 + 0.23 * x**4 + 0.03 * x**5
    high = 0.26 + 18.49 * x - 54.81 * x**2 + 74.3 * x**3 - 45.02 * x**4 + 9.83 * x**5
    return np.where(x < 0, low, high)


def bent(x: Array) -> Array:
    low = 0.48 + 1.27 * x - 3.59 * x**2 + 14.147 * x**3 + 23.694 * x**4 + 10.995 * x**5
    high = 0.52 + 0.84 * x - 0.3 * x**2 - 2.397 * x**3 - 0.901 * x**4 + 3.56 * x**5
    return np.where(x < 0, low, high)


CURVES: dict[str, tuple[Callable[[Array], Array], float]] = {
    "lee": (partial(lee, jump=0.04), 0.04),
    "head start": (head_start, -3.45),
    "bent": (bent, 0.04),
}


def fitted(x: Array, y: Array, rule: Rule = "mse", **more: npt.NDArray[Any]) -> Jump:
    sample = sorted_scores(x, y, **more)
    return jump_at_cutoff(sample, choose_bandwidths(sample, rule, Recipe()), Recipe())


def missed(jumps: list[Jump], truth: float, *, robust: bool = True) -> float:
    """The share of 95 % intervals that miss the truth."""
    found = [(j.value, j.std_error) if robust else (j.conventional, j.conventional_error) for j in jumps]
    return float(np.mean([abs(value - truth) > NORMAL * error for value, error in found]))


@pytest.mark.parametrize("curve", CURVES)
@pytest.mark.parametrize("rule", ["mse", "cer"])
def test_robust_intervals_cover_where_outcomes_bend(curve: str, rule: Rule) -> None:
    """Of 500 people some bias is left after the correction: held to 90 per cent at least."""
    mean, truth = CURVES[curve]
    draw = np.random.default_rng(20)
    jumps = []
    for _ in range(DRAWS):
        x = scores(draw, 500)
        jumps.append(fitted(x, mean(x) + 0.1295 * draw.normal(size=500), rule))
    assert missed(jumps, truth) < 0.10
    assert missed(jumps, truth) > 0.05 - within(0.05)


def test_conventional_intervals_miss_more_often_where_outcomes_bend() -> None:
    """Why the headline is not the conventional interval."""
    mean, truth = CURVES["head start"]
    draw = np.random.default_rng(21)
    jumps = []
    for _ in range(DRAWS):
        x = scores(draw, 500)
        jumps.append(fitted(x, mean(x) + 0.1295 * draw.normal(size=500)))
    assert missed(jumps, truth, robust=False) > missed(jumps, truth)


@pytest.mark.parametrize("curve", ["lee", "head start"])
def test_the_correction_takes_bias_away(curve: str) -> None:
    mean, truth = CURVES[curve]
    draw = np.random.default_rng(22)
    jumps = []
    for _ in range(DRAWS):
        x = scores(draw, 500)
        jumps.append(fitted(x, mean(x) + 0.1295 * draw.normal(size=500)))
    left = abs(np.mean([j.value for j in jumps]) - truth)
    assert left < 0.75 * abs(np.mean([j.conventional for j in jumps]) - truth)
    assert left < 0.3 * np.std([j.value for j in jumps])


@pytest.mark.parametrize("step", [0.05, 0.02])
def test_scores_in_whole_units_with_forty_or_a_hundred_values(step: float) -> None:
    draw = np.random.default_rng(23)
    jumps = []
    for _ in range(DRAWS):
        x = scores(draw, 2000, step)
        jumps.append(fitted(x, 0.3 * x + 0.8 * x**2 + 0.5 * (x >= 0) + draw.normal(size=2000)))
    assert missed(jumps, 0.5) < 0.05 + within(0.05) + 0.01


def test_risk_differences_of_yes_and_no() -> None:
    draw = np.random.default_rng(24)
    jumps = []
    for _ in range(DRAWS):
        x = scores(draw, 2000)
        chance = 0.3 + 0.2 * x + 0.15 * (x >= 0)
        jumps.append(fitted(x, (draw.random(2000) < chance).astype(np.float64)))
    assert missed(jumps, 0.15) < 0.05 + within(0.05) + 0.01


def test_a_fuzzy_cut_off_gives_the_effect_on_those_who_come_because_of_it() -> None:
    draw = np.random.default_rng(25)
    jumps = []
    for _ in range(DRAWS):
        x = scores(draw, 2000)
        keen = draw.random(2000)  # the keenest come anyway, the least keen never
        got = ((keen > 0.9) | ((x >= 0) & (keen > 0.2))).astype(np.float64)
        y = 0.5 * x + x**2 + got * (1.0 + 2.0 * (keen > 0.9)) + draw.normal(size=2000)
        jumps.append(fitted(x, y, received=got))
    assert missed(jumps, 1.0) < 0.05 + within(0.05) + 0.02
    assert np.median([j.value for j in jumps]) == pytest.approx(1.0, abs=0.1)


def test_clusters_on_both_sides_share_their_luck() -> None:
    """Forty places of 50, in which crossing the cut-off does different things. People taken one by one: too short."""
    draw = np.random.default_rng(26)
    jumps, alone = [], []
    for _ in range(DRAWS):
        x = scores(draw, 2000)
        place = draw.integers(0, 40, 2000)
        slope = draw.normal(size=40)[place]  # what places do differs with the score
        y = 0.5 * x + 1.5 * slope * np.sign(x) + draw.normal(size=2000)
        jumps.append(fitted(x, y, groups=place))
        alone.append(fitted(x, y))
    assert missed(jumps, 0.0) < 0.05 + within(0.05) + 0.03
    assert missed(alone, 0.0) > 0.05 + within(0.05) + 0.03


# --- who chose their side


def bunched(draw: np.random.Generator, n: int, share: float, step: float = 0.0) -> Array:
    """Of those just below the cut-off a share get themselves above it."""
    x = scores(draw, n, step)
    moved = (x < 0) & (x > -0.1) & (draw.random(n) < share)
    return np.sort(np.where(moved, -x, x))


@pytest.mark.parametrize("step", [0.0, 0.02])
def test_without_bunching_the_density_test_speaks_no_oftener_than_it_may(step: float) -> None:
    draw = np.random.default_rng(27)
    spoke, counted = [], []
    for _ in range(DRAWS):
        x = bunched(draw, 2000, 0.0, step)
        left, right = x[x < 0], x[x >= 0]
        spoke.append(density_jump(left, right).p_value < 0.05)
        counted.append(near_count(left, right).p_value < 0.05)
    assert np.mean(spoke) < 0.05 + within(0.05)
    assert np.mean(counted) < 0.05 + within(0.05)


@pytest.mark.parametrize("step", [0.0, 0.02])
def test_bunching_is_found(step: float) -> None:
    draw = np.random.default_rng(28)
    spoke = []
    for _ in range(100):
        x = bunched(draw, 4000, 0.6, step)
        spoke.append(density_jump(x[x < 0], x[x >= 0]).p_value < 0.05)
    assert np.mean(spoke) > 0.9


def test_covariates_that_do_not_jump_are_said_to_jump_no_oftener_than_they_may() -> None:
    draw = np.random.default_rng(29)
    spoke = []
    for _ in range(DRAWS):
        x = scores(draw, 1000)
        z = np.column_stack([draw.normal(size=1000) + x, draw.normal(size=1000) - 0.5 * x])
        z[:, 1] += 0.5 * z[:, 0]
        found = covariate_jumps(People(x, x, None, z, ("one", "two"), None), Recipe())
        assert found.p_value is not None
        spoke.append(found.p_value < 0.05)
    assert np.mean(spoke) < 0.05 + within(0.05) + 0.03
