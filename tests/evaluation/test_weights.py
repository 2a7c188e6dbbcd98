"""Balancing weights: what they balance, what they estimate, and an error that counts the estimated score."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pytest
from scipy.optimize import approx_fprime

from evaluation.methods.observed import error_of
from evaluation.observed.propensity import Separation
from evaluation.observed.weights import (
    CannotBalance,
    Weights,
    effective_size,
    entropy_weights,
    score_weights,
    weighted_difference,
)

Array = npt.NDArray[np.float64]


def people(n: int = 300, seed: int = 3) -> tuple[Array, Array, Array]:
    draw = np.random.default_rng(seed)
    x = draw.normal(size=(n, 2))
    treated = (draw.random(n) < 1 / (1 + np.exp(-0.8 * x[:, 0] + 0.3))).astype(float)
    y = treated + x[:, 0] + 0.5 * x[:, 1] + draw.normal(size=n)
    return y, treated, x


def test_effective_size_is_the_number_of_people_when_all_weigh_the_same() -> None:
    assert effective_size(np.full(7, 3.0)) == pytest.approx(7)
    assert effective_size(np.array([1.0, 0.0, 0.0])) == pytest.approx(1)
    assert effective_size(np.array([3.0, 1.0])) == pytest.approx(16 / 10)
    assert effective_size(np.zeros(3)) == 0


@pytest.mark.parametrize(
    ("estimand", "one", "zero"),
    [("ATE", 1 / 0.25, 1 / 0.75), ("ATT", 1.0, 1 / 3), ("ATO", 0.75, 0.25)],
)
def test_weights_of_a_score_of_a_quarter(estimand: str, one: float, zero: float) -> None:
    """One binary covariate that says nothing: everyone's score is the share treated, 1 in 4."""
    treated = np.array([1.0, 0, 0, 0] * 10)
    covariate = np.repeat([0.0, 1.0], 20)[:, None]
    found = score_weights(treated, covariate, estimand).values
    assert found[treated == 1] == pytest.approx(one)
    assert found[treated == 0] == pytest.approx(zero)


def test_weights_of_a_saturated_score_standardise_over_the_strata() -> None:
    """Two strata, by hand: effects 1 and 3; 2 of 8 treated in the first, 6 of 8 in the second."""
    stratum = np.repeat([0.0, 1.0], 8)
    treated = np.array([1.0, 1, 0, 0, 0, 0, 0, 0] + [1.0] * 6 + [0.0, 0.0])
    y = np.where(stratum == 0, 10 + treated, 20 + 3 * treated)
    for estimand, truth in (("ATE", 2.0), ("ATT", (2 * 1 + 6 * 3) / 8), ("ATO", 2.0)):
        value, _, _ = weighted_difference(y, treated, score_weights(treated, stratum[:, None], estimand))
        assert value == pytest.approx(truth), estimand
    value, means, _ = weighted_difference(y, treated, entropy_weights(treated, stratum[:, None]))
    assert value == pytest.approx(2.5)
    assert means[0] == pytest.approx((2 * 11 + 6 * 23) / 8)


def test_overlap_and_entropy_weights_balance_every_covariate_mean_exactly() -> None:
    _, treated, x = people()
    for weights in (score_weights(treated, x, "ATO").values, entropy_weights(treated, x).values):
        for j in range(x.shape[1]):
            one, zero = (np.average(x[treated == arm, j], weights=weights[treated == arm]) for arm in (1, 0))
            assert one == pytest.approx(zero, abs=1e-8)


def stacked_error(y: Array, treated: Array, x: Array, estimand: str) -> float:
    """The sandwich of the same estimating equations with derivatives taken numerically."""
    design = np.column_stack([np.ones(len(y)), x])

    def rows(theta: Array) -> Array:
        beta, mean1, mean0 = theta[:-2], theta[-2], theta[-1]
        if estimand == "entropy":
            k = x.shape[1]
            dual, target = beta[:k], beta[k : 2 * k]
            w = np.where(treated == 1, 1.0, np.exp((x - target) @ dual))
            first = np.where(treated[:, None] == 0, w[:, None] * (x - target), 0.0)
            system = np.column_stack([first, treated[:, None] * (x - target)])
        else:
            p = 1 / (1 + np.exp(-design @ beta))
            ones = np.ones_like(p)
            one, zero = {"ATE": (1 / p, 1 / (1 - p)), "ATT": (ones, p / (1 - p)), "ATO": (1 - p, p)}[estimand]
            w = np.where(treated == 1, one, zero)
            system = design * (treated - p)[:, None]
        means = [w * treated * (y - mean1), w * (1 - treated) * (y - mean0)]
        return np.column_stack([system, *means])

    theta = solution(y, treated, x, estimand)
    assert np.abs(rows(theta).sum(axis=0)).max() < 1e-6
    columns = rows(theta).shape[1]
    jacobian = np.array(
        [approx_fprime(theta, lambda t, j=j: float(rows(t)[:, j].sum()), 1e-6) for j in range(columns)]
    )
    bread = np.linalg.inv(jacobian)
    meat = rows(theta).T @ rows(theta)
    variance = bread @ meat @ bread.T
    turn = np.zeros(len(theta))
    turn[-2:] = 1, -1
    return float(np.sqrt(turn @ variance @ turn))


def solution(y: Array, treated: Array, x: Array, estimand: str) -> Array:
    if estimand == "entropy":
        weights = entropy_weights(treated, x)
        target = x[treated == 1].mean(axis=0)
        zero = treated == 0
        logs = np.log(weights.values[zero])
        fit = np.linalg.lstsq(np.column_stack([np.ones(zero.sum()), x[zero] - target]), logs, rcond=None)[0]
        beta = np.concatenate([fit[1:], target])
    else:
        import statsmodels.api as sm

        fitted = sm.Logit(treated, sm.add_constant(x)).fit(disp=0, tol=1e-14)
        beta = np.asarray(fitted.params)
        weights = score_weights(treated, x, estimand)
    _, means, _ = weighted_difference(y, treated, weights)
    return np.concatenate([beta, means])


@pytest.mark.parametrize("estimand", ["ATE", "ATT", "ATO", "entropy"])
def test_the_error_is_the_sandwich_of_the_whole_system(estimand: str) -> None:
    y, treated, x = people()
    weights = entropy_weights(treated, x) if estimand == "entropy" else score_weights(treated, x, estimand)
    error = error_of(weighted_difference(y, treated, weights)[2], None)
    # Numerical derivatives hold about six digits.
    assert error == pytest.approx(stacked_error(y, treated, x, estimand), rel=1e-5)


def test_counting_the_estimated_score_makes_the_error_of_the_ate_smaller() -> None:
    """Taking the score as given is conservative: Hirano, Imbens and Ridder (2003)."""
    y, treated, x = people(2000)
    full = score_weights(treated, x, "ATE")
    given = Weights(full.values, np.zeros_like(full.slope), full.design, full.influence, full.score)
    whole, fixed = (error_of(weighted_difference(y, treated, w)[2], None) for w in (full, given))
    assert whole < fixed


def test_one_person_a_cluster_is_no_clustering_but_for_the_factor() -> None:
    y, treated, x = people(200)
    influence = weighted_difference(y, treated, score_weights(treated, x, "ATT"))[2]
    alone = error_of(influence, np.arange(200))
    assert alone == pytest.approx(error_of(influence, None) * np.sqrt(200 / 199))
    y2, treated2, x2 = np.tile(y, 2), np.tile(treated, 2), np.tile(x, (2, 1))
    doubled = weighted_difference(y2, treated2, score_weights(treated2, x2, "ATT"))[2]
    assert error_of(doubled, np.tile(np.arange(200), 2)) == pytest.approx(alone)


def test_trimming_leaves_out_those_beyond_the_limits_and_nobody_else() -> None:
    y, treated, x = people()
    whole, trimmed = score_weights(treated, x, "ATE"), score_weights(treated, x, "ATE", 0.2)
    assert whole.score is not None
    inside = (whole.score >= 0.2) & (whole.score <= 0.8)
    assert 0 < inside.sum() < len(inside)
    assert ((trimmed.values > 0) == inside).all()
    alone = score_weights(treated[inside], x[inside], "ATE")
    assert trimmed.values[inside] == pytest.approx(alone.values)
    one, other = (
        weighted_difference(y, treated, trimmed),
        weighted_difference(y[inside], treated[inside], alone),
    )
    assert one[0] == pytest.approx(other[0])
    assert error_of(one[2], None) == pytest.approx(error_of(other[2], None))


def test_arms_that_are_told_apart_are_refused() -> None:
    treated = np.repeat([1.0, 0.0], 20)
    apart = (treated * 10 + np.random.default_rng(1).random(40))[:, None]
    with pytest.raises(Separation):
        score_weights(treated, apart, "ATT")
    with pytest.raises(CannotBalance):
        entropy_weights(treated, apart)


def test_constant_and_repeated_covariates_change_nothing() -> None:
    y, treated, x = people()
    wide = np.column_stack([x, np.full(len(x), 0.1), x[:, 0] * 2 + 1])
    for one, other in (
        (score_weights(treated, x, "ATT"), score_weights(treated, wide, "ATT")),
        (entropy_weights(treated, x), entropy_weights(treated, wide)),
    ):
        narrow, broad = weighted_difference(y, treated, one), weighted_difference(y, treated, other)
        assert narrow[0] == pytest.approx(broad[0])
        assert error_of(narrow[2], None) == pytest.approx(error_of(broad[2], None))


def test_nothing_of_people_is_in_a_repr() -> None:
    _, treated, x = people(40)
    assert repr(score_weights(treated, x, "ATT")) == "Weights()"
