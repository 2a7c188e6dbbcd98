"""Cluster-robust errors from small products, against the same written out with matrices of people."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pytest
import scipy.linalg

from evaluation.clusters.robust import Kind, Working, cluster_products, robust_contrast
from evaluation.regression.linear import NotIdentified, treatment_effect

Array = npt.NDArray[np.float64]
Codes = npt.NDArray[np.int64]


def made(seed: int = 1, clusters: int = 8) -> tuple[Array, Array, Codes]:
    """Unequal clusters, single ones among them: ones, two numbers, the arm."""
    draw = np.random.default_rng(seed)
    sizes = draw.integers(1, 9, clusters)
    codes = np.repeat(np.arange(clusters), sizes)
    n = len(codes)
    design = np.column_stack(
        [np.ones(n), draw.normal(size=n), draw.normal(size=clusters)[codes], (codes % 2).astype(np.float64)]
    )
    y = design @ [1.0, 1.0, 0.5, 0.3] + draw.normal(size=clusters)[codes] + draw.normal(size=n)
    return design, y, codes


def power(matrix: Array, exponent: float) -> Array:
    values, vectors = scipy.linalg.eigh((matrix + matrix.T) / 2)
    kept = values > 1e-9 * max(values[-1], 1e-300)
    raised = np.where(kept, np.abs(np.where(kept, values, 1.0)) ** exponent, 0.0)
    return np.asarray((vectors * raised) @ vectors.T)


def written_out(
    design: Array, y: Array, codes: Codes, kind: Kind, tau2: float = 0.0, sigma2: float = 1.0
) -> tuple[float, float, float]:
    """Bell and McCaffrey's adjustment as Pustejovsky and Tipton define it, with n x n matrices."""
    phi = sigma2 * np.eye(len(y)) + tau2 * (codes[:, None] == codes[None, :])
    w = np.linalg.inv(phi)
    m = np.linalg.inv(design.T @ w @ design)
    b = m @ design.T @ w @ y
    rest = y - design @ b
    residual_maker = np.eye(len(y)) - design @ m @ design.T @ w
    c = np.eye(design.shape[1])[-1]
    meat, columns = np.zeros_like(m), []
    for g in np.unique(codes):
        rows = np.flatnonzero(codes == g)
        own = np.ix_(rows, rows)
        x, p = design[rows], phi[own]
        if kind == "CR2":
            d = scipy.linalg.cholesky(p)  # upper: p = d'd
            a = d.T @ power(d @ (p - x @ m @ x.T) @ d.T, -0.5) @ d
        elif kind == "CR3":
            a = power(np.eye(len(rows)) - x @ m @ x.T @ w[own], -1.0)
        else:
            a = np.eye(len(rows))
        score = x.T @ w[own] @ a @ rest[rows]
        meat += np.outer(score, score)
        columns.append(residual_maker[rows].T @ a.T @ w[own] @ x @ m @ c)
    p_matrix = np.column_stack(columns)
    quadratic = p_matrix.T @ phi @ p_matrix
    df = np.trace(quadratic) ** 2 / np.trace(quadratic @ quadratic)
    return float(b[-1]), float(np.sqrt(c @ m @ meat @ m @ c)), float(df)


@pytest.mark.parametrize("kind", ["CR0", "CR2", "CR3"])
@pytest.mark.parametrize("seed", range(5))
def test_errors_and_degrees_of_freedom_are_those_written_out(kind: Kind, seed: int) -> None:
    design, y, codes = made(seed)
    found = robust_contrast(cluster_products(design, y, codes), np.eye(4)[-1], kind)
    value, error, df = written_out(design, y, codes, kind)
    assert found.value == pytest.approx(value, rel=1e-9)
    assert found.std_error == pytest.approx(error, rel=1e-7)
    assert found.df == pytest.approx(df, rel=1e-6)


@pytest.mark.parametrize("seed", range(5))
def test_around_a_mixed_model_the_working_covariance_is_its_own(seed: int) -> None:
    design, y, codes = made(seed)
    found = robust_contrast(cluster_products(design, y, codes), np.eye(4)[-1], "CR2", Working(0.7, 1.9))
    value, error, df = written_out(design, y, codes, "CR2", 0.7, 1.9)
    assert found.value == pytest.approx(value, rel=1e-9)
    assert found.std_error == pytest.approx(error, rel=1e-7)
    assert found.df == pytest.approx(df, rel=1e-6)


def test_cr1s_is_the_clustered_error_of_the_randomised_method() -> None:
    design, y, codes = made(3)
    found = robust_contrast(cluster_products(design, y, codes), np.eye(4)[-1], "CR1S")
    fit = treatment_effect(y, design[:, 3], design[:, 1:3], ("a", "b"), clusters=(codes,))
    assert found.value == pytest.approx(fit.value)
    assert found.std_error == pytest.approx(fit.std_error, rel=1e-9)
    plain = robust_contrast(cluster_products(design, y, codes), np.eye(4)[-1], "CR1")
    assert found.std_error / plain.std_error == pytest.approx(np.sqrt((len(y) - 1) / (len(y) - 4)))


def test_order_of_people_changes_nothing() -> None:
    design, y, codes = made(4)
    moved = np.random.default_rng(1).permutation(len(y))
    one = robust_contrast(cluster_products(design, y, codes), np.eye(4)[-1])
    other = robust_contrast(cluster_products(design[moved], y[moved], codes[moved]), np.eye(4)[-1])
    assert (other.value, other.std_error, other.df) == pytest.approx((one.value, one.std_error, one.df))


def test_a_cluster_with_an_intercept_of_its_own_is_survived_as_in_clubsandwich() -> None:
    """Leverage 1: that direction has no weight, rather than an infinite one."""
    design, y, codes = made(5)
    design = np.column_stack([design[:, :3], (codes == 0).astype(np.float64), design[:, 3]])
    found = robust_contrast(cluster_products(design, y, codes), np.eye(5)[-1])
    value, error, df = written_out(design, y, codes, "CR2")
    assert (found.value, found.std_error, found.df) == pytest.approx((value, error, df), rel=1e-6)


def test_one_cluster_and_dependent_columns_are_not_identified() -> None:
    design, y, codes = made(6)
    with pytest.raises(NotIdentified):
        robust_contrast(cluster_products(design, y, np.zeros_like(codes)), np.eye(4)[-1])
    design[:, 2] = 0.0
    with pytest.raises(NotIdentified):
        robust_contrast(cluster_products(design, y, codes), np.eye(4)[-1])
