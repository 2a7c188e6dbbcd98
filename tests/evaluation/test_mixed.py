"""The random intercept from sums over clusters, against the same model written out with matrices of people."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evaluation.clusters.mixed import (
    ClusterSums,
    RandomIntercept,
    cluster_sums,
    contrast,
    fit_random_intercept,
    ratio_interval,
)
from evaluation.regression.linear import NotIdentified

Array = npt.NDArray[np.float64]
Codes = npt.NDArray[np.int64]


def made(seed: int = 1, clusters: int = 9, *, tau: float = 1.0, most: int = 9) -> tuple[Array, Array, Codes]:
    """Clusters of unequal size; ones, a number that varies within, the arm."""
    draw = np.random.default_rng(seed)
    sizes = draw.integers(1, most, clusters)
    sizes[:2] += 3
    codes = np.repeat(np.arange(clusters), sizes)
    n = len(codes)
    design = np.column_stack([np.ones(n), draw.normal(size=n), (codes % 2).astype(np.float64)])
    y = design @ [5.0, 1.0, 0.5] + tau * draw.normal(size=clusters)[codes] + draw.normal(size=n)
    return design, y, codes


def dense(design: Array, y: Array, codes: Codes, tau2: float, sigma2: float) -> tuple[float, Array, Array]:
    """-2 REML log-likelihood, coefficients and covariance with the whole covariance matrix."""
    v = sigma2 * np.eye(len(y)) + tau2 * (codes[:, None] == codes[None, :])
    inverse = np.linalg.inv(v)
    square = design.T @ inverse @ design
    b = np.linalg.solve(square, design.T @ inverse @ y)
    rest = y - design @ b
    p = design.shape[1]
    deviance = (
        (len(y) - p) * math.log(2 * math.pi)
        + np.linalg.slogdet(v)[1]
        + np.linalg.slogdet(square)[1]
        + rest @ inverse @ rest
    )
    return float(deviance), np.asarray(b), np.asarray(np.linalg.inv(square), dtype=np.float64)


def kenward_roger(
    design: Array, codes: Codes, tau2: float, sigma2: float, combination: Array
) -> tuple[float, float]:
    """Kenward and Roger (1997), written out with n x n matrices; the general F with one numerator df."""
    same = (codes[:, None] == codes[None, :]).astype(np.float64)
    parts = [same, np.eye(len(codes))]
    inverse = np.linalg.inv(tau2 * same + sigma2 * np.eye(len(codes)))
    phi = np.linalg.inv(design.T @ inverse @ design)
    p = [-design.T @ inverse @ g @ inverse @ design for g in parts]
    q = [[design.T @ inverse @ g @ inverse @ h @ inverse @ design for h in parts] for g in parts]
    projector = inverse - inverse @ design @ phi @ design.T @ inverse
    information = [[np.trace(projector @ g @ projector @ h) / 2 for h in parts] for g in parts]
    w = np.linalg.inv(np.array(information))
    middle = sum(w[i, j] * (q[i][j] - p[i] @ phi @ p[j]) for i in range(2) for j in range(2))
    adjusted = phi + 2 * phi @ middle @ phi
    theta = np.outer(combination, combination) / (combination @ phi @ combination)
    a1 = sum(
        w[i, j] * np.trace(theta @ phi @ p[i] @ phi) * np.trace(theta @ phi @ p[j] @ phi)
        for i in range(2)
        for j in range(2)
    )
    a2 = sum(
        w[i, j] * np.trace(theta @ phi @ p[i] @ phi @ theta @ phi @ p[j] @ phi)
        for i in range(2)
        for j in range(2)
    )
    b = (a1 + 6 * a2) / 2
    g = (2 * a1 - 5 * a2) / (3 * a2)
    c1, c2, c3 = (x / (3 + 2 * (1 - g)) for x in (g, 1 - g, 3 - g))
    expectation = 1 / (1 - a2)
    variance = 2 * (1 + c1 * b) / ((1 - c2 * b) ** 2 * (1 - c3 * b))
    rho = variance / (2 * expectation**2)
    return float(np.sqrt(combination @ adjusted @ combination)), float(4 + 3 / (rho - 1))


def fitted(seed: int = 1, **parts: float) -> tuple[RandomIntercept, tuple[Array, Array, Codes]]:
    data = made(seed, **parts)  # type: ignore[arg-type]
    return fit_random_intercept(cluster_sums(*data)), data


@pytest.mark.parametrize("seed", range(6))
def test_likelihood_coefficients_and_covariance_are_those_of_the_whole_matrix(seed: int) -> None:
    fit, (design, y, codes) = fitted(seed)
    deviance, b, covariance = dense(design, y, codes, fit.tau2, fit.sigma2)
    assert fit.deviance == pytest.approx(deviance, abs=1e-8)
    assert fit.coefficients == pytest.approx(b, rel=1e-9)
    assert fit.covariance == pytest.approx(covariance, rel=1e-8)


@pytest.mark.parametrize("seed", range(6))
def test_no_other_variances_are_more_likely(seed: int) -> None:
    fit, (design, y, codes) = fitted(seed)
    for tau, sigma in ((1.02, 1.0), (0.98, 1.0), (1.0, 1.02), (1.0, 0.98), (0.99, 1.01)):
        assert dense(design, y, codes, fit.tau2 * tau + 1e-6, fit.sigma2 * sigma)[0] > fit.deviance


@pytest.mark.parametrize("seed", range(6))
def test_kenward_rogers_error_and_degrees_of_freedom_are_those_written_out(seed: int) -> None:
    fit, (design, _, codes) = fitted(seed)
    for place in range(3):
        combination = np.eye(3)[place]
        found = contrast(fit, combination)
        error, df = kenward_roger(design, codes, fit.tau2, fit.sigma2, combination)
        assert found.std_error == pytest.approx(error, rel=1e-8)
        assert found.df == pytest.approx(df, rel=1e-6)


@pytest.mark.parametrize("seed", range(4))
def test_satterthwaites_degrees_of_freedom_use_the_curvature_of_the_likelihood(seed: int) -> None:
    fit, (design, y, codes) = fitted(seed)
    combination, step = np.eye(3)[2], 1e-3

    def at(d: tuple[float, float]) -> tuple[float, float]:
        deviance, _, covariance = dense(design, y, codes, fit.tau2 + d[0] * step, fit.sigma2 + d[1] * step)
        return deviance, float(combination @ covariance @ combination)

    slopes = [(at((1, 0))[1] - at((-1, 0))[1]) / (2 * step), (at((0, 1))[1] - at((0, -1))[1]) / (2 * step)]
    h = np.empty((2, 2))
    for i, e in enumerate(((1, 0), (0, 1))):
        h[i, i] = (at(e)[0] - 2 * at((0, 0))[0] + at((-e[0], -e[1]))[0]) / step**2
    h[0, 1] = h[1, 0] = (at((1, 1))[0] - at((1, -1))[0] - at((-1, 1))[0] + at((-1, -1))[0]) / (4 * step**2)
    variance = at((0, 0))[1]
    expected = 2 * variance**2 / (np.array(slopes) @ (2 * np.linalg.inv(h)) @ np.array(slopes))
    assert contrast(fit, combination, "satterthwaite").df == pytest.approx(expected, rel=1e-3)


def test_equal_clusters_have_the_degrees_of_freedom_of_their_means() -> None:
    """Balanced and without covariates, the exact answer is the t test on cluster means: clusters less two."""
    draw = np.random.default_rng(4)
    codes = np.repeat(np.arange(10), 12)
    arm = (codes % 2).astype(np.float64)
    y = draw.normal(size=10)[codes] + draw.normal(size=120)
    fit = fit_random_intercept(cluster_sums(np.column_stack([np.ones(120), arm]), y, codes))
    found = contrast(fit, np.array([0.0, 1.0]))
    means = y.reshape(10, 12).mean(axis=1)
    one, zero = means[1::2], means[::2]
    error = math.sqrt((one.var(ddof=1) + zero.var(ddof=1)) / 5)
    assert found.value == pytest.approx(one.mean() - zero.mean())
    assert found.std_error == pytest.approx(error, rel=1e-9)
    assert found.df == pytest.approx(8, rel=1e-9)


def no_likeness() -> tuple[RandomIntercept, int]:
    draw = np.random.default_rng(3)
    codes = np.repeat(np.arange(12), 30)
    y = draw.normal(size=360)
    y -= 0.9 * (np.bincount(codes, weights=y) / 30)[codes]  # cluster means closer than chance would have them
    design = np.column_stack([np.ones(360), (codes < 6).astype(np.float64)])
    return fit_random_intercept(cluster_sums(design, y, codes)), 12


def test_at_the_boundary_kenward_roger_still_counts_clusters_and_satterthwaite_people() -> None:
    """Engine notes, section 3: at tau2 = 0 lmerTest gives n - p (358) and pbkrtest clusters less two (10)."""
    fit, clusters = no_likeness()
    assert fit.at_boundary
    assert fit.icc == 0
    assert contrast(fit, np.array([0.0, 1.0]), "satterthwaite").df == 358
    assert contrast(fit, np.array([0.0, 1.0])).df == pytest.approx(clusters - 2, rel=1e-9)
    assert ratio_interval(fit)[0] == 0


@pytest.mark.parametrize("seed", range(4))
def test_the_ends_of_the_interval_of_the_ratio_are_where_the_likelihood_falls_by_half_of_chi_squared(
    seed: int,
) -> None:
    fit, (design, y, codes) = fitted(seed, tau=2.0)
    low, high = ratio_interval(fit)
    assert low < fit.tau2 / fit.sigma2 < high
    for end in (low, high):
        p, n = design.shape[1], len(y)
        b = dense(design, y, codes, end, 1.0)[1]
        inverse = np.linalg.inv(np.eye(n) + end * (codes[:, None] == codes[None, :]))
        sigma2 = float((y - design @ b) @ inverse @ (y - design @ b)) / (n - p)
        deviance = dense(design, y, codes, end * sigma2, sigma2)[0]
        if end > 0:
            assert deviance - fit.deviance == pytest.approx(3.841459, abs=1e-4)
        else:
            assert deviance - fit.deviance <= 3.841459


@settings(max_examples=25, deadline=None)
@given(
    st.integers(0, 10_000),
    st.floats(0.01, 1000),
    st.floats(-1e3, 1e3),
    st.integers(5, 15),
)
def test_unit_and_origin_of_the_outcome_scale_the_answer_and_nothing_else(
    seed: int, unit: float, origin: float, clusters: int
) -> None:
    design, y, codes = made(seed, clusters)
    one = fit_random_intercept(cluster_sums(design, y, codes))
    other = fit_random_intercept(cluster_sums(design, unit * (y + origin), codes))
    a, b = (contrast(fit, np.eye(3)[2]) for fit in (one, other))
    assert b.value == pytest.approx(unit * a.value, rel=1e-4, abs=1e-6 * unit)
    assert b.std_error == pytest.approx(unit * a.std_error, rel=1e-4)
    assert other.icc == pytest.approx(one.icc, abs=1e-4)


def test_order_of_people_and_names_of_clusters_change_nothing() -> None:
    design, y, codes = made(5)
    moved = np.random.default_rng(1).permutation(len(y))
    renamed = np.random.default_rng(2).permutation(9)[codes]
    one = fit_random_intercept(cluster_sums(design, y, codes))
    other = fit_random_intercept(cluster_sums(design[moved], y[moved], renamed[moved]))
    assert other.coefficients == pytest.approx(one.coefficients, rel=1e-9)
    assert other.tau2 == pytest.approx(one.tau2, rel=1e-8)


def test_a_covariate_a_thousand_sd_from_zero_costs_few_digits() -> None:
    design, y, codes = made(6)
    far = design.copy()
    far[:, 1] += 1e3
    one, other = (fit_random_intercept(cluster_sums(d, y - y.mean(), codes)) for d in (design, far))
    assert other.coefficients[2] == pytest.approx(one.coefficients[2], rel=1e-8)
    assert other.tau2 == pytest.approx(one.tau2, rel=1e-7)


def test_the_sums_are_one_matrix_within_and_one_for_each_size_that_occurs() -> None:
    codes = np.array([0, 0, 1, 1, 2])
    sums = cluster_sums(np.ones((5, 1)), np.array([1.0, 3.0, 4.0, 4.0, 9.0]), codes)
    assert isinstance(sums, ClusterSums)
    assert sums.sizes.tolist() == [1, 2]
    assert sums.counts.tolist() == [1, 2]
    assert (sums.n, sums.clusters) == (5, 3)
    assert sums.within == pytest.approx(np.array([[0, 0], [0, 2.0]]))
    assert sums.between[1] == pytest.approx(np.array([[2, 6.0], [6.0, 4 + 16]]))


HOPELESS = {
    "every cluster one person": (np.arange(8), np.arange(8) ** 2.0),
    "everybody like their cluster": (np.repeat(np.arange(4), 3), np.repeat([1.0, 5.0, 2.0, 9.0], 3)),
    "everybody alike": (np.repeat(np.arange(4), 3), np.ones(12)),
    "outcome decided by the arm": (np.repeat(np.arange(4), 3), np.repeat([0.0, 1.0, 0.0, 1.0], 3)),
}


@pytest.mark.parametrize("wrong", HOPELESS)
def test_data_without_variation_within_clusters_are_not_identified(wrong: str) -> None:
    codes, y = HOPELESS[wrong]
    design = np.column_stack([np.ones(len(y)), (codes % 2).astype(np.float64)])
    with pytest.raises(NotIdentified):
        fit_random_intercept(cluster_sums(design, y, codes))


@pytest.mark.parametrize("extra", [0.0, 1.0, 2.0])
def test_columns_that_depend_on_one_another_are_not_identified(extra: float) -> None:
    design, y, codes = made(2)
    with pytest.raises(NotIdentified):
        fit_random_intercept(cluster_sums(np.column_stack([design, extra * design[:, 2]]), y, codes))


def test_more_columns_than_people_are_not_identified() -> None:
    codes = np.array([0, 0, 1, 1])
    design = np.random.default_rng(1).normal(size=(4, 5))
    with pytest.raises(NotIdentified):
        fit_random_intercept(cluster_sums(design, np.array([1.0, 2, 3, 5]), codes))
