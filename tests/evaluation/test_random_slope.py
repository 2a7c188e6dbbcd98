"""Random intercept and slope from products by cluster, against the same written out with matrices of people."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt
import pytest

from evaluation.clusters.random_slope import SYMMETRIC, RandomSlope, fit_random_slope, slope_contrast
from evaluation.clusters.robust import cluster_products
from evaluation.regression.linear import NotIdentified

Array = npt.NDArray[np.float64]
Codes = npt.NDArray[np.int64]


def made(seed: int = 1, clusters: int = 12, *, slope: float = 1.0) -> tuple[Array, Array, Codes]:
    """Sites of unequal size with people of both arms: ones, a covariate, the arm."""
    draw = np.random.default_rng(seed)
    codes = np.repeat(np.arange(clusters), draw.integers(6, 14, clusters))
    n = len(codes)
    design = np.column_stack([np.ones(n), draw.normal(size=n), draw.integers(0, 2, n).astype(np.float64)])
    shared = draw.normal(size=(clusters, 2)) * [1.0, slope]
    y = design @ [2.0, 1.0, 0.5] + shared[codes, 0] + shared[codes, 1] * design[:, 2] + draw.normal(size=n)
    return design, y, codes


def covariance_parts(design: Array, codes: Codes) -> list[Array]:
    z = design[:, [0, 2]]
    same = codes[:, None] == codes[None, :]
    return [*(np.asarray((z @ e @ z.T) * same) for e in SYMMETRIC), np.eye(len(codes))]


def sizes_of(fit: RandomSlope) -> tuple[float, float, float, float]:
    return float(fit.spread[0, 0]), float(fit.spread[1, 0]), float(fit.spread[1, 1]), fit.sigma2


def dense(
    design: Array, y: Array, parts: list[Array], sizes: tuple[float, ...]
) -> tuple[float, Array, Array]:
    v = sum(size * part for size, part in zip(sizes, parts, strict=True))
    inverse = np.linalg.inv(v)
    square = design.T @ inverse @ design
    b = np.linalg.solve(square, design.T @ inverse @ y)
    rest = y - design @ b
    deviance = (len(y) - len(b)) * math.log(2 * math.pi) + np.linalg.slogdet(v)[1]
    deviance += np.linalg.slogdet(square)[1] + rest @ inverse @ rest
    return float(deviance), np.asarray(b), np.asarray(np.linalg.inv(square), dtype=np.float64)


def kenward_roger(
    design: Array, parts: list[Array], sizes: tuple[float, ...], c: Array
) -> tuple[float, float]:
    inverse = np.linalg.inv(sum(size * part for size, part in zip(sizes, parts, strict=True)))
    phi = np.linalg.inv(design.T @ inverse @ design)
    projector = inverse - inverse @ design @ phi @ design.T @ inverse
    w = np.linalg.inv([[np.trace(projector @ g @ projector @ h) / 2 for h in parts] for g in parts])
    p = [-design.T @ inverse @ g @ inverse @ design for g in parts]
    middle = np.zeros_like(phi)
    for i, g in enumerate(parts):
        for j, h in enumerate(parts):
            q = design.T @ inverse @ g @ inverse @ h @ inverse @ design
            middle += w[i, j] * (q - p[i] @ phi @ p[j])
    slopes = np.array([-(c @ phi @ part @ phi @ c) for part in p])
    variance = c @ phi @ c
    return float(np.sqrt(variance + 2 * c @ phi @ middle @ phi @ c)), float(
        2 * variance**2 / (slopes @ w @ slopes)
    )


@pytest.mark.parametrize("seed", range(4))
def test_everything_is_as_with_the_whole_matrix(seed: int) -> None:
    design, y, codes = made(seed)
    fit = fit_random_slope(cluster_products(design, y, codes), (0, 2))
    assert not fit.at_boundary
    parts, sizes = covariance_parts(design, codes), sizes_of(fit)
    deviance, b, covariance = dense(design, y, parts, sizes)
    assert fit.deviance == pytest.approx(deviance, abs=1e-7)
    assert fit.coefficients == pytest.approx(b, rel=1e-8)
    assert fit.covariance == pytest.approx(covariance, rel=1e-7)
    for place in range(3):
        c = np.eye(3)[place]
        found, (error, df) = slope_contrast(fit, c), kenward_roger(design, parts, sizes, c)
        assert found.std_error == pytest.approx(error, rel=1e-7)
        assert found.df == pytest.approx(df, rel=1e-6)
    for which in range(4):
        for by in (0.99, 1.01):
            moved = tuple(s * (by if k == which else 1) for k, s in enumerate(sizes))
            assert dense(design, y, parts, moved)[0] > deviance


def test_without_a_slope_to_find_the_fit_stands_at_the_boundary_or_near_it() -> None:
    design, y, codes = made(3, clusters=30, slope=0.0)
    fit = fit_random_slope(cluster_products(design, y, codes), (0, 2))
    assert fit.spread[1, 1] < 0.3
    found = slope_contrast(fit, np.eye(3)[2])
    assert math.isfinite(found.df)
    assert found.df > 2


def test_too_few_clusters_with_both_arms_are_not_identified() -> None:
    design, y, codes = made(4)
    design[codes > 1, 2] = 0.0
    with pytest.raises(NotIdentified):
        fit_random_slope(cluster_products(design, y, codes), (0, 2))
    with pytest.raises(NotIdentified):
        fit_random_slope(cluster_products(*made(5)[:2], np.arange(len(made(5)[1]))), (0, 2))


def test_dependent_columns_and_an_outcome_that_is_explained_are_not_identified() -> None:
    design, y, codes = made(6)
    with pytest.raises(NotIdentified):
        fit_random_slope(cluster_products(design, design @ [1.0, 2.0, 3.0], codes), (0, 2))
    design[:, 1] = 2 * design[:, 2]
    with pytest.raises(NotIdentified):
        fit_random_slope(cluster_products(design, y, codes), (0, 2))
